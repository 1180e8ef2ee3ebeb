#!/usr/bin/perl

# What the bridge tells of the account's own messages, in a real browser: how
# far they have got, each step once and in its order, from whichever of its
# sources hears of it; in groups by receiver. And what is told of groups.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::BridgePage;

my ($alice, $bob, $me) = qw(15550000002 15550000003 15550000001);
my %lid = map { $_ => '10000000000000' . substr($_, -1) % 10 . '@lid' }
    ($alice, $bob);
my $own_lid = '100000000000000@lid';
my ($yes, $no) = (JSON::PP::true, JSON::PP::false);
my $last = 0;

my $t = Test::Whatsapp->new();
my $phone = $t->standin;
my $text = $t->canary('text');
my $page = Test::Whatsapp::BridgePage->start($t);

$page->open($phone->web_url);
$page->call('inbound.start');


sub post { $phone->api('POST', "/api/$_[0]", $_[1]) }


# send_text(chat, participant): a text of the account; its key

sub send_text {
    my ($chat, $participant) = @_;
    my $key = sprintf 'true_%s_3EB0%018X%s', $chat, ++$last,
        $participant ? "_$participant" : '';

    $page->call('message.send', { chat => $chat, key => $key,
        type => 'text', text => { body => $text } });

    return $key;
}


sub ids {
    my ($number) = @_;

    return { wid => $lid{$number}, number => $number,
        lid => $lid{$number} };
}


sub status {
    my ($key, $status, %more) = @_;
    my (undef, $chat) = split /_/, $key;

    return { kind => 'status', id => $key, chat => $chat, group => undef,
        status => $status, recipient => ids($alice), %more };
}


# told(name, event...): exactly these, up to a message that is written now

sub told {
    my ($name, @events) = @_;
    my @told;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $phone->write($bob, 'after');

    push @told, $page->inbound(1) until grep { is_after($_) } @told;
    @told = grep { !is_after($_) } @told;
    delete $_->{t} for @told;
    is_deeply(\@told, \@events, $name) or diag(explain(\@told));
}


