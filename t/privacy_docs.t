#!/usr/bin/perl

# docs/privacy.md has a row for each sentence of PRIVACY.md, each row has tests
# that exist, and the configuration that it gives keeps addresses and arguments
# out of nginx's logs. What wa-js is told not to do is read in the bridge: the
# stand-in has servers neither of link previews nor of telemetry.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX qw(mktime strftime);
use Test::More;
use Test::Whatsapp;

my $root = "$FindBin::Bin/..";
my $policy = slurp('PRIVACY.md');
my $guide = slurp('docs/privacy.md');


sub slurp {
    my ($name) = @_;

    open my $fh, '<', "$root/$name" or die "$name: $!\n";
    local $/;
    return <$fh>;
}


# plain(text): without marks of lists and tables, its blanks made one

sub plain {
    my ($text) = @_;

    $text =~ s/^ *\* //mg;
    $text =~ s/\s+/ /g;
    $text =~ s/^ | $//g;

    return $text;
}


# sentences(Markdown): its sentences, and the first cells of its tables' rows

sub sentences {
    my ($text) = @_;
    my @found;

    $text =~ s/<!--.*?-->//gs;
    $text =~ s/^#.*$//mg;

    for my $block (split /\n\s*\n|\n(?=\* )/, $text) {
        if ($block =~ /^\s*\|/) {
            my (undef, undef, @rows) = grep { /\S/ } split /\n/, $block;

            push @found, map { /^\| (.*?) \|/ ? $1 : () } @rows;
            next;
        }

        push @found, grep { length }
            split /(?<=[.:;!?])\s+(?=[A-Z`*"<])/, plain($block);
    }

    return @found;
}


# rows(Markdown): the cells of the tables about PRIVACY.md

sub rows {
    my ($text) = @_;
    my @rows;

    while ($text =~ /^\| PRIVACY\.md \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/mg) {
        push @rows, map { s/^\| | \|$//g; [ split / \| /, $_ ] }
            split /\n/, $1;
    }

    return @rows;
}


my @rows = rows($guide);
my @sentences = sentences($policy);
my $whole = plain($policy =~ s/<!--.*?-->//gsr =~ s/^#.*$//mgr);

cmp_ok(scalar @sentences, '>', 80, 'PRIVACY.md has sentences');
cmp_ok(scalar @rows, '>', 40, 'docs/privacy.md has rows');

# each sentence has a row, and each row a sentence

is(join("\n", grep {
    my $sentence = $_;
    !grep { index($_->[0], $sentence) != -1 } @rows;
} @sentences), '', 'each sentence of PRIVACY.md has a row');

is(join("\n", grep { index($whole, $_) == -1 } map { $_->[0] } @rows), '',
    'each row is about what PRIVACY.md says');

# tests

for my $row (@rows) {
    my ($quote, $held, $tests, $check) = @$row;
    my $name = substr $quote, 0, 40;
    my @tests = $tests =~ m{`(t/[\w/]+\.t)`}g;

    is(scalar @$row, 4, "$name: four cells");

    if (!@tests) {
        is($tests, 'a statement', "$name: no test, as it states no fact");
        next;
    }

    is(join(' ', grep { !-e "$root/$_" } @tests), '',
        "$name: its tests exist");
    like($held, qr/\w/, "$name: something holds it");
    like($check, qr/\w/, "$name: it can be checked");
}

# a test of the two above: a sentence or a test that is missing is found

is(scalar(grep {
    my $sentence = $_;
    !grep { index($_->[0], $sentence) != -1 } @rows;
} sentences("$policy\n\nNobody has written a row for this.\n")), 1,
    'a sentence without a row is found');

# the text as it is served

unlike($policy =~ s/^<!-- contact -->$//mr, qr/<(?!https:)/,
    'PRIVACY.md has no HTML but the mark for the contact');
unlike($policy, qr/\]\((?!https:)/, 'and no link that leads nowhere');

{
    my @months = qw(January February March April May June July August
        September October November December);
    my ($day, $month, $year) = $policy =~ /^Last updated: (\d+) (\w+) (\d+)\.$/m;
    my ($number) = grep { $months[$_] eq ($month // '') } 0 .. 11;

    ok(defined $number
        && strftime('%d', 0, 0, 0, $day, $number, $year - 1900) == $day,
        'the date of the last update is one');
}

# wa-js

like(slurp('controller/bridge/preload.js'),
    qr/^ *window\.WPPConfig = \{ disableGoogleAnalytics: true \};$/m,
    'wa-js sends no telemetry');
like(slurp('controller/bridge/sending.js'), qr/^ *linkPreview: false,$/m,
    'and asks for no link previews');

# the configuration: no address and no argument is logged

my $t = Test::Whatsapp->new();
my ($http, $location) = $guide =~ /^```nginx\n(.*?)^```/msg;

s{/var/log/nginx/}{%%DIR%%/nginx/}g for $http, $location;
$t->fake_controller();
$t->run("%%GLOBALS%%\nevents { }\nhttp {\n%%GLOBALS_HTTP%%\n$http\n"
    . "limit_req_zone \$binary_remote_addr zone=one:1m rate=1r/m;\n"
    . "server { listen 127.0.0.1:8080;\nlocation /whatsapp/ {\n"
    . "whatsapp_pass %%CONTROLLER%%;\nwhatsapp_tokens %%TOKENS%%;\n"
    . "limit_req zone=one burst=2 nodelay;\n$location} } }\n");

is($t->get("/whatsapp/$version/$session?secret=argument")->status, 200,
    'a request');
is($t->send('15550000002', $t->canary('text'))->status, 200, 'a send');
graph_error($t->get("/whatsapp/$session", token => undef), 401, 190,
    'an error');
graph_error($t->get("/whatsapp/$session"), 429, 130429, 'a refusal');

{
    my $log = $t->read_file('nginx/whatsapp.log');
    my $errors = $t->read_file('nginx/whatsapp.error.log');

    is(scalar(() = $log =~ /\n/g), 4, 'each has its line');
    like($log, qr/^\S+ POST 200 message\.send $session - [\d.]+$/m,
        'which tells what was called');
    unlike("$log$errors", qr/127\.0\.0\.1|argument/,
        'and no address and no argument');
}

$t->done();
