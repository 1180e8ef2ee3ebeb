#!/usr/bin/perl

# The calls of the BETA service: a text is sent by a GET of a browser or by a
# form, and a webhook passes on what one number writes, once its owner has
# agreed to it in WhatsApp.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller(args => [ '--allow-webhook-net',
        '127.0.0.0/8' ], sessions => [ $session, '1000000002' ]);
my $receiver = Test::Whatsapp::Receiver->start($t, 'beta');
my $limited = $t->canary('token');
my $from = '15550000002';
my $form = 'application/x-www-form-urlencoded';
my $conf = $t->default_conf;

$conf =~ s{(whatsapp_tokens .*;)}{$1\n whatsapp_beta_api on;};
$conf =~ s{(location /whatsapp/ )}{location /plain/ {
            whatsapp_pass whatsapp;
            whatsapp_auth off;
        }

        location /short {
            error_page 418 = /whatsapp/send?number=\$http_x_to&msg=short;
            return 418;
        }

        location /open/ {
            whatsapp_pass whatsapp;
            whatsapp_auth off;
            whatsapp_beta_api on phone_number_id=$session;
        }

        $1};

$t->write_file('nginx/tokens', sha256_hex($t->token) . "\n"
    . sha256_hex($limited) . " phone_number_id=$session\n");
$t->run($conf);
$controller->wait_ready;


sub escaped { return $_[0] =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger }


# get(path, arguments): as a browser does it

sub get {
    my ($path, %arg) = @_;

    return $t->get("/whatsapp/$path?" . join('&', map {
            "$_=" . escaped($arg{$_}) } sort keys %arg)
        . "&access_token=$limited", token => undef);
}


sub post {
    my ($path, $body, %opt) = @_;

    return $t->post("/whatsapp/$path", $body, token => $limited,
        headers => { 'Content-Type' => $form }, %opt);
}


# the texts that the account has sent

sub sent { return map { $_->{body} } $phone->messages }

sub is_sent {
    my ($name, $response, $text) = @_;
    my $answer = $response->json;

    is($response->status, 200, "$name: 200")
        or diag($response->head_and_body);
    like($answer->{messages}[0]{id}, qr/^wamid\./, "$name: with an id");
    is((sent())[-1], $text, "$name: and the text has arrived");
}


# sending

my $text = $t->canary('text');

is_sent('by GET', get('send', number => "+$from", msg => "$text & more? #1",
        method => 'whatsapp'), "$text & more? #1");
is_sent('a plus that is not escaped', $t->get("/whatsapp/send?number=+$from"
        . "&msg=a+b%2Bc&access_token=$limited", token => undef), 'a b+c');
is_sent('by a form', post('send', "number=$from&msg=from+a+form"),
    'from a form');
is_sent('by JSON', post('send', encode_json({ number => 15550000002,
                msg => 'from JSON' }),
        headers => { 'Content-Type' => 'application/json' }), 'from JSON');
is_sent('a text that looks like JSON', post('send',
        "number=$from&msg=" . escaped('{"a":[1]}')), '{"a":[1]}');
is_sent('the same by GET', get('send', number => $from, msg => '[1]'), '[1]');
is_sent('with a version', $t->get("/whatsapp/v21.0/send?number=$from&msg=v"
        . "&access_token=$limited", token => undef), 'v');
is_sent('with the number in the arguments', $t->get('/whatsapp/send?number='
        . "$from&msg=named&phone_number_id=$session"), 'named');
is_sent('of the location', $t->get("/open/send?number=$from&msg=open",
        token => undef), 'open');

is_sent('by a redirect', $t->get("/short?access_token=$limited",
        token => undef, headers => { 'X-To' => $from }), 'short');

# a repeat with the same key is the same message

my $count = () = sent();
my @ids = map {
    $t->get("/whatsapp/send?number=$from&msg=once&access_token=$limited",
        token => undef, headers => { 'Idempotency-Key' => 'beta-1' })
        ->json->{messages}[0]{id}
} 1, 2;

is($ids[0], $ids[1], 'a key makes a repeated GET the same send');
is(scalar(() = sent()), $count + 1, 'which is sent once');


# refusals

