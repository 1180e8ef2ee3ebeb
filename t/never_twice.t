#!/usr/bin/perl

# Clients that want their texts sent: each has a key and is repeated with it
# until it is answered by 200, while the controller, the browser, the page and
# nginx are killed or stopped. Every text arrives exactly once.
#
# TEST_WHATSAPP_SENDS is the number of sends if not 360; there is a fault to
# each 60 or so of them, as often as it takes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Load;
use Time::HiRes qw(sleep);

my $clients = 6;
my $sends = $ENV{TEST_WHATSAPP_SENDS} // 360;
my $each = int($sends / $clients);

# a fault each so many answers, and the longest time that it all may take, in s
my $between = 50;
my $limit = 100 + $sends;

my $t = Test::Whatsapp->new(timeout => $limit + 100);
my $phone = $t->standin(latency => 5);
my $controller = $t->controller(args => ['--idempotency-max', 32]);

$t->run();
$controller->wait_ready;

# that is how nginx logs a missing unix socket
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);

# and its worker's death
$t->allow_alert(qr/\[alert\] .* worker process \d+ exited on signal 9/);

my %victims = (
    controller => sub {
        $controller->process->stop('KILL');
        $controller->restart;
    },
    stopped    => sub {
        $controller->process->stop('TERM', 20);
        $controller->restart;
    },
    browser    => sub { kill 'KILL', $controller->browser->{pid} },
    page       => sub { kill 'KILL', $controller->renderer->{pid} },
    'frozen browser' => sub { kill 'STOP', $controller->browser->{pid} },
    'frozen page'    => sub { kill 'STOP', $controller->renderer->{pid} },
    worker     => sub { kill 'KILL', ($t->workers)[0] },
);

my $text = $t->canary('text');
my $load = Test::Whatsapp::Load->start($t, clients => $clients,
    each => $each, text => $text, keyed => 1, timeout => 40,
    to => [map { "1555000000$_" } 2 .. 7]);
my $done = 0;
my (@answers, @messages, %arrived, %ids, %tries);

my @order = ('controller', 'page', 'controller', 'browser', 'stopped',
    'frozen browser', 'worker', 'frozen page', 'browser');
my $faults = int($sends / 72);

for my $n (0 .. $faults - 1) {
    $load->wait_answers($done += $between, $limit);
    $victims{ $order[$n % @order] }->();
    $controller->wait_ready;
}

@answers = $load->finish($limit);
@messages = $phone->messages(qr/\Q$text\E/);
$arrived{ $_->{body} }++ for @messages;
$ids{ $_->{wamid} } = $_->{body} for @messages;
$tries{ $_->{tries} }++ for @answers;
note("faults: $faults; tries: ",
    join ', ', map { "$_: $tries{$_}" } sort keys %tries);

is(scalar @answers, $clients * $each, 'each client is told in the end');
is(scalar keys %arrived, $clients * $each, 'each text arrives');
is(join(' ', grep { $arrived{$_} > 1 } keys %arrived), '', 'none twice');
is(join(' ', map { $_->{id} } grep {
    ($ids{ $_->{message_id} } // '') ne "$text $_->{id}" } @answers), '',
    'each is told the id under which its text arrived');

$t->done();
