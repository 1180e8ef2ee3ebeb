#!/usr/bin/perl

# Linking an account by a code that is typed in at the phone, and sessions that
# are registered while everything runs.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $second = '1000000002';
my $number = '+1 (555) 000-0001';

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef);
my @neighbours = Test::Whatsapp::Controller::neighbours();
my $controller = $t->controller(args => ['--max-sessions', 2 + @neighbours]);
my %token = map { $_ => $t->canary('token') } qw(read send control);

$t->write_file('nginx/tokens', join '',
    map { sha256_hex($_->[0]) . "$_->[1]\n" }
    [ $t->token, '' ], map { [ $token{$_}, " scope=$_" ] } keys %token);
$t->run();
$controller->wait_state('qr', 60);

my $base = "/whatsapp/$version/$session";
my @codes;


# request_code(body): the answer; its code is noted, no log may have it

sub request_code {
    my ($body, %opt) = @_;
    my $response = $t->post("$base/request_code",
        $body // { phone_number => $number }, timeout => 60, %opt);

    push @codes, $response->json->{code} if $response->status == 200;

    return $response;
}


sub state { $t->get("$base/session")->json->{state} }


# shows_qr(path of the session): waits until it has a QR code; the state may be
# "qr" while the page is still connecting, and asks for none so far

sub shows_qr {
    my ($path) = @_;

    wait_for(sub { $t->get("$path/session/qr")->status == 200 }, 60,
        'a QR code');
}


# refused(name, response, state): one test for a 409 that tells the state

sub refused {
    my ($name, $response, $state) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    graph_error($response, 409, 100, $name, details => qr/state=$state\b/);
    is($response->error->{error_data}{state}, $state, "$name: the state");
}


shows_qr($base);

# what is refused before WhatsApp is asked

graph_error(request_code({}), 400, 131008, 'no number',
    details => qr/phone_number/);
graph_error(request_code(''), 400, 131008, 'no body',
    details => qr/phone_number/);
graph_error(request_code({ phone_number => $_ }), 400, 131009,
    "a number that is none: $_", details => qr/phone_number/)
    for 'call me', '', '12345', '1' x 16, '15550000001@c.us';
graph_error(request_code({ code_method => 'PIGEON',
    phone_number => $number }), 400, 131009, 'an odd code_method');
graph_error(request_code(undef, token => $token{$_}), 403, 10,
    "a token for $_") for qw(read send);
graph_error($t->get("$base/session/qr", token => $token{$_}), 403, 10,
    "the QR code with a token for $_") for qw(read send);
is($t->get("$base/session/qr", token => $token{control})->status, 200,
    'and with one for control');
is(state(), 'qr', 'nothing of it has changed the state');

# what WhatsApp refuses

graph_error(request_code({ phone_number => '15550000010' }), 400, 131009,
    'a number without an account');
for my $case ([ IQErrorRateOverlimit => 400, 131048, qr/Too many/ ],
    [ IQErrorBadRequest => 400, 131009, qr/no code/ ],
    [ IQErrorForbidden => 400, 131009, qr/does not let/ ],
    [ IQErrorFeatureNotAvailable => 400, 131009, qr/QR code/ ],
    [ IQErrorInternalServerError => 500, 131000, qr/now/ ])
{
    my ($as, $status, $code, $details) = @$case;

    $phone->fault('refuse_code', as => $as);
    graph_error(request_code(), $status, $code, "refused: $as",
        details => $details);
    is(state(), 'qr', "$as: the state is the same");
}

# a phone that answers, asks for a passkey, and gives up

for my $case ([ primary_hello_received => 'pairing' ],
    [ passkey_prologue_request => 'passkey_required' ],
    [ shortcake_prologue_sent => 'passkey_required' ],
    [ shortcake_verification_code_ready => 'passkey_required' ],
    [ shortcake_error => 'qr' ])
{
    my ($event, $state) = @$case;

    $phone->pairing_event($event);
    ok(eval { $controller->wait_state($state) }, "$event: $state")
        or diag(state());
    refused("the QR code: $event", $t->get("$base/session/qr"), $state)
        if $state ne 'qr';
}

# a code, which expires

{
    my $response = request_code({ phone_number => $number,
        code_method => 'SMS', language => 'en_US' },
        token => $token{control});
    my $answer = $response->json;

    is($response->status, 200, 'a code') or diag($response->body);
    ok($answer->{success}, 'Meta\'s member');
    like($answer->{code}, qr/^[1-9A-Z]{4}-[1-9A-Z]{4}$/, 'in two halves');
    is($answer->{expires_in}, 180, 'for how many seconds');

    is(state(), 'pairing', 'while it stands the session is pairing');
    graph_error($t->send('15550000002', $t->canary('text')), 400, 133010,
        'a send meanwhile');
    graph_error($t->post("$base/verify_code", '{}'), 400, 133010,
        'not linked so far');
    refused('the QR code meanwhile', $t->get("$base/session/qr"), 'pairing');

    ok(!eval { $phone->pair('AAAA-AAAA') }, 'a wrong code is refused');
    like($@, qr/ 409 /, 'by WhatsApp');
    is(state(), 'pairing', 'and changes nothing');

    $phone->fault('expire_code');
    $controller->wait_state('qr', 60);
    ok(!eval { $phone->pair($answer->{code}) }, 'an expired one is refused');
    is($t->get("$base/session/qr")->status, 200, 'the QR code is back');
}

# a code stands no longer when another one was asked for, also in vain

for my $case (
    [ 'refused', { phone_number => $number }, 131048, 'refuse_code' ],
    [ 'not for this number', { phone_number => '15550000010' }, 131009 ])
{
    my ($name, $body, $error, $fault) = @$case;

    is(request_code()->status, 200, "$name: a code before");
    is(state(), 'pairing', "$name: it stands");
    $phone->fault($fault) if $fault;
    graph_error(request_code($body), 400, $error, "a second one: $name");
    is(state(), 'qr', "$name: back at the QR code");
    is($t->get("$base/session/qr")->status, 200, "$name: which is there");
}

# two codes: the second counts, and links

{
    my $first = request_code({ phone_number => 15550000001 })->json->{code};
    my $code = request_code()->json->{code};

    isnt($code, $first, 'another code');
    is(state(), 'pairing', 'pairing');
    ok(!eval { $phone->pair($first) }, 'the first is good no longer');
    ok(eval { $phone->pair(lc $code) }, 'the second is') or diag($@);
}

$controller->wait_ready;
is($t->get("$base/session")->json->{wa_id}, '15550000001', 'linked');
is($t->post("$base/verify_code", { code => '123456' })->body,
    '{"success":true}', 'as verify_code says');
refused('a code for a linked session', request_code(), 'ready');

{
    my $text = $t->canary('text');

    is($t->send('15550000002', $text)->status, 200, 'a message is sent');
    is(scalar $phone->messages(qr/\Q$text\E/), 1, 'and arrives');
}

# a session that was not there at start

{
    my $uri = "/whatsapp/$version/$second";
    my $third = '/whatsapp/1000000003';

    graph_error($t->get("$uri/session"), 404, 100, 'a session to be made');
    graph_error($t->post("$uri/register", '{}', token => $token{read}), 403,
        10, 'not with a token for reading');
    is($t->post("$uri/register", { messaging_product => 'whatsapp',
        pin => '000000' })->status, 200, 'registered');
    shows_qr($uri);
    like($t->get("$uri/session/qr", headers => { Accept => 'text/plain' })
        ->body, qr/\xe2\x96\x88/, 'its QR code');
    is(state(), 'ready', 'the first one is as it was');

    $phone->scan;
    $controller->wait_ready(60, $second);

    my $text = $t->canary('text');

    is($t->post("$uri/messages", { messaging_product => 'whatsapp',
        to => '15550000003', type => 'text', text => { body => $text } })
        ->status, 200, 'a message is sent by it');
    is(scalar $phone->messages(qr/\Q$text\E/), 1, 'and arrives');
    my $file = $t->write_file('client/a.txt', 'A file.');
    my ($status, $output) = $t->command(['curl', '-sS', '-F',
        'messaging_product=whatsapp', '-F', "file=\@$file;type=text/plain",
        '-H', 'Authorization: Bearer ' . $t->token,
        'http://127.0.0.1:' . $t->port . "$uri/media"]);

    is($t->post("$uri/messages", { messaging_product => 'whatsapp',
        to => '15550000003', type => 'document', document =>
            { id => $output =~ /"id":"([^"]+)"/ ? $1 : $output } })->status,
        200, 'and so is a file');
    is_deeply([ map { $_->{id} }
        @{ $t->get('/whatsapp/1/phone_numbers')->json->{data} } ],
        [ @neighbours, $session, $second ], 'both are listed');

    is($t->post("$uri/register", '')->status, 200, 'registered again');
    graph_error($t->post("$third/register", '{}'), 403, 10,
        'no more than --max-sessions');
    graph_error($t->get("$third/session"), 404, 100, 'it was not made');
}

is($controller->request('POST', "/v1/sessions/$_/start")->status, 404,
    "no session by the name of \"$_\"") for 'x', '1' x 16, '', '1x';

# codes are secrets

{
    my $codes = join '|', map { ($_, s/-//r) } @codes;

    unlike($t->error_log . $t->access_log . $controller->log, qr/$codes/,
        'no log has a code');
}

$t->done();
