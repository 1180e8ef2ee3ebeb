package Soak;

# What the parts of the soak share: its figures of time, processes that it
# forks, and books that these write, a line of JSON for each entry.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use POSIX qw(_exit);

our @EXPORT = qw($deadline $ttl child book entries wamid);

# s after which nginx gives a call up; a later answer is a missed deadline
our $deadline = 20;

# s for which uploaded files are kept
our $ttl = 300;

my $json = JSON::PP->new->utf8->canonical;


# child(name, sub): a process that runs it; its pid

sub child {
    my ($name, $run) = @_;
    my $pid = fork() // die "fork: $!\n";

    return $pid if $pid;

    # nothing of the parent's END must run here
    $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);
    eval { $run->(); 1 } or do {
        print STDERR "$name: $@";
        _exit(1);
    };
    _exit(0);
}


# book(file): writes an entry, a reference, at once

sub book {
    my ($file) = @_;

    open my $fh, '>>', $file or die "$file: $!\n";

    return sub {
        syswrite $fh, $json->encode($_[0]) . "\n";
    };
}


# entries(file, offset): (offset behind the last whole line, entries from the
# offset on)

sub entries {
    my ($file, $offset) = @_;
    my @entries;

    $offset //= 0;
    open my $fh, '<', $file or return ($offset);
    seek $fh, $offset, 0;

    while (my $line = <$fh>) {
        last if $line !~ /\n\z/;
        $offset += length $line;
        push @entries, $json->decode($line);
    }

    return ($offset, @entries);
}


# wamid(key): the API's id of a message that WhatsApp knows by this key

sub wamid { 'wamid.' . encode_base64url($_[0]) }


1;
