#!/usr/bin/perl

# Who is refused too often is banned: by nginx's own limits, for a while, for
# longer the next time; nobody else, and Redis hears of nobody else.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::RedisServer;
use Time::HiRes qw(time);

my $t = Test::Whatsapp->new();
my $redis = Test::Whatsapp::RedisServer->start($t);

$t->write_file('nginx/html/index.html', 'content');
$t->write_file('nginx/html/limited.html', 'slow down');
$t->write_file('nginx/html/large', 'x' x 40_000);

my $server = <<'END';
        whatsapp_abuse_strikes limit_req=req limit_conn=conn
                               count=5 window=60s ban=60s max_ban=180s;

        location = /brief { whatsapp_abuse_strikes limit_req=req
                                count=5 window=60s ban=1s;
                            limit_req zone=req;
                            try_files /index.html =404; }
        location = /req { limit_req zone=req;
                          try_files /index.html =404; }
        location = /page { limit_req zone=req;
                           error_page 503 =429 /limited.html;
                           try_files /index.html =404; }
        location = /limited.html { whatsapp_abuse off; }
        location = /dry_req { limit_req zone=req; limit_req_dry_run on;
                              try_files /index.html =404; }
        location = /dry { whatsapp_abuse_dry_run on; limit_req zone=req;
                          try_files /index.html =404; }
        location = /off { whatsapp_abuse_strikes off; limit_req zone=req;
                          try_files /index.html =404; }
        location = /lifted { whatsapp_abuse zone=window;
                             whatsapp_abuse_strikes limit_req=req
                                 count=3 window=4s ban=600s;
                             whatsapp_abuse_bypass $friend;
                             limit_req zone=req;
                             try_files /index.html =404; }
        location = /bypass { whatsapp_abuse_bypass 1; limit_req zone=req;
                             try_files /index.html =404; }
        location = /conn_only {
            whatsapp_abuse_strikes limit_conn=conn count=2 window=60s;
            limit_req zone=req;
            try_files /index.html =404;
        }
        location = /conn { limit_conn conn 1; limit_rate 1k;
                           try_files /large =404; }
        location = /shared { limit_req zone=shared;
                             whatsapp_abuse_strikes limit_conn=conn
                                 count=5 window=60s ban=60s;
                             error_page 503 =429 /limited.html;
                             try_files /index.html =404; }
        location = /elsewhere { limit_conn conn 10;
                                try_files /none /shared_inside; }
        location = /shared_inside { whatsapp_abuse off; limit_req zone=shared;
                                    try_files /index.html =404; }
        location = /limited_first { whatsapp_abuse off; limit_req zone=shared;
                                    error_page 503 =200 /req; }
        location = /shared_conn { whatsapp_abuse_strikes limit_req=req
                                      count=5 window=60s ban=60s;
                                  limit_conn shared_conn 1; limit_rate 1k;
                                  try_files /large =404; }
        location = /subrequest { auth_request /req_inside;
                                 try_files /index.html =404; }
        location = /req_inside { internal; limit_req zone=req;
                                 try_files /index.html =404; }
END

my $http = <<'END';
    geo $friend { default 0; include friends.conf; }
    limit_req_zone $binary_remote_addr zone=req:1m rate=1r/m;
    limit_conn_zone $binary_remote_addr zone=conn:1m;
    limit_req_zone $server_port zone=shared:1m rate=1r/m;
    limit_conn_zone $server_port zone=shared_conn:1m;
    whatsapp_abuse_zone zone=window:1m;
    whatsapp_abuse_zone zone=hashed:1m %REDIS% hash_key_file=key;

    server {
        listen 127.0.0.1:8082;
        set_real_ip_from 127.0.0.1;
        real_ip_header X-Real-IP;
        limit_req zone=req;

        location = /window {
            whatsapp_abuse zone=window;
            whatsapp_abuse_strikes limit_req=req count=3 window=4s ban=3s
                                   max_ban=3s;
            try_files /index.html =404;
        }
        location = /hashed {
            whatsapp_abuse zone=hashed;
            whatsapp_abuse_strikes limit_req=req count=3 window=60s ban=60s;
            try_files /index.html =404;
        }
    }
END

my $zone = patient($redis);
$http =~ s/%REDIS%/$zone/;
$t->write_file('nginx/friends.conf', '');
$t->write_file('nginx/key', "the key of this test\n");

