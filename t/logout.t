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
    }, 30, 'a QR code to scan');
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


&link;
is(public()->{reason}, undef, 'a linked session needs no reason');

# asked for: the answer comes, although the page leaves

my $response = $t->post("$base/deregister", '{}', timeout => 60);

is($response->status, 200, 'logged out on request') or diag($response->body);
ok($response->json->{success}, 'which is a success');
graph_error($t->send('15550000002', $t->canary('text')), 400, 133010,
    'a send afterwards', details => qr/not_sent/);
ends('on request', qr/^logged out$/);

# the phone removes the device

&link;
is(public()->{reason}, undef, 'linked again: the reason is gone');
$phone->logout;
is($controller->wait_state('logged_out', 30)->{reason}, 'logged out',
    'removed by the phone: the state');
ends('removed by the phone', qr/^logged out$/);

# WhatsApp ends it, with a reason in the address only

&link;
$phone->logout('account_locked');
ends('locked', qr/account is locked/);

&link;
$phone->logout('syncd_failure');
ends('not synchronised', qr/synchronisation failed/);

&link;
$phone->logout('banned');
ends('banned', qr/^logged out$/);

# the address of a page that is linked again says nothing any more

&link;
$phone->page('navigate');
$controller->wait_state('(?!ready$).*', 20);
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
$controller->wait_state('stopped', 30);

$t->done();
