#!/usr/bin/perl

# Every condition of the table of errors, brought about through nginx on real
# parts, and what its answer has: status, code, title, outcome and headers. The
# tables of docs/errors.md and docs/protocol.md are compared with
# protocol/errors.h.

use strict;
use warnings;

use Digest::SHA;
use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::RedisServer;

my $t = Test::Whatsapp->new();
my $redis = Test::Whatsapp::RedisServer->start($t);
my $phone = $t->standin();
my $webhooks = $t->write_file('app/controller.conf', "[session *]\napp_secret = "
    . $t->canary('secret') . "\n");

chmod 0600, $webhooks;

my $controller = $t->controller(args => ['--pair-rate', 1, '--pair-burst', 9,
    '--media-file-max', 100_000, '--config', $webhooks]);
my $reader = $t->canary('token');
my $tokens = $t->tokens($t->token);

open my $fh, '>>', $tokens or die "open $tokens: $!\n";
print {$fh} Digest::SHA::sha256_hex($reader) . " scope=read\n";
close $fh;

$t->run(<<"END");
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    whatsapp_abuse_zone zone=abuse:1m @{[ patient($redis) ]};
    limit_req_zone \$server_port zone=req:1m rate=1r/m;
    limit_conn_zone \$server_port zone=conn:1m;
    whatsapp_tokens %%TOKENS%%;

    server {
        listen 127.0.0.1:8080;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
        }

        location /short/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_read_timeout 10s;
        }

        location /slow/ {
            whatsapp_pass %%CONTROLLER%%;
            client_body_timeout 1s;
        }

        location /small/ {
            whatsapp_pass %%CONTROLLER%%;
            client_max_body_size 1k;
        }

        location /limited/ {
            whatsapp_pass %%CONTROLLER%%;
            limit_req zone=req;
        }

        location /crowded/ {
            whatsapp_pass %%CONTROLLER%%;
            limit_conn conn 1;
        }

        location /blocked/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_abuse zone=abuse;
        }

        location /absent/ {
            whatsapp_pass unix:%%DIR%%/tmp/absent.sock;
        }
    }
}
END

# that is how nginx logs a missing unix socket
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);

$controller->wait_ready;
wait_for(sub { lines($t, qr/link for \w+ is up/) == 2 }, 60, 'the links');
$redis->ban('v4:127.0.0.1', 600);

my $to = '15550000002';
my $messages = "$version/$session/messages";
my %held;


sub text { text_message($to, $t->canary('text'), @_) }

