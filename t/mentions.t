#!/usr/bin/perl

# Mentions: whom a group knows by a number and whom by a lid, as phones show
# them, and what is said of a mention of nobody.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();

$t->run();
$controller->wait_ready;


# group(subject, lid): the public id of a group with Alice, Bob and the account

sub group {
    my ($subject, $lid) = @_;
    my $found;

    $phone->api('POST', '/api/groups', { owner => '15550000002',
        subject => $subject, lid => $lid ? JSON::PP::true : JSON::PP::false,
        participants => ['15550000001', '15550000003'] });
    wait_for(sub {
        ($found) = grep { $_->{subject} eq $subject } @{ $t->get(
            "/whatsapp/$version/$session/groups")->json->{data}{groups} };
    }, 60, 'the group to be known');

    return $found->{id};
}


# mention(to, body, numbers): the response, and the message as phones have it

sub mention {
    my ($to, $body, @numbers) = @_;
    my $text = $t->canary('text');
    my $response = $t->messages({ messaging_product => 'whatsapp',
        to => $to, recipient_type => $to =~ /^\d+$/ ? 'individual' : 'group',
        type => 'text', text => { body => "$text $body",
            mentions => \@numbers } });
    my ($message) = $phone->messages(qr/\Q$text\E/);

    $message->{body} =~ s/^\Q$text\E // if $message;

    return ($response, $message);
}


sub shows {
    my ($name, $message, $body, @mentions) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($message->{body}, $body, "$name: the text");
    is(join(' ', @{ $message->{mentions} }), "@mentions",
        "$name: whom phones show");
}


my $by_number = group('By number', 0);
my $by_lid = group('By lid', 1);
my ($response, $message);

# a group that knows its participants by their numbers

($response, $message) = mention($by_number, 'hi @15550000002, @15550000003',
    '15550000002', '15550000003');
is($response->status, 200, 'by number: sent') or diag($response->body);
shows('by number', $message, 'hi @15550000002, @15550000003',
    '15550000002', '15550000003');

# one that knows them by their lids, which WhatsApp is asked for

($response, $message) = mention($by_lid, 'hi @15550000002: @15550000003!',
    '15550000002', '15550000003');
is($response->status, 200, 'by lid: sent') or diag($response->body);
shows('by lid', $message, 'hi @100000000000002: @100000000000003!',
    '100000000000002', '100000000000003');

# what is no mention stays

($response, $message) = mention($by_lid,
    '@15550000002 @155500000023 15550000002 @15550000003', '15550000002');
shows('no more than was asked for', $message,
    '@100000000000002 @155500000023 15550000002 @15550000003',
    '100000000000002');

($response, $message) = mention($by_lid, 'nobody is named', '15550000002');
shows('a mention without its place', $message, 'nobody is named',
    '100000000000002');

($response, $message) = mention($by_lid, '@15550000002');
shows('a text without mentions', $message, '@15550000002');

# a person, whose chat goes by the lid

($response, $message) = mention('15550000004', 'ask @15550000002',
    '15550000002');
is($response->status, 200, 'to a person: sent') or diag($response->body);
shows('to a person', $message, 'ask @100000000000002', '100000000000002');

# nobody

for my $case ([ 'not in the group' => $by_lid, '15550000005', qr/group/ ],
    [ 'not in the other group' => $by_number, '15550000005', qr/group/ ],
    [ 'not on WhatsApp' => $by_lid, '15550000010', qr/on WhatsApp/ ],
    [ 'on WhatsApp nobody' => '15550000004', '15550000010', qr/WhatsApp/ ])
{
    my ($name, $to, $number, $details) = @$case;

    ($response, $message) = mention($to, "\@15550000002 \@$number",
        '15550000002', $number);
    graph_error($response, 400, 131009, "$name: refused",
        details => $details);
    is($response->error->{error_data}{outcome}, 'not_sent',
        "$name: and not sent");
    is($message, undef, "$name: nothing arrived");
}

$t->done();
