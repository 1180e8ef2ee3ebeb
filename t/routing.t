#!/usr/bin/perl

# Which paths and methods lead where, below any prefix and with or without a
# version.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    log_format whatsapp '$whatsapp_session $whatsapp_call '
                        '$whatsapp_error_code';

    server {
        listen 127.0.0.1:8080;

        whatsapp_tokens %%TOKENS%%;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            access_log %%DIR%%/nginx/variables.log whatsapp;
        }

        location /deep/er/prefix {
            whatsapp_pass %%CONTROLLER%%;
        }

        location /by-variable/ {
            set $peer %%CONTROLLER%%;
            whatsapp_pass $peer;
        }
    }

    server {
        listen 127.0.0.1:8082;

        location / {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
        }
    }
}
END

my $message = text_message('15550000002', $t->canary('text'));


# call(method, uri): the method that the controller was asked for, or the
# path of what it was asked

sub called {
    my ($method, $uri, %opt) = @_;
    my ($response, @requests, $body);

    $fake->forget;
    $response = $t->request($method, $uri,
        $method eq 'POST' ? (body => $message) : (), %opt);
    @requests = $fake->requests;

    return 'status ' . $response->status . " and @requests requests"
        if $response->status != 200 || @requests != 1;

    $body = $requests[0]{body};
    return $requests[0]{path} =~ s{^/v1}{}r
        . ($body =~ /"method"\s*:\s*"([a-z_.]+)"/ ? " $1" : '');
}


# prefixes and versions

my $call = "/sessions/$session/call";

for my $prefix ('/whatsapp', '/deep/er/prefix', '/by-variable') {
    is(called('POST', "$prefix/$version/$session/messages"),
        "$call message.send", "$prefix with version");
    is(called('POST', "$prefix/$session/messages"),
        "$call message.send", "$prefix without version");
}

is(called('POST', "/$version/$session/messages", port => 8082),
    "$call message.send", 'the root location');
is(called('POST', "/whatsapp/v999.12/$session/messages"),
    "$call message.send", 'any version');
is(called('POST', "/whatsapp/$version/$session/messages?a=b&c"),
    "$call message.send", 'arguments are no part of the path');
is(called('POST', '/whatsapp/7/messages'), '/sessions/7/call message.send',
    'one digit names a session');
is(called('POST', "/whatsapp/$version/999999999999999/messages"),
    '/sessions/999999999999999/call message.send', 'and so do 15');
is(called('POST', "/whatsapp/%76%323.0/$session/%6dessages"),
    "$call message.send", 'escapes in the path are read');

is(called('POST', "/whatsapp/$version/$session/messages/"),
    "$call message.send", 'a slash at the end');

is(called('GET', "/whatsapp/$version/$session"), "$call phone_number.get",
    'the number itself');
is(called('GET', "/whatsapp/$session"), "$call phone_number.get",
    'the number without version');
is(called('GET', "/whatsapp/$version/$session/session"),
    "/sessions/$session", 'its session');
is(called('GET', '/whatsapp/healthz', token => undef), '/healthz',
    'healthz without a token');
is(called('GET', '/whatsapp/readyz', token => undef), '/readyz',
    'readyz without a token');

# what is not there

for my $path ('', 'v23.0', 'v23.0/', "v23.0/$session/nothing",
    "v23.0/$session/messages/more",
    "v23/$session/messages", "23.0/$session/messages",
    "v23.0.1/$session/messages", "vx.y/$session/messages",
    'v23.0/1234567890123456/messages', 'v23.0/12a/messages',
    'v23.0/-1/messages', 'v23.0/me/messages', 'v23.0/+15550/messages',
    "v23.0//messages/$session", 'healthz/more', 'index.html',
    "V23.0/$session/messages", "v23.0/$session/Messages")
{
    $fake->forget;
    graph_error($t->post("/whatsapp/$path", $message), 404, 100,
        "no such path: \"$path\"", subcode => 33);
}

is(scalar $fake->requests, 0, 'none of those reached the controller');

$fake->next({ status => 404, body => { error => { code => 'unknown_session',
    message => 'No such session.', outcome => 'not_sent' } } });
graph_error($t->messages($message, session => 42), 404, 100,
    'a session that the controller does not know', subcode => 33);

# methods

my %allowed = (
    "/whatsapp/$version/$session/messages" => [qw(POST)],
    "/whatsapp/$version/$session"          => [qw(GET HEAD)],
    "/whatsapp/$version/$session/session"  => [qw(GET HEAD)],
    '/whatsapp/healthz'                    => [qw(GET HEAD)],
    '/whatsapp/readyz'                     => [qw(GET HEAD)],
);

$fake->forget;

for my $uri (sort keys %allowed) {
    my @allow = @{ $allowed{$uri} };

    for my $method (qw(GET POST PUT DELETE PATCH OPTIONS)) {
        next if grep { $_ eq $method } @allow;

        my $response = $t->request($method, $uri,
            $method =~ /^P/ ? (body => '{}') : ());
        graph_error($response, 405, 100, "$method $uri");
        is(join(',', sort split /,\s*/, $response->header('Allow') // ''),
            join(',', sort @allow), "$method $uri says what is allowed");
    }
}

is(scalar $fake->requests, 0, 'none of those reached the controller');

# HEAD

for my $uri (grep { $allowed{$_}[0] eq 'GET' } sort keys %allowed) {
    my ($connection, $head, $get);

    $connection = $t->connect;
    $connection->write($t->request_bytes('HEAD', $uri)
        . $t->request_bytes('GET', $uri));
    $head = $connection->response(method => 'HEAD');
    $get = $connection->response;

    is($head->status, 200, "HEAD $uri");
    ok($get && $get->status == 200 && $get->json,
        "HEAD $uri has no body: the next answer follows");
    is($head->header('Content-Type'), $get->header('Content-Type'),
        "HEAD $uri has the type of GET");
}

{
    my $response = $t->request('HEAD',
        "/whatsapp/$version/$session/nothing");

    is($response->status, 404, 'HEAD of an unknown path');
}

is(scalar(grep { $_->{method} eq 'HEAD' } $fake->requests), 0,
    'HEAD is never sent to the controller');

# success

my $response = $t->messages($message);
is($response->header('Content-Type'), 'application/json; charset=UTF-8',
    'the type of an answer');
like($response->id, qr/^wamid\./, 'an answer has the message id');
is($response->json->{contacts}[0]{input}, '15550000002',
    'an answer has the recipient as given');

# variables

$t->get("/whatsapp/$version/$session/session");
$t->messages({ messaging_product => 'whatsapp', status => 'read',
    message_id => 'wamid.dHJ1ZV8xNTU1MDAwMDAwMkBjLnVzXzNFQjA' });
$t->messages('{', session => 43);

sub logged { $t->read_file('nginx/variables.log') }

# the worker writes a line when the answer is out: this is the last one
ok(eval { wait_for(sub { logged() =~ /^43 \S+ 100$/m }, 60) },
    'variables of an error') or diag(logged());

my @lines = split /\n/, logged();
my %seen = map { $_ => 1 } @lines;

ok($seen{"$session message.send -"}, 'variables of a send') or diag(
    join "\n", sort keys %seen);
ok((grep { /^$session message\.read -$/ } @lines), 'variables of a read');
ok((grep { /^$session \S+ -$/ && !/message/ } @lines),
    'variables of a session');

$t->done();
