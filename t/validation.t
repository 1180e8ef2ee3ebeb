#!/usr/bin/perl

# Every rule of a message from both sides: what passes to the controller, and
# what is refused with which HTTP status and which code.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

$t->run();

my $to = '15550000002';
my $text = $t->canary('text');
my $id = 'wamid.dHJ1ZV8xNTU1MDAwMDAwMkBjLnVzXzNFQjAwMDAwMDAwMDAwMDAwMDAwMDA';
my ($true, $false, $null) = (JSON::PP::true, JSON::PP::false, undef);

# of one character each, in 1, 2, 3 and 4 bytes of UTF-8
my %letters = ('x' => 'ASCII', "\x{e9}" => 'two bytes',
    "\x{20ac}" => 'three bytes', "\x{1f600}" => 'four bytes');


# message(changes): a valid text message with members replaced; a member whose
# value is \'absent' is left out

sub message {
    my (%changes) = @_;
    my %message = (%{ text_message($to, $text) }, %changes);

    delete @message{ grep { ref $message{$_} eq 'SCALAR'
        && ${ $message{$_} } eq 'absent' } keys %message };

    return \%message;
}


sub read_message {
    my (%changes) = @_;
    my %message = (messaging_product => 'whatsapp', status => 'read',
        message_id => $id, %changes);

    delete @message{ grep { ref $message{$_} eq 'SCALAR'
        && ${ $message{$_} } eq 'absent' } keys %message };

    return \%message;
}


# bytes(body): what is put on the wire; raw text stays as it is

sub bytes { ref $_[0] ? encode($_[0]) : $_[0] }


sub passes {
    my ($name, $body, $expected) = @_;
    my ($response, $request, $params);

    $fake->forget;
    $response = $t->messages(bytes($body));
    ($request) = $fake->requests;
    is($response->status, 200, "passes: $name") or diag($response->body);
    return if !$request;

    $params = JSON::PP->new->utf8->decode($request->{body})->{params};
    is_deeply($params, $expected, "reaches the controller: $name")
        if $expected;

    return $params;
}


sub refused {
    my ($name, $body, $code, %opt) = @_;

    graph_error($t->messages(bytes($body)), 400, $code, "refused: $name",
        %opt);
}


my $absent = \'absent';

# what the controller gets

passes('a text message', message(), { to => $to, type => 'text',
    recipient_type => 'individual', text => { body => $text } });
passes('all members', message(recipient_type => 'individual',
    text => { body => $text, preview_url => $true },
    context => { message_id => $id }, biz_opaque_callback_data => $text),
    { to => $to, type => 'text', recipient_type => 'individual',
        text => { body => $text, preview_url => $true },
        context => { message_id => $id },
        biz_opaque_callback_data => $text });
passes('unknown members, which are left out', message(unknown => { a => 1 },
    text => { body => $text, unknown => 1 }),
    { to => $to, type => 'text', recipient_type => 'individual',
        text => { body => $text } });
passes('a read', read_message(), { message_id => $id });
passes('a read with typing',
    read_message(typing_indicator => { type => 'text' }),
    { message_id => $id, typing_indicator => { type => 'text' } });

# messaging_product

passes('without messaging_product', message(messaging_product => $absent));
refused('another messaging_product', message(messaging_product => 'sms'),
    131009, details => qr/messaging_product/);
refused('messaging_product a number', message(messaging_product => 1),
    131009, details => qr/messaging_product/);

# to

passes('to with plus', message(to => "+$to"));
passes('to with separators', message(to => '+1 (555) 000-0002'));
passes('to with dots', message(to => '1.555.000.0002'));
passes('to written as ' . encode($_), message(to => $_)) for '0015550000002',
    '+1.5550000002', "\x{202a}+1 555\x{a0}000\x{2011}0002\x{202c}",
    "\x{feff}1\x{2009}555\x{2013}0000002", '(15550000002)';
refused('to written as ' . encode($_), message(to => $_), 131009, details => qr/^to must/)
    for '15550000002.0', '1555000000.2', '1.5550000002', '-15550000002',
    '--15550000002', "\x{2212}15550000002", ' -15550000002', '15550000002-',
    '+-15550000002', '15550000002e0', '+49 (0)30 1234567', '00015550000002',
    '15550000002.0@c.us', '-15550000002@c.us';