sub is_after {
    my ($message) = $_[0]{message} // {};

    return ($message->{type} // '') eq 'text'
        && $message->{text}{body} eq 'after';
}


sub receipt {
    my ($number, $key, $status, %more) = @_;

    post('receipt', { from => $number, target => $key, status => $status,
        %more });
}

# one person

{
    my $key = send_text($lid{$alice});

    told('sent', status($key, 'sent'));

    for my $step (qw(delivered read played)) {
        receipt($alice, $key, $step) for 1, 2;
        told("$step, once", status($key, $step));
    }
}

{
    my $key = send_text($lid{$alice});

    receipt($alice, $key, 'read');
    receipt($alice, $key, 'delivered');
    told('read before it was delivered: read', status($key, 'sent'),
        status($key, 'read'));
}

for my $how (qw(worker action)) {
    my $key = send_text($lid{$alice});

    receipt($alice, $key, $_, how => $how) for qw(delivered read);
    told("$how: the same", map { status($key, $_) } qw(sent delivered read));
}

{
    my $key = send_text($lid{$alice});

    receipt($alice, $key, $_) for qw(error inactive);
    told('what is neither', status($key, 'sent'));
}

# what the account's own phone has read

{
    my $id = $phone->write($alice, $text)->{id};

    $page->inbound(1);
    receipt($me, $id, 'read');
    told('is no status');
}

# a refusal

{
    my $key = sprintf 'true_%s_3EB0%018X', $lid{$alice}, ++$last;

    $phone->fault('refuse', code => 479);
    eval { $page->call('message.send', { chat => $lid{$alice},
        key => $key, type => 'text', text => { body => $text } }) };
    like($@, qr/refused/, 'a refused message');
    told('fails, with the code of the server',
        status($key, 'failed', error_code => 479));
}

{
    my $key = sprintf 'true_%s_3EB0%018X', $lid{$alice}, ++$last;

    $phone->fault('send_result', result => 'ERROR_NETWORK');
    eval { $page->call('message.send', { chat => $lid{$alice},
        key => $key, type => 'text', text => { body => $text } }) };
    told('what is not refused has not failed');
}

# groups

my $group = post('groups', { owner => $alice, subject => 'Group',
    participants => [$me, $bob], lid => $yes })->{id};

{
    my $key;

    # the page hears of the group a little later
    wait_for(sub { eval {
        $page->call('recipient.resolve', { to => $group }) } }, 60,
        'the group');
    $page->inbound(0);
    $page->command(take => 'inbound');

    $key = send_text($group, $own_lid);

    my %group = (group => $group, recipient => { wid => $group,
        number => undef, lid => undef });

    told('sent to a group', status($key, 'sent', %group));
    receipt($_, $key, 'delivered') for $alice, $bob;
    receipt($alice, $key, 'read') for 1, 2;
    told('receipts of a group, by receiver',
        (map { status($key, 'delivered', %group, recipient => ids($_)) }
            $alice, $bob),
        status($key, 'read', %group, recipient => ids($alice)));

    $key = send_text($group, $own_lid);
    receipt($_, $key, 'delivered', how => 'worker') for $alice, $bob;
    told('hidden ones, of all', status($key, 'sent', %group),
        status($key, 'delivered', %group));
}


sub event {
    my ($id, %more) = @_;
    my (undef, $chat) = split /_/, $id;

    return { kind => 'message', id => $id, chat => $chat,
        from => { %{ ids($alice) }, name => 'Alice' }, group => $chat,
        own => $no, %more };
}

{
    my $id = post('messages', { from => $alice, type => 'text',
        group => $group, body => $text })->{id};
    my %text = (type => 'text', text => { body => $text });

    like($id, qr/_\Q$lid{$alice}\E$/, 'a group with lids');
    told('a message in a group', event($id, message => { %text }));

    my $key = send_text($group, $own_lid);

    for my $case ([ $id, ids($alice), 'of somebody' ],
        [ $key, { number => $me, lid => $own_lid }, 'of the account' ],
        [ $key =~ s/\Q_$own_lid\E$/_$me\@c.us/r,
            { number => $me, lid => $own_lid }, 'by its number' ])
    {
        my ($quoted, $from, $name) = @$case;
        my $reply = post('messages', { from => $alice, type => 'text',
            group => $group, body => $text, quoted => $quoted })->{id};
        my @told = grep { $_->{kind} eq 'message' } $page->inbound(1);

        @told = $page->inbound(1) until @told;
        is($told[0]{id}, $reply, "a reply to a message $name");
        is($told[0]{message}{context}{id}, $quoted eq $id ? $id : $key,
            'refers to it');
        is($told[0]{message}{context}{from}{$_}, $from->{$_}, "its $_")
            for qw(number lid);
    }

    my $act = post('react', { from => $bob, target => $id, emoji => '+' });

    told('a reaction', event($act->{id},
        from => { %{ ids($bob) }, name => 'Bob' },
        message => { type => 'reaction',
            reaction => { message_id => $id, emoji => '+' } }));

    $act = post('delete', { from => $alice, target => $id });
    told('a deletion', event($act->{id}, message => { type => 'revoke',
        revoke => { original_message_id => $id } }));

    $act = post('delete', { from => $alice, target => $key });
    told('a deletion by an admin', event(
        (join '_', 'true', $group, (split /_/, $act->{id})[2], $own_lid),
        message => { type => 'revoke',
            revoke => { original_message_id => $key } }));
}

# notices

for my $case (
    [ 'add', [$bob], 'group_participants_added', '+15550000002 added +15550000003' ],
    [ 'remove', [$bob], 'group_participants_removed', '+15550000002 removed +15550000003' ],
    [ 'leave', [$alice], 'group_participants_left', '+15550000002 left' ],
    [ 'invite', [$bob], 'group_participants_joined', '+15550000003 joined' ],
    [ 'promote', [$bob], 'group_participants_promoted',
        '+15550000003 now an admin' ],
    [ 'demote', [$bob], 'group_participants_demoted',
        '+15550000003 no longer an admin' ],
    [ 'subject', [], 'group_subject_changed',
        '+15550000002 changed the subject to "New"', subject => 'New' ],
    [ 'create', [], 'group_created', '+15550000002 created the group "New"' ],
    [ 'description', [], 'group_description_changed',
        '+15550000002 changed the description' ],
    [ 'picture', [] ],
) {
    my ($subtype, $people, $type, $body, %more) = @$case;
    my $id = post('messages', { from => $alice, type => 'system',
        group => $group, system => { type => 'gp2', subtype => $subtype,
            body => 'New', recipients => [map { $lid{$_} } @$people] } });

    $more{participants} = [map { { wa_id => $_, user_id => $lid{$_} } }
        @$people] if @$people;
    told($subtype, $type ? event($id->{id}, message => { type => 'system',
        system => { type => $type, body => $body, %more } }) : ());
}

# statuses that nobody wants

{
    $page->call('inbound.start', { statuses => $no });

    my $key = send_text($lid{$alice});

    receipt($alice, $key, 'delivered');
    told('none while nobody wants them');

    $page->call('inbound.start', { statuses => $yes });
    receipt($alice, $key, 'read');
    told('from then on', status($key, 'read'));
}

is_deeply($page->command(take => 'exception'), [], 'no exception');

$page->stop;
$t->done();
