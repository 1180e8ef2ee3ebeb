#!/usr/bin/perl

# A reply refers to a message of the account by exactly the id under which that
# was sent, whatever the reply itself names it by: in chats under lids, under
# numbers, and in those that are older than lids; also when the page no longer
# has the message in memory. Nothing that comes in is marked as read by that.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::BridgePage;

my ($alice, $bob, $me) = qw(15550000002 15550000003 15550000001);
my ($alice_lid, $own_lid) = ('100000000000002@lid', '100000000000000@lid');

my $t = Test::Whatsapp->new();
my $text = $t->canary('text');


# quoted(phone, page, members): the id that a reply with these refers to

sub quoted {
    my ($phone, $page, %reply) = @_;
    my @told;

    $phone->write($alice, $text, %reply);
    @told = grep { $_->{kind} eq 'message' } $page->inbound(1) until @told;

    return $told[0]{message}{context}{id};
}


sub wait_connected {
    my ($page) = @_;

    wait_for(sub { $page->command(run =>
        'window.require("WAWebStreamModel").Stream.mode') eq 'MAIN' }, 60,
        'the connection');
}


# in_chat(name, chat, options of the stand-in): sends there, and reads replies

sub in_chat {
    my ($name, $chat, %options) = @_;
    my $old = delete $options{old_chats};
    my $phone = $t->standin(%options);
    my $page = Test::Whatsapp::BridgePage->start($t);
    my $id = '3EB0AABBCCDDEEFF001122';

    $phone->api('POST', '/api/account', { old_chats => [$alice] }) if $old;
    $page->open($phone->web_url);
    $page->call('inbound.start');
    wait_connected($page);
    is($page->call('recipient.resolve', { to => $alice })->{chat}, $chat,
        "$name: the chat");
    $page->call('message.send', { chat => $chat, key => "true_${chat}_$id",
        type => 'text', text => { body => $text } });

    for my $when ('at once', 'after a reload') {
        for my $other ("$alice\@c.us", $alice_lid) {
            is(quoted($phone, $page, quoted => "true_${other}_$id"),
                "true_${chat}_$id", "$name: $when, by $other");
        }

        $page->open($phone->web_url);
        $page->call('inbound.start');
    }

    is(scalar(grep { $_->{seen} } $phone->received), 0,
        "$name: nothing was marked as read");
    is_deeply($phone->state->{subscribed}, [],
        "$name: nobody is watched");
    $page->stop;
}


in_chat('a lid', $alice_lid);
in_chat('a number', "$alice\@c.us", unmigrated => 1);
in_chat('an old chat', "$alice\@c.us", linked => $me, old_chats => 1);

# a group

{
    my $phone = $t->standin(linked => $me);
    my $page = Test::Whatsapp::BridgePage->start($t);
    my $group = $phone->api('POST', '/api/groups', { owner => $alice,
        subject => 'Group', participants => [$me, $bob],
        lid => JSON::PP::true })->{id};
    my $key = "true_${group}_3EB0AABBCCDDEEFF001122";

    $page->open($phone->web_url);
    $page->call('inbound.start');
    wait_connected($page);
    $page->call('message.send', { chat => $group, key => "${key}_$own_lid",
        type => 'text', text => { body => $text } });

    for my $when ('at once', 'after a reload') {
        for my $other ("$me\@c.us", $own_lid) {
            is(quoted($phone, $page, group => $group,
                quoted => "${key}_$other"), "${key}_$own_lid",
                "a group: $when, by $other");
        }

        $page->open($phone->web_url);
        $page->call('inbound.start');
    }

    $page->stop;
}

$t->done();
