#!/usr/bin/perl

# How the controller starts: what it refuses, what it names as the fix, what it
# clears away that a killed one has left, and how its children run.

use strict;
use warnings;

use File::Path qw(make_path remove_tree);
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX qw(mkfifo);
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $binary = Test::Whatsapp::Controller::binary($t);
my @user = $t->user ? ('--user', 'www-data', '--socket-group', 'www-data',
    '--allow-user', 'root') : ();
my $wa_js = $t->write_file('app/wa.js', "1\n");
my @base = ('--listen', 'unix:' . $t->socket, '--state-dir',
    $t->dir . '/state', '--runtime-dir', $t->runtime, @user);
my @secret = ('--secret-file', $t->write_file('app/secret', 'x' x 20));


# complains(name, status, regex, argv): one test for a clear error, in time

sub complains {
    my ($name, $expected, $regex, @argv) = @_;
    my ($status, $output) = $t->command(['timeout', '50', $binary, @argv]);

    ok($status == $expected && $output =~ $regex, $name)
        or diag("status $status\n$output");
}


for my $case (
    [ 'a beginning of a name' => qr/"--send-rat".*--send-rate/,
        '--send-rat', 100 ],
    [ 'a beginning with its value' => qr/--queue-max/, '--queue=5' ],
    [ 'a beginning of several names' => qr/--send/, '--send', 100 ],
    [ 'a beginning of help' => qr/--help/, '--hel' ],
    [ 'a file larger than all files' => qr/media-file-max 100000000.*media-max/,
        '--media-max', 10, '--media-file-max', 100_000_000 ],
    [ 'a file one byte larger' => qr/media-file-max/,
        '--media-max', 1000, '--media-file-max', 1001 ],
    [ 'port 0' => qr/port from 1/, '--listen', '127.0.0.1:0', @secret ],
    [ 'port 0 of IPv6' => qr/port from 1/, '--listen', '[::1]:0', @secret ],
    [ 'port 00' => qr/port from 1/, '--listen', '127.0.0.1:00', @secret ],
    [ 'a path without unix:' => qr/"unix:" is missing/, '--listen',
        '/run/a.sock', @secret ],
) {
    my ($name, $regex, @argv) = @$case;

    complains($name, 2, $regex, @argv);
}

complains('the last of two values counts, the whole name too', 0, qr/^whats/,
    '--send-rate=5', '--send-rate', 6, '--version');

# only regular files are read, and none is waited for

my $fifo = $t->dir . '/app/fifo';
mkfifo($fifo, 0644) or die "mkfifo: $!";

complains('a fifo as wa-js', 1, qr/not a regular file/, @base, '--wa-js',
    $fifo);
complains('a device as wa-js', 1, qr/not a regular file/, @base, '--wa-js',
    '/dev/zero');
complains('a fifo as the secret', 1, qr/not a regular file/, @base,
    '--wa-js', $wa_js, '--secret-file', $fifo);
complains('a directory as the browser', 1, qr/can't run/, @base, '--wa-js',
    $wa_js, '--chromium', '/tmp');

# errors name the fix

complains('no wa-js', 1, qr/make install.*--wa-js/, @base, '--wa-js',
    '/nowhere');
complains('no browser', 1, qr/package chromium.*--chromium/, @base,
    '--wa-js', $wa_js, '--chromium', '/nowhere');
complains('no tmpfs', 1, qr{/dev/shm}, @base, '--wa-js', $wa_js,
    '--runtime-dir', $t->dir . '/state');
chmod 0750, $t->dir . '/state';
complains('a state directory that is open', 1, qr/must be 0700/, @base,
    '--wa-js', $wa_js);
chmod 0700, $t->dir . '/state';

complains('a user that does not exist', 1,
    qr/no user "nobody-here".*adduser --system --group nobody-here/, @base,
    '--wa-js', $wa_js, '--allow-user', 'nobody-here');
complains('a group that does not exist', 1,
    qr/no group "nobody-here".*nginx's workers/, @base, '--wa-js', $wa_js,
    '--socket-group', 'nobody-here');
