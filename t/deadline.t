#!/usr/bin/perl

# Acknowledgements that come late, never or wrongly: the answer keeps the
# deadline and says what is known.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();

$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:8080;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_read_timeout 4s;
        }

        # its deadline is a second before it, the others' 0.4 s
        location /long/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_read_timeout 10s;
        }
    }
}
END

$controller->wait_ready;


sub keyed {
    my ($text, $key) = @_;

    return $t->send('15550000002', $text,
        headers => { 'Idempotency-Key' => $key });
}


# an ack that never comes: only the controller, whose deadline is before
# nginx's, knows the message's id

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my $again;

    $phone->fault('drop_ack', count => 1);
    graph_error($t->post("/long/$version/$session/messages",
        text_message('15550000002', $text),
        headers => { 'Idempotency-Key' => $key }), 504, 131000,
        'no ack within the deadline',
        details => qr/unknown.*wamid\.|wamid\..*unknown/s);
    is(scalar $phone->messages(qr/\Q$text\E/), 1, 'it had arrived');

    $again = keyed($text, $key);
    like($again->status, qr/^(?:200|504)$/,
        'the repeat says 200 or unknown');
    is(scalar $phone->messages(qr/\Q$text\E/), 1, 'and sends nothing');
    $phone->fault('none');
}

# an ack that comes after the deadline

{
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my $response;

    $phone->fault('hold_ack');
    $response = keyed($text, $key);
    graph_error($response, 504, 131000, 'a late ack',
        details => qr/unknown/);
    $phone->fault('none');
    ok(wait_for(sub { keyed($text, $key)->status == 200 }, 60),
        'a repeat after the ack gets the 200');
    is(scalar $phone->messages(qr/\Q$text\E/), 1, 'and sends nothing');
}

# the queue behind a send that waits: refused or served, never late

{
    my $text = $t->canary('text');
    my (@connections, @answers, %by);

    $phone->fault('delay_ack', ms => 1500);
    @connections = map { $t->connect } 1 .. 6;
    $connections[$_]->write($t->request_bytes('POST',
        "/whatsapp/$version/$session/messages",
        body => text_message('15550000002', "$text $_"))) for 0 .. 5;
    @answers = map { $_->response } @connections;
    $phone->fault('none');

    $by{ $_->status }++ for @answers;
    ok($by{200}, 'the first ones are sent');
    cmp_ok($by{200}, '<', 6, 'none of them after its deadline');
    is(scalar(grep { $_->status !~ /^(?:200|429|504)$/ } @answers), 0,
        'the others are told so');

    for my $n (grep { $answers[$_]->status != 200 } 0 .. 5) {
        my $details = $answers[$n]->error->{error_data}{details};
        my $there = $phone->messages(qr/\Q$text\E $n$/);

        ok($details =~ /not_sent/ ? !$there : $details =~ /unknown/,
            "sender $n is told the truth") or diag($details);
    }
}

# WhatsApp's server refuses, is cut off, or takes nothing

{
    my $text = $t->canary('text');

    $phone->fault('refuse', count => 1);
    graph_error($t->send('15550000002', $text), 400, 131026,
        'an error ack', details => qr/not_sent/);
    is(scalar $phone->messages(qr/\Q$text\E/), 0, 'it was not sent');
    $phone->fault('none');
}

for my $fault (qw(cut_before_ack cut_after_ack drop_before)) {
    my ($text, $key) = ($t->canary('text'), $t->canary('key'));
    my $response;

    $controller->wait_ready;
    $phone->fault($fault, count => 1);

    # the connection that the fault before this one has cut may not be back;
    # such a send is not_sent and meets no fault
    wait_for(sub {
        $response = keyed($text, $key);
        return $response->status != 503;
    }, 60, 'the page to be connected');
    ok($response->status == 200
        || $response->error->{error_data}{details} =~ /unknown/,
        "$fault: sent or unknown, never not_sent")
        or diag($response->head_and_body);
    $phone->fault('none');

    # the page's outbox sends it when it is connected again; a frame that was
    # lost on a connection that holds stays there
    $phone->wait_messages(1, qr/\Q$text\E/, 30) if $fault =~ /^cut/;
    $controller->wait_ready;
    keyed($text, $key);
    cmp_ok(scalar $phone->messages(qr/\Q$text\E/), '<=', 1,
        "$fault: it is there once, also after a repeat");
}

is($t->send('15550000002', $t->canary('text'))->status, 200,
    'and a message is sent after all that');

$t->done();
