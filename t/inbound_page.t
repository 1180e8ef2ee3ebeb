#!/usr/bin/perl

# What the bridge makes of all that reaches an account, in a real browser and
# without a controller: each type of message, what is done to messages, calls,
# and what nobody is told of.

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
    ($alice, $bob, '15550000004');
my $own_lid = '100000000000000@lid';
my ($yes, $no) = (JSON::PP::true, JSON::PP::false);

my $t = Test::Whatsapp->new();
my $phone = $t->standin;
my $text = $t->canary('text');
my $page = Test::Whatsapp::BridgePage->start($t);

$page->open($phone->web_url);

my $file = $phone->upload('image/jpeg', 'a picture');
my %file = (media => $yes, mime_type => 'image/jpeg', file_size => 9,
    sha256 => $phone->digest('a picture'));


sub person {
    my ($number, $name, $wid) = @_;

    return { wid => $wid // $lid{$number}, number => $number,
        lid => $lid{$number}, name => $name };
}


# event(id, members): of Alice, in her chat

sub event {
    my ($id, %more) = @_;
    my (undef, $chat) = split /_/, $id;

    return { kind => 'message', id => $id, chat => $chat,
        from => person($alice, 'Alice'), group => undef, own => $no, %more };
}


# told(name, event...): all that was told, and that it is these; times are
# those of now

sub told {
    my ($name, @events) = @_;
    my @told = $page->inbound(scalar @events);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    for my $one (@told) {
        ok(delete($one->{t}) > time - 60, "$name: the time");
    }

    is_deeply(\@told, \@events, $name) or diag(explain(\@told));
}


sub post { $phone->api('POST', "/api/$_[0]", $_[1]) }

# write_to(members): somebody writes; the message's id

sub write_to { post('messages', { from => $alice, type => 'text',
    body => $text, @_ })->{id} }

# quiet(name): after this nothing is told that came before

sub quiet {
    my ($name) = @_;
    my $id = write_to(body => 'after');

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    told($name, event($id, message => { type => 'text',
        text => { body => 'after' } }));
}


# before the controller asks

{
    my @ids = map { write_to(body => "early $_") } 1 .. 3;

    eval { $page->inbound(1, 1) };
    like($@, qr/timed out/, 'nothing is told before it is asked for');
    is_deeply($page->call('inbound.start'),
        { missed => { messages => 0, others => 0 } }, 'nothing was missed');
    told('what came before is told then', map {
        event($ids[$_ - 1], message => { type => 'text',
            text => { body => "early $_" } }) } 1 .. 3);
}

# what people write

