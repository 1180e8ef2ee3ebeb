#!/usr/bin/perl

# Bodies in every form in which they arrive; none of them touches the disk.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

# a buffer that is smaller than the bodies tempts nginx to write a file
$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    client_body_buffer_size 1k;

    log_format body '$request_body';
    access_log %%DIR%%/nginx/body.log body;

    server {
        listen 127.0.0.1:8080;
        listen 127.0.0.1:8081 http2;

        whatsapp_tokens %%TOKENS%%;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_json_max_size 32k;
        }

        location /small/ {
            whatsapp_pass %%CONTROLLER%%;
            client_max_body_size 1k;
        }

        location /slow/ {
            whatsapp_pass %%CONTROLLER%%;
            client_body_timeout 1s;
        }

        location /default/ {
            whatsapp_pass %%CONTROLLER%%;
        }
    }
}
END

my $uri = "/whatsapp/$version/$session/messages";
my $text = $t->canary('text') . ' ' . "\x{20ac}" x 4000;
my $body = encode(text_message('15550000002', $text));
my $limit = 32 * 1024;


# padded(size): a valid body of exactly so many bytes

sub padded {
    my ($size) = @_;

    return substr($body, 0, -1) . ' ' x ($size - length $body) . '}';
}


sub chunked {
    my ($bytes, $size) = @_;

    return join('', map { sprintf("%x\r\n", length) . "$_\r\n" }
        unpack "(a$size)*", $bytes) . "0\r\n\r\n";
}


sub head {
    my (@lines) = @_;

    return join("\r\n", "POST $uri HTTP/1.1", 'Host: localhost',
        'Authorization: Bearer ' . $t->token, @lines) . "\r\n\r\n";
}


# arrives(name, pieces): the pieces are written one after the other, each when
# nginx took the one before

