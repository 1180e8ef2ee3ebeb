#!/usr/bin/perl

# A WhatsApp Web in which wa-js finds nothing: what a session needs most is
# also known by the names of its modules.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef);
my $wa_js = $t->write_file('wa.js', <<'END');
window.WPP = { isInjected: true, isReady: false, whatsapp: {}, on() {} };
END
my $controller = $t->controller(args => ['--wa-js', $wa_js]);

$t->run();

my $base = "/whatsapp/$version/$session";
my $text = $t->canary('text');


sub public { $t->get("$base/session")->json }

# linked by a code, which ends, and by the QR code

$controller->wait_state('qr', 90);
is(public()->{via}, 'modules', 'the modules are found by their names');
is($t->post("$base/request_code", { phone_number => '15550000001' },
    timeout => 60)->status, 200, 'a code to type in');
is($controller->state, 'pairing', 'it stands');
$phone->fault('expire_code');
$controller->wait_state('qr', 60);
wait_for(sub { $t->get("$base/session/qr")->status == 200
    && eval { $phone->scan } }, 60, 'a QR code to scan');
$controller->wait_ready(90);

my $public = public();

is($public->{wa_id}, '15550000001', 'linked');
is($public->{via}, 'modules', 'in the same way');
ok($public->{capabilities}{$_}, "it can: $_")
    for qw(resolve send_text mark_read typing);
ok(!$public->{capabilities}{$_}, "it can not: $_")
    for qw(send_media groups profile);

# text, both ways

is($t->send('15550000002', $text)->status, 200, 'a text is sent');
is(scalar $phone->messages(qr/\Q$text\E/), 1, 'and arrives');
{
    my $wamid = $phone->write('15550000002', $t->canary('text'))->{wamid};

    $phone->wait_taken;
    is($t->post("$base/messages", { messaging_product => 'whatsapp',
        status => 'read', message_id => $wamid })->status, 200, 'read');
    is($t->post("$base/messages", { messaging_product => 'whatsapp',
        to => '15550000002', type => 'text', text => { body => $text },
        context => { message_id => $wamid } })->status, 200, 'a quote');
    is(($phone->messages(qr/\Q$text\E/))[1]{quoted} ? 1 : 0, 1,
        'that quotes');
}
is($t->post("$base/contacts", { contacts => ['5500955500011'] })
    ->json->{contacts}[0]{wa_id}, '550055500011', 'a number is checked');
graph_error($t->post("$base/messages", { messaging_product => 'whatsapp',
    to => '15550000002', type => 'location',
    location => { latitude => 1, longitude => 2 } }), 503, 131016,
    'what needs wa-js', details => qr/not_sent/);

# over a restart

$controller->request('POST', "/v1/sessions/$session/restart");
$controller->wait_state('(?!ready$).*', 60);
$controller->wait_ready(120);
is($t->send('15550000003', $text)->status, 200, 'after a restart');

is($t->post("$base/deregister", '{}', timeout => 60)->status, 200,
    'and it is logged out');

$t->done();
