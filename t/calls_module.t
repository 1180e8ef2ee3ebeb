#!/usr/bin/perl

# Calls beside messages, in the module: what each asks of the controller, what
# it takes and refuses, and what set-up pages of products want to see.

use strict;
use warnings;

use Digest::SHA;
use FindBin;
use JSON::PP;
use Socket qw(SOL_SOCKET SO_RCVBUF);
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
my $json = JSON::PP->new->utf8->canonical;

my %token = map { $_ => $t->canary("token$_") } qw(send read control one two);
my $tokens = $t->tokens($t->token);

open my $fh, '>>', $tokens or die "open $tokens: $!\n";
print {$fh} Digest::SHA::sha256_hex($token{$_}) . " scope=$_\n"
    for qw(send read control);
print {$fh} Digest::SHA::sha256_hex($token{one})
    . " phone_number_id=1000000002\n"
    . Digest::SHA::sha256_hex($token{two})
    . " phone_number_id=1000000002,1000000003\n";
close $fh;

$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:8080;
        listen 127.0.0.1:8082 sndbuf=4k;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
        }

        location /free/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
        }
    }
}
END

my $base = "/whatsapp/$version/$session";
my $waba = '123456789012345678';
my $account = "/whatsapp/$version/$waba";


# asked(): method, path and call of the only request at the controller

sub asked {
    my @requests = $fake->requests;
    my ($request, $body);

    return scalar(@requests) . ' requests' if @requests != 1;

    $request = $requests[0];
    $body = $request->{body} ? $json->decode($request->{body}) : undef;

    return "$request->{method} $request->{path}" if !$body;
    return $body->{method} . ' ' . $json->encode($body->{params});
}


# does(name, method, path, body, what the controller is asked)

sub does {
    my ($name, $method, $path, $body, $expected) = @_;
    my $response;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $fake->forget;
    $response = $t->request($method, $path =~ m{^/} ? $path : "$base/$path",
        defined $body ? (body => $body) : ());
    is($response->status, 200, $name) or diag($response->head_and_body);
    is(asked(), $expected, "$name: the call") if defined $expected;

    return $response;
}


sub refuses {
    my ($name, $method, $path, $body, $code) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $fake->forget;
    graph_error($t->request($method, "$base/$path", body => $body), 400,
        $code, "$name is refused");
    is(scalar $fake->requests, 0, "$name never reaches the controller");
}


# numbers

does('a number check', 'POST', 'contacts',
    { blocking => 'wait', contacts => ['+1 555 000 0002', 15550000003] },
    'contacts.check {"contacts":["+1 555 000 0002","15550000003"]}');
does('a check of what is no number', 'POST', 'contacts',
    { contacts => ['nobody'], force_check => JSON::PP::true },
    'contacts.check {"contacts":["nobody"]}');
refuses("a check of $_", 'POST', 'contacts', "{\"contacts\":[\"nobody\",$_]}",
    131009)
    for '"-15550000002"', '-15550000002', '"15550000002.0"', '"1555000000.2"',
    '15550000002.0', '"+-15550000002"', '"\\u221215550000002"';
refuses('no contacts', 'POST', 'contacts', '{}', 131008);
refuses('an empty list', 'POST', 'contacts', '{"contacts":[]}', 131009);
refuses('51 contacts', 'POST', 'contacts',
    { contacts => [ ('1') x 51 ] }, 131009);
refuses('an object as a contact', 'POST', 'contacts',
    '{"contacts":[{}]}', 131009);
refuses('an odd blocking', 'POST', 'contacts',
    '{"contacts":["1"],"blocking":"perhaps"}', 131009);
refuses('no body', 'POST', 'contacts', '', 100);

# profile

does('the profile', 'GET', 'whatsapp_business_profile?fields=about,email',
    undef, 'profile.get {"fields":"about,email"}');
does("the profile by $_", 'GET', "whatsapp_business_profile?fields=$_",
    undef, 'profile.get {"fields":"about,email{x}"}')
    for 'about,%20email{x}', 'about,+email{x}', '%20about%09,%09email{x}%20';
refuses("the profile by $_", 'GET', "whatsapp_business_profile?fields=$_",
    undef, 100) for 'about%20email', 'about+email', 'a%c2%a0b';
