#!/usr/bin/perl

# Processes of the browser that are stopped (SIGSTOP) and never continue: the
# session is soon not ready any more, nothing is dispatched into it, and a
# message is sent again without anybody's help. The times are those of the
# defaults.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(descendants);
use Time::HiRes qw(sleep time);
use Time::Local qw(timegm);

my $t = Test::Whatsapp->new(timeout => 480);
my $phone = $t->standin();
my $started = time();
my $controller = $t->controller();

# of every send, in seconds
my $deadline = 5;

$t->run($t->default_conf("whatsapp_read_timeout ${deadline}s;"));

$controller->wait_ready;

# a browser that takes longer than 3 s to start, and the page in it, does so
# each time: what a busy machine adds to the time until a message is sent
my $slow = time() - $started > 3 ? 2 * (time() - $started - 3) : 0;


# unready(began): seconds from then until the session was not ready, as the
# controller's log has it: who sends meanwhile looks only now and then

sub unready {
    my ($began) = @_;

    for ($controller->log =~ /^(\S+Z notice session_state .*)$/mg) {
        my ($y, $m, $d, $h, $min, $s, $state) = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):
            ([\d.]+)Z\ .*\ state=(\w+)/x or next;
        my $time = timegm(0, $min, $h, $d, $m - 1, $y) + $s;

        return $time - $began if $time >= $began && $state ne 'ready';
    }

    return 1000;
}


sub network {
    my ($found) = grep {
        my ($line, $fh);

        $line = <$fh> if open $fh, '<', "/proc/$_->{pid}/cmdline";
        ($line // '') =~ /network\.mojom\.NetworkService/;
    } descendants($controller->pid);

    return $found->{pid} // die "no network process\n";
}


# is_ready(): what is said; that any session is ready means nothing if there are
# others

sub is_ready {
    return $ENV{TEST_SHARED} ? $controller->state eq 'ready'
        : $t->get('/whatsapp/readyz')->status == 200;
}


# freeze(name, pid, seconds of false "ready", seconds to the next 200): sends
# all the time, and looks at what is said

sub freeze {
    my ($name, $pid, $false, $back) = @_;
    my ($began, $not_ready, $next, $overdue);
    my %arrived;
    my @texts;

    $began = time();
    kill 'STOP', $pid;

    while (!$next && time() - $began < 2 * $back + $slow) {
        my $text = $t->canary('text');
        my $was_ready = is_ready();
        my $response;

        $not_ready //= time() - $began if !$was_ready;
        $response = $t->send('15550000002', $text);

        if ($response->status == 200) {
            $next = time() - $began if $not_ready;
            push @texts, [ $text, 'sent' ];
        } else {
            my $outcome = $response->error->{error_data}{outcome};

            push @texts, [ $text, $outcome ];
            $overdue++ if !$was_ready && $outcome ne 'not_sent';
        }

        sleep 0.1;
    }

    diag(sprintf '%s: not ready after %.1f s, seen after %.1f s, a message is '
        . 'sent after %.1f s', $name, unready($began), $not_ready // -1,
        $next // -1);
    cmp_ok(unready($began), '<=', $false, "$name: ready no longer");
    cmp_ok($next // 1000, '<=', $back + $slow, "$name: a message is sent")
        or diag($controller->log);
    is($overdue, undef, "$name: nothing is dispatched while it is not ready");

    $arrived{ $_->{body} }++ for $phone->messages;
    is(join(' ', grep { ($arrived{$_} // 0) > 1 } keys %arrived), '',
        "$name: nothing arrives twice");
    is(scalar(grep { $_->[1] eq 'not_sent' && $arrived{ $_->[0] } } @texts),
        0, "$name: nothing arrives that was not sent");
    is(scalar(grep { $_->[1] eq 'sent' && !$arrived{ $_->[0] } } @texts),
        0, "$name: all that was sent arrives");
    $controller->wait_ready;
}


freeze('the browser', $controller->browser->{pid}, 15, 30);
freeze('the renderer', $controller->renderer->{pid}, 15, 30);

# three sends in a row that nobody answers
freeze('the network', network(), 4 * $deadline, 4 * $deadline + 25);

# a page that is late, and answers after all, goes on as if nothing had been

{
    my ($renderer, $text) = ($controller->renderer->{pid}, $t->canary('text'));
    my $loads = $controller->metric('whatsapp_page_reloads_total');

    kill 'STOP', $renderer;
    $controller->wait_state('degraded', 60);
    graph_error($t->send('15550000002', $text), 503, 131016,
        'a page that is late', outcome => 'not_sent');
    kill 'CONT', $renderer;
    ok(eval { $controller->wait_ready }, 'it answers: ready again')
        or diag($@);
    is($t->send('15550000002', $text)->status, 200, 'and sends');
    is($controller->metric('whatsapp_page_reloads_total'),
        $loads, 'without being loaded again');
}

# sends that WhatsApp's server does not answer, while the network works: the
# page is loaded again

{
    my $loads = $controller->metric('whatsapp_page_reloads_total');

    $phone->fault('hold_ack');
    $t->send('15550000002', $t->canary('text')) for 1 .. 3;
    wait_for(sub {
        $controller->metric('whatsapp_page_reloads_total')
            > $loads;
    }, 60, 'the page to be loaded again');
    $phone->fault('none');
    $controller->wait_ready;
    is($t->send('15550000002', $t->canary('text'))->status, 200,
        'an acknowledgement that never came: the page is loaded again');
}

$t->done();
