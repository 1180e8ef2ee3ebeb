#!/usr/bin/perl

# WhatsApp's server closes the connection on what was sent, as often as it
# comes: it is given up, whoever sent it is told so, and the session works on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Time::HiRes qw(time);

my $t = Test::Whatsapp->new(timeout => 480);
my $phone = $t->standin();
my $controller = $t->controller();

# the page tries a few times, and no more
my $tries = 6;

$t->run();
$controller->wait_ready;

my $friend = '15550000002';
my $uri = "/whatsapp/$version/$session/messages";


sub message {
    my ($type, $object) = @_;

    return $t->post($uri, { messaging_product => 'whatsapp', to => $friend,
        type => $type, $type => $object });
}

sub closings { $phone->state->{faults}{close_stream}{times} }


# settle(): waits until the connection has been left alone for a while

sub settle {
    wait_for(sub {
        my $before = closings();

        sleep 3;
        return closings() == $before;
    }, 60, 'the connection to last');
}


# is_sent(to, name): a text that is refused as not sent, since the page has only
# just lost its connection, is sent again, as a client does

sub is_sent {
    my ($to, $name) = @_;
    my $text = $t->canary('text');
    my $response;

    eval {
        wait_for(sub {
            $response = $t->send($to, $text);
            return $response->status != 503
                || $response->error->{error_data}{outcome} ne 'not_sent';
        }, 60);
    };
    is($response->status, 200, $name) or diag($response->head_and_body);
}


# works(name): the session is ready, the server left alone, and others sent

sub works {
    my ($name) = @_;
    my $times;

    ok(eval { $controller->wait_ready }, "$name: ready") or diag($@);
    $times = closings();
    is_sent($_, "$name: a text to $_ is sent") for $friend, '15550000003';
    is(closings(), $times, "$name: it is not tried any more");
    ok(eval { $controller->wait_ready }, "$name: ready still")
        or diag($@);
}


# each kind of thing that a client can make the page send

my $media = $t->post("/whatsapp/$version/$session/media", "--xyzzy\r\n"
    . 'Content-Disposition: form-data; name="file"; filename="a.txt"'
    . "\r\nContent-Type: text/plain\r\n\r\ntext\r\n--xyzzy--\r\n",
    headers => { 'Content-Type' => 'multipart/form-data; boundary=xyzzy' })
    ->json->{id};
my $target = $t->send($friend, $t->canary('text'))->id;

for my $case (
    [ 'chat' => 'text', { body => $t->canary('text') } ],
    [ 'location' => 'location', { latitude => 1, longitude => 2 } ],
    [ 'poll_creation' => 'poll', { name => $t->canary('text'),
        options => [ 'a', 'b' ], selectable_count => 1 } ],
    [ 'document' => 'document', { id => $media } ],
    [ 'reaction' => 'reaction', { message_id => $target, emoji => "\x{1f44d}" } ],
    [ 'edit' => 'edit', { message_id => $target,
        body => $t->canary('text') } ],
    [ 'revoke' => 'revoke', { message_id => $target } ],
    [ 'chat' => 'forward', { message_id => $target } ])
{
    my ($kind, $type, $object) = @$case;
    my ($began, $response);

    $phone->fault('close_stream', type => $kind);
    $began = time();
    $response = message($type, $object);
    cmp_ok(time() - $began, '<', 28, "$type: an answer comes in time");
    ok($response->status >= 500
        && $response->error->{error_data}{outcome} eq 'unknown',
        "$type: nobody can say what became of it")
        or diag($response->head_and_body);
    cmp_ok(closings(), '>', 1, "$type: it was tried again");
    cmp_ok(closings(), '<=', $tries, "$type: but not for ever");
    $phone->fault('none');
    $phone->fault('close_stream', text => 'nothing');
    works($type);
}

# beside it others go on: those that waited with it arrive, or it is said that
# nobody knows

{
    my ($bad, @texts) = map { $t->canary('text') } 0 .. 4;
    my (@connections, %answers, %arrived);

    $phone->fault('close_stream', text => $bad);

    for my $text ($bad, @texts) {
        my $connection = $t->connect;

        $connection->write($t->request_bytes('POST', $t->messages_uri,
            body => text_message('1555000000' . (2 + @connections), $text)));
        push @connections, [ $text, $connection ];
    }

    %answers = map { $_->[0] => $_->[1]->response(timeout => 60) }
        @connections;
    $arrived{ $_->{body} }++ for grep { $_->{body} } $phone->messages;
    is($answers{$bad}->error->{error_data}{outcome}, 'unknown',
        'one that closes the stream');
    is($arrived{$bad}, undef, 'which never arrives');

    for my $text (@texts) {
        ok($answers{$text}->status == 200 ? $arrived{$text}
            : $answers{$text}->error->{error_data}{outcome} eq 'unknown'
            || !$arrived{$text}, 'another beside it, with the truth')
            or diag($answers{$text}->head_and_body);
    }

    works('beside it');

    # its repeat is tried again as often
    $phone->fault('none');
}

# the repeat of one, when the server bears it

{
    my $text = $t->canary('text');
    my $send = sub { $controller->call('message.send', { to => $friend,
        type => 'text', text => { body => $text } }, key => 'repeated',
        deadline => 25000) };

    $phone->fault('close_stream', text => $text);
    is($send->()->error->{outcome}, 'unknown', 'one with a key');
    $phone->fault('none');
    wait_for(sub { $send->()->status == 200 }, 60, 'its repeat');
    is(scalar $phone->messages(qr/\Q$text\E/), 1, 'arrives once');
}

# a page that keeps what it has no answer for, and sends it again when it has
# been loaded again

{
    my $text = $t->canary('text');
    my ($connection, $closings);

    $phone->fault('resend');
    $controller->request('POST', "/v1/sessions/$session/restart");
    $controller->wait_state('starting|recovering', 60);
    $controller->wait_ready;
    $phone->fault('close_stream', text => $text);
    $connection = $t->connect;
    $connection->write($t->request_bytes('POST', $t->messages_uri,
        body => text_message($friend, $text)));
    wait_for(sub { closings() > 1 }, 60, 'the second try');
    kill 'KILL', $controller->browser->{pid};
    is($connection->response->error->{error_data}{outcome},
        'unknown', 'the browser is killed meanwhile');
    $closings = closings();
    $controller->wait_state('starting|recovering', 60);
    wait_for(sub { closings() > $closings }, 60, 'it to be sent again');
    settle();
    works('after the death of the browser');
    cmp_ok(closings(), '<=', 2 * $tries, 'it is tried as often again');
    $controller->request('POST', "/v1/sessions/$session/restart");
    $controller->wait_state('starting|recovering', 60);
    works('after a restart');
}

$t->done();
