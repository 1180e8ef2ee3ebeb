#!/usr/bin/perl

# The stand-in's page in a real browser, with wa-js and nothing of ours: what
# reaches the account comes by the functions and events of the real modules,
# each kind with its attributes, and the page's history has it afterwards.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256_base64);
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Browser;

my $alice = '15550000002';
my $bob = '15550000003';
my $own = '15550000001';
my $group = '120363000000000001@g.us';
my $chat = '100000000000002@lid';

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $browser;


sub browser { $browser->drive(@_) }


sub start {
    $browser = Test::Whatsapp::Browser->start($t);
    browser(inject => "$FindBin::Bin/standin/hooks.js");
    load();
}


# load(): the page, and wa-js when it has started: a module that comes after
# wa-js has looked for them would make that wait for ever

sub load {
    open my $fh, '<:encoding(UTF-8)', Test::Whatsapp::Controller::wa_js($t)
        or die "wa-js: $!\n";
    my $wa_js = do { local $/; <$fh> };

    browser(open => $phone->web_url);
    browser(wait => 'window.Debug && window.Debug.VERSION', ms => 60000);
    browser(run => "$wa_js\n;0");
    browser(wait => 'window.WPP && WPP.isFullReady', ms => 60000);
    browser(run => 'hookModules()');
}


# wait_offline(): until the page has what came while it was away

sub wait_offline {
    browser(wait => "require('WAWebCmd').Cmd.isOfflineDeliveryEnd",
        ms => 60000);
}


# seen(what, count, where): what the hooks have noted of this kind since they
# were asked last, when there are at least so many; where is a condition on
# "one" in JavaScript

