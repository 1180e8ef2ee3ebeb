package Test::Whatsapp::Arrivals;

# All that can reach an account, one thing of each kind, played by the phone
# of the stand-in; with what the Cloud API says of it.
#
# An arrival: name; field, list: where it stands in the envelope; id, its
# public id; members: what its object has beside id, timestamp and people;
# file: the bytes of its media; and whether it is of a "group", of a "stranger"
# whose number nobody knows, a "failed" status, an answer to its own author
# ("of_itself").

use strict;
use warnings;

use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use Test::Whatsapp;

my ($alice, $bob, $me) = qw(15550000002 15550000003 15550000001);
my $group = '120363000000000001@g.us';
my ($yes, $no) = (JSON::PP::true, JSON::PP::false);


# play(test, phone): the arrivals, in the order in which they were played

sub play {
    my ($class, $t, $phone) = @_;
    my $self = bless { t => $t, phone => $phone, all => [],
        text => $t->canary('text') . " \x{e9}\x{1f600}/<\@>\x7f" }, $class;

    $self->written;
    $self->files;
    $self->answers;
    $self->acts;
    $self->of_group;
    $self->sent;
    $self->own;
    $self->call;
    $self->failed;

    return @{ $self->{all} };
}


sub wamid { 'wamid.' . encode_base64url($_[0]) }


sub post { $_[0]{phone}->api('POST', "/api/$_[1]", $_[2]) }


# arrives(name, type, key, content, more): the key again

