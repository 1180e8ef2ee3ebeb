#!/usr/bin/perl

# What a send or another call does beside what it was asked for: nothing. The
# page would mark chats as read, go on typing, and watch who is online; and it
# is not ready before it has fetched what it missed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Http;

my $friend = '15550000002';

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef);
my $controller = $t->controller();

$t->run();

my $base = "/whatsapp/$version/$session";


sub state { $t->get("$base/session")->json->{state} }


sub read_it {
    my ($wamid, %more) = @_;

    return $t->post("$base/messages", { messaging_product => 'whatsapp',
        status => 'read', message_id => $wamid, %more })->status;
}


sub seen { (grep { $_->{wamid} eq $_[0] } $phone->received)[0]{seen} }


sub act {
    my ($type, %what) = @_;

    return $t->post("$base/messages", { messaging_product => 'whatsapp',
        to => $friend, type => $type, $type => \%what });
}


# all states that a linking goes through

{
    my %states;

    $controller->wait_state('qr', 60);
    wait_for(sub { eval { $phone->scan } }, 60, 'a QR code to scan');
    wait_for(sub { $states{ $controller->state }++;
        $controller->state eq 'ready' }, 60, 'ready');
    ok(!$states{incompatible} && !$states{recovering},
        'linked without a reload') or diag(join ' ', keys %states);
    is($t->get("$base/session")->json->{via}, 'wa-js',
        'wa-js has found all that is needed');
}

# a chat is not read because somebody looks at the page and something is sent

{
    my $wamid = $phone->write($friend, $t->canary('text'))->{wamid};
    my $text = $t->canary('text');

    $phone->page('focus');
    is($t->send($friend, $text)->status, 200, 'a send to who has written');
    select undef, undef, undef, 1.5;
    ok(!seen($wamid), 'does not mark the chat as read');
    is(read_it($wamid), 200, 'read when that is asked for');
    ok(eval { wait_for(sub { seen($wamid) }, 60) }, 'it is read');
}

# typing ends with what is sent

{
    my $wamid = $phone->write($friend, $t->canary('text'))->{wamid};
    my $text = $t->canary('text');

    $phone->wait_taken;
    is(read_it($wamid, typing_indicator => { type => 'text' }), 200,
        'typing is asked for');
    ok(eval { wait_for(sub { "@{ $phone->state->{typing} }" eq $friend },
        10) }, 'the other side sees it');
    is($t->send($friend, $text)->status, 200, 'a message is sent');

    # the page repeats it every ten seconds, unless it was paused
    sleep 12;
    is("@{ $phone->state->{typing} }", '', 'nobody types any more');
}

is_deeply($phone->state->{subscribed}, [], 'nobody\'s presence is watched');

# a file is uploaded, whatever the account's properties say