sub refuses {
    my ($name, $status, $code, $response) = @_;

    is($response->status, $status, "$name: $status");
    is($response->json->{error}{code}, $code, "$name: code $code");
}

$count = () = sent();
refuses('no token', 401, 190, $t->get("/whatsapp/send?number=$from&msg=a",
        token => undef));
refuses('no number', 400, 131008, get('send', msg => 'a'));
refuses('no text', 400, 131008, get('send', number => $from));
refuses('an empty text', 400, 131009, get('send', number => $from,
        msg => ''));
refuses('a number that is none', 400, 131009, get('send',
        number => 'nobody', msg => 'a'));
refuses('a group', 400, 131009, get('send', number => '120363@g.us',
        msg => 'a'));
refuses('another method', 400, 131009, get('send', number => $from,
        msg => 'a', method => 'sms'));
refuses('too long a text', 400, 131009, post('send', "number=$from&msg="
        . 'x' x 4097));
refuses('a number twice', 400, 100, $t->get("/whatsapp/send?number=$from&"
        . "number=$from&msg=a&access_token=$limited", token => undef));
refuses('another session than the token is for', 403, 10, get('send',
        number => $from, msg => 'a', phone_number_id => '1000000002'));
refuses('a token for all sessions', 400, 131008, $t->get('/whatsapp/send?'
        . "number=$from&msg=a"));
refuses('a session that is none', 400, 131009, get('send', number => $from,
        msg => 'a', phone_number_id => '../1'));
refuses('another method of HTTP', 405, 100,
    $t->request('DELETE', "/whatsapp/send?number=$from&msg=a"));
is($t->request('HEAD', "/whatsapp/send?number=$from&msg=a")->status, 405,
    'HEAD, which programs send by themselves, sends nothing');
refuses('a location without these calls', 404, 100,
    $t->get("/plain/send?number=$from&msg=a", token => undef));
refuses('its webhooks', 404, 100,
    $t->get("/plain/webhook?number=$from&webhook=http://a/",
        token => undef));

# a link that a browser fetches before somebody follows it

for my $row (['Sec-Purpose', 'prefetch'], ['Sec-Purpose', 'prefetch;prerender'],
    ['sec-purpose', 'Prefetch;anonymous-client-ip'], ['Purpose', 'prefetch'],
    ['X-Purpose', 'preview'], ['X-Moz', 'prefetch'])
{
    my %headers = ($row->[0] => $row->[1]);

    refuses("$row->[0]: $row->[1]", 425, 131016,
        $t->get("/whatsapp/send?number=$from&msg=early&access_token=$limited",
            token => undef, headers => \%headers));
}

refuses('nor is a webhook set', 425, 131016,
    $t->get("/whatsapp/webhook?number=$from&webhook=http://127.0.0.1/"
        . "&access_token=$limited", token => undef,
        headers => { 'Sec-Purpose' => 'prefetch' }));
is(scalar(() = sent()), $count, 'nothing of that was sent');
is_sent('what somebody follows', $t->get("/whatsapp/send?number=$from"
        . "&msg=now&access_token=$limited", token => undef,
        headers => { 'Sec-Fetch-User' => '?1', 'Purpose' => '' }), 'now');


# webhooks

sub hook {
    my ($url, %arg) = @_;

    return get('webhook', number => "+$from", webhook => $url,
        method => 'whatsapp', %arg);
}


# hits(n): the URIs of the first n requests, when they have come

sub hits {
    my ($n) = @_;

    eval { wait_for(sub { (() = $receiver->requests) >= $n }, 60) };
    return map { $_->{uri} } $receiver->requests;
}

