#!/usr/bin/perl

# The states of a session as its operator sees them: from the QR code to
# ready, and what is said when WhatsApp ends the login, another tab takes
# over, or a new version of WhatsApp Web breaks a binding.

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

my $text = $t->canary('text');

sub public { $t->get("/whatsapp/$version/$session/session")->json }

sub qr_code { $controller->request('GET', "/v1/sessions/$session/qr") }

# while it starts

like(public()->{state}, qr/^(?:starting|qr)$/, 'at first it starts');

# not linked: a QR code

$controller->wait_state('qr', 60);
is(public()->{state}, 'qr', 'not linked: the state is qr');
graph_error($t->send('15550000002', $text), 400, 133010,
    'a send before linking', details => qr/not_sent/);
graph_error($t->get('/whatsapp/readyz'), 503, 131016, 'not ready');
is($t->get('/whatsapp/healthz')->status, 200, 'but alive');

{
    my ($first, $second);

    # the page may be connecting still
    ok(eval {
        wait_for(sub {
            $first = qr_code();
            return $first->status == 200;
        }, 60);
    }, 'there is a QR code') or diag($first->body);
    ok(length $first->json->{qr} > 20, 'with a text');
    cmp_ok($first->json->{expires_in}, '>', 0, 'that expires');

    $phone->fault('rotate_qr');
    ok(wait_for(sub {
        $second = qr_code()->json;
        return $second->{qr} && $second->{qr} ne $first->json->{qr};
    }, 60, 'another QR code'), 'it rotates');
    $phone->fault('none');
}

# scanned: ready

$phone->scan;
$controller->wait_ready;
is(public()->{wa_id}, '15550000001', 'scanned: linked to the number');
is(qr_code()->status, 409, 'there is no QR code any more');
is($t->send('15550000002', $text)->status, 200, 'and a message is sent');
is(scalar $phone->messages(qr/\Q$text\E/), 1, 'that arrives');

# the login outlives a restart of the controller

ok($controller->process->stop('TERM', 20), 'the controller stops');
$controller->restart;
$controller->wait_ready;
is($t->send('15550000002', $text)->status, 200,
    'the login outlives a restart');

# another connection takes over: the page only stays disconnected, which is
# reported after a while, and never taken back

$phone->fault('replaced');
$controller->wait_state('conflict', 60);
like(public()->{reason}, qr/another/, 'the reason of a conflict');
graph_error($t->send('15550000002', $text), 503, 131016,
    'a send in a conflict', details => qr/not_sent/);
$phone->fault('none');
$controller->request('POST', "/v1/sessions/$session/restart");
$controller->wait_state('(?!ready$).*', 60);
$controller->wait_ready;

# the network is gone and comes back

$phone->fault('offline');
wait_for(sub { $controller->state ne 'ready' }, 60, 'a state but ready');
{
    my $response = $t->send('15550000002', $t->canary('text'));

    graph_error($response, 503, $response->error->{code} // 0,
        'a send without network', details => qr/not_sent/);
}
$phone->fault('none');
$controller->wait_ready;
is($t->send('15550000002', $text)->status, 200, 'the network is back');

# logged out from the phone

$phone->logout;
$controller->wait_state('logged_out|qr', 60);
graph_error($t->send('15550000002', $text), 400, 133010, 'logged out',
    details => qr/not_sent/);
ok(-d $t->dir . "/state/sessions/$session/profile",
    'the profile is never deleted without being asked');

{
    my %codes;

    wait_for(sub {
        $codes{ $t->send('15550000002', $text)->error->{code} // 0 }++;
        return eval { $phone->scan };
    }, 60, 'a QR code on the page');
    is(join(' ', keys %codes), '133010',
        'sends say so, also while the page loads anew');
}

$controller->wait_ready;
is($t->send('15550000002', $text)->status, 200, 'linked again');

# a new version of WhatsApp Web without a module that sending needs

$phone->fault('web_version', version => '2.9999.1',
    rename => 'WAWebSendMsgChatAction');
$controller->request('POST', "/v1/sessions/$session/restart");

{
    my $public = $controller->wait_state('incompatible');

    like($public->{reason}, qr/[a-z]+\.\w+|\w{5,}/,
        'incompatible: the missing binding is named');
    ok(!$public->{capabilities}{send_text}, 'and that it can not send');
    like($controller->log, qr/incompatible/, 'the log says it too');
    graph_error($t->send('15550000002', $text), 503, 131016,
        'a send to an incompatible version', details => qr/not_sent/);
}

$phone->fault('none');
$controller->request('POST', "/v1/sessions/$session/restart");
$controller->wait_ready;

# stopped and started by the operator

is($controller->request('POST', "/v1/sessions/$session/stop")->status, 200,
    'stop');
$controller->wait_state('stopped', 60);
ok(wait_for(sub {
    return !($ENV{TEST_SHARED}
        ? -e $t->dir . "/state/sessions/$session/profile/.controller.lock"
        : $controller->browser);
}, 60), 'nothing is left of a stopped session, and no browser of its own');
graph_error($t->send('15550000002', $text), 503, 131016,
    'a send to a stopped session', details => qr/not_sent/);
is($controller->request('POST', "/v1/sessions/$session/start")->status, 200,
    'start');
$controller->wait_ready;
is($t->send('15550000002', $text)->status, 200, 'and a message is sent');

$t->done();
