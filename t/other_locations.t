#!/usr/bin/perl

# Where our locations meet others: tokens that must not be logged through
# them, arguments that are not ours to mask, bans that hold for each part of a
# page, and calls that redirects lead elsewhere.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::RedisServer qw(lines);

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
my $messages = "$version/$session/messages";
my $redis = $t->redis;
my $leak = $t->canary('token');

$t->write_file('nginx/html/ok.html', "own page\n");
$t->write_file('nginx/html/page.shtml', '<!--#include virtual="/part1" -->'
    . '<!--#include virtual="/part2" -->');
$t->write_file('nginx/html/part1', 'first part');
$t->write_file('nginx/html/part2', 'second part');

$t->run(<<"END");
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    whatsapp_abuse_zone zone=abuse:1m redis=unix:%%DIR%%/tmp/redis.sock
                        timeout=10s;

    server {
        listen 127.0.0.1:8080;
        server_name api.example.com;

        location = /ok.html { }

        location /small/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            client_max_body_size 10;
            error_page 413 /ok.html;
            error_log %%DIR%%/nginx/error.log crit;
        }

        location /open/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
        }

        location /big/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
            error_page 502 /open/readyz;
        }

        location /again/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
            error_page 503 = /open/readyz;
        }

        location /failing/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
            error_page 502 503 = \@second;
        }

        location \@second {
            rewrite ^/failing(/.*)\$ /open\$1 last;
        }

        location /mirrored/ {
            mirror /copy;
            client_body_buffer_size 1k;
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
        }

        location = /copy {
            internal;
            proxy_pass http://%%CONTROLLER%%:/copy;
        }

        location /inner/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;

            if (\$arg_a) {
                set \$inner 1;
            }

            limit_except GET {
                deny all;
            }
        }

        location /guarded/ {
            auth_request /open/healthz;
            proxy_pass http://127.0.0.1:8081/;
        }

        location /unbuffered/ {
            proxy_pass http://127.0.0.1:8084;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            error_page 502 = \@open;
        }

        location \@open {
            rewrite ^/unbuffered/(.*) /open/\$1 last;
        }

        location /closed/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
        }

        location /behind/ {
            auth_request /closed/v1.0/1/groups;
            proxy_pass http://127.0.0.1:8081/;
        }

        location = /page.shtml {
            ssi on;
            default_type text/html;
        }

        location = /part1 {
            whatsapp_abuse zone=abuse;
        }

        location = /part2 {
            whatsapp_abuse zone=abuse;
        }
    }

    server {
        listen 127.0.0.1:8081;
        access_log off;

        location / {
            return 200 "\$args \$arg_access_token";
        }
    }
}
END

# a token of a request that is too large, answered by another location's page

{
    my $response = $t->post("/small/$messages?access_token=$leak",
        'x' x 100, token => undef);

    is($response->status, 413, 'too large, with the operator\'s own page');
    like($response->body, qr/own page/, 'that page');
    unlike($t->access_log, qr/\Q$leak\E/, 'its token is not in the log');
}

# a page that was opened with the token in its address

$t->post("/open/$messages", '{', token => undef,
    headers => { Referer => "http://x/?access_token=$leak" });
unlike($t->access_log, qr/\Q$leak\E/, 'nor that of a Referer');

# the arguments of a location that only asks us for permission

is($t->get('/guarded/?access_token=theirs', token => undef)->body,
    'access_token=theirs theirs', 'a foreign location keeps its arguments');

# each part of a page that a banned client asks for

wait_for(sub { lines($t, qr/link for \w+ is up/) == 2 }, 60, 'the links');
is($t->get('/page.shtml', token => undef)->body, 'first partsecond part',
    'a page of two guarded parts');
$redis->command('SET', 'wa:abuse:v4:127.0.0.1', 1, 'EX', 600);
wait_for(sub { $t->get('/part1', token => undef)->status == 403 }, 25,
    'the ban');
unlike($t->get('/page.shtml', token => undef)->body, qr/(?:first|second) part/,
    'the second part is as closed as the first');
$redis->command('DEL', 'wa:abuse:v4:127.0.0.1');

# the call of a send does not go to where its error page is