refused("to the number $_", '{"messaging_product":"whatsapp","to":' . $_
    . ",\"text\":{\"body\":\"$text\"}}", 131009, details => qr/^to must/)
    for '-15550000002', '15550000002.0', '1.5550000002e10', '15550000002E0';
passes('to of a group', message(to => '120363000000000000@g.us',
    recipient_type => 'group'));
refused('without to', message(to => $absent), 131008, details => qr/\bto\b/);
refused('to null', message(to => $null), 131008, details => qr/\bto\b/);
refused('to empty', message(to => ''), 131009, details => qr/\bto\b/);
refused('to with a plus behind digits', message(to => '1+5550000002'), 131009,
    details => qr/\bto\b/);
passes('to a group by a number of 20 digits', '{"recipient_type":"group",'
    . '"messaging_product":"whatsapp","to":' . '1' x 20
    . ",\"text\":{\"body\":\"$text\"}}");
refused('to a number of 21 digits', '{"messaging_product":"whatsapp","to":'
    . '1' x 21 . ",\"text\":{\"body\":\"$text\"}}", 131009,
    details => qr/^to must be /);
refused("latitude the number $_", '{"messaging_product":"whatsapp",'
    . "\"to\":\"$to\",\"type\":\"location\",\"location\":{\"latitude\":$_,"
    . '"longitude":0}}', 131009, details => qr/^location\.latitude /)
    for '1e999', '0.' . '1' x 50, '1' x 50;
passes('to a number', message(to => 15550000002), { to => $to,
    type => 'text', recipient_type => 'individual',
    text => { body => $text } });
refused('to a fraction', message(to => 1.5), 131009);
refused('to true', message(to => $true), 131009);
refused('to a list', message(to => [$to]), 131009, details => qr/\bto\b/);
refused('to of letters', message(to => 'somebody'), 131009);
refused('to of signs only', message(to => '+-()'), 131009);
passes('to of five digits', message(to => '12345'));
refused('to of four digits', message(to => '1234'), 131009);
passes('to of fifteen digits', message(to => '1' x 15));
refused('to of 16 digits', message(to => '1' x 16), 131009);
refused('to too long', message(to => '1' x 200), 131009);
passes('to of a contact', message(to => "$to\@c.us"));
passes('to of a hidden number', message(to => '123456789012345@lid'));
refused('to at another host', message(to => "$to\@example.com"), 131009);
refused('to of a contact as a group', message(to => "$to\@c.us",
    recipient_type => 'group'), 131009);
refused('to of a group without its digits', message(to => '@g.us',
    recipient_type => 'group'), 131009);
passes('to of an older group', message(to => '15550000002-1600000000@g.us',
    recipient_type => 'group'));
refused('to with a line break', message(to => "$to\n"), 131009);

# recipient_type

passes('recipient_type individual', message(recipient_type => 'individual'));
refused("recipient_type $_->[0] for $_->[1]",
    message(recipient_type => $_->[0], to => $_->[1]), 131009,
    details => qr/^to must/)
    for [ group => $to ], [ group => "+$to" ], [ group => "$to\@lid" ],
    [ individual => '120363000000000000@g.us' ],
    [ individual => 'g.' . 'x' x 40 ],
    [ individual => '15550000002-1600000000@g.us' ];
passes('no recipient_type for a group', message(recipient_type => $null,
    to => '120363000000000000@g.us'), { to => '120363000000000000@g.us',
    type => 'text', recipient_type => 'group', text => { body => $text } });
refused('recipient_type everybody', message(recipient_type => 'everybody'),
    131009, details => qr/recipient_type/);
refused('recipient_type a number', message(recipient_type => 1), 131009,
    details => qr/recipient_type/);

# type

passes('without type', message(type => $absent));
refused('type of a number', message(type => 1), 131009,
    details => qr/\btype\b/);
refused("type $_", message(type => $_), 131051)
    for qw(interactive flow order Text TEXT);
refused("type $_ without its object", message(type => $_), 131008,
    details => qr/^$_ is missing/)
    for qw(image video audio document sticker location contacts reaction
    poll edit revoke forward template);
refused('type empty', message(type => ''), 131051);

# text

