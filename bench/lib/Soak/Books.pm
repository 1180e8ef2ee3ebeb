package Soak::Books;

# Whether all has arrived, and once: the books of those who send and write,
# held against what the phone and the receiver of webhooks got.

use strict;
use warnings;

use Bench;
use JSON::PP;
use List::Util qw(sum);
use Soak;
use Soak::Figures;
use Test::More;

# s after a fault in which a send may miss its deadline
my $after = 30;

my $json = JSON::PP->new->utf8->canonical;


# sent(phone, text => what begins each text, sends => [entries])

sub sent {
    my ($phone, %opt) = @_;
    my (%arrived, %acts, %wrong);

    for my $message ($phone->messages) {
        $arrived{$1}{ $message->{wamid} }++
            if $json->encode($message) =~ /\Q$opt{text}\E (\d+-\d+)\b/;
    }

    $acts{ wamid($_->{target}) }{ $_->{id} }++
        for @{ $phone->api('GET', '/api/acts') };

    for my $entry (@{ $opt{sends} }) {
        my $ids = $entry->{kind} eq 'reaction' ? $acts{ $entry->{target} }
            : $arrived{ $entry->{id} };
        my $times = keys %{ $ids // {} };
        my $id = "$entry->{id} ($entry->{kind})";

        push @{ $wrong{twice} }, $id if $times > 1;
        push @{ $wrong{lost} }, $id if $entry->{sent} && !$times;
        push @{ $wrong{open} }, $id if $entry->{open};
        push @{ $wrong{against} }, $id
            if $times && !$entry->{sent} && !$entry->{open}
            && !grep { ($_->{outcome} // '') ne 'not_sent' }
            @{ $entry->{failures} };
        push @{ $wrong{other} }, $id if $entry->{sent}
            && $times && $entry->{kind} ne 'reaction'
            && !$ids->{ $entry->{wamid} // '' };
    }

    for my $case (
        [ twice => 'nothing has arrived twice' ],
        [ lost => 'all that was answered by 200 is there' ],
        [ open => 'each send with a key has an end' ],
        [ against => 'what was not sent is not there' ],
        [ other => 'each is told the id under which it arrived' ],
    ) {
        is(join(' ', @{ $wrong{ $case->[0] } // [] }), '', $case->[1]);
    }
}


# written(receiver, people => [entries], sessions => [ids], text)

sub written {
    my ($receiver, %opt) = @_;
    my (%told, @missing, @incomplete, $again);

    open my $fh, '<', "$receiver->{dir}/requests" or die "requests: $!\n";

    while (my $line = <$fh>) {
        my $request = $json->decode($line);

        next if $request->{method} ne 'POST' || $request->{status} != 200;

        my $value = $json->decode($request->{body})
            ->{entry}[0]{changes}[0]{value};
        my $session = $value->{metadata}{phone_number_id};

        for my $message (@{ $value->{messages} // [] }) {
            $again++ if $told{$session}{ $message->{id} };
            $told{$session}{ $message->{id} } = $message;
        }
    }

    for my $entry (@{ $opt{people} }) {
        for my $session (@{ $opt{sessions} }) {
            my $message = $told{$session}{ $entry->{id} };
            my $id = "$session $entry->{text}";

            push @missing, $id if !$message;
            push @incomplete, $id if $message && !is_whole($entry, $message);
        }
    }

    report(sprintf '%d messages to %d sessions, %d told again',
        scalar @{ $opt{people} }, scalar @{ $opt{sessions} }, $again // 0);
    is(scalar @missing, 0, 'none of what was written is missing')
        or diag("@missing[0 .. ($#missing > 20 ? 20 : $#missing)]");
    is("@incomplete", '', 'and all is complete');
}


sub is_whole {
    my ($entry, $message) = @_;
    my $kind = $entry->{kind};
    my $content = $message->{$kind};
    my %member = (text => 'body', location => 'name', image => 'caption',
        document => 'caption', reaction => 'emoji');

    return $message->{type} eq $kind
        && $content->{ $member{$kind} } eq $entry->{text}
        && ($kind !~ /image|document/ || $content->{id} && $content->{sha256});
}


# answers(sends => [entries], faults => [entries], began => time): prints what
# was answered but by 200, and how many deadlines were missed, apart from those
# soon after a fault; the number of these others

sub answers {
    my (%opt) = @_;
    my @sends = @{ $opt{sends} };
    my @failures = map { @{ $_->{failures} } } @sends;
    my (%answers, %slow, %faults, $others);

    $answers{ join ' ', $_->{status}, $_->{code} // '-', $_->{outcome} // '-',
        $_->{details} // '' }++ for @failures;

    for my $failure (grep { Soak::Figures::missed($_) } @failures) {
        my $soon = grep { $_->{harmful}
            && $failure->{began} + $failure->{seconds} >= $_->{time}
            && $failure->{began} <= $_->{time} + $_->{seconds} + $after }
            @{ $opt{faults} };
        my $at = int(($failure->{began} - $opt{began}) / 600);

        $slow{$at}[$soon ? 1 : 0]++;
        $others++ if !$soon;
    }

    push @{ $faults{ $_->{name} } }, $_->{seconds} for @{ $opt{faults} };

    report(sprintf "\n%d sends, %d ended with 200, %d tries; failed ones:",
        scalar @sends, scalar(grep { $_->{sent} } @sends),
        sum(0, map { $_->{tries} } @sends));
    report(sprintf '%6d  %s', $answers{$_}, $_)
        for sort { $answers{$b} <=> $answers{$a} } keys %answers;

    report("\nmissed deadlines of 10 minutes: soon after a fault, otherwise");
    report(sprintf '%6d  %4d %4d', 10 * $_, $slow{$_}[1] // 0,
        $slow{$_}[0] // 0) for sort { $a <=> $b } keys %slow;

    report("\nfaults: number, s until all are ready: median, longest");
    report(sprintf '%6d  %5.1f %5.1f  %s', scalar @{ $faults{$_} },
        median(@{ $faults{$_} }), (sort { $b <=> $a } @{ $faults{$_} })[0],
        $_) for sort keys %faults;

    return $others // 0;
}


1;
