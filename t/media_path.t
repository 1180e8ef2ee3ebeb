#!/usr/bin/perl

# A file's whole way on real parts: uploaded through nginx, sent by Chromium,
# the same bytes at WhatsApp's server; read back, downloaded and deleted.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(resident_kb);

my $t = Test::Whatsapp->new(timeout => 600);
my $phone = $t->standin();
my $controller = $t->controller();

$t->run($t->default_conf('whatsapp_read_timeout 120s;',
    'client_max_body_size 101m;'));

$controller->wait_ready;

my $base = "/whatsapp/$version";
my $uri = "$base/$session/media";
my $type = 'multipart/form-data; boundary=xyzzy';


# around(name, MIME type): what stands before and after a file in its form

sub around {
    my ($name, $mime) = @_;

    return ("--xyzzy\r\nContent-Disposition: form-data; "
        . "name=\"messaging_product\"\r\n\r\nwhatsapp\r\n"
        . '--xyzzy' . "\r\nContent-Disposition: form-data; name=\"file\"; "
        . "filename=\"$name\"\r\nContent-Type: $mime\r\n\r\n",
        "\r\n--xyzzy--\r\n");
}


# files(): what the controller keeps, and what nginx has in temporary files

sub files {
    return grep { -f } glob($t->runtime . '/*/media/*'),
        glob($t->dir . '/nginx/temp/*/*');
}


# document(id, name): sends it; the message as WhatsApp's server got it

sub document {
    my ($id, $name) = @_;
    my ($response, $message);

    $response = $t->messages({ messaging_product => 'whatsapp',
        to => '15550000002', type => 'document',
        document => { id => $id, filename => $name } }, timeout => 150);
    is($response->status, 200, 'a document is sent')
        or diag($response->head_and_body);
    ($message) = grep { ($_->{wamid} // '') eq ($response->id // '-') }
        $phone->messages;

    return $message // {};
}


# a small one

my $name = $t->canary('name') . '.pdf';
my $bytes = "%PDF-1.4\n" . $t->canary('bytes') . "\n%%EOF\n";
my ($before, $after) = around($name, 'application/pdf');
my ($response, $id, $message, $url, $worker);

$response = $t->post($uri, "$before$bytes$after",
    headers => { 'Content-Type' => $type });
is($response->status, 200, 'an upload') or diag($response->head_and_body);
$id = $response->json->{id};

for my $time (1, 2) {
    $message = document($id, $name);
    is($message->{media}{sha256}, sha256_hex($bytes),
        "the server has its bytes, time $time");
    is($message->{media}{filename}, $name, "and its name, time $time");
}

$response = $t->get("$base/$id?phone_number_id=$session");
is($response->status, 200, 'metadata');
is($response->json->{sha256}, sha256_hex($bytes), 'with its digest');
is($response->json->{file_size}, length $bytes, 'with its size');
is($response->json->{mime_type}, 'application/pdf', 'with its type');
is($response->json->{id}, $id, 'one file has one id') or 1;

$url = $response->json->{url};
like($url, qr{^http://localhost/whatsapp/media/[\w-]+$}, 'with its URL');
$url =~ s{^http://localhost}{};

for my $token (undef, $t->token) {
    $response = $t->get($url, token => $token);
    is($response->body, $bytes, 'downloaded '
        . ($token ? 'with a token' : 'by the seal alone'));
}

is($response->header('Content-Disposition'), "attachment; filename=\"$name\"",
    'as an attachment');
graph_error($t->get("$base/media/$id", token => undef), 404, 100,
    'the id is no seal');
graph_error($t->get("$base/$id?phone_number_id=42"), 404, 100,
    'not the file of another number');

is($t->request('DELETE', "$base/$id")->status, 200, 'deleted');
graph_error($t->get("$base/$id"), 404, 100, 'and gone', subcode => 33);
graph_error($t->get($url, token => undef), 404, 100, 'its URL too');
ok(eval { wait_for(sub { !files() }, 60) }, 'nothing is left of it');

# 100 MB

{
    my ($size, $connection, $sha, $piece, $resident, $worker_most,
        $controller_most, %start);

    $size = 100 * 1048576 - 64;
    $piece = '0123456789abcde\n' x 65536;
    ($worker) = $t->workers;
    %start = map { $_ => resident_kb($_) } $worker, $controller->pid;
    ($worker_most, $controller_most) = (0, 0);
    $sha = Digest::SHA->new(256);

    $connection = $t->connect(8080, timeout => 120);
    $connection->write("POST $uri HTTP/1.1\r\nHost: localhost\r\n"
        . 'Authorization: Bearer ' . $t->token . "\r\n"
        . "Content-Type: $type\r\nContent-Length: "
        . ($size + length "$before$after") . "\r\n\r\n$before");

    for (my $left = $size; $left > 0; $left -= length $piece) {
        $piece = substr $piece, 0, $left if $left < length $piece;
        $connection->write($piece);
        $sha->add($piece);

        $resident = resident_kb($worker) - $start{$worker};
        $worker_most = $resident if $resident > $worker_most;
        $resident = resident_kb($controller->pid) - $start{$controller->pid};
        $controller_most = $resident if $resident > $controller_most;
    }

    $connection->write($after);
    $response = $connection->response;
    is($response->status, 200, '100 MB are uploaded')
        or diag($response->head_and_body);
    cmp_ok($worker_most, '<', 1024, 'in a flat worker');
    cmp_ok($controller_most, '<', 4096, 'and a flat controller');

    $id = $response->json->{id};
    $message = document($id, $name);
    is($message->{media}{size}, $size, '100 MB arrive');
    is($message->{media}{sha256}, $sha->hexdigest, 'each byte of them');
    $t->request('DELETE', "$base/$id");
    ok(eval { wait_for(sub { !files() }, 60) }, 'nothing is left of them');
}

# a client that leaves

{
    my $connection = $t->connect;

    $connection->write("POST $uri HTTP/1.1\r\nHost: localhost\r\n"
        . 'Authorization: Bearer ' . $t->token . "\r\n"
        . "Content-Type: $type\r\nContent-Length: 50000000\r\n\r\n$before"
        . 'x' x 2_000_000);
    ok(wait_for(sub { scalar files() }, 60, 'a file'), 'half an upload');
    $connection->close;
    ok(wait_for(sub { !files() }, 60, 'no file'),
        'nothing is left when its client leaves');
}

graph_error($t->post($uri, "${before}x$after", headers => {
    'Content-Type' => 'multipart/form-data; boundary=other' }), 400, 131053,
    'a form that is none');

$t->done();
