#!/usr/bin/perl

# The list of sessions: what the controller tells of each.

use strict;
use warnings;

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
[*]
app_secret = @{[ $t->canary('secret') ]}

[$first]
url = @{[ $receiver->url ]}
verify_token = @{[ $t->canary('verify') ]}
END

my $controller = $t->controller(sessions => [$first, $second],
    chromium => $t->stage('chrome-', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/',
    args => ['--webhooks', $file, '--allow-webhook-net', '127.0.0.0/8']);


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
wait_for(sub { listed()->{$first}{webhook}{verified} }, 30, 'the webhook');

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
wait_for(sub { listed()->{$first}{webhook}{last_success} }, 30,
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
wait_for(sub { listed()->{$first}{webhook}{last_error} }, 30, 'an error');
is(listed()->{$first}{webhook}{last_error}{what}, 'status 500',
    'what was wrong with the last delivery');
is(listed()->{$first}{webhook}{queued}, 1, 'which waits');
$receiver->rules();

# one that is stopped

my $before = time;

is($controller->request('POST', "/v1/sessions/$second/stop")->status, 200,
    'one is stopped');
$controller->wait_state('stopped', 30, $second);

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

$t->done();
