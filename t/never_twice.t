#!/usr/bin/perl

# Clients that want their texts sent: each has a key and is repeated with it
# until it is answered by 200, while the controller, the browser and the page
# are killed. Every text arrives exactly once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Load;
use Time::HiRes qw(sleep);

my $clients = 6;
my $each = 60;

my $t = Test::Whatsapp->new();
my $phone = $t->standin(latency => 5);
my $controller = $t->controller(args => ['--idempotency-max', 32]);

$t->run();
$controller->wait_ready;

# that is how nginx logs a missing unix socket
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);

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
);

my $text = $t->canary('text');
my $load = Test::Whatsapp::Load->start($t, clients => $clients,
    each => $each, text => $text, keyed => 1, timeout => 40,
    to => [map { "1555000000$_" } 2 .. 7]);
my $done = 0;
my (@answers, @messages, %arrived, %ids, %tries);

for my $victim (qw(controller page controller browser stopped)) {
    $load->wait_answers($done += 50);
    $victims{$victim}->();
    $controller->wait_ready;
}

@answers = $load->finish;
@messages = $phone->messages(qr/\Q$text\E/);
$arrived{ $_->{body} }++ for @messages;
$ids{ $_->{wamid} } = $_->{body} for @messages;
$tries{ $_->{tries} }++ for @answers;
note('tries: ', join ', ', map { "$_: $tries{$_}" } sort keys %tries);

is(scalar @answers, $clients * $each, 'each client is told in the end');
is(scalar keys %arrived, $clients * $each, 'each text arrives');
is(join(' ', grep { $arrived{$_} > 1 } keys %arrived), '', 'none twice');
is(join(' ', map { $_->{id} } grep {
    ($ids{ $_->{message_id} } // '') ne "$text $_->{id}" } @answers), '',
    'each is told the id under which its text arrived');

$t->done();
