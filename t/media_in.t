#!/usr/bin/perl

# The media of received messages: from the id in an event to the bytes at the
# client, through the page, the browser's download, the tmpfs, the controller
# and nginx. What is kept of them, and what cannot be had.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use MIME::Base64 qw(decode_base64 decode_base64url);
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::MediaId qw(media_id);
use Test::Whatsapp::Process qw(resident_kb);
use Test::Whatsapp::Stream;
use Time::HiRes qw(sleep time);

my $t = Test::Whatsapp->new(timeout => 500);
my $phone = $t->standin();
my $controller = $t->controller(sessions => [ $session, '1000000002' ],
    args => [ '--media-max', 256 * 1048576 ]);
my $friend = '15550000002';
my $stream;

$t->run($t->default_conf('whatsapp_read_timeout 60s;'));

$controller->wait_ready;


sub listen_to_events {
    $stream = Test::Whatsapp::Stream->open($t->socket,
        "/v1/sessions/$session/events?types=messages");
}


# told(id): the message of the event about a message of the phone's

sub told {
    my ($id) = @_;

    for (1 .. 50) {
        my $event = $stream->next(30);

        next if !defined $event->{data} || $event->{event};

        my $value = decode_json($event->{data})
            ->{entry}[0]{changes}[0]{value};
        my $message = ($value->{messages} // [])->[0] // next;

        return $message if decode_base64url(substr $message->{id}, 6) eq $id;
    }

    die "no event of $id\n";
}


# sent(type, MIME type, bytes, members): what somebody sends to the account;
# the object of its event, and the message at the phone

sub sent {
    my ($type, $mime, $bytes, %more) = @_;
    my $file = $phone->upload($mime, $bytes);
    my $message = $phone->api('POST', '/api/messages', { from => $friend,
        type => $type, media => $file->{id}, %more });

    return (told($message->{id})->{$type}, $message);
}


sub show { $t->get("/whatsapp/$version/$_[0]" . ($_[1] // '')) }

# path(id): where its bytes are

sub path {
    my ($id) = @_;
    my $response = show($id);

    return $response->json->{url} =~ s{^http://localhost}{}r
        if $response->status == 200;

    diag($response->head_and_body);

    return '/none';
}

sub bytes { $t->get($_[0], token => undef, timeout => 90) }


# drained(path, sub): its size, digest and head; without keeping it, and with a
# sub that is called now and then

sub drained {
    my ($path, $sub) = @_;
    my ($reader, $sha) = ($t->connect(8080, timeout => 90),
        Digest::SHA->new(256));
    my ($got, $buffer, $reads) = (0, '', 0);

    $reader->write("GET $path HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\n\r\n");

    while ($buffer !~ /\r\n\r\n/) {
        sysread $reader->socket, $buffer, 1024, length $buffer or last;
    }

    my ($head, $piece) = split /\r\n\r\n/, $buffer, 2;

    do {
        $sha->add($piece);
        $got += length $piece;
        $sub->($got) if $sub && $reads++ % 16 == 0;
    } while (sysread $reader->socket, $piece, 1048576);

    return { size => $got, digest => $sha->hexdigest, head => $head };
}


# files(): what lies on the tmpfs: downloads, and media

sub files {
    return grep { -f } glob($t->runtime . '/*/media/*'),
        glob($t->runtime . '/*/tmp/downloads/*'),
        glob($t->runtime . '/*/tmp/Downloads/*');
}


# clear(ids): what is kept of them goes

sub clear { $t->request('DELETE', "/whatsapp/$_[0]") }

sub ends {
    my ($result) = @_;

    return $controller->metric(
        "whatsapp_message_media_total{result=\"$result\"}");
}

listen_to_events();


# ==== each kind ====

my %kinds = (
    image => [ 'image/jpeg', "\xff\xd8\xff\xe0jpeg", 'image.jpg' ],
    video => [ 'video/mp4', "\0\0\0\x18ftypmp42mp4", 'video.mp4' ],
    audio => [ 'audio/ogg; codecs=opus', "OggS" . ("\0" x 24) . 'OpusHead',
        'audio.ogg', voice => JSON::PP::true ],
    sticker => [ 'image/webp', "RIFF\0\0\0\0WEBPVP8 ", 'sticker.webp' ],
    document => [ 'application/pdf', "%PDF-1.4\n%%EOF\n",
        'attachment', filename => "Vertr\x{e4}ge \x{2013} \"neu\".pdf" ],
);

for my $kind (sort keys %kinds) {
    my ($mime, $bytes, $name, %more) = @{ $kinds{$kind} };
    my ($object, $message, $response, $path);

    $bytes .= $t->canary('bytes');
    ($object, $message) = sent($kind, $mime, $bytes, %more);
    like($object->{id}, qr{^[\w-]{40,360}$}, "$kind: an id");
    is($object->{id}, media_id($t, $session, $message->{id}),
        "$kind: always the same one");

    $response = show($object->{id}, "?phone_number_id=$session");
    is($response->status, 200, "$kind: metadata")
        or diag($response->head_and_body);
    $path = $response->json->{url} =~ s{^http://localhost}{}r;
    is_deeply($response->json, {
        messaging_product => 'whatsapp',
        url => "http://localhost$path",
        mime_type => $mime,
        sha256 => sha256_hex($bytes),
        file_size => length $bytes,
        id => $object->{id},
    }, "$kind: all of them");
    is(unpack('H*', decode_base64($object->{sha256})), sha256_hex($bytes),
        "$kind: the digest of the event");

    $response = bytes($path);
    is($response->status, 200, "$kind: a download")
        or diag($response->head_and_body);
    ok($response->body eq $bytes, "$kind: byte by byte");
    is($response->header('Content-Type'), $mime, "$kind: its type");
    is($response->header('Content-Length'), length $bytes, "$kind: its size");
    is($response->header('X-Content-Type-Options'), 'nosniff',
        "$kind: no sniffing");
    like($response->header('Cache-Control'), qr/no-store/, "$kind: no cache");
    is($response->header('Content-Disposition'), $kind eq 'document'
        ? "attachment; filename=\"Vertr_ge _ _neu_.pdf\"; filename*=UTF-8''"
            . 'Vertr%C3%A4ge%20%E2%80%93%20%22neu%22.pdf'
        : "inline; filename=\"$name\"", "$kind: its name");

    is($t->request('HEAD', $path, token => undef)->status, 200,
        "$kind: HEAD");
    is($t->get($path, token => undef,
        headers => { Range => 'bytes=0-2' })->body, substr($bytes, 0, 3),
        "$kind: a range");

    graph_error(show($object->{id}, '?phone_number_id=1000000002'), 404, 100,
        "$kind: not of another session", subcode => 33);

    is(scalar(files()), 1, "$kind: is kept");
    is(clear($object->{id})->body, '{"success":true}', "$kind: deleted");
    ok(eval { wait_for(sub { !files() }, 60) }, "$kind: and gone");
    ok(bytes($path)->body eq $bytes, "$kind: but still in WhatsApp");
    clear($object->{id});

    ok(!(grep { $_->{id} eq $message->{id} && $_->{seen} }
        $phone->received), "$kind: nobody has read the message");
}

# the type that the sender names is not to be trusted

{
    my ($object) = sent('image', 'image/png+xml', '<svg onload="x()"/>');
    my $response = bytes(path($object->{id}));

    is($response->status, 200, 'an image that is none');
    like($response->header('Content-Disposition'), qr/^attachment;/,
        'is not shown');
    clear($object->{id});
}


# ==== what cannot be had ====

{
    my ($object, $message, $path, $response);

    ($object) = sent('image', 'image/jpeg', "\xff\xd8\xff\xe0gone",
        expired => JSON::PP::true);
    is(show($object->{id})->status, 200, 'expired media: metadata');
    $response = bytes(path($object->{id}));
    graph_error($response, 400, 131052, 'expired media');
    like($response->json->{error}{error_data}{details},
        qr/Unable to download the media sent by the user/, 'in plain words');
    is(ends('expired'), 1, 'and are counted');

    ($object) = sent('video', 'video/mp4', "\0\0\0\x18ftypmp42late",
        expired => 'reupload');
    is(bytes(path($object->{id}))->status, 200,
        'media that the phone gives once more');
    clear($object->{id});

    ($object, $message) = sent('image', 'image/jpeg', "\xff\xd8\xff\xe0away");
    $path = path($object->{id});
    $phone->api('POST', '/api/delete', { from => $friend,
        target => $message->{id} });
    wait_for(sub { show($object->{id})->status == 404 }, 60, 'the deletion');
    graph_error(bytes($path), 404, 100, 'media of a deleted message',
        subcode => 33);

    graph_error(show(media_id($t, $session, $phone->write($friend, 'hello')
        ->{id})), 404, 100, 'a text has no media', subcode => 33);
    graph_error(show(media_id($t, $session,
        'false_100000000000002@lid_3A00000000000000000A')), 404, 100,
        'media of no message', subcode => 33);
    graph_error(show(media_id($t, '1000000003', $message->{id})), 404, 100,
        'media of no session', subcode => 33);
    graph_error(show(media_id($t, '1000000002', $message->{id})), 404, 100,
        'media of another session', subcode => 33);
    graph_error($t->get("/whatsapp/media/$object->{id}"), 404, 100,
        'an id is no URL');
    graph_error($t->get("/whatsapp/$object->{id}", token => undef), 401, 190,
        'metadata need a token');
}


# ==== several readers, and those who leave ====

{
    my $bytes = "%PDF-1.4\n" . $t->canary('shared') . "\n";
    my ($object) = sent('document', 'application/pdf', $bytes);
    my ($path, $saved) = (path($object->{id}), ends('saved'));
    my @readers;

    for (1 .. 8) {
        my $reader = $t->connect;

        $reader->write("GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n");
        push @readers, $reader;
    }

    is(scalar(grep { $_->response->body eq $bytes } @readers), 8,
        'eight at once get it');
    is(ends('saved'), $saved + 1, 'of one download');
    clear($object->{id});
}

{
    my $size = 12 * 1048576;
    my ($object) = sent('document', 'application/pdf',
        "%PDF-1.4\n" . ('0123456789abcdef' x ($size / 16)));
    my $path = path($object->{id});
    my $reader = $t->connect;

    $reader->write("GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n");
    $reader->close;

    is(length bytes($path)->body, $size + 9,
        'a client that has left harms nobody');

    $reader = $t->connect;
    $reader->write("GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n");
    sleep 0.5;
    clear($object->{id});
    is(length $reader->response->body, $size + 9,
        'what is deleted is written to its end');
    wait_for(sub { !files() }, 60, 'the end of the file');
    ok(!files(), 'and is gone then');
}


# ==== 100 MB ====

{
    my $size = 100 * 1048576 - 64;
    my $digest = sha256_hex('x' x $size);
    my ($worker) = $t->workers;
    my (%start, %most, $object, $other, $path, $response);

    ($object) = sent('document', 'application/zip', 'x' x $size,
        filename => 'large.zip');
    $path = path($object->{id});

    # what is there once has been allocated
    is(drained($path)->{size}, $size, '100 MB, for the first time');
    clear($object->{id});

    %start = map { $_ => resident_kb($_) } $worker, $controller->pid;
    %most = map { $_ => 0 } keys %start;

    $response = drained($path, sub {
        sleep 0.05 if $_[0] < 1048576;

        for my $pid (keys %start) {
            my $more = resident_kb($pid) - $start{$pid};

            $most{$pid} = $more if $more > $most{$pid};
        }
    });

    like($response->{head}, qr{^HTTP/1\.1 200 }, '100 MB to a slow reader');
    is($response->{size}, $size, 'arrive');
    is($response->{digest}, $digest, 'each byte of them');
    cmp_ok($most{$worker}, '<', 1024, 'by a flat worker');
    cmp_ok($most{$controller->pid}, '<', 2048, 'and a flat controller');
    note("worker +$most{$worker} kB, controller +$most{$controller->pid} kB");

    # of two sessions one may have half of the room: what nobody reads makes
    # room

    ($other) = sent('document', 'application/zip', 'y' x $size);
    $path = path($other->{id});
    is(drained($path)->{size}, $size,
        'what is kept makes room for another file');
    ok(eval { wait_for(sub { files() == 1 }, 60) }, 'and is gone itself');

    # but not what somebody reads

    my $reader = $t->connect;

    $reader->write("GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n");
    sysread $reader->socket, my $piece, 1024;
    graph_error(bytes(path($object->{id})), 503, 131016,
        'there is no room beside a file that is read');
    $reader->close;
    wait_for(sub { drained(path($object->{id}))->{size} == $size }, 60,
        'the room');
    pass('until its reader has left');
    clear($object->{id});
    wait_for(sub { !files() }, 60, 'the end of the files');
}


# ==== a page with wishes of its own ====

{
    my ($object) = sent('image', 'image/jpeg', "\xff\xd8\xff\xe0mine");
    my ($path, $failed, $wrong) = (path($object->{id}), 0, 0);

    $phone->page('download');
    sleep 0.3;
    ok(!files(), 'a page that clicks its own links gets nothing');

    for (1 .. 15) {
        $failed++ if bytes($path)->body ne "\xff\xd8\xff\xe0mine";
        $wrong++ if grep { !-e $_ || -s $_ > 1000 } files();
        clear($object->{id});
    }

    is($failed, 0, 'what is asked for meanwhile is got');
    ok(eval { wait_for(sub { !files() }, 60) },
        'and nothing of its own is left') or diag(join ' ', files());
    note("$wrong glimpses, " . $controller->metric(
        "whatsapp_page_downloads_denied_total{session=\"$session\"}")
        . ' denied');
}


# ==== the page goes away ====

{
    my ($object) = sent('image', 'image/jpeg', "\xff\xd8\xff\xe0again");
    my $path = path($object->{id});

    $phone->page('navigate');
    $controller->wait_ready(60);
    wait_for(sub { bytes($path)->status == 200 }, 40, 'the page');
    is(bytes($path)->body, "\xff\xd8\xff\xe0again",
        'after the page was loaded again');

    kill 'KILL', $controller->pid;
    wait_for(sub { !$controller->process->running }, 60, 'its end');
    $controller->restart;
    $controller->wait_ready(90);
    ok(!files(), 'a controller that was killed leaves nothing');
    is(bytes($path)->body, "\xff\xd8\xff\xe0again",
        'and another one opens its URLs');
    clear($object->{id});
}

$t->done();
