#!/usr/bin/perl

# What a supervisor such as systemd is told by the protocol of sd_notify(3):
# that the controller is ready, how many sessions are, that it is alive, that it
# stops, and that its listening socket is to be kept for the next one.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Select;
use Socket;
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $name = "whatsapp-test-$$";
my @told;

socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, pack_sockaddr_un("\0$name")) or die "bind: $!";


# told(regex, seconds): whether such a line comes in time; all are kept

sub told {
    my ($regex, $seconds) = @_;
    my $end = time + $seconds;
    my $select = IO::Select->new($socket);

    while (!grep { $_ =~ $regex } @told) {
        return 0 if time > $end;
        next unless $select->can_read(0.2);

        recv($socket, my $line, 4096, 0);
        push @told, $line;
    }

    return 1;
}


my $controller;

{
    local $ENV{NOTIFY_SOCKET} = "\@$name";
    local $ENV{WATCHDOG_USEC} = 400_000;
    local $ENV{FDSTORE} = 1;

    $t->standin();
    $controller = $t->controller();
}

ok(told(qr/^READY=1$/, 60), 'the controller says that it is ready');
is($told[0], 'READY=1', 'before anything else');
ok(told(qr/^STATUS=0 of 1 session ready$/, 120), 'then how many sessions are');
ok(told(qr/^STATUS=1 of 1 session ready$/, 120),
    'and that they are, when they are');
is(join(' ', grep { /^FD/ } @told),
    "FDSTOREREMOVE=1\nFDNAME=controller FDSTORE=1\nFDNAME=controller",
    'its socket is to be kept, in the place of another one');

@told = ();

ok(told(qr/^WATCHDOG=1$/, 60), 'the watchdog gets its sign of life');
is_deeply([ grep { $_ ne 'WATCHDOG=1' } @told ], [],
    'the status is told when it changes');

$controller->process->stop;

ok(told(qr/^STOPPING=1$/, 60), 'the end is told');
ok(-S $controller->socket, 'the socket stays where it is');

# the rest of what the first one said, and its socket
1 while IO::Select->new($socket)->can_read(0) && recv($socket, $_, 4096, 0);
@told = ();

{
    local $ENV{NOTIFY_SOCKET} = "\@$name";
    local $ENV{WATCHDOG_USEC} = 400_000;
    local $ENV{WATCHDOG_PID} = 1;

    $controller = $t->controller(chromium => '/bin/false',
        web_url => 'http://127.0.0.1:9/');
}

ok(told(qr/^READY=1$/, 60), 'another controller is ready');
ok(!told(qr/^WATCHDOG=1$/, 2), 'a watchdog of another process gets none');
ok(!(grep { /^FD/ } @told),
    'a supervisor that keeps no descriptors is given none');

# one that can't start

$controller->process->stop;

for my $case ([ 'a mistake in its options', '--send-rate', 'x' ],
    [ 'a browser that is missing', '--chromium', '/nonexistent' ])
{
    my ($name, @args) = @$case;
    my $process;

    1 while IO::Select->new($socket)->can_read(0)
        && recv($socket, $_, 4096, 0);
    @told = ();

    {
        local $ENV{NOTIFY_SOCKET} = "\@whatsapp-test-$$";
        local $ENV{FDSTORE} = 1;
        $process = $t->spawn('failing', [ @{ $controller->argv }, @args ]);
    }

    wait_for(sub { !$process->running }, 20, 'the failing one');
    ok(told(qr/^FDSTOREREMOVE=1\n/, 5), "$name: the socket is given back");
}

$t->done();
