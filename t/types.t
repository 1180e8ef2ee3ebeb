#!/usr/bin/perl

# Every type of message from both sides: what of it reaches the controller,
# and what is refused with which HTTP status and which code.

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
my $wamid = 'wamid.dHJ1ZV8xNTU1MDAwMDAwMkBjLnVzXzNFQjAwMDAwMDAwMDAwMDAwMDAw';
my $media = 'A-_' x 20;
my $link = 'https://media.example/a%20b.jpg?x=1#y';
my ($true, $false, $null) = (JSON::PP::true, JSON::PP::false, undef);
my $json = JSON::PP->new->utf8;


# message(type, its object, common members)

sub message {
    my ($type, $object, %more) = @_;

    return { messaging_product => 'whatsapp', to => $to, type => $type,
        $type => $object, %more };
}


# passes(name, type, object, what reaches the controller if not the same)

sub passes {
    my ($name, $type, $object, $expected, %more) = @_;
    my ($response, $request, $params);

    $fake->forget;
    $response = $t->messages(encode(message($type, $object, %more)));
    ($request) = $fake->requests;
    is($response->status, 200, "passes: $type: $name")
        or diag($response->body);
    return if !$request;

    $params = $json->decode($request->{body})->{params};
    is_deeply($params, { to => $to, type => $type,
        recipient_type => 'individual', $type => $expected // $object,
        %more }, "reaches the controller: $type: $name");

    return $request->{body};
}


sub refused {
    my ($name, $type, $object, $code, %opt) = @_;

    graph_error($t->messages(encode(message($type, $object))), 400, $code,
        "refused: $type: $name", %opt);
}


# limit(type, member, most characters, the rest of the object): a string of so
# many characters passes, of one more it does not

sub limit {
    my ($type, $member, $max, %rest) = @_;

    for my $letter ('x', "\x{20ac}") {
        passes("$member of $max characters", $type,
            { %rest, $member => $letter x $max });
        refused("$member of " . ($max + 1) . ' characters', $type,
            { %rest, $member => $letter x ($max + 1) }, 131009,
            details => qr/^$type\.$member /);
    }

    refused("$member a number", $type, { %rest, $member => 5 }, 131009,
        details => qr/^$type\.$member /);
    refused("$member an object", $type, { %rest, $member => {} }, 131009);
    passes("$member null", $type, { %rest, $member => $null }, { %rest });
}


# media: an id or a link

for my $type (qw(image video audio document sticker)) {
    passes('an id', $type, { id => $media });
    passes('a link', $type, { link => $link });
    passes('an id of digits', $type, { id => '1234567890' });
    passes('an id that is a number', $type, { id => 1234567890 },
        { id => '1234567890' });
    passes('a null beside it', $type, { id => $null, link => $link },
        { link => $link });
    passes('unknown members, which are left out', $type,
        { id => $media, provider => { name => 'x' } }, { id => $media });
    passes('a quote', $type, { id => $media }, undef,
        context => { message_id => $wamid });
    refused('id and link', $type, { id => $media, link => $link }, 131009,
        details => qr/^$type\.id or link must be given, not both/);
    refused('neither id nor link', $type, {}, 131008,
        details => qr/^$type\.id or link is missing/);
    refused('both null', $type, { id => $null, link => $null }, 131008);
    refused('no object', $type, $text, 131009, details => qr/^$type must/);
    graph_error($t->messages(encode({ to => $to, type => $type })), 400,
        131008, "refused: $type: absent", details => qr/^$type is missing/);
    refused('an id with other characters', $type, { id => 'a/b' }, 131009,
        details => qr/^$type\.id /);
    refused('an id that is empty', $type, { id => '' }, 131008);
    passes('an empty id beside a link', $type, { id => '', link => $link },
        { link => $link });
    passes('an empty link beside an id', $type, { id => $media, link => '' },
        { id => $media });
    refused('an id of 361 characters', $type, { id => 'x' x 361 }, 131009);
    refused('an id that is true', $type, { id => $true }, 131009);
}

my $path = 'x' x (2048 - length 'https://a/');

passes('a link of 2048 characters', 'image', { link => "https://a/$path" });
refused('a link of 2049 characters', 'image', { link => "https://a/${path}x" },
    131009, details => qr/^image\.link /);
passes('link: ' . encode($_), 'image', { link => $_ })
    for 'http://a', 'HTTPS://media.example', 'http://[2001:db8::1]:8080/x',
    "https://a/\x{e9}";
refused('link: ' . encode($_), 'image', { link => $_ }, 131009,
    details => qr/^image\.link /)
    for 'a', 'https:', 'https://', 'https:///x', 'https://?x',
    'http://:80', 'ftp://a/x', 'file:///etc/passwd', 'gopher://a/', 'javascript:x',
    ' https://a/', "https://a/\nb", 'https://a/b c', "https://a/\x{7f}",
    'https:\\\\a', 'data:image/png;base64,AA==', '//a/b';

