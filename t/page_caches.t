#!/usr/bin/perl

# What a browser keeps of the files of a page lies in the runtime directory, which
# is memory: it is bounded, and gone with the browser.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

# MiB, of --disk-cache-size, which bounds each of a page's caches
my $BOUND = 32;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();

$t->run();
$controller->wait_ready;


# mib(): of all files that are kept

sub mib {
    my ($sum, @dirs) = (0, $t->runtime . '/browser-1/pages');

    while (defined(my $dir = shift @dirs)) {
        opendir my $fh, $dir or next;

        for my $path (map { "$dir/$_" } grep { !/^\.\.?$/ } readdir $fh) {
            push @dirs, $path if -d $path;
            $sum += (stat _)[7] // 0 if -f $path;
        }
    }

    return $sum / 1024 / 1024;
}


# scripts of 56 MiB, of which a good part is kept

my ($most, $last, $same) = (0, -1, 0);

$phone->page('cache', mib => 56);
wait_for(sub {
    my $mib = mib();

    $same = $mib == $last ? $same + 1 : 0;
    $last = $mib;
    $most = $mib if $mib > $most;

    return $most > $BOUND / 2 && $same > 20;
}, 60, 'the cache to be filled');
cmp_ok($most, '<', $BOUND * 1.25, 'files of 56 MiB are kept in part');

$controller->process->stop('TERM', 20);
is(mib(), 0, 'nothing of them is left');

$t->done();