refused('without text', message(text => $absent), 131008,
    details => qr/\btext\b/);
refused('text null', message(text => $null), 131008, details => qr/\btext\b/);
refused('text a string', message(text => $text), 131009,
    details => qr/\btext\b/);
refused('text a list', message(text => [$text]), 131009);
refused('without text.body', message(text => {}), 131008,
    details => qr/text\.body/);
refused('text.body null', message(text => { body => $null }), 131008,
    details => qr/text\.body/);
refused('text.body empty', message(text => { body => '' }), 131009,
    details => qr/text\.body/);
refused('text.body a number', message(text => { body => 5 }), 131009,
    details => qr/text\.body/);
refused('text.body an object', message(text => { body => {} }), 131009);
refused('text.body with NUL', message(text => { body => "a\0b" }), 100);

passes('text.body of one character', message(text => { body => 'x' }));

for my $letter (sort keys %letters) {
    passes("text.body of 4096 characters of $letters{$letter}",
        message(text => { body => $letter x 4096 }));
    refused("text.body of 4097 characters of $letters{$letter}",
        message(text => { body => $letter x 4097 }), 131009,
        details => qr/text\.body/);
}

{
    my $odd = "\"quoted\" \\ / \b\f\n\r\t \x{7f}\x{2028}\x{feff}\x{1f468}"
        . "\x{200d}\x{1f469} \x{202e}";
    my $params = passes('text.body with characters of all kinds',
        message(text => { body => $odd }));

    is($params->{text}{body}, $odd, 'they arrive unchanged');
}

passes('text.body in escapes', '{"messaging_product":"whatsapp","to":"'
    . $to . '","text":{"body":"\u00e9\ud83d\ude00"}}');
passes('preview_url false',
    message(text => { body => $text, preview_url => $false }));
passes('preview_url as a string',
    message(text => { body => $text, preview_url => 'true' }),
    { to => $to, type => 'text', recipient_type => 'individual',
        text => { body => $text, preview_url => $true } });
refused('preview_url another string',
    message(text => { body => $text, preview_url => 'yes' }), 131009,
    details => qr/preview_url/);
refused('preview_url a number',
    message(text => { body => $text, preview_url => 1 }), 131009);

# context

passes('context null', message(context => $null),
    { to => $to, type => 'text', recipient_type => 'individual',
        text => { body => $text } });
passes('context with a message id',
    message(context => { message_id => $id }));
passes('context ' . encode($_), message(context => $_),
    { to => $to, type => 'text', recipient_type => 'individual',
        text => { body => $text } })
    for {}, { message_id => $null }, { inReplyTo => $null },
    { from => '15550000003' };
refused('context a string', message(context => $id), 131009,
    details => qr/context/);
refused('context.message_id a number',
    message(context => { message_id => 5 }), 131009,
    details => qr/context\.message_id/);
refused('context.message_id empty',
    message(context => { message_id => '' }), 131009);
refused('context.message_id without wamid',
    message(context => { message_id => 'abc' }), 131009);
refused('context.message_id too long',
    message(context => { message_id => 'wamid.' . 'A' x 2000 }), 131009);

passes('context.inReplyTo', message(context => { inReplyTo => $id }),
    { to => $to, type => 'text', recipient_type => 'individual',
        text => { body => $text }, context => { message_id => $id } });
passes('context.inReplyTo beside a null',
    message(context => { message_id => $null, inReplyTo => $id }),
    { to => $to, type => 'text', recipient_type => 'individual',
        text => { body => $text }, context => { message_id => $id } });
passes('context.inReplyTo beside message_id, which wins',
    message(context => { message_id => $id, inReplyTo => 'wamid.AAAA' }),
    { to => $to, type => 'text', recipient_type => 'individual',
        text => { body => $text }, context => { message_id => $id } });
refused('context.inReplyTo without wamid',
    message(context => { inReplyTo => 'abc' }), 131009,
    details => qr/context\.message_id/);

# recipient

for my $recipient ($to, "$to\@c.us", '123456789012345@lid') {
    passes("recipient $recipient without to",
        message(to => $absent, recipient => $recipient),
        { to => $recipient, type => 'text', recipient_type => 'individual',
            text => { body => $text } });
}

