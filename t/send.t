#!/usr/bin/perl

# The whole path on real parts: curl, nginx, controller, Chromium with the
# unmodified wa-js, and the phone that shows the message.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use MIME::Base64;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Load;

my $t = Test::Whatsapp->new();
my $redis = $t->redis;
my $phone = $t->standin(latency => 5);
my $controller = $t->controller();

$t->run();
$controller->wait_ready;

my $api = 'http://127.0.0.1:' . $t->port . "/whatsapp/$version";

# what the README shows

{
    my $text = $t->canary('text');
    my ($status, $output) = $t->command(['curl', '-sS', '-m', '60',
        "$api/$session/messages", '-H', 'Authorization: Bearer ' . $t->token,
        '-H', 'Content-Type: application/json', '-d', '@-'],
        encode(text_message('15550000002', $text)));
    my $answer = eval { JSON::PP->new->utf8->decode($output) } // {};
    my ($message) = $phone->wait_messages(1, qr/\Q$text\E/);

    like($answer->{messages}[0]{id}, qr/^wamid\.[\w-]+$/,
        'curl gets a message id') or diag($output);
    is($answer->{contacts}[0]{wa_id}, '15550000002', 'and the wa_id');
    is($message->{body}, $text, 'the phone shows the text');
    like($message->{to}, qr/^15550000002\b/, 'at the right person');
    is($message->{frames}, 1, 'sent once');
    is($answer->{messages}[0]{id}, $message->{wamid},
        'the message id is the one of the phone');
}

# what a text may hold

for my $text ("\"quoted\" \\ {'a': 1} </script> \x{2028}", "two\nlines",
    "\x{1f468}\x{200d}\x{1f469}\x{200d}\x{1f467} \x{e9}\x{20ac}",
    'x' x 4096)
{
    my $canary = $t->canary('text');
    my $all = substr "$canary $text", 0, 4096;
    my $response = $t->send('15550000003', $all);
    my ($message) = $phone->messages(qr/\Q$canary\E/);

    is($response->status, 200, 'a text of odd characters is sent');
    is($message->{body}, $all, 'and arrives unchanged');
}

# how a number may be written

for my $to ('+15550000004', '+1 (555) 000-0004', '1.555.000.0004') {
    my $text = $t->canary('text');
    my $response = $t->send($to, $text);
    my ($message) = $phone->messages(qr/\Q$text\E/);

    is($response->status, 200, "to $to") or diag($response->body);
    is($response->json->{contacts}[0]{input}, $to, 'echoed as given');
    is($response->json->{contacts}[0]{wa_id}, '15550000004', 'and its wa_id');
    like($message->{to}, qr/^15550000004\b/, 'arrives there');
}

# who can't be sent to

graph_error($t->send('15550000010', $t->canary('text')), 400, 131026,
    'a number that is not on WhatsApp', details => qr/not_sent/);
graph_error($t->send('15550000001', $t->canary('text')), 400, 131021,
    'the own number', details => qr/not_sent/);

sub wamid { 'wamid.' . MIME::Base64::encode_base64url($_[0]) }


# a quote

{
    my ($hers, $answer, $own) = map { $t->canary('text') } 1 .. 3;
    my ($sent, $response, $message);

    $sent = $t->send('15550000002', $hers);
    $response = $t->send('15550000002', $answer,
        members => { context => { message_id => $sent->id } });
    is($response->status, 200, 'a quote is sent') or diag($response->body);
    ($message) = $phone->messages(qr/\Q$answer\E/);
    ok($message->{quoted}, 'and the phone shows what it quotes');

    $response = $t->send('15550000002', $own, members => { context => {
        message_id => wamid('true_15550000002@c.us_3EB0' . '0' x 18) } });
    is($response->status, 200, 'a quote of a message that is gone')
        or diag($response->body);
    ($message) = $phone->messages(qr/\Q$own\E/);
    ok($message && !$message->{quoted}, 'goes out without the quote');
}

# what is quoted of another chat would show it to somebody else

{
    my ($hers, $other) = map { $t->canary('text') } 1 .. 2;
    my $sent = $t->send('15550000002', $hers);

    graph_error($t->send('15550000003', $other, members => { context => {
        message_id => $_->[1] } }), 400, 131009, "a quote of $_->[0]",
        outcome => 'not_sent', details => qr/another chat/)
        for [ 'a message to another', $sent->id ],
            [ 'what another wrote', $phone->write('15550000002',
                $t->canary('text'))->{wamid} ],
            [ 'another chat that is gone',
                wamid('false_15550000002@c.us_3EB0' . '1' x 18) ],
            [ 'a group that is gone', wamid('false_120363000000000009@g.us_'
                . '3EB0' . '2' x 18 . '_15550000002@c.us') ];
    is(scalar $phone->messages(qr/\Q$other\E/), 0, 'is not sent');
}

