#!/usr/bin/perl

# What reaches the account reaches a reader of its event stream: each kind in
# the form of the Cloud API's webhooks, what becomes of what was sent, and all
# that comes while the page, the browser or the controller is dead: once, in
# order, with the same id.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Stream;
use Time::HiRes qw(sleep time);

my ($alice, $bob, $me) = qw(15550000002 15550000003 15550000001);
my ($alice_lid, $own_lid) = map { "10000000000000$_\@lid" } 2, 0;
my $group = '120363000000000001@g.us';
my ($yes, $no) = (JSON::PP::true, JSON::PP::false);

my $t = Test::Whatsapp->new(timeout => 600);
my $phone = $t->standin;
my $controller = $t->controller();
my $types = 'messages,statuses,echoes,calls,errors';
my $mark = $t->dir . "/state/sessions/$session/mark";
my $delivered = $t->runtime . "/delivered/$session";
my ($stream, $last);

$t->run();
$controller->wait_ready;


sub wamid { 'wamid.' . encode_base64url($_[0]) }

sub post { $phone->api('POST', "/api/$_[0]", $_[1]) }

# write_to(members): somebody writes; the message's key

sub write_to {
    return post('messages', { from => $alice, type => 'text',
        body => $t->canary('text'), @_ })->{id};
}


# connect(): reads the stream, on from where it was

sub connect_stream {
    $stream->close if $stream;
    $stream = Test::Whatsapp::Stream->open($t->port(8080),
        "/whatsapp/$session/events?types=$types", headers => {
            Authorization => 'Bearer ' . $t->token,
            'Last-Event-ID' => $last });
}


# told(seconds): the next body and its value; gaps are left out