sub send_to { $t->post("/$_[0]/$messages", $_[1] // text()) }

sub edge { $t->request($_[0], "/whatsapp/$version/$_[1]", @_[2 .. $#_]) }

sub message { send_to('whatsapp', { messaging_product => 'whatsapp',
    to => $to, @_ }) }


# raw(lines, body): a request to the messages edge of these header lines

sub raw {
    my ($lines, $body) = @_;
    my $connection = $t->connect;

    $connection->write(join("\r\n", "POST /slow/$messages HTTP/1.1",
        'Host: localhost', 'Authorization: Bearer ' . $t->token, @$lines)
        . "\r\n\r\n" . ($body // ''));

    return $connection->response;
}


sub upload {
    my ($bytes, $type, $location) = @_;

    return $t->post('/' . ($location // 'whatsapp')
        . "/$version/$session/media", "--xyzzy\r\n"
        . 'Content-Disposition: form-data; name="file"; filename="a"'
        . "\r\nContent-Type: $type\r\n\r\n$bytes\r\n--xyzzy--\r\n",
        headers => { 'Content-Type' => 'multipart/form-data; '
            . 'boundary=xyzzy' });
}


# keyed(text, key)

sub keyed {
    return $t->send($to, $_[0], headers => { 'Idempotency-Key' => $_[1] });
}


# row(condition, how, status, code, title, %more of graph_error): one row

sub row {
    my ($condition, $how, $status, $code, $title, %more) = @_;

    $held{"$status $code $title"} = 1;

    return graph_error($how->(), $status, $code, $condition,
        title => $title, %more);
}


my @sent = (outcome => 'not_sent', details => qr/ outcome=not_sent/);
my @read = (outcome => undef);
my $invalid = 'Invalid parameter';
my $absent = 'Unsupported request: object does not exist';

# who asks

row('a token is missing', sub { $t->post("/whatsapp/$messages", text(),
    token => undef) }, 401, 190, 'Invalid OAuth access token', @sent);
row('a token is wrong', sub { edge('GET', $session, token => 'x') }, 401, 190,
    'Invalid OAuth access token', @read);
row('a token lacks the scope', sub { $t->post("/whatsapp/$messages", text(),
    token => $reader) }, 403, 10, 'Permission denied', @sent);
row('an address is recorded as abusive', sub { send_to('blocked') }, 403, 368,
    'Temporarily blocked', @sent);

# how often

is(send_to('limited')->status, 200, 'within limit_req');
row('limit_req', sub { send_to('limited') }, 429, 130429, 'Rate limit hit',
    @sent);

{
    my $connection = $t->connect;
    my $first = text();

    $phone->fault('hold_ack');
    $connection->write($t->request_bytes('POST', "/crowded/$messages",
        body => $first));
    $phone->wait_messages(1, qr/\Q$first->{text}{body}\E/);
    row('limit_conn', sub { send_to('crowded') }, 429, 130429,
        'Rate limit hit', @sent);
    $phone->fault('none');
    is($connection->response->status, 200, 'the first one is served');
}

is($t->send('15550000009', $t->canary('text'))->status, 200,
    'within --pair-rate') for 1 .. 9;
row('too many to one recipient', sub { $t->send('15550000009',
    $t->canary('text')) }, 429, 131056, 'Pair rate limit hit', @sent);

# what is no request

row('not JSON', sub { send_to('whatsapp', '{"to"') }, 400, 100, $invalid,
    @sent);
row('bad UTF-8', sub { send_to('whatsapp', qq({"to":"\xff"})) }, 400, 100,
    $invalid, @sent);
row('too deep', sub { send_to('whatsapp', '[' x 100 . ']' x 100) }, 400, 100,
    $invalid, @sent);
row('an unknown path', sub { edge('GET', "$session/nothing") }, 404, 100,
    $absent, @read, subcode => 33);
row('an unknown phone_number_id', sub { $t->post(
    "/whatsapp/$version/7/messages", text()) }, 404, 100, $absent, @sent,
    subcode => 33);
row('an unknown medium', sub { edge('GET', 'A' x 70) }, 404, 100, $absent,
    @read, subcode => 33);
row('an unknown group', sub { edge('GET', "$session/groups/" . 'A' x 70) },
    404, 100, $absent, @read, subcode => 33);
row('an unknown medium in a message', sub { message(type => 'image',
    image => { id => 'A' x 70 }) }, 400, 100, 'Param id is not a valid '
    . 'whatsapp business account media attachment ID', @sent);
row('a link that is none', sub { message(type => 'image',
    image => { link => 'ftp://example.com/a.jpg' }) }, 400, 131009,
    'Param link is not a valid URI.', @sent);
row('a body that is packed', sub { $t->post("/whatsapp/$messages", text(),
    headers => { 'Content-Encoding' => 'gzip' }) }, 415, 100, $invalid, @sent);

{
    my $response;

    row('a method that is not allowed', sub { $response = edge('DELETE',
        "$session/messages") }, 405, 100, 'Unsupported method');
    is($response->header('Allow'), 'POST', 'and the one that is');
}

row('a form that a QR code does not have', sub { edge('GET',
    "$session/session/qr", headers => { Accept => 'image/png' }) }, 406, 100,
    $invalid, @read);
row('a body that does not arrive', sub { raw(['Content-Length: 100'], '{') },
    408, 100, $invalid, @sent);
row('a send in early data, without a key', sub {
    $t->post("/whatsapp/$messages", text(), headers => { 'Early-Data' => 1 })
}, 425, 131016, 'Service unavailable', @sent);
row('a body without a length', sub { raw([]) }, 411, 100, $invalid, @sent);
row('a JSON body too large', sub { send_to('whatsapp', ' ' x 2_000_000) },
    413, 100, $invalid, @sent);
row("a body over nginx's limit", sub { send_to('small', ' ' x 2000) }, 413,
    100, $invalid, @sent);

{
    my $key = $t->canary('key');

    is(keyed($t->canary('text'), $key)->status, 200, 'a key');
    row('the key with another body', sub { keyed($t->canary('text'), $key) },
        409, 100, $invalid, @sent);
}

# what is no message

row('a member is missing', sub { message(type => 'text') }, 400, 131008,
    'Required parameter is missing', @sent);
row('a member is invalid', sub { message(type => 'text', text =>
    { body => 1 }) }, 400, 131009, 'Parameter value is not valid', @sent);
row('a member is too long', sub { message(type => 'text', text =>
    { body => 'x' x 4097 }) }, 400, 131009, 'Parameter value is not valid',
    @sent);
row('an unsupported type', sub { message(type => 'order', order => {}) }, 400,
    131051, 'Unsupported message type', @sent);
row('an unknown template', sub { message(type => 'template', template =>
    { name => 'none', language => { code => 'en' } }) }, 404, 132001,
    'Template does not exist', @sent);
row('to the own number', sub { $t->send('15550000001', 'x') }, 400, 131021,
    'Recipient cannot be sender', @sent);
row('to nobody on WhatsApp', sub { $t->send('15550000010', 'x') }, 400,
    131026, 'Message undeliverable', @sent);
row('a message that WhatsApp refuses', sub { $phone->fault('refuse');
    send_to('whatsapp') }, 400, 131026, 'Message undeliverable', @sent);
$phone->fault('none');

# files

row('a link that cannot be fetched', sub { message(type => 'image', image =>
    { link => 'http://127.0.0.1:' . $t->port(8099) . '/a.png' }) }, 400,
    131052, 'Media download error', @sent);
row('a file of a type that WhatsApp does not take', sub { upload('GIF89a',
    'image/gif') }, 400, 131053, 'Media upload error', @read);
row('a form that is none', sub { $t->post("/whatsapp/$version/$session/media",
    'x') }, 400, 131053, 'Media upload error', @read);
row('a file too large for the controller', sub { upload('x' x 200_000,
    'text/plain') }, 413, 131053, 'Media upload error', @read);

# nginx refuses this one before it is known what it is
row('a file too large for nginx', sub { upload('x' x 2000, 'text/plain',
    'small') }, 413, 131053, 'Media upload error', @sent);

# where no event may go

row('a callback URL that does not answer', sub { edge('POST',
    "$session/subscribed_apps", body => { verify_token => 'x',
        override_callback_uri => 'https://127.0.0.1/' }) }, 400, 2200,
    'Callback verification failed', @read);

# whom nobody can block

row('nobody can be blocked', sub { edge('POST', "$session/block_users",
    body => { block_users => [ { user => '15550000010' } ] }) }, 400, 139100,
    'Failed to block/unblock users', @read);

# what only an admin may do

{
    my $group;

    $phone->api('POST', '/api/groups', { owner => $to, subject => 'Theirs',
        restrict => JSON::PP::true(), participants => ['15550000001'] });
    wait_for(sub {
        ($group) = grep { $_->{subject} eq 'Theirs' }
            @{ edge('GET', "$session/groups")->json->{data}{groups} };
    }, 60, 'the group');
    row('what only an admin may do', sub { edge('POST',
        "$session/groups/$group->{id}", body => { subject => 'x' }) }, 403,
        10, 'Permission denied', @read);
}

# WhatsApp Web

{
    my $id = send_to('whatsapp')->id;

    $phone->fault('refuse');
    row('an exception in the page', sub { message(type => 'reaction',
        reaction => { message_id => $id, emoji => "\x{1f44d}" }) }, 500,
        131000, 'Something went wrong', outcome => 'unknown');
    $phone->fault('none');
}

{
    my ($response, $id);

    $phone->fault('drop_ack', count => 1);
    row('the deadline after dispatch', sub { $response = send_to('short') },
        504, 131000, 'Something went wrong', outcome => 'unknown',
        details => qr/ outcome=unknown message_id=wamid\./);
    $id = $response->error->{error_data}{message_id};
    $phone->fault('none');
    is((grep { $_->{wamid} eq $id } $phone->messages), 1,
        'its message id is that of the message');
}

$phone->fault('temporary_ban');
$controller->wait_state('failed');
row('WhatsApp restricts the account', sub { send_to('whatsapp') }, 403,
    131031, 'Account has been locked', @sent);
$phone->fault('none');
$controller->wait_ready(90);

$phone->fault('refuse', code => 463);
row('nobody new for a while', sub { send_to('whatsapp') }, 400, 131049,
    'Meta chose not to deliver', @sent);
$phone->fault('refuse', code => 475);
row('too many new people', sub { send_to('whatsapp') }, 400, 131048,
    'Spam rate limit hit', @sent);

$phone->fault('replaced');
$controller->wait_state('conflict', 60);
row('another WhatsApp Web has taken over', sub { send_to('whatsapp') }, 503,
    131016, 'Service unavailable', @sent);
$phone->fault('none');
$controller->request('POST', "/v1/sessions/$session/restart");
$controller->wait_state('(?!conflict$).*', 60);
$controller->wait_ready;

# the browser dies, and the page that it loads anew does not come

$phone->process->signal('STOP');
kill 'KILL', $controller->browser->{pid};
$controller->wait_state('recovering');
row('Chromium is restarting', sub { send_to('whatsapp') }, 503, 131057,
    'Account in maintenance mode', @sent);
$phone->process->signal('CONT');
$controller->wait_ready;

$controller->request('POST', "/v1/sessions/$session/stop");
$controller->wait_state('stopped');
row('Chromium is stopped', sub { send_to('whatsapp') }, 503, 131016,
    'Service unavailable', @sent);
$controller->request('POST', "/v1/sessions/$session/start");
$controller->wait_ready;

row('no controller', sub { send_to('absent') }, 503, 131016,
    'Service unavailable', @sent);

$phone->logout;
$controller->wait_state('qr');
row('no phone is linked', sub { send_to('whatsapp') }, 400, 133010,
    'Phone number not registered', @sent);

# the tables

my %table = map { $_ => 1 } table($t->root . '/protocol/errors.h',
    qr/^WHATSAPP_REASON\(\w+, +(\d+), (\d+), +\d+(?:, +\w+){2},\s+"([^)]*)"\)/m,
    0, 1);
my %documented = map { $_ => 1 } table($t->root . '/docs/errors.md',
    qr/^\| (\d+) \| (\d{3}) \| ([A-Z][^|]*?) \|/m, 1, 0);


# table(file, regex, index of the status, of the code): "status code title"

sub table {
    my ($file, $regex, $status, $code) = @_;
    my ($text, @rows);

    open my $in, '<', $file or die "open $file: $!\n";
    $text = do { local $/; <$in> };

    while ($text =~ /$regex/g) {
        my @row = ($1, $2, $3);

        $row[2] =~ s/"\s+"//g;

        push @rows, "$row[$status] $row[$code] $row[2]";
    }

    return @rows;
}


cmp_ok(scalar keys %table, '>', 25, 'the table of reasons was read');
is_deeply([sort keys %documented], [sort keys %table],
    'docs/errors.md has the same rows');
is(join("\n", grep { !$table{$_} } sort keys %held), '',
    'each row was one of the table');

# those of templates are held in templates.t
is(join("\n", grep { !$held{$_} && !/ 1320\d\d / } sort keys %table), '',
    'and each of the table was a row');

# the controller's errors

my %codes = codes($t->root . '/protocol/errors.h',
    qr/^WHATSAPP_ERROR\(\w+, +(\d+), (\w+), +\d+, +\w+,\s+("\w+"),\s/m);
my %described = codes($t->root . '/docs/protocol.md',
    qr/^\| (`[a-z_`, ]+`) \| (\d+) \| (not_sent|unknown)\b/m);


# codes(file, regex): name => "status outcome"

sub codes {
    my ($file, $regex) = @_;
    my ($text, %rows);

    open my $in, '<', $file or die "open $file: $!\n";
    $text = do { local $/; <$in> };

    while ($text =~ /$regex/g) {
        my ($status) = grep { /^\d/ } $1, $2, $3;
        my ($outcome) = grep { /^(?:not_sent|unknown)$/i } $1, $2, $3;
        my ($names) = grep { /["`]/ } $1, $2, $3;

        $rows{$_} = "$status " . lc $outcome for $names =~ /(\w+)/g;
    }

    return %rows;
}


cmp_ok(scalar keys %codes, '>', 30, "the table of the controller's errors");
is_deeply(\%described, \%codes, 'docs/protocol.md has the same rows');

$t->done();