{
    my $file = $t->write_file('client/a.txt', 'A file.');
    my ($status, $output) = $t->command(['curl', '-sS', '-F',
        'messaging_product=whatsapp', '-F', "file=\@$file;type=text/plain",
        '-H', 'Authorization: Bearer ' . $t->token,
        'http://127.0.0.1:' . $t->port . "$base/media"]);
    my ($id) = $output =~ /"id":"([^"]+)"/;

    $phone->fault('property', value => JSON::PP::true(),
        name => 'web_media_encrypt_upload_in_worker_enabled');
    is($t->post("$base/messages", { messaging_product => 'whatsapp',
        to => $friend, type => 'document', document => { id => $id } })
        ->status, 200, 'a file');

    # refused uploads leave nothing behind

    for my $as (qw(forbidden too_large throttled failed missing cancelled)) {
        $phone->fault('refuse_upload', count => 1, as => $as);

        my $error = $t->post("$base/messages", {
            messaging_product => 'whatsapp', to => $friend,
            type => 'document', document => { id => $id } })->error;

        is($error->{error_data}{outcome}, 'not_sent',
            "an upload that is $as: not sent");
    }

    # one that does not move on is given up; what waits behind it
    # is not sent when its own time is up

    {
        my $connection = Test::Whatsapp::Http->connect($controller->socket,
            timeout => 70);
        my $text = $t->canary('text');

        $phone->fault('refuse_upload', count => 1, as => 'stalled');
        $connection->request('POST', "/v1/sessions/$session/call",
            headers => { 'Idempotency-Key' => 'before',
                'X-Deadline-Ms' => 60000 },
            body => JSON::PP::encode_json({ method => 'message.send',
                params => { to => $friend, type => 'document',
                    document => { id => $id } } }));
        $controller->wait_waiters(1);
        is($controller->call('message.send', { to => $friend, type => 'text',
            text => { body => $text } }, key => 'behind',
            deadline => 10000)->error->{outcome}, 'not_sent',
            'a text behind a file that stalls: not sent');

        my $error = $connection->response->error;

        is($error->{outcome}, 'not_sent', 'nor is the file');
        like($error->{message}, qr/upload/, 'which says why');
        is(scalar $phone->messages(qr/\Q$text\E/), 0, 'nothing came');
    }

    is($t->send($friend, $t->canary('text'))->status, 200,
        'a text afterwards');

    # of a file that was uploaded only a code says that it was refused

    $phone->fault('send_result', count => 1, result => 'ERROR_NETWORK');
    is($t->post("$base/messages", { messaging_product => 'whatsapp',
        to => $friend, type => 'document', document => { id => $id } })
        ->error->{error_data}{outcome}, 'unknown',
        'a file whose fate is not known');
    $phone->fault('refuse', count => 1, code => 421);
    is($t->post("$base/messages", { messaging_product => 'whatsapp',
        to => $friend, type => 'document', document => { id => $id } })
        ->error->{error_data}{outcome}, 'not_sent', 'a file that is refused');
}

# edits carry the time in ms; what is deleted is not deleted once more

{
    my $wamid = $t->send($friend, $t->canary('text'))
        ->json->{messages}[0]{id};
    my $edited = $t->canary('text');
    my ($act, $before);

    $before = time;
    is(act('edit', message_id => $wamid, body => $edited)->status, 200,
        'an edit');
    ($act) = map { @{ $_->{edits} } }
        grep { $_->{wamid} eq $wamid } $phone->messages;
    cmp_ok($act->{sent_at}, '>=', 1000 * $before, 'its time is in ms');
    cmp_ok($act->{sent_at}, '<=', 1000 * (time + 1), 'and is now');

    is(act('revoke', message_id => $wamid)->status, 200,
        'deleted for everyone');
    graph_error(act('revoke', message_id => $wamid), 400, 131009,
        'and once more', details => qr/deleted for everyone/);
    is(scalar(grep { $_->{kind} eq 'revoke' }
        @{ $phone->api('GET', '/api/acts') }), 1, 'which happened once');
    graph_error(act('revoke', message_id => 'wamid.'
        . 'dHJ1ZV8xNTU1MDAwMDAwMkBjLnVzXzNFQjAwMDAwMDAwMDAwMDAwMDAw'), 400,
        131009, 'a message that is not there', details => qr/no message/);
}

# ready is who has all that was missed

{
    my $text = $t->canary('text');

    $phone->fault('hold_offline');
    $controller->request('POST', "/v1/sessions/$session/restart");
    $controller->wait_state('syncing', 60);
    sleep 2;
    is(state(), 'syncing', 'messages are missing: not ready');
    graph_error($t->send($friend, $text), 503, 131016,
        'a send meanwhile', details => qr/not_sent/);
    $phone->fault('none');
    $controller->wait_ready;
    is($t->send($friend, $text)->status, 200, 'all are there');
    is_deeply($phone->state->{subscribed}, [],
        'nobody\'s presence is watched after a restart');
}

$t->done();
