#!/usr/bin/perl

# No cache on the way may keep an answer: each is about somebody, and nothing
# personal is stored. That holds for answers of the controller, of the module
# and of nginx itself, and ends where whatsapp_pass does.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

$t->write_file('nginx/html/index.html', 'content');
$t->write_file('nginx/html/own.json', '{}');
$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    limit_req_zone $binary_remote_addr zone=req:1m rate=1r/m;

    log_format cache '$request_uri $sent_http_cache_control';
    access_log %%DIR%%/nginx/cache.log cache;

    server {
        listen 127.0.0.1:8080;

        whatsapp_tokens %%TOKENS%%;

        location / { }

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            client_max_body_size 1k;
        }

        location /absent/ {
            whatsapp_pass unix:%%DIR%%/tmp/absent.sock;
        }

        location /denied/ {
            whatsapp_pass %%CONTROLLER%%;
            deny all;
        }

        location /limited/ {
            whatsapp_pass %%CONTROLLER%%;
            limit_req zone=req;
        }

        location /expires/ {
            expires 30d;
            add_header Cache-Control public always;
            add_header X-Own kept always;
            whatsapp_pass %%CONTROLLER%%;
        }

        location /own/ {
            whatsapp_pass %%CONTROLLER%%;
            error_page 404 =200 /own.json;
        }
    }
}
END

# that is how nginx logs a missing unix socket
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);

my $base = "$version/$session";
my $group = 'g.' . 'A' x 40;
my $message = encode(text_message('15550000002', $t->canary('text')));
my $png = { body => "\x89PNG\r\n\0", headers => {
    'Content-Type' => 'image/png' } };
my $refusal = { status => 409, body => { error => {
    code => 'session_not_linked', message => 'x', outcome => 'not_sent' } } };
my $qr = { body => 'x', headers => { 'Content-Type' => 'image/svg+xml' } };

my @answers = (
    [ 'a message', 200, POST => "/whatsapp/$base/messages" ],
    [ 'the number', 200, GET => "/whatsapp/$base", undef, { body => {
        id => $session, state => 'ready' } } ],
    [ 'the profile', 200, GET => "/whatsapp/$base/whatsapp_business_profile" ],
    [ 'groups', 200, GET => "/whatsapp/$base/groups" ],
    [ 'a group', 200, GET => "/whatsapp/$group" ],
    [ 'an invitation', 200, GET => "/whatsapp/$group/invite_link" ],
    [ 'the QR code', 200, GET => "/whatsapp/$base/session/qr", undef, $qr ],
    [ 'its page', 200, GET => "/whatsapp/$base/session/page" ],
    [ 'a pairing code', 200, POST => "/whatsapp/$base/request_code",
        '{"phone_number":"15550000001"}' ],
    [ 'a file', 200, GET => '/whatsapp/media/' . 'A' x 43, undef, $png ],
    [ 'its head', 200, HEAD => '/whatsapp/media/' . 'A' x 43, undef, $png ],
    [ 'health', 200, GET => '/whatsapp/healthz' ],
    [ 'a refusal of the controller', 400, POST => "/whatsapp/$base/messages",
        $message, $refusal ],
    [ 'what the module refuses', 400, POST => "/whatsapp/$base/messages",
        '{' ],
    [ 'an unknown path', 404, GET => "/whatsapp/$base/nowhere" ],
    [ 'another method', 405, DELETE => "/whatsapp/$base/messages" ],
    [ 'a large body', 413, POST => "/whatsapp/$base/messages", ' ' x 2048 ],
    [ 'no controller', 503, POST => "/absent/$base/messages" ],
    [ 'who is denied', 403, GET => "/denied/$base" ],
    [ 'the first of two', 200, GET => "/limited/$base/groups" ],
    [ 'the second of two', 429, GET => "/limited/$base/groups" ],
);

for my $case (@answers) {
    my ($name, $status, $method, $uri, $body, $next) = @$case;
    my $response;

    $body //= $message if $method eq 'POST';
    $fake->next($next) if $next;
    $response = $t->request($method, $uri, defined $body
        ? (body => $body) : ());

    is($response->status, $status, "$name: status")
        or diag($response->head_and_body);
    is($response->header('Cache-Control'), 'private, no-store',
        "$name: is not to be stored");
}

is($t->request('GET', "/whatsapp/$base/groups", token => undef)
    ->header('Cache-Control'), 'private, no-store', 'without a token');

# directives for files that a location inherits change nothing

for my $token ($t->token, undef) {
    my $response = $t->request('GET', "/expires/$base/groups",
        token => $token);

    is($response->header('Cache-Control'), 'private, no-store',
        'neither "expires" nor "add_header" allows to store it');
    is($response->header('Expires'), undef, 'or says until when');
    is($response->header('X-Own'), 'kept', 'other headers are added');
}

{
    my @logged = map { s/^\S+ //r } grep { m{^/expires/} }
        split /\n/, $t->read_file('nginx/cache.log');

    is("@logged", 'private, no-store private, no-store',
        '$sent_http_cache_control');
}

for my $uri ('/index.html', "/own/$base/nowhere") {
    my $response = $t->get($uri);

    is($response->status, 200, "$uri is a file of the operator's");
    is($response->header('Cache-Control'), undef,
        'which nothing is said about');
}

$t->done();