for my $case (
    [ 'text', { body => "<\x{e9}\x{1f600}\n" },
        { text => { body => "<\x{e9}\x{1f600}\n" } } ],
    [ 'image', { media => $file->{id}, caption => $text },
        { image => { %file, caption => $text } } ],
    [ 'image', { media => $file->{id} }, { image => { %file } } ],
    [ 'video', { media => $file->{id}, caption => $text, view_once => $yes },
        { video => { %file, caption => $text, view_once => $yes } } ],
    [ 'audio', { media => $file->{id}, voice => $yes },
        { audio => { %file, voice => $yes } } ],
    [ 'audio', { media => $file->{id} },
        { audio => { %file, voice => $no } } ],
    [ 'document', { media => $file->{id}, filename => 'a.pdf' },
        { document => { %file, filename => 'a.pdf' } } ],
    [ 'document', { media => $file->{id}, filename => 'a.pdf',
            caption => $text },
        { document => { %file, filename => 'a.pdf', caption => $text } } ],
    [ 'sticker', { media => $file->{id}, animated => $yes },
        { sticker => { %file, animated => $yes } } ],
    [ 'location', { location => { latitude => 1.5, longitude => -2,
            name => 'Here', address => "Street 1\nTown",
            url => 'https://example.com/' } },
        { location => { latitude => 1.5, longitude => -2, name => 'Here',
            address => "Street 1\nTown", url => 'https://example.com/' } } ],
    [ 'location', { location => { latitude => 0, longitude => 0 } },
        { location => { latitude => 0, longitude => 0 } } ],
    [ 'location', { location => { latitude => 1, longitude => 2,
            live => $yes, caption => 'On my way' } },
        { location => { latitude => 1, longitude => 2, live => $yes,
            name => 'On my way' } } ],
    [ 'contacts', { contacts => [{ name => 'Bob B', phone => $bob }] },
        { contacts => [{ name => { formatted_name => 'Bob B',
                first_name => 'Bob B' },
            phones => [{ phone => $bob, type => 'CELL',
                wa_id => $bob }] }] } ],
    [ 'contacts', { contacts => [
            { name => 'One', vcard => "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD" },
            { name => '', vcard => join "\r\n", 'BEGIN:VCARD',
                'N:Doe;John;;Dr.;', 'FN:John Doe',
                'item1.TEL:+1 555 1', 'item1.X-ABLabel:_$!<Boat>!$_',
                'TEL;type=WORK;type=pref:+1 555 2',
                'EMAIL;TYPE=INTERNET,HOME:j@example.com',
                'ADR;type=HOME:;;1 Way;Town;ST;123;Land',
                'ORG:Corp\\, Inc;Sales', 'TITLE:Boss',
                'URL:https://example.com/', 'BDAY:19800229',
                'NOTE:long', ' er', 'END:VCARD' }] },
        { contacts => [
            { name => { formatted_name => 'One' } },
            { name => { formatted_name => 'John Doe', first_name => 'John',
                    last_name => 'Doe', prefix => 'Dr.' },
                phones => [{ phone => '+1 555 1', type => 'Boat' },
                    { phone => '+1 555 2', type => 'WORK' }],
                emails => [{ email => 'j@example.com', type => 'HOME' }],
                addresses => [{ street => '1 Way', city => 'Town',
                    state => 'ST', zip => '123', country => 'Land',
                    type => 'HOME' }],
                org => { company => 'Corp, Inc', department => 'Sales',
                    title => 'Boss' },
                urls => [{ url => 'https://example.com/' }],
                birthday => '1980-02-29' }] } ],
    [ 'poll', { poll => { name => 'Which?', options => ['a', 'b'],
            selectable_count => 1 } },
        { poll => { name => 'Which?', options => ['a', 'b'],
            selectable_count => 1 } } ],
    [ 'buttons_response', { reply => { id => 'b1', title => 'Yes' } },
        { interactive => { type => 'button_reply',
            button_reply => { id => 'b1', title => 'Yes' } } } ],
    [ 'list_response', { reply => { id => 'r1', title => 'Row',
            description => 'The first' } },
        { interactive => { type => 'list_reply', list_reply => { id => 'r1',
            title => 'Row', description => 'The first' } } } ],
    [ 'template_button_reply', { reply => { id => 'p1', title => 'Stop',
            index => 1 } },
        { button => { payload => 'p1', text => 'Stop' } } ],
    [ 'interactive_response', { reply => { id => 'x', title => 'Sent',
            name => 'flow', params => { a => 1 } } },
        { interactive => { type => 'nfm_reply', nfm_reply => {
            name => 'flow', body => 'Sent',
            response_json => '{"a":1}' } } } ],
    [ 'unknown', { attributes => { type => 'groups_v4_invite' } },
        { unsupported => undef } ],
) {
    my ($type, $sent, $message) = @$case;
    my ($kind) = keys %$message;
    my $id = write_to(type => $type, %$sent);

    if ($kind eq 'unsupported') {
        $message = { errors => [{ code => 131051,
            title => 'Message type unknown',
            message => 'Message type unknown',
            error_data => { details => 'Message type is not supported.' } }] };
    }

    told($type, event($id, message => { type => $kind, %$message }));
}

# what a message refers to

