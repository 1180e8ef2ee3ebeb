#!/usr/bin/perl

# The phone at one end, a webhook's receiver and streams behind nginx at the
# other, and a real browser between: a thousand messages at full speed, each
# once, in order.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;
use Test::Whatsapp::Stream;
use Time::HiRes qw(sleep time);

my $messages = 1000;
my @people = qw(15550000002 15550000003);
my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $receiver = Test::Whatsapp::Receiver->start($t, 8090);
my $text = $t->canary('text');
my $controller = $t->controller(args => [ '--allow-webhook-net', '127.0.0.0/8',
    '--config', Test::Whatsapp::Receiver::webhooks($t, <<"END") ]);
[session $session]
url = @{[ $receiver->url ]}
app_secret = @{[ $t->canary('secret') ]}
END

$t->run();
$controller->wait_ready;


sub opened {
    my ($last) = @_;

    return Test::Whatsapp::Stream->open($t->port(8080),
        "/whatsapp/$session/events", headers => {
            Authorization => 'Bearer ' . $t->token,
            'Last-Event-ID' => $last });
}


# message(event): what the webhook's body tells

sub message {
    my $value = decode_json($_[0]{data})->{entry}[0]{changes}[0]{value};

    return $value->{messages}[0];
}


# texts(number, events): the numbers of a person's messages

sub texts {
    my ($number, @events) = @_;

    return map { $_->{text}{body} =~ /^\Q$text\E (\d+)$/ }
        grep { $_->{from} eq $number } map { message($_) } @events;
}


# at_once(what, seconds): prints median and 95th percentile

sub at_once {
    my ($what, @times) = @_;

    @times = sort { $a <=> $b } @times;
    note(sprintf 'from the phone %s: p50 %.1f ms, p95 %.1f ms', $what,
        1000 * $times[@times / 2], 1000 * $times[@times * 0.95]);
    cmp_ok($times[@times / 2], '<', 1, "$what at once");
}


# in the time of a call

{
    my $stream = opened();
    my (@times, @started, @taken);

    for my $n (1 .. 50) {
        my $start = time;

        $phone->write($people[0], "$text first $n");
        is(message($stream->event)->{text}{body}, "$text first $n",
            'what a person writes is told') if $n == 1;
        $stream->event if $n > 1;
        push @times, time - $start;
        push @started, $start;
        sleep 0.05;
    }

    $receiver->wait_taken(50, 60);
    @taken = map { $_->{time} - shift @started } $receiver->deliveries;
    is(scalar @taken, 50, 'the webhook is called for each');

    at_once('to the reader of a stream', @times);
    at_once('to the receiver of a webhook', @taken);
    $receiver->clear;
    $stream->close;
}


# a thousand

{
    my ($way, $all, $cut, $start, @all, @cut, @taken) = ('close');

    $all = opened();
    $cut = opened();
    $start = time;

    for my $n (1 .. $messages) {
        $phone->write($people[$n % 2], "$text $n");
        next if $n % ($messages / 10);

        # cut in the middle of it
        push @cut, $cut->events($messages / 20, 60);
        $way = $way eq 'close' ? 'reset' : 'close';
        $cut->$way;
        $cut = opened($cut[-1]{id});
    }

    @all = $all->events($messages, 120);
    push @cut, $cut->events($messages - @cut, 60);
    wait_for(sub {
        $controller->metric('whatsapp_webhook_queue_length') == 0
    }, 60, 'an empty queue');
    @taken = map { { data => $_->{body} } } $receiver->deliveries;
    note(sprintf '%d messages in %.1f s', $messages, time - $start);

    for my $who (0, 1) {
        my @sent = grep { $_ % 2 == $who } 1 .. $messages;

        is_deeply([ texts($people[$who], @all) ], \@sent,
            "each message of person $who once and in order");
        is_deeply([ texts($people[$who], @cut) ], \@sent,
            "also on a stream that was cut ten times: person $who");
        is_deeply([ texts($people[$who], @taken) ], \@sent,
            "and at the webhook: person $who");
    }

    is_deeply([ map { $_->{id} . $_->{data} } @cut ],
        [ map { $_->{id} . $_->{data} } @all ], 'the same ids and bytes');
    is_deeply([ sort map { $_->{data} } @taken ],
        [ sort map { $_->{data} } @all ], 'the same bytes at the webhook');
    is(scalar($all->waiting) + scalar($cut->waiting), 0, 'and nothing else');

    $_->close for $all, $cut;
}

$t->done();
