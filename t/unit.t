#!/usr/bin/perl

# The units of controller and module, built by "make unit" from t/unit/*.c with
# cmocka.

use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my @sources = glob "$FindBin::Bin/unit/*_test.c";
my $build = $ENV{TEST_WHATSAPP_UNITS}
    // abs_path("$FindBin::Bin/..") . '/build/t';

cmp_ok(scalar @sources, '>', 0, 'there are units');

for my $source (@sources) {
    my ($name) = $source =~ m{([^/]+)\.c$};
    my ($status, $output) = $t->command(["$build/$name"]);

    is($status, 0, $name) or diag($output);
}

$t->done();
