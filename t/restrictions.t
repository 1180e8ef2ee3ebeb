#!/usr/bin/perl

# What WhatsApp refuses: a message with its code, new chats for a while, a
# contact that the account blocks, the account itself. And what only failed,
# which may have left.

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


sub public { $t->get("$base/session")->json }


sub restricted {
    my ($restriction) = @_;

    return $controller->request('GET', '/metrics')->body
        =~ /^whatsapp_session_restricted\{session="$session",
            restriction="$restriction"\}\ (\d)$/mx ? $1 : undef;
}


# refused(name, to, status, code, details): a send that was not sent

sub refused {
    my ($name, $to, $code, $details) = @_;
    my $text = $t->canary('text');

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    graph_error(my $response = $t->send($to, $text), 400, $code, $name,
        details => $details);
    is($response->error->{error_data}{outcome}, 'not_sent',
        "$name: not sent");
    is(scalar $phone->messages(qr/\Q$text\E/), 0, "$name: nothing arrives");
}


# accepted(name, to)

sub accepted {
    my ($name, $to) = @_;
    my $text = $t->canary('text');

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($t->send($to, $text)->status, 200, $name);
    is(scalar $phone->messages(qr/\Q$text\E/), 1, "$name: it arrives");
}


accepted('a chat that is known', '15550000002');

# the server's codes

$phone->fault('refuse', count => 1, code => 421);
refused('refused for a reason of its own', '15550000002', 131026,
    qr/refused the message/);

$phone->fault('refuse', count => 1, code => 463);
refused('refused as a new chat', '15550000002', 131049, qr/nobody new/);

$phone->fault('refuse', count => 1, code => 475);
refused('refused as one chat too many', '15550000002', 131048,
    qr/as many new people/);

accepted('the next one', '15550000002');

# a failure without a code may have left

for my $result (qw(ERROR_NETWORK ERROR_UNKNOWN ERROR_EXPIRED)) {
    $phone->fault('send_result', count => 1, result => $result);

    my $response = $t->send('15550000002', $t->canary('text'));

    graph_error($response, 500, 131000, "$result without a code");
    is($response->error->{error_data}{outcome}, 'unknown',
        "$result: it may have left");
}

# while a limit stands

for my $case (
    [ timelock => 'timelock', '15550000003', 131049, qr/nobody new/ ],
    [ capped => 'new_chats', '15550000004', 131048, qr/as many/ ])
{
    my ($fault, $restriction, $new, $code, $details) = @$case;

    is(restricted($restriction), 0, "$fault: not so far");
    $phone->fault($fault);
    ok(eval { wait_for(sub { restricted($restriction) }, 60) },
        "$fault: the metrics say so");
    is(public()->{state}, 'ready', "$fault: the session works on");
    like(public()->{reason}, $details, "$fault: and gives the reason");
    refused("$fault: somebody new", $new, $code, $details);
    accepted("$fault: somebody known", '15550000002');
    $phone->fault('none');
    ok(eval { wait_for(sub { !restricted($restriction) }, 60) },
        "$fault: it is over");
    is(public()->{reason}, undef, "$fault: and so is the reason");
    accepted("$fault: somebody new afterwards", $new);
}

# the server's refusals tell of a limit where no module of the page does; what
# then is refused at once is not asked of it

$phone->fault('modules', never => [ 'WAWebReachoutTimelockUtils',
    'WAWebIndividualNewChatMessageCappingLimitUtils' ]);
$controller->request('POST', "/v1/sessions/$session/restart");
$controller->wait_state('(?!ready$).*', 60);
$controller->wait_ready;
accepted('to somebody who is known then', '15550000002');
$phone->fault('refuse', count => 1, code => 463);
refused('the first to somebody new', '15550000006', 131049, qr/nobody new/);
ok(eval { wait_for(sub { restricted('timelock') }, 60) },
    'which tells of the limit');
refused('the second to somebody new', '15550000006', 131049, qr/nobody new/);
accepted('to somebody known', '15550000002');
$phone->fault('timelock');
$phone->fault('none');
ok(eval { wait_for(sub { !restricted('timelock') }, 60) },
    'the page hears that it is over');
accepted('to somebody new', '15550000006');

# a contact that the account blocks, also one without a chat

is($t->post("$base/block_users", { messaging_product => 'whatsapp',
    block_users => [ map { { user => $_ } } '15550000002', '15550000005' ] })
    ->status, 200, 'two are blocked') ;
is(join(' ', sort @{ $phone->state->{blocked} }), '15550000002 15550000005',
    'as the phone knows');
refused('a blocked contact', '15550000002', 131026, qr/blocks/);
is($t->request('DELETE', "$base/block_users",
    body => { messaging_product => 'whatsapp', block_users =>
        [ map { { user => $_ } } '15550000002', '15550000005' ] })->status,
    200, 'they are unblocked');
is_deeply($phone->state->{blocked}, [], 'as the phone knows');
accepted('a contact that was blocked', '15550000002');

# the account is banned for a time

$phone->fault('temporary_ban', code => 101, expire => 3600);
{
    my $public = $controller->wait_state('failed');

    like($public->{reason}, qr/banned the account until \d{4}-\d\d-\d\dT/,
        'banned: until when');
    is(restricted('ban'), 1, 'banned: the metrics say so');
    graph_error($t->send('15550000002', $t->canary('text')), 403, 131031,
        'a send of a banned account', details => qr/not_sent/);
}
$phone->fault('none');
$controller->wait_ready;
is(restricted('ban'), 0, 'the ban is over');
accepted('afterwards', '15550000002');

# a newer version, and a reload that nobody asked for

$phone->fault('needs_update', reload => JSON::PP::true());
$controller->wait_state('(?!ready$).*', 60);
$controller->wait_ready;
is(public()->{reason}, undef, 'a page that loads itself anew is no trouble');
accepted('after a reload', '15550000002');

$t->done();