passes('recipient beside to, which wins',
    message(recipient => 'US.13491208655302741918'),
    { to => $to, type => 'text', recipient_type => 'individual',
        text => { body => $text } });
refused("recipient $_", message(to => $absent, recipient => $_), 131009,
    details => qr/^recipient is a business-scoped user id/)
    for 'US.13491208655302741918', 'US.ENT.11815799212886844830';
refused('recipient an object', message(to => $absent, recipient => {}),
    131009, details => qr/^to must/);
refused('recipient null', message(to => $absent, recipient => $null), 131008,
    details => qr/^to is missing/);

# biz_opaque_callback_data

passes('biz_opaque_callback_data of 512 characters',
    message(biz_opaque_callback_data => 'x' x 512));
passes('biz_opaque_callback_data empty',
    message(biz_opaque_callback_data => ''));
refused('biz_opaque_callback_data of 513 characters',
    message(biz_opaque_callback_data => 'x' x 513), 131009,
    details => qr/biz_opaque_callback_data/);
refused('biz_opaque_callback_data a number',
    message(biz_opaque_callback_data => 5), 131009);

# status: read

refused('another status', read_message(status => 'delivered'), 131009,
    details => qr/status/);
refused('status a number', read_message(status => 1), 131009,
    details => qr/status/);
refused('a read without message_id', read_message(message_id => $absent),
    131008, details => qr/message_id/);
refused('a read with message_id a number', read_message(message_id => 5),
    131009, details => qr/message_id/);
refused('a read with message_id empty', read_message(message_id => ''),
    131009, details => qr/message_id/);
refused('a read with message_id too long',
    read_message(message_id => 'wamid.' . 'A' x 2000), 131009);
refused('typing_indicator a string',
    read_message(typing_indicator => 'text'), 131009,
    details => qr/typing_indicator/);
refused('typing_indicator without type',
    read_message(typing_indicator => {}), 131008,
    details => qr/typing_indicator\.type/);
refused('typing_indicator of another type',
    read_message(typing_indicator => { type => 'audio' }), 131009,
    details => qr/typing_indicator\.type/);

# the body as JSON

my $member = '"messaging_product":"whatsapp"';
my $rest = "$member,\"to\":\"$to\",\"text\":{\"body\":\"$text\"}";

my %bad_json = (
    'no body'                   => '',
    'blanks'                    => "  \n",
    'a word'                    => 'hello',
    'a number'                  => '5',
    'a string'                  => '"text"',
    'null'                      => 'null',
    'a list'                    => "[{$rest}]",
    'an object cut short'       => "{$rest",
    'an object and more'        => "{$rest} x",
    'two objects'               => "{$rest}{$rest}",
    'single quotes'             => "{'to':'$to'}",
    'a comment'                 => "{$rest} // x",
    'a comma too many'          => "{$rest,}",
    'a member twice'            => "{$rest,\"to\":\"$to\"}",
    'an inner member twice'     => "{$member,\"to\":\"$to\",\"text\":"
        . "{\"body\":\"$text\",\"body\":\"x\"}}",
    'an unknown member twice'   => "{$rest,\"a\":1,\"a\":1}",
    'an escaped member twice'   => "{$rest,\"t\\u006f\":\"$to\"}",
    'NUL behind the object'     => "{$rest}\0",
    'NUL in a string'           => "{$member,\"to\":\"$to\",\"text\":"
        . "{\"body\":\"a\0b\"}}",
    'escaped NUL in a string'   => "{$member,\"to\":\"$to\",\"text\":"
        . '{"body":"a\u0000b"}}',
    'a line break in a string'  => "{$member,\"to\":\"$to\",\"text\":"
        . "{\"body\":\"a\nb\"}}",
    'a stray byte of UTF-8'     => "{$rest,\"a\":\"\xff\"}",
    'UTF-8 cut short'           => "{$rest,\"a\":\"\xe2\x82\"}",
    'overlong UTF-8'            => "{$rest,\"a\":\"\xc0\xaf\"}",
    'a surrogate in UTF-8'      => "{$rest,\"a\":\"\xed\xa0\x80\"}",
    'beyond Unicode'            => "{$rest,\"a\":\"\xf4\x90\x80\x80\"}",
    'half a surrogate pair'     => "{$rest,\"a\":\"\\ud83d\"}",
    'UTF-16'                    => join('', map { "$_\0" } split //,
        "{$rest}"),
    'two byte order marks'      => "\xef\xbb\xbf\xef\xbb\xbf{$rest}",
    'depth 3000'                => '[' x 3000 . ']' x 3000,
    'depth 17'                  => "{$rest,\"a\":" . '[' x 16 . ']' x 16
        . '}',
    '65 members'                => '{' . join(',', map { "\"a$_\":1" }
        1 .. 62) . ",$rest}",
    '1025 elements'             => "{$rest,\"a\":["
        . join(',', (1) x 1025) . ']}',
);