limit('image', 'caption', 1024, id => $media);
limit('video', 'caption', 1024, link => $link);
limit('document', 'caption', 1024, id => $media);
limit('document', 'filename', 240, id => $media);
passes('no caption', $_, { id => $media, caption => 'x' }, { id => $media })
    for qw(audio sticker);
passes('an empty filename, which is none', 'document',
    { id => $media, filename => '' }, { id => $media });
passes('no filename', 'image', { id => $media, filename => 'x' },
    { id => $media });
passes('a file name: ' . encode($_), 'document', { id => $media,
    filename => $_ })
    for 'report.pdf', '.x', '...', "\x{1f600}.pdf", 'a b "c".txt';
refused('a file name: ' . encode($_), 'document', { id => $media,
    filename => $_ }, 131009, details => qr/^document\.filename /)
    for '.', '..', '/etc/passwd', '../x', 'a/b', 'a\\b', "a\nb", "a\x{7f}";

passes('voice', 'audio', { id => $media, voice => $_ }) for $true, $false;
passes('voice as a string', 'audio', { id => $media, voice => 'true' },
    { id => $media, voice => $true });
refused('voice a number', 'audio', { id => $media, voice => 1 }, 131009,
    details => qr/^audio\.voice /);

# location: numbers, or strings of numbers, to the controller as numbers

{
    my $body = passes('strings', 'location', { latitude => '37.48',
        longitude => '-122.1', name => $text, address => $text },
        { latitude => 37.48, longitude => -122.1, name => $text,
            address => $text });

    like($body, qr/"latitude":37\.48,"longitude":-122\.1[,}]/,
        'they arrive as numbers');
}

passes('numbers', 'location', { latitude => 37.5, longitude => -122.25 });
passes('integers', 'location', { latitude => -90, longitude => 180 });
passes('limits', 'location', { latitude => '90', longitude => '-180.0' },
    { latitude => 90, longitude => -180 });
passes('an exponent', 'location', { latitude => 1e-7, longitude => 0 });
refused('without latitude', 'location', { longitude => 0 }, 131008,
    details => qr/^location\.latitude is missing/);
refused('without longitude', 'location', { latitude => 0 }, 131008,
    details => qr/^location\.longitude is missing/);

for my $wrong (90.0001, -90.0001, '90.1', 181, 1e9, '', ' 1', '1 ', '+1',
    '1.', '.5', '01', '0x10', 'nan', 'inf', '1e1', '1,5', 'north', $true,
    {}, [], '1' x 41)
{
    refused('latitude ' . encode($wrong), 'location',
        { latitude => $wrong, longitude => 0 }, 131009,
        details => qr/^location\.latitude must be a number from -90 to 90/);
}

refused("longitude $_", 'location', { latitude => 0, longitude => $_ },
    131009, details => qr/^location\.longitude /) for 180.5, '-180.01';
limit('location', $_, 1024, latitude => 1, longitude => 2)
    for qw(name address);

# contacts: an array, or one encoded in a string

my $contact = {
    name => { map({ $_ => "$text$_" } qw(formatted_name first_name last_name
        middle_name prefix suffix)) },
    phones => [{ phone => '+1 555 000 0003', type => 'CELL',
        wa_id => '15550000003' }, { phone => '1' }],
    emails => [{ email => 'a@example.com', type => 'WORK' }],
    addresses => [{ map({ $_ => "$text$_" } qw(street city state zip country)),
        country_code => 'us', type => 'HOME' }],
    org => { company => $text, department => $text, title => $text },
    urls => [{ url => 'https://example.com', type => 'WORK' }],
    birthday => '1999-12-31',
};
my @least = ({ name => { formatted_name => $text } });

passes('all members', 'contacts', [$contact]);
passes('the least', 'contacts', \@least);
passes('64 of them', 'contacts', [(@least) x 64]);
passes('as a string', 'contacts', encode([$contact]), [$contact]);
passes('with nulls and unknown members', 'contacts',
    [{ %$contact, org => $null, x => 1, phones => [{ phone => '1',
        type => $null, x => {} }] }],
    [{ (map { $_ => $contact->{$_} } qw(name emails addresses urls birthday)),
        phones => [{ phone => '1' }] }]);
refused('none', 'contacts', [], 131009, details => qr/^contacts must/);
refused('an object', 'contacts', $least[0], 131009);
refused('a string that is not JSON', 'contacts', '[{]', 131009,
    details => qr/^contacts is a string that is not valid JSON/);
refused('a string of another value', 'contacts', '{}', 131009,
    details => qr/^contacts must/);