complains('a URL that is none', 2, qr/https URL, not "nowhere"/, @base,
    '--web-url', 'nowhere');
complains('a log level that is none', 2,
    qr/error, warn, notice, info or debug, not "loud"/, @base, '--log-level',
    'loud');
complains('a sandbox that is neither', 2, qr/on or off, not "maybe"/, @base,
    '--chromium-sandbox', 'maybe');
complains('a short secret', 1, qr/one line of 16 to \d+ visible ASCII/, @base,
    '--wa-js', $wa_js, '--secret-file', $t->write_file('app/short', "x\n"));

{
    my $key = $t->dir . '/state/seal.key';

    $t->write_file('app/key', 'x' x 31);
    rename $t->dir . '/app/key', $key or die "rename: $!";
    chown((getpwnam $t->user->{name})[2, 3], $key) if $t->user;
    chmod 0600, $key;
    complains('a key file that is too short', 1,
        qr/32 bytes and mode 0600: restore it, or remove it/, @base,
        '--wa-js', $wa_js);
    unlink $key or die "unlink: $!";
}

# --check reads the sections of the configuration file, and what they name

for my $case (
    [ 'a section of a session', 0, qr/are valid/, "[session 5]\n" ],
    [ 'another section', 2, qr/:1: a section must be "\[session ID\]"/,
        "[5]\n" ],
    [ 'a name that is none', 2, qr/:2: there is no such name/,
        "[session 5]\nhook = https://a.example\n" ],
    [ 'a URL without a secret', 2, qr/:1: section \[session 5\] has no/,
        "[session 5]\nurl = https://a.example\n" ],
    [ 'a secret that is not there', 2, qr/:2: app_secret_file can't be used/,
        "[session 5]\napp_secret_file = /nowhere\n" ],
    [ 'a secret that all can read', 2, qr/holds secrets.*:2: app_secret/s,
        "[session 5]\napp_secret = 1234567890\n" ],
) {
    my ($name, $expected, $regex, $text) = @$case;

    complains("--check: $name", $expected, $regex, '--check', '--config',
        $t->write_file('app/checked.conf', $text));
}

SKIP: {
    skip 'only root must, and can, become another user', 4 if !$t->user;

    complains('root without a user', 1, qr/needed, as in "--user whatsapp"/,
        '--listen', 'unix:' . $t->socket, '--wa-js', $wa_js);
    complains('root as the user', 1, qr/--user "root" must not be root/,
        '--user', 'root', '--wa-js', $wa_js);

    my ($status, $output) = $t->command(['setpriv', '--reuid=nobody',
        '--regid=nogroup', '--clear-groups', $binary, '--user', 'www-data',
        '--wa-js', $wa_js]);

    like($output, qr/leave --user out, or start as root/,
        'another user without root');

    my $uid = getpwnam 'nobody';

    ($status, $output) = $t->command(['setpriv', '--reuid=nobody',
        '--regid=nogroup', '--clear-groups', $binary, '--state-dir', '/dev',
        '--runtime-dir', '/dev/shm', '--wa-js', $wa_js]);
    like($output, qr/must be 0700|belong to the user .* \(chown $uid\)/,
        'a directory of another user');
}

# directories of sessions that are not started again

sub leave {
    my ($path) = @_;

    make_path($t->runtime . "/$path" =~ s{/[^/]*$}{}r);
    $t->write_file('app/left', 'x');
    system('cp', $t->dir . '/app/left', $t->runtime . "/$path") == 0 or die;
}

leave($_) for qw(77/tmp/Default/Cache/f 77/tmp/a 77/media/0123 77/else/b/c
    78/media/1 000000000000001/tmp/x browser-7/a/b other/kept
    1234567890123456/kept);
symlink($t->dir . '/app', $t->runtime . '/77/tmp/link') or die "symlink: $!";
system('chown', '-R', $t->user->{name}, glob $t->runtime . '/*') == 0 or die
    if $t->user;

# a browser whose helper leaves its group and ends as an orphan

