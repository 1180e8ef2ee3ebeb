#!/usr/bin/perl

# The peers of the controller: what those that wait are told when the browser
# dies, those that leave, and those that never finish a request.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Http;
use Time::HiRes qw(time);

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();
my $call = "/v1/sessions/$session/call";

$controller->wait_ready;


# peer(bytes): a connection to the controller that has written them

sub peer {
    my ($bytes) = @_;
    my $peer = Test::Whatsapp::Http->connect($t->socket, timeout => 60);

    $peer->write($bytes);

    return $peer;
}


sub send_bytes {
    my ($to, $text, $deadline) = @_;

    return Test::Whatsapp::Http::request_bytes('POST', $call,
        body => encode({ method => 'message.send', params => { to => $to,
            type => 'text', text => { body => $text } } }),
        headers => { 'Idempotency-Key' => $t->canary('key'),
            'X-Deadline-Ms' => $deadline });
}


# busy(): a peer whose send has reached the phone and gets no ack before the
# fault is cleared, so that the sends after it wait

sub busy {
    my $text = $t->canary('text');
    my $peer;

    $phone->fault('hold_ack');
    $peer = peer(send_bytes('15550000002', $text, 20000));
    $phone->wait_messages(1, qr/\Q$text\E/);

    return $peer;
}


# the recipients are known from here on
is(peer(send_bytes("1555000000$_", $t->canary('text'), 20000))
    ->response->status, 200, "a send to recipient $_") for 2 .. 4;

# whoever waits when the browser dies

for my $victim (qw(renderer browser)) {
    my (@waiting, $first, $texts);

    $first = busy();
    $texts = $t->canary('text');
    @waiting = map { peer(send_bytes($_, $texts, 20000)) }
        qw(15550000003 15550000003 15550000004);

    # a request on another connection is answered after those before it
    is($controller->request('GET', '/healthz')->status, 200, 'alive');
    kill 'KILL', $controller->$victim->{pid};

    like($first->response->body, qr/"outcome":\s*"unknown"/,
        "$victim killed: the send in the page is unknown");

    for my $peer (@waiting) {
        my $error = $peer->response->json->{error};

        is("$error->{code} $error->{outcome}", 'session_restarting not_sent',
            "$victim killed: a send that waits is told why");
    }

    $phone->fault('none');
    $controller->wait_ready;
    is(scalar $phone->messages(qr/\Q$texts\E/), 0, 'and was not sent');
}

# a peer that leaves while its send waits

for my $more ('', "\r\n") {
    my ($first, $peer, $text);

    $text = $t->canary('text');
    $first = busy();
    $peer = peer(send_bytes('15550000003', $text, 20000));
    is($controller->request('GET', '/healthz')->status, 200, 'alive');
    $peer->write($more) if length $more;
    $peer->close;
    # it has left before this one is answered, which is answered before the ack
    is($controller->request('GET', '/healthz')->status, 200, 'alive still');
    $phone->fault('none');
    is($first->response->status, 200, 'the send before it ends');

    # the next in the queue has its turn after the one that left
    is(peer(send_bytes('15550000004', $t->canary('text'), 20000))
        ->response->status, 200, 'the send after it is sent');
    is(scalar $phone->messages(qr/\Q$text\E/), 0,
        'a peer that left' . (length $more ? ' after one more line' : '')
        . ' has sent nothing');
}

# operators restart as often as they like

for my $n (1 .. 7) {
    $controller->request('POST', "/v1/sessions/$session/restart");
    wait_for(sub { $controller->state ne 'ready' }, 60, 'the restart');
    $controller->wait_ready;
}
pass('seven restarts in a row');

# half a request does not hold up the end

{
    my $half = peer("POST $call HTTP/1.1\r\nHost: x\r\n"
        . "Content-Length: 100\r\n\r\n{");
    my $began = time();

    is($controller->request('GET', '/healthz')->status, 200, 'alive');
    ok($controller->process->stop('TERM', 20), 'stopped');
    # peers are given 19 s to take their answers
    cmp_ok(time() - $began, '<', 15, 'without waiting for half a request');
    $half->close;
}

$t->done();
