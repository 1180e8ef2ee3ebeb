#!/usr/bin/perl

# The controller is restarted under load, and its listening socket is kept, as
# systemd does it: no send fails that was not yet handed to WhatsApp Web.
# Killed, it fails some, which are repeated.  Every text arrives exactly once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Load;

use constant CLIENTS => 6;

my $t = Test::Whatsapp->new();
my $phone = $t->standin(latency => 5);
my $controller = $t->controller(kept => 1);

$t->run();
$controller->wait_ready;


# stop(): ends the controller in order

sub stop {
    $controller->process->stop('TERM', 20) or die "it does not stop\n";
    is($controller->process->status, 0, 'it stops in order');
}


# arrived(load, text): the answers of a load, whose texts have each arrived once

sub arrived {
    my ($load, $text, $name) = @_;
    my @answers = $load->finish;
    my %arrived;

    $arrived{ $_->{body} }++ for $phone->messages(qr/\Q$text\E/);

    is(join(' ', grep { ($arrived{"$text $_->{id}"} // 0) != 1 } @answers), '',
        "$name: each text arrives once");
    is(scalar keys %arrived, scalar @answers, "$name: and no other");

    return @answers;
}


# restarted; of the clients some give keys, and some do not, whose sends nobody
# could repeat

{
    my ($text, $bare) = map { $t->canary('text') } 1, 2;
    my $load = Test::Whatsapp::Load->start($t, clients => CLIENTS, each => 30,
        text => $text, keyed => 1, to => [map { "1555000000$_" } 2 .. 7]);
    my $other = Test::Whatsapp::Load->start($t, clients => 2, each => 30,
        text => $bare);
    my (@answers, $longest);

    for my $n (1 .. 2) {
        $load->wait_answers($n * 50);
        stop();
        $controller->restart;
    }

    @answers = (arrived($load, $text, 'with keys'),
        arrived($other, $bare, 'without keys'));
    ($longest) = sort { $b <=> $a } map { $_->{seconds} } @answers;
    is(join(' ', map { "$_->{tries} $_->{status}" }
        grep { $_->{tries} != 1 || $_->{status} != 200 } @answers), '',
        sprintf 'restarted: %d sends, none fails, the longest takes %.1f s',
            scalar @answers, $longest);
}

# what waits for its turn goes to the next controller

{
    my $text = $t->canary('text');
    my (@connections, @answers);

    $controller->wait_ready;
    $phone->fault('hold_ack');
    @connections = map { $t->connect } 0 .. 3;

    for my $n (0 .. 3) {
        $connections[$n]->write($t->request_bytes('POST', $t->messages_uri,
            body => text_message('15550000002', "$text $n")));
        $controller->wait_waiters($n + 1);
    }

    $phone->wait_messages(1, qr/\Q$text\E/);
    $controller->process->signal('TERM');
    wait_for(sub { $controller->log =~ / stopping\n/ }, 60, 'the signal');
    $phone->fault('none');
    wait_for(sub { !$controller->process->running }, 60, 'the end');
    $controller->restart;
    @answers = map { $_->response } @connections;
    is(join(' ', map { $_->status } @answers), '200 200 200 200',
        'one was dispatched and three wait: all are sent')
        or diag(map { $_->body } @answers);
    is(join(' ', sort map { substr $_->{body}, -1 }
        $phone->messages(qr/\Q$text\E/)), '0 1 2 3', 'each arrives once');
}

# killed

{
    my $text = $t->canary('text');
    my $load = Test::Whatsapp::Load->start($t, clients => CLIENTS, each => 30,
        text => $text, keyed => 1, to => [map { "1555000000$_" } 2 .. 7]);
    my (@answers, $repeated);

    for my $n (1 .. 2) {
        $load->wait_answers($n * 50);
        $controller->process->stop('KILL');
        $controller->restart;
    }

    @answers = arrived($load, $text, 'killed');
    $repeated = grep { $_->{tries} != 1 } @answers;
    cmp_ok($repeated, '<=', 2 * CLIENTS,
        "killed: $repeated of " . @answers . ' sends are repeated');
}

# who keeps the socket removes it

stop();
unlink $controller->socket;

$t->done();