$t->run(abuse_conf($zone, $server, http => $http), workers => 2);
wait_for(sub { lines($t, qr/link for invalidations is up/) == 4 }, 60,
    'the links');

my $monitor = $redis->monitor;
my @heard;


# hammer(address, uri, requests): how often each status came back

sub hammer {
    my ($client, $uri, $count, %opt) = @_;
    my %seen;

    $seen{ from($t, $client, $uri, %opt)->status }++ for 1 .. $count;

    return \%seen;
}


# written(key, count): the commands so far that store this key, once there are
# so many: a ban is written after the answer to the request that brought it

sub written {
    my ($key, $count) = @_;
    my @writes;

    reached($count, sub {
        push @heard, $redis->monitored($monitor);
        @writes = map { /("SET" "wa:abuse:\Q$key\E" .*")/ ? $1 : () } @heard;
        return scalar @writes;
    });

    return @writes;
}


# limit_req

is_deeply(hammer('203.0.113.1', '/req', 10), { 200 => 1, 503 => 5, 403 => 4 },
    'after five refusals of limit_req the client is banned');

{
    is(join(' ', written('v4:203.0.113.1', 1)),
        '"SET" "wa:abuse:v4:203.0.113.1" "1" "EX" "60" "NX"',
        'its key has the level and a TTL');
    is(from($t, '203.0.113.1', '/')->status, 403, 'it is banned everywhere');
    is(from($t, '203.0.113.2', '/req')->status, 200, 'another client is not');
    is_deeply(hammer('203.0.113.2', '/req', 4), { 503 => 4 },
        'nor one with four refusals');
}

# longer each time that a ban has ended by itself, here sooner than it would

for my $next ([ 2, 120 ], [ 3, 180 ], [ 4, 180 ]) {
    my ($level, $seconds) = @$next;

    $redis->command('PEXPIRE', 'wa:abuse:v4:203.0.113.1', 1500);
    wait_for(sub { from($t, '203.0.113.1', '/')->status == 200 }, 25,
        'the end of the ban');
    hammer('203.0.113.1', '/req', 6);
    is((written('v4:203.0.113.1', $level))[-1],
        qq("SET" "wa:abuse:v4:203.0.113.1" "$level" "EX" "$seconds" "NX"),
        "the next ban lasts $seconds s");
}

# one that was deleted is forgotten, and its level too

$redis->unban('v4:203.0.113.1');
wait_for(sub { from($t, '203.0.113.1', '/')->status == 200 }, 25,
    'the end of the ban');
hammer('203.0.113.1', '/req', 6);
is((written('v4:203.0.113.1', 5))[-1],
    '"SET" "wa:abuse:v4:203.0.113.1" "1" "EX" "60" "NX"',
    'after DEL the next ban is a first one');

hammer('203.0.113.21', '/brief', 6);
is(scalar written('v4:203.0.113.21', 1), 1, 'a ban of a second');
ok(wait_for(sub { from($t, '203.0.113.21', '/')->status == 200 }, 25),
    'ends by itself');

# whatever the answer looks like

is_deeply(hammer('203.0.113.3', '/page', 7), { 200 => 1, 429 => 5, 403 => 1 },
    'refusals that error_page changes count');
is_deeply(hammer('203.0.113.4', '/subrequest', 7),
    { 200 => 1, 500 => 5, 403 => 1 }, 'so do those of a subrequest');

{
    my $held = $t->connect;

    $held->request('GET', '/conn', headers =>
        { 'X-Real-IP' => '203.0.113.5' });
    $held->fill(60);
    is_deeply(hammer('203.0.113.5', '/conn', 7), { 503 => 5, 403 => 2 },
        'refusals of limit_conn count');
    $held->close;
}

# what does not

is_deeply(hammer('203.0.113.6', '/dry_req', 8), { 200 => 8 },
    'limit_req_dry_run does not refuse');
is(from($t, '203.0.113.6', '/')->status, 200, 'and does not strike');
is_deeply(hammer('203.0.113.7', '/off', 8), { 200 => 1, 503 => 7 },
    'no strikes where they are off');
is(from($t, '203.0.113.7', '/')->status, 200, 'so nobody is banned');
hammer('203.0.113.8', '/bypass', 8);
is(from($t, '203.0.113.8', '/')->status, 200,
    'who is let past is never banned');
hammer('203.0.113.9', '/conn_only', 8);
is(from($t, '203.0.113.9', '/')->status, 200,
    'a cause that is not named does not count');
hammer('203.0.113.10', '/dry', 6);
is(from($t, '203.0.113.10', '/')->status, 200, 'dry run bans nobody');
is(lines($t, qr/banning client, dry run, for 60s/), 1, 'but tells');

{
    my @dry = $t->read_file('nginx/abuse.log') =~ m{^(\d+ \S+) \S+ /dry$}mg;

    is("@dry", '200 PASSED' . ' 503 PASSED' x 4 . ' 503 DRY_RUN',
        'and the access log tells where a ban would begin');
}

# nobody is banned for a limit that others have used up

hammer('203.0.113.30', '/shared', 2);
hammer('203.0.113.31', '/shared', 8);
is(from($t, '203.0.113.31', '/')->status, 200,
    'a limit with another key does not strike');
is_deeply(hammer('203.0.113.32', '/elsewhere', 8), { 503 => 8 },
    'nor does one that an internal redirect leads to');
is(from($t, '203.0.113.32', '/')->status, 200,
    'though the first location counts that limit with a zone of its own');
hammer('203.0.113.33', '/limited_first', 8);
is(from($t, '203.0.113.33', '/')->status, 200,
    'nor one that refused before the redirect to a location that counts');

{
    my $held = $t->connect;

    $held->request('GET', '/shared_conn', headers =>
        { 'X-Real-IP' => '203.0.113.34' });
    $held->fill(60);
    is_deeply(hammer('203.0.113.35', '/shared_conn', 8), { 503 => 8 },
        'a connection of one client refuses all others');
    is(from($t, '203.0.113.35', '/')->status, 200, 'and bans none of them');
    $held->close;
}

{
    my $refused = hammer('203.0.113.11', '/window', 3, port => 8082);
    my $began = time();

    is_deeply($refused, { 200 => 1, 503 => 2 }, 'two refusals');
    wait_for(sub { time() > $began + 4.05 }, 60, 'the window to pass');
    is_deeply(hammer('203.0.113.11', '/window', 2, port => 8082),
        { 503 => 2 }, 'refusals further apart than the window do not add up');
    is_deeply(hammer('203.0.113.11', '/window', 2, port => 8082),
        { 503 => 1, 403 => 1 }, 'those within it do, without Redis too');
    ok(wait_for(sub {
        from($t, '203.0.113.11', '/window', port => 8082)->status == 503
    }, 60), 'a ban without Redis ends');
}

# Redis

{
    is(scalar written("v4:203.0.113.$_", 1), 1, "203.0.113.$_ is stored")
        for 3, 4, 5;

    my @writes = grep { /"SET"/ } @heard;
    my %banned = map { /v4:([\d.]+)/ ? ($1 => 1) : () } @writes;

    is(join(' ', sort keys %banned),
        '203.0.113.1 203.0.113.21 203.0.113.3 203.0.113.4 203.0.113.5',
        'Redis holds the banned and nobody else');
    is(scalar(grep { !/"EX" "\d+" "NX"/ } @writes), 0,
        'each with a time to live');
    is(scalar(grep { /203\.0\.113\.2"/ && !/"PTTL"/i } @heard), 0,
        'no write concerns a client that was not banned');
}

# keyed digests instead of addresses

{
    my ($digest, $key);

    require Digest::SHA;
    $digest = substr Digest::SHA::hmac_sha256_hex('v4:203.0.113.20',
        'the key of this test'), 0, 32;
    hammer('203.0.113.20', '/hashed', 5, port => 8082);
    is(scalar written("h:$digest", 1), 1,
        'hash_key_file: the key is a digest');
    is($redis->ttl('v4:203.0.113.20'), -2, 'and not the address');
    $redis->unban("h:$digest");
    ok(wait_for(sub {
        from($t, '203.0.113.20', '/hashed', port => 8082)->status == 503
    }, 25), 'it can be lifted by hand');
}

# an innocent without Redis: bypassed by the address, as docs/abuse.md says

is_deeply(hammer('203.0.113.40', '/lifted', 5),
    { 200 => 1, 503 => 3, 403 => 1 }, 'a long ban without Redis');
$t->write_file('nginx/friends.conf', '203.0.113.40 1;');
$t->reload;
isnt(from($t, '203.0.113.40', '/lifted')->status, 403,
    'is lifted by whatsapp_abuse_bypass and a reload');

close $monitor->{socket};
is(lines($t, qr/\[error\](?!.*limiting|.*auth request unexpected)/), 0,
    'no error was logged');

$t->done();
