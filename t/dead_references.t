#!/usr/bin/perl

# What refers to a message that can't be used any more is refused before
# anything of it reaches WhatsApp's server, and the session stays ready.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();

$t->run();
$controller->wait_ready;

my ($friend, $other) = ('15550000002', '15550000003');
my $uri = "/whatsapp/$version/$session/messages";


sub message {
    my ($to, $type, $object, %more) = @_;

    return $t->post($uri, { messaging_product => 'whatsapp', to => $to,
        type => $type, $type => $object, %more });
}


# acts on a message: [type, the answer to it]

sub acts {
    my ($to, $wamid) = @_;

    return (
        [ forward => message($other, 'forward', { message_id => $wamid }) ],
        [ reaction => message($to, 'reaction', { message_id => $wamid,
            emoji => "\x{1f44d}" }) ],
        [ 'reaction taken away' => message($to, 'reaction',
            { message_id => $wamid, emoji => '' }) ],
        [ edit => message($to, 'edit', { message_id => $wamid,
            body => $t->canary('text') }) ],
        [ revoke => message($to, 'revoke', { message_id => $wamid }) ],
    );
}


sub quotes {
    my ($to, $wamid) = @_;
    my %quote = (context => { message_id => $wamid });

    return (
        [ 'quote' => message($to, 'text', { body => $t->canary('text') },
            %quote) ],
        [ 'quote in a location' => message($to, 'location', {
            latitude => 1, longitude => 2 }, %quote) ],
        [ 'quote in a poll' => message($to, 'poll', {
            name => $t->canary('text'), options => [ 'a', 'b' ],
            selectable_count => 1 }, %quote) ],
    );
}


# refused(name, details, [type, answer]...): nothing of them has reached the
# server

sub refused {
    my ($name, $details, @acts) = @_;

    for my $act (@acts) {
        graph_error($act->[1], 400, 131009, "$name: $act->[0]",
            outcome => 'not_sent', details => $details);
    }

    is($controller->state, 'ready', "$name: the session is ready");
}


# how many messages and acts have reached the server

sub frames {
    my @frames = ($phone->messages, @{ $phone->api('GET', '/api/acts') });

    return scalar @frames;
}


sub vanish {
    my ($wamid, $how) = @_;
    my ($message) = grep { $_->{wamid} eq $wamid } $phone->messages,
        $phone->received;

    $phone->api('POST', '/api/vanish', { id => $message->{id}, how => $how });
    wait_for(sub {
        grep { $_ eq $message->{id} } @{ $phone->state->{vanished} };
    }, 60, 'the page to know of it');
}

sub written { $phone->write($friend, $t->canary('text'))->{wamid} }


# deleted for everyone, by its own id and by the one that it has since

{
    my $wamid = $t->send($friend, $t->canary('text'))->id;
    my ($frames, $revoke);

    is(message($friend, 'revoke', { message_id => $wamid })->status, 200,
        'a message is deleted for everyone');
    ($revoke) = map { $_->{id} } @{ $phone->api('GET', '/api/acts') };
    $revoke = 'wamid.' . encode_base64url($revoke);
    $frames = frames();

    refused('deleted for everyone', qr/\bdeleted\b/, acts($friend, $wamid),
        quotes($friend, $wamid));
    refused('the id of its deletion', qr/\bdeleted\b/,
        acts($friend, $revoke), quotes($friend, $revoke));
    refused('of another chat, too', qr/./, acts($other, $wamid));

    # the page forgets what it had in memory
    $controller->request('POST', "/v1/sessions/$session/restart");
    $controller->wait_state('starting|recovering', 60);
    $controller->wait_ready;
    refused('deleted before a restart', qr/./, acts($friend, $wamid));
    refused('the id of its deletion, after a restart', qr/./,
        acts($friend, $revoke));
    is(frames(), $frames, 'nothing has reached the server');
}

# expired, and deleted for the account alone: what is gone is not quoted, and
# the message that should quote it goes out

for my $wamid ($t->send($friend, $t->canary('text'))->id, written()) {
    my $frames;

    wait_for(sub {
        message($friend, 'text', { body => $t->canary('text') },
            context => { message_id => $wamid })->status == 200
    }, 60, 'the message to have arrived');
    $frames = frames();
    vanish($wamid, 'expired');
    refused('expired', qr/\bexpired\b/,
        acts($friend, $wamid), quotes($friend, $wamid));
    vanish($wamid, 'deleted');
    refused('deleted for the account alone', qr/no message/,
        acts($friend, $wamid));
    is(frames(), $frames, 'nothing has reached the server');
    is(message($friend, 'text', { body => $t->canary('text') },
        context => { message_id => $wamid })->status, 200,
        'a text without the quote');
}

# of another chat: a message may be forwarded from any

{
    my @there = ($t->send($friend, $t->canary('text'))->id, written());
    my $frames = frames();

    $phone->wait_taken;

    for my $wamid (@there) {
        refused('of another chat', qr/of this chat|of another chat/,
            grep({ $_->[0] ne 'forward' } acts($other, $wamid)),
            quotes($other, $wamid));
        $frames++;
    }

    is(frames(), $frames, 'only what was forwarded reaches the server');
}

# not yet acknowledged: it may fail

{
    my ($text, $wamid, $frames) = ($t->canary('text'));

    $phone->fault('drop_before');
    $wamid = $controller->call('message.send', { to => $friend,
        type => 'text', text => { body => $text } }, key => 'dropped',
        deadline => 2000)->error->{message_id};
    $frames = frames();
    refused('without an ack', qr/./, grep { $_->[0] ne 'revoke' }
        acts($friend, $wamid), quotes($friend, $wamid));
    is(frames(), $frames + 1, 'only its deletion reaches the server');
}

is($t->send($friend, $t->canary('text'))->status, 200, 'a text goes out');

$t->done();
