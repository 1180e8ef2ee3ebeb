#!/usr/bin/perl

# The stream of events through nginx: what is passed to the controller, that
# each byte comes at once whatever the protocol and the filters, and how a
# stream ends.  t/events.t has the whole way.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Stream;
use Time::HiRes qw(sleep time);

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
my $hello = "retry: 2000\n\n";

$t->run(<<'EOF');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    limit_conn_zone $binary_remote_addr zone=conn:1m;
    log_format calls '$status $whatsapp_call $request_method';
    access_log %%DIR%%/nginx/calls.log calls;

    upstream whatsapp {
        server %%CONTROLLER%% max_fails=0;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:8080;
        listen 127.0.0.1:8081 http2;

        location /whatsapp/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
        }

        location /short/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_read_timeout 1s;
        }

        location /filters/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
            gzip on;
            gzip_types *;
            gzip_min_length 0;
            sub_filter_types *;
            sub_filter nothing something;
            addition_types *;
            charset utf-8;
            charset_types *;
            postpone_output 4000;
        }

        location /limited/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
            limit_conn conn 2;
        }

        location /status {
            whatsapp_status;
        }
    }
}
EOF

my $token = $t->token;


sub opened {
    my ($location, $query, %opt) = @_;

    return Test::Whatsapp::Stream->open($t->port(8080),
        "/$location/$session/events$query", %opt,
        headers => { Authorization => "Bearer $token",
            %{ $opt{headers} // {} } });
}


# requests(): those for streams

sub requests { grep { $_->{path} =~ /events/ } $fake->requests }


sub left { scalar grep { $_->{left} } requests() }


# what nginx passes on

{
    my ($stream, $request);

    $fake->always({ stream => $hello });
    $stream = opened('whatsapp', '?types=messages%2Cechoes&x=1',
        headers => { 'Last-Event-ID' => '0123abcd-17', Cookie => 'a=b' });
    ($request) = requests();

    is($request->{path}, "/v1/sessions/$session/events?types=messages,echoes",
        'the types are passed on, and nothing else');
    is($request->{headers}{'last-event-id'}, '0123abcd-17',
        'the last id as well');
    is($request->{headers}{'idempotency-scope'}, sha256_hex($token),
        'the digest of the token');
    ok(!exists $request->{headers}{cookie}, 'no other header');

    is($stream->status, 200, 'status');
    is($stream->header('Content-Type'), 'text/event-stream', 'type');
    is($stream->header('Cache-Control'), 'private, no-store', 'no cache');
    is($stream->header('X-Accel-Buffering'), 'no', 'no buffer of a proxy');
    is($stream->header('Content-Length'), undef, 'no length');
    is($stream->header('Set-Cookie'), undef,
        'no other header of the controller');
    is($stream->header('Transfer-Encoding'), 'chunked', 'chunks');
    is($stream->next->{retry}, 2000, 'the first bytes');

    $fake->stream("id: a-1\ndata: {}\n\n");
    is_deeply($stream->event, { id => 'a-1', data => '{}' }, 'an event');

    for my $n (1 .. 20) {
        my $start = time;

        $fake->stream("id: a-$n\ndata: {}\n\n");
        is($stream->event->{id}, "a-$n", "event $n comes")
            or diag(time - $start);
    }

    # a long one in pieces: nothing waits for the rest of it
    $fake->stream('data: ' . 'x' x 50000);
    wait_for(sub { $stream->waiting; length $stream->text == 50006 }, 60,
        'the half of an event');
    $fake->stream("y\n\n");
    is(length $stream->event->{data}, 50001, 'a long event');

    $fake->end_streams;
    ok($stream->ended(60) && $stream->complete,
        'the end of the controller\'s answer is that of the stream');
}


# the id of the last event

for my $case (
    [ 'no header', {}, '', undef ],
    [ 'an argument', {}, '?last_event_id=ab-5', 'ab-5' ],
    [ 'both', { 'Last-Event-ID' => 'ab-6' }, '?last_event_id=ab-5', 'ab-6' ],
    [ 'an empty header', { 'Last-Event-ID' => '' }, '', undef ],
    [ 'what is none', { 'Last-Event-ID' => 'a b' }, '', 'unknown' ],
    [ 'a line break', {}, '?last_event_id=a%0d%0aX:%20y', 'unknown' ],
    [ 'a long one', { 'Last-Event-ID' => 'a' x 65 }, '', 'unknown' ],
    )
{
    my ($name, $headers, $query, $passed) = @$case;

    $fake->forget;
    $fake->always({ stream => $hello });
    opened('whatsapp', $query, headers => $headers)->close;
    is((requests())[0]{headers}{'last-event-id'}, $passed,
        "the last id: $name");
}


# refusals do not reach the controller

$fake->forget;
$fake->always({ stream => $hello });

for my $types ('x', 'messages,', ',messages', 'Messages', 'messages+statuses',
    'messages,x', '%00', 'a' x 3000)
{
    my $response = $t->get("/whatsapp/$session/events?types=$types");

    is($response->status, 400, 'types ' . substr($types, 0, 20));
    is($response->error->{code}, 131009, 'is not valid');
}

is($t->get("/whatsapp/$session/events", token => undef)->status, 401,
    'no token');
is($t->get('/whatsapp/events')->status, 404, 'no session');
is($t->request('POST', "/whatsapp/$session/events")->status, 405, 'POST');
is(scalar requests(), 0, 'none of them reached the controller');


# the controller's errors

$fake->next({ status => 404, body => { error => { code => 'unknown_session',
    message => 'There is no such session', outcome => 'not_sent' } } });
is($t->get("/whatsapp/$session/events")->error->{code}, 100,
    'an unknown session');

$fake->next({ status => 429, body => { error => { code => 'queue_full',
    message => 'Too many', outcome => 'not_sent', retry_after_ms => 1000 } } });

{
    my $response = $t->get("/whatsapp/$session/events");

    is($response->status, 429, 'too many streams');
    is($response->error->{code}, 130429, 'as a rate limit');
    is($response->header('Retry-After'), 1, 'with Retry-After');
}

# an answer without a length that is no stream of events is still refused

$fake->next({ raw => "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    . "\r\n{}", close => 'answer' });
is($t->get("/whatsapp/$session")->status, 503, 'no length elsewhere');
$t->allow_alert(qr/whatsapp controller sent invalid header/);


# protocols

{
    my $stream = opened('whatsapp', '', version => '1.0');

    is($stream->header('Transfer-Encoding'), undef, 'HTTP/1.0: no chunks');
    $fake->stream("id: a-1\ndata: {}\n\n");
    is($stream->event->{id}, 'a-1', 'HTTP/1.0: an event');
    $fake->end_streams;
    ok($stream->ended(60), 'HTTP/1.0: the end');
}

{
    my $out = $t->dir . '/client/h2';
    my $curl = $t->spawn('curl', [ 'curl', '-sN', '--http2-prior-knowledge',
        '-H', "Authorization: Bearer $token", '-o', $out, '-D', "$out.head",
        'http://127.0.0.1:' . $t->port(8081) . "/whatsapp/$session/events" ]);

    wait_for(sub { $t->read_file('client/h2') eq $hello }, 60,
        'the first bytes over HTTP/2');
    like($t->read_file('client/h2.head'), qr/^HTTP\/2 200/, 'HTTP/2');
    $fake->stream("id: a-1\ndata: {}\n\n");
    wait_for(sub { $t->read_file('client/h2') =~ /id: a-1\ndata: \{\}\n\n$/ },
        20, 'an event over HTTP/2');
    pass('HTTP/2: an event');
    $fake->end_streams;
    wait_for(sub { !$curl->running }, 60, 'the end over HTTP/2');
    is($curl->status, 0, 'HTTP/2: the end');
}

{
    my $before = left();
    my $response = $t->request('HEAD', "/whatsapp/$session/events");

    is($response->status, 200, 'HEAD');
    is($response->header('Content-Type'), 'text/event-stream', 'its type');
    wait_for(sub { left() > $before }, 60, 'the stream of the HEAD to end');
    pass('HEAD leaves no stream');
}


# filters

{
    my $stream = opened('filters', '',
        headers => { 'Accept-Encoding' => 'gzip' });

    is($stream->header('Content-Encoding'), undef, 'no gzip');
    is($stream->next->{retry}, 2000, 'filters: the first bytes');
    $fake->stream("id: a-1\ndata: {}\n\n");
    is($stream->event->{id}, 'a-1', 'filters: an event');
    $fake->end_streams;
    $stream->ended(60);
}


# clients that leave

for my $way (qw(close reset)) {
    my ($stream, $before);

    $before = left();
    $stream = opened('whatsapp', '');
    $stream->next;
    $stream->$way;
    wait_for(sub { left() == $before + 1 }, 60,
        "$way: the controller to be told");
    pass("$way: the controller is told at once");
}


# the limit of connections

{
    my @streams = map { opened('limited', '') } 1 .. 2;
    my $third = opened('limited', '');

    is($third->status, 429, 'limit_conn counts streams');
    $fake->end_streams;
    $_->ended(60) for @streams;
    is(opened('limited', '')->status, 200, 'until they end');
    $fake->end_streams;
}


# a controller that says nothing

{
    my $stream = opened('short', '');

    ok($stream->ended(60), 'whatsapp_read_timeout ends a silent stream');
    ok(!$stream->complete, 'which is no proper end');
}


# each stream is counted once, as a success, whoever ends it

{
    my $count = () = $t->read_file('nginx/calls.log')
        =~ /^200 event\.stream /mg;
    my $page = $t->get('/status')->body;

    cmp_ok($count, '>', 10, 'streams are in the log');
    like($page, qr/^whatsapp_requests_total
        \{call="event\.stream",result="success"\}\ $count$/mx, 'and counted');
    unlike($page, qr/call="event\.stream",result="aborted"\} [1-9]/,
        'none as aborted');
}


# reloads: a stream ends between two events, at the next sign of life

{
    my ($stream, $new, @old);

    $fake->end_streams;
    $stream = opened('whatsapp', '');
    $stream->next;
    @old = $t->workers;
    $t->reload;

    sleep 0.3;
    ok(!$stream->ended(0.1), 'a reload: the stream goes on');
    $new = opened('whatsapp', '');
    $new->next;

    $fake->stream("id: a-1\nda");
    ok(!$stream->ended(0.3), 'and is not cut within an event');
    $fake->stream("ta: {}\n\n");
    is($stream->event->{id}, 'a-1', 'the event is told');
    ok($stream->ended(60) && $stream->complete, 'then the stream ends');
    wait_for(sub { !grep { kill 0, $_ } @old }, 10, 'the old worker to exit');

    is($new->event->{id}, 'a-1', 'a stream of the new worker gets it too');
    ok(!$new->ended(0.3), 'and goes on');

    $t->nginx->signal('QUIT');
    wait_for(sub { !$t->workers }, 60, 'the worker to shut down');
    $fake->stream(": \n\n");
    ok($new->ended(60) && $new->complete, 'QUIT ends streams alike');
    wait_for(sub { !$t->nginx->running }, 60, 'nginx to exit');
}

$t->run($t->read_file('nginx/nginx.conf'));

{
    my $stream = opened('whatsapp', '');

    $stream->next;
    $t->nginx->signal('TERM');
    ok($stream->ended(60), 'TERM ends streams at once');
    wait_for(sub { !$t->nginx->running }, 60, 'nginx to exit');
}


# one line and one count for each stream

{
    my $log = $t->read_file('nginx/calls.log');

    like($log, qr/^200 event\.stream GET$/m, '$whatsapp_call');
    like($log, qr/^200 event\.stream HEAD$/m, 'of a HEAD');
    like($log, qr/^400 event\.stream GET$/m, 'of a refusal');
}

$t->done();
