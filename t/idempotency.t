#!/usr/bin/perl

# A message is never sent twice: what a repeat with the same key gets, in
# every state of the first.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();

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
    my ($text, $key) = @_;

    return $t->send('15550000002', $text,
        headers => { 'Idempotency-Key' => $key });
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

# a key is of a session; without a key every send is another

is(keyed($t->canary('text'), 'k' x 255)->status, 200, 'a key of 255 bytes');

$t->done();
