#!/usr/bin/perl

# The garbage of idle pages is collected: once each time that it has grown, and
# not while a send is under way.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Time::HiRes qw(sleep time);

# two in one browser: in the page of the first one a send is under way
my ($busy, $idle) = my @ids = (1000000001, 1000000002);

# until an idle page is looked at, and for how long it rests then, in s
my ($after, $rest) = (1, 10);

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller(sessions => \@ids, args => [
    '--sessions-per-browser', 2, '--collect-idle', $after,
    '--ping-interval', 200 ]);


# collections(id): the bytes before and after each of its page's collections

sub collections {
    my ($id) = @_;

    return map { [ split ' ' ] } map { s/\D+/ /gr }
        $controller->log =~ /page_garbage_collected session=$id (.*)$/mg;
}

sub collected {
    return 0 + $controller->metric('whatsapp_page_collections_total',
        "session=\"$_[0]\"");
}

# litter(): garbage in both pages

sub litter { $phone->page('litter') }


$controller->wait_ready(60, $_) for @ids;
$phone->fault('hold_ack');

my $connection = Test::Whatsapp::Http->connect($controller->socket,
    timeout => 60);
my $text = $t->canary('text');

$connection->request('POST', "/v1/sessions/$busy/call",
    headers => { 'Idempotency-Key' => 'held', 'X-Deadline-Ms' => 60000 },
    body => qq({"method":"message.send","params":{"to":"15550000002",)
        . qq("type":"text","text":{"body":"$text"}}}));
$phone->wait_messages(1, qr/\Q$text\E/);

my $before = collected($busy);

litter();
ok(wait_for(sub {
    return grep { $_->[1] < $_->[0] - 16e6 } collections($idle);
}, 60, 'a collection'), 'the garbage of an idle page is collected');

my ($once, $count) = (time, collected($idle));

sleep 2 * $after;
is(collected($busy), $before, 'not while a send is under way');

$phone->fault('none');
is($connection->response->status, 200, 'which ends well');
ok(wait_for(sub { collected($busy) > $before }, 60, 'a collection'),
    'the page is collected then');

sleep 0.1 while time < $once + $rest + 2 * $after;
is(collected($idle), $count,
    'it is not collected again as long as it has not grown');

litter();
ok(wait_for(sub { collected($idle) > $count }, 60, 'another collection'),
    'but when it has');
is($controller->call('message.send', { to => '15550000002', type => 'text',
    text => { body => $t->canary('text') } }, session => $_,
    key => "end-$_")->status, 200, "$_ sends") for @ids;

$t->done;
