#!/usr/bin/perl

# A session that there is no memory for is not started, whoever asks for it, and
# those that run stay.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;

my $MIB = 1024 * 1024;
my ($first, $second, $third) = map { "100000000$_" } 1 .. 3;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();

# room for one session that starts, and none for two
my $controller = $t->controller(config => configure(200, $first, $second),
    args => ['--memory-interval', 200]);

$t->run();


# configure(MiB, ids): the file, its path

sub configure {
    my ($mib, @ids) = @_;

    return Test::Whatsapp::Receiver::webhooks($t, "log-level = info\n"
        . "max-memory = $mib\npair-rate = 0\n"
        . join('', map { "[session $_]\n" } @ids));
}


# change(MiB, ids): reloads it

sub change {
    my $reloads = () = $controller->log =~ / reloaded\n/g;

    configure(@_);
    kill 'HUP', $controller->pid;
    wait_for(sub { (() = $controller->log =~ / reloaded\n/g) > $reloads }, 60,
        'a reload');
}


sub sends {
    return $controller->call('message.send', { to => '15550000002',
        type => 'text', text => { body => $t->canary('text') } },
        session => $first, key => $_[0])->status == 200;
}


# ==== the configuration ====

# which of them is offered a browser first, nobody knows

wait_for(sub { grep { $controller->state($_) eq 'failed' } $first, $second },
    60, 'one to be refused');
($first, $second) = ($second, $first)
    if $controller->state($first) eq 'failed';
$controller->wait_state('ready', 60, $first);

is($controller->session($second)->{reason}, 'memory_full',
    'one of two sessions of the file waits');
like($controller->log,
    qr/error memory_full session=$second used=\d+ starting=\d each=\d+ max=/,
    'the log has the figures');
ok(sends('a'), 'the other one runs');

# ==== a start ====

wait_for(sub { $controller->request('GET', '/metrics')->body
    =~ /^whatsapp_page_memory_bytes\{session="$first"\} [1-9]/m }, 60,
    'a measurement');

my $response = $controller->request('POST', "/v1/sessions/$second/start");

is($response->status, 503, 'a start of it');
is($response->error->{code}, 'memory_full', 'says why');
$response = $controller->request('POST', "/v1/sessions/$third/start");
is($response->status, 503, 'a start of another one');
is($controller->request('GET', "/v1/sessions/$third")->status, 404,
    'which is not made');

for my $id ($second, $third) {
    graph_error($t->post("/whatsapp/$version/$id/register",
        '{"messaging_product":"whatsapp","pin":"123456"}'), 503, 131016,
        "$id: register");
}

is($controller->metric('whatsapp_memory_max_bytes'), 200 * $MIB,
    'a metric says the limit');

# ==== a reload ====

change(200, $first, $second, $third);
is($controller->wait_state('failed', 60, $third)->{reason}, 'memory_full',
    'a session that a reload names');
is($controller->state($first), 'ready', 'the one that runs stays');
ok(sends('b'), 'and sends');

# one that runs is repaired, also with too little memory

change(1, $first, $second, $third);
is($controller->request('POST', "/v1/sessions/$first/restart")->status, 200,
    'a restart');
$controller->wait_state('starting|recovering', 60, $first);
$controller->wait_state('ready', 60, $first);
ok(sends('c'), 'it is ready again');

# one that was stopped is new

is($controller->request('POST', "/v1/sessions/$first/stop")->status, 200,
    'a stop');
$controller->wait_state('stopped', 30, $first);
wait_for(sub { $controller->log =~ /browser_state browser=\d state=stopped/ },
    30, 'the end of its browser');
is($controller->request('POST', "/v1/sessions/$first/start")->status, 503,
    'one that was stopped is a further one');

# ==== with room ====

change(0, $first, $second, $third);
is($controller->request('POST', "/v1/sessions/$second/start")->status, 200,
    'without a limit it starts');
$controller->wait_state('ready', 60, $second);

$t->done();
