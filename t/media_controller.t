#!/usr/bin/perl

# Media at the controller: uploads and their tolerances, what is left of them,
# sends by id and by link, and where a link may not lead.

use strict;
use warnings;

use Compress::Zlib qw(compress crc32);
use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(resident_kb);

my $t = Test::Whatsapp->new(timeout => 600);
my $media_path = "/v1/sessions/$session/media";
my $controller;


# png(width): a real image, another one for each width

sub png {
    my ($width) = @_;
    my $chunk = sub {
        return pack('N', length $_[1]) . "$_[0]$_[1]"
            . pack('N', crc32("$_[0]$_[1]"));
    };

    return "\x89PNG\r\n\x1a\n"
        . $chunk->('IHDR', pack('NNCCCCC', $width, 8, 8, 0, 0, 0, 0))
        . $chunk->('IDAT', compress(("\0" . "\x80" x $width) x 8))
        . $chunk->('IEND', '');
}


# form(parts): the body of a form; a part is [name, bytes, filename, type]

my $boundary = '----9e1f0a7c';

sub form {
    my $body = '';

    for my $part (@_) {
        my ($name, $bytes, $filename, $type) = @$part;

        $body .= "--$boundary\r\nContent-Disposition: form-data; "
            . "name=\"$name\""
            . (defined $filename ? "; filename=\"$filename\"" : '') . "\r\n"
            . (defined $type ? "Content-Type: $type\r\n" : '')
            . "\r\n$bytes\r\n";
    }

    return "$body--$boundary--\r\n";
}