my $browser = $t->write_file('app/browser', <<'END');
#!/bin/sh
(setsid sh -c 'sleep 0.2' &)
exec sleep 100
END
chmod 0755, $browser;

my $controller = $t->controller(chromium => $browser,
    web_url => 'http://127.0.0.1:9/');

$controller->request('GET', '/healthz');
is(join(' ', map { s{.*/}{}r } grep { -d } glob $t->runtime . '/*'),
    "$session 1234567890123456 browser-1 other",
    'directories of other sessions are gone, others are kept');
remove_tree($t->runtime . "/$_") for qw(1234567890123456 other);
ok(-e $t->dir . '/app/left', 'and nothing behind a link was touched');

# zombies(): children of the controller that have ended

sub zombies {
    return grep { /^\S+ \(.*\) Z @{[$controller->pid]} /s }
        map { slurp_stat($_) } glob '/proc/[0-9]*/stat';
}

sub slurp_stat {
    my ($path) = @_;
    my $fh;

    return open($fh, '<', $path) ? scalar readline($fh) // '' : '';
}

sleep 1;
ok(eval { wait_for(sub { !zombies() }, 60) }, 'orphans are reaped');

$controller->process->stop;

# closed descriptors: nothing of what is written there ends in a file

{
    my ($status, $output);
    my @argv = ($binary, @base, '--wa-js', $wa_js, '--chromium',
        '/bin/false', '--session', 5, '--web-url', 'http://127.0.0.1:9/',
        '--log-level', 'debug');

    for my $closed ('0<&-', '1>&-', '2>&-', '0<&- 1>&- 2>&-') {
        ($status, $output) = $t->command(['sh', '-c',
            "\"\$@\" $closed & p=\$!; n=0; until [ -S \$0 ] || [ \$n = 600 ]; "
            . 'do sleep 0.1; n=$((n + 1)); done; wc -c < '
            . $t->runtime . '/.controller.lock; '
            . 'for n in 0 1 2; do readlink /proc/$p/fd/$n; done; '
            . 'kill $p; wait $p', $t->socket, @argv]);
        my ($size, @fds) = split /\n/, $output =~ s/^\d{4}-.*\n//gmr;

        is($size, 0, "closed $closed: the lock file is empty");
        is(scalar(grep { m{^(?:/dev/null|pipe|socket|/)} } @fds[0 .. 2]), 3,
            'and descriptors are something else') or diag($output);
    }
}

# Chromium, its sandbox on, gets no new privileges

SKIP: {
    skip 'no user namespaces', 2 if system(@{ $t->user
        ? ['setpriv', '--reuid=www-data', '--regid=www-data',
            '--clear-groups'] : [] }, 'unshare', '-Un', 'true') != 0;

    # without user namespaces, and with nothing else in their place

    my ($uid, $gid) = $t->user ? @{ $t->user }{qw(uid gid)} : ($>, $) + 0);
    my @as = $t->user ? ('setpriv', "--reuid=$uid", "--regid=$gid",
        '--clear-groups') : ();
    my $unshared = $t->spawn('unshared', [@as, 'unshare', '-Ur', 'sh', '-c',
        'echo 1 > /proc/sys/user/max_user_namespaces; exec "$@"', 'sh',
        'unshare', '-U', "--map-user=$uid", "--map-group=$gid", $binary,
        '--listen', 'unix:' . $t->socket, '--state-dir', $t->dir . '/state',
        '--runtime-dir', $t->runtime, '--wa-js', $wa_js, '--chromium',
        $browser]);

    ok(eval { $unshared->expect(
        qr/error no_sandbox reason="no user namespaces, and no /, 60) },
        'that there will be no sandbox is told') or diag($@);
    $unshared->stop;

    my $real = $t->controller(web_url => 'http://127.0.0.1:9/');
    my $flag;

    ok(wait_for(sub {
        my $entry = $real->browser or return;
        my $fh;

        open($fh, '<', "/proc/$entry->{pid}/status") or return;
        ($flag) = map { /^NoNewPrivs:\s*(\d)/ } readline $fh;
        return $flag;
    }, 60), 'Chromium runs without new privileges');
}

$t->done();
