#!/usr/bin/perl

# Media between clients and the controller: uploads of any size and form pass
# through nginx in a stream, downloads need no token, nothing touches the disk.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Find qw(find);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(resident_kb);

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    client_body_buffer_size 16k;
    client_max_body_size 200m;

    upstream whatsapp {
        server %%CONTROLLER%% max_fails=0;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:8080;
        listen 127.0.0.1:8081 http2;

        whatsapp_tokens %%TOKENS%%;

        location /whatsapp/ {
            whatsapp_pass whatsapp;
        }

        location /limited/ {
            whatsapp_pass whatsapp;
            client_max_body_size 100k;
        }

        location /public/ {
            whatsapp_pass whatsapp;
            whatsapp_public_url https://api.example.com/wa/;
        }

        location /outer/ {
            whatsapp_pass whatsapp;

            location /outer/inner/ {
                whatsapp_pass whatsapp;
            }
        }

        location "/odd $place/" {
            whatsapp_pass whatsapp;
        }

        location /unreachable/ {
            whatsapp_pass unix:%%DIR%%/tmp/absent.sock;
        }
    }
}
END

# that is how nginx logs a missing unix socket
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);

my $uri = "/whatsapp/$version/$session/media";
my $form = 'multipart/form-data; boundary=xyzzy';
my $id = 'A' x 60;


# form_body(size): a form with a file of so many bytes

sub form_body {
    my ($size) = @_;

    return "--xyzzy\r\nContent-Disposition: form-data; name=\"file\"; "
        . "filename=\"" . $t->canary('name') . ".bin\"\r\n"
        . "Content-Type: application/pdf\r\n\r\n"
        . substr(('0123456789abcdef' x (1 + $size / 16)), 0, $size)
        . "\r\n--xyzzy--\r\n";
}


