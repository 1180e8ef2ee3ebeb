#!/usr/bin/perl

# A browser that misbehaves in ways that the real one can't be made to show
# (t/fake/chrome plays it): every call is answered in time and truthfully, the
# controller lives on, and stops in time.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Time::HiRes qw(time);

my $t = Test::Whatsapp->new();
my $deadline = 4;
my $controller;

$t->run($t->default_conf("whatsapp_read_timeout ${deadline}s;"));

# that is how nginx logs a missing unix socket
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);

# faults, the state to wait for, what a send is answered; it waits for a start
# until its deadline, which may be before the end of that
my @cases = (
    [ ''             => 'ready',      qr/^200/ ],
    [ 'garbage'      => 'ready',      qr/^200/ ],
    [ 'split'        => 'ready',      qr/^200/ ],
    [ 'delay=20'     => 'ready',      qr/^200/ ],
    [ 'noise'        => 'ready',      qr/^200/ ],
    [ 'stubborn'     => 'ready',      qr/^200/ ],
    [ 'crash=1'      => 'ready',      qr/^50[034] .*\b(?:not_sent|unknown)/ ],
    [ 'crash=2'      => 'ready',      qr/^50[034] .*\bunknown/ ],
    [ 'close=2'      => 'ready',      qr/^50[034] .*\bunknown/ ],
    [ 'void=1'       => 'ready|recovering',
        qr/^50[034] .*\b(?:not_sent|unknown)/ ],
    [ 'silent'       => 'starting|recovering|failed', qr/^50[34] .*not_sent/ ],
    [ 'nohello'      => 'starting|recovering|failed', qr/^50[34] .*not_sent/ ],
    [ 'exit=1'       => 'starting|recovering|failed', qr/^50[34] .*not_sent/ ],
    [ 'exit=21'      => 'starting|recovering|failed', qr/^50[34] .*not_sent/ ],
    [ 'eof=3'        => 'starting|recovering|failed', qr/^50[34] .*not_sent/ ],
    [ 'die=3'        => 'starting|recovering|failed', qr/^50[34] .*not_sent/ ],

    # what is larger than CDP_INCOMING_MAX is skipped
    [ 'huge=50000000' => 'ready',    qr/^200/ ],
);

for my $case (@cases) {
    my ($faults, $state, $expected) = @$case;
    my ($name, $program, $began, $response, $answer);

    $name = $faults || 'no fault';
    $program = $t->stage('chrome' . ($faults && "-$faults"),
        "$FindBin::Bin/fake/chrome");

    $controller = $t->controller(chromium => $program,
        web_url => 'http://127.0.0.1:9/',
        args => ['--boot-timeout', $state eq 'ready' ? 20000 : 2000,
            '--ping-interval', '500']);
    $controller->wait_state($state, 60);

    $began = time();
    $response = $t->send('15550000002', $t->canary('text'));
    $answer = $response->status . ' '
        . ($response->error->{error_data}{details} // '');
    cmp_ok(time() - $began, '<', 5 * $deadline,
        "$name: a send is answered in time");
    like($answer, $expected, "$name: with the truth")
        or diag($controller->log);

    is($t->get("/whatsapp/$version/$session/session")->status, 200,
        "$name: the state is told");
    is($t->get('/whatsapp/healthz')->status, 200,
        "$name: the controller lives");

    ok($controller->process->stop('TERM', 20), "$name: it stops in time");
    is($controller->process->status, 0, "$name: by itself")
        or diag($controller->log);

    # a killed browser's children need a moment
    eval { wait_for(sub { !left() }, 60) };
    is(join(' ', map { $_->{command} } left()), '',
        "$name: no process is left");
}


sub left { Test::Whatsapp::Process::find_processes($t->runtime) }


$t->done();
