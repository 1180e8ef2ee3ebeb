#!/usr/bin/perl

# A call of which a controller that stops did nothing is made once more, on a
# new connection to the same address; and so is one of which no byte could be
# written, as its kept connection was being closed.  No other call is.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $socket = $t->runtime . '/second.sock';
my $fake = $t->fake_controller();
my $second = Test::Whatsapp::FakeController->start($t, $socket);

$t->run(<<"END");
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    upstream whatsapp {
        server %%CONTROLLER%% max_fails=0;
        keepalive 32;
    }

    # the first is asked first
    upstream both {
        server %%CONTROLLER%% max_fails=0;
        server unix:$socket backup;
    }

    server {
        listen 127.0.0.1:8080;

        whatsapp_tokens %%TOKENS%%;
        whatsapp_beta_api on phone_number_id=$session;

        location /whatsapp/ {
            whatsapp_pass whatsapp;
            whatsapp_read_timeout 20s;
        }

        location /direct/ {
            whatsapp_pass %%CONTROLLER%%;
        }

        location /both/ {
            whatsapp_pass both;
            whatsapp_next_upstream error timeout http_503;
        }

        location /impatient/ {
            whatsapp_pass whatsapp;
            whatsapp_read_timeout 900ms;
        }
    }
}
END

my $stops = { status => 503, headers => { Connection => 'close' },
    body => { error => { code => 'shutting_down', message => 'It stops.',
        outcome => 'not_sent' } } };
my $body = encode(text_message('15550000002', $t->canary('text')));
my $number = $t->canary('text');

sub post { $t->post("/$_[0]/$version/$session/messages", $body) }


# asked(): the requests that the first one got since the last call

sub asked {
    my @requests = grep { $_->{path} !~ m{^/fake} } $fake->requests;

    $fake->forget;
    return @requests;
}


# it stops once

for my $location (qw(whatsapp direct both)) {
    my @requests;

    $fake->next($stops);
    is(post($location)->status, 200, "$location: a send is made again");
    @requests = asked();
    is(scalar @requests, 2, 'to the same one');
    isnt($requests[1]{connection}, $requests[0]{connection},
        'on a new connection');
    is($requests[1]{body}, $requests[0]{body}, 'with the same body');
    is($requests[1]{headers}{'idempotency-key'},
        $requests[0]{headers}{'idempotency-key'}, 'and the same key');
    cmp_ok($requests[1]{headers}{'x-deadline-ms'}, '<=',
        $requests[0]{headers}{'x-deadline-ms'}, 'within the same deadline');
}

is(scalar(grep { $_->{path} !~ m{^/fake} } $second->requests), 0,
    'another controller gets nothing');

# by a kept connection, and twice

post('whatsapp');
asked();
$fake->next($stops, $stops);
is(post('whatsapp')->status, 200, 'a controller may stop again');
is(scalar asked(), 3, 'there were three attempts');

# other calls, too

$fake->next($stops);
is($t->get("/whatsapp/$version/$session/session")->status, 200,
    'a call without a body is made again');
is(scalar asked(), 2, 'once');

# but not for ever, nor when the time is over

$fake->always($stops);
graph_error(post('whatsapp'), 503, 131016, 'it always stops',
    details => qr/\bnot_sent\b/);
is(scalar asked(), 6, 'after five repeats it is believed');

$fake->next($stops);
graph_error(post('impatient'), 503, 131016, 'there is no time for a repeat',
    details => qr/\bnot_sent\b/);
is(scalar asked(), 1, 'so there is none');

# what may have left is not made again

for my $outcome ('unknown', undef) {
    $fake->next({ %$stops, body => { error => { code => 'shutting_down',
        message => 'x', outcome => $outcome } } });
    graph_error(post('whatsapp'), 503, 131016,
        'outcome ' . ($outcome // 'missing'), details => qr/\bunknown\b/);
    is(scalar asked(), 1, 'no repeat');
}

$fake->next($stops, { close => 'request' });
graph_error(post('whatsapp'), 500, 131000, 'the repeat is lost',
    details => qr/\bunknown\b/);
is(scalar asked(), 2, 'no second repeat');

# an upload, as long as nginx has all of it

for my $case ([ 'small', 1000, 200, 2 ], [ 'large', 900_000, 503, 1 ]) {
    my ($name, $size, $status, $times) = @$case;
    my @requests;

    $fake->next($stops);
    is($t->post("/whatsapp/$version/$session/media", 'x' x $size,
        headers => { 'Content-Type' => 'multipart/form-data; boundary=a' })
        ->status, $status, "a $name upload: $status");
    @requests = asked();
    is(join(' ', map { $_->{size} } @requests),
        join(' ', ($size) x $times), 'after so many attempts');
}

# a kept connection on which nothing can be written any more; the controller
# has not closed it yet, so that nginx takes it for a good one

for my $case (
    [ 'a send' => sub { post('whatsapp') } ],
    [ 'a send by GET' => sub {
        $t->get("/whatsapp/send?number=15550000002&msg=$number") } ],
    [ 'a call' => sub { $t->get("/whatsapp/$version/$session/session") } ],
) {
    my ($name, $call) = @$case;
    my @requests;

    $fake->next({ close => 'reading' });
    post('whatsapp');
    is($call->()->status, 200, "$name goes to a new connection");
    @requests = asked();
    is(scalar @requests, 2, 'and arrives once');
    isnt($requests[1]{connection}, $requests[0]{connection}, 'there');
}

$t->done();
