#!/usr/bin/perl

# Deliveries to webhooks: what a receiver gets, in which order, and what
# becomes of an event that it does not take.  The browser is played, so that
# any number of events arrives at once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;
use Time::HiRes qw(sleep time);

my $t = Test::Whatsapp->new(timeout => 480);
my $secret = $t->canary('secret');
my $verify_token = $t->canary('verify');
my $other = '1000000002';

my $receiver = Test::Whatsapp::Receiver->start($t, 8090);
my $second = Test::Whatsapp::Receiver->start($t, 8091);

my $file = webhooks(<<"END");
[session *]
app_secret = $secret

[session $session]
url = @{[ $receiver->url('hook?x=1') ]}
verify_token = $verify_token

[session $other]
url = @{[ $second->url ]}
END

$t->run($t->default_conf);

my $controller = $t->controller(
    chromium => $t->stage('chrome-told', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/', sessions => [$session, $other],
    args => ['--config', $file, '--allow-webhook-net', '127.0.0.0/8']);
$controller->wait_state('ready', 60);


# ==== a delivery ====

arrive($session, ['a', "m1 \x{e9}\x{1f600}/\x7f"]);

is_deeply([$receiver->wait_taken(1)], ["m1 \x{e9}\x{1f600}/\x7f"],
    'a message is delivered');

my ($challenge, $delivery) = $receiver->requests;

is($challenge->{method}, 'GET', 'a challenge comes first');
like($challenge->{uri}, qr/^\/hook\?x=1&hub\.mode=subscribe
    &hub\.verify_token=\Q$verify_token\E&hub\.challenge=\d{10}$/x,
    'with mode, token and text');
is($delivery->{uri}, '/hook?x=1', 'the URL is as it was given');
is($delivery->{headers}{'content-type'}, 'application/json', 'as JSON');
is($delivery->{headers}{'content-length'}, length $delivery->{body},
    'with its length');
ok(!exists $delivery->{headers}{'transfer-encoding'}, 'and not chunked');
ok(!exists $delivery->{headers}{expect}, 'nothing is expected before it');
like($delivery->{headers}{'user-agent'}, qr/^whatsapp-controller/,
    'it says who it is');
ok(Test::Whatsapp::Receiver::signed($delivery, $secret), 'it is signed');
unlike($delivery->{body}, qr/[^\x20-\x7e]/, 'it is ASCII');

# ==== order, each once ====

my @texts = map { my $n = $_; map { "$_ $n" } 'b' .. 'k' } 1 .. 30;

$receiver->clear;
arrive($session, map { [ substr($_, 0, 1), $_ ] } @texts);

my @got = $receiver->wait_taken(scalar @texts, 60);

is_deeply([sort @got], [sort @texts], 'each of 300 messages once');

for my $chat ('b' .. 'k') {
    is_deeply([grep { /^$chat / } @got], [grep { /^$chat / } @texts],
        "chat $chat is in order");
}

cmp_ok(connections($receiver), '<=', 8, 'few connections are made');


# ==== one chat fails ====

$receiver->clear;
$receiver->rules({ match => 'poison', status => 500, times => 3 });
arrive($session, ['b', 'poison'], ['b', 'b2'], ['c', 'c1'], ['d', 'd1']);

is_deeply([sort +($receiver->wait_taken(2))[0, 1]], ['c1', 'd1'],
    'other chats go on');
is_deeply([($receiver->wait_taken(4))[2, 3]], ['poison', 'b2'],
    'a failing chat is not overtaken within');
is(scalar(grep { $_->{body} =~ /poison/ } $receiver->deliveries), 4,
    'and is tried until it is taken');

my ($same) = grep { $_->{body} =~ /poison/ } $receiver->deliveries;

is(scalar(grep { $_->{body} eq $same->{body} } $receiver->deliveries), 4,
    'with the same bytes each time');


# ==== answers of all kinds ====

for my $case (
    [ 'closes the connection', { close => JSON::PP::true } ],
    [ 'redirects', { status => 302, headers => { Location => '/other' } } ],
    [ 'is gone', { status => 410 } ],
    [ 'refuses', { status => 400 } ],
    [ 'has no room', { status => 503 } ],
) {
    my ($name, $rule) = @$case;

    $receiver->clear;
    $receiver->rules({ %$rule, match => 'POST', times => 1 });
    arrive($session, ['b', "$name 1"], ['b', "$name 2"]);

    is_deeply([$receiver->wait_taken(2)], ["$name 1", "$name 2"],
        "a receiver that $name gets it again");
    is(scalar(grep { $_->{uri} !~ /^\/hook/ } $receiver->requests), 0,
        'at the same URL') if $name eq 'redirects';
}

for my $case (
    [ '204', { status => 204 } ],
    [ 'a long body', { body => 'x' x 1_000_000 } ],
    [ 'a body without end', { drip => JSON::PP::true } ],
    [ 'a delay', { delay => 2 } ],
) {
    my ($name, $rule) = @$case;

    $receiver->clear;
    $receiver->rules({ %$rule, match => 'POST', times => 1 });
    arrive($session, ['b', 'once'], ['b', 'then']);
    wait_for(sub { $receiver->deliveries >= 2 }, 60, $name);
    is(scalar $receiver->deliveries, 2, "2xx with $name is enough");
}

$receiver->clear;
$receiver->rules({ match => 'POST', status => 429, times => 1,
    headers => { 'Retry-After' => 2 } });
arrive($session, ['b', 'early'], ['c', 'later']);
$receiver->wait_taken(2);

my ($first, @rest) = $receiver->deliveries;

cmp_ok((sort map { $_->{time} } grep { $_->{status} == 200 } @rest)[-1]
    - $first->{time}, '>=', 1.9, 'Retry-After is honoured');


# ==== a receiver that hangs, and one that is down ====

$receiver->clear;
$receiver->rules({ match => 'hanging', status => undef, times => 1 });
arrive($session, ['b', 'hanging'], ['b', 'b9'], ['c', 'c9']);

is_deeply([$receiver->wait_taken(1)], ['c9'], 'others do not wait for it');
is_deeply([$receiver->wait_taken(3, 60)], ['c9', 'hanging', 'b9'],
    'a receiver that hangs gets it again');

$receiver->clear;
$receiver->down;
@texts = map { my $n = $_; map { "$_$n" } 'b' .. 'k' } 1 .. 10;
arrive($session, map { [ substr($_, 0, 1), $_ ] } @texts);
wait_for(sub {
    ((shown()->{last_error} // {})->{what} // '') eq 'unreachable'
}, 60, 'the first try');

# once of ten times the machine is not too busy to be in time
my ($late, $sent) = (1, 0);

while ($late >= 0.5 && $sent < 10) {
    my $began = time;

    arrive($other, ['a', 'of another ' . ++$sent]);
    is(scalar $second->wait_taken($sent), $sent,
        'another session is not kept');
    $late = ($second->deliveries)[-1]{time} - $began;
}

cmp_ok($late, '<', 0.5, 'and not late');
wait_for(sub { shown()->{queued} == 100 }, 60, 'all of them');

my $shown = shown();

is($shown->{queued}, 100, 'the session shows what waits');
is($shown->{last_error}{what}, 'unreachable', 'and why');
ok(abs($shown->{last_error}{time} - time) < 10, 'and since when');
ok($shown->{last_success} && $shown->{active} && $shown->{verified},
    'and that it worked before');

$receiver->up;
@got = $receiver->wait_taken(100, 60);
is_deeply([sort @got], [sort @texts], 'a receiver that was down gets all');
is(join(' ', map { my $chat = $_; grep { /^$chat/ } @got } 'b' .. 'k'),
    join(' ', map { my $chat = $_; grep { /^$chat/ } @texts } 'b' .. 'k'),
    'in order');

$receiver->clear;
$receiver->rules({ match => 'POST', status => 502 });
arrive($session, map { [ chr(ord('A') + $_), "probe $_" ] } 0 .. 25);
sleep(3);
cmp_ok(scalar $receiver->deliveries, '<', 16,
    'a receiver that fails is not tried with all');
$receiver->rules();
is(scalar $receiver->wait_taken(26, 60), 26, 'until it works');


# ==== metrics ====

my $metrics = $controller->request('GET', '/metrics')->body;

like($metrics, qr/^whatsapp_webhook_deliveries_total
    \{session="$session",result="$_->[0]"\}\ $_->[1]$/mx,
    "deliveries are counted: $_->[0]")
    for [ 'taken', qr/[1-9]\d\d/ ], [ 'status', qr/[1-9]\d*/ ],
        [ 'timeout', 1 ], [ 'unreachable', qr/[1-9]\d*/ ],
        [ 'tls', 0 ];
like($metrics, qr/^whatsapp_webhook_queue_length\{session="$session"\} 0$/m,
    'the queue is empty');
like($metrics, qr/^whatsapp_webhook_oldest_seconds\{session="$session"\} 0$/m,
    'nothing waits');


# ==== the end ====

$receiver->clear;
$receiver->rules({ match => 'at the end', delay => 3 });
arrive($session, ['b', 'at the end'], ['b', 'never']);
wait_for(sub {
    $controller->request('GET', '/metrics')->body =~ /webhook_queue_length\{session="$session"\} 2/
}, 5, 'the last delivery');
ok($controller->process->stop('TERM', 20), 'the controller stops in time');
is_deeply([$receiver->taken], ['at the end'],
    'and lets a delivery come to its end, without a further one');

$t->done();


sub connections {
    my ($from) = @_;
    my %seen = map { $_->{connection} => 1 } $from->requests;

    return scalar keys %seen;
}


sub shown {
    return $t->get("/whatsapp/$version/$session/session")->json->{webhook};
}


sub webhooks {
    my ($text) = @_;
    my $path = $t->write_file('app/controller.conf', $text);

    chmod 0640, $path;
    chown 0, $t->user->{gid}, $path if $t->user;

    return $path;
}


sub arrive { Test::Whatsapp::Receiver::arrive($t, @_) }
