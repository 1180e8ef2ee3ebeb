#!/usr/bin/perl

# When Redis is not well: requests never wait longer than the timeout, known
# bans hold, whatsapp_abuse_fail decides about the others, the log tells once,
# and everything is as before when Redis is back.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::RedisServer;
use Time::HiRes qw(time);

my $t = Test::Whatsapp->new();

$t->write_file('nginx/html/index.html', 'content');

my $server = <<'END';
        location = /closed { whatsapp_abuse_fail closed;
                             try_files /index.html =404; }
        location = /limited { limit_req zone=req;
                              whatsapp_abuse_strikes limit_req=req
                                  count=3 window=60s ban=600s;
                              try_files /index.html =404; }
END
my $limit = 'limit_req_zone $binary_remote_addr zone=req:1m rate=1r/m;';


# begin(redis, more parameters): a nginx with an empty log

sub begin {
    my ($redis, $more, %opt) = @_;

    $t->stop_nginx('QUIT') if $t->nginx;
    unlink $t->dir . '/nginx/nginx.pid';
    $t->write_file('nginx/error.log', '');
    $t->run(abuse_conf('redis=' . $redis->address . ' ' . ($more // ''),
        $server, http => $limit), %opt);
}


sub linked {
    my ($count) = @_;

    wait_for(sub { lines($t, qr/link for invalidations is up/) >= ($count // 1)
        && lines($t, qr/link for lookups is up/) >= ($count // 1) }, 60,
        'the links');
}


# prompt(address, uri, status, name, waits => at most so many): answered so. It
# is nginx that tells whether the request waited for the timeout: a clock would
# tell how busy the machine is, too.

sub prompt {
    my ($client, $uri, $status, $name, %opt) = @_;
    my $before = counter($t, 'timeouts');
    my $response = from($t, $client, $uri);
    my $waited = counter($t, 'timeouts') - $before;

    ok($response->status == $status && $waited <= ($opt{waits} // 0), $name)
        or diag($response->status . ", $waited waited");

    return $response;
}


# answered(): Redis has answered all that it was asked and told before, since
# the answers on a link keep their order

my $unasked = 0;

sub answered {
    wait_for(sub {
        prompt_status('198.51.100.' . ++$unasked) eq 'PASSED MISS'
    }, 60, 'an answer of Redis');
}


# down at the start

my $redis = Test::Whatsapp::RedisServer->start($t, idle => 1);

begin($redis);
is(prompt('203.0.113.1', '/', 200, 'down at the start: open')
    ->header('X-Abuse'), 'ERROR MISS', 'the variable tells');
is(prompt('203.0.113.1', '/closed', 503, 'fail closed')
    ->header('Retry-After'), 1, 'with Retry-After');
is(lines($t, qr/redis .* link for lookups is down/), 1,
    'one line in the log');
$redis->up;
$redis->ban('v4:203.0.113.1', 600);
ok(wait_for(sub { from($t, '203.0.113.1')->status == 403 }, 25),
    'and it is used as soon as it is there');
is(lines($t, qr/link for lookups is up/), 1, 'another line');
linked();

# killed and started again

my $fds = fds();

for my $name (qw(killed stopped)) {
    my $down = lines($t, qr/link for \w+ is (?:lost|down)/);
    my $up = lines($t, qr/link for \w+ is up/);

    $redis->ban('v4:203.0.113.1', 600);
    wait_for(sub { from($t, '203.0.113.1')->status == 403 }, 25);
    $name eq 'killed' ? $redis->kill : $redis->down;
    wait_for(sub { lines($t, qr/link for \w+ is (?:lost|down)/) == $down + 2 },
        15, 'both links to be lost');

    is(prompt('203.0.113.1', '/', 403, "$name: a known ban holds")
        ->header('X-Abuse'), 'BLOCKED STALE', 'the variable tells');
    prompt('203.0.113.2', '/', 200, "$name: open to the unknown");
    prompt('203.0.113.2', '/closed', 503, "$name: or closed");

    my $began = time();

    wait_for(sub { from($t, '203.0.113.2'); time() > $began + 1.5 }, 5);
    is(lines($t, qr/link for \w+ is (?:lost|down)/), $down + 2,
        "$name: one line for each link while it is tried again");

    $redis->up;
    wait_for(sub { lines($t, qr/link for \w+ is up/) == $up + 2 }, 60,
        'the links');
    ok(wait_for(sub { from($t, '203.0.113.1')->status == 200 }, 25),
        "$name: after the restart Redis is asked about the ban again");
}

is(fds(), $fds, 'no descriptor was left');

# frozen

$redis->ban('v4:203.0.113.1', 600);
wait_for(sub { from($t, '203.0.113.1')->status == 403 }, 25);

{
    my $before = counter($t, 'timeouts');

    $redis->freeze;
    is(from($t, '203.0.113.3')->header('X-Abuse'), 'ERROR MISS',
        'frozen: a request goes on');
    is(counter($t, 'timeouts'), $before + 1, 'it waited for the timeout');
}

prompt('203.0.113.3', '/closed', 503, 'frozen: fail closed', waits => 1);
prompt('203.0.113.1', '/', 403, 'frozen: a known ban holds');
wait_for(sub { lines($t, qr/lookups is lost: server does not answer/) }, 60,
    'the link to be given up');
prompt('203.0.113.4', '/', 200, 'later nobody waits');
$redis->thaw;
ok(wait_for(sub {
    from($t, '203.0.113.4')->header('X-Abuse') =~ /^PASSED/
}, 60), 'it goes on where it was');

# a reload while it is frozen or away leaves no old worker; in less time than
# worker_shutdown_timeout, which would end it in any case

$redis->freeze;
from($t, '203.0.113.5');
$t->reload;
$redis->thaw;
ok(wait_for(sub { processes() == 1 }, 10),
    'frozen: the old worker ends after a reload');
$redis->down;
from($t, '203.0.113.5');
$t->reload;
ok(wait_for(sub { processes() == 1 }, 10), 'away: so it does');
$redis->up;

# slow

begin($redis);
linked();

{
    my ($client, $lost, $began, $seconds);
    my $n = 0;

    # longer than the timeout; a link that hears nothing for a second more is
    # given up, so on a machine that is too busy for this it is done again
    do {
        answered();
        $client = '203.0.114.' . ++$n;
        $lost = lines($t, qr/is (?:lost|down)/);
        $began = time();
        $redis->freeze;
        is(prompt_status($client), 'ERROR MISS',
            'slow: who is unknown passes after the timeout');
        $redis->thaw;
        answered();
        $seconds = time() - $began;
    } while ($seconds > 1 && $n < 20);

    is(lines($t, qr/is (?:lost|down)/), $lost, 'slow: the link is kept');
    is(prompt_status($client), 'PASSED HIT', 'slow: the late answer is too');
}

# refused: wrong password, a missing password, NOPERM

{
    my $locked = Test::Whatsapp::RedisServer->start($t, name => 'locked',
        conf => "user default off\n"
            . "user nginx on >right resetkeys ~wa:abuse:* resetchannels"
            . " &__redis__:invalidate -\@all +auth +ping +pttl +set"
            . " +client|id +client|tracking +subscribe\n"
            . "user blind on >right resetkeys ~other:* resetchannels"
            . " &__redis__:invalidate -\@all +auth +ping +pttl +set"
            . " +client|id +client|tracking +subscribe\n"
            . "user reader on >right resetkeys %R~wa:abuse:* resetchannels"
            . " &__redis__:invalidate -\@all +auth +ping +pttl +set"
            . " +client|id +client|tracking +subscribe\n"
            . "user root on >root ~* &* +\@all\n");
    my $root = $locked->connect;

    $root->command('AUTH', 'root', 'root');
    $root->command('SET', 'wa:abuse:v4:203.0.113.1', 1, 'EX', 600);
    $t->write_file('nginx/right', "right\n");
    $t->write_file('nginx/wrong', "wrong\n");
    chmod 0600, $t->dir . '/nginx/right', $t->dir . '/nginx/wrong';

    my %refused = (
        'wrong password' => [ 'user=nginx password_file=wrong', 'WRONGPASS' ],
        'no password'    => [ '', 'NOAUTH' ],
        'no permission'  => [ 'user=blind password_file=right', 'NOPERM' ],
    );

    for my $name (sort keys %refused) {
        my ($parameters, $code) = @{ $refused{$name} };

        begin($locked, $parameters);
        wait_for(sub { lines($t, qr/lookups is down: server answers $code/) },
            15, $code);
        prompt('203.0.113.1', '/', 200, "$name: open");
        prompt('203.0.113.1', '/closed', 503, "$name: closed");
        is(lines($t, qr/link for lookups is/), 1, "$name: one line");
    }

    begin($locked, 'user=nginx password_file=right timeout=10s');
    linked();
    prompt('203.0.113.1', '/', 403, 'the documented ACL suffices: banned');
    $root->command('DEL', 'wa:abuse:v4:203.0.113.1');
    ok(wait_for(sub { from($t, '203.0.113.1')->status == 200 }, 25),
        'it suffices for invalidations');
    from($t, '203.0.113.7', '/limited') for 1 .. 4;
    ok(wait_for(sub {
        $root->command('PTTL', 'wa:abuse:v4:203.0.113.7') > 500_000 }, 60),
        'and for bans');

    begin($locked, 'user=reader password_file=right');
    linked();
    from($t, '203.0.113.8', '/limited') for 1 .. 4;
    prompt('203.0.113.8', '/', 403,
        'not allowed to write: the ban holds in memory');
    answered();
    is(lines($t, qr/bans are not stored: server answers NOPERM/), 1,
        'one line tells');
    $locked->kill;
}

# no memory

{
    begin($redis);
    linked();
    $redis->command('CONFIG', 'SET', 'maxmemory', 1);

    from($t, "203.0.113.$_", '/limited') for (9) x 4, (10) x 4;
    prompt('203.0.113.9', '/', 403, 'OOM: the ban holds in memory');
    prompt('203.0.113.10', '/', 403, 'OOM: the next one too');
    answered();
    is(lines($t, qr/bans are not stored: server answers OOM/), 1,
        'one line for both');
    is($redis->ttl('v4:203.0.113.9'), -2, 'Redis does not have it');

    $redis->command('CONFIG', 'SET', 'maxmemory', 0);
    ok(wait_for(sub { from($t, '203.0.113.9');
        $redis->ttl('v4:203.0.113.9') > 0 }, 60),
        'it is stored on a later request, when there is room');
    is(reached(1, sub { lines($t, qr/bans are stored again/) }), 1,
        'and a line tells');

    $redis->command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
    $redis->command('CONFIG', 'SET', 'maxmemory', 1);
    ok(wait_for(sub {
        eval { $redis->command('SET', 'x', 1) };
        from($t, '203.0.113.9')->status == 200 }, 25),
        'a ban that Redis evicts is over');
    $redis->command('CONFIG', 'SET', 'maxmemory', 0);
}

# loading

{
    my $loading = Test::Whatsapp::RedisServer->start($t, name => 'loading',
        conf => "key-load-delay 30000\n"
            . "loading-process-events-interval-bytes 1024\n");
    my $connection = $loading->connect;

    $connection->command('CONFIG', 'SET', 'key-load-delay', 0);
    $connection->command('SET', "filler:$_", 'x' x 100) for 1 .. 300;
    $connection->command('SET', 'wa:abuse:v4:203.0.113.1', 1, 'EX', 600);
    $connection->command('SAVE');
    begin($loading);
    linked();
    $loading->kill;
    $loading->{process} = $t->spawn('loading again',
        [ 'redis-server', $loading->{conf} ]);
    wait_for(sub { lines($t, qr/server answers LOADING/) }, 60, 'LOADING');
    prompt('203.0.113.1', '/', 200, 'loading: open');
    $loading->command('CONFIG', 'SET', 'key-load-delay', 0);
    ok(wait_for(sub { from($t, '203.0.113.1')->status == 403 }, 25),
        'once it is loaded it is asked');
    $loading->kill;
}

# nonsense

for my $garbage ("+OK\r\n" x 10, "HTTP/1.1 400 Bad Request\r\n\r\n", "\0" x 50,
    "*3\r\n\$7\r\nmessage\r\n\$1\r\na\r\n:1\r\n", ":1\r\n" x 5,
    "*-1\r\n*0\r\n*1\r\n*1\r\n", "\$9999999999\r\n", '-' . 'X' x 9000)
{
    my $listen = IO::Socket::INET->new(Listen => 5,
        LocalAddr => '127.0.0.1') or die;
    my $fake = bless { port => $listen->sockport },
        'Test::Whatsapp::RedisServer';
    my $pid = fork() // die;

    if ($pid == 0) {
        my @keep;

        $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);
        while (my $c = $listen->accept) {
            sysread $c, my $buffer, 4096;
            syswrite $c, $garbage;
            push @keep, $c;
        }
        POSIX::_exit(0);
    }

    my $began = time();

    begin($fake);
    wait_for(sub { lines($t, qr/link for lookups is (?:down|lost)/) }, 60,
        'the line');

    my $show = substr $garbage, 0, 12;
    $show =~ s/[^ -~]/./g;

    prompt('203.0.113.1', '/', 200, "garbage '$show': open");

    # one line for each time that it is tried again, which is after 75 ms and
    # more
    my $tries = lines($t, qr/link for lookups is (?:down|lost)/);

    ok($tries <= 2 + (time() - $began) / 0.075
        && !lines($t, qr/exited on signal/), 'the worker survives it quietly')
        or diag("$tries lines");
    kill 'TERM', $pid;
    waitpid $pid, 0;
}


sub prompt_status {
    return from($t, $_[0])->header('X-Abuse');
}


sub fds {
    my ($worker) = $t->workers;

    return scalar(() = glob "/proc/$worker/fd/*");
}


sub processes {
    return scalar Test::Whatsapp::Process::descendants($t->nginx->pid);
}


$t->done();