refused('a string of a string', 'contacts', encode(encode(\@least)), 131009);
refused('a string that is nested too deep', 'contacts',
    '[' x 17 . ']' x 17, 131009, details => qr/too deep/);
refused('an element that is null', 'contacts', [$null], 131009,
    details => qr/^contacts\[0\] must be an object/);
refused('a second one without name', 'contacts', [@least, {}], 131008,
    details => qr/^contacts\[1\]\.name is missing/);
refused('without formatted_name', 'contacts', [{ name => {} }], 131008,
    details => qr/^contacts\[0\]\.name\.formatted_name is missing/);
passes('a name of 255 characters', 'contacts',
    [{ name => { formatted_name => "\x{20ac}" x 255 } }]);
refused('a name of 256 characters', 'contacts',
    [{ name => { formatted_name => "\x{20ac}" x 256 } }], 131009,
    details => qr/^contacts\[0\]\.name\.formatted_name .* 255 characters/);
refused('phones an object', 'contacts', [{ %{ $least[0] }, phones => {} }],
    131009, details => qr/^contacts\[0\]\.phones must be an array/);
refused('a phone without digits', 'contacts', [{ %{ $least[0] },
    phones => [{ phone => '1' }, { wa_id => 'x' }] }], 131009,
    details => qr/^contacts\[0\]\.phones\[1\]\.wa_id must/);
passes('empty strings for what is not known', 'contacts',
    [{ %{ $least[0] }, birthday => '', phones => [{ phone => '1',
        wa_id => '' }] }],
    [{ %{ $least[0] }, phones => [{ phone => '1' }] }]);
refused("birthday $_", 'contacts', [{ %{ $least[0] }, birthday => $_ }],
    131009, details => qr/^contacts\[0\]\.birthday must be a date/)
    for '1999', '31-12-1999', '1999-13-01', '1999-00-01', '1999-01-32',
    '1999/01/01', '19990-1-01';
graph_error($t->messages(encode({ to => $to, type => 'contacts' })), 400,
    131008, 'refused: contacts: absent', details => qr/^contacts is missing/);

# reaction, and its removal

passes('an emoji', 'reaction', { message_id => $wamid, emoji => $_ })
    for "\x{1f600}", "\x{2764}\x{fe0f}", "1\x{fe0f}\x{20e3}",
    "\x{1f468}\x{200d}\x{1f469}\x{200d}\x{1f467}\x{200d}\x{1f466}", '',
    "\x{2764}", "\x{1f44d}\x{1f3fd}", "\x{1f1e9}\x{1f1ea}", "#\x{20e3}",
    "\x{1f3f4}\x{e0067}\x{e0062}\x{e0065}\x{e006e}\x{e0067}\x{e007f}",
    "\x{1f937}\x{1f3fb}\x{200d}\x{2640}\x{fe0f}", "\x{1fae8}", "\x{1f6dc}",
    "\x{a9}\x{fe0f}", "\x{2764}\x{fe0f}\x{200d}\x{1f525}";
refused('emoji ' . encode($_), 'reaction', { message_id => $wamid,
    emoji => $_ }, 131009, details => qr/^reaction\.emoji must/)
    for 'x', 'yes', 5, "\x{1f600}" x 33, "\x{1f600}\x{1f600}", "\x{1f600} ",
    " \x{1f600}", "\x{1f600}x", "x\x{1f600}", "\x{e9}", "\x{20ac}",
    "\x{1f1e9}", "\x{1f1e9}\x{1f1ea}\x{1f1eb}", '1', '#', "1\x{fe0f}",
    "\x{1f600}\x{200d}", "\x{200d}\x{1f600}", "\x{fe0f}", "\x{200b}",
    "\x{1f3fd}", "\x{1f600}\x{fe0f}\x{20e3}", "\x{2605}",
    "\x{1f600}\x{a0}", "\x{202e}\x{1f600}", "\x{1f468}\x{200d}x",
    "\x{1f3f4}\x{e0067}";
passes("$_->[0], which removes the reaction", 'reaction',
    { message_id => $wamid, @{ $_->[1] } },
    { message_id => $wamid, emoji => '' })
    for ['without emoji', []], ['emoji null', [ emoji => $null ]];
refused('without message_id', 'reaction', { emoji => "\x{1f600}" }, 131008,
    details => qr/^reaction\.message_id is missing/);
refused('another message_id', 'reaction', { message_id => 'x',
    emoji => "\x{1f600}" }, 131009, details => qr/^reaction\.message_id /);

# poll

my %poll = (name => $text, options => ['a', 'b']);

passes('the least', 'poll', { %poll }, { %poll, selectable_count => 1 });
passes("selectable_count $_", 'poll', { %poll, selectable_count => $_ })
    for 0 .. 2;