for my $name (sort keys %bad_json) {
    refused("JSON: $name", $bad_json{$name}, 100);
}

passes('JSON with blanks around', " \r\n\t{$rest}\n");
passes('JSON of depth 16', "{$rest,\"a\":" . '[' x 15 . ']' x 15 . '}');
passes('JSON of 64 members', '{' . join(',', map { "\"a$_\":1" } 1 .. 61)
    . ",$rest}");
passes("JSON with the number $_", "{$rest,\"a\":$_}")
    for '1234567890123456789', '9' x 100, '-0.' . '1' x 100, '1e999';
passes('JSON of 64 elements', "{$rest,\"a\":[" . join(',', (1) x 64)
    . ']}');

# any Content-Type

for my $type ('text/plain', 'application/x-www-form-urlencoded', undef) {
    is($t->messages(encode(message()),
        headers => { 'Content-Type' => $type })->status, 200,
        'Content-Type ' . ($type // 'absent'));
}

# Idempotency-Key

my $uri = "/whatsapp/$version/$session/messages";


sub key_at_controller {
    my ($key) = @_;
    my ($response, $request);

    $fake->forget;
    $response = $t->messages(encode(message()),
        headers => { 'Idempotency-Key' => $key });
    ($request) = $fake->requests;

    return $response->status == 200 ? $request->{headers}{'idempotency-key'}
        : $response;
}


{
    my $key = $t->canary('key');

    is(key_at_controller($key), $key, "the client's key is passed on");
    is(key_at_controller('k' x 255), 'k' x 255, 'a key of 255 bytes');
    like(key_at_controller(undef), qr/^[0-9a-f]{32}$/,
        'without a key one is made');
    isnt(key_at_controller(undef), key_at_controller(undef),
        'another one for each request');
    graph_error(key_at_controller('k' x 256), 400, 100,
        'a key of 256 bytes');
    graph_error(key_at_controller("k\xe9"), 400, 100,
        'a key of other bytes');
    graph_error(key_at_controller('a b'), 400, 100, 'a key with a blank');
}

# fields of the number

{
    my $number = "/whatsapp/$version/$session";
    my $fields = sub {
        $fake->forget;
        my $response = $t->get("$number?fields=$_[0]");
        my ($request) = $fake->requests;
        return $response if $response->status != 200;
        return JSON::PP->new->decode($request->{body})->{params}{fields};
    };

    is($fields->('id,verified_name'), 'id,verified_name', 'fields');
    is($fields->('id%2Cverified_name'), 'id,verified_name',
        'fields with escapes');
    is($fields->(''), undef, 'no fields');
    is($fields->('a' x 512), 'a' x 512, 'fields of 512 characters');
    graph_error($fields->('a' x 513), 400, 100, 'fields of 513 characters');
    graph_error($fields->($_), 400, 100, "fields: $_")
        for '%00', '%22', '<a>', '%0d%0a';
}

# nothing of the client's head is passed on

$fake->forget;
$t->messages(encode(message()), headers => { 'X-Deadline-Ms' => 1,
    'X-Whatsapp-Secret' => 'x', Cookie => 'a=b', 'User-Agent' => 'x',
    'X-Other' => 'y' });
my ($request) = $fake->requests;
is(join(' ', grep { !/^(?:host|connection|content-(?:length|type))$/ }
    sort keys %{ $request->{headers} }),
    'idempotency-key idempotency-scope x-deadline-ms',
    'of the head nothing but key, scope and deadline goes to the controller');
cmp_ok($request->{headers}{'x-deadline-ms'}, '>', 1,
    "the deadline is nginx', not the client's");

$t->done();
