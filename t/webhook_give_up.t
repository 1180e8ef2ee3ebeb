#!/usr/bin/perl

# An event that a receiver refuses for too long is dropped: its chat goes on,
# and it is counted, logged and told.  Nothing is dropped because a receiver
# can't be reached.  The browser is played.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;
use Time::HiRes qw(sleep);

my $t = Test::Whatsapp->new();
my $secret = $t->canary('secret');
my $other = '1000000002';

my $receiver = Test::Whatsapp::Receiver->start($t, 8090);
my $gone = $t->port(8091);
my $controller = $t->controller(
    config => Test::Whatsapp::Receiver::webhooks($t, <<"END"),
log-level = info
send-rate = 0
webhook-give-up = 1
allow-webhook-net = 127.0.0.1

[session *]
app_secret = $secret

[session $session]
url = @{[ $receiver->url ]}
events = messages, errors

[session $other]
url = http://127.0.0.1:$gone/hook
END
    chromium => $t->stage('chrome-told', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/');

$controller->wait_state('ready', 60, $_) for $session, $other;

$receiver->rules({ match => 'poison', status => 400 },
    { match => 'later', status => 503, headers => { 'Retry-After' => 1 } });
arrive($other, ['a', 'nobody there']);
arrive($session, ['b', 'poison'], ['b', 'b2'], ['b', 'b3']);

is_deeply([sort grep { length } $receiver->wait_taken(2, 60)], ['b2', 'b3'],
    'the chat goes on without the event that is refused');
cmp_ok(scalar(grep { $_->{body} =~ /poison/ } $receiver->deliveries), '>=', 2,
    'which was tried more than once');
like($controller->log, qr/warn webhook_given_up session=$session\n/,
    'it is logged');
is(metric('whatsapp_webhook_given_up_total'), 1, 'it is counted');
is(metric('whatsapp_events_lost_total'), 1, 'as lost too');
ok(wait_for(sub {
    grep { $_->{status} == 200 && $_->{body} =~ /1 events are lost/ }
        $receiver->deliveries
}, 60, 'word of it'), 'and it is told');

# what takes longer than that for another reason is not dropped

arrive($session, ['c', 'later']);

ok(wait_for(sub { 3 <= grep { $_->{body} =~ /later/ } $receiver->deliveries },
    30, 'more tries'), 'a receiver that asks to wait is asked again');
is(metric('whatsapp_webhook_given_up_total', $other), 0,
    'nothing is dropped as nobody listens');
is(metric('whatsapp_webhook_queue_length', $other), 1, 'it waits');

$receiver->rules();
is((grep { $_ eq 'later' } $receiver->wait_taken(4, 60))[0], 'later',
    'what was to come later comes');

$t->done();


sub metric {
    my ($name, $id) = @_;

    return $controller->metric($name, 'session="' . ($id // $session) . '"');
}


sub arrive { Test::Whatsapp::Receiver::arrive($t, @_) }
