#!/usr/bin/perl

# The stand-in's phone for people, in a real browser: what is clicked there is
# what the account gets.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Browser;
use Test::Whatsapp::Http;

my $alice = '15550000002';

my $t = Test::Whatsapp->new();
my $secret = $t->canary('secret');
my $phone = $t->standin(receiver => { secret => $secret,
    verify_token => 'known', watch => 'curl events' });
my $browser = Test::Whatsapp::Browser->start($t);


sub run { $browser->drive(run => $_[0]) }

sub wait_page { $browser->drive(wait => $_[0], ms => 60000) }

# click(selector, text): what has this text

sub click {
    my ($selector, $text) = @_;

    return run("[...document.querySelectorAll('$selector')].find("
        . "(one) => one.textContent.includes('$text')).click()");
}


# received(condition): waits for a message that others wrote

sub received {
    my ($condition) = @_;

    return wait_for(sub {
        my ($found) = grep { $condition->($_) } $phone->received;
        return $found;
    }, 60, 'a message');
}


# a page that takes what comes, then the phone

$browser->drive(open => $phone->web_url);
wait_page("require('WAWebCmd').Cmd.isOfflineDeliveryEnd");
$browser->drive(open => 'http://127.0.0.1:' . $phone->port . '/');
wait_page("document.querySelectorAll('nav button').length > 3");
click('nav button', 'Alice');
wait_page("document.getElementById('title').textContent.includes('Alice')");

run("document.getElementById('text').value = 'hello'; "
    . "document.getElementById('answer').requestSubmit()");
my $text = received(sub { ($_[0]{body} // '') eq 'hello' });
is($text->{from}, $alice, 'a text, as who is chosen');
wait_page("document.querySelectorAll('#messages li.text').length === 1");

# all kinds, at a click

my $kinds = run("document.querySelectorAll('#attach > div button').length");

cmp_ok($kinds, '>', 15, 'there are many kinds');
run("document.querySelectorAll('#attach > div button')[$_].click()")
    for 1 .. $kinds - 1;

for my $type (qw(image audio document location contacts poll buttons_response
    list_response system unknown))
{
    ok(received(sub { $_[0]{type} eq $type }), "a message: $type");
}

ok(received(sub { ($_[0]{body} // '') eq 'flood 100' }), 'a hundred at once');
is(run("document.getElementById('trouble').textContent"), '',
    'nothing went wrong');

# what is done to one of them

my $first = "document.querySelector('#messages li.text')";

wait_page("document.querySelectorAll('#messages li').length > 100");
run("$first.click()");
click('#messages .actions button', "\x{2764}");
is(received(sub { @{ $_[0]{reactions} } })->{id}, $text->{id}, 'a reaction');
click('#messages .actions button', "\x{270E}");
run("document.getElementById('text').value = 'changed'; "
    . "document.getElementById('answer').requestSubmit()");
ok(received(sub { ($_[0]{body} // '') eq 'changed' && @{ $_[0]{edits} } }),
    'an edit');
click('#messages .poll li', 'Tea');
is_deeply(received(sub { $_[0]{votes} && %{ $_[0]{votes} } })->{votes},
    { $alice => [ 0 ] }, 'a vote');
wait_page("document.querySelector('#messages .actions') !== null");
click('#messages .actions button', 'Delete');
is(received(sub { $_[0]{revoked} })->{id}, $text->{id}, 'a deletion');

# by the account's own phone, and how things are played

run("document.getElementById('as').value = 'own'; "
    . "document.getElementById('text').value = 'mine'; "
    . "document.getElementById('answer').requestSubmit()");
is(($phone->wait_messages(1, qr/^mine$/))[0]{to}, $alice,
    'the own phone writes');
run("document.getElementById('twin').click()");
ok(wait_for(sub { $phone->state->{play}{twin} }, 60, 'the mode'),
    'a mode of play');
ok((grep { $_->{sha256} } map { $_->{media} // () } $phone->received),
    'files have digests');

# the receiver: what is delivered to it is shown, newest first

sub hook {
    my ($method, $query, %opt) = @_;
    my $http = Test::Whatsapp::Http->connect($phone->port);

    $http->request($method, "/hook$query", %opt);

    return $http->response;
}


sub deliver {
    my ($body, $key) = @_;

    return hook('POST', '', body => $body, headers => {
        'Content-Type' => 'application/json', 'X-Hub-Signature-256' =>
            'sha256=' . hmac_sha256_hex($body, $key) })->status;
}


# shown(n): title, signature and JSON of what is there, and whether it is open

sub shown {
    my ($n) = @_;

    return run("(() => { const one = document.querySelectorAll('.event')[$n];"
        . " return [one.querySelector('b').textContent,"
        . " one.querySelector('small:last-child').textContent,"
        . " one.querySelector('pre').textContent, one.open]; })()");
}

my $query = '?hub.mode=subscribe&hub.challenge=4711&hub.verify_token=';

is(hook('GET', $query . 'known')->body, 4711, 'a challenge is answered');
is(hook('GET', $query . 'other')->status, 403, 'only with the token');
is(deliver(encode({ entry => [ { changes => [ { value => {
    contacts => [ { profile => { name => '<b>Alice' } } ],
    messages => [ { type => 'text' } ] } } ] } ] }), $secret), 200,
    'an event is taken');
is(deliver('{"forged":1}', 'other'), 401, 'what is not signed is not');
wait_page("document.querySelectorAll('.event').length === 2");
is_deeply(shown(0), [ 'not an event', 'wrong signature', '{"forged":1}',
    JSON::PP::true ], 'the newest is open');

my $event = shown(1);

is_deeply([ @$event[0, 1, 3] ], [ 'text from <b>Alice', 'signature verified',
    JSON::PP::false ], 'others are closed');
like($event->[2], qr/^ +"type": "text"$/m, 'the JSON is there to be read');
is(run("document.getElementById('watch').textContent"), 'curl events',
    'and how to watch events without a receiver');

$browser->stop;
$t->done();
