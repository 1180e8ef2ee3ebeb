#!/usr/bin/perl

# --link: a session in a window on a display, which here is Xvfb's, until the
# phone is linked; then the controller takes the profile over.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(wait_for descendants);

my $second = '1000000002';

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef);
my $display = display();
my $n = 0;


# display(): the number of a display of this test

sub display {
    my $xvfb = $t->spawn('xvfb', [ 'Xvfb', '-displayfd', '1', '-nolisten',
        'tcp', '-screen', '0', '1300x900x24' ]);

    return ':' . $xvfb->expect(qr/^(\d+)$/m, 60)->[0];
}


# link_session(id, env): the process

sub link_session {
    my ($id, %env) = @_;

    return $t->spawn('link' . $n++, Test::Whatsapp::Controller::foreground($t,
        '--log-level', 'notice', '--link', $id),
        env => { DISPLAY => $display, WAYLAND_DISPLAY => '', %env });
}


sub ended {
    my ($process) = @_;

    wait_for(sub { !$process->running }, 60, 'the command to end');

    return $process->status >> 8;
}


sub chromium {
    my ($process) = @_;

    return (grep {
        open my $fh, '<', "/proc/$_->{pid}/cmdline";
        my $line = $fh ? <$fh> // '' : '';
        $line =~ /remote-debugging-pipe/ && $line !~ /--type=/;
    } descendants($process->pid))[0];
}


# without a display

{
    my $process = link_session($session, DISPLAY => '');

    is(ended($process), 1, 'no display');
    like($process->output, qr/needs a display: set DISPLAY or WAYLAND_DISPLAY/,
        'as it says');
}

# linked: the states in plain words, and the login stays

{
    my $process = link_session($session);

    $process->expect(qr/shows a QR code/, 60);
    like($process->output, qr/is being opened in a window/, 'it opens');
    unlike(do {
        open my $fh, '<', '/proc/' . chromium($process)->{pid} . '/cmdline';
        <$fh> // '';
    }, qr/headless/, 'the browser has a window');

    # while its code is on the page
    wait_for(sub { eval { $phone->scan } }, 60, 'a QR code on the page');

    is(ended($process), 0, 'it ends when the phone is linked')
        or diag($process->output);
    like($process->output, qr/The phone is linked\..*\nDone\./s, 'as it says');
}

my $controller = $t->controller(sessions => [$session]);

$controller->wait_ready;
is($controller->session->{wa_id}, '15550000001',
    'the controller takes the login over');
unlike($controller->log, qr/session=$session state=qr/,
    'without asking for a code');

# the controller holds the profile

{
    my $process = link_session($session);

    is(ended($process), 1, 'a controller holds the profile');
    like($process->output, qr/is in use by a controller that runs/,
        'as it says');
    is($controller->state, 'ready', 'and the session is as it was');
}

# what the phone wants is said; Ctrl-C ends it, and so does the window

$phone->logout;
$controller->wait_state('logged_out|qr', 60);
ok($controller->process->stop('TERM', 20), 'the controller stops');

{
    my $process = link_session($second);

    $process->expect(qr/shows a QR code/, 60);
    $phone->pairing_event('passkey_prologue_request');
    $process->expect(qr/asks for a passkey/, 60);
    pass('a passkey is asked for');

    my $browser = chromium($process);

    $process->signal('INT');
    is(ended($process), 1, 'Ctrl-C');
    like($process->output, qr/not linked/, 'as it says');
    ok(!-e "/proc/$browser->{pid}", 'the browser is gone');
}

{
    my $process = link_session($second);

    $process->expect(qr/shows a QR code/, 60);
    kill 'TERM', chromium($process)->{pid};
    is(ended($process), 1, 'the window is closed');
    like($process->output, qr/The window was closed/, 'as it says');
}

$t->done();