sub wait_sent {
    my ($regex) = @_;

    return eval { wait_for(sub { ((sent())[-1] // '') =~ $regex }, 60) };
}

# told(): how many messages have come so far

sub told {
    return $controller->metric('whatsapp_events_total',
        "session=\"$session\",type=\"messages\"");
}

my $all = 'hook?t=?msg?&f=?from?&i=?msgid?&r=?reaction?&k=?type?';
my $answer = hook($receiver->url($all));

is($answer->status, 200, 'a webhook is registered')
    or diag($answer->head_and_body);
like($answer->json->{message}, qr/AUTHORIZE/, 'and waits for its owner');

$phone->write($from, 'too early');
$phone->write('15550000003', 'AUTHORIZE');
$phone->write($from, " authorize\n");
ok(wait_sent(qr/^The webhook is on: .* passed to 127\.0\.0\.1:\d+\. Write/),
    'the owner switches it on, and is told the host');
unlike((sent())[-1], qr/msg|from/, 'and no more of the URL');

$phone->write($from, "h\xe9llo & ?from? 100%");
$phone->write('15550000003', 'from somebody else');
$phone->write($from, 'second');

my @hits = hits(2);
like($hits[0], qr{^/hook\?t=h%C3%A9llo%20%26%20%3Ffrom%3F%20100%25&f=$from
    &i=wamid\.[\w-]+&r=&k=message$}x, 'what the owner writes is passed on');
like($hits[1], qr/t=second&/, 'in order');
is(scalar @hits, 2, 'and nothing else');

like(hook($receiver->url($all))->json->{message}, qr/is on/,
    'a repeat leaves it on');

my $id = get('send', number => $from, msg => 'to react to')
    ->json->{messages}[0]{id};
my ($target) = map { $_->{id} } grep { ($_->{body} // '') eq 'to react to' }
    $phone->messages;
$phone->api('POST', '/api/react', { from => $from, target => $target,
        emoji => "\x{1f44d}" });
is((hits(3))[2], "/hook?t=&f=$from&i=$id&r=%F0%9F%91%8D&k=reaction",
    'so is a reaction');

# a receiver in trouble

$receiver->rules({ status => 500, times => 2 });
$phone->write($from, 'tried three times');
$phone->write($from, 'behind it');
@hits = hits(7);
is(scalar(grep { /t=tried/ } @hits), 3, 'an error is tried again');
like($hits[-1], qr/t=behind/, 'before what comes later');

$receiver->rules({ match => 'given', status => 500 },
    { match => 'moved', status => 302,
        headers => { Location => $receiver->url('elsewhere') }, times => 1 });
$phone->write($from, 'given up');
$phone->write($from, 'moved');
@hits = hits(12);
is(scalar(grep { /t=given/ } @hits), 3, 'three times at most');
is(scalar(grep { /t=moved/ } @hits), 2, 'a redirect is an error');
is(scalar(grep { /elsewhere/ } @hits), 0, 'and is not followed');

$receiver->clear;
$phone->write($from, 'WEBHOOK DELETE');
ok(wait_sent(qr/^The webhook is off/), 'the owner switches it off');

my $told = told();

$phone->write($from, 'not passed on');
$phone->write($from, 'AUTHORIZE');
$phone->write($from, 'nor this');
wait_for(sub { told() == $told + 3 }, 60, 'three messages');
hook($receiver->url('again?t=?msg?'));
$phone->write($from, 'AUTHORIZE');
ok(wait_sent(qr/is on/), 'another one can be switched on');
$phone->write($from, 'passed on again');
is_deeply([ hits(1) ], [ '/again?t=passed%20on%20again' ],
    'and is the only one then');

for my $case (
    [ 'no scheme' => 'example.org/?t=?msg?' ],
    [ 'another scheme' => 'ftp://example.org/?msg?' ],
    [ 'a message as the host' => 'http://?msg?.example.org/' ],
    [ 'a message behind the host' => 'http://example.org?msg?' ],
    [ 'a user in it' => 'http://a:b@example.org/?msg?' ],
    [ 'blanks' => 'http://example.org/ ?msg?' ],
    [ 'more than it may have' => 'http://example.org/' . 'a' x 2048 ],
) {
    refuses($case->[0], 400, 131009, hook($case->[1]));
}

# what nginx logs, also where names are escaped, and behind a fragment's mark

get('send', 'n%75mber' => $from, 'm%73g' => $text);
$t->get("/whatsapp/send?number=$from&msg=a#$text&access_token=$limited",
    token => undef);

unlike($t->access_log, qr/$from|\Q$text\E|15550000003|msgid/,
    'no argument is in the log');
like($t->access_log, qr{GET /whatsapp/send\?msg=\*+&number=\*+},
    'where each is masked');

$t->done();
