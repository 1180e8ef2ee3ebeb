#!/usr/bin/perl

# whatsapp-ctl and the addresses of abusers: what it writes to Redis is what
# nginx looks up, and what it forgets is known to no worker any more.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Socket qw(inet_aton);
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Ctl;
use Test::Whatsapp::RedisServer;

my $t = Test::Whatsapp->new();
my $redis = Test::Whatsapp::RedisServer->start($t);
my $hash_key = 'the key of this test';
my $key_file = $t->write_file('nginx/hash.key', "$hash_key\n");
my $address = $redis->address;

$t->write_file('nginx/html/index.html', 'content');

$t->run(abuse_conf(patient($redis), <<'END', http => <<"END2"), workers => 2);
        whatsapp_abuse_strikes limit_req=req count=5 window=60s ban=60s;

        location = /req { limit_req zone=req; try_files /index.html =404; }
        location = /long { whatsapp_abuse zone=long;
                           try_files /index.html =404; }
        location = /hashed { whatsapp_abuse zone=hashed;
                             try_files /index.html =404; }
        location = /alone { whatsapp_abuse zone=alone; limit_req zone=req;
                            try_files /index.html =404; }
        location = /forget { whatsapp_abuse off;
                             whatsapp_abuse_forget zone=alone; }
        location = /forget_all { whatsapp_abuse off;
                                 whatsapp_abuse_forget zone=abuse; }
        location = /closed { whatsapp_abuse off; deny all;
                             whatsapp_abuse_forget zone=alone; }
END
    limit_req_zone \$binary_remote_addr zone=req:1m rate=1r/m;
    whatsapp_abuse_zone zone=alone:1m;
    whatsapp_abuse_zone zone=long:1m redis=$address timeout=10s prefix=l*:
                        ipv6_prefix=128;
    whatsapp_abuse_zone zone=hashed:1m redis=$address timeout=10s prefix=h:
                        hash_key_file=$key_file;
END2

my $nginx = 'http://127.0.0.1:' . $t->port(8080);

Test::Whatsapp::Ctl->defaults('--redis', $address);


# hammer(address, uri): six requests, the last of which is banned

sub hammer {
    my ($client, $uri) = @_;

    return (map { from($t, $client, $uri)->status } 1 .. 7)[-1];
}


# in_memory(address): whether a zone of nginx' shared memory holds the key of an
# IPv4 address; those of limit_req have other keys

sub in_memory {
    my ($client) = @_;
    my $key = '4' . chr(32) . inet_aton($client);
    my ($pid) = $t->workers;

    open my $maps, '<', "/proc/$pid/maps" or die "maps: $!\n";
    open my $mem, '<:raw', "/proc/$pid/mem" or die "mem: $!\n";

    while (my $line = <$maps>) {
        no warnings 'portable';
        my ($from, $to) = map { hex } $line =~ /^(\w+)-(\w+) rw-s .*zero/
            or next;
        my $data = '';

        sysseek $mem, $from, 0;
        sysread $mem, $data, $to - $from;
        return 1 if index($data, $key) >= 0;
    }

    return 0;
}


# ==== ban ====

says($t, qr/^203\.0\.113\.1 is banned for 1h 0m\n\z/, qw(ban add 203.0.113.1));
ok(seen_by_all($t, '203.0.113.1', 403), 'each worker turns the client away');
ok($redis->ttl('v4:203.0.113.1') > 3590_000, 'for an hour');
is($redis->command('GET', 'wa:abuse:v4:203.0.113.1'), 1, 'the level');

is_deeply((ctl_json($t, qw(ban add 2001:DB8:0:1::5), '1d 2h'))[1],
    { address => '2001:db8:0:1::/64', ttl => 26 * 3600 },
    'an IPv6 client is its network');
ok(seen_by_all($t, '2001:db8:0:1:ffff::1', 403), 'all of it');
is(from($t, '2001:db8:0:2::1')->status, 200, 'and nothing beside it');

for my $case (['::ffff:203.0.113.9', '203.0.113.9'],
    ['64:ff9b::cb00:710a', '203.0.113.10'],
    ['2002:cb00:710b::1', '203.0.113.11'],
    ['2001:0:4136:e378:8000:63bf:34ff:8ef3', '203.0.113.12'],
    ['64:ff9b:1::cb00:710d', '64:ff9b:1::cb00:710d/128'],
    ['203.0.113.14/32', '203.0.113.14'],
    ['2001:db8:0:3::/64', '2001:db8:0:3::/64'])
{
    my ($given, $client) = @$case;

    is((ctl_json($t, qw(ban add), $given, 600))[1]{address}, $client,
        "$given is $client");
    is(from($t, $given =~ s{/.*}{}r)->status, 403, 'which nginx refuses');
}

# with 128 bits every notation of zeros counts