sub upload {
    my ($to, $body, %opt) = @_;

    return $t->post($to, $body, %opt,
        headers => { 'Content-Type' => $form, %{ $opt{headers} // {} } });
}


# files(): what lies in nginx' temporary directories now

sub files {
    my @files;

    find({ no_chdir => 1, wanted => sub { push @files, $_ if -f $_ } },
        $t->dir . '/nginx/temp');

    return "@files";
}


# a form as it is

{
    my $body = form_body(1000);
    my ($response, $request);

    $response = upload($uri, $body);
    is($response->status, 200, 'an upload');
    is($response->json->{id}, $id, 'answers with the id');

    ($request) = $fake->requests;
    is($request->{path}, "/v1/sessions/$session/media", 'of its session');
    is($request->{sha256}, sha256_hex($body), 'the bytes are the same');
    is($request->{headers}{'content-type'}, $form, 'and so is the boundary');
    is($request->{headers}{'content-length'}, length $body,
        'the length is passed on');
    is($request->{headers}{authorization}, undef, 'the token is not');

    $fake->forget;
    is(upload("$uri?messaging_product=whatsapp", $body)->status, 200,
        'the product as an argument');
    is(($fake->requests)[0]{path}, "/v1/sessions/$session/media",
        'goes no further');
    is(upload("/whatsapp/$session/media", $body)->status, 200,
        'without version');
}

# without a length

for my $size (0, 1, 1000, 100_000, 3_000_000) {
    my $body = form_body($size);
    my ($connection, $response, $request);

    $fake->forget;
    $connection = $t->connect;
    $connection->write("POST $uri HTTP/1.1\r\nHost: localhost\r\n"
        . 'Authorization: Bearer ' . $t->token . "\r\n"
        . "Content-Type: $form\r\nTransfer-Encoding: chunked\r\n\r\n");

    for (my $at = 0; $at < length $body; $at += 50_001) {
        my $piece = substr $body, $at, 50_001;
        $connection->write(sprintf("%x\r\n", length $piece) . "$piece\r\n");
    }

    $connection->write("0\r\n\r\n");
    $response = $connection->response;
    ($request) = $fake->requests;
    is($response->status, 200, "$size bytes in chunks");
    is($request->{sha256}, sha256_hex($body), "$size bytes in chunks: same");
}

# 100 MB through a worker that does not grow

my ($worker) = $t->workers;
my $megabytes = 100;
my $length = $megabytes * 1048576;
my $chunk = "\xff" . 'z' x 1048575;

my $whole = Digest::SHA->new(256);
$whole->add($chunk) for 1 .. $megabytes;
my $digest = $whole->hexdigest;

for my $way ('a length', 'chunks') {
    my $chunked = $way eq 'chunks';
    my ($connection, $before, $files, $most, $request);

    $fake->forget;
    $before = $most = resident_kb($worker);
    $files = '';
    $connection = $t->connect(8080, timeout => 60);
    $connection->write("POST $uri HTTP/1.1\r\nHost: localhost\r\n"
        . 'Authorization: Bearer ' . $t->token . "\r\n"
        . "Content-Type: $form\r\n"
        . ($chunked ? 'Transfer-Encoding: chunked'
            : "Content-Length: $length") . "\r\n\r\n");

    for (1 .. $megabytes) {
        $connection->write($chunked
            ? sprintf("%x\r\n", length $chunk) . "$chunk\r\n" : $chunk);
        $files ||= files();
        $most = resident_kb($worker) if resident_kb($worker) > $most;
    }

    $connection->write("0\r\n\r\n") if $chunked;
    is($connection->response->status, 200, "100 MB with $way");

    ($request) = $fake->requests;
    is("$request->{size} $request->{sha256}", "$length $digest",
        "100 MB with $way: all of it");
    is($files, '', "100 MB with $way: nothing on disk meanwhile");
    cmp_ok($most - $before, '<', 1024, "100 MB with $way: flat memory");
}

# HTTP/2

SKIP: {
    my ($file, $status, $output, $request);

    # curl needs HTTP/2 without TLS
    ($status, $output) = $t->command(['curl', '--version']);
    skip 'curl has no HTTP/2', 2 if $output !~ /\bHTTP2\b/;

    $fake->forget;
    $file = $t->write_file('client/form', form_body(5_000_000));
    ($status, $output) = $t->command(['curl', '-s', '-m', '60', '-T', '-',
        '-X', 'POST', '--http2-prior-knowledge',
        '-H', 'Authorization: Bearer ' . $t->token,
        '-H', "Content-Type: $form", 'http://127.0.0.1:' . $t->port(8081)
        . $uri], $t->read_file('client/form'));
    like($output, qr/"id":"A+"/, 'HTTP/2 without a length');
    ($request) = $fake->requests;
    is($request->{sha256}, sha256_hex($t->read_file('client/form')),
        'HTTP/2 without a length: same');
}

# a client that leaves, and one that is slow

{
    my ($connection, $request);

    $fake->forget;
    $connection = $t->connect;
    $connection->write($t->request_bytes('POST', $uri, headers => {
        'Content-Type' => $form, 'Content-Length' => 10_000_000 })
        . 'x' x 300_000);
    wait_for(sub { (($fake->requests)[0] // {})->{size} }, 60, 'an upload');
    $connection->close;
    ok(wait_for(sub { ($fake->requests)[0]{left} }, 60, 'the end'),
        'a client that leaves in mid-upload ends it at the controller');
    is(files(), '', 'and leaves nothing behind');

    # nobody knows the end of what it did not get
    cmp_ok(($fake->requests)[0]{size}, '<=', 300_000, 'no byte is invented');
}

# limits

$fake->forget;
my $head = "HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
    . $t->token . "\r\nContent-Type: $form\r\n";

{
    my $connection = $t->connect;

    $connection->write("POST /limited/$session/media $head"
        . "Content-Length: 102401\r\n\r\n");
    graph_error($connection->response, 413, 131053,
        'over client_max_body_size: refused by its head');
    is(scalar $fake->requests, 0, 'and never seen by the controller');

    $connection = $t->connect;
    $connection->write("POST /limited/$session/media $head"
        . "Transfer-Encoding: chunked\r\n\r\n"
        . sprintf("%x\r\n", 65536) . 'x' x 65536 . "\r\n"
        . sprintf("%x\r\n", 65536) . 'x' x 65536 . "\r\n0\r\n\r\n");
    graph_error($connection->response, 413, 131053,
        'over client_max_body_size in chunks');

    is(upload("/limited/$session/media", form_body(50_000))->status, 200,
        'within it');
}

{
    my $connection = $t->connect;

    $fake->forget;
    $connection->write("POST $uri HTTP/1.1\r\nHost: localhost\r\n"
        . "Authorization: Bearer wrong\r\nContent-Type: $form\r\n"
        . "Content-Length: 100000000\r\n\r\n");
    graph_error($connection->response(timeout => 30), 401, 190,
        'the token is checked before the body');
    is(scalar $fake->requests, 0, 'and the controller is not bothered');
}

for my $type (undef, 'application/json', 'multipart/form-data',
    'multipart/mixed; boundary=x', "multipart/form-data; boundary=\x{e4}",
    'multipart/form-data; boundary=' . 'x' x 300)
{
    graph_error(upload($uri, 'x', headers => { 'Content-Type' => $type }),
        400, 131053, 'refused: type ' . ($type ? substr $type, 0, 40
            : 'missing') =~ s/[^\x20-\x7e]/?/gr);
}

graph_error(upload($uri, ''), 400, 131053, 'refused: no body');
is(scalar(grep { $_->{path} =~ /media/ } $fake->requests), 0,
    'none of those reached the controller');

# what the controller says of an upload

for my $row ([ media_invalid => 400, 400, 131053 ],
    [ media_too_large => 413, 413, 131053 ],
    [ media_full => 503, 503, 131016 ],
    [ unknown_session => 404, 404, 100 ])
{
    my ($code, $theirs, $ours, $graph) = @$row;
    my $response;

    $fake->next({ status => $theirs, body => { error => { code => $code,
        message => 'A sentence.', outcome => 'not_sent' } } });
    $response = upload($uri, form_body(100_000));
    graph_error($response, $ours, $graph, "an upload: $code");
    is($response->error->{error_data}{outcome}, undef,
        "an upload is no send: $code");
}

{
    my $response = upload("/unreachable/$session/media", form_body(100));

    graph_error($response, 503, 131016, 'no controller');

    $fake->next({ close => 'request' });
    graph_error(upload($uri, form_body(1000)), 503, 131016,
        'a controller that goes away');
}

# what is known of a file

sub base { ($fake->requests)[-1]{headers}{'x-public-base'} }

{
    my $response = $t->get("/whatsapp/$version/$id");

    is($response->status, 200, 'metadata');
    is($response->json->{url}, 'http://localhost/whatsapp/media/' . 'B' x 70,
        'its URL leads here again');
    is(base(), 'http://localhost/whatsapp', 'by scheme, host and location');

    $t->get("/whatsapp/$id", headers => { Host => 'wa.example.com:8443' });
    is(base(), 'http://wa.example.com:8443/whatsapp', 'with a port');

    $t->get("/public/$id", headers => { Host => 'evil.example.com' });
    is(base(), 'https://api.example.com/wa', 'by whatsapp_public_url');

    $t->get("/outer/inner/$id");
    is(base(), 'http://localhost/outer/inner', 'of a nested location');

    $t->get("/odd%20\$place/$id");
    is(base(), 'http://localhost/odd%20%24place', 'of an odd location');

    $t->get("/whatsapp/$id?phone_number_id=$session&x=y");
    is(($fake->requests)[-1]{path}, "/v1/media/$id?phone_number_id=$session",
        'of one session');
    graph_error($t->get("/whatsapp/$id?phone_number_id=12%2034"), 400, 100,
        'of a session that cannot be');

    for my $host ('a"b', 'a\\b', 'a<b>', "a\x{e4}") {
        $fake->forget;
        $response = $t->get("/whatsapp/$id", headers => { Host => $host });
        ok($response->status == 400 && !$fake->requests,
            'a Host of which no URL can be made');
    }

    $fake->forget;
    is($t->request('DELETE', "/whatsapp/$version/$id")->body,
        '{"success":true}', 'deleted');
    is(($fake->requests)[0]{method} . ' ' . ($fake->requests)[0]{path},
        "DELETE /v1/media/$id", 'at the controller');

    graph_error($t->get("/whatsapp/$id", token => undef), 401, 190,
        'metadata needs a token');
    graph_error($t->post("/whatsapp/$id", '{}'), 405, 100,
        'nothing to be posted there');
    graph_error($t->get('/whatsapp/' . 'A' x 39), 404, 100, 'too short an id');
    graph_error($t->get('/whatsapp/' . 'A' x 361), 404, 100,
        'too long an id');
    graph_error($t->get('/whatsapp/' . 'A' x 50 . '.'), 404, 100,
        'not the letters of an id');

    $fake->next({ status => 404, body => { error => {
        code => 'media_not_found', message => 'No such media.',
        outcome => 'not_sent' } } });
    graph_error($t->get("/whatsapp/$id"), 404, 100, 'an id that is no more',
        subcode => 33);
}

# the bytes

my $seal = 'B' x 70;
my $png = { body => "\x89PNG\r\n\0bytes", headers => {
    'Content-Type' => 'image/png' } };

{
    my $response;

    # bytes above 0x7f do not go through the JSON of the fake
    $png->{body} = "PNG\r\n\0bytes";
    $fake->always($png);
    $fake->forget;
    $fake->always($png);

    for my $token (undef, $t->token, 'wrong') {
        $response = $t->get("/whatsapp/media/$seal", token => $token);
        is($response->status, 200, 'a download '
            . ($token ? 'with a token' : 'without a token'));
        is($response->body, $png->{body}, 'has the bytes');
    }

    is(($fake->requests)[0]{path}, "/v1/download/$seal", 'by its seal');
    is($response->header('Content-Type'), 'image/png', 'its type');
    is($response->header('Content-Length'), length $png->{body},
        'its length');
    is($response->header('X-Content-Type-Options'), 'nosniff',
        'no sniffing');
    is($response->header('Content-Disposition'), undef, 'an image is shown');

    $response = $t->request('HEAD', "/whatsapp/media/$seal", token => undef);
    is($response->status, 200, 'HEAD');
    is($response->header('Content-Length'), length $png->{body},
        'HEAD has the length');

    $response = $t->get("/whatsapp/media/$seal",
        headers => { Range => 'bytes=0-2' });
    is($response->status, 206, 'a range');
    is($response->body, 'PNG', 'a range has its bytes');
    is($response->header('Content-Range'),
        'bytes 0-2/' . length $png->{body}, 'a range says where');
    graph_error($t->get("/whatsapp/media/$seal",
        headers => { Range => 'bytes=1000-' }), 416, 100,
        'a range beyond the end');
    is($t->get("/whatsapp/media/$seal", headers => { Range =>
        'bytes=0-1,4-5' })->status, 200, 'of several ranges all');
}

for my $case (['application/pdf', 1], ['text/html', 1], ['image/svg+xml', 1],
    ['audio/ogg; codecs=opus', 0], ['video/mp4', 0], ['image/jpeg', 0])
{
    my ($type, $attached) = @$case;

    $fake->always({ body => 'x', headers => { 'Content-Type' => $type } });
    is($t->get("/whatsapp/media/$seal")->header('Content-Disposition'),
        $attached ? 'attachment' : undef, "$type: "
        . ($attached ? 'an attachment' : 'shown'));
}

{
    my ($before, $connection, $most, $got, $began, $files);

    $fake->forget;
    $fake->always({ size => $length, headers => {
        'Content-Type' => 'application/pdf' } });
    $before = $most = resident_kb($worker);
    $connection = $t->connect(8080, timeout => 60);
    $connection->request('GET', "/whatsapp/media/$seal",
        headers => { Connection => 'close' });

    for ($got = 0, $files = ''; $connection->fill(60); ) {
        $got += length $connection->{buffer};
        $connection->{buffer} = '';
        next if $got % 7;
        $most = resident_kb($worker) if resident_kb($worker) > $most;
        $files ||= files();
    }

    cmp_ok($got, '>', $length, 'a download of 100 MB');
    cmp_ok($got, '<', $length + 1000, 'and no more');
    cmp_ok($most - $before, '<', 1024, 'in flat memory');
    is($files, '', 'and nothing on disk');

    # a reader that leaves
    $fake->forget;
    $fake->always({ size => $length });
    $connection = $t->connect;
    $connection->request('GET', "/whatsapp/media/$seal");
    $connection->fill(60);
    $connection->close;
    ok(wait_for(sub { ($fake->requests)[0] }, 60, 'the request'),
        'a reader that leaves');
}

$fake->forget;
$fake->next({ status => 404, body => { error => { code => 'media_not_found',
    message => 'No such media.', outcome => 'not_sent' } } });
graph_error($t->get("/whatsapp/media/$seal", token => undef), 404, 100,
    'a seal that has expired', subcode => 33);
graph_error($t->get('/whatsapp/media/short', token => undef), 401, 190,
    'nobody learns without a token what exists');

is(($t->workers)[0], $worker, 'it is still the same worker');
unlike($t->error_log, qr/temporary file/, 'no temporary file in the log');

$t->done();
