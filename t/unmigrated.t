#!/usr/bin/perl

# An account of the older kind, whose chats go by numbers.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin(unmigrated => 1);
my $controller = $t->controller();

$t->run();
$controller->wait_ready;

my $base = "/whatsapp/$version/$session";


sub message {
    my ($to, $type, $what) = @_;

    return $t->post("$base/messages", { messaging_product => 'whatsapp',
        to => $to, type => $type, $type => $what });
}

# numbers in both forms, and a lid

for my $case ([ '15550000002', '15550000002' ],
    [ '5500955500011', '550055500011' ], [ '100000000000003@lid',
        '15550000003' ])
{
    my ($to, $number) = @$case;
    my $text = $t->canary('text');
    my $response = message($to, text => { body => $text });
    my ($message) = $phone->messages(qr/\Q$text\E/);

    is($response->status, 200, "sent to $to") or diag($response->body);
    is($response->json->{contacts}[0]{wa_id}, $number, "$to: wa_id");
    is($message->{to}, $number, "$to: it reaches the person");
}

# acts on messages

{
    my $wamid = message('15550000002', text => { body => 'x' })->id;

    is(message('15550000002', edit => { message_id => $wamid,
        body => 'y' })->status, 200, 'an edit');
    is(message('15550000002', reaction => { message_id => $wamid,
        emoji => "\x{1f44d}" })->status, 200, 'a reaction');
    is(message('15550000002', forward => { message_id => $wamid })->status,
        200, 'a forward');
    is(message('15550000002', revoke => { message_id => $wamid })->status,
        200, 'a deletion');
    is(message('15550000002', revoke => { message_id => $wamid })->status,
        400, 'a deletion of what is deleted');
}

# blocking and groups

is($controller->call('block.add', { users => ['15550000007'] })->status, 200,
    'blocked without a chat');
is_deeply($phone->state->{blocked}, ['15550000007'], 'on the phone');
is($controller->call('block.remove', { users => ['15550000007'] })->status,
    200, 'unblocked');
is_deeply($phone->state->{blocked}, [], 'on the phone, too');

{
    my $subject = $t->canary('text');
    my $group = $controller->call('group.create', { subject => $subject,
        participants => ['15550000002'], description => 'x' })->json;
    my $id = $group->{id};

    is($group->{description_error}, undef, 'a group with a description');
    is($controller->call('group.participants', { group => $id,
        action => 'promote', participants => ['15550000002'] })
        ->json->{participants}[0]{code}, 200, 'an admin more');
    is($controller->call('group.participants', { group => $id,
        action => 'remove', participants => ['15550000002'] })
        ->json->{participants}[0]{code}, 200, 'and removed');
    is($controller->call('group.leave', { group => $id })->status, 200,
        'left');
}

$t->done();