sub upload {
    my ($body, %opt) = @_;

    return $controller->request('POST', $opt{path} // $media_path,
        body => $body, timeout => 60, headers => {
            'Content-Type' => $opt{type}
                // "multipart/form-data; boundary=$boundary" });
}


# uploaded(bytes, filename, type): the id

sub uploaded {
    my ($bytes, $filename, $type) = @_;

    return upload(form([messaging_product => 'whatsapp'],
        [file => $bytes, $filename, $type]))->json->{id};
}


# files(): what lies in the media directories

sub files {
    my @files = glob $t->runtime . '/*/media/*';

    return @files;
}


# kept(count): how many there are, when there has been time to become as many

sub kept {
    my ($count) = @_;

    eval { wait_for(sub { files() == $count }, 60) };
    return scalar(files());
}


# held(): the gauges of media: bytes, files, and the limit

sub held {
    my $page = $controller->request('GET', '/metrics')->body;

    return map { $page =~ /^whatsapp_media_$_ (\d+)$/m }
        qw(bytes files max_bytes);
}


# refused(name, status, code, response)

sub refused {
    my ($name, $status, $code, $response) = @_;
    my $error = $response->error;

    ok($response->status == $status && ($error->{code} // '') eq $code
        && $error->{outcome} eq 'not_sent', $name)
        or diag($response->head_and_body);
}


# a controller whose browser never starts is enough for what follows

sub store {
    my (@args) = @_;

    $controller->process->stop if $controller;
    $controller = $t->controller(chromium => '/bin/false', alone => 1,
        web_url => 'http://127.0.0.1:9/', args => \@args);
}

store();

my $png = png(8);
my $mp3 = "ID3\4\0\0\0\0\0\0" . "\xff\xfb\x90\0" . "\0" x 400;
my $canary = $t->canary('filename');


# what clients really send

for my $case (
    [ 'type after the file' => 'image/png',
        [ file => $png, 'a.png', 'image/png' ], [ type => 'image/png' ],
        [ messaging_product => 'whatsapp' ] ],
    [ 'type before the file' => 'image/png', [ type => 'image/png' ],
        [ messaging_product => 'whatsapp' ], [ file => $png, 'a.png' ] ],
    [ 'no type part' => 'image/png', [ file => $png, 'a', 'image/png' ] ],
    [ 'typeFile' => 'image/png', [ typeFile => 'image/png' ],
        [ file => $png, 'a', 'application/octet-stream' ] ],
    [ 'the true type in type' => 'audio/mpeg', [ type => 'audio/mpeg' ],
        [ file => $mp3, 'a', 'application/octet-stream' ] ],
    [ 'no type at all' => 'image/png', [ file => $png, 'a.bin' ] ],
    [ 'a type by extension' => 'application/pdf',
        [ file => 'text', "$canary.pdf" ] ],
    [ 'Opus in application/ogg' => 'audio/ogg', [ file => "OggS\0\2"
        . "\0" x 20 . "\1\x13OpusHead" . "\1" x 11, 'a.ogg',
        'application/ogg' ] ],
    [ 'other things in application/ogg' => 'application/ogg',
        [ file => "OggS\0\2" . "\0" x 40, 'a.ogg', 'application/ogg' ] ],
    [ 'a PDF of a general type' => 'application/pdf',
        [ file => "%PDF-1.4\n", 'a', 'binary/octet-stream' ] ],
    [ 'a PNG called JPEG' => 'image/png', [ file => $png, 'a.jpg',
        'image/jpeg' ] ],
    [ 'other parts' => 'image/png', [ other => 'x' x 5000 ],
        [ file => $png, 'a.png', 'image/png' ] ],
) {
    my ($name, $type, @parts) = @$case;
    my $response = upload(form(@parts));
    my $id = ($response->json // {})->{id} // '';

    like($id, qr/^[A-Za-z0-9_-]{40,200}$/, "$name: an id")
        or diag($response->head_and_body);
    is($controller->request('GET', "/v1/media/$id")->json->{mime_type},
        $type, "$name: its type");
    $controller->request('DELETE', "/v1/media/$id");
}

like(upload(form([file => $png, 'a', 'image/png']),
    path => "$media_path?messaging_product=whatsapp")->json->{id}, qr/./,
    'messaging_product in the query');
is($controller->request('DELETE', "/v1/media/$_")->status, 404,
    "$_ is no media id") for 'x', 'a' x 60, '1' x 15;

# refusals

refused('no form', 400, 'media_invalid', upload('x', type => 'image/png'));
refused('no boundary', 400, 'media_invalid',
    upload('x', type => 'multipart/form-data'));
refused('no file', 400, 'media_invalid', upload(form([type => 'a/b'])));
refused('a text instead of a file', 400, 'media_invalid',
    upload(form([file => '/tmp/a.png'])));
refused('a text with a type', 400, 'media_invalid',
    upload(form([type => 'image/png'], [file => $png, undef, 'image/png'])));
refused('two files', 400, 'media_invalid',
    upload(form([file => $png, 'a'], [file => $png, 'b'])));
refused('an empty file', 400, 'media_invalid',
    upload(form([file => '', 'a'])));
refused('a form without end', 400, 'media_invalid',
    upload(substr form([file => $png, 'a']), 0, -6));
refused('another product', 400, 'media_invalid',
    upload(form([messaging_product => 'x'], [file => $png, 'a'])));
refused('an image that is none', 400, 'media_invalid',
    upload(form([file => 'MZ' . 'x' x 100, 'a.png', 'image/png'])));
refused('an image that WhatsApp takes not', 400, 'media_invalid',
    upload(form([file => 'GIF89a', 'a.gif', 'image/gif'])));
refused('an image over 5 MB', 413, 'media_too_large',
    upload(form([file => $png . 'x' x (5 << 20), 'a.png', 'image/png'])));
refused('a session that is none', 404, 'unknown_session',
    upload(form([file => 'x' x 300000, 'a']),
        path => '/v1/sessions/7/media'));
refused('a GET of the uploads', 405, 'method_not_allowed',
    $controller->request('GET', $media_path));

# the file, as it was

{
    my ($id, $media, $response, $seal);

    my @before = held();

    $id = uploaded($png, 'a.png', 'image/png');
    is_deeply([held()],
        [$before[0] + length $png, $before[1] + 1, 268435456],
        'the gauges count it');
    $media = $controller->request('GET', "/v1/media/$id", headers => {
        'X-Public-Base' => 'https://api.example.org/whatsapp' })->json;

    is($media->{id}, $id, 'metadata: the id that was asked for');
    is($media->{sha256}, sha256_hex($png), 'metadata: sha256 in hex');
    is($media->{file_size}, length $png, 'metadata: size');
    is($media->{messaging_product}, 'whatsapp', 'metadata: product');
    like($media->{url},
        qr{^https://api\.example\.org/whatsapp/media/([A-Za-z0-9_-]{40,200})$},
        'metadata: an absolute URL');
    ($seal) = $media->{url} =~ m{/media/(.*)};

    $response = $controller->request('GET', "/v1/download/$seal");
    is($response->status, 200, 'the download works');
    is(sha256_hex($response->body), sha256_hex($png), 'byte by byte');
    is($response->header('Content-Type'), 'image/png', 'with its type');
    is($response->header('Content-Length'), length $png, 'and length');
    is($response->header('X-Content-Type-Options'), 'nosniff', 'not sniffed');

    refused('an id is no download', 404, 'media_not_found',
        $controller->request('GET', "/v1/download/$id"));
    refused('a download is no id', 404, 'media_not_found',
        $controller->request('GET', "/v1/media/$seal"));
    substr($seal, 30, 1) = substr($seal, 30, 1) eq 'A' ? 'B' : 'A';
    refused('a changed seal', 404, 'media_not_found',
        $controller->request('GET', "/v1/download/$seal"));
    refused('a base that is none', 400, 'bad_request',
        $controller->request('GET', "/v1/media/$id", headers =>
            { 'X-Public-Base' => 'javascript://x/?' }));
    refused('of another phone_number_id', 404, 'media_not_found',
        $controller->request('GET', "/v1/media/$id?phone_number_id=1"));
    is($controller->request('GET',
        "/v1/media/$id?phone_number_id=$session")->status, 200,
        'of the right one');

    is(scalar(grep { ((stat)[2] & 07777) != 0600 } files()), 0,
        'files have mode 0600');
    is(scalar(grep { ((stat)[2] & 07777) != 0700 }
        glob $t->runtime . '/*/media'), 0, 'in a directory of 0700');

    is_deeply($controller->request('DELETE', "/v1/media/$id")->json,
        { success => JSON::PP::true() }, 'DELETE');
    is_deeply([held()], \@before, 'the gauges do not count it any more');
    refused('what was deleted', 404, 'media_not_found',
        $controller->request('GET', "/v1/media/$id"));
    refused('and deleted again', 404, 'media_not_found',
        $controller->request('DELETE', "/v1/media/$id"));
}

# a peer that leaves in mid-upload leaves nothing

{
    my $left = files();
    my $body = form([file => 'x' x 3_000_000, 'a.pdf', 'application/pdf']);

    for my $way (qw(close reset)) {
        my $connection = Test::Whatsapp::Http->connect($controller->socket);

        $connection->write("POST $media_path HTTP/1.1\r\nHost: c\r\n"
            . "Content-Type: multipart/form-data; boundary=$boundary\r\n"
            . 'Content-Length: ' . length($body) . "\r\n\r\n"
            . substr $body, 0, 2_000_000);
        wait_for(sub { files() > $left }, 60, 'the file');
        $connection->$way;
        ok(eval { wait_for(sub { files() == $left }, 60) },
            "nothing is left of an upload that ends by $way");
    }
}

# nor does one keep the controller from stopping

{
    my $connection = Test::Whatsapp::Http->connect($controller->socket);
    my $began;

    $connection->write("POST $media_path HTTP/1.1\r\nHost: c\r\n"
        . "Content-Type: multipart/form-data; boundary=$boundary\r\n"
        . "Content-Length: 5000000\r\n\r\n"
        . substr form([file => 'x' x 100_000, 'a.pdf']), 0, 90_000);
    wait_for(sub { files() }, 60, 'the file');
    $began = time;
    store();
    # peers are given 19 s to take their answers
    cmp_ok(time - $began, '<', 15, 'an upload does not delay the stop');
    is(scalar(files()), 0, 'of which nothing is left');
}

# nor from writing what it answers to others

{
    my $large = pack('N', 1) x (4 << 20);
    my $id = uploaded($large, 'a.pdf', 'application/pdf');
    my $url = $controller->request('GET', "/v1/media/$id")->json->{url};
    my ($reading, $writing) = map {
        Test::Whatsapp::Http->connect($controller->socket)
    } 1 .. 2;

    $reading->request('GET', $url =~ s{^media}{/v1/download}r);
    $reading->fill(60);
    $writing->write("POST $media_path HTTP/1.1\r\nHost: c\r\n"
        . "Content-Type: multipart/form-data; boundary=$boundary\r\n"
        . "Content-Length: 5000000\r\n\r\n"
        . substr form([file => 'x' x 100_000, 'a.pdf']), 0, 90_000);
    wait_for(sub { files() == 2 }, 60, 'the second file');

    $controller->process->signal('TERM');
    $controller->process->expect(qr/ stopping$/m, 60);
    is(sha256_hex(($reading->response // {})->{body} // ''),
        sha256_hex($large), 'a download that runs is written to its end');
    store();
}

# 100 MB, chunked, with flat memory

{
    my ($connection, $before, $most, $sha, $block, $response, $media, $id);

    $before = resident_kb($controller->pid);
    $most = 0;
    $connection = Test::Whatsapp::Http->connect($controller->socket,
        timeout => 120);
    $connection->write("POST $media_path HTTP/1.1\r\nHost: c\r\n"
        . "Content-Type: multipart/form-data; boundary=$boundary\r\n"
        . "Transfer-Encoding: chunked\r\n\r\n");

    my $chunk = sub {
        $connection->write(sprintf("%x\r\n", length $_[0]) . "$_[0]\r\n");
    };

    $sha = Digest::SHA->new(256);
    $chunk->("--$boundary\r\nContent-Disposition: form-data; name=\"file\"; "
        . "filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n");

    for my $i (1 .. 100) {
        $block = pack('N', $i) x (1 << 18);
        $sha->add($block);
        $chunk->($block);
        $most = resident_kb($controller->pid) if $i % 20 == 0
            && resident_kb($controller->pid) > $most;
    }

    $chunk->("\r\n--$boundary--\r\n");
    $connection->write("0\r\n\r\n");
    $response = $connection->response;
    $id = $response->json->{id};
    like($id, qr/./, '100 MB are taken') or diag($response->head_and_body);
    $media = $controller->request('GET', "/v1/media/$id")->json;
    is($media->{sha256}, $sha->hexdigest, 'all of them');
    cmp_ok($most - $before, '<', 16384, 'with flat memory')
        or diag("$before kB, then $most kB");
    diag("100 MB: $before kB before, $most kB at most");

    my $count = 0;
    my ($seal) = $media->{url} =~ m{media/(.*)};
    my $download = Test::Whatsapp::Http->connect($controller->socket);
    $download->request('GET', "/v1/download/$seal");

    while ($download->fill(60)) {
        $count += length $download->{buffer};
        $download->{buffer} = '';
        last if $count > 100 << 20;
    }

    cmp_ok($count, '>', 100 << 20, 'and are given back');
    cmp_ok(resident_kb($controller->pid) - $before, '<', 16384,
        'with flat memory, too');

    refused('a byte more', 413, 'media_too_large', upload(form([
        file => 'x' x ((100 << 20) + 1), 'a', 'application/pdf'])));
}

# full, and room again

store('--media-max', 3_000_000, '--media-file-max', 2_000_000);

{
    my @ids;

    refused('one file is too large', 413, 'media_too_large',
        upload(form([file => 'x' x 2_000_001, 'a', 'application/pdf'])));
    @ids = uploaded('x' x 1_900_000, 'a', 'application/pdf');
    refused('all are too large', 503, 'media_full',
        upload(form([file => 'x' x 1_900_000, 'a', 'application/pdf'])));
    is(kept(1), 1, 'what did not fit is gone');
    $controller->request('DELETE', "/v1/media/$ids[0]");
    is(kept(0), 0, 'what was deleted is gone');
    like(uploaded('x' x 1_900_000, 'a', 'application/pdf'), qr/./,
        'there is room again');
}

# the end of its time, and what a killed controller leaves

store('--media-ttl', 1);

{
    my $id = uploaded($png, 'a', 'image/png');

    ok(eval { wait_for(sub { !files() }, 20) }, 'nothing outlives its TTL');
    refused('nor is it found', 404, 'media_not_found',
        $controller->request('GET', "/v1/media/$id"));
}

store();

{
    my $id = uploaded($png, 'a', 'image/png');

    $controller->process->stop('KILL');
    is(scalar(files()), 1, 'a killed controller leaves its files');
    store();
    refused('the next one knows no media', 404, 'media_not_found',
        $controller->request('GET', "/v1/media/$id"));
    is(scalar(files()), 0, 'and removes them');
}

is(sprintf('%04o', (stat $t->dir . '/state/seal.key')[2] & 07777), '0600',
    'the key is for its user alone');


# ==== on the real page ====

$controller->process->stop;

my $standin = $t->standin;
my $key = 0;


# deliver(type, content, %members): a message.send

sub deliver {
    my ($type, $content, %more) = @_;

    return $controller->call('message.send', { to => '15550000002',
        type => $type, $type => $content, %more },
        key => 'key' . $key++, deadline => 30000);
}


# arrived(response, name): what the stand-in's server got of it

sub arrived {
    my ($response, $name) = @_;
    my $id = $response->id;

    ok(defined $id, "$name: accepted") or diag($response->head_and_body);
    return {} if !defined $id;

    my ($message) = grep { $_->{wamid} eq $id } $standin->messages;

    return $message // {};
}


my $port = $t->port(8091);
my $image = $t->write_file('app/picture.png', $png);
my $web = $t->spawn('web', ['perl', "$FindBin::Bin/fake/web", $port, $image]);

$web->expect(qr/^listening/m, 60);

sub hits { scalar(() = $web->output =~ m{^/}mg) }

$controller = $t->controller(sessions => [$session]);
$controller->wait_state(qr/^ready$/, 90);

# by id, as often as wanted

{
    my $id = uploaded($png, "$canary.png", 'image/png');

    for my $n (1, 2) {
        my $message = arrived(deliver('image', { id => $id,
            caption => $canary }), "image, time $n");

        is($message->{media}{sha256}, sha256_hex($png), 'its bytes');
        is($message->{caption}, $canary, 'its caption');
    }

    my $document = arrived(deliver('document', { id => $id,
        filename => "$canary.bin" }), 'an image as a document');
    is($document->{media}{sha256}, sha256_hex($png), 'its bytes');
    is($document->{media}{filename}, "$canary.bin", 'its name');

    refused('an image as a video', 400, 'invalid_parameter',
        deliver('video', { id => $id }));
    $controller->request('DELETE', "/v1/media/$id");
    refused('what was deleted', 400, 'media_unknown',
        deliver('image', { id => $id }));
    refused('neither id nor link', 400, 'missing_parameter',
        deliver('image', { caption => 'x' }));
}

# deleted in mid-send; and a repeat, which sends nothing

{
    my $id = uploaded($png, 'a.png', 'image/png');
    my $connection = Test::Whatsapp::Http->connect($controller->socket);
    my %request = (headers => { 'Idempotency-Key' => 'twice' },
        body => encode({ method => 'message.send', params => {
            to => '15550000002', type => 'image',
            image => { id => $id, caption => 'twice' } } }));
    my ($count, @sent, $first, $again);

    $count = grep { 1 } $standin->messages;
    $standin->fault('hold_ack');
    $connection->request('POST', "/v1/sessions/$session/call", %request);
    $standin->wait_messages($count + 1);
    is($controller->request('DELETE', "/v1/media/$id")->status, 200,
        'deleted while it is sent');
    is(scalar(files()), 1, 'the file stays for the send');
    $standin->fault('none');
    $first = $connection->response;
    is(arrived($first, 'the send')->{media}{sha256}, sha256_hex($png),
        'its bytes');
    is(kept(0), 0, 'then it is gone');

    $again = $controller->request('POST', "/v1/sessions/$session/call",
        %request);
    is($again->id, $first->id, 'a repeat gets the same answer');
    @sent = grep { ($_->{caption} // '') eq 'twice' } $standin->messages;
    is(scalar @sent, 1, 'and was sent once');
}

# 100 MB through the browser

{
    my $large = pack('N', 1) x (25 << 20);
    my $id = uploaded($large, 'large.pdf', 'application/pdf');
    my $message = arrived($controller->request('POST',
        "/v1/sessions/$session/call", timeout => 150,
        headers => { 'Idempotency-Key' => 'large', 'X-Deadline-Ms' => 120000 },
        body => { method => 'message.send', params => { to => '15550000002',
            type => 'document', document => { id => $id } } }), '100 MB');

    is($message->{media}{sha256}, sha256_hex($large), 'its bytes');
    is($message->{media}{filename}, 'large.pdf', 'its name');
    $controller->request('DELETE', "/v1/media/$id");
}

# a name that is too long for WhatsApp is cut, not refused with each send

{
    my $id = uploaded($png, 'x' x 300 . '.png', 'image/png');
    my $message = arrived(deliver('document', { id => $id }),
        'a file of a long name');

    is($message->{media}{filename}, 'x' x 236 . '.png', 'its name');
    $controller->request('DELETE', "/v1/media/$id");
}

# a link may not lead to where only we can go

for my $url ("http://127.0.0.1:$port/picture",
    "http://2130706433:$port/picture", "http://0x7f000001:$port/picture",
    "http://0177.0.0.1:$port/picture",
    "http://127.1:$port/picture", "http://0:$port/picture",
    "http://localhost:$port/picture", "http://[::1]:$port/picture",
    "http://[::ffff:127.0.0.1]:$port/picture",
    "http://[64:ff9b::7f00:1]:$port/picture",
    "http://example.org\@127.0.0.1:$port/picture",
    "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/",
    'file:///etc/passwd', "gopher://127.0.0.1:$port/x",
    "ftp://127.0.0.1:$port/x", 'data:image/png;base64,AAAA', 'http://', '//x',
    "http://127.0.0.1:$port/pic ture", "http:\\\\127.0.0.1:$port/picture")
{
    refused("refused: $url", 400, 'media_download_error',
        deliver('image', { link => $url }));
}

is(hits(), 0, 'none of them was asked for');
is(scalar(files()), 0, 'and nothing is left of them');

$controller->process->stop;
$controller = $t->controller(args => ['--allow-media-net', '127.0.0.1',
    '--media-file-max', 1_000_000]);
$controller->wait_state(qr/^ready$/, 90);

# a link on an allowed network, and its bad ends

{
    my $base = "http://127.0.0.1:$port";
    my $message = arrived(deliver('image', { link => "$base/picture" }),
        'a link');

    is($message->{media}{sha256}, sha256_hex($png), 'its bytes');
    $message = arrived(deliver('image', { link => "$base/octets" }),
        'a link without a telling type');
    is($message->{media}{sha256}, sha256_hex($png), 'its bytes');
    $message = arrived(deliver('image',
        { link => "$base/to/$base/picture" }), 'a redirect');
    is($message->{media}{sha256}, sha256_hex($png), 'its bytes');
    $message = arrived(deliver('image', { link => "$base/packed" }),
        'a link whose server encodes unasked');
    is($message->{media}{sha256}, sha256_hex($png), 'its bytes, decoded');

    # a document is of the type and has the name that an upload of it would

    for my $case (
        [ '/files/a', 'x.pdf', 'application/pdf', 'x.pdf' ],
        [ '/files/a%20b.PDF?x=y.zip#z', undef, 'application/pdf', 'a b.PDF' ],
        [ '/named/%e2%82%ac.docx', undef, 'application/vnd.openxmlformats-'
            . 'officedocument.wordprocessingml.document', "\x{20ac}.docx" ],
        [ '/named/..%2fx.csv', undef, 'text/csv', 'x.csv' ],
        [ '/named/x.csv', 'y.txt', 'text/plain', 'y.txt' ],
        [ "/to/$base/named/x.csv", undef, 'text/csv', 'x.csv' ],
        [ '/files/..%2f', undef, 'application/octet-stream', 'document.bin' ],
        [ '/?x=/a.pdf', undef, 'application/octet-stream', 'document.bin' ],
        [ '/pdf', undef, 'application/pdf', 'pdf' ],
        [ '/picture', undef, 'image/png', 'picture' ],
        [ '/opus', undef, 'audio/ogg', 'opus' ])
    {
        my ($path, $filename, $type, $name) = @$case;

        $message = arrived(deliver('document', { link => "$base$path",
            defined $filename ? (filename => $filename) : () }),
            "the document $path");
        is($message->{media}{filename}, $name, 'its name');
        like($message->{media}{mimetype} // $message->{media}{mime_type}
            // '', qr/^\Q$type\E/, 'its type');
    }

    ok(arrived(deliver('audio', { link => "$base/opus" }),
        'Opus that is called application/ogg')->{media}, 'is audio');

    for my $status (206, 304, 403, 404, 410, 500, 503) {
        my $response = deliver('image', { link => "$base/status/$status" });

        refused("status $status", 400, 'media_download_error', $response);
        like($response->error->{message}, qr/http code $status$/,
            'stands in the message');
    }

    refused("refused: $_->[0]", 400, $_->[2] // 'media_download_error',
        deliver('image', { link => "$base$_->[1]" })) for
        [ 'a redirect past the guard', "/to/http://127.0.0.2:$port/picture" ],
        [ 'a redirect to a file', '/to/file:///etc/passwd' ],
        [ 'a redirect to gopher', "/to/gopher://127.0.0.1:$port/picture" ],
        [ 'redirects without end', '/loop' ],
        [ 'a page that is none', '/nothing' ],
        [ 'a file without end', '/endless' ],
        [ 'a file too large when decoded', '/bomb' ],
        [ 'HTML as an image', '/page', 'media_invalid' ];

    my $began = time;
    my $slow = $controller->call('message.send', { to => '15550000002',
        type => 'image', image => { link => "$base/slow" } }, key => 'slow',
        deadline => 3000);
    refused('a slow one', 400, 'media_download_error', $slow);
    cmp_ok(time - $began, '<', 15, 'in time: it would take a minute');
    is(kept(0), 0, 'nothing is left of any');

    my $downloading = sub {
        my ($key) = @_;
        my $connection = Test::Whatsapp::Http->connect($controller->socket);

        $connection->request('POST', "/v1/sessions/$session/call",
            headers => { 'Idempotency-Key' => $key },
            body => encode({ method => 'message.send', params => {
                to => '15550000002', type => 'image',
                image => { link => "$base/slow" } } }));
        wait_for(sub { files() }, 60, 'the download to begin');

        return $connection;
    };

    $downloading->('left')->close;
    ok(eval { wait_for(sub { !files() }, 60) },
        'nor of one whose peer has left');

    my $waiting = $downloading->('stopped');

    $controller->request('POST', "/v1/sessions/$session/stop");
    refused('a stop does not wait for a link', 503, 'session_not_ready',
        $waiting->response(timeout => 40));
    is(kept(0), 0, 'of which nothing is left');
}

$t->done();
