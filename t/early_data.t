#!/usr/bin/perl

# A request in TLS 1.3 early data can be replayed by whoever recorded it: a
# send is refused there, unless it has a key, which makes a replay harmless.

use strict;
use warnings;

use FindBin;
use IO::Select;
use IO::Socket::INET;
use POSIX qw(_exit);
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


# held_back(): a process that passes one connection on to nginx and holds the end
# of the client's handshake back until nginx has answered what came before it;
# else it may come in time, and the request is early data no longer

sub held_back {
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or die "listen: $!\n";
    my $pid = fork() // die "fork: $!\n";

    return ($pid, $listener->sockport) if $pid;

    my $client = $listener->accept or _exit(1);
    my $nginx = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port")
        or _exit(1);

    # the answer to the first flight is whole when nothing more comes for a while
    pass_first_flight($client, $nginx);
    pass_on($nginx, $client, 1);

    my $select = IO::Select->new($client, $nginx);

    while (my @ready = $select->can_read(60)) {
        for my $from (@ready) {
            sysread($from, my $bytes, 65536) or _exit(0);
            syswrite($from == $client ? $nginx : $client, $bytes);
        }
    }

    _exit(0);
}


# pass_first_flight(client, nginx): all up to the record of application data

sub pass_first_flight {
    my ($from, $to) = @_;
    my ($bytes, $type) = ('', 0);

    while ($type != 23) {
        my ($size, $at);

        sysread($from, $bytes, 65536, length $bytes) or last;

        for ($at = 0; length $bytes >= $at + 5; $at += 5 + $size) {
            ($type, $size) = unpack 'Cxxn', substr $bytes, $at, 5;
        }

        $type = 0 if $at > length $bytes;
    }

    syswrite($to, $bytes);
}


sub pass_on {
    my ($from, $to, $quiet) = @_;
    my $select = IO::Select->new($from);

    while ($select->can_read($quiet)) {
        sysread($from, my $bytes, 65536) or last;
        syswrite($to, $bytes);
    }
}


# early(headers): the status of a send in early data, in a session of its own

sub early {
    my $output;
    my @client = ('openssl', 's_client', '-tls1_3', '-ign_eof', '-connect');
    my $request = $t->write_file('client/request', $t->request_bytes('POST',
        $t->messages_uri, body => text_message('15550000002', $text),
        token => undef, headers => { Connection => 'close', @_ }));

    $t->command([@client, "127.0.0.1:$port", '-sess_out',
        "$dir/client/session"],
        "GET /whatsapp/healthz HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\n\r\n");

    my ($pid, $held) = held_back();

    (undef, $output) = $t->command([@client, "127.0.0.1:$held", '-sess_in',
        "$dir/client/session", '-early_data', $request]);
    waitpid $pid, 0;
    like($output, qr/Early data was accepted/, 'early data');

    return $output =~ m{HTTP/1\.1 (\d+)} ? $1 : $output;
}


is(early(), 425, 'a send without a key is too early');
is(scalar(grep { $_->{path} =~ /call$/ } $fake->requests), 0,
    'and not passed on');
is(early('Idempotency-Key' => $t->canary('key')), 200,
    'one with a key is not');

$t->done();
