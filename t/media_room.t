#!/usr/bin/perl

# Uploads at once, through nginx: no more are begun than there is room for, who
# comes too late is told so before he has sent it all, and room comes back.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();

# a controller whose browser never starts is enough
$t->controller(chromium => '/bin/false', alone => 1,
    web_url => 'http://127.0.0.1:9/',
    args => ['--media-max', 25 << 20, '--media-file-max', 12 << 20]);

$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    upstream whatsapp {
        server %%CONTROLLER%% max_fails=0;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:8080;

        location /whatsapp/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
            client_max_body_size 101m;
        }
    }
}
END

my $base = "/whatsapp/$version";
my $size = 12 << 20;
my $before = "--xyzzy\r\nContent-Disposition: form-data; name=\"file\"; "
    . "filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n";
my $after = "\r\n--xyzzy--\r\n";


# most(): the connection of an upload of which all but the last MiB has been
# sent and, unless it was refused, has arrived

sub most {
    my $connection;

    $connection = $t->connect(8080, timeout => 60);
    $connection->write("POST $base/$session/media HTTP/1.1\r\n"
        . "Host: localhost\r\nAuthorization: Bearer " . $t->token . "\r\n"
        . "Content-Type: multipart/form-data; boundary=xyzzy\r\n"
        . 'Content-Length: ' . ($size + length "$before$after")
        . "\r\n\r\n$before");
    more($connection, $size - (1 << 20));

    return $connection;
}

# more(connection, bytes): so much of the file, in pieces that write() likes

sub more {
    my ($connection, $bytes) = @_;

    for (1 .. $bytes / 65536) {
        $connection->write('x' x 65536);
    }
}

# rest(connection): the answer to the whole of it

sub rest {
    my ($connection) = @_;

    more($connection, 1 << 20);
    $connection->write($after);

    return $connection->response;
}

sub files {
    return scalar(() = glob $t->runtime . '/*/media/*');
}

# begun(n): whether that many uploads are on their way, nearly complete

sub begun {
    my ($n) = @_;

    return eval {
        wait_for(sub {
            files() == $n
                && $n == grep { -s $_ >= $size - (1 << 20) - 65536 }
                    glob $t->runtime . '/*/media/*';
        }, 60);
    };
}


my @uploads = (most());
begun(1);
push @uploads, most();
ok(begun(2), 'two fit');

my $refused = most()->response;

graph_error($refused, 503, 131016, 'the third is refused in mid-upload');
ok($refused->header('Retry-After'), 'and told when to come again');
ok(eval { wait_for(sub { files() == 2 }, 60) }, 'nothing is kept of it');

(shift @uploads)->close;
ok(begun(1), 'one of the two leaves, with its file');
push @uploads, most();
ok(begun(2), 'then another one has its room');

my @ids = map { rest($_)->json->{id} } @uploads;

is(scalar(grep { defined } @ids), 2, 'both are taken to their end');
graph_error(most()->response, 503, 131016, 'what is kept takes room, too');
is($t->request('DELETE', "$base/$_")->status, 200, 'deleted') for @ids;
ok(eval { wait_for(sub { !files() }, 60) }, 'nothing is left');
push @ids, rest(most())->json->{id};
ok($ids[2], 'there is room again');
$t->request('DELETE', "$base/$ids[2]");

$t->done();
