#!/usr/bin/perl

# A request in TLS 1.3 early data can be replayed by whoever recorded it: a
# send is refused there, unless it has a key, which makes a replay harmless.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
my ($dir, $port, $text) = ($t->dir, $t->port(8080), $t->canary('text'));

{
    my ($status, $output) = $t->command(['openssl', 'req', '-x509',
        '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
        '-days', 2, '-subj', '/CN=localhost', '-keyout',
        "$dir/nginx/key.pem", '-out', "$dir/nginx/cert.pem"]);

    die "no certificate: $output\n" if $status != 0;
}

$t->run(<<"END");
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:8080 ssl;

        ssl_certificate cert.pem;
        ssl_certificate_key key.pem;
        ssl_protocols TLSv1.3;
        ssl_session_cache shared:tls:1m;
        ssl_early_data on;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
        }
    }
}
END


# early(headers): the status of a send in early data, in a session of its own

sub early {
    my ($connect, $output);
    my @client = ('openssl', 's_client', '-connect', "127.0.0.1:$port",
        '-tls1_3', '-ign_eof');
    my $request = $t->write_file('client/request', $t->request_bytes('POST',
        $t->messages_uri, body => text_message('15550000002', $text),
        token => undef, headers => { Connection => 'close', @_ }));

    $t->command([@client, '-sess_out', "$dir/client/session"],
        "GET /whatsapp/healthz HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\n\r\n");
    (undef, $output) = $t->command([@client, '-sess_in',
        "$dir/client/session", '-early_data', $request]);
    like($output, qr/Early data was accepted/, 'early data');

    return $output =~ m{HTTP/1\.1 (\d+)} ? $1 : $output;
}


is(early(), 425, 'a send without a key is too early');
is(scalar(grep { $_->{path} =~ /call$/ } $fake->requests), 0,
    'and not passed on');
is(early('Idempotency-Key' => $t->canary('key')), 200,
    'one with a key is not');

$t->done();
