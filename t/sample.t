#!/usr/bin/perl

# docs/nginx.conf.sample passes nginx -t as shipped, every byte of it, and its
# limits never ban a client that sends 10 messages a second.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Copy qw(copy);
use IO::Socket::INET;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Http;
use Test::Whatsapp::RedisServer qw(from);
use Time::HiRes qw(time sleep);

my $t = Test::Whatsapp->new();
my $sample = "$FindBin::Bin/../docs/nginx.conf.sample";
my $prefix = $t->dir . '/client/prefix';

open my $fh, '<', $sample or die "open $sample: $!\n";
my $text = do { local $/; <$fh> };
close $fh;


# It is copied to a directory with what it says it needs there.

mkdir $_ or die "mkdir $_: $!\n"
    for $prefix, map { "$prefix/$_" } qw(modules logs run);
copy($sample, "$prefix/nginx.conf.sample") or die "copy: $!\n";
symlink $t->stage('module.so', $t->module),
    "$prefix/modules/ngx_http_whatsapp_module.so" or die "symlink: $!\n";
$t->write_file('client/prefix/whatsapp.tokens',
    $t->read_file('nginx/tokens'));
$t->write_file('client/prefix/redis.password', $t->canary('password'));
chmod 0600, "$prefix/redis.password" or die "chmod: $!\n";

{
    my ($status, $output) = $t->command([ 'openssl', 'req', '-x509',
        '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj',
        '/CN=localhost', '-keyout', "$prefix/key.pem", '-out',
        "$prefix/cert.pem" ]);

    is($status, 0, 'a certificate') or diag($output);
}

SKIP: {
    my ($status, $output);

    local $ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} // (),
        'detect_leaks=0';

    ($status, $output) = $t->command([ $t->nginx_binary, '-V' ]);
    skip('this nginx has no realip or TLS', 2)
        if $output !~ /http_realip_module/ || $output !~ /http_ssl_module/;

    ($status, $output) = $t->command([ $t->nginx_binary, '-t', '-p',
        "$prefix/", '-c', 'nginx.conf.sample', '-e', 'logs/error.log' ]);
    is($status, 0, 'the sample passes nginx -t') or diag($output);

    # the tests need not be root's
    $output =~ s/.*the "user" directive makes sense only if.*\n//;
    unlike($output, qr/\[warn\]/, 'without a warning') or diag($output);
}


# Then it runs, with nothing changed but its addresses and what each test file
# has for itself: the controller, Redis and a header for the client's address.

my $redis = Test::Whatsapp::RedisServer->start($t);
my $fake = $t->fake_controller();
my $address = $redis->address;

for my $change (
    [ qr/^load_module .*?;\n.*?(?=events)/ms, "%%GLOBALS%%\n" ],
    [ qr/^    \w+_temp_path .*?;\n/m, '' ],
    [ qr/(?<=^http \{\n)/m, "    %%GLOBALS_HTTP%%\n" ],
    [ qr{access_log logs/access.log}, 'access_log %%DIR%%/nginx/sample.log' ],
    [ qr/10\.0\.0\.0\/24/, '127.0.0.1' ],
    [ qr{unix:/run/redis/redis\.sock\s+user=nginx password_file=\S+;},
        "$address;" ],
    [ qr{unix:/run/whatsapp-controller/controller\.sock}, '%%CONTROLLER%%' ],
    [ qr/listen 8443 ssl;/, 'listen 127.0.0.1:8080;' ],
    [ qr/^ +ssl_certificate.*?;\n/m, '' ],
    [ qr/whatsapp\.tokens;/, '%%TOKENS%%;' ],
    [ qr/listen 127\.0\.0\.1:9913;/, 'listen 127.0.0.1:8081;' ])
{
    my ($from, $to) = @$change;

    $text =~ s/$from/$to/g or die "the sample has no $from\n";
}

$t->run($text, workers => 2);


# sends(address, rate a second, seconds, each at a time): how often each status
# came back

sub sends {
    my ($client, $rate, $seconds, $each) = @_;
    my ($connection, $began, $late, %seen, $requests);

    $connection = $t->connect(8080);
    $requests = join '', ($t->request_bytes('POST', $t->messages_uri,
        body => text_message('15550000002', $t->canary('text')),
        headers => { 'X-Forwarded-For' => $client })) x $each;
    $began = time();

    for (my $n = 0; $n < $rate * $seconds; $n += $each) {
        my $ahead = $began + $n / $rate - time();

        sleep $ahead if $ahead > 0;
        $connection->write($requests);
        $seen{ $connection->response->status }++ for 1 .. $each;

        # what a busy machine has kept waiting is not made up for
        $late = time() - $began - $n / $rate;
        $began += $late if $late > 0.2;
    }

    $connection->close;

    return \%seen;
}


is_deeply(sends('203.0.113.1', 10, 6, 1), { 200 => 60 },
    '10 messages a second, one by one');
is_deeply(sends('203.0.113.2', 10, 8, 40), { 200 => 80 },
    '10 a second on the average, 40 at once');

{
    my $page;

    # the last ones are counted when their answers are out
    ok(eval {
        wait_for(sub {
            $page = $t->get('/metrics', port => 8081)->body;
            return $page =~ /^whatsapp_requests_total\{call="message.send",
                result="success"\}\ 140$/xm;
        }, 60);
    }, 'all of them succeeded') or diag($page);
    unlike($page, qr/_strikes_total\{\S+\} [1-9]/, 'there was no strike');
    is($redis->command('DBSIZE'), 0, 'and nobody is in Redis');
}


# the same limits ban who does not care

{
    my $seen = sends('203.0.113.3', 1e6, 3e-4, 300);

    cmp_ok($seen->{429}, '>=', 90, 'one that floods is refused');
    $seen = sends('203.0.113.3', 1e6, 1e-4, 100);
    is(from($t, '203.0.113.3', '/')->status, 404,
        'other locations are open to all');
    is($t->get('/whatsapp/healthz',
        headers => { 'X-Forwarded-For' => '203.0.113.3' })->status, 403,
        'then banned');
    is($t->get('/whatsapp/healthz',
        headers => { 'X-Forwarded-For' => '203.0.113.1' })->status, 200,
        'and the honest one is not');
    eval { wait_for(sub { $redis->command('DBSIZE') }, 60) };
    is($redis->command('DBSIZE'), 1, 'one address is in Redis');
}


# metrics and the log

{
    my $log = $t->read_file('nginx/sample.log');

    my $elsewhere = IO::Socket::INET->new(LocalAddr => '127.0.0.2',
        PeerAddr => '127.0.0.1:' . $t->port(8081)) or die "connect: $!\n";

    print {$elsewhere} "GET /metrics HTTP/1.0\r\n"
        . "X-Forwarded-For: 127.0.0.1\r\n\r\n";
    like(scalar <$elsewhere>, qr/ 403 /, 'metrics are for this host alone');
    is($t->get('/metrics', port => 8081, headers => {
        'X-Forwarded-For' => '203.0.113.9' })->status, 200,
        'whatever a header says');
    is($t->get('/metrics')->status, 404, 'and on their own port');
    like($log, qr/ 200 POST \S+ 1000000001 message\.send - PASSED \d+ /,
        'the access log tells what happened');
    unlike($log, qr/203\.0\.113|127\.0\.0\.1/, 'but not to whom');
}

$t->done;
