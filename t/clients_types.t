#!/usr/bin/perl

# Clients made by others for Meta's Cloud API send every type of message that
# they offer, and files go the whole way and back with the same bytes.

use strict;
use warnings;

use Compress::Zlib qw(compress crc32);
use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new(timeout => 480);
my $phone = $t->standin();
my $controller = $t->controller();
my $reader = $t->canary('token');
my $to = '15550000002';
my $writer = '15550000005';
my $like = "\x{1f44d}";

$t->write_file('nginx/tokens', sha256_hex($t->token) . "\n"
    . sha256_hex($reader) . " scope=read\n");
$t->write_file('nginx/templates', <<'END');
[hello en_US]
Hello!

[order_shipped en_US]
Hello {{1}}, your order is on its way: {{2}}, {{3}}.

[appointment en_US]
Dear {{name}}, we expect you at {{time}}.
END

$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    limit_req_zone $binary_remote_addr zone=req:1m rate=1r/m;
    whatsapp_tokens %%TOKENS%%;

    upstream whatsapp {
        server %%CONTROLLER%% max_fails=0;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:8080;

        location /whatsapp/ {
            whatsapp_pass whatsapp;
            whatsapp_templates templates;
            whatsapp_interactive text;
            client_max_body_size 101m;
        }
    }

    server {
        listen 127.0.0.1:8082;

        location /whatsapp/ {
            whatsapp_pass whatsapp;
            limit_req zone=req;
        }
    }
}
END

$controller->wait_ready;


# ==== the clients ====

# outcomes(client, port, cases): { name => outcome } of one run of its script

sub outcomes {
    my ($client, $port, @cases) = @_;
    my ($status, $output, %outcomes);

    for my $case (@cases) {
        $case->{token} //= $t->token;
        $case->{session} //= $session;
        $case->{to} //= $to;
    }

    ($status, $output) = $t->command(['node',
        "$FindBin::Bin/clients/$client.js"], encode({
            base => 'http://127.0.0.1:' . $t->port($port) . '/whatsapp',
            cases => \@cases }));
    is($status, 0, "$client runs") or diag($output);

    for my $line (split /\n/, $output) {
        my $outcome = eval { JSON::PP->new->utf8->decode($line) } or next;
        $outcomes{ $outcome->{name} } = $outcome;
    }

    return \%outcomes;
}


# result(client, outcomes, name): what the client got, in the names of the
# Cloud API, which kapso changes

sub result {
    my ($client, $got, $name) = @_;
    my $result = $got->{$name}{result};

    ok(ref $result, "$client: $name") or diag(encode($got->{$name}));
    return {} if !ref $result;

    return renamed($result, sub { $_[0] =~ s/([A-Z])/_\l$1/gr });
}


sub renamed {
    my ($value, $rename) = @_;

    return [map { renamed($_, $rename) } @$value] if ref $value eq 'ARRAY';
    return $value if ref $value ne 'HASH';
    return { map { $rename->($_) => renamed($value->{$_}, $rename) }
        keys %$value };
}


# arrived(client, outcomes, name): the message as WhatsApp's server got it

sub arrived {
    my ($client, $got, $name) = @_;
    my $id = result($client, $got, $name)->{messages}[0]{id} // '';
    my ($message) = grep { $_->{wamid} eq $id } $phone->messages;

    ok($message, "$client: $name arrives");

    return $message // {};
}


# message(client, name, type, object, to => number, context => id): a case, as
# each client wants to be told of it

sub message {
    my ($client, $name, $type, $object, %opt) = @_;
    my $context = $opt{context};
    my %case = (name => $name, call => 'message', to => $opt{to});
    my $input;

    return { %case, input => { type => $type,
        $type => $object,
        $context ? (context => { message_id => $context }) : () } }
        if $client ne 'kapso';

    $input = renamed({ $type => $object },
        sub { $_[0] =~ s/_([a-z0-9])/\u$1/gr });
    $input = $object if $type eq 'text';
    $input->{contextMessageId} = $context if $context;

    return { %case, method => 'send' . ucfirst $type, input => $input };
}


