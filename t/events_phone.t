#!/usr/bin/perl

# The stream of events with the phone at one end, nginx at the other and a real
# browser between: a thousand messages at full speed, each once, in order.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Stream;
use Time::HiRes qw(time);

my $messages = 1000;
my @people = qw(15550000002 15550000003);
my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();
my $text = $t->canary('text');

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


# in the time of a call

{
    my $stream = opened();
    my @times;

    for my $n (1 .. 50) {
        my $start = time;

        $phone->write($people[0], "$text first $n");
        is(message($stream->event)->{text}{body}, "$text first $n",
            'what a person writes is told') if $n == 1;
        $stream->event if $n > 1;
        push @times, time - $start;
    }

    @times = sort { $a <=> $b } @times;
    cmp_ok($times[25], '<', 1, 'at once');
    note(sprintf 'from the phone to the reader: median %.1f ms, most %.1f ms',
        1000 * $times[25], 1000 * $times[-1]);
    $stream->close;
}


# a thousand

{
    my ($all, $cut, $start, @all, @cut);

    $all = opened();
    $cut = opened();
    $start = time;

    for my $n (1 .. $messages) {
        $phone->write($people[$n % 2], "$text $n");
        next if $n % ($messages / 10);

        # cut in the middle of it
        push @cut, $cut->events($messages / 20, 60);
        $cut->close;
        $cut = opened($cut[-1]{id});
    }

    @all = $all->events($messages, 120);
    push @cut, $cut->events($messages - @cut, 60);
    note(sprintf '%d messages in %.1f s', $messages, time - $start);

    for my $who (0, 1) {
        my @sent = grep { $_ % 2 == $who } 1 .. $messages;

        is_deeply([ texts($people[$who], @all) ], \@sent,
            "each message of person $who once and in order");
        is_deeply([ texts($people[$who], @cut) ], \@sent,
            "also on a stream that was cut ten times: person $who");
    }

    is_deeply([ map { $_->{id} . $_->{data} } @cut ],
        [ map { $_->{id} . $_->{data} } @all ], 'the same ids and bytes');
    is(scalar($all->waiting) + scalar($cut->waiting), 0, 'and nothing else');

    $_->close for $all, $cut;
}

$t->done();
