#!/usr/bin/perl

# whatsapp_status: the numbers move as they should, for all workers, over
# reloads, as text and as JSON, with and without the controller, and hold
# nothing personal.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::RedisServer qw(lines timed);
use Time::HiRes qw(sleep time);

my $t = Test::Whatsapp->new();
my $redis = Test::Whatsapp::RedisServer->start($t);
my $fake = $t->fake_controller();
my $address = $redis->address;

my $conf = <<'END';
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    limit_req_zone $http_x_limit zone=limit:1m rate=1r/m;
    whatsapp_abuse_zone zone=first:1m redis=%REDIS% timeout=10s;
    whatsapp_abuse_zone "zone=the\t\"second\"\\:1m";

    upstream whatsapp {
        server %%CONTROLLER%% max_fails=0;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:8080 reuseport;
        listen 127.0.0.1:8081 http2;

        set_real_ip_from 127.0.0.1;
        real_ip_header X-Real-IP;
        add_header X-Worker $pid always;

        location /whatsapp/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_abuse zone=first;
            whatsapp_abuse_strikes auth invalid count=3 window=60s ban=60s;
            limit_req zone=limit;
        }

        location /page/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
            error_page 401 /401.html;
        }

        location /second {
            whatsapp_abuse "zone=the\t\"second\"\\";
            try_files /index.html =404;
        }

        location / { }

        location = /status { whatsapp_status; }
        location = /all {
            whatsapp_status controller=whatsapp;
            if ($arg_if) { set $if 1; }
        }
        location = /except {
            whatsapp_status controller=whatsapp;
            limit_except POST { allow all; }
        }
        location = /ssi { ssi on; ssi_types *; default_type text/html;
                          alias %%DIR%%/nginx/html/ssi.html; }
    }
}
END
$conf =~ s/%REDIS%/$address/;

$t->write_file('nginx/html/index.html', 'content');
$t->write_file('nginx/html/401.html', 'who are you');
$t->write_file('nginx/html/ssi.html', '<!--# include virtual="/all" -->');
$t->run($conf, workers => 2);


# samples(uri, headers): { sample with its labels => value }, after a check
# that the page is well-formed

