#!/usr/bin/perl

# Callback URLs that clients set: the challenge, who may set one, what is kept
# over a restart, and the secret while it changes.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;

my $t = Test::Whatsapp->new();
my ($new, $old, $word) = map { $t->canary($_) } qw(new old word);
my $other = '1000000002';
my $closed = '1000000003';
my %token = map { $_ => $t->canary("token$_") } qw(read one);
my $tokens = $t->tokens($t->token);

open my $fh, '>>', $tokens or die "open $tokens: $!\n";
print {$fh} sha256_hex($token{read}) . " scope=read\n"
    . sha256_hex($token{one}) . " phone_number_id=$other\n";
close $fh;

my $receiver = Test::Whatsapp::Receiver->start($t, 8090);
my $operators = Test::Whatsapp::Receiver->start($t, 8091);
my $webhooks = webhooks();

$t->run($t->default_conf);

my $controller = $t->controller(
    chromium => $t->stage('chrome-told', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/', sessions => [$session, $other, $closed],
    args => ['--config', $webhooks, '--allow-webhook-net', '127.0.0.1']);
$controller->wait_state('ready', 60);
$controller->wait_state('ready', 60, $other);


# ==== the challenge ====

my $url = $receiver->url('hook?a=b');

for my $case (
    [ 'the text', { }, undef ],
    [ 'the text and white space', { body => "\$\r\n" }, undef ],
    [ 'another text', { body => '1' }, qr/did not answer with/ ],
    [ 'the text and more', { body => '$1' }, qr/did not answer with/ ],
    [ 'another status', { status => 201 }, qr/another status/ ],
    [ 'a redirect', { status => 302, headers => { Location => '/x' } },
        qr/another status/ ],
    [ 'no answer', { close => JSON::PP::true }, qr/connection/ ],
) {
    my ($name, $rule, $wrong) = @$case;
    my $response;

    unset($session);
    $receiver->rules({ %$rule, match => '^GET' });
    $response = set($session, $url);

    if (!$wrong) {
        is($response->status, 200, "a URL is set: $name");
        is(shown($session), $url, 'and shown');
        next;
    }

    graph_error($response, 400, 2200, "a URL is not set: $name",
        title => 'Callback verification failed', details => $wrong);
    is(shown($session), undef, 'and nothing is changed');
}

$receiver->rules();

my ($asked) = $receiver->requests;

like($asked->{uri}, qr/^\/hook\?a=b&hub\.mode=subscribe
    &hub\.verify_token=\Q$word\E&hub\.challenge=\d{10}$/x,
    'the challenge has the token of the client');

graph_error(set($session, 'http://127.0.0.1:9/'), 400, 2200, 'nobody there',
    details => qr/no connection/);
graph_error(set($session, 'http://127.0.0.2/'), 400, 2200,
    'an address that is not allowed', details => qr/not allowed/);
graph_error(set($session, 'http://u:p@127.0.0.1/'), 400, 131009,
    'a URL with a password');
graph_error(set($session, "$url#x"), 400, 131009, 'a URL with a fragment');
graph_error($t->post(path($session), { override_callback_uri => $url }),
    400, 131008, 'no verify_token');
graph_error($t->post(path($session), { verify_token => 'x' }),
    400, 131008, 'no override_callback_uri');
graph_error(set($closed, $url), 403, 10,
    'a URL where the operator allows none', details => qr/operator/);
graph_error(set($session, $url, token => $token{read}), 403, 10,
    'a URL by a token of another scope');
graph_error(set($session, $url, token => $token{one}), 403, 10,
    'a URL by a token of another session');


# ==== where events go ====

arrive($session, ['c', 'first']);
is_deeply([$operators->wait_taken(1)], ['first'],
    'events go to the URL of the operator');

set($session, $url);
arrive($session, ['c', 'second']);
is_deeply([$receiver->wait_taken(1)], ['second'], 'and to that of a client');
is($t->get("/whatsapp/$version/$session/session")->json->{webhook}{override},
    JSON::PP::true, 'which the session shows');

# a number that is none of a session, and a token of one session only

is(set('99', $url, token => $token{one})->status, 200,
    'a URL for all sessions of a token');
is(shown($other), $url, 'is set for those');

my $kept = $t->dir . '/state/webhooks.json';

is((stat $kept)[2] & 0777, 0600, 'the file of URLs is for its owner');
unlike($t->read_file('state/webhooks.json'), qr/\Q$word\E/,
    'and has no verify token');

$controller->process->stop;
$controller->restart;
$controller->wait_state('ready', 60);
is(shown($session), $url, 'a restart keeps the URL');
$receiver->clear;
arrive($session, ['c', 'third']);
is(($receiver->wait_taken(1))[-1], 'third', 'and events go there');
is(scalar(grep { $_->{method} eq 'GET' } $receiver->requests), 0,
    'without another challenge');

$operators->clear;
is($t->request('DELETE', path($session))->status, 200, 'it is removed');
is(shown($session), undef, 'and not shown any more');
arrive($session, ['c', 'fourth']);
is(($operators->wait_taken(1))[-1], 'fourth', 'events go to the operator');
is($t->request('POST', path($session))->status, 200,
    'to subscribe needs no body');


# ==== the secret while it changes ====

for my $case (
    [ 'the new secret', { secret => $new }, 1 ],
    [ 'the old secret', { secret => $old }, 2 ],
    [ 'the old secret still', { secret => $old }, 1 ],
    [ 'the new secret again', { secret => $new }, 2 ],
) {
    my ($name, $rule, $tries) = @$case;

    $operators->clear;
    $operators->rules($rule);
    arrive($session, ['c', $name]);
    is_deeply([$operators->wait_taken(1, 60)], [$name],
        "a receiver that knows $name takes it");
    is(scalar $operators->deliveries, $tries, "at try $tries");
}

# a file that forbids what was allowed before

set($other, $url);
$controller->process->stop;
webhooks('overrides = off');
$controller->restart;
is(shown($other), undef, 'what the operator forbids is not used');
graph_error(set($other, $url), 403, 10, 'and not set again');

$t->done();


sub webhooks {
    my ($more) = @_;
    my $path = $t->write_file('app/controller.conf', join "\n", '[session *]',
        "app_secret = $new", "previous_app_secret = $old", $more // '',
        "[session $session]", 'url = ' . $operators->url, "[session $closed]",
        'overrides = off', '');

    chmod 0600, $path;

    return $path;
}


sub path { "/whatsapp/$version/$_[0]/subscribed_apps" }


sub set {
    my ($id, $to, %opt) = @_;

    return $t->post(path($id), { override_callback_uri => $to,
        verify_token => $word }, %opt);
}


sub unset { $t->request('DELETE', path($_[0])) }


sub shown { $t->get(path($_[0]))->json->{data}[0]{override_callback_uri} }


sub arrive { Test::Whatsapp::Receiver::arrive($t, @_) }
