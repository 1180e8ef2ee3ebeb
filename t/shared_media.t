#!/usr/bin/perl

# media.t once more, with two other sessions in its browser.

use strict;
use warnings;

use FindBin;

$ENV{TEST_SHARED} = 3;

exec $^X, '-I', "$FindBin::Bin/lib", "$FindBin::Bin/media.t" or die "exec: $!\n";
