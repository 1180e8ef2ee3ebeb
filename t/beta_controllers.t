#!/usr/bin/perl

# The BETA call /send with two controllers: its path names no session, and yet
# it goes to the controller of the session that it is for, and to no other.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my ($first, $second) = ($session, '1000000002');

my $t = Test::Whatsapp->new();
my $socket = $t->runtime . '/second.sock';
my %fake = (first => $t->fake_controller(),
    second => Test::Whatsapp::FakeController->start($t, $socket));
my %token = map { $_ => $t->canary('token') } keys %fake;

$t->write_file('nginx/tokens', sha256_hex($t->token) . "\n"
    . sha256_hex($token{first}) . " phone_number_id=$first\n"
    . sha256_hex($token{second}) . " phone_number_id=$second\n");

$t->run(<<"END");
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    map \$whatsapp_session \$controller {
        $first   first;
        $second  second;
    }

    upstream first {
        server %%CONTROLLER%% max_fails=0;
    }

    upstream second {
        server unix:$socket max_fails=0;
    }

    upstream both {
        hash \$whatsapp_session consistent;
        server %%CONTROLLER%% max_fails=0;
        server unix:$socket max_fails=0;
    }

    server {
        listen 127.0.0.1:8080;

        whatsapp_tokens %%TOKENS%%;
        whatsapp_beta_api on;

        location /mapped/ {
            whatsapp_pass \$controller;
        }

        location /hashed/ {
            whatsapp_pass both;
        }

        location /second/ {
            whatsapp_pass second;
            whatsapp_beta_api on phone_number_id=$second;
        }
    }
}
END


# went(): where the calls went to, as "controller session"

sub went {
    my @went;

    for my $name (sort keys %fake) {
        push @went, map { $_->{path} =~ m{^/v1/sessions/(\d+)/call$}
            ? "$name $1" : "$name $_->{path}" } $fake{$name}->requests;
        $fake{$name}->forget;
    }

    return join ', ', @went;
}


sub send_by_get {
    my ($location, $query, %opt) = @_;

    return $t->get("/$location/send?number=15550000002&msg=x$query", %opt);
}


is(send_by_get('mapped', "&phone_number_id=$first")->status, 200, 'sent');
is(went(), "first $first", 'to the controller of the session');
is(send_by_get('mapped', "&phone_number_id=$second")->status, 200, 'sent');
is(went(), "second $second", 'of the other session, too');

for my $name (sort keys %fake) {
    my $id = $name eq 'first' ? $first : $second;

    is(send_by_get('mapped', '', token => $token{$name})->status, 200, 'sent');
    is(went(), "$name $id", "to that of the token: $name");
}

is(send_by_get('second', '')->status, 200, 'sent');
is(went(), "second $second", 'to that of the location');

graph_error(send_by_get('mapped', "&phone_number_id=$second",
    token => $token{first}), 403, 10, 'not to another one by the argument');
is(went(), '', 'which is not even asked');

# a hash of the session

my %used;

# twelve of them, and more when chance gives all of those to one
for my $id (1000000001 .. 1000000100) {
    my ($send, $message);

    last if $id > 1000000012 && keys %used == 2;

    send_by_get('hashed', "&phone_number_id=$id");
    $send = went();
    $t->post("/hashed/$id/messages",
        text_message('15550000002', $t->canary('text')));
    $message = went();
    $used{ $send =~ s/ .*//r }++;
    is($send, $message, "$id: as its messages");
}

is(join(' ', sort keys %used), 'first second', 'both are used');

# one that dies over a send: the other one is not given it

$fake{$_}->always({ close => 'request' }) for keys %fake;
graph_error(send_by_get('hashed', "&phone_number_id=$first"), 500, 131000,
    'a controller that dies');
unlike(went(), qr/,/, 'no other one gets the send');

$t->done();
