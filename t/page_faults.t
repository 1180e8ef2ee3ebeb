#!/usr/bin/perl

# Everything that can happen to a page and its browser, with a call pending:
# an answer within the deadline, and a session that becomes ready again.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Time::HiRes qw(time);

my $t = Test::Whatsapp->new(timeout => 480);
my $phone = $t->standin();
my $controller = $t->controller(args => ['--ping-interval', '1000']);

# the deadline of every send
my $deadline = 6;

$t->run($t->default_conf("whatsapp_read_timeout ${deadline}s;"));

$controller->wait_ready;

# pending(): sends a text with its ack held back, and waits until it arrived;
# the text, the connection that waits for the answer, and the time since when

sub pending {
    # the fault before may just be found out: ready is then said too early
    return @{ wait_for(sub {
        my ($text, $connection, $began);

        $controller->wait_ready;
        # one that arrives after all must not be counted with the next one
        $text = $t->canary('text');
        $phone->fault('delay_ack', ms => 2000);
        $connection = $t->connect;
        $began = time();
        $connection->write($t->request_bytes('POST', $t->messages_uri,
            body => text_message('15550000002', $text)));
        return [$text, $connection, $began] if eval {
            $phone->wait_messages(1, qr/\Q$text\E/, 3);
        };

        $connection->response;
        return;
    }, 60, 'a send that arrives') };
}


my @faults = (
    [ 'navigation' => sub { $phone->page('navigate') } ],
    [ 'an alert' => sub { $phone->page('alert') } ],
    [ 'a page that hangs' => sub { $phone->page('hang') } ],
    [ 'a page that hangs hard' => sub { $phone->page('hang_hard') } ],
    [ 'a killed renderer' =>
        sub { kill 'KILL', $controller->renderer->{pid} } ],
    [ 'a stopped renderer' =>
        sub { kill 'STOP', $controller->renderer->{pid} } ],
    [ 'a killed browser' =>
        sub { kill 'KILL', $controller->browser->{pid} } ],
    [ 'a stopped browser' =>
        sub { kill 'STOP', $controller->browser->{pid} } ],
);

for my $fault (@faults) {
    my ($name, $cause) = @$fault;
    my ($text, $connection, $began, $response, $details, $arrived);

    # a send is on its way when it happens: its ack is held back
    ($text, $connection, $began) = pending();
    $cause->();
    $response = $connection->response;
    cmp_ok(time() - $began, '<', $deadline + 1,
        "$name: the pending send is answered within the deadline");
    $phone->fault('none');

    $details = $response->error->{error_data}{details} // '';
    ok($response->status == 200 || $details =~ /\bunknown\b/,
        "$name: with 200 or unknown") or diag($response->head_and_body);

    # calls in between are answered too
    $began = time();
    $response = $t->get("/whatsapp/$version/$session");
    cmp_ok(time() - $began, '<', $deadline + 1,
        "$name: a call in between is answered within the deadline");

    ok(eval { $controller->wait_ready }, "$name: ready again")
        or diag($@);

    # ready is said of a page that may just be found to hang
    ok(eval {
        wait_for(sub {
            $response = $t->send('15550000002', "$text again");
            return $response->status == 200;
        }, 120, 'a send');
    }, "$name: and a message is sent")
        or diag($response->head_and_body, "\n", $controller->log);
    is(scalar $phone->messages(qr/\Q$text\E$/), 1,
        "$name: the pending text is there once");
    ok(scalar $phone->messages(qr/\Q$text again\E$/),
        "$name: the next one too");
}

$t->done();
