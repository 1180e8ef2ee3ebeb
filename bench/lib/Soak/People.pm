package Soak::People;

# Those who write to the account: texts, files, places and reactions, some in
# a group, and now and then they read what the account wrote.

use strict;
use warnings;

use Soak;
use Time::HiRes qw(sleep time);

my @people = map { "1555000000$_" } 2 .. 5;
my $group = '120363000000000001@g.us';
my %members = map { $_ => 1 } @people[0, 1];
my @kinds = qw(text text image text reaction text read document text location);


# run(phone, book => file, text => what begins each text, every => s, until =>
#     time)

sub run {
    my ($class, $phone, %opt) = @_;
    my $write = book($opt{book});
    my $n = 0;
    my %last;

    while (time() < $opt{until}) {
        my $kind = $kinds[$n % @kinds];
        my $from = $people[rand @people];

        if ($kind eq 'read') {
            $phone->api('POST', '/api/read', { from => $from });

        } elsif ($kind eq 'reaction' && $last{$from}) {
            my $act = $phone->api('POST', '/api/react', { from => $from,
                target => delete $last{$from}, emoji => "\x{1f600}" });

            $write->({ time => time(), id => wamid($act->{id}),
                kind => 'reaction', text => "\x{1f600}" });

        } else {
            $kind = 'text' if $kind eq 'reaction';

            my $text = "$opt{text} in-$n";
            my %file = content($phone, $kind, $text);
            my $message = $phone->api('POST', '/api/messages', {
                from => $from, type => $kind, %file,
                $members{$from} && rand() < 0.3 ? (group => $group) : () });

            $write->({ time => time(), id => wamid($message->{id}),
                kind => $kind, text => $text });
            $last{$from} = $message->{id};
        }

        $n++;
        sleep $opt{every} * (0.5 + rand);
    }
}


# content(phone, kind, text): the members of a message; a file is as long as a
# small picture

sub content {
    my ($phone, $kind, $text) = @_;

    return (body => $text) if $kind eq 'text';
    return (location => { latitude => 1, longitude => 2, name => $text,
        address => 'Street 1', url => 'https://example.com/' })
        if $kind eq 'location';

    my $file = $phone->upload($kind eq 'image' ? 'image/jpeg'
        : 'application/pdf', $text x 1000);

    return (media => $file->{id}, caption => $text,
        $kind eq 'document' ? (filename => "$text.pdf") : ());
}


1;
