#!/usr/bin/perl

# An account that is linked brings its old messages along, and nobody is told
# of them: not at once, not after a reload, not after a restart in the middle
# of it, not when it is linked again, not without the files that say what was
# delivered.  What comes beside them is told.

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
my ($stream, $text);

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

# restart(signal, sub): a stream of the controller that comes after it; sub
# runs while there is none

sub restart {
    my ($signal, $between) = @_;

    $controller->process->stop($signal, 20);
    $between->() if $between;
    $controller->restart;
    $controller->wait_ready(120);
    opened();
}

# tells(name, again): a message comes, and nothing before it, but perhaps the
# last one again

sub tells {
    my ($name, $again) = @_;
    my $before = $text;
    my $told;

    $text = $t->canary('text');
    $phone->write('15550000002', $text);
    $told = told();
    $told = told() if $again && $told eq $before;

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is($told, $text, $name);
}


sub told {
    return decode_json($stream->event(60)->{data})
        ->{entry}[0]{changes}[0]{value}{messages}[0]{text}{body};
}

opened();
$phone->scan;
wait_for(sub { $t->read_file($mark) }, 120, 'the mark');
restart('KILL');
tells('what comes after the link is told, and nothing before it');

ok(abs($t->read_file($mark) - time()) < 120, 'the mark is of now');

$controller->request('POST', "/v1/sessions/$session/restart");
ok(wait_for(sub { $controller->state ne 'ready' }, 60), 'it restarts');
$controller->wait_ready(120);
tells('and so it is after a restart of the browser');

restart('KILL');
tells('and of the controller');

sleep 1;
is(scalar($stream->waiting), 0, 'nothing else');
is($controller->metric('whatsapp_events_total', 'type="messages"'), 1,
    'nor was anything else told');

# another link brings all of it again

$phone->logout;
$controller->wait_state('logged_out|qr', 60);
ok(wait_for(sub { !-e $t->dir . "/$mark" }, 60), 'a log-out takes the mark');
$controller->wait_state('qr', 60);
$phone->write('15550000002', $t->canary('text'));
$phone->scan;
$controller->wait_ready(120);
tells('what comes after another link is told, and nothing before it');

# without the digests the mark counts, which is the time of the last one;
# without a mark the time of the start

{
    my @files = ($t->runtime . "/delivered/$session", $t->dir . "/$mark");

    restart('TERM', sub { unlink $files[0] });
    tells('nor without the digests', 1);
    sleep 2;
    restart('TERM', sub { unlink $files[1] });
    tells('nor without the mark');
    sleep 2;
    restart('KILL', sub { unlink @files });
    tells('nor without both');
}

sleep 1;
is(scalar($stream->waiting), 0, 'and nothing else');

$t->done();