for my $client ('2001:db8::1', '2001:db8:0:1:0:1:0:1', '2001:db8:1:0:0:1::',
    '2001:0db8:0000:0000:00a0:0000:0000:0000', 'fe80::', '::2:3:4',
    '2001:db8:1:2:3:4:5:6', '1::8', '0:0:1::', '1:0:0:2:0:0:0:3')
{
    my ($status) = ctl($t, qw(ban add), $client, '10m', '--prefix', 'l*:',
        '--ipv6-prefix', 128);

    ok($status == 0 && from($t, $client, '/long')->status == 403,
        "$client, of 128 bits");
}

is((ctl_json($t, qw(ban add 203.0.113.20 1h --prefix h: --hash-key-file),
    $key_file))[1]{address}, '203.0.113.20', 'a digest: the address is shown');
is(from($t, '203.0.113.20', '/hashed')->status, 403, 'nginx finds it');

my $digest = 'h:'
    . substr hmac_sha256_hex('v4:203.0.113.20', $hash_key), 0, 32;

is($redis->command('EXISTS', "h:$digest"), 1, 'as the docs say');

# ==== ban list ====

$redis->command('SET', 'wa:abuse:v4:203.0.113.99', 1);
$redis->command('SET', 'wa:abuse:nonsense', 1);
$redis->command('SET', 'wa:other:v4:203.0.113.98', 1);
like(says($t, qr/^ADDRESS +LEFT\n/, qw(ban list)),
    qr/^203\.0\.113\.1 +(1h 0m|59m \d+s)\n/m, 'a row of a ban');

my $bans = (ctl_json($t, qw(ban list)))[1]{bans};
my %ttl = map { $_->{address} => $_->{ttl} } @$bans;

is(scalar @$bans, 10, 'all bans, and nothing else');
ok($ttl{'2001:db8:0:1::/64'} > 93_500, 'their time');
ok(exists $ttl{'203.0.113.99'} && !defined $ttl{'203.0.113.99'},
    'one for good');
is(scalar @{ (ctl_json($t, qw(ban list --prefix l*:)))[1]{bans} }, 10,
    'a prefix is no pattern');
is_deeply([map { $_->{address} }
    @{ (ctl_json($t, qw(ban list --prefix h:)))[1]{bans} }], [$digest],
    'digests');

# ==== ban remove ====

says($t, qr/^203\.0\.113\.1 is not banned any more\n\z/,
    qw(ban remove 203.0.113.1));
ok(seen_by_all($t, '203.0.113.1', 200), 'each worker serves the client');
refuses($t, 1, 'not_banned', qr/no ban of 203\.0\.113\.1; .*ban list/,
    qw(ban remove 203.0.113.1));
is_deeply((ctl_json($t, qw(ban remove 2001:db8:0:1::/64)))[1],
    { address => '2001:db8:0:1::/64' }, 'a network as a list shows it');
says($t, qr/^\Q$digest\E is not/, qw(ban remove), $digest,
    '--prefix', 'h:');
is(from($t, '203.0.113.20', '/hashed')->status, 200, 'and a digest');

# ==== forget ====

SKIP: {
    skip 'only root looks into the memory of nginx', 12 if $> != 0;

    is(hammer('203.0.113.31', '/req'), 403, 'a client bans itself');
    wait_for(sub { $redis->ttl('v4:203.0.113.31') > 0 }, 60, 'the ban');
    ok(in_memory('203.0.113.31'), 'nginx knows it');
    is_deeply((ctl_json($t, qw(forget 203.0.113.31)))[1], {
        address => '203.0.113.31', was_banned => JSON::PP::true,
        was_known => undef }, 'it is forgotten');
    ok(wait_for(sub { !in_memory('203.0.113.31') }, 25),
        'and in no memory of nginx');
    is($redis->ttl('v4:203.0.113.31'), -2, 'nor in Redis');

    from($t, '203.0.113.32', '/req') for 1 .. 4;
    ok(in_memory('203.0.113.32'), 'one with strikes only');
    says($t, qr/^203\.0\.113\.32 is forgotten\n\z/, qw(forget 203.0.113.32));
    ok(wait_for(sub { !in_memory('203.0.113.32') }, 25), 'likewise');

    # by Redis' own means

    is(hammer('203.0.113.33', '/req'), 403, 'another one');
    wait_for(sub { $redis->ttl('v4:203.0.113.33') > 0 }, 60, 'the ban');
    wait_for(sub { from($t, '203.0.113.33')->status == 403 }, 25, 'known');
    $redis->unban('v4:203.0.113.33');
    ok(wait_for(sub { !in_memory('203.0.113.33') }, 25),
        'DEL alone makes nginx forget, without a request of the client');
}

is($redis->command('KEYS', '*forget*')->[0], undef, 'no key is left');

# ==== an nginx without Redis ====

Test::Whatsapp::Ctl->defaults();