# understands(client, outcomes, name, code, status, category)

sub understands {
    my ($client, $got, $name, $code, $status, $category) = @_;
    my $error = $got->{$name}{error} // {};

    is(join(' ', map { $error->{$_} // '' } qw(status code type)),
        "$status $code " . error_type($status), "$client: $name: error $code")
        or diag(encode($got->{$name}));
    like($error->{details} // '', qr/\w/, "$client: $name: its details");
    is($error->{category}, $category, "$client: $name: its category")
        if $client eq 'kapso' && $category;
}


# ==== files ====

# each with a text in it that makes it another file

sub png {
    my ($text) = @_;
    my $chunk = sub {
        return pack('N', length $_[1]) . "$_[0]$_[1]"
            . pack('N', crc32("$_[0]$_[1]"));
    };

    return "\x89PNG\r\n\x1a\n"
        . $chunk->('IHDR', pack('NNCCCCC', 8, 8, 8, 0, 0, 0, 0))
        . $chunk->('tEXt', "Comment\0$text")
        . $chunk->('IDAT', compress(("\0" . "\x80" x 8) x 8))
        . $chunk->('IEND', '');
}


# jpeg(text): 8 by 8 grey pixels, one code in each Huffman table

sub jpeg {
    my ($text) = @_;
    my $segment = sub { pack('Cn', $_[0], 2 + length $_[1]) . $_[1] };
    my $table = "\1" . "\0" x 15 . "\0";

    return join("\xff", '', "\xd8",
        $segment->(0xe0, "JFIF\0" . pack('nCnnCC', 0x101, 0, 1, 1, 0, 0)),
        $segment->(0xfe, $text),
        $segment->(0xdb, "\0" . "\1" x 64),
        $segment->(0xc0, pack('CnnC4', 8, 8, 8, 1, 1, 0x11, 0)),
        $segment->(0xc4, "\0$table"), $segment->(0xc4, "\x10$table"),
        $segment->(0xda, pack('C*', 1, 1, 0, 0, 63, 0)) . "\x3f", "\xd9");
}


sub webp {
    my ($text) = @_;
    my $chunks = decode_base64('V0VCUFZQOCAWAAAAMAEAnQEqAQABAA7A/iWkAANwAAAAAA'
        . '==') . pack('a4V', 'note', length $text) . $text
        . "\0" x (length($text) % 2);

    return pack('a4V', 'RIFF', length $chunks) . $chunks;
}


sub box { pack('Na4', 8 + length $_[1], $_[0]) . $_[1] }

sub mp4 {
    my ($text) = @_;

    return box('ftyp', 'isom' . pack('N', 512) . 'isomiso2mp41')
        . box('free', $text)
        . box('moov', box('mvhd', pack('N5Nnx10N9x24N', 0, 0, 0, 1000, 1000,
            0x10000, 0x100, 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000,
            1)))
        . box('mdat', "\0" x 64);
}


# ogg(text): 20 ms of silence in Opus

sub ogg {
    my ($text) = @_;
    my ($bytes, $n) = ('', 0);

    for my $page ([2, 0, 'OpusHead' . pack('CCvVvC', 1, 1, 312, 48000, 0, 0)],
        [0, 0, 'OpusTags' . pack('V/a*V', $text, 0)],
        [4, 960, "\xf8\xff\xfe"])
    {
        my ($flags, $position, $packet) = @$page;
        my $head = pack('a4CCVVVV', 'OggS', 0, $flags, $position, 0, 1, $n++);
        my $rest = pack('CC', 1, length $packet) . $packet;

        $bytes .= $head . pack('V', ogg_crc("$head\0\0\0\0$rest")) . $rest;
    }

    return $bytes;
}


sub ogg_crc {
    my $crc = 0;

    for my $byte (unpack 'C*', $_[0]) {
        $crc ^= $byte << 24;
        $crc = ($crc << 1 ^ ($crc & 0x80000000 ? 0x04c11db7 : 0)) & 0xffffffff
            for 1 .. 8;
    }

    return $crc;
}


sub mp3 {
    my ($text) = @_;
    my $frame = "TXXX" . pack('Nn', 1 + length $text, 0) . "\0$text";

    return "ID3\3\0\0" . pack('N', length $frame) . $frame
        . ("\xff\xfb\x90\0" . "\0" x 413) x 3;
}


sub pdf { "%PDF-1.4\n%$_[0]\n1 0 obj<</Type/Catalog>>endobj\n"
    . "trailer<</Root 1 0 R>>\n%%EOF\n" }


# name => type of message, MIME type, bytes, what stands beside the id

sub files_of {
    my ($text, $filename) = @_;

    return (
        'JPEG' => ['image', 'image/jpeg', jpeg($text), { caption => $text }],
        'PNG' => ['image', 'image/png', png($text)],
        'MP4' => ['video', 'video/mp4', mp4($text), { caption => $text }],
        'MP3' => ['audio', 'audio/mpeg', mp3($text)],
        'OGG' => ['audio', 'audio/ogg', ogg($text), { voice =>
            JSON::PP::true }],
        'PDF' => ['document', 'application/pdf', pdf($text),
            { caption => $text, filename => $filename }],
        'WebP' => ['sticker', 'image/webp', webp($text)],
    );
}


# files(): what the controller keeps, and what nginx has in temporary files

sub files {
    return grep { -f } glob($t->runtime . '/*/media/*'),
        glob($t->dir . '/nginx/temp/*/*');
}


sub round_trip {
    my ($client) = @_;
    my $text = $t->canary('text');
    my $filename = $t->canary('name') . '.pdf';
    my %files = files_of($text, $filename);
    my (@names, $got, %id);

    @names = sort keys %files;
    $got = outcomes($client, 8080, map { { name => "upload of $_",
        call => 'upload', type => $files{$_}[1],
        filename => lc "$text.$_", file => $t->write_file("client/$client.$_",
            $files{$_}[2]) } } @names);
    %id = map { $_ => result($client, $got, "upload of $_")->{id} // 'none' }
        @names;

    $got = outcomes($client, 8080, map { (
        message($client, $_, $files{$_}[0],
            { id => $id{$_}, %{ $files{$_}[3] // {} } }),
        map({ { name => "$_->[0] of $_->[1]", call => $_->[0],
            media => $id{ $_->[1] } } } [metadata => $_], [download => $_],
            [remove => $_]),
        { name => "download of what was $_", call => 'download',
            media => $id{$_} },
    ) } @names);

    for my $name (@names) {
        my ($type, $mime, $bytes, $beside) = @{ $files{$name} };
        my $message = arrived($client, $got, $name);
        my $metadata = result($client, $got, "metadata of $name");
        my $download = result($client, $got, "download of $name");
        my $media = $message->{media} // {};
        my $label = "$client: $name";
        my $base = 'http://127.0.0.1:' . $t->port . '/whatsapp';

        is($message->{type}, $type, "$label: its type");
        is($media->{sha256}, sha256_hex($bytes), "$label: the server's bytes");
        is($media->{size}, length $bytes, "$label: their number");
        like($media->{mime_type} // '', qr/^\Q$mime\E(;|$)/,
            "$label: their type");
        is($message->{caption} // '', $beside->{caption} // '',
            "$label: its caption");
        is($media->{filename}, $filename, "$label: its name")
            if $type eq 'document';
        is($media->{voice} ? 1 : 0, $beside->{voice} ? 1 : 0,
            "$label: voice or not") if $type eq 'audio';

        is_deeply({ map { $_ => $metadata->{$_} }
            qw(id mime_type sha256 messaging_product) },
            { id => $id{$name}, mime_type => $mime,
                sha256 => sha256_hex($bytes),
                messaging_product => 'whatsapp' }, "$label: metadata");
        is($metadata->{file_size}, length $bytes, "$label: its size");
        like($metadata->{url} // '', qr{^\Q$base\E/media/[\w-]+$},
            "$label: its URL");

        is_deeply($download, { status => 200, size => length $bytes,
            sha256 => sha256_hex($bytes), type => $mime },
            "$label: the same bytes back");
        ok(result($client, $got, "remove of $name")->{success},
            "$label: deleted");
        understands($client, $got, "download of what was $name", 100, 404);
    }

    eval { wait_for(sub { !files() }, 60) };
    is_deeply([files()], [], "$client: nothing is left of them");
}


# ==== messages ====

sub types {
    my ($client) = @_;
    my $text = $t->canary('text');
    my $written = $phone->write($writer, $t->canary('text'));
    my ($got, $message, $wamid, @order);

    $phone->wait_taken;

    my $place = { latitude => 47.37, longitude => 8.54, name => $text,
        address => "$text 1" };
    my $contact = { name => { formatted_name => $text, first_name => $text },
        phones => [{ phone => '+1 555 000 0003', wa_id => '15550000003',
            type => 'CELL' }],
        emails => [{ email => "$text\@example.com", type => 'WORK' }],
        addresses => [{ street => $text, city => $text, country_code => 'ch',
            type => 'HOME' }],
        org => { company => $text }, birthday => '1999-12-31',
        urls => [{ url => 'https://example.com/', type => 'WORK' }] };
    my $template = sub {
        my ($name, @parameters) = @_;

        return { name => $name, language => { code => 'en_US' },
            @parameters ? (components => [{ type => 'body',
                parameters => \@parameters }]) : () };
    };

    # its types want strings
    $place = { %$place, latitude => '47.37', longitude => '8.54' }
        if $client ne 'kapso';
    @order = ({ type => 'text', text => $text },
        { type => 'currency', currency => { fallback_value => 'CHF 5',
            code => 'CHF', amount_1000 => 5000 } },
        { type => 'date_time', date_time => { fallback_value => 'today' } });

    $got = outcomes($client, 8080,
        message($client, 'text', 'text', { body => "$text text" }),
        message($client, 'quote', 'text', { body => "$text quote" },
            context => $written->{wamid}, to => $writer),
        message($client, 'location', 'location', $place),
        message($client, 'contacts', 'contacts', [$contact]),
        message($client, 'template', 'template', $template->('hello')),
        message($client, 'numbered template', 'template',
            $template->('order_shipped', @order)),
        message($client, 'named template', 'template',
            $template->('appointment',
                { type => 'text', parameter_name => 'name', text => $text },
                { type => 'text', parameter_name => 'time', text => '9' })),
        message($client, 'unknown template', 'template',
            $template->('goodbye')),
        interactive($client, $text),
        message($client, 'reaction', 'reaction',
            { message_id => $written->{wamid}, emoji => $like },
            to => $writer));

    is(arrived($client, $got, 'text')->{body}, "$text text",
        "$client: the text");
    $message = arrived($client, $got, 'quote');
    is($message->{body}, "$text quote", "$client: the text that quotes");
    is(quoted($message), $written->{id}, "$client: what it quotes");

    $message = arrived($client, $got, 'location');
    is(join(' ', map { $message->{location}{$_} // '' }
        qw(latitude longitude name address)), "47.37 8.54 $text $text 1",
        "$client: the place");

    $message = arrived($client, $got, 'contacts');
    is($message->{contacts}[0]{name}, $text, "$client: the contact's name");
    like($message->{contacts}[0]{vcard} // '', qr/$_/, "$client: has $_")
        for qr/waid=15550000003/, qr/\Q$text\E\@example\.com/,
        qr/BDAY[^\n]*1999-?12-?31/, qr/ORG:\Q$text\E/, qr/ADR.*\Q$text\E/;

    is(arrived($client, $got, $_->[0])->{body}, $_->[1], "$client: $_->[0]")
        for ['template', 'Hello!'],
        ['numbered template',
            "Hello $text, your order is on its way: CHF 5, today."],
        ['named template', "Dear $text, we expect you at 9."],
        ['buttons', "Hi\n\n$text\n\n1. Yes\n2. No\n\nBye"],
        ['list', "Hi\n\n$text\n\nHot\n1. Tea \x{2014} black\n2. Coffee\n\n"
            . "Cold\n3. Water\n\nBye"],
        ['link', "Hi\n\n$text\n\nOpen: https://example.com/a\n\nBye"],
        $client eq 'kapso' ? ['place', $text] : ();
    understands($client, $got, 'unknown template', 132001, 404, 'template');
    understands($client, $got, $_, 131051, 400) for refused_kinds($client);

    # a reaction to what was received, and to what was sent; their removal

    $wamid = result($client, $got, 'text')->{messages}[0]{id};
    is_deeply([reactions($written->{wamid})], [$like],
        "$client: the reaction") or diag(encode($got->{reaction}));
    $got = outcomes($client, 8080,
        message($client, 'removal', 'reaction',
            { message_id => $written->{wamid}, emoji => '' }, to => $writer),
        message($client, 'own reaction', 'reaction',
            { message_id => $wamid, emoji => $like }));
    result($client, $got, 'removal');
    result($client, $got, 'own reaction');
    is_deeply([reactions($written->{wamid})], [], "$client: it is gone");
    is_deeply([reactions($wamid)], [$like], "$client: and another is there");
    $got = outcomes($client, 8080, message($client, 'own removal', 'reaction',
        { message_id => $wamid, emoji => '' }));
    result($client, $got, 'own removal');
    is_deeply([reactions($wamid)], [], "$client: it is gone, too");

    # read, with typing

    $got = outcomes($client, 8080, { name => 'read', call => 'read',
        message => $written->{wamid} });
    ok(result($client, $got, 'read')->{success}, "$client: marked as read");
    ok(wait_for(sub {
        grep { $_ eq $writer } @{ $phone->state->{typing} }
    }, 60), "$client: and shows typing");
    ok(wait_for(sub {
        grep { $_->{wamid} eq $written->{wamid} && $_->{seen} }
            $phone->received
    }, 60), "$client: the writer sees it read");

    # a message ends it

    is($t->send($writer, $t->canary('text'))->status, 200,
        'a message to the writer');
    wait_for(sub { !@{ $phone->state->{typing} } }, 60, 'typing to end');
}


sub quoted {
    my ($message) = @_;
    my $quoted = $message->{quoted};

    return ref $quoted ? $quoted->{id} : $quoted;
}


sub reactions {
    my ($wamid) = @_;
    my ($message) = grep { $_->{wamid} eq $wamid } $phone->received,
        $phone->messages;

    return map { $_->{emoji} } @{ $message->{reactions} };
}


# interactive(client, text): what is sent as text, and what is not

sub interactive {
    my ($client, $text) = @_;
    my %around = (header => { type => 'text', text => 'Hi' });
    my @buttons = ({ id => 'y', title => 'Yes' }, { id => 'n', title => 'No' });
    my @sections = ({ title => 'Hot', rows => [
            { id => 't', title => 'Tea', description => 'black' },
            { id => 'c', title => 'Coffee' }] },
        { title => 'Cold', rows => [{ id => 'w', title => 'Water' }] });

    if ($client eq 'kapso') {
        %around = (%around, bodyText => $text, footerText => 'Bye');

        return (
            kapso('buttons', 'Buttons', %around, buttons => \@buttons),
            kapso('list', 'List', %around, buttonText => 'Choose',
                sections => \@sections),
            kapso('link', 'CtaUrl', %around, parameters => {
                displayText => 'Open', url => 'https://example.com/a' }),
            kapso('place', 'LocationRequest', bodyText => $text,
                parameters => { requestMessage => 'x' }),
            kapso_refused($text),
        );
    }

    %around = (%around, body => { text => $text },
        footer => { text => 'Bye' });

    return (
        message($client, 'buttons', 'interactive', { type => 'button',
            %around, action => { buttons => [map {
                { type => 'reply', reply => $_ } } @buttons] } }),
        message($client, 'list', 'interactive', { type => 'list', %around,
            action => { button => 'Choose', sections => \@sections } }),
        message($client, 'link', 'interactive', { type => 'cta_url', %around,
            action => { name => 'cta_url', parameters => {
                display_text => 'Open', url => 'https://example.com/a' } } }),
        message($client, 'Flow', 'interactive', { type => 'flow', %around,
            action => { name => 'flow', parameters => {} } }),
    );
}


sub kapso {
    my ($name, $kind, %input) = @_;

    return { name => $name, call => 'message',
        method => "sendInteractive$kind", input => \%input };
}


# kapso_refused(text): what only registered businesses can send

sub kapso_refused {
    my ($text) = @_;
    my @body = (bodyText => $text);
    my $card = sub {
        return { cardIndex => $_[0], header => { type => 'image',
            image => { link => 'https://example.com/a.png' } },
            bodyText => $text, action => { displayText => 'Open',
                url => 'https://example.com/' } };
    };

    return map { kapso($_->[0], @$_) }
        ['Product', @body, catalogId => '1', productRetailerId => '2'],
        ['ProductList', @body, header => { type => 'text', text => 'Hi' },
            catalogId => '1', sections => [{ title => 'All', productItems =>
                [{ productRetailerId => '2' }] }]],
        ['Flow', @body, parameters => { flowId => '1', flowCta => 'Go' }],
        ['Address', @body, parameters => { country => 'IN' }],
        ['CallPermission', @body, parameters => {
            phoneNumber => '15550000003' }],
        ['Carousel', @body, cards => [$card->(0), $card->(1)]],
        ['CatalogMessage', @body];
}


sub refused_kinds {
    return $_[0] ne 'kapso' ? 'Flow'
        : qw(Product ProductList Flow Address CallPermission Carousel
            CatalogMessage);
}


# ==== errors ====

sub errors {
    my ($client) = @_;
    my $text = $t->canary('text');
    my $send = sub { { call => 'send', text => $text, @_ } };
    my $file = $t->write_file("client/$client.file", png($text));
    my ($got, $error);

    $got = outcomes($client, 8080,
        $send->(name => 'send', token => $reader),
        { name => 'upload', call => 'upload', type => 'image/png',
            filename => 'a.png', file => $file, token => $reader });
    understands($client, $got, $_, 10, 403, 'permission') for qw(send upload);

    $got = outcomes($client, 8082, map { $send->(name => $_) }
        qw(first second));
    understands($client, $got, 'second', 130429, 429, 'throttling');

    if ($client eq 'kapso') {
        ok(ref $got->{first}{result}, 'the first is let through');
        $error = $got->{second}{error};
        is($error->{retry}{action}, 'retry_after',
            'kapso: knows that it may repeat it');
        cmp_ok($error->{retry}{retryAfterMs} // 0, '>=', 1000,
            'kapso: and when');
    }

    # the limit is everybody's: more than one is never let through

    is(scalar $phone->messages(qr/^\Q$text\E$/),
        ref $got->{first}{result} ? 1 : 0,
        "$client: what was refused is not sent");
}


for my $client (qw(kapso great-detail great-detail-9 api-js)) {
    types($client);
    round_trip($client);
    errors($client);
}

$t->done();
