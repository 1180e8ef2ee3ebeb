#!/usr/bin/perl

# How a login ends: because the API was asked to, because the phone removes
# the device, or because WhatsApp locks or bans the account. The page goes to
# another address each time, and not always says so before.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef);
my $controller = $t->controller();

$t->run();

my $base = "/whatsapp/$version/$session";


sub public { $t->get("$base/session")->json }


# link(): scans the code as soon as there is one

sub link {
    $controller->wait_state('qr', 60);
    wait_for(sub {
        return $t->get("$base/session/qr")->status == 200
            && eval { $phone->scan };
    }, 60, 'a QR code to scan');
    $controller->wait_ready;
}


# ends(name, reason): the session shows a QR code soon and says why

sub ends {
    my ($name, $reason) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $controller->wait_state('qr', 60);
    like(public()->{reason}, $reason, "$name: the reason");
    is(public()->{wa_id}, undef, "$name: no number any more");
    ok(-d $t->dir . "/state/sessions/$session/profile",
        "$name: the profile stays");
}


# counted(name, reason, count, ...): so many logouts by reason, and no others

sub counted {
    my ($name, %expected) = @_;
    my %counts;

    for my $reason (qw(asked removed failed sync history locked)) {
        my $count = $controller->metric('whatsapp_logouts_total',
            qq(reason="$reason"));

        $counts{$reason} = 0 + $count if $count;
    }

    is_deeply(\%counts, \%expected, "$name: counted");
}


&link;
is(public()->{reason}, undef, 'a linked session needs no reason');

# asked for: the answer comes, although the page leaves

my $response = $t->post("$base/deregister", '{}', timeout => 60);

is($response->status, 200, 'logged out on request') or diag($response->body);
ok($response->json->{success}, 'which is a success');
graph_error($t->send('15550000002', $t->canary('text')), 400, 133010,
    'a send afterwards', details => qr/not_sent/);
ends('on request', qr/^logged out$/);
counted('on request', asked => 1);

# the phone removes the device

&link;
is(public()->{reason}, undef, 'linked again: the reason is gone');
$phone->logout;
is($controller->wait_state('logged_out', 60)->{reason}, 'logged out',
    'removed by the phone: the state');
ends('removed by the phone', qr/^logged out$/);
counted('removed by the phone', asked => 1, removed => 1);

# WhatsApp ends it, with a reason in the address only

&link;
$phone->logout('account_locked');
ends('locked', qr/account is locked/);

&link;
$phone->logout('syncd_failure');
ends('not synchronised', qr/synchronisation failed/);
counted('with reasons', asked => 1, removed => 1, locked => 1, sync => 1);

&link;
$phone->logout('banned');
ends('banned', qr/^logged out$/);
counted('banned', asked => 1, removed => 2, locked => 1, sync => 1);

# a page that goes on showing its QR code tells of no other logout

$phone->page('navigate');
$controller->wait_state('(?!qr$).*', 60);
$controller->wait_state('qr', 60);
counted('loaded again', asked => 1, removed => 2, locked => 1, sync => 1);

# the address of a page that is linked again says nothing any more

&link;
$phone->page('navigate');
$controller->wait_state('(?!ready$).*', 60);
$controller->wait_ready;
is(public()->{wa_id}, '15550000001', 'a reload is no logout');
is($t->send('15550000002', $t->canary('text'))->status, 200,
    'and a message is sent');

# with nothing to log out of, the session is stopped

is($t->post("$base/deregister", '{}', timeout => 60)->status, 200,
    'logged out again');
$controller->wait_state('qr', 60);
is($t->post("$base/deregister", '{}', timeout => 60)->status, 200,
    'and not linked: a success');
$controller->wait_state('stopped', 60);

$t->done();
