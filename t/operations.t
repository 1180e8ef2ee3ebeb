#!/usr/bin/perl

# What docs/operate.md promises when something breaks: the controller is killed
# or stopped, its runtime directory is lost, the disk of the state directory is
# full.  The browser is played.

use strict;
use warnings;

use File::Path qw(remove_tree);
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Select;
use Socket;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(descendants is_alive);

my $t = Test::Whatsapp->new();
my $name = "whatsapp-operations-$$";
my $state = $t->dir . '/state';
my $keys = 0;

socket(my $notify, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($notify, pack_sockaddr_un("\0$name")) or die "bind: $!";

my $controller = $t->controller(
    chromium => $t->stage('chrome-told', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/', env => { NOTIFY_SOCKET => "\@$name",
        WATCHDOG_USEC => 400_000 });

$controller->wait_ready;

# ==== kill -9 ====

my @browsers = descendants($controller->pid);

$controller->process->signal('KILL');
ok(wait_for(sub { !grep { is_alive($_) } @browsers }, 60),
    'browsers end when the controller is killed');
ok(-S $t->socket, 'the socket is left');
again('a killed controller');

# ==== SIGSTOP, and the watchdog ====

ok(alive(), 'the watchdog gets signs of life');
$controller->process->signal('STOP');
wait_for(sub { slurp('/proc/' . $controller->pid . '/stat') =~ /\) T / }, 60);
1 while defined heard(0);
ok(!defined heard(1.5), 'a stopped controller gives none');
$controller->process->signal('CONT');
ok(alive(), 'one that goes on gives them again');
is(send_text(), 200, 'and sends');

$controller->process->signal('STOP');
$controller->process->signal('KILL');
again('a controller that the watchdog has killed');

# ==== a lost runtime directory ====

lost('the runtime directory', sub { remove_tree($t->runtime) });
mkdir $t->runtime or die "mkdir: $!";
chmod 0755, $t->runtime;
chown $t->user->{uid}, $t->user->{gid}, $t->runtime if $t->user;
again('a controller without runtime directory');

lost('all in it', sub { remove_tree($t->runtime, { keep_root => 1 }) });
again('a controller without files');

lost('the socket', sub {
    unlink $t->socket or die "unlink: $!";
    rename $t->write_file('app/other', 'x'), $t->socket
        or system('cp', $t->dir . '/app/other', $t->socket) == 0 or die;
});
is(-s $t->socket, 1, 'a file of somebody else is not removed');
unlink $t->socket;
again('a controller without socket');

# ==== a full disk ====

$controller->process->stop;

SKIP: {
    skip 'only root can mount a disk that is full', 10 if $> != 0;

    my $mode = sprintf 'size=128m,mode=0700,uid=%d,gid=%d', $t->user->{uid},
        $t->user->{gid};

    if (system('mount', '-t', 'tmpfs', '-o', $mode, 'tmpfs', $state) != 0) {
        skip 'no file system can be mounted here', 10;
    }

    eval { full() };
    fail($@) if $@;

    $controller->process->stop;
    system('umount', $state) == 0 or die "umount failed\n";
}

$t->done();


sub full {
    my ($fill, $log) = ("$state/fill");

    fill($fill);

    my ($status, $output) = $t->command(['timeout', 60,
        @{ $controller->argv }]);

    is($status, 1, 'a first start on a full disk fails');
    like($output, qr/whatsapp-controller: can't .*No space left/,
        'and says why');

    unlink $fill;
    $controller->restart;
    $controller->wait_ready;
    unlike(recent(), qr/state_disk/, 'a disk with room is not spoken of');
    cmp_ok($controller->metric('whatsapp_state_free_bytes'), '>', 100e6,
        'its room is in the metrics');

    fill($fill);
    ok(wait_for(sub { recent() =~ /error state_disk_full free=\d+\n/ }, 60),
        'a full one is');
    is(send_text(), 200, 'a message is sent');
    is($controller->metric('whatsapp_state_free_bytes'), 0,
        'the metrics say so');
    is($controller->request('GET', '/healthz')->status, 200,
        'the controller goes on');

    $controller->process->stop;
    $controller->restart;
    $controller->wait_ready;
    is(send_text(), 200, 'it can be started with a full disk');

    unlink $fill;
    ok(wait_for(sub { recent() =~ /notice state_disk_free free=\d+\n/ }, 60),
        'when there is room again, it says so');
}


# fill(path): as much as fits

sub fill {
    my ($path) = @_;

    open my $fh, '>', $path or die "$path: $!\n";
    1 while syswrite $fh, "\0" x 1048576;
    close $fh;
}


# lost(what, sub): the controller notices that and ends, with a failure

sub lost {
    my ($what, $sub) = @_;
    my @below = descendants($controller->pid);

    $sub->();
    ok(wait_for(sub { !$controller->process->running }, 60),
        "without $what the controller ends");
    is($controller->process->status >> 8, 1, 'with a failure');
    like(recent(), qr/error runtime_directory_lost\n.* notice stopped\n\z/s,
        'in good order');
    ok(!(grep { is_alive($_) } @below), 'with its browsers');
}


# again(what): it starts again, and sends

sub again {
    my ($what) = @_;

    wait_for(sub { !$controller->process->running }, 60);
    $controller->restart;
    $controller->wait_ready;
    is(send_text(), 200, "$what starts again and sends");
}


# recent(): the log of the last start

sub recent { return (split /(?= notice wa_js )/, $controller->log)[-1] }


sub send_text {
    return $controller->call('message.send', { to => '15550000002',
        type => 'text', text => { body => 'x' } }, key => 'k' . ++$keys,
        deadline => 10000)->status;
}


sub heard {
    my ($seconds) = @_;

    return if !IO::Select->new($notify)->can_read($seconds);

    recv($notify, my $line, 4096, 0);

    return $line;
}


sub alive {
    my $end = time + 60;

    while (time < $end) {
        return 1 if (heard(1) // '') eq 'WATCHDOG=1';
    }

    return 0;
}


sub slurp {
    my ($path) = @_;

    open my $fh, '<', $path or return '';

    return scalar readline($fh) // '';
}