# sending has no side effects: what somebody wrote stays unread

{
    my $text = $t->canary('text');
    my $written = $phone->write('15550000005', $text);
    my ($seen, $response);

    # with the second ack the server has had all that came of the first one
    $t->send('15550000005', $t->canary('text')) for 1, 2;
    $seen = sub {
        my ($message) = grep { $_->{id} eq $written->{id} }
            $phone->received;
        return $message->{seen};
    };
    ok(!$seen->(), 'a send does not mark the chat read');

    $response = $t->messages({ messaging_product => 'whatsapp',
        status => 'read', message_id => $written->{wamid},
        typing_indicator => { type => 'text' } });
    is_deeply($response->json, { success => JSON::PP::true },
        'marked read, with typing') or diag($response->body);
    ok(wait_for($seen, 60), 'the phone sees it read');
    ok(wait_for(sub {
        grep { $_ eq '15550000005' } @{ $phone->state->{typing} }
    }, 60), 'and sees typing');
    $t->send('15550000005', $t->canary('text'));
    ok(wait_for(sub { !@{ $phone->state->{typing} } }, 60),
        'until the next message');
}

graph_error($t->messages({ status => 'read', message_id => 'wamid.AAAA' }),
    400, 131009, 'a read of an undecodable id');

# the number and its session

{
    my $number = $t->get("/whatsapp/$version/$session")->json;
    my $public = $t->get("/whatsapp/$version/$session/session")->json;

    is($number->{id}, $session, 'the number has the id');
    is($number->{display_phone_number} =~ tr/0-9//cdr, '15550000001',
        'and the phone number');
    is($number->{quality_rating}, 'GREEN', 'and a rating');
    is($number->{verified_name}, 'Stand-in', 'and a name');
    is($number->{code_verification_status}, 'VERIFIED', 'which is verified');

    is_deeply($t->get("/whatsapp/$version/$session"
        . '?fields=verified_name')->json,
        { id => $session, verified_name => $number->{verified_name} },
        'fields= selects');

    is($public->{state}, 'ready', 'the session is ready');
    is($public->{wa_id}, '15550000001', 'linked to the number');
    is(join(' ', grep { !$public->{capabilities}{$_} }
        qw(send_text mark_read typing resolve qr)), '', 'and can do all');
    like($public->{web_version}, qr/^\d+\.\d+/, 'of a version');
    ok(abs(time() - $public->{since}) < 300, 'since a moment ago');

    is($t->get('/whatsapp/readyz')->status, 200, 'readyz');
}

graph_error($t->send('15550000002', 'x', session => '42'), 404, 100,
    'an id that is no session', subcode => 33);

# many in a row, in order; many at once

{
    my $text = $t->canary('text');
    my $load = Test::Whatsapp::Load->start($t, clients => 1, each => 500,
        text => $text);
    my @answers = $load->finish;
    my @messages = $phone->messages(qr/\Q$text\E/);

    is(scalar(grep { $_->{status} == 200 } @answers), 500,
        '500 sends in a row are answered');
    is(join(' ', map { $_->{body} =~ /(\d+)$/ } @messages),
        join(' ', 1 .. 500), 'they arrive in order');
    is(scalar(grep { $_->{frames} != 1 } @messages), 0, 'each of them once');
}

{
    my $text = $t->canary('text');
    my $load = Test::Whatsapp::Load->start($t, clients => 32, each => 16,
        text => $text, to => [map { "1555000000$_" } 2 .. 9]);
    my @answers = $load->finish;
    my @messages = $phone->messages(qr/\Q$text\E/);
    my (%bodies, %last, $disorder);

    $disorder = 0;

    for my $message (@messages) {
        my ($client, $number) = $message->{body} =~ /(\d+)-(\d+)$/;

        $bodies{ $message->{body} }++;
        $disorder++ if $number < ($last{$client} // 0);
        $last{$client} = $number;
    }

    is(scalar(grep { $_->{status} == 200 } @answers), 512,
        '32 concurrent senders are answered')
        or diag(join ' ', map { "$_->{status}" }
            grep { $_->{status} != 200 } @answers);
    is(scalar keys %bodies, 512, 'each text arrives');
    is(scalar(grep { $_->{frames} != 1 } @messages), 0, 'each frame once');
    is($disorder, 0, 'in the order of each sender');
}

is($redis->dump, '', 'Redis holds nothing at all');

$t->done();