does('a new profile', 'POST', 'whatsapp_business_profile',
    { messaging_product => 'whatsapp', about => "\x{20ac}",
        websites => ['https://example.com/'] },
    $json->decode('["profile.set {\"about\":\"\u20ac\",\"websites\":'
        . '[\"https://example.com/\"]}"]')->[0] =~ s/(\x{20ac})/
            my $e = $1; utf8::encode($e); $e/er);
refuses('an empty about', 'POST', 'whatsapp_business_profile',
    '{"about":""}', 131009);
does('an empty address', 'POST', 'whatsapp_business_profile',
    '{"address":"","email":null}', 'profile.set {"address":""}');
refuses('what no profile has', 'POST', 'whatsapp_business_profile',
    '{"about":"x","colour":"blue"}', 131009);
refuses('an empty profile', 'POST', 'whatsapp_business_profile',
    '{"messaging_product":"whatsapp"}', 131008);
refuses('a long about', 'POST', 'whatsapp_business_profile',
    { about => 'x' x 140 }, 131009);
refuses('three websites', 'POST', 'whatsapp_business_profile',
    { websites => [('https://example.com/') x 3] }, 131009);
refuses("a $_->[0]", 'POST', 'whatsapp_business_profile', encode({@$_}),
    131009) for [ email => '@example.com' ], [ email => 'a@b@c' ],
    [ vertical => 'NONE' ], [ websites => ['ftp://example.com/'] ],
    [ profile_picture_handle => 'x y' ];

# block list

my $blocked = { messaging_product => 'whatsapp', block_users => [
    { user => '+1 555 000 0002' }, { user => 15550000003 } ] };
my $users = '{"users":["+1 555 000 0002","15550000003"]}';

does('the block list', 'GET', 'block_users', undef,
    qq(block.list {"limit":1000,"url":"http://localhost$base/block_users"}));
does('a page of it', 'GET', 'block_users?limit=5&after=' . 'A' x 60, undef,
    'block.list {"after":"' . 'A' x 60 . '","limit":5,'
        . qq("url":"http://localhost$base/block_users"}));
refuses("a page of it by $_", 'GET', "block_users?$_", undef, 100)
    for 'limit=0', 'after=1234567';
does('to block', 'POST', 'block_users', $blocked, "block.add $users");
does('to unblock', 'DELETE', 'block_users', $blocked,
    "block.remove $users");
refuses('to block nobody', 'POST', 'block_users',
    '{"block_users":[]}', 131009);
refuses('to block 1001', 'POST', 'block_users', { block_users => [
    map { { user => 15550000100 + $_ } } 1 .. 1001 ] }, 131009);
is($t->request($_, "$base/block_users", body => { block_users => [
    map { { user => 15550000100 + $_ } } 1 .. 1000 ] })->status, 200,
    "$_ for 1000") for 'POST', 'DELETE';

# what the controller could not do for anybody

for my $method ('POST', 'DELETE') {
    my %failed = (failed_users => [ map { { input => "+1555$_", errors => [
        { message => 'x' x 200, code => 131026,
            error_data => { details => 'x' x 200 } } ] } } 1 .. 1000 ]);
    my ($response, $error);

    $fake->next({ status => 207, body => { messaging_product => 'whatsapp',
        block_users => { added_users => [], %failed } } });
    $response = $t->request($method, "$base/block_users", body => $blocked);
    graph_error($response, 400, 139100, "$method for nobody",
        title => 'Failed to block/unblock users');
    is_deeply($response->json->{block_users}, { added_users => [], %failed },
        'and why for each of 1000');
    is($response->json->{messaging_product}, 'whatsapp', 'and all the rest');
}

refuses('to block a name', 'POST', 'block_users',
    '{"block_users":[{"user":"Eve"}]}', 131009);
refuses("to block $_", 'POST', 'block_users',
    "{\"block_users\":[{\"user\":$_}]}", 131009)
    for '"-15550000002"', '-15550000002', '"15550000002.0"', '15550000002.0';
does('to block a pasted number', 'POST', 'block_users',
    '{"block_users":[{"user":"\\u202a+1\\u00a05550000002\\u202c"}]}',
    "block.add {\"users\":[\"\xe2\x80\xaa+1\xc2\xa05550000002\xe2\x80\xac\"]}");
