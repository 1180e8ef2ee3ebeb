#!/usr/bin/perl

# What one recipient may get: refused beyond that, by whatever id it is
# called, and only messages that go out count.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller(
    args => ['--pair-rate', 1, '--pair-burst', 3]);

$t->run();
$controller->wait_ready;

my $dead = 'http://127.0.0.1:' . $t->port(8099) . '/none.png';


sub keyed {
    my ($to, $text, $key) = @_;

    return $t->send($to, $text, headers => { 'Idempotency-Key' => $key });
}


sub pairs {
    my ($name) = @_;
    my $page = $controller->request('GET', '/metrics')->body;

    return $page =~ /^whatsapp_pair_$name (\d+)$/m ? $1 : undef;
}


sub limited {
    my ($response, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    graph_error($response, 429, 131056, $name, details => qr/not_sent/);
    is($response->error->{message}, '(#131056) Pair rate limit hit',
        "$name: the title");
    is($response->error->{error_data}{outcome}, 'not_sent',
        "$name: the outcome");
    ok($response->header('Retry-After') =~ /^\d+$/
        && $response->header('Retry-After') <= 60,
        "$name: when to come again");
}


# a burst, and no more

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my ($first, $response);

    $first = keyed('15550000002', "$text 1", $key);
    is($first->status, 200, 'the first message');
    is(keyed('15550000002', "$text 1", $key)->body, $first->body,
        'a repeat of it gets its answer') for 1 .. 4;
    is($t->send('+1 555 000 0002', "$text $_")->status, 200,
        "message $_, to the number as people write it") for 2, 3;

    limited($t->send('15550000002', "$text 4"), 'one too many');
    is(keyed('15550000002', "$text 1", $key)->status, 200,
        'the repeat is still no message');
    is(scalar $phone->messages(qr/\Q$text\E/), 3, 'three arrived');

    is($t->send('15550000003', "$text 5")->status, 200,
        'another recipient is not concerned');
    is(pairs('entries'), 2, 'two pairs are held');
    is(pairs('evicted_total'), 0, 'none was forgotten');
}

# one person, a number and a lid

{
    my $text = $t->canary('text');
    my ($answer, $n);

    for my $to ('100000000000003@lid', '15550000003', '100000000000003@lid') {
        $answer = $controller->call('message.send', { to => $to,
            type => 'text', text => { body => $text . $n++ } },
            key => $t->canary('key'));
    }

    is($answer->status, 429, 'a person with two ids is one recipient');
    is($answer->error->{code}, 'pair_limited', 'and told why');
    is($answer->error->{outcome}, 'not_sent', 'and that nothing left');
    cmp_ok($answer->error->{retry_after_ms}, '>', 1000,
        'and when to come again');
    is(scalar $phone->messages(qr/\Q$text\E/), 2, 'two arrived');
}

# a refused send is forgotten: its key is as good as new

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));

    graph_error(keyed('15550000002', $text, $key), 429, 131056,
        'a refused send');
    is(keyed('15550000004', $text, $key)->status, 200,
        'its key serves for another one');
}

# a repeat that joins

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my @connections = map { $t->connect } 1 .. 4;

    $phone->fault('delay_ack', ms => 1000);
    $_->write($t->request_bytes('POST', $t->messages_uri,
        body => text_message('15550000005', $text),
        headers => { 'Idempotency-Key' => $key })) for @connections;
    is($_->response->status, 200, 'a send, and those who join it')
        for @connections;
    $phone->fault('none');

    is($t->send('15550000005', "$text $_")->status, 200,
        "counted once: message $_") for 2, 3;
    graph_error($t->send('15550000005', "$text 4"), 429, 131056,
        'and no more');
}

# what does not go out does not count

{
    my $text = $t->canary('text');

    graph_error($t->messages({ messaging_product => 'whatsapp',
        to => '15550000006', type => 'image', image => { link => $dead } }),
        400, 131052, 'a link that leads nowhere') for 1 .. 4;
    is($t->send('15550000006', "$text $_")->status, 200,
        "does not count: message $_") for 1 .. 3;
    graph_error($t->send('15550000006', "$text 4"), 429, 131056,
        'messages do');
}

# a reaction is a message too

{
    my $id = $t->send('15550000007', $t->canary('text'))->id;
    my @status = map { $t->messages({ messaging_product => 'whatsapp',
        to => '15550000007', type => 'reaction',
        reaction => { message_id => $id, emoji => $_ } })->status }
        "\x{1f44d}", "\x{2764}", "\x{1f44d}";

    is("@status", '200 200 429', 'reactions count');
}

$t->done();