{
    my $id = write_to();
    my $message = { type => 'text', text => { body => $text } };

    told('a message', event($id, message => $message));

    my $reply = write_to(quoted => $id);

    told('a reply', event($reply, message => { %$message, context => {
        from => { number => $alice, lid => $lid{$alice} }, id => $id } }));

    $reply = write_to(quoted => "false_$lid{$alice}_3AFFFFFFFFFFFFFFFFFF",
        quote_missing => $yes);
    told('a reply to what is gone', event($reply, message => { %$message,
        context => { from => { number => $alice, lid => $lid{$alice} },
            id => "false_$lid{$alice}_3AFFFFFFFFFFFFFFFFFF" } }));

    my $key = send_text($lid{$alice}, 1);

    told('what this page sends is not told, what becomes of it is',
        status($key, 'sent'));

    for my $quoted ($key, $key =~ s/\@lid/\@lid/r,
        "true_$alice\@c.us_" . (split /_/, $key)[2])
    {
        $reply = write_to(quoted => $quoted);
        told("a reply to $quoted", event($reply, message => { %$message,
            context => { from => { number => $me, lid => $own_lid },
                id => $key } }));
    }

    for my $case ([ $yes, 'forwarded' ], [ 3, 'forwarded' ],
        [ 5, 'frequently_forwarded' ])
    {
        my $forwarded = write_to(forwarded => $case->[0]);

        told("forwarded: $case->[1]", event($forwarded,
            message => { %$message, context => { $case->[1] => $yes } }));
    }
}


# send_text(chat, n): sends a text; its key

sub send_text {
    my ($chat, $n, $participant) = @_;
    my $key = sprintf 'true_%s_3EB0%018X%s', $chat, $n,
        $participant ? "_$participant" : '';

    $page->call('message.send', { chat => $chat, key => $key,
        type => 'text', text => { body => $text } });

    return $key;
}


sub status {
    my ($key, $status, %more) = @_;
    my (undef, $chat) = split /_/, $key;

    return { kind => 'status', id => $key, chat => $chat, group => undef,
        status => $status, recipient => { wid => $lid{$alice},
            number => $alice, lid => $lid{$alice} }, %more };
}

# what is done to a message

{
    my $id = write_to(type => 'image', media => $file->{id},
        caption => $text);
    my $image = { type => 'image', image => { %file, caption => $text } };

    told('a picture', event($id, message => $image));

    for my $emoji ("\x{1f44d}\x{1f3fd}", '') {
        my $act = post('react', { from => $alice, target => $id,
            emoji => $emoji });

        told('a reaction', event($act->{id}, message => {
            type => 'reaction',
            reaction => { message_id => $id, emoji => $emoji } }));
    }

    my $key = send_text($lid{$alice}, 2);

    told('sent', status($key, 'sent'));

    my $act = post('react', { from => $alice, target => $key,
        emoji => '+' });

    told('a reaction to what was sent', event($act->{id}, message => {
        type => 'reaction',
        reaction => { message_id => $key, emoji => '+' } }));

    $act = post('edit', { from => $alice, target => $id, body => 'other' });
    told('an edit', event($act->{id}, message => { type => 'edit',
        edit => { original_message_id => $id, message => { type => 'image',
            image => { %file, caption => 'other' } } } }));

    $act = post('delete', { from => $alice, target => $id });
    told('a deletion', event($act->{id}, message => { type => 'revoke',
        revoke => { original_message_id => $id } }));
}

{
    my $id = write_to(type => 'poll', poll => { name => 'Which?',
        options => ['a', 'b'], selectable_count => 2 });

    told('a poll', event($id, message => { type => 'poll', poll => {
        name => 'Which?', options => ['a', 'b'], selectable_count => 2 } }));

    for my $options (['b'], ['a', 'b'], []) {
        my $act = post('vote', { from => $alice, target => $id,
            options => $options });

        told('a vote', event($act->{id}, message => { type => 'poll_vote',
            poll_vote => { message_id => $id, options => $options } }));
    }
}

# what the page itself does

{
    my $id = write_to();

    told('a message', event($id, message => { type => 'text',
        text => { body => $text } }));

    my $key = send_text($lid{$alice}, 3);

    told('sent', status($key, 'sent'));

    my @acts = ({ type => 'reaction', target => $id,
            reaction => { emoji => '+' } },
        { type => 'edit', target => $key, edit => { body => 'other' } },
        { type => 'revoke', target => $key });

    for my $n (0 .. $#acts) {
        $page->call('message.send', { chat => $lid{$alice},
            key => sprintf('true_%s_3EB0%018X', $lid{$alice}, 10 + $n),
            %{ $acts[$n] } });
    }

    my @told = grep { $_->{kind} ne 'status' } until_after();

    is_deeply([map { $_->{message}{text}{body} } @told], ['after'],
        'what this page does to messages is not told') or diag(explain(\@told));
}