sub arrives {
    my ($name, @pieces) = @_;
    my ($connection, $response, $request);

    $fake->forget;
    $connection = $t->connect;
    $connection->write($_) for @pieces;
    $response = $connection->response;
    ($request) = $fake->requests;

    is($response && $response->status, 200, $name)
        or diag($response && $response->body);
    is(JSON::PP->new->utf8->decode($request->{body} // '{}')
        ->{params}{text}{body}, $text, "$name, unchanged");
}


my $length = 'Content-Length: ' . length $body;
my $te = 'Transfer-Encoding: chunked';

arrives('Content-Length', head($length) . $body);
arrives('head and body apart', head($length), $body);
arrives('byte by byte', head($length), split //, $body);
arrives('chunked', head($te) . chunked($body, 1000));
arrives('chunked in one chunk', head($te), chunked($body, 100000));
arrives('chunked in chunks of one byte', head($te) . chunked($body, 1));
arrives('chunked and byte by byte', head($te),
    split //, chunked($body, 700));
arrives('exactly the limit',
    head("Content-Length: $limit") . padded($limit));
arrives('chunked and exactly the limit',
    head($te) . chunked(padded($limit), 999));
arrives('chunk extensions and trailers', head($te)
    . sprintf("%x;a=b\r\n", length $body) . "$body\r\n0\r\nA: b\r\n\r\n");

# Expect

{
    my $connection = $t->connect;
    my $response;

    $connection->write(head($length, 'Expect: 100-continue'));
    $response = $connection->response(interim => 1);
    is($response->status, 100, 'Expect: 100-continue is answered');
    $connection->write($body);
    is($connection->response->status, 200, 'and the body taken');
}

{
    my $connection = $t->connect;
    my $response;

    $connection->write(head('Content-Length: ' . ($limit + 1),
        'Expect: 100-continue'));
    $response = $connection->response(interim => 1);
    graph_error($response, 413, 100,
        'a body over the limit is not asked for');
}

# HTTP/2

{
    my ($status, $output) = $t->command(['curl', '-sS', '-m', '20',
        '--http2-prior-knowledge', '-w', '\n%{http_version} %{http_code}',
        '-H', 'Authorization: Bearer ' . $t->token, '--data-binary', '@-',
        'http://127.0.0.1:' . $t->port(8081) . $uri], $body);

    like($output, qr/^2 200$/m, 'HTTP/2 with Content-Length');

    ($status, $output) = $t->command(['curl', '-sS', '-m', '20',
        '--http2-prior-knowledge', '-w', '\n%{http_version} %{http_code}',
        '-H', 'Authorization: Bearer ' . $t->token, '-X', 'POST', '-T', '-',
        'http://127.0.0.1:' . $t->port(8081) . $uri], $body);
    like($output, qr/^2 200$/m, 'HTTP/2 without Content-Length');

    ($status, $output) = $t->command(['nghttp', '-v', '-t',
        '20', '--no-content-length', '-H',
        'authorization: Bearer ' . $t->token, '-d',
        $t->dir . '/client/stdin',
        'http://127.0.0.1:' . $t->port(8081) . $uri], padded($limit + 1));
    like($output, qr/:status: 413$/m,
        'HTTP/2 without Content-Length, too big');
    like($output, qr/"code":\s*100\b/, 'HTTP/2, too big: a Graph error');
}

# over the limit

$fake->forget;

graph_error($t->post($uri, padded($limit + 1)), 413, 100,
    'one byte over the limit by Content-Length');

{
    my $connection = $t->connect;

    $connection->write(head($te) . chunked(padded($limit + 1), 1000));
    graph_error($connection->response, 413, 100,
        'one byte over the limit, chunked');
}

{
    my $connection = $t->connect;

    # refused at the head, not after a gigabyte
    $connection->write(head('Content-Length: 1073741824'));
    graph_error($connection->response(timeout => 20), 413, 100,
        'a huge Content-Length is refused at once');
}

graph_error($t->post("/small/$version/$session/messages", $body), 413, 100,
    'over client_max_body_size');
is($t->post("/default/$version/$session/messages", $body)->status, 200,
    'the default limit takes the longest text');
graph_error($t->post("/default/$version/$session/messages",
    padded(200 * 1024)), 413, 100, 'the default limit has an end');

# slow, truncated and broken

{
    my $connection = $t->connect;

    $connection->write(head($length) =~ s{ /whatsapp/}{ /slow/}r
        . substr $body, 0, 100);
    graph_error($connection->response, 408, 100,
        'a body that stops is answered after client_body_timeout');
    ok($connection->closed(30), 'and the connection closed');
}

for my $bad ('zz', '-5', 'fffffffffffffffff', '5 5') {
    my $connection = $t->connect;

    $connection->write(head($te) . "$bad\r\n$body\r\n0\r\n\r\n");
    graph_error($connection->response, 400, 100,
        "a bad chunk size: $bad");
}

for my $lines ([$length, $te], ['Content-Length: x'], ['Content-Length: -1'],
    ['Transfer-Encoding: gzip'])
{
    my $connection = $t->connect;
    my $response;

    # refused by nginx, in part before the location is known
    $connection->write(head(@$lines) . $body);
    $response = $connection->response;
    like($response && $response->status, qr/^(?:400|501)$/,
        "refused: @$lines");
}

is(scalar(grep { $_->{path} =~ /call/ && $_->{body} =~ /zz/ }
    $fake->requests), 0, 'nothing broken reached the controller');

{
    my $connection = $t->connect;

    $fake->forget;
    $connection->write(head($length) . substr $body, 0, -1);
    $connection->close;
    is($t->post($uri, $body)->status, 200, 'served after a client left');
    is(scalar $fake->requests, 1, 'half a body is never sent');
}

# the disk

unlike($t->error_log, qr/buffered to a temporary file/,
    'no body is buffered to a file');

# a BOM is no part of the text; what is compressed is refused as such

is($t->messages("\xef\xbb\xbf" . encode(text_message('15550000002', 'x')))->status, 200,
    'a BOM before the JSON');
graph_error($t->messages("\xef\xbb\xbf" x 2 . encode(text_message('15550000002', 'x'))),
    400, 100, 'two of them', details => qr/not valid JSON/);
graph_error($t->messages("\xef\xbb\xbf"), 400, 100, 'a BOM alone',
    details => qr/is empty/);
is($t->post("/whatsapp/$version/$session/messages", text_message('15550000002', 'x'),
    headers => { 'Content-Encoding' => $_ })->status, 200,
    "Content-Encoding: '$_'") for 'identity', 'Identity';
graph_error($t->post("/whatsapp/$version/$session/messages",
    text_message('15550000002', 'x'), headers => { 'Content-Encoding' => $_ }), 415,
    100, "Content-Encoding: $_", details => qr/compressed/,
    outcome => 'not_sent')
    for 'gzip', 'GZIP', 'x-gzip', 'deflate', 'br', 'zstd', 'identity, gzip';
graph_error($t->messages("\x1f\x8b\x08" . "\0" x 20), 415, 100,
    'gzip that is not declared', outcome => 'not_sent');
graph_error($t->post("/whatsapp/$version/$session/media", 'x', headers => {
    'Content-Type' => 'multipart/form-data; boundary=x',
    'Content-Encoding' => 'gzip' }), 415, 100, 'an upload in gzip');

$t->done();
