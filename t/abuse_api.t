#!/usr/bin/perl

# whatsapp_abuse in front of the API: the banned get Graph errors, and failed
# authentication, invalid requests and nginx's limits lead to a ban.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::RedisServer;

my $t = Test::Whatsapp->new();
my $redis = Test::Whatsapp::RedisServer->start($t);
my $fake = $t->fake_controller();
my $text = $t->canary('text');

my $server = <<'END';
        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_abuse_strikes limit_req=req auth invalid
                                   count=4 window=60s ban=60s;
        }
        location /limited/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            limit_req zone=req;
            whatsapp_abuse_strikes limit_req=req count=3 window=60s ban=60s;
        }
        location /other/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_abuse_status 429;
        }
        location /closed/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_abuse_fail closed;
        }
        location /auth_only/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_abuse_strikes auth count=2 window=60s ban=60s;
        }
END

$t->run(abuse_conf(patient($redis), $server,
    http => 'limit_req_zone $binary_remote_addr zone=req:1m rate=1r/m;'));
wait_for(sub { lines($t, qr/link for \w+ is up/) == 2 }, 60, 'the links');


# call(address, %opt): a message sent by this client

sub call {
    my ($client, %opt) = @_;

    $opt{body} //= text_message('15550000002', $text);

    return $t->post(delete $opt{uri} // $t->messages_uri, delete $opt{body},
        %opt, headers => { 'X-Real-IP' => $client });
}


sub banned {
    my ($client) = @_;

    return $redis->ttl("v4:$client") > 0;
}


is(call('203.0.113.1')->status, 200, 'a client that is not banned');

# the answer

$redis->ban('v4:203.0.113.1', 600);
wait_for(sub { call('203.0.113.1')->status == 403 }, 25);
$fake->forget;

{
    my $response = call('203.0.113.1');

    graph_error($response, 403, 368, 'a banned client',
        details => qr/blocked.*outcome=not_sent/);
    like($response->header('Retry-After'), qr/^(?:5\d\d|600)$/,
        'is told until when');
    is(scalar $fake->requests, 0, 'and costs the controller nothing');

    $response = call('203.0.113.1', token => undef);
    graph_error($response, 403, 368, 'without a token too');

    $response = call('203.0.113.1',
        uri => "/other/$version/$session/messages");
    graph_error($response, 429, 368, 'whatsapp_abuse_status');
    unlike($response->header('Retry-After'), qr/,/, 'with one Retry-After');
    is($t->get('/whatsapp/healthz', token => undef,
        headers => { 'X-Real-IP' => '203.0.113.1' })->status, 403,
        'health checks are no exception');
}

# strikes

graph_error(call('203.0.113.2', token => 'wrong'), 401, 190, 'a wrong token')
    for 1 .. 4;
graph_error(call('203.0.113.2'), 403, 368, 'after four of them a ban');
ok(wait_for(sub { banned('203.0.113.2') }, 60), 'Redis has it');

{
    my @invalid = (
        [ body => '{' ], [ body => { messaging_product => 'whatsapp' } ],
        [ uri => '/whatsapp/v23.0/1/nothing' ],
        [ uri => $t->messages_uri('x') ],
    );

    for my $request (@invalid) {
        my $status = call('203.0.113.3', @$request)->status;

        ok($status >= 400 && $status < 500, "an invalid request: $status");
    }

    graph_error(call('203.0.113.3'), 403, 368, 'after four of them a ban');
}

for my $n (1 .. 8) {
    $fake->next({ status => 400, body => encode({ error => {
        code => 'not_on_whatsapp', message => 'no',
        outcome => 'not_sent' } }) });
    graph_error(call('203.0.113.4'), 400, 131026, 'refused by the controller');
}

is(call('203.0.113.4')->status, 200, 'the controller bans nobody');
call('203.0.113.4') for 1 .. 20;
is(call('203.0.113.4')->status, 200, 'nor do good requests');
call('203.0.113.5', uri => "/auth_only/$version/$session/messages",
    body => '{') for 1 .. 6;
is(call('203.0.113.5')->status, 200, 'a cause that is not named');

# a page of another site can make its visitors' browsers send these

{
    my $uri = "/auth_only/$version/$session/messages";
    my %foreign = (
        'no token' => [ GET => $uri ],
        'a token in a header that is none' => [ GET => $uri,
            { Authorization => 'Basic eDp5' } ],
        'an empty token' => [ POST => "$uri?access_token=" ],
        'a preflight' => [ OPTIONS => $uri,
            { Origin => 'https://example.com',
              'Access-Control-Request-Headers' => 'authorization' } ],
        'OPTIONS with a wrong token' => [ OPTIONS => $uri,
            { Authorization => 'Bearer wrong' } ],
        'an image with a wrong token' => [ GET => "$uri?access_token=wrong",
            { 'Sec-Fetch-Site' => 'cross-site' } ],
        'a form of a sister site' => [ POST => "$uri?access_token=wrong",
            { 'Sec-Fetch-Site' => 'same-site' } ],
        'the wrong method for a health check' => [ POST => '/whatsapp/healthz',
            { 'Sec-Fetch-Site' => 'cross-site' } ],
    );
    my $n = 20;

    for my $name (sort keys %foreign) {
        my ($method, $target, $headers) = @{ $foreign{$name} };
        my $client = '203.0.113.' . $n++;

        $t->request($method, $target, token => undef, headers => { %{ $headers // {} },
            'X-Real-IP' => $client }, body => '') for 1 .. 5;
        is(call($client)->status, 200, "$name is no strike");
    }
}

# presented and wrong, wherever it stands

{
    my $uri = "/auth_only/$version/$session/messages";
    my $debug = "/auth_only/$version/debug_token?input_token=";
    my $token = $t->token;

    call('203.0.113.40', token => undef, uri => "$uri?access_token=wrong")
        for 1 .. 2;
    graph_error(call('203.0.113.40'), 403, 368,
        'wrong tokens as an argument strike');

    for my $input (qw(guess1 guess2)) {
        my $response = $t->get("$debug$input",
            headers => { 'X-Real-IP' => '203.0.113.41' });

        is($response->json->{data}{is_valid}, JSON::PP::false,
            'debug_token of a guess');
    }

    graph_error(call('203.0.113.41'), 403, 368, 'each guess strikes');

    $t->get("$debug$token", headers => { 'X-Real-IP' => '203.0.113.42' })
        for 1 .. 5;
    is(call('203.0.113.42')->status, 200, 'the right token does not');
}

# limits

is(call('203.0.113.6', uri => "/limited/$version/$session/messages")->status,
    200, 'below the limit');
graph_error(call('203.0.113.6', uri => "/limited/$version/$session/messages"),
    429, 130429, 'limit_req') for 1 .. 3;
graph_error(call('203.0.113.6'), 403, 368, 'after three of them a ban');

# Redis away

$redis->kill;
wait_for(sub { lines($t, qr/is lost/) == 2 }, 60);
graph_error(call('203.0.113.7', uri => "/closed/$version/$session/messages"),
    503, 131016, 'fail closed', details => qr/not_sent/);
is(call('203.0.113.7')->status, 200, 'fail open');
graph_error(call('203.0.113.2'), 403, 368, 'a known ban holds');

$t->done();
