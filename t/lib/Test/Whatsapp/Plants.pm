package Test::Whatsapp::Plants;

# Leaks on purpose, one of each kind that an audit has to find.

use strict;
use warnings;

use Exporter qw(import);
use MIME::Base64 qw(encode_base64 encode_base64url);
use Compress::Zlib ();
use Test::Whatsapp::Process qw(wait_for);
use Test::Whatsapp::Redis;

our @EXPORT_OK = qw(plant plants encodings);


# in a file that a traced program writes below the state directory

my %encodings = (
    raw    => sub { "before $_[0] after" },
    base64 => sub { encode_base64("xy$_[0]z", '') },
    base64url => sub { encode_base64url("x\xff\xfe$_[0]") },
    url    => sub { join '', map { sprintf '%%%02X', ord } split //, $_[0] },
    hex    => sub { unpack 'H*', $_[0] },
    HEX    => sub { uc unpack 'H*', $_[0] },
    utf16le => sub { pack 'v*', map { ord } split //, $_[0] },
    utf16be => sub { pack 'n*', map { ord } split //, $_[0] },
    gzip   => sub { "head" . Compress::Zlib::memGzip("a $_[0] b") . 'tail' },
    zlib   => sub { "head" . Compress::Zlib::compress("a $_[0] b") },
    json   => sub { join '', map { sprintf '\u%04X', ord } split //, $_[0] },
);

my %plants = (
    (map { my $name = $_; $name => sub {
        my ($t, $text) = @_;
        traced($t, "open F, '>', '" . $t->dir . "/state/$name'; "
            . "print F pack 'H*', '" . unpack('H*', $encodings{$name}->($text))
            . "'; close F");
    } } keys %encodings),
    log    => sub { append($_[0]->dir . '/nginx/error.log', "$_[1]\n") },
    tmp    => sub { append('/tmp/whatsapp-planted', $_[1]) },
    run    => sub { append('/run/whatsapp-planted', $_[1]) },
    shm    => sub { append('/dev/shm/whatsapp-planted', $_[1]) },
    runtime => sub { append($_[0]->runtime . '/planted', $_[1]) },
    name   => sub { traced($_[0], "open F, '>', '" . $_[0]->dir
        . "/state/$_[1]'") },
    argv   => sub { traced($_[0], 'sleep 600', [ $_[1] ]) },
    environ => sub { traced($_[0], 'sleep 600', [], { PLANTED => $_[1] }) },
    redis  => sub { redis($_[0])->command('SET', 'planted', $_[1]) },
    monitor => sub { redis($_[0])->command('ECHO', $_[1]) },
    gone   => sub { traced($_[0], "open F, '>', '" . $_[0]->dir
        . "/state/gone'; unlink '" . $_[0]->dir . "/state/gone'") },
    core   => sub { traced($_[0], "chdir '" . $_[0]->dir . "/tmp'; "
        . 'kill SEGV => $$', [ $_[1] ]) },
    connect => sub { traced($_[0], 'use Socket; socket S, PF_INET, '
        . 'SOCK_STREAM, 0; fcntl S, 4, 2048; connect S, '
        . "pack_sockaddr_in 80, inet_aton '192.0.2.1'") },
    datagram => sub { traced($_[0], 'use Socket; socket S, PF_INET, '
        . 'SOCK_DGRAM, 0; send S, "x", 0, '
        . "pack_sockaddr_in 53, inet_aton '192.0.2.1'") },
);


# plants(), encodings(): their names, the latter being some of the former

sub plants { return sort keys %plants }

sub encodings { return sort keys %encodings }


# plant(test, kind)

sub plant {
    my ($t, $kind) = @_;

    ($plants{$kind} or die "PLANT is one of: @{[ plants() ]}\n")
        ->($t, $t->canary('planted'));
}


sub traced {
    my ($t, $code, $argv, $env) = @_;
    my $process = $t->spawn('planted', [ $^X, '-e', $code, @{ $argv // [] } ],
        env => $env // {});

    if ($code =~ /^sleep/) {
        wait_for(sub { _read('/proc/' . $process->pid . '/comm')
            =~ /^perl/ }, 20, 'a planted process');
        return;
    }

    wait_for(sub { !$process->running }, 20, 'a planted process');
}


sub _read {
    my ($path) = @_;

    open my $fh, '<', $path or return '';
    return readline($fh) // '';
}


sub append {
    my ($path, $text) = @_;

    open my $fh, '>>', $path or die "$path: $!\n";
    print {$fh} $text;
    close $fh;
}


sub redis {
    my ($t) = @_;
    my ($path) = glob $t->dir . '/tmp/redis*.sock';

    return $path ? Test::Whatsapp::Redis->connect($path) : $t->redis;
}


1;
