#!/usr/bin/perl

# An account that is linked brings its old messages along, and nobody is told
# of them: not at once, not after a reload, not after a restart.  What comes
# beside them is told.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Stream;
use Time::HiRes qw(sleep time);

my $OLD = 10_000;

my $t = Test::Whatsapp->new(timeout => 600);
my $phone = $t->standin(linked => undef);
my $controller = $t->controller();
my $mark = "state/sessions/$session/mark";
my $stream;

$phone->api('POST', '/api/play', { history => $OLD });
$t->run();
$controller->wait_state('qr', 60);

ok(!-e $t->dir . "/$mark", 'an account that is not there has no mark');


sub opened {
    $stream->close if $stream;
    $stream = Test::Whatsapp::Stream->open($t->port(8080),
        "/whatsapp/$session/events?types=messages,echoes", headers => {
            Authorization => 'Bearer ' . $t->token });
}

# tells(name): a message comes, and nothing before it

sub tells {
    my ($name) = @_;
    my $text = $t->canary('text');
    my $value;

    $phone->write('15550000002', $text);
    $value = decode_json($stream->event(60)->{data})
        ->{entry}[0]{changes}[0]{value};

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is($value->{messages}[0]{text}{body}, $text, $name);
}

opened();
$phone->scan;
$controller->wait_ready(120);
tells('what comes after the link is told, and nothing before it');

ok(abs($t->read_file($mark) - time()) < 120, 'the mark is of now');

$controller->request('POST', "/v1/sessions/$session/restart");
ok(wait_for(sub { $controller->state ne 'ready' }, 30), 'it restarts');
$controller->wait_ready(120);
tells('and so it is after a restart of the browser');

$controller->process->stop('KILL');
$controller->restart;
$controller->wait_ready(120);
opened();
tells('and of the controller');

sleep 1;
is(scalar($stream->waiting), 0, 'nothing else');
is($controller->metric('whatsapp_events_total', 'type="messages"'), 1,
    'nor was anything else told');

$t->done();
