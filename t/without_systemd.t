#!/usr/bin/perl

# The controller without systemd: as the first process of a container, which
# reaps what others leave, and under a supervisor.  Each is tried with Chromium,
# and with a played browser that leaves orphans.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(descendants is_alive);
use Test::Whatsapp::Receiver;

plan skip_all => 'only root can make a process the first one' if $> != 0;
plan skip_all => 'no PID namespaces'
    if system('unshare --pid --fork --mount-proc true 2> /dev/null') != 0;

my $t = Test::Whatsapp->new();
my $fake = "$FindBin::Bin/fake/chrome";

# a browser that leaves orphans, each in a group of its own

my $browser = $t->write_file('app/browser', <<"END");
#!/bin/sh
[ "\$1" = --version ] || for i in 1 2 3; do
    (setsid sh -c 'sleep 0.3' &)
done
exec $^X @{[ $t->stage('chrome', $fake) ]} "\$@"
END
chmod 0755, $browser;

my $config = Test::Whatsapp::Receiver::webhooks($t, "log-level = info\n"
    . "send-rate = 0\n[session $session]\n");

my $phone = $t->standin();
my %browsers = (
    'a played browser' => { chromium => $browser,
        web_url => 'http://127.0.0.1:9/' },
    Chromium => {},
);

for my $case (
    [ 'the first process' ],
    [ 'a child of tini', 'tini', '-g', '--' ],
) {
    my ($what, @init) = @$case;

    SKIP: {
        skip "no $init[0]", 16
            if @init && system("command -v $init[0] > /dev/null") != 0;

        start("$what, $_", $browsers{$_}, @init) for sort keys %browsers;
    }
}

$t->done();


sub start {
    my ($what, $opt, @init) = @_;
    my ($controller, $pid, $process);
    my $text = $t->canary('text');

    $controller = bless { t => $t, socket => $t->socket, opt => {
        config => $config, %$opt } }, 'Test::Whatsapp::Controller';
    $process = $controller->{process} = $t->spawn('unshare', ['unshare',
        '--pid', '--fork', '--mount-proc', @init, @{ $controller->argv }]);

    wait_for(sub { -S $t->socket }, 60, 'the socket');
    $controller->wait_ready;

    ($pid) = map { $_->{pid} } grep { $_->{command} =~ /^whatsapp-contro/ }
        descendants($process->pid);

    like(slurp("/proc/$pid/status"), @init ? qr/^NSpid:\t\d+\t2$/m
        : qr/^NSpid:\t\d+\t1$/m, "$what has the number for that");
    is($controller->call('message.send', { to => '15550000002',
        type => 'text', text => { body => $text } }, key => "k$pid")->status,
        200, 'it sends');
    is(scalar $phone->messages(qr/\Q$text\E/), $opt->{chromium} ? 0 : 1,
        'to the phone, if there is one');

    # an orphan of another process than its own

    system('nsenter', '-t', $pid, '-p', 'sh', '-c',
        '(setsid sleep 0.5 &) ; exit 0') == 0 or die 'nsenter';

    ok(wait_for(sub {
        !grep { $_->{state} eq 'Z' || $_->{command} eq 'sleep' }
            descendants($process->pid)
    }, 60), 'orphans are reaped');

    kill 'HUP', $pid;
    ok(wait_for(sub { $controller->log =~ / reloaded\n/ }, 60),
        'SIGHUP reloads it');

    my @below = descendants($process->pid);

    kill 'TERM', @init ? ancestor($pid) : $pid;
    ok(wait_for(sub { !$process->running }, 60), 'SIGTERM ends it');
    is($process->status >> 8, 0, 'in good order');
    ok(!(grep { is_alive($_) } @below), 'nothing is left');
}


# ancestor(pid): its parent

sub ancestor {
    my ($ppid) = slurp("/proc/$_[0]/status") =~ /^PPid:\s*(\d+)/m;

    return $ppid;
}


sub slurp {
    my ($path) = @_;

    open my $fh, '<', $path or return '';
    local $/;
    return <$fh> // '';
}
