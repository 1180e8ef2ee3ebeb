#!/usr/bin/perl

# Who may call, what a refusal says, and where in the order of things the
# check stands: after the limits, before the body.

use strict;
use warnings;

use Digest::SHA;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
my $other = $t->canary('token');
my $removed = $t->canary('token');
my $conf = <<'END';
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    limit_req_zone $binary_remote_addr zone=one:1m rate=1r/m;

    server {
        listen 127.0.0.1:8080;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
        }

        location /limited/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            limit_req zone=one;
        }

        location /any/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            satisfy any;
            allow 127.0.0.1;
            deny all;
        }

        location /denied/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            deny all;
        }

        location /open/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
        }
    }
}
END

$t->tokens($t->token, $other);
$t->run($conf);

my $uri = "/whatsapp/$version/$session/messages";
my $body = encode(text_message('15550000002', $t->canary('text')));
my $token = $t->token;


sub with {
    my ($authorization, $target) = @_;

    return $t->post($target // $uri, $body, token => undef,
        headers => defined $authorization
        ? { Authorization => $authorization } : {});
}


is(with("Bearer $token")->status, 200, 'the token');
is(with("Bearer $other")->status, 200, 'another token of the file');
is(with("bearer $token")->status, 200, 'the scheme in lower case');
is(with("BEARER $token")->status, 200, 'the scheme in upper case');
is(with("Bearer   $token")->status, 200, 'several blanks');
is(with(undef, "$uri?access_token=$token")->status, 200, 'as an argument');
is(with(undef, "$uri?a=b&access_token=$token&c=d")->status, 200,
    'among other arguments');

my %wrong = (
    'no token'                  => [undef],
    'a wrong token'             => ['Bearer ' . $t->canary('token')],
    'an empty token'            => ['Bearer '],
    'the scheme alone'          => ['Bearer'],
    'no scheme'                 => [$token],
    'another scheme'            => ["Basic $token"],
    'a scheme that begins so'   => ["Bearer2 $token"],
    'the token cut short'       => ['Bearer ' . substr($token, 0, -1)],
    'the token and more'        => ["Bearer ${token}x"],
    'the token and a word'      => ["Bearer $token x"],
    'the token in upper case'   => ['Bearer ' . uc $token],
    'the digest of the token'   => ['Bearer '
        . Digest::SHA::sha256_hex($token)],
    'a very long token'         => ['Bearer ' . 'x' x 6000],
    'a wrong argument'          => [undef,
        "$uri?access_token=" . $t->canary('token')],
    'an empty argument'         => [undef, "$uri?access_token="],
    'an argument of another name' => [undef, "$uri?token=x&no_access_token=y"],
    'a removed token'           => ["Bearer $removed"],
);

$fake->forget;

for my $name (sort keys %wrong) {
    graph_error(with(@{ $wrong{$name} }), 401, 190, $name);
}

is(scalar $fake->requests, 0, 'nothing unauthorised reached the controller');

# every path is closed but for the two that say status only

for my $path ("$version/$session", "$version/$session/session", 'nothing',
    "$version/$session/nothing")
{
    graph_error($t->get("/whatsapp/$path", token => undef), 401, 190,
        "/$path needs a token");
}

is($t->get("/whatsapp/$_", token => undef)->status, 200, "/$_ needs none")
    for qw(healthz readyz);
graph_error(with(undef, "/any/$version/$session/messages"), 401, 190,
    '"satisfy any" does not open a location');
is(with("Bearer $token", "/any/$version/$session/messages")->status, 200,
    '"satisfy any" with a token');
graph_error(with("Bearer $token", "/denied/$version/$session/messages"),
    403, 10, 'an address that is denied');
is(with(undef, "/open/$version/$session/messages")->status, 200,
    'a location with auth switched off');

# order: a limit before the token, the token before the body

is(with("Bearer $token", "/limited/$version/$session/messages")->status,
    200, 'within the limit');
graph_error(with(undef, "/limited/$version/$session/messages"), 429, 130429,
    'the limit is checked before the token');

{
    my $connection = $t->connect;
    my $response;

    $connection->write("POST $uri HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Length: 1000\r\n\r\n");
    $response = $connection->response(timeout => 20);
    graph_error($response, 401, 190,
        'the token is checked before the body arrives');
}

{
    my $connection = $t->connect;
    my $response;

    $connection->write("POST $uri HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
    $response = $connection->response(timeout => 20, interim => 1);
    graph_error($response, 401, 190, 'and nobody is told to continue');
}

graph_error($t->post($uri, '{', token => undef), 401, 190,
    'the token is checked before the JSON');
graph_error($t->post('/whatsapp/nothing', '{', token => undef), 401, 190,
    'the token is checked before the path');

# a reload takes a changed file, an empty one lets nobody in

$t->tokens;
$t->reload;
graph_error(with("Bearer $token"), 401, 190, 'a file without tokens');

$t->tokens($token, $removed);
$t->reload;
is(with("Bearer $removed")->status, 200, 'a token added by a reload');
graph_error(with("Bearer $other"), 401, 190, 'a token removed by a reload');

# a token in the request line must be masked wherever the line is quoted: by
# nginx' own messages, too

$t->stop_nginx;
$fake->process->stop;
$t->run($conf);
with(undef, "$uri?access_token=$token");
with(undef, "$uri?a=1&access_token=$token&b=2");
with(undef, "$uri?ACCESS_TOKEN=$token");
with(undef, "/any/nothing?access_token=$token");
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);
like($t->error_log, qr/connect\(\) to .* failed/,
    'nginx quoted a request line in its log');
like($t->access_log, qr/access_token=/, 'and in the access log');

$t->done();
