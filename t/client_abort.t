#!/usr/bin/perl

# A client that leaves, in every phase of its call: what was not dispatched is
# not sent, what was is recorded, and nothing is left hanging.

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


# wait_queued(count): until so many sends wait for their turn

sub wait_queued {
    my ($count) = @_;

    wait_for(sub {
        $controller->metric('whatsapp_queue_length', 'lane="sends"') == $count
    }, 60, "$count sends in the queue");
}


for my $way (qw(close reset)) {
    my ($text, $bytes, $body_at, $connection);

    $text = $t->canary('text');
    $bytes = bytes("$text early", $t->canary('key'));
    $body_at = 4 + index $bytes, "\r\n\r\n";

    for my $phase ([ 'before anything' => 0 ], [ 'in the head' => 40 ],
        [ 'before the body' => $body_at ],
        [ 'in the body' => $body_at + 20 ],
        [ 'before the last byte' => length($bytes) - 1 ])
    {
        $connection = $t->connect;
        $connection->write(substr $bytes, 0, $phase->[1]);
        $connection->$way;
    }

    # queued behind a send that waits for its ack
    $phone->fault('hold_ack');
    my $first = $t->connect;
    $first->write(bytes("$text first", $t->canary('key')));
    $phone->wait_messages(1, qr/\Q$text first\E/);

    $connection = $t->connect;
    $connection->write(bytes("$text queued", $t->canary('key')));
    wait_queued(1);
    $connection->$way;
    wait_queued(0);
    $phone->fault('none');

    is($first->response->status, 200, "$way: the one before it is served");
    is($t->send('15550000002', "$text behind")->status, 200,
        "$way: and the one behind it");
    is(scalar $phone->messages(qr/\Q$text queued\E/), 0,
        "$way: a client that leaves while queued: not sent");

    # dispatched: runs on, and its repeat is told
    my $key = $t->canary('key');
    $phone->fault('hold_ack');
    $connection = $t->connect;
    $connection->write(bytes("$text dispatched", $key));
    $phone->wait_messages(1, qr/\Q$text dispatched\E/);
    $connection->$way;
    $controller->wait_waiters(0);
    $connection = $t->connect;
    $connection->write(bytes("$text dispatched", $key));
    $controller->wait_waiters(1);
    $phone->fault('none');
    is($connection->response->status, 200,
        "$way: a client that leaves after dispatch: recorded");
    is(scalar $phone->messages(qr/\Q$text dispatched\E/), 1,
        "$way: and sent once");

    is(scalar $phone->messages(qr/\Q$text early\E/), 0,
        "$way: nothing of an unfinished request is sent");

    # a read that nobody waits for
    $connection = $t->connect;
    $connection->write($t->request_bytes('GET',
        "/whatsapp/$version/$session"));
    $connection->$way;
    is($t->get("/whatsapp/$version/$session")->status, 200,
        "$way: reads go on");
}

# many that leave at once leave nothing behind

{
    my $text = $t->canary('text');
    my @connections = map { $t->connect } 1 .. 50;

    $connections[$_]->write(bytes("$text $_", $t->canary('key')))
        for 0 .. 49;
    $_->reset for @connections;
    ok(wait_for(sub {
        $t->send('15550000002', $t->canary('text'))->status == 200;
    }, 60), 'fifty clients left: the next is served');

    my %count;
    $count{ $_->{body} }++ for $phone->messages(qr/\Q$text\E/);
    is(scalar(grep { $_ > 1 } values %count), 0, 'nothing was sent twice');
}

$t->done();
