#!/usr/bin/perl

# The audit itself: each kind of leak, planted once, is found, with its place,
# kind and encoding; and where a value may be, it is found and allowed.

use strict;
use warnings;

use File::Path qw(make_path);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

BEGIN {
    $ENV{TEST_WHATSAPP_AUDIT} = tempdir('/tmp/audit-XXXXXX', CLEANUP => 1);
}

use Test::Whatsapp;
use Test::Whatsapp::Plants qw(plant plants);

# what is said of a plant that is no file of the state directory with a value
my %expected = (
    name    => qr{^name of TEST/state/PLANTED: planted \(raw\)$},
    log     => qr{^TEST/nginx/error\.log: planted \(raw\)$},
    runtime => qr{^RUNTIME/planted: planted \(raw\)$},
    (map { $_ => qr{^/\Q$_\E/whatsapp-planted: planted \(raw\)$} }
        qw(tmp run)),
    shm     => qr{^/dev/shm/whatsapp-planted: planted \(raw\)$},
    argv    => qr{^command line of perl: planted \(raw\)$},
    environ => qr{^environment of perl: planted \(raw\)$},
    redis   => qr{^Redis \((?:keys|dump)\): planted \(raw\)$},
    monitor => qr{^Redis \(commands\): planted \(raw\)$},
    gone    => qr{^TEST/state/gone: written and gone before},
    core    => qr{^TEST/tmp/core\S*: planted \(raw\)$},
    connect => qr{^192\.0\.2\.1:80: connected to$},
    datagram => qr{^192\.0\.2\.1:53: connected to$},
);
my %encoding = (base64 => 'base64', base64url => 'base64',
    url => 'URL-encoded', hex => 'hex', HEX => 'hex', utf16le => 'UTF-16LE',
    utf16be => 'UTF-16BE', gzip => 'gzip, raw', zlib => 'gzip, raw',
    json => 'JSON-escaped', raw => 'raw');


# audited(sub): what an audit says of what sub does in a test of its own

sub audited {
    my ($do) = @_;
    my $t = Test::Whatsapp->new();
    my ($dir, $runtime) = map { quotemeta } $t->dir, $t->runtime;
    my @wrong;

    $do->($t);
    $t->{audit}->running;
    $t->stop;
    @wrong = $t->{audit}->judge;

    my $canaries = join '|', keys %{ $t->{kinds} };

    for (@wrong) {
        s/$dir/TEST/g;
        s/$runtime/RUNTIME/g;
        s/(?:$canaries)/PLANTED/g;
    }

    unlink map { "$_/whatsapp-planted" } qw(/tmp /run /dev/shm);
    return @wrong;
}


my @wrong = audited(sub {
    my ($t) = @_;

    $t->redis;
    $t->{audit}->sample(1);
    plant($t, $_) for plants();
});

for my $kind (plants()) {
    my $expected = $expected{$kind} // qr{^TEST/state/$kind:\ planted
        \ \(\Q$encoding{$kind}\E\)$}x;

    SKIP: {
        skip 'core files go elsewhere on this host', 1
            if $kind eq 'core' && slurp('/proc/sys/kernel/core_pattern')
            !~ /^core/;

        ok(scalar(grep { /$expected/ } @wrong), "planted and found: $kind")
            or diag(join "\n", "expected: $expected", @wrong);
    }
}

# where it may be, and where there is nothing

is_deeply([ audited(sub { }) ], [], 'nothing, and nothing is found');
is_deeply([ audited(sub {
    my ($t) = @_;

    make_path($t->dir . '/state/sessions/1/profile');
    $t->write_file('state/sessions/1/profile/log', $t->canary('text'));
    $t->write_file('state/sessions/1/mark', $t->canary('text'));
}) ], [ 'TEST/state/sessions/1/mark: text (raw)' ],
    'the profile may hold a value, and nothing beside it');


# ==== on an operator's host ====

# host(input, arguments): status and output

sub host {
    my ($t, $input, @args) = @_;

    return $t->command([ $^X, $t->root . '/tools/audit/host', '--shared', '',
        @args ], $input);
}


{
    my $t = Test::Whatsapp->new();
    my $value = $t->canary('text');
    my $log = $t->dir . '/nginx/error.log';
    my ($status, $output) = host($t, "\n");

    is($status, 2, 'no value') or diag($output);
    is((host($t, "12345\n"))[0], 2, 'one that is too short');

    SKIP: {
        skip 'root alone may look into all places', 4 if $> != 0;

        $t->run();
        ($status, $output) = host($t, "$value\n");
        unlike($output, qr/\Q$log\E: value/, 'a value that is nowhere');
        like($output, qr/^file: \Q$log\E$/m, 'says what was searched');
        $t->write_file('nginx/error.log.1', $value);
        ($status, $output) = host($t, "12345678\n$value\n");
        like($output, qr/^FOUND: \Q$log\E\.1: value 2 \(raw\)$/m,
            'a value in a log that was rotated');
        is($status, 1, 'is not where it may be');
        unlink "$log.1";
    }

    $t->stop;
}


sub slurp {
    my ($path) = @_;

    open my $fh, '<', $path or return '';
    return readline($fh) // '';
}


done_testing();
