#!/usr/bin/perl

# Deliveries over TLS: whose certificates are trusted, client certificates,
# HTTP/2, and addresses and URLs that nothing is sent to.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;

my $t = Test::Whatsapp->new();
my $secret = $t->canary('secret');
my $dir = $t->dir . '/app';

# one session for each case
my %session = (own_ca => '101', file_ca => '102', other_ca => '103',
    no_certificate => '104', certificate => '105', private => '106',
    plain => '107', name => '108', h2 => '109');

make_certificates();

my $receiver = Test::Whatsapp::Receiver->start($t, 8090);
my $file = $t->write_file('app/controller.conf', <<"END");
[session *]
app_secret = $secret

[session $session{own_ca}]
url = @{[ url(8081, 'own_ca') ]}

[session $session{file_ca}]
url = @{[ url(8081, 'file_ca') ]}
ca = $dir/ca.pem

[session $session{other_ca}]
url = @{[ url(8081, 'other_ca') ]}
ca = $dir/other.pem

[session $session{no_certificate}]
url = @{[ url(8082, 'no_certificate') ]}

[session $session{certificate}]
url = @{[ url(8082, 'certificate') ]}
certificate = $dir/client.pem
key = $dir/client.key

[session $session{private}]
url = https://127.0.0.2:@{[ $t->port(8081) ]}/private

[session $session{plain}]
url = http://192.0.2.1/plain

[session $session{name}]
url = https://127.0.0.1:@{[ $t->port(8081) ]}/name

[session $session{h2}]
url = @{[ url(8083, 'h2') ]}
END

chmod 0600, $file;

$t->run(<<"END");
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    ssl_certificate $dir/server.pem;
    ssl_certificate_key $dir/server.key;
    proxy_set_header X-Client \$ssl_client_verify;
    proxy_set_header X-Protocol \$server_protocol;

    server {
        listen 127.0.0.1:8081 ssl;

        location / {
            proxy_pass http://127.0.0.1:@{[ $receiver->port ]};
        }
    }

    server {
        listen 127.0.0.1:8082 ssl;
        ssl_client_certificate $dir/ca.pem;
        ssl_verify_client on;

        location / {
            proxy_pass http://127.0.0.1:@{[ $receiver->port ]};
        }
    }

    server {
        listen 127.0.0.1:8083 ssl http2;

        location / {
            proxy_pass http://127.0.0.1:@{[ $receiver->port ]};
        }
    }
}
END

my $controller = $t->controller(
    chromium => $t->stage('chrome-told', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/', sessions => [sort values %session],
    alone => 1,
    args => ['--config', $file, '--webhook-ca', "$dir/ca.pem",
        '--allow-webhook-net', '127.0.0.1', '--boots-max', 9]);
$controller->wait_state('ready', 60, $_) for values %session;

arrive($session{$_}, ['c', $_]) for sort keys %session;

my @good = qw(own_ca file_ca certificate h2);

is_deeply([sort +($receiver->wait_taken(4))], [sort @good],
    'those who can be trusted get theirs');

my %got = map { Test::Whatsapp::Receiver::text($_) => $_ }
    $receiver->deliveries;

is($got{certificate}{headers}{'x-client'}, 'SUCCESS',
    'the client certificate is shown');
is($got{own_ca}{headers}{'x-protocol'}, 'HTTP/1.1', 'HTTP/1.1 by default');
is($got{h2}{headers}{'x-protocol'}, 'HTTP/2.0', 'HTTP/2 where it is offered');
ok(Test::Whatsapp::Receiver::signed($got{h2}, $secret), 'signed there too');

for my $case (
    [ 'other_ca', 'tls', 'a CA that is not named' ],
    [ 'no_certificate', 'status 400', 'a client certificate is missing' ],
    [ 'private', 'address_refused', 'a private address' ],
    [ 'plain', 'address_refused', 'plain http to an address not listed' ],
    [ 'name', 'tls', 'a certificate of another name' ],
) {
    my ($key, $what, $name) = @$case;
    my $error = eval {
        wait_for(sub {
            $controller->session($session{$key})->{webhook}{last_error}
        }, 60, $name)
    } // {};

    is($error->{what}, $what, $name);
}

is(scalar $receiver->deliveries, 4, 'nothing else has come');

$t->done();


sub url { "https://localhost:" . $t->port($_[0]) . "/$_[1]" }


# ca.pem, other.pem, and certificates of the first CA

sub make_certificates {
    for my $ca (qw(ca other)) {
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
            'ec_paramgen_curve:P-256', '-nodes', '-days', 2, '-subj',
            "/CN=$ca", '-keyout', "$dir/$ca.key", '-out', "$dir/$ca.pem");
    }

    for my $name (qw(server client)) {
        $t->write_file("app/$name.ext", "subjectAltName=DNS:localhost\n");
        openssl('req', '-newkey', 'ec', '-pkeyopt',
            'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost',
            '-keyout', "$dir/$name.key", '-out', "$dir/$name.csr");
        openssl('x509', '-req', '-in', "$dir/$name.csr", '-CA',
            "$dir/ca.pem", '-CAkey', "$dir/ca.key", '-CAcreateserial',
            '-days', 2, '-extfile', "$dir/$name.ext", '-out',
            "$dir/$name.pem");
        chmod 0600, "$dir/$name.key";
    }
}


sub openssl {
    my ($status, $output) = $t->command(['openssl', @_]);

    die "openssl @_: $output\n" if $status;
}


sub arrive { Test::Whatsapp::Receiver::arrive($t, @_) }
