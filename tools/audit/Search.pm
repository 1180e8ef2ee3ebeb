package Search;

# Looks for values in bytes: as they are, in base64 at any place and in both
# alphabets, URL-encoded, in hex, in UTF-16, escaped as JSON and logs do it,
# and in what was compressed by gzip or zlib. Letters match in either case.
#
#     my $search = Search->new({ kind => 'text', value => 'Hello' }, ...);
#     $search->file('/var/log/nginx/error.log');
#     $search->bytes('environment of 4711', $bytes);
#     print "$_->{place}: $_->{kind} ($_->{encoding})\n" for $search->found;
#
# Core Perl only. A value of digits alone, 7 or more, also matches with the
# signs that people write between digits.

use strict;
use warnings;

use Compress::Raw::Zlib;
use Time::HiRes ();

# bytes that are read at once, and inflated at most
my $CHUNK = 64 << 20;
my $INFLATED = 32 << 20;

# shorter pieces of base64 are found everywhere
my $PIECE = 8;


# new(values): each with kind (a word for reports) and value (bytes)

sub new {
    my ($class, @values) = @_;
    my $self = bless { exact => {}, folded => {}, number => {}, longest => 0,
        found => [], seen => {}, files => 0, places => 0, bytes => 0 },
        $class;

    $self->_add($_) for @values;

    for my $set (qw(exact folded number)) {
        my $any = join '|', map { $set eq 'number' ? $_ : quotemeta }
            sort keys %{ $self->{$set} };

        $self->{"any_$set"} = qr/($any)/ if $any ne '';
    }

    return $self;
}


sub _add {
    my ($self, $value) = @_;
    my ($kind, $bytes) = @$value{qw(kind value)};
    my %forms;

    utf8::encode($bytes) if utf8::is_utf8($bytes);
    $forms{$_->[1]} //= $_->[0] for _forms($bytes);
    delete $forms{''};

    $self->{folded}{ lc $_ } //= [$kind, $forms{$_}] for keys %forms;
    $self->{exact}{$_} //= [$kind, 'base64'] for _base64_pieces($bytes);

    if ($bytes =~ /^\+?(\d{7,})$/) {
        my $pattern = join '[\s().+-]{0,3}', split //, $1;

        $self->{number}{$pattern} = [$kind, 'formatted'];
    }

    for my $length (map { length } keys %forms) {
        $self->{longest} = $length if $length > $self->{longest};
    }
}


# _forms(bytes): [name, form] of each encoding but base64, the plain one first