{
    my $text = $t->canary('text');
    my @requests;

    $fake->forget;
    $fake->next({ close => 'request' });
    $t->post("/big/$messages", text_message('15550000002', $text),
        token => undef);
    @requests = $fake->requests;
    is(scalar(grep { ($_->{body} // '') =~ /\Q$text\E/ } @requests), 1,
        'a send that failed is handed to the controller once');
    is(scalar(grep { $_->{path} eq '/readyz' && $_->{method} ne 'GET' }
        @requests), 0, 'and its error page is asked for by GET');
}

# nor to another location of ours, which could send it anew

{
    my $text = $t->canary('text');

    $fake->forget;
    $fake->next({ close => 'request' });
    graph_error($t->post("/failing/$messages",
        text_message('15550000002', $text), token => undef), 500, 131000,
        'a send that was passed on is not passed on again',
        outcome => 'unknown');
    $fake->next({ status => 503, body => { error => {
        code => 'session_not_ready', message => 'Not now.',
        outcome => 'not_sent' } } });
    graph_error($t->post("/failing/$messages",
        text_message('15550000002', $text), token => undef), 503, 131016,
        'the error of the controller stays what it is',
        outcome => 'not_sent');
    is(scalar $fake->requests, 2, 'each was handed to the controller once');
}

# an answer that was read to its end does not spoil that of the error page

$fake->next({ status => 503, body => { error => { code => 'session_not_ready',
    message => 'Not now.', outcome => 'not_sent' } } });
is($t->get("/again/$version/$session", token => undef)->body,
    '{"status":"ready"}', 'an error page that is another call');

# nor does what is left of a file, which could pass for a request

{
    my $evil = "GET /v1/sessions/$session/evil HTTP/1.1\r\nHost: x\r\n\r\n";
    my $connection = $t->connect;

    $fake->forget;
    $fake->next({ close => 'head' }, { hold => 1 });
    $connection->write("POST /big/$version/$session/media HTTP/1.1\r\n"
        . "Host: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        . 'Content-Length: ' . 100 * length($evil) . "\r\n\r\n$evil");
    $fake->wait_requests(2);
    $connection->write($evil) for 2 .. 50;
    $t->get('/open/healthz', token => undef);
    $fake->release;
    is($connection->response->status, 503, 'the error page of a file');
    is_deeply([ map { $_->{path} } $fake->requests ],
        [ "/v1/sessions/$session/media", '/readyz', '/healthz' ],
        'and nothing of the file behind it');
}

# what stands inside a location is still that location

is($t->get("/inner/$version/$session$_", token => undef)->status, 200,
    "inside \"if\": $_") for '?a=1', '';
graph_error($t->get("/inner/$version/none?a=1", token => undef), 404, 100,
    'refused inside "if"');
graph_error($t->post("/inner/$messages", '{}', token => undef), 403, 10,
    'refused by "limit_except"');

# another module has read the body before us

{
    my $body = encode(text_message('15550000002', $t->canary('text')));
    my $large = encode(text_message('15550000002',
        $t->canary('text') . ' ' x 20000));
    my $form = "--x\r\nContent-Disposition: form-data; name=\"file\"; "
        . "filename=\"a\"\r\n\r\n" . $t->canary('text') . ' ' x 20000
        . "\r\n--x--\r\n";

    $fake->forget;
    is($t->post("/mirrored/$messages", $body, token => undef)->status, 200,
        'a mirrored send');
    is_deeply([ sort map { $_->{path} . ($_->{path} eq '/copy'
        && $_->{body} ne $body ? ' without its body' : '') }
        $fake->wait_requests(2) ],
        [ '/copy', "/v1/sessions/$session/call" ], 'and its copy');

    # what is in a file by then is not hidden by an answer like any other
    $fake->forget;
    graph_error($t->post("/mirrored/$messages", $large, token => undef), 500,
        131000, 'a mirrored send that nginx wrote to the disk');
    graph_error($t->post("/mirrored/$version/$session/media", $form,
        token => undef, headers => {
            'Content-Type' => 'multipart/form-data; boundary=x' }), 500,
        131000, 'a mirrored file that nginx wrote to the disk');
    is(scalar(grep { $_->{path} ne '/copy' } $fake->requests), 0,
        'neither goes further');
    like($t->error_log, qr/was buffered to a temporary file/, 'it is told');
}

# what the controller says is cut between characters

{
    my $body;

    $fake->next({ status => 400, body => { error => {
        code => 'invalid_parameter', outcome => 'not_sent',
        message => ('a' x 399) . "\x{e9}\x{e9}" } } });
    $body = $t->post("/open/$messages", text_message('15550000002', 'x'),
        token => undef)->body;
    ok(eval { JSON::PP->new->utf8->decode($body) },
        'a long message of the controller stays UTF-8')
        or diag($body);
}

# a location that asks ours who may come in passes on what it says

{
    my $response = $t->get('/behind/', token => undef);

    is($response->status, 401, 'auth_request with our location');
    is($response->header('WWW-Authenticate'), 'Bearer',
        'the client learns what is missing');
}

# the prefix without its slash, as with proxy_pass

{
    my $response = $t->get('/open?a=b');

    is($response->status, 301, 'a prefix without its slash');
    like($response->header('Location'), qr{/open/\?a=b$}, 'is led to it');
}

# what the controller says stays in one line of the log

{
    $fake->next({ status => 400, body => encode({ error => {
        code => 'invalid_parameter', outcome => 'not_sent',
        message => "one\r\n2026/01/01 00:00:00 [notice] 1#1: forged" } }) });

    my $response = $t->post("/open/$messages",
        text_message('15550000002', $t->canary('text')));

    graph_error($response, 400, 131009, 'a message of two lines',
        details => qr/one\r\n2026/);
    unlike($t->error_log, qr/^2026\/01\/01 /m, 'is one line in the log');
    like($t->error_log, qr/one  2026/, 'with blanks in between');
}

# a request without the header Host, as with HTTP/3, still gets URLs

{
    my $connection = $t->connect;
    my $call;

    $fake->forget;
    $connection->write("GET /open/v23.0/1/phone_numbers?limit=1 HTTP/1.0\r\n\r\n");
    is($connection->response->status, 200, 'no Host');
    $call = decode_json(($fake->requests)[0]{body});
    like($call->{params}{url}, qr{^http://api\.example\.com/open/v23},
        'a URL with the name of the server');
}

# a body that another location has begun to read is taken once

{
    my $message = text_message('15550000002', $t->canary('text'));
    my $body = encode({ %$message, padding => 'x' x 20_000 });
    my $connection = $t->connect;
    my $text = $message->{text}{body};
    my $response;

    $fake->forget;
    $connection->write("POST /unbuffered/$messages HTTP/1.1\r\n"
        . "Host: localhost\r\nContent-Length: " . length($body)
        . "\r\n\r\n");

    for my $piece (unpack '(a1500)*', $body) {
        $connection->write($piece);
        select undef, undef, undef, 0.02;
    }

    $response = $connection->response;
    is($response->status, 200, 'an unbuffered body after a redirect')
        or diag($response->head_and_body);
    is(scalar $fake->requests, 1, 'is one call');
    like(($fake->requests)[0]{body}, qr/\Q$text\E/, 'with the message');
}

$t->done();
