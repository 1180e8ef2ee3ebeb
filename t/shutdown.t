#!/usr/bin/perl

# SIGTERM stops everything within 20 s, in every state, and leaves nothing: the
# tests that every file ends with judge that here after a stop in mid-call.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(descendants is_alive);
use Time::HiRes qw(time);

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();
my $profile = $t->dir . "/state/sessions/$session/profile";

$t->run();

# that is how nginx logs a missing unix socket
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);


# stops(name, signal): one test that the controller ends by itself, in time,
# with status 0, its socket and browser gone

sub stops {
    my ($name, $signal) = @_;
    my (@below, $began, $ended, $seconds);

    @below = descendants($controller->pid);
    $began = time();
    $ended = $controller->process->stop($signal // 'TERM', 20);
    $seconds = time() - $began;

    ok($ended, sprintf '%s: stops in time (%.1f s)', $name, $seconds);
    is($controller->process->status, 0, "$name: with status 0");
    ok(!-e $controller->socket, "$name: no socket is left");
    is(scalar(grep { is_alive($_) } @below), 0, "$name: no process is left");
    is(join(' ', grep { !m{/delivered$} } glob $t->runtime . '/*'), '',
        "$name: the runtime directory is empty but for digests");
    is(join(' ', glob "$profile/Singleton*"), '', "$name: no lock is left");
    ok(!-e "$profile/Default/Cache/Cache_Data",
        "$name: nothing that was fetched is left in the profile");
}


# while it starts

wait_for(sub { $controller->browser }, 60, 'a browser');
stops('while the browser starts');

# ready and idle

$controller->restart;
$controller->wait_ready;
stops('ready', 'INT');

# with a send in flight and others queued: each is answered

$controller->restart;
$controller->wait_ready;

{
    my $text = $t->canary('text');
    my (@connections, @answers, $odd);

    $phone->fault('delay_ack', ms => 30000);
    @connections = map { $t->connect } 1 .. 4;
    $connections[$_]->write($t->request_bytes('POST',
        "/whatsapp/$version/$session/messages",
        body => text_message('15550000002', "$text $_"))) for 0 .. 3;
    $phone->wait_messages(1, qr/\Q$text\E/);
    stops('in mid-call');
    @answers = map { $_->response } @connections;
    $phone->fault('none');

    for my $n (0 .. 3) {
        my $details = $answers[$n]->error->{error_data}{details} // '';
        my $there = $phone->messages(qr/\Q$text\E $n$/);

        $odd++ if $there ? $details !~ /\bunknown\b/
            : $details !~ /\b(?:not_sent|unknown)\b/;
    }

    ok(!$odd, 'in mid-call: each client is told the truth');
    graph_error($t->send('15550000002', $text), 503, 131016,
        'afterwards there is no controller', details => qr/not_sent/);
}

# what is repeated on a connection that was open before is what it was

$controller->restart;
$controller->wait_ready;

{
    my ($text, $new) = map { $t->canary('text') } 1, 2;
    my $key = $t->canary('key');
    my (@connections, @answers);
    my $call = sub {
        my ($body, $name) = @_;

        $_[2]->request('POST', "/v1/sessions/$session/call",
            headers => { 'Idempotency-Key' => $name },
            body => encode({ method => 'message.send',
                params => text_message('15550000002', $body) }));
    };

    $phone->fault('hold_ack');
    @connections = map { Test::Whatsapp::Http->connect($controller->socket) }
        1 .. 4;
    $call->($text, $key, $connections[0]);
    $phone->wait_messages(1, qr/\Q$text\E/);

    # that they are served means that they were accepted
    for my $connection (@connections[1 .. 3]) {
        $connection->request('GET', '/healthz');
        $connection->response;
    }

    $controller->process->signal('TERM');
    wait_for(sub { !-e $controller->socket }, 60, 'the drain');
    $call->($new, "$key-new", $connections[1]);
    $call->($text, $key, $connections[2]);
    is($connections[1]->response->json->{error}{outcome}, 'not_sent',
        'a send that comes while it stops is not sent');
    $connections[3]->request('POST', "/v1/sessions/$session/call",
        body => encode({ method => 'phone_number.get', params => {} }));
    is($connections[3]->response->status, 503, 'nor is another call made');
    $phone->fault('none');
    @answers = map { $connections[$_]->response } 0, 2;
    is(join(' ', map { $_->status } @answers), '200 200',
        'the send in flight ends, and so does its repeat')
        or diag(map { $_->body } @answers);
    is($answers[1]->body, $answers[0]->body, 'with one answer');
    is(scalar $phone->messages(qr/\Q$new\E/), 0, 'and nothing else');
    ok(wait_for(sub { !$controller->process->running }, 60, 'the end'),
        'then it ends');
}

# with a page that hangs, and with a browser that does not move

for my $case ([ 'with a page that hangs' => sub { $phone->page('hang') } ],
    [ 'with a stopped browser' =>
        sub { kill 'STOP', $controller->browser->{pid} } ])
{
    $controller->restart;
    $controller->wait_ready;
    $case->[1]->();
    stops($case->[0]);
}

# killed without a chance: Chromium follows, and a new one starts over

{
    my @below;

    $controller->restart;
    $controller->wait_ready;
    @below = descendants($controller->pid);
    $controller->process->stop('KILL');
    ok(wait_for(sub { !grep { is_alive($_) } @below }, 60),
        'killed: its browser does not outlive it');
    $controller->restart;
    $controller->wait_ready;
    is($t->send('15550000002', $t->canary('text'))->status, 200,
        'and the next one takes over what it left');
}

# SIGHUP is no end

$controller->process->signal('HUP');
is($t->send('15550000002', $t->canary('text'))->status, 200,
    'SIGHUP changes nothing');

$t->done();
