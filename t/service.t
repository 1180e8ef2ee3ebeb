#!/usr/bin/perl

# The unit of the service: systemd accepts it, and how much of the system it
# leaves open, by systemd-analyze, which needs no systemd that runs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

# how open the service may be, from 0 to 10; it only ever gets less
use constant EXPOSURE => 2.0;

my $root = "$FindBin::Bin/..";
my $unit = "$root/debian/whatsapp-controller.service";

plan skip_all => 'no systemd-analyze'
    if system('command -v systemd-analyze > /dev/null') != 0;

# the program need not be installed for that

my $text = slurp($unit);
my $copy = "/tmp/whatsapp-service-$$.service";

(my $there = $text) =~ s{/usr/sbin/whatsapp-controller}{/bin/true}g;

open my $out, '>', $copy or die "$copy: $!\n";
print $out $there;
close $out;

my $said = `systemd-analyze verify --man=no $copy 2>&1`;

unlike($said, qr/whatsapp-service/, 'the unit is valid') or diag($said);
unlink $copy;

# Other versions weigh in other ways.

SKIP: {
    my ($version) = `systemd-analyze --version` =~ /^systemd (\d+)/;

    skip "systemd $version", 2 if $version != 252;

    my ($level) = `systemd-analyze security --offline=yes --no-pager $unit 2>&1`
        =~ /Overall exposure level for \S+: ([\d.]+)/;

    cmp_ok($level, '<=', EXPOSURE, 'it is no more open than it was');

    my ($told) = slurp("$root/docs/operate.md")
        =~ /exposure level of ([\d.]+)/;

    is($told, $level, 'operate.md says so');
}

# each name is explained, or is one of those that speak for themselves

for my $name (qw(WatchdogSec StateDirectoryMode RuntimeDirectoryMode
    RuntimeDirectoryPreserve LimitCORE MemorySwapMax LimitNOFILE OOMPolicy
    NoNewPrivileges RestrictNamespaces SystemCallFilter ExecReload
    FileDescriptorStoreMax Environment))
{
    like($text, qr/^$name=/m, "$name is set");
}

unlike($text, qr/^MemoryDenyWriteExecute=yes/m, 'V8 can compile');

done_testing();


sub slurp {
    my ($path) = @_;

    open my $fh, '<', $path or die "$path: $!\n";
    local $/;
    return <$fh>;
}
