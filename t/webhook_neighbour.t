#!/usr/bin/perl

# A receiver that is down, or answers badly, and the receiver of another
# session beside it: the first gets every event in order when it works again,
# and those of the other are not late meanwhile.  The browser is played.
#
# TEST_WHATSAPP_SECONDS is how long each trouble lasts, if not 3.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;
use Time::HiRes qw(sleep time);

my $seconds = $ENV{TEST_WHATSAPP_SECONDS} // 3;
my $other = '1000000002';
my @chats = 'a' .. 'd';

my $t = Test::Whatsapp->new(timeout => 300 + 20 * $seconds);
my $json = JSON::PP->new->utf8->canonical;
my $text = $t->canary('text');
my $bad = Test::Whatsapp::Receiver->start($t, 8090);
my $good = Test::Whatsapp::Receiver->start($t, 8091);
my (%written, $n);

my $controller = $t->controller(
    chromium => $t->stage('chrome-told', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/', sessions => [ $session, $other ],
    args => [ '--allow-webhook-net', '127.0.0.0/8', '--config',
        Test::Whatsapp::Receiver::webhooks($t, <<"END") ]);
[session *]
app_secret = @{[ $t->canary('secret') ]}

[session $session]
url = @{[ $bad->url ]}

[session $other]
url = @{[ $good->url ]}
END

$controller->wait_ready(60, $_) for $session, $other;

my $usual = trouble('all is well', sub { });

for my $case (
    [ 'is down', sub { $bad->down }, sub { $bad->up } ],
    [ 'answers 500', { status => 500 } ],
    [ 'closes', { close => JSON::PP::true } ],
    [ 'redirects', { status => 301, headers => { Location => '/x' } } ],
    [ 'hangs', { status => undef } ],
    [ 'is slow', { delay => 1 } ],
) {
    my ($name, $begin, $end) = @$case;
    my $rule = $begin;

    if (!$end) {
        $begin = sub { $bad->rules({ match => 'POST', %$rule }) };
        $end = sub { $bad->rules };
    }

    my $p50;

    # a rest for what the other processes of the machine do; when they begin
    # to do more just then, both are measured again
    for my $try (1 .. 3) {
        $usual = trouble('all is well', sub { }) if $try > 1;
        $p50 = trouble("a receiver $name", $begin, $end);
        last if $p50 < 2 * $usual + 0.05;
    }

    cmp_ok($p50, '<', 2 * $usual + 0.05, "$name: the other is not late");
}

$t->done();


# trouble(name, begin, end): events of both sessions come, before, in and
# after it; the median delay of those of the other, in s

sub trouble {
    my ($name, $begin, $end) = @_;
    my $first = ($n // 0) + 1;
    my (@delays, @got);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $_->clear for $bad, $good;
    $begin->();

    for (my $until = time + $seconds; time < $until; sleep 0.04) {
        $n++;
        write_to($session, $chats[$n % @chats], "$text $n");
        write_to($other, $chats[$n % @chats], "$text $n");
        $written{$n} = time;
    }

    $end->() if $end;

    is(scalar $good->wait_taken($n - $first + 1), $n - $first + 1,
        "$name: the other has all");
    @delays = sort { $a <=> $b }
        map { $_->{time} - $written{ number($_) } } $good->deliveries;
    note(sprintf '%s: the delay of the other: p50 %.1f ms, p95 %.1f ms',
        $name, 1000 * $delays[@delays / 2], 1000 * $delays[@delays * 0.95]);

    my $began = time;

    # the queue may be empty while the page is asked for what it had no room for
    eval { wait_for(sub {
        sleep 0.5;
        @got = map { number($_) }
            grep { $_->{status} == 200 } $bad->deliveries;
        return @got >= $n - $first + 1;
    }, 60 + 2 * $seconds) };
    note(sprintf '%s: all is delivered %.1f s later', $name, time - $began);

    is(join(' ', sort { $a <=> $b } @got), join(' ', $first .. $n),
        "$name: each event once in the end");

    for my $chat (0 .. $#chats) {
        my @of = grep { $_ % @chats == $chat } @got;

        is("@of", join(' ', sort { $a <=> $b } @of), "$name: in order");
    }

    return $delays[@delays / 2];
}


sub number {
    my ($delivery) = @_;

    return (split / /, Test::Whatsapp::Receiver::text($delivery))[1];
}


# write_to(session, chat, text): a message reaches the account

sub write_to {
    my ($id, $chat, $body) = @_;
    my $path = $t->dir . "/state/sessions/$id/profile/inbound";
    my $wid = sprintf '1555000%04d@c.us', ord $chat;

    open my $fh, '>>', $path or die "$path: $!\n";
    print {$fh} $json->encode({ kind => 'message', chat => $wid,
        t => int time, id => sprintf("false_%s_3A%018d", $wid, $n),
        from => { wid => $wid, number => $wid =~ s/@.*//r, lid => undef,
            name => 'Ann' },
        group => undef, own => JSON::PP::false,
        message => { type => 'text', text => { body => $body } } }), "\n";
    close $fh;
}