sub arrives {
    my ($self, $name, $type, $key, $content, %more) = @_;

    push @{ $self->{all} }, { name => $name, field => 'messages',
        list => 'messages', id => wamid($key),
        members => { type => $type, $type => $content,
            %{ delete $more{members} // {} } }, %more };

    return $key;
}


# writes(members): Alice writes; the message's key

sub writes {
    my ($self, %message) = @_;

    return $self->post('messages', { from => $alice, type => 'text',
        %message })->{id};
}


sub text {
    my ($self, $name, $members, %sent) = @_;

    return $self->arrives($name, 'text',
        $self->writes(body => $self->{text}, %sent),
        { body => $self->{text} }, members => $members);
}


sub written {
    my ($self) = @_;
    my $first = $self->text('a text', {});

    $self->text('a reply',
        { context => { from => $alice, id => wamid($first) } },
        quoted => $first);
    $self->{all}[-1]{of_itself} = 1;
    $self->text('a forwarded text', { context => { forwarded => $yes } },
        forwarded => $yes);
    $self->text('a text that many have forwarded',
        { context => { frequently_forwarded => $yes } }, forwarded => 5);

    $self->arrives('a place', 'location', $self->writes(
        type => 'location', location => { latitude => 52.520008,
            longitude => -13, name => 'Here', address => "Street 1\nTown",
            url => 'https://example.com/' }),
        { latitude => 52.520008, longitude => -13, name => 'Here',
            address => "Street 1\nTown", url => 'https://example.com/' });
    $self->arrives('a live place', 'location', $self->writes(
        type => 'location', location => { latitude => 1, longitude => 2,
            live => $yes }), { latitude => 1, longitude => 2, live => $yes });

    $self->arrives('cards', 'contacts', $self->writes(type => 'contacts',
        contacts => [ { name => 'Bob B', phone => $bob }, { name => '',
            vcard => "BEGIN:VCARD\nVERSION:3.0\nFN:None\nEND:VCARD" } ]),
        [ { name => { formatted_name => 'Bob B', first_name => 'Bob B' },
                phones => [ { phone => $bob, type => 'CELL',
                    wa_id => $bob } ] },
            { name => { formatted_name => 'None' } } ]);

    $self->arrives('what is not supported', 'unsupported', $self->writes(
        type => 'unknown', attributes => { type => 'groups_v4_invite' }),
        undef, members => { unsupported => undef, errors => [ {
            code => 131051, title => 'Message type unknown',
            message => 'Message type unknown', error_data => {
                details => 'Message type is not supported.' } } ] });

    $self->text('a text of a stranger', {},
        from => '100000000007777@lid', name => 'Someone');
    $self->{all}[-1]{stranger} = 1;
}


# a file of each type; its id is sealed, so it is looked up in the delivery

sub files {
    my ($self) = @_;

    for my $case (
        [ 'a picture', 'image', 'image/jpeg', {}, caption => 'c' ],
        [ 'a picture without a text', 'image', 'image/png', {} ],
        [ 'a picture to be seen once', 'image', 'image/jpeg', {},
            view_once => $yes ],
        [ 'a video', 'video', 'video/mp4', {}, caption => 'c' ],
        [ 'a voice message', 'audio', 'audio/ogg; codecs=opus', {},
            voice => $yes ],
        [ 'a sound', 'audio', 'audio/mpeg', { voice => $no } ],
        [ 'a document', 'document', 'application/pdf', {},
            filename => "Re: \x{e9} 1.pdf", caption => 'c' ],
        [ 'a sticker', 'sticker', 'image/webp', { animated => $no } ],
    ) {
        my ($name, $type, $mime, $more, %sent) = @$case;
        my $bytes = "the bytes of $name";
        my $file = $self->{phone}->upload($mime, $bytes);
        my $key = $self->writes(type => $type, media => $file->{id},
            mime_type => $mime, %sent);

        $self->arrives($name, $type, $key, { %sent, %$more,
            mime_type => $mime, file_size => length $bytes,
            sha256 => $self->{phone}->digest($bytes) }, file => $bytes);
        $self->{picture} //= $key;
    }
}


sub answers {
    my ($self) = @_;

    $self->arrives('a button', 'interactive', $self->writes(
        type => 'buttons_response', reply => { id => 'b1', title => 'Yes' }),
        { type => 'button_reply',
            button_reply => { id => 'b1', title => 'Yes' } });
    $self->arrives('a row of a list', 'interactive', $self->writes(
        type => 'list_response', reply => { id => 'r1', title => 'Row',
            description => 'The first' }),
        { type => 'list_reply', list_reply => { id => 'r1', title => 'Row',
            description => 'The first' } });
    $self->arrives('a quick reply', 'button', $self->writes(
        type => 'template_button_reply', reply => { id => 'p1',
            title => 'Stop', index => 1 }),
        { payload => 'p1', text => 'Stop' });
    $self->arrives('a form', 'interactive', $self->writes(
        type => 'interactive_response', reply => { id => 'x',
            title => 'Sent', name => 'flow', params => { a => 1 } }),
        { type => 'nfm_reply', nfm_reply => { name => 'flow',
            body => 'Sent', response_json => '{"a":1}' } });
}


# what is done to messages

sub acts {
    my ($self) = @_;
    my $key = $self->writes(body => $self->{text});

    $self->arrives('a text to be changed', 'text', $key,
        { body => $self->{text} });

    for my $emoji ("\x{1f44d}", '') {
        $self->arrives($emoji ? 'a reaction' : 'its removal', 'reaction',
            $self->post('react', { from => $alice, target => $key,
                emoji => $emoji })->{id},
            { message_id => wamid($key), emoji => $emoji });
    }

    $self->arrives('an edit', 'edit', $self->post('edit', { from => $alice,
        target => $key, body => 'other' })->{id},
        { original_message_id => wamid($key), message => { type => 'text',
            text => { body => 'other' } } });
    $self->arrives('a deletion', 'revoke', $self->post('delete',
        { from => $alice, target => $key })->{id},
        { original_message_id => wamid($key) });

    $key = $self->arrives('a poll', 'poll', $self->writes(type => 'poll',
        poll => { name => 'Which?', options => [ 'a', 'b' ],
            selectable_count => 1 }),
        { name => 'Which?', options => [ 'a', 'b' ],
            selectable_count => 1 });

    for my $options ([ 'b' ], []) {
        $self->arrives(@$options ? 'a vote' : 'no vote any more',
            'poll_vote', $self->post('vote', { from => $alice,
                target => $key, options => $options })->{id},
            { message_id => wamid($key), options => $options });
    }

    $self->arrives('another number', 'system', $self->writes(
        type => 'system', system => { type => 'notification_template',
            subtype => 'change_number',
            params => [ "$alice\@c.us", "15550000009\@c.us" ] }),
        { type => 'user_changed_number', wa_id => '15550000009',
            body => '+15550000002 changed to +15550000009' });
}


sub of_group {
    my ($self) = @_;
    my $key = $self->text('a text in a group', {}, group => $group);
    my $bytes = 'the bytes of a picture in a group';
    my $file = $self->{phone}->upload('image/jpeg', $bytes);

    $self->{all}[-1]{group} = 1;
    $self->arrives('a picture in a group', 'image', $self->writes(
        type => 'image', media => $file->{id}, group => $group),
        { mime_type => 'image/jpeg', file_size => length $bytes,
            sha256 => $self->{phone}->digest($bytes) },
        file => $bytes, group => 1);
    $self->arrives('a reaction in a group', 'reaction', $self->post('react',
        { from => $alice, target => $key, emoji => '+' })->{id},
        { message_id => wamid($key), emoji => '+' }, group => 1);
    $self->arrives('a subject', 'system', $self->writes(type => 'system',
        group => $group, system => { type => 'gp2', subtype => 'subject',
            body => 'New' }),
        { type => 'group_subject_changed', subject => 'New',
            body => '+15550000002 changed the subject to "New"' },
        group => 1);
}


# what becomes of a message that was sent, and an answer to it

sub sent {
    my ($self) = @_;
    my %data = (biz_opaque_callback_data => "order \"1\" \x{e9}");
    my $id = $self->{t}->send($alice, $self->{text}, members => \%data)->id;
    my ($message) = grep { $_->{wamid} eq $id } $self->{phone}->messages;

    $self->status($id, 'sent', %data);

    for my $status (qw(delivered read played)) {
        $self->post('receipt', { from => $alice, status => $status,
            target => $message->{id} });
        $self->status($id, $status, %data);
    }

    $self->text('an answer', { context => { from => $me, id => $id } },
        quoted => $message->{id});
}


# refused after its sender has given up waiting for the server's word

sub failed {
    my ($self) = @_;
    my %data = (biz_opaque_callback_data => 'late');

    $self->{phone}->fault('hold_ack');
    $self->{phone}->fault('refuse', code => 463);

    my $error = $self->{t}{controller}->call('message.send', { to => $alice,
        type => 'text', text => { body => $self->{text} }, %data },
        key => 'late', deadline => 3000)->json->{error};

    $self->{phone}->fault('none');
    $self->status($error->{message_id}, 'failed', %data);
    $self->{all}[-1]{failed} = 1;
}


sub status {
    my ($self, $id, $status, %data) = @_;

    push @{ $self->{all} }, { name => "status: $status",
        field => 'messages', list => 'statuses', id => $id,
        members => { status => $status, %data } };
}


sub own {
    my ($self) = @_;
    my $bytes = 'the bytes of a picture of the owner';
    my $file = $self->{phone}->upload('image/jpeg', $bytes);
    my %owner = (from => $me, to => $alice);
    my %echo = (field => 'smb_message_echoes', list => 'message_echoes');

    $self->arrives('a text of the owner', 'text', $self->writes(%owner,
        body => $self->{text}), { body => $self->{text} }, %echo);
    $self->arrives('a picture of the owner', 'image', $self->writes(%owner,
        type => 'image', media => $file->{id}), {
            mime_type => 'image/jpeg', file_size => length $bytes,
            sha256 => $self->{phone}->digest($bytes) }, file => $bytes,
        %echo);
}


sub call {
    my ($self) = @_;
    my $call = $self->post('call', { from => $alice, video => $no });

    $self->post('call', { from => $alice, id => $call->{id},
        outcome => 'Rejected' });

    push @{ $self->{all} }, map { { name => "a call: $_", field => 'calls',
        list => 'calls', members => { event => $_,
            direction => 'USER_INITIATED', video => $no } } }
        qw(connect rejected);
}


# find(arrival, bodies): its body among those that came

sub find {
    my ($arrival, @bodies) = @_;
    my ($list, $members) = @{$arrival}{qw(list members)};

    my ($found) = grep {
        my $value = $_->{entry}[0]{changes}[0]{value};
        my $one = $value->{$list} && $value->{$list}[0];

        $one && (!$arrival->{id} || $one->{id} eq $arrival->{id})
            && (!$members->{status} || $one->{status} eq $members->{status})
            && (!$members->{event} || $one->{event} eq $members->{event})
    } @bodies;

    return $found;
}


1;
