#!/usr/bin/perl

# A message is never sent twice: what a repeat with the same key gets, in
# every state of the first.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Time::HiRes qw(sleep);

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller(args => ['--idempotency-max', 8]);
my $other = $t->canary('token');
my $tokens = $t->tokens($t->token, $other);

$t->run();
$controller->wait_ready;

my $uri = "/whatsapp/$version/$session/messages";


sub bytes {
    my ($text, $key) = @_;

    return $t->request_bytes('POST', $uri,
        body => text_message('15550000002', $text),
        headers => { 'Idempotency-Key' => $key });
}


sub keyed {
    my ($text, $key, %opt) = @_;

    return $t->send('15550000002', $text, %opt,
        headers => { 'Idempotency-Key' => $key });
}


# repeated(text, key): the answer, once it is no error

sub repeated {
    my ($text, $key) = @_;

    return wait_for(sub {
        my $response = keyed($text, $key);

        return $response->status == 200 ? $response : undef;
    }, 60, 'a repeat that is answered');
}


sub arrived { scalar $phone->messages(qr/\Q$_[0]\E/) }

sub frames {
    my $frames = 0;

    $frames += $_->{frames} for $phone->messages(qr/\Q$_[0]\E/);
    return $frames;
}


# finished: replayed

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my ($first, $second) = map { keyed($text, $key) } 1, 2;

    is($first->status, 200, 'the first send');
    is($second->status, 200, 'its repeat');
    is($second->body, $first->body, 'has the same answer');
    is(frames($text), 1, 'and was not sent again');

    graph_error(keyed($t->canary('text'), $key), 409, 100,
        'the key with another text');
    is($t->send('15550000002', $text)->status, 200, 'the text without key');
    is(arrived($text), 2, 'is another message');
}

# running: joined

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my (@connections, @answers);

    $phone->fault('hold_ack');
    @connections = map { $t->connect } 1 .. 5;
    $_->write(bytes($text, $key)) for @connections;
    $controller->wait_waiters(5);
    $phone->fault('none');
    @answers = map { $_->response } @connections;

    is(join(' ', map { $_->status } @answers), '200 200 200 200 200',
        'five at once with one key');
    is(scalar(keys %{ { map { $_->body => 1 } @answers } }), 1,
        'have one answer');
    is(frames($text), 1, 'and one message');
}

# not sent: runs anew

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));

    $phone->fault('refuse', count => 1);
    graph_error(keyed($text, $key), 400, 131026, 'a refused send',
        details => qr/not_sent/);
    $phone->fault('none');
    is(arrived($text), 0, 'did not arrive');
    is(keyed($text, $key)->status, 200, 'its repeat runs anew');
    is(arrived($text), 1, 'and arrives');
}

# the client of a running send has gone: the repeat learns its fate

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my ($connection, $repeat);

    $phone->fault('hold_ack');
    $connection = $t->connect;
    $connection->write(bytes($text, $key));
    $phone->wait_messages(1, qr/\Q$text\E/);
    $connection->reset;
    $controller->wait_waiters(0);
    $repeat = $t->connect;
    $repeat->write(bytes($text, $key));
    $controller->wait_waiters(1);
    $phone->fault('none');

    is($repeat->response->status, 200,
        'the first client left, the repeat is told');
    is(frames($text), 1, 'one message');
}

# forgotten, as others needed the room: the page knows it

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my $first = keyed($text, $key);
    my ($evicted, $again);

    $evicted = $controller->metric('whatsapp_idempotency_evicted_total');
    keyed($t->canary('text'), "$key $_" =~ tr/ /-/r) for 1 .. 8;
    cmp_ok($controller->metric('whatsapp_idempotency_evicted_total'), '>',
        $evicted, 'a key that was evicted');
    $again = keyed($text, $key);
    is($again->status, 200, 'is known to the page') or diag($again->body);
    is($again->body, $first->body, 'which has the same answer');
    is(frames($text), 1, 'and did not send again');
}

# the controller dies or stops before the acknowledgement

for my $signal (qw(KILL TERM)) {
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my ($connection, $response, $message);

    $phone->fault('hold_ack');
    $connection = $t->connect;
    $connection->write(bytes($text, $key));
    $phone->wait_messages(1, qr/\Q$text\E/);
    $controller->process->stop($signal, 20);
    $connection->response;
    $phone->fault('none');
    $controller->restart;
    $controller->wait_ready;
    $response = repeated($text, $key);
    ($message) = $phone->messages(qr/\Q$text\E/);
    is(arrived($text), 1, "SIG$signal: the text arrives once");
    is($response->id, $message->{wamid}, 'under the id of the answer');
}

# so is a refused one that was sent anew, and only that

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my $id;

    $phone->fault('refuse', count => 1);
    keyed($text, $key);
    $phone->fault('none');
    $id = keyed($text, $key)->id;

    # the stand-in's page writes its history down before it says that it has
    # taken something
    $phone->write('15550000002', $t->canary('text'));
    $phone->wait_taken;
    $controller->process->stop('KILL');
    $controller->restart;
    $controller->wait_ready;
    is(repeated($text, $key)->id, $id, 'a second try is known to the page');
    is(arrived($text), 1, 'and was not made again');
}

# the page has lost the acknowledgement: written down is the message without

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));

    $phone->fault('delay_ack', ms => 700);
    keyed($text, $key);
    sleep 0.2;
    $controller->process->stop('KILL');
    $phone->fault('none');
    $controller->restart;
    $controller->wait_ready;
    repeated($text, $key);
    is(arrived($text), 1, 'without its acknowledgement: it arrived once');
}

# its time is over

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));

    push @{ $controller->{opt}{args} }, '--idempotency-ttl', 1;
    $controller->process->stop('KILL');
    $controller->restart;
    $controller->wait_ready;
    keyed($text, $key);
    ok(eval { wait_for(sub {
        !$controller->metric('whatsapp_idempotency_entries') }, 60) },
        'a send is forgotten when its time is over, also if nobody calls');
    is($controller->metric('whatsapp_idempotency_expired_total'), 1,
        'and counted');
    is(keyed($text, $key)->status, 200, 'a repeat succeeds');
    is(frames($text), 1, 'and not sent again');
}

# the page dies before the acknowledgement: a repeat ends, one way or another

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my $connection;

    $phone->fault('hold_ack');
    $connection = $t->connect;
    $connection->write(bytes($text, $key));
    $phone->wait_messages(1, qr/\Q$text\E/);
    kill 'KILL', $controller->browser->{pid};
    is($connection->response->error->{error_data}{outcome}, 'unknown',
        'the browser has died: it is not known');
    $phone->fault('none');
    $controller->wait_ready;
    repeated($text, $key);
    is(arrived($text), 1, 'the repeat is, and the text arrived once');
}

# a key belongs to the token that it comes with

{
    my ($mine, $theirs) = map { $t->canary('text') } 1, 2;
    my $key = $t->canary('key');
    my @answers = (keyed($mine, $key), keyed($theirs, $key, token => $other),
        keyed($mine, $key, token => $other));

    is(join(' ', map { $_->status } @answers), '200 200 409',
        'two tokens with one key');
    is(arrived($mine) + arrived($theirs), 2, 'are two messages');
    is(keyed($mine, $key)->body, $answers[0]->body, 'of two histories');
}

# a key is of a session; without a key every send is another

is(keyed($t->canary('text'), 'k' x 255)->status, 200, 'a key of 255 bytes');

$t->done();