sub samples {
    my ($uri, %opt) = @_;
    my $response = $t->get($uri // '/status', token => undef, %opt);
    my (%value, %type, %seen, $last);

    is($response->status, 200, 'the page') if $response->status != 200;

    for my $line (split /\n/, $response->body) {
        if ($line =~ /^# TYPE (\S+) (\S+)$/) {
            die "two families $1\n" if $seen{$1}++;
            $type{$1} = $2;
            $last = $1;
            next;
        }

        next if $line =~ /^# HELP \S+ \w/;

        $line =~ /^(\w+)((?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) ([\d.]+)$/
            or die "not a sample: $line\n";
        my ($name, $labels, $number) = ($1, $2, $3);

        $name =~ /^\Q$last\E(?:_bucket|_sum|_count)?$/
            or die "$name is not of $last\n";
        die "twice: $name$labels\n" if exists $value{"$name$labels"};
        $value{"$name$labels"} = $number;
    }

    return \%value;
}


# the names of samples

sub requests { qq(whatsapp_requests_total{call="$_[0]",result="$_[1]"\}) }

sub errors { qq(whatsapp_errors_total{code="$_[0]"\}) }

sub duration {
    my ($call, $what, $le) = @_;

    return "whatsapp_request_duration_seconds_$what"
        . qq({call="$call") . (defined $le ? qq(,le="$le"}) : '}');
}


# bucket(call, time): the name of the smallest bucket that must hold the calls
# that were begun at this time or later

sub bucket {
    my ($call, $began) = @_;
    my $seconds = time() - $began;
    my ($limit) = grep { $_ >= $seconds } 0.25, 0.5, 1, 2.5, 10, 60;

    return duration($call, 'bucket', $limit // '+Inf');
}


sub redis_up {
    my ($worker, $link) = @_;

    return qq(whatsapp_abuse_redis_up{zone="first",worker="$worker",)
        . qq(connection="$link"\});
}


# counted(rows of name, sample, number): one test each that the sample has this
# number; the page. A request is counted when its client has the answer
# already, perhaps by the other worker: until all are there, the page is asked
# for again.

sub counted {
    my (@rows) = @_;
    my $page;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $page = eval {
        wait_for(sub {
            my $now = samples();

            return (grep { ($now->{ $_->[1] } // -1) < $_->[2] } @rows)
                ? undef : $now;
        }, 60);
    } // samples();

    is($page->{ $_->[1] }, $_->[2], $_->[0]) for @rows;

    return $page;
}


sub ask {
    my ($from, $uri, %opt) = @_;

    return $t->get($uri, %opt, headers => { 'X-Real-IP' => $from,
        Connection => 'close', %{ $opt{headers} // {} } });
}

my $uri = '/whatsapp/v23.0/1000000001';


# listening(): how many sockets have the reuseport of the workers

sub listening {
    my $socket = sprintf '0100007F:%04X 00000000:0000 0A', $t->port(8080);

    open my $fh, '<', '/proc/net/tcp' or die "/proc/net/tcp: $!\n";

    return scalar grep { index($_, $socket) >= 0 } <$fh>;
}


# the links to Redis, of each worker

counted(map { my $worker = $_; map {
    [ "worker $worker, link for $_", redis_up($worker, $_), 1 ] }
    qw(lookups invalidations) } 0, 1);


# the forms of the page

{
    my $page = samples();
    my $response = $t->get('/status');

    is($response->header('Content-Type'),
        'text/plain; version=0.0.4; charset=utf-8', 'the type of the text');
    is($response->header('Content-Length'), length $response->body,
        'and its length');
    is($page->{ errors(190) }, 0, 'an error that never happened is 0');
    is((grep { /^whatsapp_requests_total/ } keys %$page), 0,
        'no call was made yet, and the page is not one');
    ok(!exists $page->{whatsapp_controller_up},
        'the controller is not asked unless told to');

    $response = $t->request('HEAD', '/status');
    is($response->status, 200, 'HEAD');
    is($response->body, '', 'has no body');
    is($t->post('/status', '{}')->status, 405, 'POST is not allowed');
}


# calls and results

{
    my ($page, $began, %workers);

    $began = time();

    for (1 .. 20) {
        my $response = ask('192.0.2.1', "$uri/session");
        $workers{ $response->header('X-Worker') } = 1;
    }

    is(scalar keys %workers, 2, 'both workers answered');
    is($t->send('15550000002', $t->canary('text'))->status, 200, 'a send');
    ask('192.0.2.1', "$uri/session", headers => { 'X-Limit' => 'a' });
    ask('192.0.2.1', "$uri/session", headers => { 'X-Limit' => 'a' });
    ask('192.0.2.1', "$uri/nowhere");
    ask('192.0.2.1', '/whatsapp/healthz');

    $page = counted(
        [ 'successes of one call, of both workers',
            requests('session.get', 'success'), 21 ],
        [ 'and one that was limited', requests('session.get', 'limited'), 1 ],
        [ 'the send', requests('message.send', 'success'), 1 ],
        [ 'a probe', requests('healthz', 'success'), 1 ],
        [ 'no call at all', requests('none', 'refused'), 1 ],
        [ 'the error of the limit', errors(130429), 1 ],
        [ 'the error of the path', errors(100), 1 ],
        [ 'durations', duration('session.get', 'count'), 22 ],
        [ 'the last bucket holds all',
            duration('session.get', 'bucket', '+Inf'), 22 ]);
    is($page->{ bucket('session.get', $began) }, 22,
        'and so does one for calls as fast as these');
}


# a slow call, in the right bucket

{
    my ($before, $page, $connection, $began, $sum);

    $before = $fake->requests;
    $fake->next({ hold => 1 });
    $began = time();

    $connection = $t->connect(8080);
    $connection->write($t->request_bytes('GET', $uri));
    $fake->wait_requests($before + 1);
    sleep 0.6;
    $fake->release;
    is($connection->response->status, 200, 'a slow call');

    $page = counted([ 'is counted',
        duration('phone_number.get', 'bucket', '+Inf'), 1 ]);
    is($page->{ duration('phone_number.get', 'bucket', '0.5') }, 0,
        'it took longer than half a second');
    is($page->{ bucket('phone_number.get', $began) }, 1,
        'and no longer than it did');
    $sum = $page->{ duration('phone_number.get', 'sum') };
    like($sum, qr/^\d+\.\d{3}$/, 'the sum has milliseconds');
    ok($sum > 0.59 && $sum < time() - $began + 0.01, 'and is in seconds')
        or diag($sum);
}


# a client that leaves, and a controller that fails

{
    my ($before, $connection);

    $before = $fake->requests;
    $fake->next({ hold => 1 });

    $connection = $t->connect(8080);
    $connection->write($t->request_bytes('GET', $uri));
    $fake->wait_requests($before + 1);
    $connection->close;
    counted([ 'a client that left is counted',
        requests('phone_number.get', 'aborted'), 1 ]);
    $fake->release;

    $fake->next({ status => 503, body => { error => {
        code => 'session_not_ready', message => 'Not ready',
        outcome => 'not_sent' } } });
    is($t->get($uri)->status, 503, 'a failure of the controller');

    counted([ 'is counted', requests('phone_number.get', 'failed'), 1 ],
        [ 'with its code', errors(131016), 1 ]);
}


# an error page outside the API

{
    is($t->get('/page/1/session', token => 'wrong')->body, 'who are you',
        'an error page');

    counted([ 'the request is still one of the API',
        requests('session.get', 'refused'), 1 ],
        [ 'and so is its error', errors(190), 1 ]);
}


# abuse

{
    my ($page, $zone);

    $zone = 'zone="first"';
    ask('203.0.113.1', "$uri/session", token => 'wrong') for 1 .. 3;
    counted([ 'strikes by cause',
        qq(whatsapp_abuse_strikes_total{$zone,cause="auth"}), 3 ],
        [ 'the ban', qq(whatsapp_abuse_bans_total{$zone}), 1 ]);
    is(ask('203.0.113.1', "$uri/session")->status, 403, 'banned');
    ask('203.0.113.9', '/second');

    $page = counted(
        [ 'a blocked request', requests('session.get', 'blocked'), 1 ],
        [ 'and its error', errors(368), 1 ],
        [ 'its way to Redis',
            qq(whatsapp_abuse_writes_total{$zone,outcome="stored"}), 1 ],
        [ 'a zone with an odd name', 'whatsapp_abuse_verdicts_total{'
            . qq(zone="the\t\\"second\\"\\\\",verdict="passed",cache="hit"}), 1 ]);
    is($page->{qq(whatsapp_abuse_verdicts_total{$zone,verdict="blocked",)
        . 'cache="hit"}'} + $page->{'whatsapp_abuse_verdicts_total{'
        . qq($zone,verdict="blocked",cache="miss"\})}, 1, 'the verdict');
    cmp_ok($page->{qq(whatsapp_abuse_lookups_total{$zone,outcome="clear"})},
        '>=', 2, 'lookups');
    cmp_ok($redis->ttl('v4:203.0.113.1'), '>', 0, 'the ban is in Redis');
    ok(!(grep { /redis_up.*second/ } keys %$page),
        'a zone without Redis has no links');
}


# JSON

{
    my $text = samples();
    my $response = $t->get('/status',
        headers => { Accept => 'text/html;q=0.1, Application/JSON' });
    my (%value, $json);

    is($response->header('Content-Type'), 'application/json',
        'the type of JSON');
    $json = JSON::PP->new->decode($response->body);

    for my $metric (@{ $json->{metrics} }) {
        my $labels = $metric->{labels};

        $value{ $metric->{name} . join ',', map { "$_=$labels->{$_}" }
            sort keys %$labels } = $metric->{value};
    }

    is(scalar keys %value, scalar keys %$text, 'as many samples as the text');
    is($value{'whatsapp_requests_totalcall=message.send,result=success'}, 1,
        'a number with its labels');
    is($value{qq(whatsapp_abuse_bans_totalzone=the\t"second"\\)}, 0,
        'an odd name');
}


# the controller's part

my $metrics = <<'END';
# HELP whatsapp_sends_total Sends that ended, by outcome
# TYPE whatsapp_sends_total counter
whatsapp_sends_total{session="1000000001",outcome="sent"} 7
END

{
    my ($page, $response, $seconds, $before, $timeouts);

    $fake->next({ body => $metrics });
    $page = samples('/all');
    is($page->{whatsapp_controller_up}, 1, 'the controller is up');
    is($page->{'whatsapp_sends_total{session="1000000001",outcome="sent"}'},
        7, 'its part');
    is($page->{ requests('message.send', 'success') }, 1, 'and ours');

    $fake->next({ body => $metrics });
    is(samples('/all?if=1')->{whatsapp_controller_up}, 1, 'inside of an if');

    $fake->next({ body => $metrics });
    is(samples('/except')->{whatsapp_controller_up}, 1,
        'inside of a limit_except');

    $fake->next({ body => $metrics, piece => 7 });
    is(samples('/all')->{whatsapp_controller_up}, 1, 'in pieces');

    $fake->next({ body => $metrics });
    $response = $t->get('/all', headers => { Accept => 'application/json' });
    is((grep { $_->{name} eq 'whatsapp_sends_total' && $_->{value} == 7 }
        @{ $response->json->{metrics} }), 1, 'as JSON');

    # what is escaped in the text, what is not, and what is no sample
    $fake->next({ body => join '', map { "$_\n" }
        'odd{a="\"\\\\\\n' . "\t" . '",b="} 1"} 2.5', 'plain 3',
        'none{} 4', 'nan NaN', 'spaced 5 6', 'open{a="b} 7', '{a="b"} 8', 'quote" 9',
        'half{a=b} 10', 'many{' . join(',', map { qq(l$_="v") } 1 .. 9)
            . '} 11' });
    $response = $t->get('/all', headers => { Accept => 'application/json' });
    is_deeply([ grep { $_->{name} !~ /^whatsapp_/ }
        @{ $response->json->{metrics} } ],
        [ { name => 'odd', labels => { a => "\"\\\n\t", b => '} 1' },
            value => 2.5 }, { name => 'plain', labels => {}, value => 3 },
            { name => 'none', labels => {}, value => 4 } ],
        'samples of the controller are converted one by one');

    $fake->next({ body => $metrics });
    is($t->request('HEAD', '/all')->status, 200, 'HEAD');

    $fake->next({ body => $metrics });
    like($t->get('/ssi')->body, qr/whatsapp_sends_total\{.*\} 7\n/,
        'inside of another page');

    my ($status, $output) = $t->command([ 'nghttp',
        'http://127.0.0.1:' . $t->port(8081) . '/all' ]);
    like($output, qr/whatsapp_controller_up 1/, 'by HTTP/2');
    is(scalar(grep { $_->{path} eq '/metrics' } $fake->requests), 9,
        'one question for each page');

    for my $fault ({ close => 'request' }, { status => 500, body => 'oops' },
        { raw => "nonsense\r\n\r\n", close => 'answer' },
        { status => 401, body => { error => { code => 'unauthorized',
            message => 'No', outcome => 'not_sent' } } },
        { raw => "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort\n",
            close => 'answer' },
        { raw => "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" })
    {
        $fake->next($fault);
        $page = samples('/all');
        is($page->{whatsapp_controller_up}, 0, 'a controller that fails: '
            . substr JSON::PP->new->canonical->encode($fault), 0, 60);
        is($page->{ requests('message.send', 'success') }, 1,
            'and our part is there');
    }

    $timeouts = lines($t, qr/upstream timed out/);
    $fake->next({ hold => 1 });
    ($page, $seconds) = timed(sub { samples('/all') });
    is($page->{whatsapp_controller_up}, 0, 'one that hangs');
    is(lines($t, qr/upstream timed out/), ++$timeouts, 'is given up');
    cmp_ok($seconds, '<', 10, 'and does not hold the page up');

    # a client that does not wait for it
    $before = $fake->requests;
    $fake->next({ hold => 1 });
    my $connection = $t->connect(8080);
    $connection->write($t->request_bytes('GET', '/all'));
    $fake->wait_requests($before + 1);
    $connection->reset;

    $fake->process->stop('KILL', 5);
    is(samples('/all')->{whatsapp_controller_up}, 0, 'one that is away');
    is(lines($t, qr/upstream timed out/), $timeouts,
        'is noticed without a timeout');
    $fake->restart;
}


# a reload keeps the counters, and so does one that changes the configuration

{
    my $before = samples();

    $t->reload;
    is_deeply({ counters(samples()) }, { counters($before) },
        'a reload keeps the counters');

    $conf =~ s/limit_req zone=limit;//;
    $t->conf($conf, workers => 1);
    $t->reload;
    # a connection that waits at the socket of a worker that ends is lost
    wait_for(sub { listening() == 1 }, 60, 'one worker to listen');
    is_deeply({ counters(samples()) }, { counters($before) },
        'also with another configuration');
}

sub counters {
    my ($page) = @_;

    return map { $_ => $page->{$_} }
        grep { /^whatsapp_(?:requests|request_duration|errors)/
            || /^whatsapp_abuse_(?:verdicts|strikes|bans)/ } keys %$page;
}


# nothing personal

{
    my $body = $t->get('/status')->body;

    unlike($body, qr/203\.0\.113|192\.0\.2|127\.0\.0\.1/, 'no address');
    unlike($body, qr/555/, 'no number');
    unlike($body, qr/canary|1000000001/, 'no text, token or path');
}


# the real controller

{
    my $controller;

    $fake->process->stop('KILL', 5);
    $controller = $t->controller(
        chromium => $t->stage('chrome', "$FindBin::Bin/fake/chrome"),
        web_url => 'http://127.0.0.1:1/web/');
    $controller->wait_ready(60);

    is($t->send('15550000002', $t->canary('text'))->status, 200,
        'a send through the controller');

    $controller->request('POST', "/v1/sessions/$session/call",
        body => { method => 'contacts.check', params => {} }) for 1, 2;

    my $page = samples('/all');
    my $id = 'session="1000000001"';
    my @errors = grep { /^whatsapp_call_errors_total/ } keys %$page;

    is(join(' ', map { "$_ $page->{$_}" } @errors),
        "whatsapp_call_errors_total{$id,call=\"contacts.check\","
        . 'error="invalid_parameter"} 2', 'calls that failed, by error');

    is($page->{whatsapp_controller_up}, 1, 'the real controller');
    is($page->{qq(whatsapp_session_state{$id,state="ready"})}, 1,
        'its session is ready');
    is($page->{qq(whatsapp_session_state{$id,state="qr"})}, 0,
        'and in no other state');
    is($page->{qq(whatsapp_sends_total{$id,outcome="sent"})}, 1, 'sent');
    is($page->{qq(whatsapp_sends_total{$id,outcome="unknown"})}, 0,
        'nothing is unknown');
    is($page->{qq(whatsapp_queue_length{$id,lane="sends"})}, 0,
        'nothing waits');
    is($page->{whatsapp_idempotency_entries}, 1, 'one key is remembered');
    is($page->{whatsapp_idempotency_evicted_total}, 0,
       'no finished send was forgotten');
    is($page->{whatsapp_pair_evicted_total}, 0, 'no pair was forgotten');
    is($page->{whatsapp_media_max_bytes}, 268435456, 'room for media');
    cmp_ok($page->{whatsapp_controller_memory_bytes}, '>', 1e6, 'memory');
    is($controller->request('POST', '/metrics', body => '{}')->status, 405,
        'POST is not allowed there');
}


# configurations that are refused

$t->allow_alert(qr/\[emerg\].*(?:whatsapp_status|whatsapp_pass|invalid parameter)/);

for my $case (
    [ 'whatsapp_status; whatsapp_status;', qr/is duplicate/ ],
    [ 'whatsapp_status on;', qr/invalid parameter "on"/ ],
    [ 'whatsapp_status controller=;', qr/invalid parameter "controller="/ ],
    [ 'whatsapp_status controller=127.0.0.1:1;',
        qr/is not a unix socket and needs "whatsapp_secret_file"/ ],
    [ 'whatsapp_status; whatsapp_pass unix:/x; whatsapp_auth off;',
        qr/"whatsapp_pass" directive stands beside another content handler/ ],
    [ 'whatsapp_pass unix:/x; whatsapp_auth off; whatsapp_status;',
        qr/"whatsapp_status" directive stands beside another content handler/
    ])
{
    my ($lines, $error) = @$case;
    my ($status, $output) = $t->nginx_t("%%GLOBALS%%\nevents { }\nhttp {\n"
        . "%%GLOBALS_HTTP%%\nserver { location /x { $lines } } }\n");

    isnt($status, 0, $lines);
    like($output, $error, 'and the reason');
}

$t->done;
