#!/usr/bin/perl

# Who a number means. A migrated account knows people by lids; people write
# some countries' numbers otherwise than WhatsApp does; and older chats go by
# the number. wa_id is always WhatsApp's own form of the number.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

# what people write, and WhatsApp's form

my @numbers = (
    [ 'Brazil', '5500955500011', '550055500011' ],
    [ 'Mexico', '520005550012', '5210005550012' ],
    [ 'Argentina', '540005550013', '5490005550013' ],
    [ 'elsewhere', '15550000002', '15550000002' ],
);

my $t = Test::Whatsapp->new();


# sends(controller, to): the wa_id, the chat's id and the number on the phone

sub sends {
    my ($phone, $to) = @_;
    my $text = $t->canary('text');
    my $response = $t->send($to, $text);
    my ($message) = $phone->messages(qr/\Q$text\E/);

    return $response->status == 200
        ? ($response->json->{contacts}[0]{wa_id}, $message->{chat},
            $message->{to})
        : $response->status;
}


sub contacts {
    my (@numbers) = @_;

    return @{ $t->post("/whatsapp/$version/$session/contacts",
        { contacts => \@numbers })->json->{contacts} };
}


my $phone = $t->standin;
my $controller = $t->controller();

$t->run();
$controller->wait_ready;

for my $case (@numbers) {
    my ($name, $written, $number) = @$case;
    my @found = sends($phone, $written);

    is($found[0], $number, "$name: wa_id is WhatsApp's number");
    like($found[1], qr/^\d+\@lid$/, "$name: the chat goes by the lid");
    is($found[2], $number, "$name: it reaches the person");
    is((sends($phone, $number))[1], $found[1],
        "$name: WhatsApp's form is of the same chat");
    is((sends($phone, $found[1]))[0], $number, "$name: and so is the lid");
}

is_deeply([ map { [ @{$_}{qw(input status wa_id)} ] }
    contacts((map { $_->[1] } @numbers), '15550000010') ],
    [ (map { [ $_->[1], 'valid', $_->[2] ] } @numbers),
        [ '15550000010', 'invalid', undef ] ], 'numbers are checked');

# the server says of any lid that it exists

graph_error($t->send('999999999999999@lid', $t->canary('text')), 400, 131026,
    'a lid of nobody', details => qr/not on WhatsApp/);

# blocking knows both

is($t->post("/whatsapp/$version/$session/block_users", {
    messaging_product => 'whatsapp', block_users => [
        { user => $numbers[0][1] }, { user => '15550000007' } ] })
    ->json->{block_users}{added_users}[0]{wa_id}, $numbers[0][2],
    'blocked by what people write');
is_deeply([ sort @{ $phone->state->{blocked} } ],
    [ '15550000007', $numbers[0][2] ], 'also without a chat');
graph_error($t->send($numbers[0][2], $t->canary('text')), 400, 131026,
    'a send to the blocked number', details => qr/blocks/);

# a chat that is older than the account's move to lids

$phone->api('POST', '/api/account', { old_chats => ['15550000003'] });
$controller->request('POST', "/v1/sessions/$session/restart");
$controller->wait_state('(?!ready$).*', 60);
$controller->wait_ready;
{
    my ($wa_id, $chat, $to) = sends($phone, '15550000003');

    is($wa_id, '15550000003', 'an older chat: the number');
    is($chat, '15550000003@c.us', 'an older chat: it is the one');
    is($to, '15550000003', 'an older chat: the person');
}

$t->done();