refuses('to block without user', 'DELETE', 'block_users',
    '{"block_users":[{}]}', 131008);

# linking

for my $body ('', '{}', { messaging_product => 'whatsapp', pin => '123456' },
    { pin => 123456, data_localization_region => 'CH' })
{
    does('to register', 'POST', 'register', $body,
        "POST /v1/sessions/$session/start");
}

refuses('a bad pin', 'POST', 'register', '{"pin":"12345"}', 131009);
does('to deregister', 'POST', 'deregister', '',
    "POST /v1/sessions/$session/logout");
does('to ask for a code', 'POST', 'request_code',
    { code_method => 'SMS', language => 'en_US',
        phone_number => '+15550000001' },
    'session.request_code {"phone_number":"+15550000001"}');
refuses('to ask for a code without a number', 'POST', 'request_code', '',
    131008);
refuses('an odd code_method', 'POST', 'request_code',
    '{"code_method":"PIGEON"}', 131009);

refuses("to verify the code $_", 'POST', 'verify_code', "{\"code\":$_}",
    131009) for '-123456', '"-123456"', '"123456-"', '"123456.0"', '"x"';
refuses("a code for $_", 'POST', 'request_code', "{\"phone_number\":$_}",
    131009) for '-15550000002', '"15550000002.0"', '"-15550000002"';
does('to verify a code', 'POST', 'verify_code', { code => '123456' },
    'session.linked {}');
$fake->next({ status => 400, body => { error => { outcome => 'not_sent',
    code => 'session_not_linked', message => 'The phone is not linked' } } });
graph_error($t->post("$base/verify_code", '{"code":"1"}'), 400, 133010,
    'a code for a session that is not linked');

# the QR code: the controller chooses its form

