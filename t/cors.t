#!/usr/bin/perl

# A page of another site may call the API where nginx is configured as
# docs/api.md shows it: this is that example.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

my ($example) = do {
    open my $fh, '<', $t->root . '/docs/api.md' or die "docs/api.md: $!";
    local $/;
    <$fh> =~ /^## From a page in a browser\n.*?^```nginx\n(.*?)^```/ms;
} or die "docs/api.md has no example\n";

$example =~ s/# \.\.\./listen 127.0.0.1:8080; whatsapp_abuse zone=abuse;
    whatsapp_abuse_strikes auth invalid count=2 window=60s ban=60s;/;
$example =~ s/(whatsapp_pass\s+)whatsapp;/$1%%CONTROLLER%%;/;
$example =~ s/(whatsapp_tokens\s+)\S+;/$1%%TOKENS%%;/;

$t->run("%%GLOBALS%%\nevents { }\nhttp {\n%%GLOBALS_HTTP%%\n"
    . "whatsapp_abuse_zone zone=abuse:1m;\n$example}\n");

my $uri = $t->messages_uri;
my $body = text_message('15550000002', $t->canary('text'));


sub headers {
    my ($origin, %more) = @_;

    return headers => { Origin => $origin, %more };
}


for (1 .. 5) {
    my $response = $t->request('OPTIONS', $uri, token => undef,
        headers('https://app.example.com',
            'Access-Control-Request-Method' => 'POST',
            'Access-Control-Request-Headers' => 'authorization'));

    is($response->status, 204, "preflight $_");
    is($response->header('Access-Control-Allow-Origin'),
        'https://app.example.com', 'the origin is allowed');
    like($response->header('Access-Control-Allow-Headers'),
        qr/\bAuthorization\b/, 'and the token');
    like($response->header('Access-Control-Allow-Methods'), qr/\bPOST\b/,
        'and the method');
}

is(scalar $fake->requests, 0, 'the controller hears of no preflight');

{
    my $response = $t->post($uri, $body, headers('https://app.example.com'));

    is($response->status, 200, 'the call after it');
    is($response->header('Access-Control-Allow-Origin'),
        'https://app.example.com', 'which the page may read');

    $response = $t->post($uri, $body, token => undef,
        headers('https://app.example.com'));
    graph_error($response, 401, 190, 'an error');
    is($response->header('Access-Control-Allow-Origin'),
        'https://app.example.com', 'which the page may read too');

    $response = $t->request('OPTIONS', $uri, token => undef,
        headers('https://evil.example'));
    is($response->header('Access-Control-Allow-Origin') // '', '',
        'another origin is not allowed');
    is($response->header('Vary'), 'Origin', 'and caches are told');
}

$t->done();
