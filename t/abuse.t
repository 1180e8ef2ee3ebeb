#!/usr/bin/perl

# Clients whose address is in Redis are turned away: by every worker of every
# nginx, at once, whatever the location does; all others are not.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Http;
use Test::Whatsapp::RedisServer;
use Time::HiRes qw(time);

my $t = Test::Whatsapp->new();
my $redis = Test::Whatsapp::RedisServer->start($t);
my $monitor;

$t->write_file('nginx/html/index.html', 'content');
$t->write_file('nginx/html/blocked.html', 'the page of the operator');
mkdir $t->dir . '/nginx/html/dir';
$t->write_file('nginx/html/dir/index.html', 'index');

my $server = <<'END';
        location = /unchecked { whatsapp_abuse off;
                                try_files /index.html =404; }
        location = /status { whatsapp_abuse_status 429; }
        location = /page { error_page 403 =200 /blocked.html; }
        location = /redirect { error_page 403 /blocked.html; }
        location = /named { error_page 403 = @named; }
        location @named { try_files /blocked.html =404; }
        location = /dry { whatsapp_abuse_dry_run on;
                          try_files /index.html =404; }
        location = /dry_to_strict { whatsapp_abuse_dry_run on;
                                    try_files /none /index.html; }
        location = /off_to_strict { whatsapp_abuse off;
                                    try_files /none /index.html; }
        location = /missing { whatsapp_abuse off; error_page 404 /index.html; }
        location /dir/ { whatsapp_abuse off; }
        location = /dir/index.html { }
        location = /bypass { whatsapp_abuse_bypass $friend $arg_pass;
                             try_files /index.html =404; }
        location = /any { satisfy any; allow all;
                          try_files /index.html =404; }
        location = /auth { auth_request /ok; try_files /index.html =404; }
        location = /off_auth { whatsapp_abuse off; auth_request /ok;
                               try_files /index.html =404; }
        location = /ok { internal; try_files /index.html =404; }
        location = /quiet { whatsapp_abuse_log_level warn; }
END

my $http = <<'END';
    geo $friend { default 0; 203.0.113.99 1; }
    server {
        listen unix:%%DIR%%/tmp/nginx.sock;
        location / { whatsapp_abuse zone=abuse;
                     add_header X-Abuse $whatsapp_abuse_status; }
    }
    server {
        listen 127.0.0.1:8082;
        set_real_ip_from 127.0.0.1;
        location / {
            whatsapp_abuse zone=abuse;
            real_ip_header X-Real-IP;
        }
    }
END

$t->run(abuse_conf(patient($redis), $server, http => $http), workers => 2);

is(from($t, '203.0.113.1')->status, 200, 'a client that is not banned');
wait_for(sub { lines($t, qr/link for invalidations is up/) == 2 }, 60,
    'the links');

# ban and unban

$redis->ban('v4:203.0.113.1', 600);
ok(seen_by_all($t, '203.0.113.1', 403),
    'after SET each worker turns the client away');

{
    my $response = from($t, '203.0.113.1');
    my $retry = $response->header('Retry-After');

    ok($retry > 500 && $retry <= 600, 'Retry-After is the rest of the ban');
    is($response->header('X-Abuse'), 'BLOCKED HIT',
        'the variables tell of the ban and of the cache');
    is(from($t, '203.0.113.2')->status, 200, 'another client is served');
    is(from($t, '::ffff:203.0.113.1')->status, 403,
        'an IPv4-mapped address is the IPv4 address');

    my %banned = (
        'NAT64' => '64:ff9b::cb00:7101',
        'dotted NAT64' => '64:ff9b::203.0.113.1',
        '6to4' => '2002:cb00:7101::1',
        '6to4 of another subnet' => '2002:cb00:7101:2:3:4:5:6',
        'Teredo' => '2001:0:4136:e378:8000:63bf:34ff:8efe',
        'IPv4-translated' => '::ffff:0:203.0.113.1',
    );
    my %served = (
        'NAT64' => '64:ff9b::cb00:7102',
        '6to4' => '2002:cb00:7102::1',
        'Teredo' => '2001:0:4136:e378:8000:63bf:34ff:8efd',
        'local NAT64' => '64:ff9b:1::cb00:7101',
        'a network beside NAT64' => '64:ff9b:0:1::cb00:7101',
        'a network beside Teredo' => '2001:1::34ff:8efe',
        'one that ends so' => '2001:db8::203.0.113.1',
    );

    is(from($t, $banned{$_})->status, 403, "$_: the banned IPv4 address")
        for sort keys %banned;
    is(from($t, $served{$_})->status, 200, "$_: another client")
        for sort keys %served;
}