sub seen {
    my ($what, $count, $where) = @_;
    my $matches = "(one) => one.what === '$what' && (" . ($where // 'true')
        . ')';

    $count //= 1;
    browser(wait => "SEEN.filter($matches).length >= $count", ms => 60000);

    return @{ browser(run => "takeSeen($matches)") };
}


sub write_message {
    return $phone->api('POST', '/api/messages', { from => $alice, @_ });
}


# live(members): somebody writes; what processMultipleMessages was given

sub live {
    my (@members) = @_;
    my $message = write_message(@members);
    my ($got) = seen('live', 1, "one.msg.id === '$message->{id}'"
        . ' && !one.meta.update');

    return ($got->{msg} // {}, $message, $got);
}


sub has {
    my ($got, $expected, $name) = @_;

    is_deeply({ map { $_ => $got->{$_} } keys %$expected }, $expected, $name);
}


sub upload {
    my ($bytes, $type) = @_;
    my $connection = Test::Whatsapp::Http->connect($phone->port);

    $connection->request('POST', '/api/media', body => $bytes,
        headers => { 'Content-Type' => $type, Connection => 'close' });

    return $connection->response(method => 'POST')->json->{id};
}


start();

# what is told of every message

{
    my ($msg, $message, $call) = live(body => 'hello');

    has($msg, { type => 'chat', body => 'hello', from => $chat,
        to => "$own\@c.us", notifyName => 'Alice', isNewMsg => JSON::PP::true,
        recvFresh => JSON::PP::true, viewMode => 'VISIBLE', ack => 1 },
        'a text');
    has($call, { chat => $chat, origin => 'updateMessageUIAction',
        meta => { add => 'after', update => JSON::PP::false,
        isHistory => JSON::PP::false } }, 'how it came');
    like($msg->{t}, qr/^\d{10}$/, 'its time, in seconds');
    is(scalar seen('chat.new_message', 1, "one.id === '$message->{id}'"), 1,
        'wa-js tells of it');
    is(browser(run => "require('WAWebApiContact').getPhoneNumber("
        . "WPP.whatsapp.WidFactory.createWid('$chat')).toString()"),
        "$alice\@c.us", 'whose lid it is has been learnt');

    my ($reply) = live(body => 'again', quoted => $message->{id},
        forwarded => 7, ephemeral => 86400);

    has($reply, { quotedStanzaID => (split /_/, $message->{id})[2],
        quotedParticipant => $chat, quotedMsg => { type => 'chat',
        body => 'hello' }, isForwarded => JSON::PP::true,
        forwardingScore => 7, ephemeralDuration => 86400 }, 'a context');
    ($reply) = live(body => 'lost', quoted => $message->{id},
        quote_missing => JSON::PP::true);
    ok(defined $reply->{quotedStanzaID} && !defined $reply->{quotedMsg},
        'a quote without what it quotes');
}

# each type

{
    my %place = (latitude => 1.5, longitude => -2.5, name => 'Here',
        address => 'There', url => 'https://example.org/');

    has((live(type => 'location', location => \%place))[0],
        { type => 'location', lat => 1.5, lng => -2.5, loc => "Here\nThere",
        clientUrl => 'https://example.org/' }, 'a location');
    has((live(type => 'location', location => { %place,
        live => JSON::PP::true, accuracy => 5 }))[0], { type => 'location',
        isLive => JSON::PP::true, lat => 1.5, accuracy => 5 },
        'a live location');
    has((live(type => 'contacts', contacts => [ { name => 'Joe',
        vcard => 'V' } ]))[0], { type => 'vcard', body => 'V',
        vcardFormattedName => 'Joe' }, 'a contact');
    has((live(type => 'contacts', contacts => [ map { { name => $_,
        vcard => 'V' } } 'A', 'B' ]))[0], { type => 'multi_vcard',
        vcardList => [ map { { displayName => $_, vcard => 'V',
        isMultiVcard => JSON::PP::false } } 'A', 'B' ] }, 'contacts');
    has((live(type => 'buttons_response', reply => { id => 'b1',
        title => 'Yes' }))[0], { type => 'buttons_response',
        selectedButtonId => 'b1', body => 'Yes' }, 'a button');
    has((live(type => 'list_response', reply => { id => 'r1', title => 'One',
        description => 'first' }))[0], { type => 'list_response',
        body => "One\nfirst", listResponse => { title => 'One',
        description => 'first', listType => 1,
        singleSelectReply => { selectedRowId => 'r1' } } }, 'a list\'s row');
    has((live(type => 'template_button_reply', reply => { id => 't1',
        title => 'OK', index => 2 }))[0], { type => 'template_button_reply',
        selectedId => 't1', selectedIndex => 2, body => 'OK' },
        'a template\'s button');
    has((live(type => 'interactive_response', reply => { id => 'f1',
        title => 'Done', name => 'flow' }))[0], {
        type => 'interactive_response', body => 'Done',
        interactivePayload => { name => 'flow', version => 1,
        type => 'native_flow', paramsJson => '{"id":"f1"}' } }, 'a flow');
    has((live(type => 'unknown', attributes => { type => 'groups_v4_invite',
        inviteCode => 'x' }))[0], { type => 'groups_v4_invite',
        inviteCode => 'x' }, 'some other type');
    has((live(type => 'unknown'))[0], { type => 'unknown' }, 'an unknown one');
}

# who writes, and where

{
    my ($msg, $message) = live(body => 'to all', group => $group);

    has($msg, { from => $group, author => $chat }, 'in a group');
    like($message->{id}, qr/_\Q$chat\E$/, 'the author is in its key');

    ($msg, $message) = live(from => $own, to => $alice, body => 'by phone');
    has($msg, { from => "$own\@c.us", to => $chat }, 'from the own phone');
    like($message->{id}, qr/^true_\Q$chat\E_/, 'its key');

    ($msg) = live(from => '100000000007777@lid', name => 'Xaver',
        body => 'hi');
    has($msg, { from => '100000000007777@lid', notifyName => 'Xaver' },
        'somebody without a number');
    is(browser(run => "String(require('WAWebApiContact').getPhoneNumber("
        . "WPP.whatsapp.WidFactory.createWid('100000000007777\@lid')))"),
        'undefined', 'nobody knows the number');

    has((live(body => 's', status => JSON::PP::true))[0],
        { author => $chat, from => 'status@broadcast' }, 'a status');
    has((live(body => 'n', newsletter => '120363000000000009@newsletter'))[0],
        { from => '120363000000000009@newsletter' }, 'a channel');
    ($msg, undef, my $call) = live(group => $group, type => 'system',
        system => { type => 'gp2', subtype => 'add',
        recipients => [ '100000000000003@lid' ] });
    has($msg, { type => 'gp2', subtype => 'add', author => $chat,
        recipients => [ '100000000000003@lid' ] }, 'a group\'s event');
    is($call->{origin}, 'handleGroupNotification', 'comes another way');

    write_message(body => 'twin', twin => JSON::PP::true);
    is_deeply([ sort map { $_->{msg}{from} }
        seen('live', 2, "one.msg.body === 'twin'") ],
        [ $chat, "$alice\@c.us" ], 'one message under two ids');
}

# what is done to messages

{
    my (undef, $message) = live(body => 'first');
    my $id = $message->{id};

    $phone->api('POST', '/api/react', { from => $alice, target => $id,
        emoji => "\x{1F44D}" });
    my ($reaction) = seen('reaction');
    has($reaction->{row}, { parentMsgKey => $id, senderUserJid => $chat,
        reactionText => "\x{1F44D}", orphan => 0 }, 'a reaction');
    is((seen('chat.new_reaction'))[0]{msgId}, $id, 'wa-js tells of it');
    $phone->api('POST', '/api/react', { from => $alice, target => $id,
        emoji => '' });
    is((seen('reaction'))[0]{row}{reactionText}, '', 'it is taken back');

    my $edit = $phone->api('POST', '/api/edit', { from => $alice,
        target => $id, body => 'second' });
    my ($edited) = seen('edit');
    has($edited->{edit}{editedMsgData}, { body => 'second',
        latestEditMsgKey => $edit->{id} }, 'an edit');
    has((seen('change:latestEditMsgKey'))[0], { id => $id,
        body => 'second' }, 'the model has the new text then');
    is((seen('chat.msg_edited'))[0]{id}, $id, 'wa-js tells of it');

    my $revoke = $phone->api('POST', '/api/delete', { from => $alice,
        target => $id });
    my ($protocol) = seen('live', 1, "one.msg.type === 'protocol'");
    has($protocol->{msg}, { subtype => 'sender_revoke', id => $revoke->{id},
        protocolMessageKey => $id }, 'a deletion');
    has((seen('change:type'))[0], { id => $revoke->{id}, type => 'revoked',
        protocolMessageKey => $id }, 'the model goes by another id');
    is((seen('chat.msg_revoke'))[0]{refId}, $id, 'wa-js tells of it');

    my (undef, $secret) = live(body => 'late', ciphertext => 200);
    has((seen('change:type', 1, "one.id === '$secret->{id}'"))[0],
        { id => $secret->{id}, type => 'chat',
        body => 'late' }, 'what came undecrypted becomes a text');
    is(scalar seen('live', 1, "one.msg.id === '$secret->{id}'"
        . ' && one.meta.update'), 1, 'it comes a second time');

    my (undef, $poll) = live(type => 'poll', poll => { name => 'Which?',
        options => [ 'a', 'b' ], selectable_count => 1 });
    $phone->api('POST', '/api/vote', { from => $alice,
        target => $poll->{id}, options => [ 'b' ] });
    my ($vote) = seen('vote');
    has($vote->{votes}[0], { parentMsgKey => $poll->{id},
        selectedOptionLocalIds => [ 1 ], sender => $chat }, 'a vote');
    ok(!$vote->{restoredFromDb}, 'it is news');
    is((seen('chat.poll_response'))[0]{msgId}, $poll->{id},
        'wa-js tells of it');
    $phone->api('POST', '/api/vote', { from => $alice,
        target => $poll->{id}, options => [] });
    is_deeply((seen('vote'))[0]{votes}[0]{selectedOptionLocalIds}, [],
        'it is taken back');
}

# receipts

{
    my $send = sub {
        my ($to) = @_;
        browser(run => "WPP.chat.sendTextMessage('$to', 'out', "
            . "{waitForAck: true}).then(({ id }) => String(id))");
    };
    my $receipt = sub {
        my ($from, $target, $status, $how) = @_;
        $phone->api('POST', '/api/receipt', { from => $from,
            target => $target, status => $status, how => $how // 'page' });
    };
    my $id = $send->("$alice\@c.us");
    my $key = (split /_/, $id)[2];

    seen('change:ack');
    $receipt->($alice, $id, 'read');
    has((seen('change:ack'))[0], { id => $id, ack => 3 }, 'it was read');
    has((seen('receipt'))[0]{receipt}, { from => $chat, ack => 3,
        externalIds => [ $key ], ackString => 'read' }, 'its handler');
    is((seen('chat.msg_ack_change', 1, 'one.ack === 3'))[0]{chat}, $chat,
        'wa-js tells of it');
    $receipt->($alice, $id, 'delivered');
    seen('receipt');
    is(browser(run => "WPP.whatsapp.MsgStore.get('$id').ack"), 3,
        'what comes later says less, and changes nothing');
    $receipt->($alice, $id, 'played', 'worker');
    has((seen('change:ack'))[0], { id => $id, ack => 4 },
        'a worker takes a receipt: the ack changes');
    is(browser(run => "SEEN.filter(({ what }) => what === 'receipt').length"),
        0,
        'and no handler is called');

    $id = $send->("$alice\@c.us");
    seen('change:ack');
    $receipt->($alice, $id, 'read', 'action');
    has((seen('acks'))[0], { keys => [ $id ], ack => 3 },
        'of a message that has left memory the action tells');

    $id = $send->($group);
    seen('change:ack');
    $receipt->($alice, $id, 'read');
    has((seen('receipt'))[0]{receipt}, { from => $group,
        participant => $chat, ack => 3 }, 'in a group: who has read it');
    is(browser(run => "WPP.whatsapp.MsgStore.get('$id').ack"), 1,
        'not all have');
    $receipt->($bob, $id, 'delivered');
    has((seen('change:ack'))[0], { id => $id, ack => 2 },
        'all have got it now');

    my (undef, $message) = live(body => 'read by the phone');
    $receipt->($own, $message->{id}, 'read');
    has((seen('acks'))[0], { keys => [ $message->{id} ], ack => 3,
        peer => JSON::PP::true }, 'the own phone has read something');
}

# a call

{
    my $call = $phone->api('POST', '/api/call', { from => $alice,
        video => JSON::PP::true });
    my ($log) = seen('live', 1, "one.msg.type === 'call_log'");

    has($log->{msg}, { callOutcome => 'Ongoing', callCreator => $chat,
        isVideoCall => JSON::PP::true, from => $chat }, 'a call\'s message');
    like($log->{msg}{id}, qr/_\Q$call->{id}\E$/, 'has its id');
    is(browser(run => "require('WAWebCallCollection').default.activeCall"
        . '.getState()'), 3, 'the call rings');
    $phone->api('POST', '/api/call', { from => $alice, id => $call->{id},
        outcome => 'Rejected' });
    is((seen('change:callOutcome'))[0]{callOutcome}, 'Rejected', 'it ends');

    # what calls need has come with the first one; wa-js looks for it now
    ok(wait_for(sub {
        $phone->api('POST', '/api/call', { from => $bob });
        select undef, undef, undef, 0.5;
        return browser(run => "SEEN.some(({ what, sender }) => "
            . "what === 'call.incoming_call' && "
            . "sender === '100000000000003\@lid')");
    }, 60, 'a call'), 'wa-js tells of a later one');
}

# files

{
    my $bytes = join '', map { chr rand 256 } 1 .. 20000;
    my $file = upload($bytes, 'image/jpeg');
    my ($msg, $message) = live(type => 'image', media => $file,
        caption => 'seen', view_once => JSON::PP::true);
    my $download = sub {
        my ($id) = @_;
        browser(run => "download('$id')");
    };

    has($msg, { type => 'image', caption => 'seen', size => length $bytes,
        mimetype => 'image/jpeg', isViewOnce => JSON::PP::true,
        filehash => padded(sha256_base64($bytes)) }, 'a picture');
    is_deeply($download->($message->{id}), { size => length $bytes,
        type => 'image/jpeg', sha256 => $msg->{filehash},
        stage => 'RESOLVED' }, 'is downloaded');

    for my $row ([ 'video', 'video/mp4', {} ], [ 'sticker', 'image/webp',
        { animated => JSON::PP::true } ], [ 'audio',
        'audio/ogg; codecs=opus', { voice => JSON::PP::true } ],
        [ 'document', 'application/pdf', { filename => 'a.pdf' } ])
    {
        my ($type, $mime, $more) = @$row;

        ($msg, $message) = live(type => $type, %$more,
            media => upload("$type $bytes", $mime));
        has($msg, { type => $more->{voice} ? 'ptt' : $type,
            mimetype => $mime, filename => $more->{filename},
            size => length("$type $bytes") }, "a $type");
        is($download->($message->{id})->{sha256}, $msg->{filehash},
            'is downloaded');
    }

    ($msg, $message) = live(type => 'document', media => upload('gone',
        'text/plain'), filename => 'gone.txt', expired => JSON::PP::true);
    is_deeply($download->($message->{id}), { code => 'media_not_found',
        stage => 'ERROR_MISSING' }, 'an expired file is nowhere');
    ($msg, $message) = live(type => 'document', media => upload('again',
        'text/plain'), filename => 'again.txt', expired => 'reupload');
    is($download->($message->{id})->{sha256}, $msg->{filehash},
        'or the phone gives it again');
    $phone->fault('refuse_download', status => 500);
    ($msg, $message) = live(type => 'document', media => upload('later',
        'text/plain'), filename => 'later.txt');
    is_deeply($download->($message->{id}), { code => 'media_not_found',
        stage => 'NEED_POKE' }, 'a failure is told by the stage');
    is($download->($message->{id})->{sha256}, $msg->{filehash},
        'and may be over the next time');
}

# old messages

{
    browser(run => 'SEEN.length = 0');
    $phone->api('POST', '/api/history', { count => 1200 });
    live(body => 'among old ones');
    my @history = seen('history', 3);

    is((grep { $_->{meta}{isHistory} } @history), @history,
        'old messages say so');
    is(browser(run => 'SEEN.filter(({ what, msg }) => what === "live" && '
        . '/^history/.test(msg.body)).length'), 0, 'none comes as a new one');
    $phone->page('search');
    is((seen('search'))[0]{meta}{isHistory}, undef,
        'what is searched for does not');
}

# the page is away

{
    my @ids;

    browser(open => 'about:blank');
    push @ids, write_message(body => "away $_")->{id} for 1 .. 20;
    load();
    wait_offline();

    my $all = browser(run => "WPP.chat.getMessages('$chat', {count: 20})"
        . '.then((list) => list.map(({ id, t }) => ({ id: String(id), t })))');

    is_deeply([ map { $_->{id} } @$all ], \@ids,
        'the history has what came meanwhile, in its order');
    is_deeply([ map { $_->{id} } @{ browser(run =>
        "findMessages('$ids[9]', 'after')") } ], [ @ids[10 .. 19] ],
        'and what is behind a message');

    ok(wait_for(sub {
        $phone->page('scroll');
        select undef, undef, undef, 0.3;
        return browser(run => 'SEEN.some(({ what, restoredFromDb, meta }) => '
            . "what === 'vote' && restoredFromDb)");
    }, 60, 'old votes'), 'votes that are shown again are no news');
    is(browser(run => "SEEN.filter(({ what, msg }) => what === 'live' "
        . "&& !/^away/.test(msg.body)).length"), 0, 'nor are messages');
    is_deeply(browser(run => 'TROUBLE'), [], 'nothing went wrong so far');

    $browser->stop;
    push @ids, write_message(body => 'while the browser was away')->{id};
    start();
    wait_offline();
    is_deeply([ map { $_->{id} } grep { $_->{t} >= $all->[0]{t} } @{ browser(
        run => "findMessages('$ids[0]', 'after')") } ], [ @ids[1 .. 20] ],
        'also when the browser was away');
}

is_deeply(browser(run => 'TROUBLE'), [], 'nothing went wrong in the page');
$browser->stop;
$t->done();


sub padded { $_[0] . '=' x (-length($_[0]) % 4) }
