#!/usr/bin/perl

# What pages and browsers take is measured, each page for its session, and told
# to operators.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Ctl;
use Test::Whatsapp::Process qw(descendants);

my $MIB = 1024 * 1024;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my @ids = map { "100000000$_" } 1 .. 3;
my $controller = $t->controller(sessions => \@ids,
    args => ['--sessions-per-browser', 2, '--memory-interval', 200]);

$t->run();
$controller->wait_state('ready', 90, $_) for @ids;


# memory(): what each session's page takes, in bytes, if it is known

sub memory {
    return map { $_->{id} => $_->{memory} } @{
        $controller->request('GET', '/v1/sessions')->json->{sessions} };
}


# pss(regex): of all processes below the controller whose command line matches

sub pss {
    my ($regex) = @_;
    my $sum = 0;

    for my $pid (map { $_->{pid} } descendants($controller->pid)) {
        open my $cmdline, '<', "/proc/$pid/cmdline" or next;
        next if (readline($cmdline) // '') !~ $regex;
        open my $rollup, '<', "/proc/$pid/smaps_rollup" or next;
        $sum += $1 * 1024 if join('', readline $rollup) =~ /^Pss: +(\d+)/m;
    }

    return $sum;
}


sub near {
    my ($told, $measured, $name) = @_;

    ok($told > 0.7 * $measured && $told < 1.3 * $measured, $name)
        or diag("told $told, measured $measured");
}


wait_for(sub {
    my %memory = memory();
    return !grep { !defined } values %memory
        && $controller->metric('whatsapp_browser_memory_bytes',
            'browser="2"');
}, 60, 'all are measured');

my %before = memory();
my $pages = 0;

$pages += $_ for values %before;
near($pages, pss(qr/--type=renderer/), 'the pages are the renderers');
near($controller->metric('whatsapp_browser_memory_bytes', 'browser="1"')
    + $controller->metric('whatsapp_browser_memory_bytes', 'browser="2"'),
    pss(qr/chrom/), 'the browsers are all their processes');

# a page that grows is that of the session which sent, and no other

for my $id (@ids) {
    my %now;

    is($controller->call('message.send', { to => '15550000002',
        type => 'text', text => { body => $t->canary('text') } },
        session => $id, key => $id)->status, 200, "$id sends");
    $phone->page('grow', page => 'sender', mib => 64);
    wait_for(sub {
        %now = memory();
        return $now{$id} && $now{$id} > $before{$id} + 60 * $MIB;
    }, 60, "the page of $id to grow");

    is(join(' ', grep { abs($now{$_} - $before{$_}) > 32 * $MIB } @ids), $id,
        "$id: its page has grown, and no other");
    %before = %now;
}

# what operators see

my $row = $t->get("/whatsapp/$version/sessions")->json->{sessions}[0];

cmp_ok($row->{memory}, '>', 64 * $MIB, 'GET /sessions');
cmp_ok($controller->metric('whatsapp_page_memory_bytes',
    qq(session="$ids[0]")), '>', 64 * $MIB, 'metrics');
like((ctl($t, 'status', $ids[0], '--socket', 'unix:' . $t->socket))[1],
    qr/ \d{2,3}M /, 'whatsapp-ctl status');

# a page that is there no more takes nothing

is($controller->request('POST', "/v1/sessions/$ids[2]/stop")->status, 200,
    'one is stopped');
$controller->wait_state('stopped', 60, $ids[2]);
is({ memory() }->{$ids[2]}, undef, 'its page is gone');
ok(wait_for(sub {
    $controller->metric('whatsapp_browser_memory_bytes', 'browser="2"') == 0
}, 60, 'its browser to end'), 'and its browser');
is($controller->metric('whatsapp_page_memory_bytes',
    qq(session="$ids[2]")), 0, 'so is the metric');

$t->done();