# where the IPv4 address stands is not known, the whole address is the client

$redis->ban('v6:64:ff9b:1::cb00:7105/128', 600);
ok(seen_by_all($t, '64:ff9b:1::cb00:7105', 403), 'one client of local NAT64');
is(from($t, '64:ff9b:1::cb00:7106')->status, 200, 'is not all of them');

$redis->unban('v4:203.0.113.1');
ok(seen_by_all($t, '203.0.113.1', 200),
    'after DEL each worker serves the client');

$redis->ban('v4:203.0.113.1');
ok(seen_by_all($t, '203.0.113.1', 403), 'a ban for good');
is(from($t, '203.0.113.1')->header('Retry-After'), undef,
    'has no Retry-After');
$redis->command('PEXPIRE', 'wa:abuse:v4:203.0.113.1', 300);
ok(seen_by_all($t, '203.0.113.1', 200), 'a ban ends with its key');

$redis->ban("v4:203.0.113.$_", 60) for 1 .. 3;
ok(seen_by_all($t, '203.0.113.3', 403), 'banned before FLUSHALL');
$redis->command('FLUSHALL');
ok(seen_by_all($t, '203.0.113.3', 200), 'served after it');

# IPv6

$redis->ban('v6:2001:db8:0:1::/64', 600);
ok(seen_by_all($t, '2001:db8:0:1:2:3:4:5', 403),
    'an IPv6 client is banned by its network');
is(from($t, '2001:db8:0:2::1')->status, 200, 'but not the network beside it');

# under load, and through a second nginx

{
    my $conf = $t->read_file('nginx/nginx.conf');
    my ($dir, $port, $second, @load, $stop, %ports);
    my $parent = $$;

    $dir = $t->dir;
    $port = $t->port('second');
    %ports = map { $t->port($_) => $t->port("second $_") } 8081, 8082;
    $ports{ $t->port(8080) } = $port;
    $conf =~ s/127\.0\.0\.1:(\d+)/127.0.0.1:$ports{$1}/g;
    $conf =~ s{/nginx\.(pid|sock)}{/second.$1}g;
    $t->write_file('nginx/second.conf', $conf);
    $second = $t->spawn('second', [ $t->nginx_binary, '-p', "$dir/nginx/",
        '-e', "$dir/nginx/error.log", '-c', "$dir/nginx/second.conf" ]);
    wait_for(sub { -s "$dir/nginx/second.pid"
        && IO::Socket::INET->new("127.0.0.1:$port") }, 60, 'second nginx');

    my $ask = sub {
        my $c = Test::Whatsapp::Http->connect($port);

        $c->request('GET', '/', headers => {
            'X-Real-IP' => '203.0.113.1', Connection => 'close' });
        return $c->response->status;
    };

    is($ask->(), 200, 'served by a second nginx on the same Redis');

    $stop = "$dir/client/stop";

    for my $client (1 .. 2) {
        my $pid = fork() // die "fork: $!\n";

        if ($pid == 0) {
            $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);
            from($t, "198.51.100.$client")
                while !-e $stop && getppid() == $parent;
            POSIX::_exit(0);
        }

        push @load, $pid;
    }

    $redis->ban('v4:203.0.113.1', 600);
    ok(seen_by_all($t, '203.0.113.1', 403), 'under load a ban is seen');
    ok(eval { wait_for(sub { $ask->() == 403 }, 25) },
        'and by the second nginx');
    $redis->unban('v4:203.0.113.1');
    ok(seen_by_all($t, '203.0.113.1', 200), 'so is its end');
    ok(eval { wait_for(sub { $ask->() == 200 }, 25) },
        'and by the second nginx');

    $t->write_file('client/stop', '');
    waitpid $_, 0 for @load;
    ok($second->stop('QUIT', 20), 'the second nginx ends');
}

