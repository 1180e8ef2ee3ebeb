#!/usr/bin/perl

# Whole products and clients in other languages, in the bytes that they put on
# the wire (read from their sources): what their set-up pages ask, what they
# send, and what becomes of it at WhatsApp's server.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller(args => [ '--allow-media-net',
    '127.0.0.0/8' ]);

my ($to, $writer) = ('15550000002', '15550000005');
my $token = $t->token;
my $text = $t->canary('text');
my $bytes = "%PDF-1.4\n%products\n%%EOF\n";
my $waba = '102290129340398';
my $bearer = { Authorization => "Bearer $token" };
my $json = { %$bearer, 'Content-Type' => 'application/json' };
my $null = undef;

$t->write_file('nginx/templates', "[hello en_US]\nHello!\n\n"
    . "[order en_US]\nHello {{1}}!\n");
$t->write_file('nginx/html/report.pdf', $bytes);

$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:8080;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_templates templates;
            whatsapp_interactive text;
            client_max_body_size 101m;
        }

        location /report.pdf {
            root html;
        }
    }
}
END

$controller->wait_ready;


# asked(name, method, path, headers, body): the answer, which must be a success

sub asked {
    my ($name, $method, $path, $headers, $body) = @_;
    my $response;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $response = $t->request($method, "/whatsapp$path", token => undef,
        headers => $headers, defined $body ? (body => $body) : ());
    is($response->status, 200, $name) or diag($response->head_and_body);

    return $response->json // {};
}


# sent(name, version, body): the message as WhatsApp's server got it