# until_after(): all that is told up to a message that is written now

sub until_after {
    my @told;

    write_to(body => 'after');

    until (grep { ($_->{message}{text}{body} // '') eq 'after' } @told) {
        push @told, $page->inbound(1);
    }

    return @told;
}

# what the owner writes on the phone

{
    my %own = (own => $yes, to => person($alice, 'Alice'),
        from => { wid => $own_lid, number => $me, lid => $own_lid,
            name => undef });
    my $id = post('messages', { from => $me, to => $alice, type => 'text',
        body => $text })->{id};

    told('the owner writes', event($id, %own, message => { type => 'text',
        text => { body => $text } }));

    my $act = post('react', { from => $me, target => $id, emoji => '+' });

    told('the owner reacts', event($act->{id}, %own, message => {
        type => 'reaction',
        reaction => { message_id => $id, emoji => '+' } }));

    $act = post('edit', { from => $me, target => $id, body => 'other' });
    told('the owner edits', event($act->{id}, %own, message => {
        type => 'edit', edit => { original_message_id => $id,
            message => { type => 'text', text => { body => 'other' } } } }));

    $act = post('delete', { from => $me, target => $id });
    told('the owner deletes', event($act->{id}, %own, message => {
        type => 'revoke', revoke => { original_message_id => $id } }));
}

# calls

{
    my %call = (kind => 'call');
    my $call = post('call', { from => $alice, video => $yes });
    my %with = (direction => 'USER_INITIATED', video => $yes);
    my $id = "false_$lid{$alice}_$call->{id}";

    $id = $call->{id} if $call->{id} =~ /_/;
    told('a call', event($id, %call, call => { event => 'connect', %with }));
    post('call', { from => $alice, id => $call->{id},
        outcome => 'Rejected' });
    told('its end', event($id, %call, call => { event => 'rejected',
        %with }));
}

# what WhatsApp says

{
    my $id = write_to(type => 'system', system => {
        type => 'notification_template', subtype => 'change_number',
        params => ["$alice\@c.us", "15550000009\@c.us"] });

    told('another number', event($id,
        from => person($alice, 'Alice', "$alice\@c.us"),
        message => { type => 'system', system => {
            type => 'user_changed_number', wa_id => '15550000009',
            body => '+15550000002 changed to +15550000009' } }));

    for my $type (qw(e2e_notification notification broadcast_notification)) {
        write_to(type => 'system', system => { type => $type,
            subtype => 'encrypt' });
    }

    quiet('of other notices nobody is told');
}

# twins and what can't be read at once

{
    my $id = write_to(twin => $yes);

    told('under the lid and under the number', event($id, message => {
        type => 'text', text => { body => $text } }));

    my $later = write_to(ciphertext => 1500);
    my $now = write_to(body => 'now');

    told('what can be read', event($now, message => { type => 'text',
        text => { body => 'now' } }));
    told('what could be read later', event($later, message => {
        type => 'text', text => { body => $text } }));
}

# of whom only the lid is known

{
    my $stranger = '100000000007777@lid';
    my $id = write_to(from => $stranger, name => 'Someone');

    told('a stranger', event($id, from => { wid => $stranger,
        number => undef, lid => $stranger, name => 'Someone' },
        message => { type => 'text', text => { body => $text } }));
}

# what nobody is told of

write_to(status => $yes);
write_to(newsletter => '120363000000000777@newsletter');
post('history', { count => 300, from => $bob });
wait_for(sub { $page->command(run => 'window.require("WAWebMsgCollection")'
    . '.MsgCollection.length') > 200 }, 60, 'the history');
$phone->page($_) for qw(scroll search);
quiet('statuses, channels and the history are not told');

is_deeply($page->command(run => 'window.require("WAWebMsgCollection")'
    . '.MsgCollection.getModelsArray().filter(({ mediaData }) => mediaData '
    . '&& mediaData.mediaStage !== "INIT").length'), 0,
    'no file was downloaded that nobody has asked for');
is_deeply($page->command(take => 'exception'), [], 'no exception');

$page->stop;
$t->done();