# nothing opens a location to a banned client

$redis->ban('v4:203.0.113.1', 600);
ok(seen_by_all($t, '203.0.113.1', 403), 'banned');

for my $uri (qw(/ /any /auth /dry_to_strict /off_to_strict /missing /dir/
    /off_auth))
{
    is(from($t, '203.0.113.1', $uri)->status, 403, "$uri is closed");
    is(from($t, '203.0.113.2', $uri)->status,
        $uri eq '/missing' ? 404 : 200, "$uri is open to others");
}

is(from($t, '203.0.113.1', '/unchecked')->status, 200,
    'off does not check');

# what the operator makes of it

is(from($t, '203.0.113.1', '/status')->status, 429, 'whatsapp_abuse_status');

{
    my $page = from($t, '203.0.113.1', '/page');

    is($page->status . ' ' . $page->body, '200 the page of the operator',
        'error_page is served to the banned');
    like(from($t, '203.0.113.1', '/redirect')->body, qr/of the operator/,
        'so is one with the status kept');
    like(from($t, '203.0.113.1', '/named')->body, qr/of the operator/,
        'and a named location');
}

{
    my $dry = from($t, '203.0.113.1', '/dry');

    is($dry->status, 200, 'dry run lets the banned through');
    is($dry->header('X-Abuse'), 'DRY_RUN HIT', 'and tells');
}

$redis->ban('v4:203.0.113.99', 600);
is(from($t, '203.0.113.99', '/bypass')->header('X-Abuse'), 'BYPASSED',
    'bypass by geo');
is(from($t, '203.0.113.1', '/bypass?pass=1')->status, 200,
    'bypass by argument');
is(from($t, '203.0.113.1', '/bypass?pass=0')->status, 403,
    'no bypass for 0');

{
    my $c = $t->connect(8082);

    $c->request('GET', '/', headers => { 'X-Real-IP' => '203.0.113.1' });
    is($c->response->status, 403,
        'an address that realip takes in the location itself');
}

{
    my $c = Test::Whatsapp::Http->connect($t->dir . '/tmp/nginx.sock');

    $c->request('GET', '/');
    is($c->response->header('X-Abuse'), 'BYPASSED',
        'a peer by unix socket is exempt');
}

{
    my $before = lines($t, qr/turning away banned client/);

    from($t, '203.0.113.1', '/quiet');
    is(lines($t, qr/\[warn\].*turning away banned client/), 1,
        'whatsapp_abuse_log_level');
    is(lines($t, qr/turning away banned client/), $before + 1,
        'one line a request');
}

# Redis is asked once; others hear of it from shared memory

{
    my ($asked, $status);

    $monitor = $redis->monitor;
    from($t, '203.0.113.77') for 1 .. 20;
    is(scalar(grep { /PTTL/ && /203\.0\.113\.77/ }
        $redis->monitored($monitor)), 1,
        'one question for twenty requests');
    is(from($t, '203.0.113.77')->header('X-Abuse'), 'PASSED HIT',
        'the absence is remembered');
}

# ten thousand addresses

{
    my (%status, $c);

    for my $i (0 .. 9999) {
        $c = $t->connect(8080) if $i % 1000 == 0;
        $c->request('GET', '/', headers => { 'X-Real-IP' =>
            sprintf '10.%d.%d.%d', $i >> 16, $i >> 8 & 255, $i & 255 });
        $status{ $c->response->status }++;
    }

    is_deeply(\%status, { 200 => 10000 }, '10,000 addresses are served');
    is(from($t, '203.0.113.1', '/')->status, 403, 'the ban is still known');
    is(counter($t, 'evicted'), 0, 'and so are they: 10,000 fit in 2m');
}

close $monitor->{socket};
is(lines($t, qr/\[(?:error|crit|alert)\](?!.*\/missing)/), 0,
    'no error was logged');

$t->done();
