#!/usr/bin/perl

# What the controller's HTTP library refuses before anything of ours sees it: a
# peer gets the same JSON errors as for everything else, once, and the
# connection ends.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Http;

my $t = Test::Whatsapp->new();
my $controller = $t->controller(sessions => [],
    web_url => 'http://127.0.0.1:9/');
my $get = "GET /healthz HTTP/1.1\r\nHost: a\r\n";
my $post = "POST /v1/sessions/1/call HTTP/1.1\r\nHost: a\r\n";
my $upload = "POST /v1/sessions/1/media HTTP/1.1\r\nHost: a\r\n"
    . "Content-Type: multipart/form-data; boundary=b\r\n";
my $chunked = "${post}Transfer-Encoding: chunked\r\n\r\n";


# refused(name, status, code, before, bytes): what a peer gets for bytes after
# a good request ("") or as its first

sub refused {
    my ($name, $status, $code, @pieces) = @_;

    for my $before ('', "$get\r\n") {
        my ($peer, $response, $error);

        $peer = Test::Whatsapp::Http->connect($t->socket, timeout => 60);
        $peer->write($before);
        $peer->response if length $before;
        $peer->write($_) for @pieces;

        $response = eval { $peer->response };
        $error = $response ? eval { $response->error } : undef;
        is_deeply([
            $response && $response->status, $error && $error->{code},
            $error && $error->{outcome},
            $response && $response->header('Content-Type'),
            $response && $response->header('Connection')
        ], [ $status, $code, 'not_sent', 'application/json; charset=UTF-8',
            'close' ], length $before ? "$name, after another request" : $name)
            or diag($response && $response->head_and_body);
        $peer->socket->shutdown(1);
        is(eval { $peer->rest(60) }, '', 'and nothing more');
    }
}


for my $case (
    [ 'a line of HTTP 0.9', 400, 'bad_request', "GET /healthz\r\n\r\n" ],
    [ 'the preface of HTTP 2', 505, 'bad_request',
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" ],
    [ 'HTTP 0.8', 505, 'bad_request', "GET / HTTP/0.8\r\nHost: a\r\n\r\n" ],
    [ 'HTTP of letters', 400, 'bad_request',
        "GET / HTTP/one\r\nHost: a\r\n\r\n" ],
    [ 'no Host', 400, 'bad_request', "GET /healthz HTTP/1.1\r\n\r\n" ],
    [ 'no Host, in pieces', 400, 'bad_request', 'GET /healthz HT',
        "TP/1.1\r\nX: y\r\n", "\r\n" ],
    [ 'a header without a colon', 400, 'bad_request',
        "${get}nonsense\r\n\r\n" ],
    [ 'a length of letters', 400, 'bad_request',
        "${post}Content-Length: x\r\n\r\n" ],
    [ 'a length with a tail', 400, 'bad_request',
        "${post}Content-Length: 1x\r\n\r\n" ],
    [ 'a negative length', 400, 'bad_request',
        "${post}Content-Length: -1\r\n\r\n" ],
    [ 'a length with a sign', 400, 'bad_request',
        "${post}Content-Length: +1\r\n\r\n" ],
    [ 'an empty length', 400, 'bad_request',
        "${post}Content-Length:\r\n\r\n" ],
    [ 'a length of 30 digits', 413, 'too_large',
        "${post}Content-Length: " . '9' x 30 . "\r\n\r\n" ],
    [ 'a length that overflows', 413, 'too_large',
        "${post}Content-Length: 18446744073709551616\r\n\r\n" ],
    [ 'a path that is too long', 414, 'too_large',
        'GET /' . 'x' x 40_000 . " HTTP/1.1\r\nHost: a\r\n\r\n" ],
    [ 'a path without an end', 414, 'too_large', 'GET /' . 'x' x 400_000 ],
    [ 'a header that is too large', 431, 'too_large',
        "${get}X: " . 'x' x 40_000 . "\r\n\r\n" ],
    [ 'a header without an end', 431, 'too_large',
        "${get}X: " . 'x' x 2_000_000 ],
    [ 'a folded header', 431, 'too_large',
        "${get}X: x\r\n" . " xxxxxxxxxxxxxxxxxxxx\r\n" x 2000 . "\r\n" ],
    [ 'too many headers', 431, 'too_large',
        $get . join('', map { "X-$_: y\r\n" } 1 .. 2000) . "\r\n" ],
    [ 'a cookie that is too large', 431, 'too_large',
        "${get}Cookie: " . 'x=y;' x 3000 . "\r\n\r\n" ],
    [ 'a chunk that is none', 400, 'bad_request', "${chunked}x\r\n" ],
    [ 'a chunk of -1', 400, 'bad_request', "${chunked}-1\r\n" ],
    [ 'a chunk that is too large', 413, 'too_large',
        $chunked . 'f' x 30 . "\r\n" ],
    [ 'a chunk with a tail', 400, 'bad_request', "${chunked}1\r\n{}\r\n" ],
    [ 'a chunk that is none, later', 400, 'bad_request',
        "${chunked}1\r\n{\r\n", "nonsense\r\n" ],
    [ 'a chunk that is none in a file', 400, 'bad_request',
        "${upload}Transfer-Encoding: chunked\r\n\r\n5\r\n--b\r\n\r\n",
        "nonsense\r\n" ],
    [ 'a trailer without a colon', 400, 'bad_request',
        "${chunked}2\r\n{}\r\n0\r\nnonsense\r\n\r\n" ],
) {
    refused(@$case);
}

# a connection that ends in order gets no refusal

for my $case (
    [ 'a peer that has sent nothing', '' ],
    [ 'an answered request', "$get\r\n" ],
    [ 'a request that asks to close', "${get}Connection: close\r\n\r\n" ],
    [ 'HTTP 1.0', "GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n" ],
) {
    my ($name, $bytes) = @$case;
    my $peer = Test::Whatsapp::Http->connect($t->socket, timeout => 60);

    $peer->write($bytes);
    is($peer->response->status, 200, "$name is answered")
        if length $bytes;
    $peer->socket->shutdown(1);
    is(eval { $peer->rest(60) }, '', "$name: nothing more");
}

# a line without a blank ends the connection, with or without an answer

for my $bytes ("nonsense\r\n\r\n", "GET\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abc\r\n\r\n")
{
    my $peer = Test::Whatsapp::Http->connect($t->socket, timeout => 60);

    $peer->write($bytes);
    like(eval { $peer->rest(60) },
        qr/\A(HTTP\/1\.1 400 .*"code":\s*"bad_request".*)?\z/s,
        'a line without a blank');
}

is($controller->request('GET', '/healthz')->status, 200, 'alive');

SKIP: {
    skip 'only root can be another user', 1 if !$t->user;

    chmod 0666, $controller->socket;
    my ($status, $output) = $t->command(['setpriv', '--reuid=nobody',
        '--regid=nogroup', '--clear-groups', 'curl', '-sS', '-m', '50', '-H',
        'Host:', '--unix-socket', $controller->socket,
        'http://localhost/healthz']);
    like($output, qr/"forbidden"/, 'another user learns no more than that');
}

# nor does one that is open when the controller ends

{
    my $peer = Test::Whatsapp::Http->connect($t->socket, timeout => 60);

    $peer->write("$get\r\n");
    is($peer->response->status, 200, 'a request');
    ok($controller->process->stop, 'stopped');
    is(eval { $peer->rest(60) }, '', 'the end of the controller: no refusal');
}

$t->done();