sub sent {
    my ($name, $version, $body) = @_;
    my ($answer, $message);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $answer = asked($name, 'POST', "/$version/$session/messages", $json,
        encode($body));
    ($message) = grep { $_->{wamid} eq ($answer->{messages}[0]{id} // '') }
        $phone->messages;
    ok($message, "$name: it arrives");

    return $message // {};
}


# form(parts): type and body; a part is [name, value] or [name, bytes,
# filename, type]

sub form {
    my $boundary = '--------------------------618288546117';
    my $body = '';

    for my $part (@_) {
        my ($name, $value, $filename, $type) = @$part;

        $body .= "--$boundary\r\nContent-Disposition: form-data; "
            . "name=\"$name\""
            . (defined $filename ? "; filename=\"$filename\"" : '') . "\r\n"
            . ($type ? "Content-Type: $type\r\n" : '') . "\r\n$value\r\n";
    }

    return ({ %$bearer, 'Content-Type' =>
        "multipart/form-data; boundary=$boundary" }, "$body--$boundary--\r\n");
}


# uploaded(name, version, parts): the id of the file

sub uploaded {
    my ($name, $version, @parts) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return asked("$name: an upload", 'POST', "/$version/$session/media",
        form(@parts))->{id};
}


# fetched(name, path, headers, headers of the download)

sub fetched {
    my ($name, $path, $headers, $more) = @_;
    my ($url, $response);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ($url) = (asked("$name: a file", 'GET', $path, $headers)->{url} // '')
        =~ m{^http://[^/]+(/.*)};
    $response = $t->request('GET', $url // '/', token => undef,
        headers => $more);
    is(sha256_hex($response->body), sha256_hex($bytes),
        "$name: and its bytes");
}


# ==== Chatwoot ====

{
    my $templates = "/v14.0/$waba/message_templates?access_token=";
    my $list = asked('Chatwoot: the inbox is accepted', 'GET',
        "$templates$token", {});
    my ($message, $id);

    is_deeply([ sort map { $_->{name} } @{ $list->{data} } ],
        [qw(hello order)], 'its templates');
    ok(!exists $list->{paging}{next}, 'no further page');
    is($t->request('GET', "/whatsapp$templates" . $t->canary('token'),
        token => undef, headers => {})->status, 401,
        'Chatwoot: not with a wrong token');

    is(sent('Chatwoot: a text', 'v13.0', { messaging_product => 'whatsapp',
        context => $null, to => $to, text => { body => $text },
        type => 'text' })->{body}, $text, 'its text');

    $message = sent('Chatwoot: a document by link', 'v13.0', {
        messaging_product => 'whatsapp', context => $null, to => $to,
        type => 'document', document => { link => 'http://127.0.0.1:'
            . $t->port . '/report.pdf', caption => $text,
            filename => 'report.pdf' } });
    is($message->{media}{sha256}, sha256_hex($bytes), 'its bytes');
    is($message->{media}{filename}, 'report.pdf', 'its name');

    $message = sent('Chatwoot: buttons, whose action is a string', 'v13.0', {
        messaging_product => 'whatsapp', to => $to, type => 'interactive',
        interactive => { type => 'button', body => { text => $text },
            action => encode({ buttons => [{ type => 'reply', reply => {
                id => 'y', title => 'Yes' } }] }) } });
    is($message->{body}, "$text\n\n1. Yes", 'as a text');

    $message = sent('Chatwoot: a template', 'v13.0', {
        messaging_product => 'whatsapp', recipient_type => 'individual',
        to => $to, type => 'template', template => { name => 'order',
            language => { policy => 'deterministic', code => 'en_US' },
            components => [{ type => 'body', parameters => [{ type => 'text',
                text => $text }] }] } });
    is($message->{body}, "Hello $text!", 'as a text');

    $id = uploaded('Chatwoot', 'v13.0', ['messaging_product', 'whatsapp'],
        ['file', $bytes, 'report.pdf', 'application/pdf']);
    fetched('Chatwoot', "/v13.0/$id?phone_number_id=$session", $json,
        $bearer);
}


# what two people wrote
my $written = $phone->write($writer, $t->canary('text'));
my $quoted = $phone->write($to, $t->canary('text'));

$phone->wait_taken;


# ==== Typebot ====

{
    my ($app, $numbers, $apps, $id, $response);

    $app = asked('Typebot: the token', 'GET',
        "/v17.0/debug_token?input_token=$token&appsecret_proof=0123abcd",
        $bearer)->{data}{app_id};
    $numbers = asked('Typebot: the numbers', 'GET', "/v17.0/$waba/"
        . 'phone_numbers?fields=id%2Cdisplay_phone_number&limit=100',
        $bearer);
    ok((grep { $_->{id} eq $session && $_->{display_phone_number} =~ /\d{11}/ }
        @{ $numbers->{data} }), 'this one is among them');
    ok(!exists $numbers->{paging}{next}, 'no further page');
    $apps = asked('Typebot: the apps', 'GET',
        "/v17.0/$waba/subscribed_apps", $bearer);
    ok((grep { $_->{whatsapp_business_api_data}{id} eq $app }
        @{ $apps->{data} }), 'its own is subscribed');
    asked('Typebot: to subscribe', 'POST', "/v17.0/$waba/subscribed_apps",
        { %$bearer, 'Content-Length' => 0 });
    like(asked('Typebot: the number', 'GET', "/v17.0/$session", $bearer)
        ->{display_phone_number}, qr/15550000001/, 'which it shows');

    is(sent('Typebot: a text', 'v21.0', { messaging_product => 'whatsapp',
        to => $to, type => 'text', text => { body => $text,
            preview_url => JSON::PP::false } })->{body}, $text, 'its text');

    $id = uploaded('Typebot', 'v21.0',
        ['file', $bytes, 'blob', 'application/pdf'],
        ['type', 'application/pdf'], ['messaging_product', 'whatsapp']);
    is(sent('Typebot: a document', 'v21.0', {
        messaging_product => 'whatsapp', to => $to, type => 'document',
        document => { id => $id, filename => 'a.pdf' } })->{media}{sha256},
        sha256_hex($bytes), 'its bytes');
    fetched('Typebot', "/v17.0/$id", $bearer, { %$bearer, 'User-Agent' =>
        'Mozilla/5.0 (compatible; Googlebot/2.1; '
            . '+http://www.google.com/bot.html)' });

    asked('Typebot: read, with typing', 'POST',
        "/v21.0/$session/messages", $json, encode({
            messaging_product => 'whatsapp', status => 'read',
            message_id => $written->{wamid},
            typing_indicator => { type => 'text' } }));
    # nobody acknowledges that
    ok(eval {
        wait_for(sub {
            grep { $_->{wamid} eq $written->{wamid} && $_->{seen} }
                $phone->received;
        }, 60);
    }, 'the writer sees it read');

    $response = $t->post("/whatsapp/v21.0/$session/messages", encode({
        messaging_product => 'whatsapp', type => 'text',
        recipient => 'US.13491208655302741918', text => { body => $text } }));
    graph_error($response, 400, 131009,
        'Typebot: an id that only Meta can resolve',
        details => qr/business-scoped/);
}


# ==== Evolution API ====

{
    my $content = sub {
        return { messaging_product => 'whatsapp',
            recipient_type => 'individual', to => $_[0], @_[1 .. $#_] };
    };
    my ($id, $message);

    is(sent('Evolution: a text', 'v20.0', $content->($to, type => 'text',
        text => { body => $text, preview_url => JSON::PP::false },
        context => { message_id => $quoted->{wamid} }))->{body}, $text,
        'its text');

    $id = uploaded('Evolution', 'v20.0',
        ['file', $bytes, 'media', 'application/pdf'],
        ['typeFile', 'application/pdf'], ['messaging_product', 'whatsapp']);
    $message = sent('Evolution: a document', 'v20.0', $content->($to,
        type => 'document', document => { id => $id, filename => 'b.pdf',
            caption => $text }));
    is($message->{media}{sha256}, sha256_hex($bytes), 'its bytes');
    is($message->{media}{filename}, 'b.pdf', 'its name');
    fetched('Evolution', "/v20.0/$id", $json, $bearer);

    is(sent('Evolution: a list without footer', 'v20.0', $content->($to,
        type => 'interactive', interactive => { type => 'list',
            header => { type => 'text', text => 'Hi' },
            body => { text => $text }, footer => {}, action => {
                button => 'Choose', sections => [{ title => 'Hot',
                    rows => [{ id => 't', title => 'Tea' }] }] } }))->{body},
        "Hi\n\n$text\n\nHot\n1. Tea", 'as a text');

    for my $emoji ("\x{1f44d}", $null) {
        asked('Evolution: a reaction', 'POST', "/v20.0/$session/messages",
            $json, encode($content->($writer, type => 'reaction',
                reaction => { message_id => $written->{wamid},
                    defined $emoji ? (emoji => $emoji) : () })));
        is_deeply([ map { map { $_->{emoji} } @{ $_->{reactions} } }
            grep { $_->{wamid} eq $written->{wamid} } $phone->received ],
            [ $emoji // () ], 'given, or taken back where it has no emoji');
    }
}


# ==== n8n ====

{
    my $id;

    like(asked('n8n: the senders', 'GET', "/v13.0/$waba/phone_numbers",
        $bearer)->{data}[0]{display_phone_number}, qr/15550000001/,
        'this number');

    $id = uploaded('n8n', 'v13.0',
        ['file', $bytes, 'c.pdf', 'application/pdf'],
        ['messaging_product', 'whatsapp']);
    is(sent('n8n: a document', 'v13.0', { messaging_product => 'whatsapp',
        to => $to, type => 'document', document => { id => $id,
            filename => 'c.pdf' } })->{media}{sha256}, sha256_hex($bytes),
        'its bytes');
    asked('n8n: to delete it', 'DELETE', "/v13.0/$id", $bearer);

    is(sent('n8n: a template', 'v13.0', { messaging_product => 'whatsapp',
        to => $to, type => 'template', template => { name => 'order',
            language => { code => 'en_US' }, components => [{ type => 'body',
                parameters => [{ type => 'currency', currency => {
                    code => 'EUR', fallback_value => "$text EUR",
                    amount_1000 => 1500 } }] }] } })->{body},
        "Hello $text EUR!", 'as a text');
}


# ==== Frappe, Tiledesk ====

# which count the parameters of a template by its examples

{
    my $list = asked('Frappe: the templates', 'GET',
        "/v22.0/$waba/message_templates", $json)->{data};
    my ($template) = grep { $_->{name} eq 'order' } @$list;
    my ($body) = grep { $_->{type} eq 'BODY' } @{ $template->{components} };
    my ($id, @values);

    @values = @{ $body->{example}{body_text}[0] // [] };
    is(@values, 1, 'its body takes one value');
    is(sent('Frappe: a template', 'v22.0', { messaging_product => 'whatsapp',
        to => $to, type => 'template', template => { name => 'order',
            language => { code => $template->{language} }, components => [{
                type => 'body', parameters => [map { { type => 'text',
                    text => $text } } @values] }] } })->{body},
        "Hello $text!", 'as a text');
    is(sent('Frappe: a template without values', 'v22.0', {
        messaging_product => 'whatsapp', to => $to, type => 'template',
        template => { name => 'hello', language => { code => 'en_US' },
            components => [{ type => 'body', parameters => [] }] } })
        ->{body}, 'Hello!', 'as a text');

    is(sent('Frappe: a list', 'v22.0', { messaging_product => 'whatsapp',
        to => $to, type => 'interactive', interactive => { type => 'list',
            body => { text => $text }, action => {
                button => 'Select Option', sections => [{ title => 'Options',
                    rows => [{ id => 'a', title => 'A',
                        description => '' }] }] } } })->{body},
        "$text\n\nOptions\n1. A", 'as a text');
    is(sent('Frappe: a file without a caption', 'v22.0', {
        messaging_product => 'whatsapp', to => $to, type => 'document',
        document => { link => 'http://127.0.0.1:' . $t->port
            . '/report.pdf', caption => $null } })->{media}{sha256},
        sha256_hex($bytes), 'its bytes');

    $id = uploaded('Frappe', 'v22.0', ['messaging_product', 'whatsapp'],
        ['file', $bytes, 'd.pdf', 'application/pdf']);
    fetched('Frappe', "/v22.0/$id/", $bearer, $bearer);
    ok(asked('Frappe: to subscribe', 'POST',
        "/v22.0/$waba/subscribed_apps", { %$json, 'Content-Length' => 0 })
        ->{success}, 'it is');

    $list = asked('Tiledesk: the templates', 'GET',
        "/v22.0/$waba/message_templates?access_token=$token",
        { 'Content-Type' => 'application/json' })->{data};
    ok((grep { $_->{name} eq 'order'
        && @{ $_->{components}[0]{example}{body_text}[0] // [] } } @$list),
        'one has a parameter');
    like(asked('Tiledesk: a text', 'POST',
        "/v22.0/$session/messages?access_token=$token",
        { 'Content-Type' => 'application/json' }, encode({
            messaging_product => 'whatsapp', to => $to, type => 'text',
            text => { body => $text } }))->{messages}[0]{id},
        qr/^wamid\./, 'its id');
}


# ==== clients in Python, Java and PHP ====

{
    my %uploads = (
        'pywa' => [['file', $bytes, 'a.pdf', 'application/pdf'],
            ['messaging_product', 'whatsapp'], ['type', 'application/pdf'],
            ['ttl_minutes', '60']],
        'heyoo' => [['messaging_product', 'whatsapp'],
            ['type', 'application/pdf'],
            ['file', $bytes, 'a.pdf', 'application/pdf']],
        'Bindambc' => [['file', $bytes, 'a.pdf', 'application/pdf'],
            ['messaging_product', 'whatsapp']],
        'netflie' => [['file', $bytes, 'a.pdf', 'application/pdf'],
            ['type', 'application/pdf'], ['messaging_product', 'whatsapp']],
        'whatsapp-business' => [['type', 'application/pdf'],
            ['file', $bytes, 'a.pdf', 'application/octet-stream'],
            ['messaging_product', 'whatsapp']],
    );

    for my $name (sort keys %uploads) {
        my $id = uploaded($name, 'v22.0', @{ $uploads{$name} });

        is(sent("$name: a document", 'v22.0', {
            messaging_product => 'whatsapp', to => $to, type => 'document',
            document => { id => $id, caption => $null, filename => '' } })
            ->{media}{sha256}, sha256_hex($bytes), 'its bytes');
        ok(asked("$name: to delete it", 'DELETE', "/v22.0/$id", $bearer)
            ->{success}, 'it is gone');
    }

    is(sent('netflie: a template without parameters', 'v22.0', {
        messaging_product => 'whatsapp', recipient_type => 'individual',
        to => $to, type => 'template', template => { name => 'hello',
            language => { code => 'en_US' }, components => [] } })->{body},
        'Hello!', 'as a text');

    # arguments and no body

    graph_error($t->request('POST', "/whatsapp/v23.0/$session/request_code"
        . '?code_method=SMS&language=en_US', headers => {
            'Content-Length' => 0 }), 400, 131008,
        'pywa: to ask for a code, but for which number',
        details => qr/^phone_number is missing/);
    ok(asked('pywa: to verify it', 'POST',
        "/v23.0/$session/verify_code?code=123456",
        { %$bearer, 'Content-Length' => 0 })->{success}, 'it is linked');

    my $blocked = encode({ messaging_product => 'whatsapp',
        block_users => [{ user => "+$writer" }] });

    asked('pywa: to block', 'POST', "/v23.0/$session/block_users", $json,
        $blocked);
    is_deeply([ map { "$_" } @{ $phone->state->{blocked} } ], [$writer],
        'blocked');
    asked('pywa: and not', 'DELETE', "/v23.0/$session/block_users", $json,
        $blocked);
    is_deeply($phone->state->{blocked}, [], 'not any more');

    my $group = asked('pywa: a group', 'POST', "/v23.0/$session/groups",
        $json, encode({ messaging_product => 'whatsapp',
            subject => $text }))->{id};
    my ($headers, $body) = form(['messaging_product', 'whatsapp'],
        ['subject', "$text 2"]);

    asked('pywa: changes it by a form', 'POST', "/v23.0/$group", $headers,
        $body);
    is(asked('pywa: reads it', 'GET',
        "/v23.0/$group?fields=subject%2Cdescription", $bearer)->{subject},
        "$text 2", 'its new subject');
    asked('pywa: removes from it', 'DELETE', "/v23.0/$group/participants",
        $json, encode({ messaging_product => 'whatsapp',
            participants => [{ user => $to }] }));
}

# ==== clients in Go, C# and Ruby ====

# whose libraries write the heads of parts in their own ways, in Go without
# quotes and in alphabetical order

{
    my %heads = (
        'piusalfred/whatsapp' => ['form-data; name="messaging_product"',
            'form-data; filename=e.pdf; name=file', 'BOUNDARY', ''],
        'WhatsappBusiness.CloudApi' => ['form-data; name=messaging_product',
            "form-data; name=file; filename=e.pdf; filename*=utf-8''e.pdf",
            '"BOUNDARY"', ''],
        'whatsapp_sdk' => ['form-data; name="messaging_product"',
            'form-data; name="file"; filename="e.pdf"', 'BOUNDARY',
            'Content-Length: ' . length($bytes)
                . "\r\nContent-Transfer-Encoding: binary\r\n"],
    );
    my $group = asked('Go: a group', 'POST', "/v24.0/$session/groups", $json,
        encode({ messaging_product => 'whatsapp', subject => $text }))->{id};

    for my $name (sort keys %heads) {
        my ($product, $file, $boundary, $more) = @{ $heads{$name} };
        my $id = asked("$name: an upload", 'POST', "/v24.0/$session/media", {
            %$bearer, 'Content-Type' => 'multipart/form-data; boundary='
                . $boundary }, "--BOUNDARY\r\nContent-Disposition: $product"
            . "\r\n\r\nwhatsapp\r\n--BOUNDARY\r\nContent-Disposition: $file"
            . "\r\nContent-Type: application/pdf\r\n$more\r\n$bytes\r\n"
            . "--BOUNDARY--\r\n")->{id};

        is(sent("$name: a document", 'v24.0', {
            messaging_product => 'whatsapp', to => $to, type => 'document',
            document => { id => $id } })->{media}{filename}, 'e.pdf',
            'its name');
        fetched($name, "/v24.0/$id?phone_number_id=$session", $bearer,
            { %$bearer, 'Content-Type' => 'application/pdf' });
    }

    is(sent('Ruby: a template', 'v24.0', { messaging_product => 'whatsapp',
        recipient_type => 'individual', to => $to + 0, type => 'template',
        template => { name => 'order', language => { code => 'en_US' },
            components => [{ type => 'body', parameters => [{ type => 'TEXT',
                text => $text }] }] } })->{body}, "Hello $text!", 'as a text');
    ok(asked('Ruby: a field of the profile', 'POST',
        "/v24.0/$session/whatsapp_business_profile", { %$bearer,
            'Content-Type' => 'application/x-www-form-urlencoded' },
        'about=Open&messaging_product=whatsapp')->{success}, 'it is set');

    ok((grep { $_->{id} eq $group && $_->{created_at} =~ /^\d+\z/ }
        @{ asked('Go: the groups', 'GET', "/v24.0/$session/groups", $bearer)
            ->{data}{groups} }), 'it is among them');
    asked('Go: removes from it', 'DELETE', "/v24.0/$group/participants",
        $json, encode({ messaging_product => 'whatsapp',
            participants => [{ user => $to, wa_id => '' }] }));
}

$t->done();
