#!/usr/bin/perl

# How a session starts on a page that does not make it easy: scripts that come
# late or not at all, 17,000 modules of which one is missing, and many sessions
# at once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Time::HiRes qw(sleep time);

# as many names as the real page has, and modules that it loads when they are
# needed: wa-js looks for all of them at its start, or at each use
my $names = 17000;
my @lazy = qw(WAWebCallCollection WAWebBlocklistCollection WAWebReact);

my $t = Test::Whatsapp->new(timeout => 480);
my $phone = $t->standin();
my $controller;

sub why { join ' ', $_[0]{state}, $_[0]{reason} // '-' }

# waits(id): the place of a session that waits to start, or 0

sub waits {
    my $session = $controller->session($_[0]);

    return why($session) =~ /^starting waits to start, place (\d+)$/ ? $1 : 0;
}

sub hangs { $controller->metric('whatsapp_page_hangs_total') }

sub reloads { $controller->metric('whatsapp_page_reloads_total') }

# leave(): the page is loaded again, with what a fault makes of it

sub leave {
    my $old = $controller->session->{since};

    sleep 1.1;
    $phone->page('navigate');
    wait_for(sub {
        my $now = $controller->session;
        return $now->{state} ne 'ready' || $now->{since} != $old;
    }, 60, 'the page to be left');
}


# four sessions at once: two start, the others wait for their turn

{
    my @ids = map { "10000000000000$_" } 1 .. 4;
    my ($booting, $most) = (0, 0);
    my (@waiting, $said);

    $controller = $t->controller(sessions => \@ids, alone => 1,
        args => ['--log-level', 'debug']);

    # the first one that waits is stopped: the next one moves up

    @waiting = @{ wait_for(sub {
        my %place = map { waits($_) => $_ } @ids;
        my $error = $controller->request('GET', '/readyz')->json->{error};

        $said = "$error->{state}: $error->{message}" if $error->{state};
        return $place{1} && $place{2} ? [@place{1, 2}] : undef;
    }, 60, 'two sessions to wait') };

    $controller->request('POST', "/v1/sessions/$waiting[0]/stop");
    wait_for(sub { $controller->state($waiting[0]) eq 'stopped' }, 60,
        'the one that waits to stop');
    like($said, qr/^starting: No .* ready: \d are starting, \d wait for /,
        'readyz says how many start, and wait');
    cmp_ok(waits($waiting[1]), '<=', 1, 'who waits can be stopped');
    $controller->request('POST', "/v1/sessions/$waiting[0]/start");

    wait_for(sub {
        return !grep { $controller->state($_) ne 'ready' } @ids;
    }, 120, 'four sessions to be ready');

    for (split /\n/, $controller->log) {
        $booting++ if /\btab_step\b.*\bto=entering\b/;
        $booting-- if /\btab_state\b.*\bup\b/;
        $most = $booting if $booting > $most;
    }

    is($most, 2, 'two start at once');
    is($booting, 0, 'and make room for the others');
    unlike($controller->log, qr/boot_failed/, 'no start has failed');
    $controller->process->stop;
}


# all scripts are blocked when it starts, and later, while it runs

$phone->fault('files');
$controller = $t->controller(args => ['--ping-interval', '2000']);

is(why($controller->wait_state('recovering')),
    'recovering page_not_started', 'scripts are blocked: it says so');
$phone->fault('none');
$controller->wait_ready;
pass('ready without help when they come back');
is(reloads(), 1, 'at once, after the first reload')
    or diag($controller->log);

$phone->fault('files');
leave();
wait_for(sub { reloads() >= 3 }, 120, 'the page to be loaded again and again');
is(why($controller->session), 'recovering page_not_started',
    'a session that was ready says the same');
$phone->fault('none');
$controller->wait_ready;
pass('and is ready again when they come back');
unlike($controller->log, qr/incompatible|boot_failed/,
    'nobody was told that WhatsApp Web is not supported');


# one script comes late: wa-js must not start before it

{
    my $before = reloads();

    $phone->fault('files', name => 'unused.mjs', ms => 4000);
    leave();
    $controller->wait_ready;
    is(reloads(), $before,
        'one script is 4 s late: ready with the first load');
    $phone->fault('none');
}


# a module is missing among thousands

for my $module (@lazy) {
    my ($before, $began) = (reloads(), time);
    my $session;

    $phone->fault('modules', pad => $names, never => [$module]);
    leave();
    $session = $controller->wait_ready;
    is($session->{via}, 'wa-js', "$module is missing: ready by wa-js");
    is(reloads(), $before, 'with the first load');
    note(sprintf '%s: %.1f s', $module, time - $began);
}


# one comes while the session runs

$phone->fault('modules', pad => $names,
    late => { WAWebSendReactionMsgAction => 15000 });
leave();
$controller->wait_ready;
ok(!$controller->session->{capabilities}{send_reaction},
    'a module has not come yet: what needs it is not offered');
ok(wait_for(sub { $controller->session->{capabilities}{send_reaction} }, 60,
    'the late module'), 'it is offered when it has come');
is(hangs(), 0, 'no page was silent');

$t->done;
