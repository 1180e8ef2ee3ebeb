#!/usr/bin/perl

# Four sessions in two browsers, and what happens to a page, to a browser and
# to the controller: it concerns those whose page or browser it is, the others
# go on sending, and no message arrives twice.
#
# TEST_WHATSAPP_SESSIONS is the number of sessions if not 4.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(descendants);
use Time::HiRes qw(sleep time);

my $sessions = $ENV{TEST_WHATSAPP_SESSIONS} // 4;
my $t = Test::Whatsapp->new(timeout => 480 * $sessions / 4);
my $phone = $t->standin();

# the first half shares a browser, and the others
my @ids = map { "100000000$_" } 1 .. $sessions;
my @one = @ids[0 .. @ids / 2 - 1];
my @two = @ids[@ids / 2 .. $#ids];

my $controller = $t->controller(sessions => \@ids, alone => 1, args => [
    '--sessions-per-browser', scalar @one, '--max-sessions', $sessions,
    '--ping-interval', 500 ]);

# of every send, in ms
my $deadline = 5000;

# the end of every text, and the slowest of those that were sent, in seconds
my %ends;
my $slowest = 0;


# say_by(id): sends a text; 1 if it was sent

sub say_by {
    my ($id) = @_;
    my ($text, $began) = ($t->canary('text'), time());
    my $response = $controller->call('message.send', { to => '15550000002',
        type => 'text', text => { body => $text } }, session => $id,
        deadline => $deadline, key => "key-" . keys %ends);
    my $sent = $response->status == 200;

    $ends{$text} = $sent ? 'sent' : $response->json->{error}{outcome};
    $slowest = time() - $began if $sent && time() - $began > $slowest;

    return $sent;
}


# go_on(name, seconds, condition, ids): the sessions send until the condition
# holds

sub go_on {
    my ($name, $seconds, $condition, @others) = @_;
    my ($began, $failed, $sent) = (time(), 0, 0);

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    $slowest = 0;

    do {
        for my $id (@others) {
            say_by($id) ? $sent++ : $failed++;
        }

        sleep 0.05;
    } until ($condition->() || time() - $began > $seconds);

    cmp_ok(time() - $began, '<=', $seconds, "$name: over in time")
        or diag(join(' ', map { $controller->state($_) } @ids), "\n",
            $controller->log);
    is($failed, 0, "$name: the others go on");
    note(sprintf '%s: %.1f s, %d sends of others, the slowest %.0f ms', $name,
        time() - $began, $sent, $slowest * 1000);
}


# once(name): nothing was sent twice, or lost, or against what was said

sub once {
    my ($name) = @_;
    my %arrived;

    $arrived{ $_->{body} // '' }++ for $phone->messages;
    is(join(' ', grep { ($arrived{$_} // 0) > 1
            || $ends{$_} eq 'sent' && !$arrived{$_}
            || $ends{$_} eq 'not_sent' && $arrived{$_} } keys %ends), '',
        "$name: nothing is sent twice, or lost");
}


sub ready {
    my (@which) = @_;

    return !grep { $controller->state($_) ne 'ready' } @which;
}


# browsers(): their main processes, the older one first
# renderers(browser): the renderers that are below it

sub matches {
    my ($pid, $with, $without) = @_;

    open my $fh, '<', "/proc/$pid/cmdline" or return 0;
    my $line = <$fh> // return 0;

    return $line =~ $with && (!$without || $line !~ $without);
}

sub browsers {
    return sort { name($a) cmp name($b) }
        grep { matches($_, qr/remote-debugging-pipe/, qr/--type=/) }
        map { $_->{pid} } descendants($controller->pid);
}

sub name {
    open my $fh, '<', "/proc/$_[0]/cmdline" or return '';
    return (<$fh> // '') =~ m{/(browser-\d+)/} ? $1 : '';
}

sub renderers {
    return grep { matches($_, qr/--type=renderer/) }
        map { $_->{pid} } descendants($_[0]);
}

# lock_of(id): the lock of its profile, which is held until nothing uses it

sub lock_of { $t->dir . "/state/sessions/$_[0]/profile/.controller.lock" }

# count(metric, ids): its sum over the sessions

sub count {
    my ($metric, @which) = @_;
    my $sum = 0;

    $sum += $controller->metric("whatsapp_page_$metric", "session=\"$_\"")
        for @which;
    return $sum;
}


# they start, in two browsers with a page each

wait_for(sub { ready(@ids) }, 90, 'the sessions to be ready');
is(scalar(my @both = browsers()), 2, 'two browsers for them');
is(join(' ', map { scalar(my @all = renderers($_)) } browsers()),
    @one . ' ' . @two, 'with a renderer each');
is($controller->metric('whatsapp_browser_sessions', 'browser="2"'),
    scalar @two, 'as the metrics say');
say_by($_) for @ids;
once('all of them send');


# a page dies in the first browser, and the second browser dies

{
    my $crashes = count('crashes_total', @one);
    my ($dead, $other) = renderers((browsers())[0]);
    my $old = (browsers())[1];
    my @lived;

    kill 'KILL', $dead, $old;
    wait_for(sub { count('crashes_total', @one) > $crashes }, 60,
        'the dead page to be noticed');
    @lived = grep {
        !$controller->metric('whatsapp_page_crashes_total',
            "session=\"$_\"") } @one;
    go_on('a page and a browser die', 40,
        sub { !grep({ $_ == $old } browsers()) && ready(@ids) }, @lived);
    is(count('crashes_total', @one), $crashes + 1,
        'one page is loaded again');
    ok(kill(0, $other), 'and the other one is left alone');
    is($controller->metric('whatsapp_browser_restarts_total', 'browser="1"'),
        0, 'in the browser that it had');
    is($controller->metric('whatsapp_browser_crashes_total', 'browser="2"'),
        1, 'and the browser that died is another one');
    once('a page and a browser die');
}


# a page is stopped in the second browser, and the first browser is stopped

{
    my ($silent) = renderers((browsers())[1]);
    my $old = (browsers())[0];
    my $replaced = count('replacements_total', @ids);
    my @lived;

    kill 'STOP', $silent, $old;
    @lived = @{ wait_for(sub {
        my @late = grep { $controller->state($_) ne 'ready' } @two;
        return @late ? [ grep { $_ ne $late[0] } @two ] : undef;
    }, 60, 'the silent page to be noticed') };
    go_on('a page and a browser are stopped', 60,
        sub { !kill(0, $old) && ready(@ids) }, @lived);
    ok(eval { wait_for(sub { !kill 0, $silent }, 60) },
        'the silent renderer ends');
    is(count('replacements_total', @ids), $replaced + 1,
        'another page takes the place of its page');
    is($controller->metric('whatsapp_browser_restarts_total', 'browser="2"'),
        1, 'in the browser that it had');
    once('a page and a browser are stopped');
}


# one is logged out, and one is stopped and started

{
    is($controller->request('POST', "/v1/sessions/$ids[0]/logout")->status,
        200, 'one is logged out');
    go_on('one is logged out', 30,
        sub { $controller->state($ids[0]) =~ /^(?:qr|logged_out)$/ },
        @ids[1 .. $#ids]);

    my ($first) = browsers();

    $controller->request('POST', "/v1/sessions/$ids[1]/stop");
    go_on('one is stopped', 20,
        sub { !-e lock_of($ids[1]) }, @two);
    ok(kill(0, $first), 'its browser runs on');
    is(scalar(my @left = renderers($first)), @one - 1, 'without its page');
    is($controller->state($ids[1]), 'stopped', 'it says so');

    $controller->request('POST', "/v1/sessions/$_/stop") for @one;
    go_on('the last one of a browser is stopped', 20,
        sub { !grep { -e lock_of($_) } @one }, @two);
    ok(!kill(0, $first), 'and the browser with it');
    ok(!-e $t->runtime . '/browser-1', 'no file of it is left');

    $controller->request('POST', "/v1/sessions/$ids[1]/start");
    go_on('one is started again', 40, sub { ready($ids[1]) }, @two);
    once('stops and starts');
}


# the controller dies: nothing of its browsers is left to those of the next one

{
    my @old = browsers();

    $controller->process->stop('KILL');
    $controller->restart;
    wait_for(sub { ready(@ids[1 .. $#ids]) }, 90, 'the sessions to be ready');
    ok(!grep({ kill 0, $_ } @old), 'a dead controller: its browsers are gone');
    say_by($_) for @ids[1 .. $#ids];
    once('a dead controller');
}

ok($controller->process->stop('TERM', 20), 'it stops in time');
is($controller->process->status, 0, 'by itself');

$t->done;
