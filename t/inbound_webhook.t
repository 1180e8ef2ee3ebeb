#!/usr/bin/perl

# Renderer, browser, controller and receiver die at random while messages come:
# in the end the webhook's receiver has taken every message, those of each chat
# in their order, and what it has taken twice was under the same id.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;
use Time::HiRes qw(sleep time);

my $MESSAGES = 500;
my @people = qw(15550000002 15550000003 15550000004);

my $t = Test::Whatsapp->new(timeout => 900);
my $phone = $t->standin;
my $receiver = Test::Whatsapp::Receiver->start($t, 8090);
my $secret = $t->canary('secret');
my $text = $t->canary('text');
my $file = $t->write_file('app/controller.conf', <<"END");
[session $session]
url = @{[ $receiver->url ]}
app_secret = $secret
END

chmod 0640, $file;
chown 0, $t->user->{gid}, $file if $t->user;

my $controller = $t->controller(args => [ '--config', $file,
    '--allow-webhook-net', '127.0.0.0/8' ]);

$t->run();
$controller->wait_ready;

my %kill = (
    renderer => sub { kill 'KILL', ($controller->renderer // return)->{pid} },
    browser => sub { kill 'KILL', ($controller->browser // return)->{pid} },
    controller => sub {
        $controller->process->stop('KILL');
        $controller->restart;
    },
    'controller, asked to stop' => sub {
        $controller->process->stop;
        $controller->restart;
    },
    receiver => sub {
        $receiver->down;
        sleep 1;
        $receiver->up;
    },
);
my @names = sort keys %kill;
my ($n, $kills, %ids) = (0, 0);

srand(1);

while ($n < $MESSAGES) {
    my $name = $names[$kills++ % @names];

    for (1 .. 25) {
        my $from = $people[rand @people];

        $n++;
        $ids{"$text $n"} = 'wamid.' . encode_base64url(
            $phone->write($from, "$text $n")->{id});
        sleep rand 0.02;
    }

    note("$n messages, then the $name dies");
    $kill{$name}->();
}

$controller->wait_ready(120);
check("$MESSAGES messages, $kills deaths");

# more than the queue holds, while the receiver is away

$receiver->down;

for (1 .. 1300) {
    my $from = $people[rand @people];

    $n++;
    $ids{"$text $n"} = 'wamid.' . encode_base64url(
        $phone->write($from, "$text $n")->{id});
}

ok(wait_for(sub { $controller->metric('whatsapp_events_behind') }, 60),
    'a queue that is full is behind');
$receiver->up;
check('what the queue had no room for');
ok(wait_for(sub { !$controller->metric('whatsapp_events_behind') }, 60),
    'and not behind any more');
is($controller->metric('whatsapp_events_lost_total'), 0, 'nothing is lost');


# check(name): all are taken, in the order of each chat

sub check {
    my ($name) = @_;
    my $until = time() + 120;
    my (%taken, %order, @wrong, $twice);

    while (time() < $until) {
        my %have = map { $_ => 1 } $receiver->taken;

        last if keys %have >= $n;
        sleep 0.5;
    }

    for my $delivery (grep { $_->{status} == 200 } $receiver->deliveries) {
        my $message = $delivery->{event}{entry}[0]{changes}[0]
            {value}{messages}[0];
        my ($from, $body) = ($message->{from}, $message->{text}{body});
        my ($number) = $body =~ /(\d+)$/;

        push @wrong, $body if $message->{id} ne $ids{$body};
        $twice++ if $taken{$body};
        push @wrong, "$number after $order{$from}"
            if !$taken{$body}++ && $number < ($order{$from} // 0);
        $order{$from} = $number if $number > ($order{$from} // 0);
    }

    is(scalar(keys %taken), $n, "$name: all are delivered");
    is(join(', ', @wrong), '', 'with their ids, each chat in its order');
    note(($twice // 0) . ' were delivered twice');
}

$t->done();