is(hammer('203.0.113.40', '/alone'), 403, 'banned in memory');
refuses($t, 2, 'no_redis', qr/--nginx/, qw(forget 203.0.113.40));
refuses($t, 2, 'no_redis', qr/--redis/, @$_) for [qw(ban list)],
    [qw(ban add 203.0.113.40)], [qw(ban remove 203.0.113.40)];
refuses($t, 1, 'no_location', qr/status 403.*allow this host/,
    qw(forget 203.0.113.40 --nginx), "$nginx/closed");
refuses($t, 1, 'no_location', qr/status 405/,
    qw(forget 203.0.113.40 --nginx), "$nginx/index.html");
is(from($t, '203.0.113.40', '/alone')->status, 403, 'so far it is');
is_deeply((ctl_json($t, qw(forget 203.0.113.40 --nginx), "$nginx/forget"))[1],
    { address => '203.0.113.40', was_banned => undef,
        was_known => JSON::PP::true }, 'nginx forgets it');
isnt(from($t, '203.0.113.40', '/alone')->status, 403, 'and serves it');
is((ctl_json($t, qw(forget 203.0.113.41 --nginx), "$nginx/forget"))[1]
    {was_known}, JSON::PP::false, 'one that it never saw');
says($t, qr/^2001:db8:9::\/64 is forgotten/, qw(forget 2001:db8:9::7 --nginx),
    "$nginx/forget");
refuses($t, 3, 'unreachable', qr/--nginx/, qw(forget 203.0.113.1 --nginx),
    'http://127.0.0.1:' . $t->port(8099));
says($t, qr/forgotten/, qw(forget 203.0.113.31 --redis), $address, '--nginx',
    "$nginx/forget_all");

is($t->request('GET', '/forget', token => undef)->status, 405, 'only DELETE');
is($t->request('DELETE', '/forget', token => undef)->status, 400,
    'an address is needed');
is($t->request('DELETE', '/forget', token => undef, headers => {
    'X-Abuse-Address' => $_ })->status, 400, "no address: $_")
    for 'x', 'h:12', '203.0.113', 'unix:/x';

# ==== errors ====

Test::Whatsapp::Ctl->defaults('--redis', $address);
refuses($t, 2, 'invalid_address', qr/neither an IPv4/, qw(ban add), $_)
    for 'x', '203.0.113', '2001:db8::/48', '203.0.113.1/24', '', 'h:12',
        '2001:db8::1/', '::g', '1' x 100;
refuses($t, 2, 'invalid_time', qr/90s, 10m/, qw(ban add 203.0.113.1), $_)
    for '0', 'x', '10x', '367d', '1m 1h', '1h1h', '', '5 m',
        '99999999999999999999';
refuses($t, 2, 'invalid_settings', qr/1 to 128/,
    qw(ban add 203.0.113.1 --ipv6-prefix), $_) for 0, 129, 'x';
refuses($t, 2, 'invalid_settings', qr/64 characters/,
    qw(ban add 203.0.113.1 --prefix), 'x' x 65);
refuses($t, 1, 'not_readable', qr/No such file/, qw(ban add 203.0.113.1
    --hash-key-file /nowhere));
refuses($t, 1, 'invalid_key', qr/at least 16 bytes/, qw(ban add 203.0.113.1
    --hash-key-file), $t->write_file('nginx/short.key', "short\n"));
refuses($t, 3, 'unreachable', qr/No such file.*--redis/,
    qw(ban list --redis unix:/nowhere));
refuses($t, 3, 'unreachable', qr/refused/,
    qw(ban list --redis), '127.0.0.1:' . $t->port(8099));

# ==== log in ====

my $secret = $t->canary('secret');
my $password = $t->write_file('parts/password', "$secret\n");
my $locked = Test::Whatsapp::RedisServer->start($t, name => 'locked',
    listen => 'tcp', conf => <<"END");
user default off
user whatsapp-ctl on >$secret resetkeys ~wa:abuse:* resetchannels -\@all +auth +select +multi +exec +scan +pttl +set +del
user blind on >$secret ~* -\@all +auth
END

Test::Whatsapp::Ctl->defaults('--redis', $locked->address,
    '--redis-user', 'whatsapp-ctl', '--redis-password-file', $password);
says($t, qr/banned/, qw(ban add 203.0.113.1 --redis-db 0));
says($t, qr/^203\.0\.113\.1 /m, qw(ban list));
says($t, qr/not banned/, qw(ban remove 203.0.113.1));
refuses($t, 1, 'redis', qr/NOPERM.*docs\/redis\.md/,
    qw(ban list --redis-user blind));
refuses($t, 1, 'redis', qr/WRONGPASS.*--redis-password-file/,
    qw(ban list --redis-user nobody));
refuses($t, 2, 'invalid_settings', qr/redis-db/, qw(ban list --redis-db x));
Test::Whatsapp::Ctl->defaults('--redis', $locked->address);
refuses($t, 1, 'redis', qr/NOAUTH.*--redis-user/, qw(ban list));

$t->done();