passes('selectable_count as a string', 'poll',
    { %poll, selectable_count => '2' }, { %poll, selectable_count => 2 });
passes('12 options', 'poll', { %poll, options => ['a' .. 'l'],
    selectable_count => 12 });
refused("selectable_count $_", 'poll', { %poll, selectable_count => $_ },
    131009, details => qr/^poll\.selectable_count /) for 3, -1, 1.5, 'x', '';
passes('a name of 255 characters', 'poll', { %poll,
    name => "\x{20ac}" x 255 }, { %poll, name => "\x{20ac}" x 255,
    selectable_count => 1 });
refused('a name of 256 characters', 'poll', { %poll, name => 'x' x 256 },
    131009, details => qr/^poll\.name /);
refused('an empty name', 'poll', { %poll, name => '' }, 131009);
passes('options of 100 characters', 'poll', { %poll,
    options => ['x' x 100, 'y' x 100] }, { %poll,
    options => ['x' x 100, 'y' x 100], selectable_count => 1 });
refused('an option of 101 characters', 'poll', { %poll,
    options => ['a', 'x' x 101] }, 131009,
    details => qr/^poll\.options\[1\] must/);
refused('an empty option', 'poll', { %poll, options => ['a', ''] }, 131009);
refused('an option that is a number', 'poll', { %poll, options => ['a', 1] },
    131009);
refused("$_->[1] options", 'poll', { %poll, options => $_->[0] }, 131009,
    details => qr/^poll\.options must/)
    for [[], 'no'], [['a'], 'one'], [['a' .. 'm'], '13'],
    [['a', 'a'], 'equal'], ['a', 'a string for'];
refused('without options', 'poll', { name => $text }, 131008,
    details => qr/^poll\.options is missing/);

# edit, revoke, forward

passes('a body', 'edit', { message_id => $wamid, body => $text });
passes('a body of 4096 characters', 'edit', { message_id => $wamid,
    body => 'x' x 4096 });
refused('a body of 4097 characters', 'edit', { message_id => $wamid,
    body => 'x' x 4097 }, 131009, details => qr/^edit\.body /);
refused('without body', 'edit', { message_id => $wamid }, 131008,
    details => qr/^edit\.body is missing/);
refused('an empty body', 'edit', { message_id => $wamid, body => '' }, 131009);

for my $type (qw(edit revoke forward)) {
    my @body = $type eq 'edit' ? (body => $text) : ();

    passes('a message', $type, { message_id => $wamid, @body, x => 1 },
        { message_id => $wamid, @body });
    refused('without message_id', $type, { @body }, 131008,
        details => qr/^$type\.message_id is missing/);
    refused('another message_id', $type, { message_id => 'x', @body }, 131009,
        details => qr/^$type\.message_id must be the id of a message/);
}

# mentions

passes('mentions', 'text', { body => $text, mentions => ['15550000003'] });
passes('mentions that are numbers', 'text', { body => $text,
    mentions => [15550000003, '15550000004'] }, { body => $text,
    mentions => ['15550000003', '15550000004'] });
passes('no mentions', 'text', { body => $text, mentions => [] });
passes('mentions null', 'text', { body => $text, mentions => $null },
    { body => $text });
passes('64 mentions', 'text', { body => $text,
    mentions => [('15550000003') x 64] });
refused('mentions a string', 'text', { body => $text, mentions => $to },
    131009, details => qr/^text\.mentions must be an array/);
refused('a mention ' . encode($_), 'text', { body => $text,
    mentions => [$to, $_] }, 131009, details => qr/^text\.mentions\[1\] must/)
    for '', 'x', '+15550000003', '1234', '1' x 16, $null, 1.5;

# a group by its sealed id

for my $group ('g.' . 'G-_x' x 10, '120363000000000000@g.us') {
    for my $type ([ recipient_type => 'group' ], []) {
        $fake->forget;
        is($t->messages(encode(message('location', { latitude => 1,
            longitude => 2 }, to => $group, @$type)))->status, 200,
            "passes: a group, @$type " . length($group) . ' characters');
    }
}

graph_error($t->messages(encode(message('location', { latitude => 1,
    longitude => 2 }, to => $_, recipient_type => 'group'))), 400, 131009,
    'refused: a group of ' . length($_) . ' characters')
    for 'g.' . 'x' x 39, 'g.' . 'x' x 361, 'g.' . 'x' x 40 . '=', 'x' x 72;

graph_error($t->messages(encode(message('location', { latitude => 1,
    longitude => 2 }, to => 'G-_x' x 10))), 400, 131009,
    'refused: a sealed id as an individual', details => qr/^to /);

# what is not a type

graph_error($t->messages(encode({ to => $to, type => $_, $_ => {} })), 400,
    131051, "refused: type $_")
    for qw(Image order flow system unsupported contact), '';

$t->done();
