#!/usr/bin/perl

# WhatsApp Web loads its modules as it needs them. What comes late is waited
# for if a session is of no use without it, and else found when it is there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin;
my $controller = $t->controller();

$t->run();
$controller->wait_ready;

my $base = "/whatsapp/$version/$session";
my $text = $t->canary('text');


sub restart {
    my (%modules) = @_;

    $phone->fault('modules', never => [], linked => [], %modules);
    $controller->request('POST', "/v1/sessions/$session/restart");
    $controller->wait_state('(?!ready$).*', 60);
}


sub capabilities { $t->get("$base/session")->json->{capabilities} }

# what every send needs

restart(late => { WAWebSendMsgChatAction => 4000 });
$controller->wait_ready(60);
is($t->send('15550000002', $text)->status, 200,
    'what sends comes late: ready when it is there');
unlike($controller->log, qr/incompatible/, 'nobody is told otherwise');

# what some calls need

restart(late => { WAWebGroupCreateJob => 25000 });
$controller->wait_ready(60);
ok(!capabilities()->{groups}, 'groups come later: not there so far');
is($t->send('15550000002', $text)->status, 200, 'texts go');
ok(eval { wait_for(sub { capabilities()->{groups} }, 60) },
    'groups are found when they are there');
is($controller->call('group.create', { subject => $text,
    participants => ['15550000002'] })->status, 200, 'and one is made');

# what never comes

restart(never => ['WAWebGroupCreateJob', 'WAWebChatForwardMessage']);
$controller->wait_ready(60);
ok(!capabilities()->{$_}, "never there: $_") for qw(groups forward);
is($t->send('15550000002', $text)->status, 200, 'texts go all the same');
{
    my $response = $t->post("$base/messages", {
        messaging_product => 'whatsapp', to => '15550000002',
        type => 'forward', forward => { message_id =>
            $t->send('15550000002', $text)->id } });

    graph_error($response, 503, 131016, 'what can not be done',
        details => qr/not_sent/);
}

$t->done();
