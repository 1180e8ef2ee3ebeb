#!/usr/bin/perl

# Sessions share the room for media and the files that may be open: what one of
# them takes, or only announces, leaves something to the others, and who is too
# slow loses his place. Through nginx.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $other = '1000000002';

# a controller whose browser never starts is enough
$t->controller(chromium => '/bin/false', web_url => 'http://127.0.0.1:9/',
    sessions => [ $session, $other ],
    args => ['--media-max', 40 << 20, '--media-file-max', 30 << 20]);

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
my $before = "--xyzzy\r\nContent-Disposition: form-data; name=\"file\"; "
    . "filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n";
my $after = "\r\n--xyzzy--\r\n";


# begin(session, size): the connection of an upload that announces a file of
# this size, and of which the first byte has been sent

sub begin {
    my ($to, $size) = @_;
    my $connection = $t->connect(8080, timeout => 90);

    $connection->write("POST $base/$to/media HTTP/1.1\r\n"
        . "Host: localhost\r\nAuthorization: Bearer " . $t->token . "\r\n"
        . "Content-Type: multipart/form-data; boundary=xyzzy\r\n"
        . 'Content-Length: ' . ($size + length "$before$after")
        . "\r\n\r\n${before}x");

    return $connection;
}

# whole(session, size): the answer to an upload

sub whole {
    my ($to, $size) = @_;
    my $connection = begin($to, $size);

    $size--;

    while ($size > 0) {
        my $n = $size < 65536 ? $size : 65536;

        eval { $connection->write('x' x $n); 1 } or last;
        $size -= $n;
    }

    eval { $connection->write($after) } if $size == 0;

    return $connection->response;
}

sub files {
    return scalar(() = glob $t->runtime . '/*/media/*');
}

sub begun {
    my ($n) = @_;

    return eval { wait_for(sub { files() == $n }, 60) };
}

# what is announced and does not come takes nothing from anybody

my @slow = map { begin($session, 14 << 20) } 1 .. 3;
my $start = time;
ok(begun(3), 'three uploads that announce more than there is');

my $answer = whole($other, 15 << 20);
my $id = $answer->json->{id};
ok($id, 'another session still has its room') or diag($answer->head_and_body);
$answer = whole($session, 4 << 20);
my $own = $answer->json->{id};
ok($own, 'and so has the same one') or diag($answer->head_and_body);

# a session leaves as much as it takes

graph_error(whole($other, 10 << 20), 503, 131016,
    'a session may not take more than it leaves');
ok(whole($session, 2 << 20)->json->{id}, 'the other one may');
graph_error(whole($other, 21 << 20), 413, 131053,
    'what can never fit is too large');
graph_error(whole($session, 31 << 20), 413, 131053,
    'as is what is over the limit of a file');
is($t->request('DELETE', "$base/$_")->status, 200, 'deleted') for $id, $own;

# trickling: the least rate ends it, with an answer

for my $i (1 .. 8) {
    eval { $_->write('x') } for @slow;
    sleep 3;
}

for my $connection (@slow) {
    graph_error($connection->response, 408, 100, 'a trickle is ended');
}

cmp_ok(time - $start, '<', 75, 'within a minute');
ok(begun(1), 'and its file is gone');

# open files by session: uploads of one session leave slots for the other

my @many = map { begin($session, 1000) } 1 .. 140;

ok(begun(129), 'a session has 128 files open at most') or diag(files());
$many[-1]->write('x' x 999 . $after);
graph_error($many[-1]->response, 429, 130429, 'more are refused');
ok(whole($other, 1000)->json->{id}, 'another session goes on');
$_->close for @many;
ok(begun(2), 'they end with their connections');
ok(whole($session, 1000)->json->{id}, 'and the slots come back');

$t->done();
