package Test::Whatsapp::Ctl;

# whatsapp-ctl, as an operator calls it.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;
use POSIX ();
use Test::More;

our @EXPORT = qw(ctl ctl_json says refuses);

my $json = JSON::PP->new->utf8->allow_nonref;
my %defaults;


# defaults(options): what every call gets, as names and values

sub defaults { shift; %defaults = @_ }


# ctl(test, words): its exit status, standard output and standard error

sub ctl {
    my ($t, @words) = @_;
    my ($status, @texts);
    my @files = map { $t->dir . "/parts/ctl.$_" } qw(out err);
    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $files[0];
        open STDERR, '>', $files[1];
        exec { binary($t) } 'whatsapp-ctl', %defaults, @words
            or POSIX::_exit(127);
    }

    waitpid $pid, 0;
    $status = $? & 127 ? "signal $?" : $? >> 8;

    for my $file (@files) {
        open my $fh, '<', $file or die "$file: $!\n";
        local $/;
        push @texts, scalar(<$fh>) // '';
    }

    return ($status, @texts);
}


sub binary {
    my ($t) = @_;

    return $ENV{TEST_WHATSAPP_CTL} // $t->root . '/build/whatsapp-ctl';
}


# ctl_json(test, words): the status and the object that --json gives, which is
# all that is printed

sub ctl_json {
    my ($t, @words) = @_;
    my ($status, $out, $err) = ctl($t, @words, '--json');
    my $object = eval { $json->decode($out) };

    ok(defined $object && $err eq '', "@words --json: one object, no text")
        or diag("status $status\n$out\n$err");

    return ($status, $object);
}


# says(test, regex, words): two tests; what is printed when it does what it is
# asked for

sub says {
    my ($t, $regex, @words) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my ($status, $out, $err) = ctl($t, @words);

    is($status, 0, "@words: done") or diag($err);
    like($out, $regex, "@words: says so");

    return $out;
}


# refuses(test, status, code, regex, words): the error, for people and programs

sub refuses {
    my ($t, $status, $code, $regex, @words) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my ($got, $out, $err) = ctl($t, @words);

    ok($got eq $status && $out eq '' && $err =~ /^whatsapp-ctl: .*$regex/s,
        "@words: refused") or diag("status $got\n$out\n$err");

    # the command line is not read to its end when it is wrong

    return if !defined $code;

    my ($second, $object) = ctl_json($t, @words);

    ok($second eq $status && $object->{error}{code} eq $code
        && $object->{error}{message} ne '', "@words: the code $code")
        or diag("status $second\n" . $json->encode($object));
}


1;
