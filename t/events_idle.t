#!/usr/bin/perl

# Two thousand readers with nothing to read: calls go on beside them, each gets
# what comes, and a reload or a signal leaves nothing of them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Stream;
use Time::HiRes qw(time);

my $readers = 2000;
my $heartbeat = 3;
my $t = Test::Whatsapp->new(timeout => 600);
my $chrome = $t->stage('chrome-', "$FindBin::Bin/fake/chrome");
my $controller = $t->controller(chromium => $chrome,
    web_url => 'http://127.0.0.1:1/', args => [
        '--stream-heartbeat', $heartbeat * 1000,
        '--streams-max', $readers, '--streams-per-token', $readers ]);
my $conf = $t->default_conf;

$conf =~ s/worker_connections 1024/worker_connections 8192/;
$conf =~ s/%%GLOBALS%%\n/%%GLOBALS%%\nworker_rlimit_nofile 16384;\n/;
$t->run($conf);
$controller->wait_ready;


sub opened {
    return map { Test::Whatsapp::Stream->open($t->port(8080),
        "/whatsapp/$session/events",
        headers => { Authorization => 'Bearer ' . $t->token }) }
        1 .. $_[0];
}


sub descriptors {
    my ($pid) = @_;
    my @open = glob "/proc/$pid/fd/*";

    return scalar @open;
}


sub wait_streams {
    my ($count) = @_;

    wait_for(sub { $controller->metric('whatsapp_streams') == $count }, 60,
        "$count streams");
}


sub receive {
    $controller->call('message.send', { to => '15550000002', type => 'text',
        text => { body => 'receive 1' } }, key => $t->canary('key'));
}


# ended(seconds, streams): how many of them came to a proper end

sub ended {
    my ($seconds, @streams) = @_;
    my $until = time() + $seconds;

    return scalar grep { $_->ended($until - time()) && $_->complete } @streams;
}


my $idle = descriptors($controller->pid);
my @streams = opened($readers);

is(scalar(grep { $_->status == 200 } @streams), $readers, 'as many streams');
is($controller->metric('whatsapp_streams'), $readers, 'as the metric tells');
is((opened(1))[0]->status, 429, 'and no more');

# calls beside them

{
    my @statuses;

    for (1 .. 50) {
        push @statuses, $t->get("/whatsapp/$session/session")->status;
    }

    is(scalar(grep { $_ == 200 } @statuses), 50, 'calls are answered');
}

# an event goes to all of them, signs of life too

receive();
is(scalar(grep { $_->event->{id} } @streams), $readers, 'each gets an event');
is(scalar(grep { defined $_->next->{comment} } @streams),
    $readers, 'and a sign of life');

# a reload

{
    my ($old) = $t->workers;

    $t->reload;
    is(ended(60, @streams), $readers,
        'a reload ends all of them within a heartbeat');
    wait_for(sub { !kill 0, $old }, 60, 'the old worker to exit');
    wait_streams(0);
    pass('the old worker exits');
    $_->close for @streams;
}

# readers that leave at once

{
    my ($worker) = $t->workers;
    my $before = descriptors($worker);

    @streams = opened($readers);
    $_->close for @streams;
    wait_streams(0);
    wait_for(sub { descriptors($worker) <= $before + 2 }, 60,
        'descriptors of the worker');
    wait_for(sub { descriptors($controller->pid) <= $idle + 2 }, 60,
        'descriptors of the controller');
    pass('readers that leave at once leave nothing');
}

# the controller's end

@streams = opened($readers);
receive();
is($controller->process->stop('TERM', 20), 1, 'the controller stops');
is($controller->process->status, 0, 'in good order');
is(ended(60, @streams), $readers, 'all of them come to their end');
is(scalar(grep { my ($event) = $_->waiting; $event } @streams), $readers,
    'behind what there was to be told');
$_->close for @streams;

# nginx' end

$controller->restart;
$controller->wait_ready;
@streams = opened($readers);
is($t->stop_nginx, 1, 'nginx stops');
wait_streams(0);
pass('no stream is left at the controller');

$t->done();
