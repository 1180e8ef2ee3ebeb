#!/usr/bin/perl

# The list of sessions: what the controller tells of each, and which of them a
# token sees.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;

my ($first, $second) = ($session, '1000000002');

my $t = Test::Whatsapp->new();
my $receiver = Test::Whatsapp::Receiver->start($t, 8090);
my $started = time;
my $file = webhooks(<<"END");
[session *]
app_secret = @{[ $t->canary('secret') ]}

[session $first]
url = @{[ $receiver->url ]}
verify_token = @{[ $t->canary('verify') ]}
END

my %limits = (all => '', send => ' scope=send', read => ' scope=read',
    control => ' scope=control', both => ' scope=read,control',
    second => " scope=read phone_number_id=$second",
    other => ' phone_number_id=7', some => " phone_number_id=7,$first");
my %token = map { $_ => $t->canary('token') } keys %limits;

$t->write_file('nginx/tokens', join '',
    map { sha256_hex($token{$_}) . "$limits{$_}\n" } sort keys %token);
$t->run();

my $controller = $t->controller(sessions => [$first, $second],
    chromium => $t->stage('chrome-', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/',
    args => ['--config', $file, '--allow-webhook-net', '127.0.0.0/8']);


sub webhooks { Test::Whatsapp::Receiver::webhooks($t, @_) }


# listed(params): the rows by their ids, of session.list if there are params

sub listed {
    my ($params) = @_;
    my $response = $params
        ? $controller->request('POST', '/v1/call', body => {
            method => 'session.list', params => $params })
        : $controller->request('GET', '/v1/sessions');

    return { map { $_->{id} => $_ } @{ $response->json->{sessions} } };
}


sub refused {
    my ($name, $sessions) = @_;
    my $response = $controller->request('POST', '/v1/call', body => {
        method => 'session.list', params => { sessions => $sessions } });

    ok($response->status == 400
        && $response->error->{code} eq 'invalid_parameter', $name)
        or diag($response->head_and_body);
}


# ==== the controller ====

$controller->wait_state('ready', 60, $_) for $first, $second;
wait_for(sub { listed()->{$first}{webhook}{verified} }, 60, 'the webhook');

my $row = listed()->{$first};

ok($row->{since} >= $started && $row->{since} <= time,
    'since when the state is');
delete $row->{since};
is_deeply($row, { id => $first, state => 'ready', reason => undef,
    number => '+15550000001', name => undef, queue => 0, sends => 0,
    failures => 0, memory => undef, webhook => { active => JSON::PP::true,
        override => JSON::PP::false, verified => JSON::PP::true, queued => 0,
        last_success => undef, last_error => undef } }, 'a row');
is(listed()->{$second}{webhook}{active}, JSON::PP::false,
    'one without a webhook');

# what is counted, each for its session

is($controller->call('message.send', { to => '15550000002', type => 'text',
    text => { body => 'receive 1' } }, key => 'a')->status, 200, 'a send');
wait_for(sub { listed()->{$first}{webhook}{last_success} }, 60,
    'a delivery');
is(listed()->{$first}{sends}, 1, 'a send is counted');
is(listed()->{$first}{failures}, 0, 'and no failure');
is(listed()->{$second}{sends}, 0, 'of this session alone');

is($controller->call('message.send', { to => '15550000002', type => 'image',
    image => { link => 'http://127.0.0.1/a.png' } }, key => 'c')->status, 503,
    'one that this page can not make');
is(listed()->{$first}{failures}, 1, 'is a failure');
is(listed()->{$first}{sends}, 1, 'and no send');

$receiver->rules({ status => 500 });
is($controller->call('message.send', { to => '15550000002', type => 'text',
    text => { body => 'receive 1' } }, key => 'b')->status, 200, 'another');
wait_for(sub { listed()->{$first}{webhook}{last_error} }, 60, 'an error');
is(listed()->{$first}{webhook}{last_error}{what}, 'status 500',
    'what was wrong with the last delivery');
is(listed()->{$first}{webhook}{queued}, 1, 'which waits');
$receiver->rules();

# one that is stopped

my $before = time;

is($controller->request('POST', "/v1/sessions/$second/stop")->status, 200,
    'one is stopped');
$controller->wait_state('stopped', 60, $second);

my $stopped = listed()->{$second};

is($stopped->{state}, 'stopped', 'so it is listed');
ok($stopped->{since} >= $before && $stopped->{since} <= time, 'since then');
is($stopped->{number}, '+15550000001', 'its number stays');

# some of them

is_deeply([sort keys %{ listed({}) }], [$first, $second],
    'session.list: all of them');
is_deeply([keys %{ listed({ sessions => [$second, '7'] }) }], [$second],
    'some of them');
is_deeply(listed({ sessions => [] }), {}, 'none of them');
refused('no list', '1000000001');
refused('a list of numbers', [1000000001]);

# ==== the API ====

my $uri = "/whatsapp/$version/sessions";


# sees(token, ids): one test for what a token sees

sub sees {
    my ($name, @ids) = @_;
    my $response = $t->get($uri, token => $token{$name});

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is_deeply([ $response->status,
        map { $_->{id} } @{ $response->json->{sessions} } ], [200, @ids],
        "a token \"$name\" sees " . (@ids || 'nothing'));
}


sees($_, $first, $second) for qw(all read control both);
sees('second', $second);
sees('some', $first);
sees('other');
graph_error($t->get($uri, token => $token{send}), 403, 10,
    'a token for sending sees nothing');
graph_error($t->get($uri, token => undef), 401, 190, 'nor does nobody');
graph_error($t->get($uri, token => $t->canary('token')), 401, 190,
    'nor somebody');
graph_error($t->post($uri, '{}', token => $token{all}), 405, 100,
    'it is only read');
graph_error($t->get("$uri/x", token => $token{all}), 404, 100,
    'there is nothing below it');

for my $row ([all => 'send, read, control'], [read => 'read'],
    [control => 'control'], [both => 'read, control'])
{
    is($t->get($uri, token => $token{ $row->[0] })->header('X-OAuth-Scopes'),
        $row->[1], "the scopes of the token \"$row->[0]\"");
}

{
    my $get = $t->get("/whatsapp/sessions/", token => $token{read});
    my $head = $t->request('HEAD', $uri, token => $token{read});

    is_deeply($get->json, $controller->request('GET', '/v1/sessions')->json,
        'the list is that of the controller');
    is($get->header('Cache-Control'), 'private, no-store', 'not to be kept');
    is($head->status, 200, 'HEAD');
    is($head->header('Content-Length'), length $get->body, 'its length');
}

$t->allow_alert(qr/connect\(\) to unix/);
$controller->process->stop;
graph_error($t->get($uri, token => $token{read}), 503, 131016,
    'without a controller');

$t->done();
