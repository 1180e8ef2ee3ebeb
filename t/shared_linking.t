#!/usr/bin/perl

# linking.t once more, with two other sessions in its browser.

use strict;
use warnings;

use FindBin;

$ENV{TEST_SHARED} = 3;

exec $^X, '-I', "$FindBin::Bin/lib", "$FindBin::Bin/linking.t" or die "exec: $!\n";