for my $accept ('text/html, image/svg+xml;q=0.9, */*;q=0.8', 'x', undef) {
    my $response;

    $fake->forget;
    $fake->next({ body => 'x', headers => { 'Content-Type' => 'x/y' } });
    $response = $t->get("$base/session/qr",
        headers => { Accept => $accept });
    is(($fake->requests)[0]{headers}{accept}, $accept,
        'a QR code, Accept: ' . ($accept // 'missing'));
    is(($fake->requests)[0]{path}, "/v1/sessions/$session/qr", 'its path');
    is($response->header('Content-Type'), 'x/y', 'its type');
}

$fake->next({ status => 409, body => { error => { code => 'not_in_qr_state',
    message => 'No code.', outcome => 'not_sent', state => 'ready' } } });
graph_error($t->get("$base/session/qr"), 409, 100, 'no QR code now',
    details => qr/^No code\. state=ready$/);

for my $odd ('"', 'A', 'x' x 33, 1) {
    $fake->next({ status => 409, body => { error => {
        code => 'not_in_qr_state', message => 'No code.',
        outcome => 'not_sent', state => $odd } } });
    graph_error($t->get("$base/session/qr"), 409, 100, 'an odd state',
        details => qr/^No code\.$/);
}

# accounts: any number will do

# lists(query, params, %opt): the call that a list of phone numbers makes

sub lists {
    my ($query, $params, %opt) = @_;
    my $uri = $opt{uri} // "$account/phone_numbers";
    my ($request, $call);

    $fake->forget;
    $t->get("$uri?$query", %opt);
    ($request) = $fake->requests;
    $call = $json->decode($request->{body});

    is("$request->{method} $request->{path}", 'POST /v1/call',
        "phone numbers?$query: of no session");
    like(delete $call->{params}{url} // '',
        qr{^http://[\w.:]+\Q$uri\E$}, 'where the list is')
        if !$opt{headers};
    is_deeply($call, { method => 'phone_number.list', params => $params },
        'and what of it');
}

lists('', { limit => 1000 });
lists('fields=id,x{verified_name}&limit=100', { limit => 100,
    fields => 'id,x{verified_name}' });
lists('fields=id%2Caccount_mode&limit=2000&after=1000000001', {
    limit => 1000, fields => 'id,account_mode', after => '1000000001' });
lists('limit=1&fields=&after=', { limit => 1 },
    uri => '/whatsapp/1/phone_numbers');
lists('', { limit => 1000, sessions => ['1000000002'] },
    token => $token{one});
lists('', { limit => 1000, sessions => [ '1000000002', '1000000003' ] },
    token => $token{two});
lists('', { limit => 1000 }, uri => '/free/1/phone_numbers', token => undef);
lists('', { limit => 1000 }, headers => { Host => 'x!' });
lists('before=1000000003&limit=2', { limit => 2, before => '1000000003' });

$fake->forget;
graph_error($t->get("$account/phone_numbers?$_"), 400, 100,
    "refused: $_") for 'limit=0', 'limit=-1', 'limit=x', 'fields=a%22',
    'after=x', 'after=%22', 'after=' . 1 x 16, 'before=x', 'after=g.'
    . 'a' x 70;
is(scalar $fake->requests, 0, 'by nginx');

{
    my $list = { data => [ map { { id => "1$_", verified_name => 'x' x 300 } }
        1000 .. 1499 ], paging => {} };

    $fake->next({ body => $list, piece => 5000 });
    is_deeply($t->get("$account/phone_numbers")->json, $list,
        'a list in pieces');

    # more than was announced, while the client still takes what was

    my $body = $json->encode($list);
    my $connection = $t->connect(8082);

    setsockopt $connection->socket, SOL_SOCKET, SO_RCVBUF, 4096;
    $fake->forget;
    $fake->next({ raw => "HTTP/1.1 200 OK\r\nContent-Length: "
        . length($body) . "\r\n\r\n$body" . 'x' x 1000000 });
    $connection->write($t->request_bytes('GET', "$account/phone_numbers"));
    $fake->wait_requests(1);
    $t->get('/whatsapp/healthz') for 1 .. 20;
    is($connection->response->body, $body,
        'nothing that follows an answer is read into it');
}

$fake->forget;

for my $method (qw(GET POST DELETE)) {
    is($t->request($method, "$account/subscribed_apps")->status, 200,
        "$method subscribed_apps without a body");
}

is_deeply([map { $json->decode($_->{body}) } $fake->requests], [
    map { { method => "app.$_", params => { account => $waba } } }
        qw(list subscribe unsubscribe)
], 'the controller is asked by these calls');

$fake->forget;
$t->post("$account/subscribed_apps", '{"override_callback_uri":'
    . '"https://example.com/","verify_token":"t","x":1}');
is_deeply($json->decode(($fake->requests)[0]{body})->{params},
    { account => $waba, override_callback_uri => 'https://example.com/',
        verify_token => 't' }, 'POST subscribed_apps with a callback URL');

graph_error($t->post("$account/subscribed_apps",
    '{"override_callback_uri":"ftp://example.com/","verify_token":"t"}'),
    400, 131009, 'one that is no URL of http');

$fake->forget;

# tokens

sub debug_token {
    my ($input, %opt) = @_;

    return $t->get("/whatsapp/v17.0/debug_token?input_token=$input", %opt);
}

{
    my $data = debug_token($t->token)->json->{data};

    ok($data->{is_valid}, 'a token is judged');
    is(ref \$data->{app_id}, 'SCALAR', 'app_id');
    like(debug_token($t->token)->body, qr/"app_id":"/, 'app_id is a string');
    is($data->{expires_at}, 0, 'never expires');
    is($data->{type}, 'SYSTEM_USER', 'is a system user');
    is_deeply([ sort @{ $data->{scopes} } ],
        [qw(whatsapp_business_management whatsapp_business_messaging)],
        'has both scopes');

    is_deeply(debug_token($token{send})->json->{data}{scopes},
        ['whatsapp_business_messaging'], 'a token that may send');
    is_deeply(debug_token($token{read})->json->{data}{scopes},
        ['whatsapp_business_management'], 'a token that may read');

    $data = debug_token($t->canary('unknown'))->json->{data};
    ok(!$data->{is_valid}, 'an unknown token');
    is_deeply($data->{scopes}, [], 'is good for nothing');
    is($data->{error}{code}, 190, 'and told so');

    graph_error(debug_token($t->token, token => undef), 401, 190,
        'to judge needs a token');
    graph_error(debug_token(''), 400, 100, 'no input_token');
    ok($t->get('/free/debug_token?input_token=' . $t->canary('any'),
        token => undef)->json->{data}{is_valid},
        'where no token is needed each will do');
    is(debug_token($t->token . '&access_token=' . $t->token,
        token => undef)->status, 200, 'both in the arguments');
    like($t->access_log, qr/input_token=\*+ /, 'masked in the log');
}

is(scalar $fake->requests, 0, 'nginx answers those itself');

# scopes

my @scopes = (
    [ 'POST', 'contacts', '{"contacts":["1"]}', 'read' ],
    [ 'GET', 'whatsapp_business_profile', undef, 'read' ],
    [ 'POST', 'whatsapp_business_profile', '{"about":"x"}', 'control' ],
    [ 'GET', 'block_users', undef, 'read' ],
    [ 'POST', 'block_users', $blocked, 'control' ],
    [ 'DELETE', 'block_users', $blocked, 'control' ],
    [ 'POST', 'register', '{}', 'control' ],
    [ 'POST', 'deregister', '{}', 'control' ],
    [ 'POST', 'session/stop', '{}', 'control' ],
    [ 'POST', 'session/restart', undef, 'control' ],
    [ 'GET', 'session', undef, 'read control' ],
    [ 'POST', 'request_code', '{"phone_number":"15550000001"}', 'control' ],
    [ 'POST', 'verify_code', '{}', 'control' ],
    [ 'GET', 'session/qr', undef, 'control' ],
    [ 'GET', 'phone_numbers', undef, 'read' ],
    [ 'GET', '../sessions', undef, 'read control' ],
    [ 'GET', 'subscribed_apps', undef, 'read' ],
    [ 'POST', 'subscribed_apps', undef, 'control' ],
    [ 'GET', '../' . 'A' x 60, undef, 'read' ],
    [ 'DELETE', '../' . 'A' x 60, undef, 'send' ],
);

for my $row (@scopes) {
    my ($method, $path, $body, $scope) = @$row;

    for my $name (qw(send read control)) {
        my $response = $t->request($method, "$base/$path",
            token => $token{$name}, defined $body ? (body => $body) : ());

        if ($scope =~ /\b$name\b/) {
            is($response->status, 200, "$method $path with $name");

        } else {
            graph_error($response, 403, 10, "$method $path with $name");
        }
    }
}

# numbers that a token is for

graph_error($t->get("$base/block_users", token => $token{one}), 403, 10,
    'a token for another number');
$fake->forget;
is($t->get('/whatsapp/' . 'A' x 60, token => $token{one})->status, 200,
    'media with a token for one number');
is(($fake->requests)[0]{path},
    '/v1/media/' . 'A' x 60 . '?phone_number_id=1000000002',
    'of that number only');
graph_error($t->get('/whatsapp/' . 'A' x 60 . "?phone_number_id=$session",
    token => $token{one}), 403, 10, 'not of another one');
graph_error($t->get('/whatsapp/' . 'A' x 60, token => $token{two}), 400,
    131008, 'a token for two must say for which');
is($t->get('/whatsapp/' . 'A' x 60 . '?phone_number_id=1000000003',
    token => $token{two})->status, 200, 'and may, when it does');

# methods

for my $case (['register', 'POST'], ['block_users', 'GET, HEAD, POST, DELETE'],
    ['whatsapp_business_profile', 'GET, HEAD, POST'], ['media', 'POST'],
    ['subscribed_apps', 'GET, HEAD, POST, DELETE'], ['contacts', 'POST'])
{
    my ($path, $allow) = @$case;

    is($t->request('PUT', "$base/$path", body => '{}')->header('Allow'),
        $allow, "$path allows $allow");
}

# what the controller says

for my $row ([ forbidden_action => 403, 403, 10 ],
    [ session_not_linked => 409, 400, 133010 ],
    [ invalid_parameter => 400, 400, 131009 ])
{
    my ($code, $theirs, $ours, $graph) = @$row;
    my $response;

    $fake->next({ status => $theirs, body => { error => { code => $code,
        message => 'A sentence.', outcome => 'not_sent' } } });
    $response = $t->post("$base/block_users", $blocked);
    graph_error($response, $ours, $graph, "controller: $code");
    is($response->error->{error_data}{outcome}, undef, 'this is no send');
}

$t->done();