sub _forms {
    my ($bytes) = @_;
    my ($url, $plus, $json, $log) = ($bytes) x 4;
    my ($text, @units);

    $text = $bytes;
    utf8::decode($text);
    @units = map { $_ < 0x10000 ? $_ : (0xD800 + ($_ - 0x10000 >> 10),
        0xDC00 + ($_ - 0x10000 & 0x3FF)) } map { ord } split //, $text;

    $url =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ge;
    ($plus = $url) =~ s/%20/+/g;
    $log =~ s/([^ !#-\[\]-~])/sprintf '\\x%02X', ord $1/ge;
    $json = join '', map { $_ > 0x7E || $_ < 0x20 ? sprintf '\\u%04x', $_
        : chr } @units;
    $json =~ s/(["\\])/\\$1/g;
    $json =~ s/\\\\u/\\u/g;

    return (
        [raw => $bytes],
        ['URL-encoded' => $url], ['URL-encoded' => $plus],
        ['URL-encoded' => join '', map { sprintf '%%%02x', ord }
            split //, $bytes],
        ['JSON-escaped' => $json], ['JSON-escaped' => $json =~ s{/}{\\/}gr],
        ['JSON-escaped' => $bytes =~ s{/}{\\/}gr],
        ['JSON-escaped' => join '', map { sprintf '\\u%04x', $_ } @units],
        ['log-escaped' => $log],
        [hex => unpack 'H*', $bytes],
        ['UTF-16LE' => pack 'v*', @units], ['UTF-16BE' => pack 'n*', @units],
    );
}


# _base64_pieces(bytes): the characters that base64 has of them, whatever comes
# before and after, in both alphabets

sub _base64_pieces {
    my ($bytes) = @_;
    my %pieces;

    for my $before (0 .. 2) {
        my $text = _base64(("\0" x $before) . $bytes);
        my $over = ($before + length $bytes) % 3;

        $text = substr $text, (0, 2, 3)[$before];
        substr($text, -(0, 3, 2)[$over]) = '' if $over;
        next if length $text < $PIECE;

        $pieces{$text} = 1;
        $pieces{ $text =~ tr{+/}{-_}r } = 1;
    }

    return keys %pieces;
}


sub _base64 {
    my ($bytes) = @_;
    my $text = '';

    for (my $i = 0; $i < length $bytes; $i += 45) {
        my $line = pack 'u', substr $bytes, $i, 45;

        $text .= substr $line, 1, -1;
    }

    $text =~ tr{`!-_}{A-Za-z0-9+/};
    substr($text, -$_) = '=' x $_ for grep { $_ } -length($bytes) % 3;

    return $text;
}


# file(path, place): searches a regular file and its name, unless it was
# searched and has not been changed since, as far as it reaches at first; false
# if it can't be read

sub file {
    my ($self, $path, $place) = @_;
    my ($part, $keep) = ('', '');
    my ($fh, $version, $left);

    $place //= $path;

    open $fh, '<:raw', $path or return 0;
    $version = join ' ', $path, (stat $fh)[0, 1, 7], (Time::HiRes::stat($fh))[9];
    return 1 if $self->{versions}{$version}++;

    $self->_search("name of $place", $path);
    $self->{files}++;
    $left = -s $fh;

    while ($left > 0 && (my $got = read $fh, $part, $CHUNK)) {
        $left -= $got;
        $self->{bytes} += $got;
        $self->_search($place, $keep . $part);
        $keep = substr $part, -(2 * $self->{longest});
    }

    return 1;
}


# bytes(place, bytes): searches what is no file

sub bytes {
    my ($self, $place, $bytes) = @_;

    $self->{places}++;
    $self->{bytes} += length $bytes;
    $self->_search($place, $bytes);
}


# tree(directory, skip): searches all files below it; skip gets the path of a
# file or directory and returns true for those that are left out

sub tree {
    my ($self, $dir, $skip) = @_;
    my @dirs = ($dir);

    while (defined(my $path = shift @dirs)) {
        opendir my $dh, $path or next;

        for my $name (readdir $dh) {
            my $child = "$path/$name";

            next if $name eq '.' || $name eq '..' || $skip && $skip->($child);

            if (-l $child) {
                $self->bytes("link $child", readlink $child // '');

            } elsif (-d _) {
                push @dirs, $child;

            } elsif (-f _) {
                $self->file($child);
            }
        }
    }
}


sub _search {
    my ($self, $place, $bytes, $within) = @_;
    my %sets = (exact => \$bytes, number => \$bytes);
    my $folded = lc $bytes;

    $sets{folded} = \$folded;

    for my $set (keys %sets) {
        my $any = $self->{"any_$set"} or next;
        my $text = $sets{$set};

        while ($$text =~ /$any/g) {
            my $hit = $self->{$set}{$1}
                // (values %{ $self->{number} })[0];

            $self->_note($place, @$hit, $within);
        }
    }

    return if $within;

    while ($bytes =~ /\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]/g) {
        my $inflated = _inflate(\$bytes, $-[0]);

        $self->_search($place, $inflated, 'gzip') if length $inflated > 4;
    }
}


sub _inflate {
    my ($bytes, $at) = @_;
    my $inflate = Compress::Raw::Zlib::Inflate->new(
        -WindowBits => WANT_GZIP_OR_ZLIB, -AppendOutput => 1);
    my $out = '';
    my $step = 512;

    # most of what looks like a header is none, and fails at once
    while (length $out < $INFLATED && $at < length $$bytes) {
        my $input = substr $$bytes, $at, $step;

        $at += $step;
        $step = 1 << 16;
        last if $inflate->inflate($input, $out) != Z_OK;
    }

    return $out;
}


sub _note {
    my ($self, $place, $kind, $encoding, $within) = @_;

    $encoding = "$within, $encoding" if $within;
    return if $self->{seen}{"$place $kind $encoding"}++;

    push @{ $self->{found} },
        { place => $place, kind => $kind, encoding => $encoding };
}


# found(): what was found so far, each place, kind and encoding once

sub found { @{ $_[0]{found} } }

# counts(): how many files, other places and bytes were searched

sub counts { @{ $_[0] }{qw(files places bytes)} }


1;
