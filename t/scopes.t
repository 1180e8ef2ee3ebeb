#!/usr/bin/perl

# What a token is good for: scopes and phone_number_ids of the file of tokens,
# from both sides, and the tool that makes tokens.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
my $other = '1000000002';
my %token;


# ==== the file ====

sub write_tokens {
    my (%limits) = @_;

    $t->write_file('nginx/tokens', join '', map {
        $token{$_} //= $t->canary('token');
        sha256_hex($token{$_}) . "$limits{$_}\n"
    } sort keys %limits);
}


sub check_file {
    my ($line, $message) = @_;
    my ($status, $output);

    $t->write_file('nginx/tokens', $line);
    ($status, $output) = $t->nginx_t;

    return ok(!$status, 'taken: ' . substr $line, 64) || diag($output)
        if !defined $message;

    ok($status && $output =~ /\[emerg\] $message/, 'refused: '
        . substr $line, 64) or diag($output);
    unlike($output, qr/canary|aaaa/, 'nothing of the line is logged');
}


my $digest = 'a' x 64;

$t->allow_alert(qr/\[emerg\]/);

check_file("$digest $_\n") for 'scope=send', 'scope=send,read,control',
    'scope=read scope=send', 'phone_number_id=1', 'phone_number_id=1,2 # x',
    " \t scope=read\tphone_number_id=" . '1' x 15, 'scope=send #scope=x',
    "scope=send\r";
check_file("\n$digest $_->[0]\n", "line 2 of \"\\S+\" has $_->[1]")
    for ['scope=', 'a scope'], ['scope=send,', 'a scope'],
    ['scope=,send', 'a scope'], ['scope=SEND', 'a scope'],
    ['scope=canary', 'a scope'], ['scope=send;read', 'a scope'],
    ['phone_number_id=', 'a phone_number_id'],
    ['phone_number_id=1,', 'a phone_number_id'],
    ['phone_number_id=x', 'a phone_number_id'],
    ['phone_number_id=' . '1' x 16, 'a phone_number_id'],
    ['scopes=send', 'something other'], ['Scope=send', 'something other'],
    ['scope send', 'something other'], ['canary', 'something other'],
    ['scope=send x', 'something other'];
check_file("$digest\n# x\n\n" . uc($digest) . " scope=read\n",
    'lines 1 and 4 of "\\S+" have the same digest');

# ==== requests ====

write_tokens(all => '', send => ' scope=send', read => ' scope=read',
    control => ' scope=control', both => ' scope=send,read  # x',
    own => " phone_number_id=$session", foreign => " phone_number_id=$other",
    several => " phone_number_id=$other,$session",
    narrow => " scope=read phone_number_id=$session");
$t->run();

my $messages = "/whatsapp/$version/$session/messages";
my $text = text_message('15550000002', $t->canary('text'));
my $read = { status => 'read', message_id => 'wamid.QQ' };
my $waba = "/whatsapp/$version/102290129340398/message_templates";

# what is asked for: method, URI, body; the scope that it takes

my %requests = (
    'a message'  => ['POST', $messages, $text, 'send'],
    'a read'     => ['POST', $messages, $read, 'read'],
    'a number'   => ['GET', "/whatsapp/$version/$session", undef, 'read'],
    'a session'  => ['GET', "/whatsapp/$session/session", undef,
        'read|control'],
    'templates'  => ['GET', $waba, undef, 'read'],
    'contacts'   => ['POST', "/whatsapp/$session/contacts",
        { contacts => ['+15550000003'] }, 'read'],
    'a profile'  => ['POST', "/whatsapp/$session/whatsapp_business_profile",
        { messaging_product => 'whatsapp', about => $t->canary('text') },
        'control'],
    'a register' => ['POST', "/whatsapp/$session/register",
        { messaging_product => 'whatsapp', pin => '123456' }, 'control'],
);
my %scopes = (all => 'send read control', send => 'send', read => 'read',
    control => 'control', both => 'send read');


sub ask {
    my ($name, $token) = @_;
    my ($method, $uri, $body) = @{ $requests{$name} };

    return $t->request($method, $uri, token => $token,
        defined $body ? (body => $body) : ());
}


for my $name (sort keys %requests) {
    my $scope = $requests{$name}[3];

    for my $token (sort keys %scopes) {
        $fake->forget;

        if ($scopes{$token} =~ /\b(?:$scope)\b/) {
            isnt(ask($name, $token{$token})->status, 403,
                "$name with the token \"$token\"");
            next;
        }

        graph_error(ask($name, $token{$token}), 403, 10,
            "$name with the token \"$token\"",
            details => qr/lacks the scope "(?:send|$scope)"/);
        is(scalar $fake->requests, 0, 'it does not reach the controller');
    }
}

is(ask('a message', $token{send})->status, 200, 'a message is sent');
is(ask('a read', $token{read})->status, 200, 'a read is marked');

# phone_number_ids

for my $token (qw(own several narrow)) {
    is(ask('a number', $token{$token})->status, 200,
        "a number of the token \"$token\"");
}

graph_error(ask($_, $token{foreign}), 403, 10, "$_ of another number",
    details => qr/not for this phone_number_id/)
    for 'a message', 'a read', 'a number', 'a session';
graph_error(ask('a message', $token{narrow}), 403, 10,
    'a message without the scope', details => qr/lacks the scope/);
is(ask('templates', $token{foreign})->status, 200,
    'what is of no number is for all numbers');
graph_error($t->get("/whatsapp/$version/nothing", token => $token{foreign}),
    404, 100, 'what does not exist');
graph_error($t->get("/whatsapp/$other/messages", token => $token{own}), 405,
    100, 'a method that is not allowed');

# the scope is checked before the body, as far as it can be

{
    my $connection = $t->connect;

    $connection->write("POST $messages HTTP/1.1\r\nHost: localhost\r\n"
        . "Authorization: Bearer $token{control}\r\n"
        . "Content-Length: 1000\r\n\r\n");
    graph_error($connection->response(timeout => 5), 403, 10,
        'the scope is checked before the body arrives');
}

is($t->post("$messages?access_token=$token{send}", $text,
    token => undef)->status, 200, 'a token in the arguments');
graph_error($t->post("$messages?access_token=$token{read}", $text,
    token => undef), 403, 10, 'one without the scope');
is($t->get("/whatsapp/$_", token => $token{send})->status, 200,
    "/$_ needs no scope") for qw(healthz readyz);

# a reload takes what has changed

write_tokens(all => ' scope=read', send => '');
$t->reload;
graph_error(ask('a message', $token{all}), 403, 10, 'a scope that was added');
is(ask('a number', $token{send})->status, 200, 'a scope that was removed');
graph_error(ask('a message', $token{both}), 401, 190, 'a token that is gone');

$t->done();