sub told {
    my ($seconds) = @_;
    my $event;

    do {
        $event = $stream->event($seconds // 20) // die "the stream ended\n";
        $last = $event->{id};
    } while (($event->{event} // '') eq 'gap');

    return ($event->{data},
        decode_json($event->{data})->{entry}[0]{changes}[0]);
}


# tells(name, field, members): the next event has exactly these beside the
# session

sub tells {
    my ($name, $field, $members) = @_;
    my ($body, $change) = told();
    my ($list) = grep { ref $change->{value}{$_} eq 'ARRAY'
        && $_ ne 'contacts' } keys %{ $change->{value} };
    my $time = delete $change->{value}{$list}[0]{timestamp};

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    like($time, qr/^\d{10}$/, "$name: the time");
    ok($time > time() - 120 && $time < time() + 5, "$name: is now");
    unlike($body, qr/[^\x20-\x7e]/, "$name: ASCII without blanks");
    is_deeply($change, { field => $field, value => {
        messaging_product => 'whatsapp', metadata => {
            display_phone_number => $me, phone_number_id => $session },
        %$members } }, $name) or diag($body);

    return $change->{value}{$list}[0];
}


sub person { return { profile => { name => 'Alice' }, wa_id => $alice,
    user_id => $alice_lid } }

# tells_message(name, key, members): of Alice

sub tells_message {
    my ($name, $key, %message) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return tells($name, 'messages', { contacts => [ person() ],
        messages => [ { from => $alice, from_user_id => $alice_lid,
            id => wamid($key), %message } ] });
}


sub tells_status {
    my ($name, $id, $status, %more) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return tells($name, 'messages', { statuses => [ { id => $id,
        status => $status, recipient_id => $alice,
        recipient_user_id => $alice_lid, %more } ] });
}

connect_stream();

# what people write

{
    my $text = $t->canary('text') . " / <\x{e9}\x{1f600}\x7f\n\"";
    my $key = write_to(body => $text);

    tells_message('a text', $key, type => 'text', text => { body => $text });

    my $reply = write_to(body => $text, quoted => $key);

    tells_message('a reply', $reply, type => 'text',
        text => { body => $text },
        context => { from => $alice, id => wamid($key) });

    my $act = post('react', { from => $alice, target => $key,
        emoji => "\x{1f44d}" });

    tells_message('a reaction', $act->{id}, type => 'reaction',
        reaction => { message_id => wamid($key), emoji => "\x{1f44d}" });

    $act = post('edit', { from => $alice, target => $key, body => $text });
    tells_message('an edit', $act->{id}, type => 'edit', edit => {
        original_message_id => wamid($key),
        message => { type => 'text', text => { body => $text } } });

    $act = post('delete', { from => $alice, target => $key });
    tells_message('a deletion', $act->{id}, type => 'revoke',
        revoke => { original_message_id => wamid($key) });

    $key = write_to(type => 'location', body => undef, location => {
        latitude => 52.520008, longitude => -13 });
    tells_message('a place', $key, type => 'location',
        location => { latitude => 52.520008, longitude => -13 });

    $key = write_to(type => 'poll', body => undef, poll => {
        name => $text, options => [ 'a', 'b' ], selectable_count => 1 });
    tells_message('a poll', $key, type => 'poll', poll => { name => $text,
        options => [ 'a', 'b' ], selectable_count => 1 });

    $act = post('vote', { from => $alice, target => $key,
        options => [ 'b' ] });
    tells_message('a vote', $act->{id}, type => 'poll_vote',
        poll_vote => { message_id => wamid($key), options => [ 'b' ] });
}

# media and groups have sealed ids, the same each time

{
    my $file = $phone->upload('image/jpeg', 'a picture');
    my ($key, $body, $change, @ids);

    $key = write_to(type => 'image', body => undef, media => $file->{id},
        caption => 'c');
    ($body, $change) = told();

    my $message = $change->{value}{messages}[0];
    my $id = delete $message->{image}{id};

    is_deeply($message->{image}, { mime_type => 'image/jpeg',
        sha256 => $phone->digest('a picture'), file_size => 9,
        caption => 'c' }, 'a picture');
    like($id, qr/^[\w-]{40,360}$/, 'has an id');
    unlike($body, qr/\Q$key\E/, 'that does not show what it is');

    for (1, 2) {
        $key = write_to(group => $group);
        ($body, $change) = told();
        $message = $change->{value}{messages}[0];
        push @ids, $message->{group_id};

        is($message->{id}, wamid($key), 'a message of a group');
        is($message->{from}, $alice, 'its author');
    }

    like($ids[0], qr/^g\.[\w-]+$/, 'the group has an id');
    is($ids[0], $ids[1], 'the same each time');
    is($t->get("/whatsapp/$version/$ids[0]")->status, 200,
        'by which it is found');
}

# what the owner writes on the phone, and calls

{
    my $text = $t->canary('text');
    my $key = write_to(from => $me, to => $alice, body => $text);

    tells('an echo', 'smb_message_echoes', { message_echoes => [ {
        from => $me, to => $alice, to_user_id => $alice_lid,
        id => wamid($key), type => 'text', text => { body => $text } } ] });

    my $call = post('call', { from => $alice, video => $no });
    my $one = tells('a call', 'calls', { contacts => [ person() ],
        calls => [ { from => $alice, from_user_id => $alice_lid, to => $me,
            id => wamid($call->{id} =~ /_/ ? $call->{id}
                : "false_${alice_lid}_$call->{id}"),
            event => 'connect', direction => 'USER_INITIATED',
            video => $no } ] });

    post('call', { from => $alice, id => $call->{id},
        outcome => 'Rejected' });
    is((told())[1]{value}{calls}[0]{event}, 'rejected', 'its end');
}

# what becomes of what was sent

{
    my $data = "order \x{e9} \"1\" " . $t->canary('text');
    my $response = $t->send($alice, $t->canary('text'),
        members => { biz_opaque_callback_data => $data });
    my $id = $response->id;
    my %more = (biz_opaque_callback_data => $data);

    is($response->status, 200, 'a message is sent');
    tells_status('sent', $id, 'sent', %more);

    my ($message) = grep { $_->{wamid} eq $id } $phone->messages;

    post('receipt', { from => $alice, target => $message->{id},
        status => $_ }) for qw(read delivered read);
    tells_status('read', $id, 'read', %more);

    my $key = write_to(quoted => $message->{id});
    my $reply = (told())[1]{value}{messages}[0];

    is($reply->{id}, wamid($key), 'nothing lower, and nothing twice');
    is_deeply($reply->{context}, { from => $me, id => $id },
        'a reply names the id that the send was answered with');

    $response = $t->send($alice, $t->canary('text'));
    tells_status('without data', $response->id, 'sent');

    $t->send($group, $t->canary('text'),
        members => { recipient_type => 'group' });

    my $status = (told())[1]{value}{statuses}[0];

    is($status->{status}, 'sent', 'sent to a group');
    is($status->{recipient_type}, 'group', 'which is said');
    like($status->{recipient_id}, qr/^g\./, 'by its id');
}

# deaths: what is written meanwhile is told afterwards, in its order, once

my $count = 0;

sub number { (split / /, $_[0]{value}{messages}[0]{text}{body})[1] }

# told_messages(count): [number, id] of so many messages

sub told_messages {
    my ($left) = @_;
    my @messages;

    while (@messages < $left) {
        my (undef, $change) = told(90);

        push @messages, [ number($change),
            $change->{value}{messages}[0]{id} ]
            if $change->{value}{messages};
    }

    return @messages;
}

my $canary = $t->canary('text');

sub write_next {
    return map { write_to(from => $_ % 2 ? $alice : $bob,
        body => "$canary " . ++$count) } 1 .. $_[0];
}

for my $case (
    [ 'the renderer', sub { kill 'KILL', $controller->renderer->{pid} }, 0 ],
    [ 'the browser', sub { kill 'KILL', $controller->browser->{pid} }, 0 ],
    [ 'the browser, asked to', sub {
        $controller->request('POST', "/v1/sessions/$session/restart") }, 0 ],
    [ 'the controller', sub { $controller->process->stop('KILL') }, 1 ],
    [ 'the controller, asked to', sub { $controller->process->stop }, 1 ],
) {
    my ($name, $kill, $restart) = @$case;
    my $first = $count + 1;
    my (@keys, @told);

    push @keys, write_next(5);
    @told = told_messages(5);
    $kill->();
    push @keys, write_next(20);
    sleep 0.3;
    push @keys, write_next(20);

    if ($restart) {
        ok($stream->ended(60), "$name: the stream ends");
        $controller->restart;
        connect_stream();
    }

    $controller->wait_ready;
    push @keys, write_next(5);
    push @told, told_messages(45);

    is(join(' ', sort { $a <=> $b } map { $_->[0] } @told),
        join(' ', $first .. $count), "$name: all are told, once");

    for my $odd (0, 1) {
        my @of = map { $_->[0] } grep { $_->[0] % 2 == $odd } @told;

        is(join(' ', @of), join(' ', sort { $a <=> $b } @of),
            "$name: in the order of their chat");
    }

    is(scalar(grep { $_->[1] ne wamid($keys[$_->[0] - $first]) } @told), 0,
        "$name: with their ids");
}

sleep 0.5;
is(scalar($stream->waiting), 0, 'nothing else is told');

# the mark is a time, the digests are no text

{
    ok(wait_for(sub { $t->read_file("state/sessions/$session/mark")
        >= time() - 60 }, 60), 'the mark is young');
    like($t->read_file("state/sessions/$session/mark"), qr/^\d{10}\n\z/,
        'and nothing but a time');
    is((stat $mark)[2] & 0777, 0600, 'of mode 0600');
    is((stat $delivered)[2] & 0777, 0600, 'as are the digests');
    is((stat $delivered)[7] % 24, 0, 'of 24 bytes');
}

# a log-out takes both along

{
    $phone->logout;
    $controller->wait_state('logged_out');

    my $change = (told())[1];

    is($change->{value}{errors}[0]{code}, 133010, 'a log-out is told');
    ok(wait_for(sub { !-e $mark && !-e $delivered }, 60),
        'mark and digests are gone');
}

$t->done();
