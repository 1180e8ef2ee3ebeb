#!/usr/bin/perl

# HTTP as clients speak it: keep-alive, pipelining, HTTP/1.0, HTTP/2.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

$t->run();

my $uri = "/whatsapp/$version/$session/messages";
my $number = "/whatsapp/$version/$session";
my $body = encode(text_message('15550000002', $t->canary('text')));
my $h2 = 'http://127.0.0.1:' . $t->port(8081);
my $bearer = 'Authorization: Bearer ' . $t->token;

# keep-alive

{
    my $connection = $t->connect;
    my @statuses;

    for (1 .. 10) {
        $connection->write($t->request_bytes('POST', $uri, body => $body));
        push @statuses, $connection->response->status;
    }

    is("@statuses", join(' ', (200) x 10), 'ten sends on one connection');
}

{
    my $connection = $t->connect;
    my @codes;

    # after each refusal the connection is still good
    for my $bytes (
        $t->request_bytes('POST', $uri, body => '{'),
        $t->request_bytes('POST', $uri, body => $body, token => undef),
        $t->request_bytes('GET', '/whatsapp/nothing'),
        $t->request_bytes('PUT', $uri, body => $body),
        $t->request_bytes('GET', $number))
    {
        $connection->write($bytes);
        my $response = $connection->response;
        push @codes, $response ? $response->status : 'closed';
    }

    is("@codes", '400 401 404 405 200', 'refusals keep the connection');
}

is(scalar(keys %{ { map { $_->{connection} => 1 } $fake->requests } }), 1,
    'nginx keeps its connection to the controller');

# the answer of a controller that closes, and one cut in pieces

$fake->next({ headers => { Connection => 'close' }, close => 'answer' },
    { piece => 1 });
is($t->messages($body)->status, 200, 'a controller that closes');
is($t->messages($body)->status, 200, 'an answer that arrives byte by byte');

# pipelining

{
    my $connection = $t->connect;
    my ($bytes, @got);

    $bytes = $t->request_bytes('POST', $uri, body => $body)
        . $t->request_bytes('GET', $number)
        . $t->request_bytes('POST', $uri, body => '{}')
        . $t->request_bytes('HEAD', $number)
        . $t->request_bytes('POST', $uri, body => $body, token => undef)
        . $t->request_bytes('GET', '/whatsapp/healthz');
    $connection->write($bytes);
    push @got, $connection->response(method => $_)->status
        for qw(POST GET POST HEAD POST GET);
    is("@got", '200 200 400 200 401 200', 'pipelined requests');

    # the same in odd pieces: the end of a body with the next head
    $connection = $t->connect;
    @got = ();
    $connection->write($_) for $bytes =~ /(.{1,37})/gs;
    push @got, $connection->response(method => $_)->status
        for qw(POST GET POST HEAD POST GET);
    is("@got", '200 200 400 200 401 200', 'pipelined in odd pieces');
}

{
    my $connection = $t->connect;
    my ($first, $second);

    # what nginx has not read of a refused body is no request
    $connection->write("POST $uri HTTP/1.1\r\nHost: localhost\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body"
        . $t->request_bytes('GET', $number));
    $first = $connection->response;
    $second = eval { $connection->response(timeout => 5) };
    is($first->status, 401, 'refused with its body behind it');
    ok(!$second || $second->status == 200,
        'the rest of a refused body is not taken for a request');
}

# HTTP/1.0

{
    my $connection = $t->connect;
    my $response;

    $connection->write($t->request_bytes('POST', $uri, body => $body,
        version => '1.0'));
    $response = $connection->response;
    is($response->status, 200, 'HTTP/1.0');
    ok($connection->closed(60), 'HTTP/1.0 closes');

    $connection = $t->connect;
    $connection->write($t->request_bytes('GET', $number, version => '1.0',
        headers => { Connection => 'keep-alive' }));
    is($connection->response->status, 200, 'HTTP/1.0 with keep-alive');
    $connection->write($t->request_bytes('GET', $number, version => '1.0'));
    is($connection->response->status, 200, 'HTTP/1.0 with keep-alive again');
}

{
    my $connection = $t->connect;

    $connection->write($t->request_bytes('POST', $uri, body => $body,
        headers => { Connection => 'close' }));
    is($connection->response->status, 200, 'Connection: close');
    ok($connection->closed(60), 'closes');
}

# HTTP/2

{
    my ($status, $output) = $t->command(['curl', '-sS', '-m', '50',
        '--http2-prior-knowledge', '-D', '-', '-H', $bearer, '--data-binary',
        '@-', "$h2$uri"], $body);

    like($output, qr/^HTTP\/2 200/m, 'HTTP/2 send');
    like($output, qr{^content-type: application/json; charset=UTF-8\r?$}m,
        'HTTP/2 type');
    like($output, qr/"wamid\./, 'HTTP/2 body');

    # curl takes the reset behind an early answer for an error, also where
    # nginx alone answers
    ($status, $output) = $t->command(['nghttp', '-v', '-t',
        '50', '-d', $t->dir . '/client/stdin', "$h2$uri"], $body);
    like($output, qr/:status: 401$/m, 'HTTP/2 without a token');
    like($output, qr/www-authenticate: /, 'HTTP/2 WWW-Authenticate');
    like($output, qr/"code":\s*190\b/, 'HTTP/2 Graph error');

    ($status, $output) = $t->command(['curl', '-sS', '-m', '50',
        '--http2-prior-knowledge', '-I', '-H', $bearer, "$h2$number"]);
    like($output, qr/^HTTP\/2 200/m, 'HTTP/2 HEAD');

    # many streams of one connection
    $fake->forget;
    ($status, $output) = $t->command(['nghttp', '-n', '-s', '-m', '30',
        '-H', lc $bearer, '-d', $t->dir . '/client/stdin', "$h2$uri"],
        $body);
    is(() = $output =~ /^\s*\d+ .* 200 .*messages$/mg, 30,
        'HTTP/2 with 30 streams at once') or diag($output);
    is(scalar $fake->requests, 30, 'each reached the controller once');
}

# what nginx refuses before a location is known stays nginx' own

for my $bytes ("GET / HTTP/1.1\r\n\r\n", "NONSENSE\r\n\r\n",
    "GET $number HTTP/9.9\r\nHost: x\r\n\r\n")
{
    my $connection = $t->connect;

    $connection->write($bytes);
    like($connection->rest(60), qr/^(?:HTTP\/1\.1 (?:400|505)|<html>)/,
        'a malformed head: ' . (split /\r/, $bytes)[0]);
}

is($t->get($number)->status, 200, 'served after all that');

$t->done();
