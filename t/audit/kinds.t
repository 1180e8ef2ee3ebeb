#!/usr/bin/perl

# The scenario of "make audit" that has a canary of every kind: it is sent and
# received, succeeds and fails, while clients are banned, nginx is reloaded, and
# each kind of process is killed. What the audit finds is in the last tests.
#
# PLANT=kind leaves one on purpose where none may be, see %plants.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(is_alive);
use Test::Whatsapp::Plants qw(plant);
use Test::Whatsapp::Receiver;
use Test::Whatsapp::RedisServer;
use Test::Whatsapp::Stream;

my $friend = '15550000002';
my $base = "/whatsapp/$version/$session";
my $false = JSON::PP::false;

my $t = Test::Whatsapp->new(timeout => 500);


# secret(kind): a canary with letters that the encodings write differently

sub secret { $t->canary($_[0]) . "\x{e9}\x{1f600}/\"" . $t->canary($_[0]) }

# number(): one of nobody, in the form of the stand-in's

sub number {
    my $number = sprintf '4915%09d', int rand 1e9;

    $t->{kinds}{$number} = 'number';
    return $number;
}


my ($word, $app) = map { $t->canary($_) } qw(verify secret);
my $redis = Test::Whatsapp::RedisServer->start($t);
my $receiver = Test::Whatsapp::Receiver->start($t, 8090);
my $phone = $t->standin(name => $t->canary('name'));
my $controller = $t->controller(args => [ '--allow-webhook-net', '127.0.0.0/8',
    '--allow-media-net', '127.0.0.0/8', '--pair-rate', 600, '--config',
    Test::Whatsapp::Receiver::webhooks($t, "[session *]\napp_secret = $app\n"
        . "verify_token = $word\nurl = " . $receiver->url(
            'hook?key=' . $t->canary('url')) . "\n") ]);
my $address = '198.51.100.' . (1 + int rand 254);

$t->{kinds}{$address} = 'address';

$t->run(<<"END", workers => 2);
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    # as PRIVACY.md has it
    log_format private '\$time_iso8601 \$request_method \$uri \$status '
                       '\$whatsapp_call \$whatsapp_error_code';
    log_format asked '\$whatsapp_call \$status \$whatsapp_error_code';
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real-IP;
    limit_req_zone \$binary_remote_addr zone=ip:1m rate=1000r/s;
    whatsapp_abuse_zone zone=abuse:1m @{[ patient($redis) ]};

    server {
        listen 127.0.0.1:8080;
        access_log %%DIR%%/nginx/private.log private;
        access_log %%DIR%%/parts/asked.log asked;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_privacy_policy;
            whatsapp_beta_api on phone_number_id=$session;
            limit_req zone=ip burst=100 nodelay;
            whatsapp_abuse zone=abuse;
            whatsapp_abuse_strikes auth invalid count=20 window=60s ban=60s;
        }
    }
}
END

$t->allow_alert(qr/worker process \d+ exited on signal/);
$controller->wait_ready;

{
    open my $fh, '<', '/proc/' . $controller->renderer->{pid} . '/status'
        or die "status: $!";
    my $status = join '', <$fh>;

    like($status, qr/^NSpid:\s+\d+\s+\d+/m,
        'the browser\'s sandbox is there, traced or not')
        if ($ENV{CHROMIUM_SANDBOX} // 'on') eq 'on';
}


sub api {
    my ($path, $body, %opt) = @_;

    return $t->post("$base/$path", $body, timeout => 60, %opt);
}


sub ok_send {
    my ($name, $type, $what, %more) = @_;
    my $response = api('messages', { messaging_product => 'whatsapp',
        to => $friend, type => $type, $type => $what, %more });

    is($response->status, 200, "$type: $name") or diag($response->body);
    return eval { $response->json->{messages}[0]{id} };
}


sub escaped {
    my ($text) = @_;

    utf8::encode($text) if utf8::is_utf8($text);
    return $text =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger;
}


# upload(name, bytes): its id

sub upload {
    my ($name, $bytes) = @_;
    my $boundary = 'boundary' . int rand 1e9;
    my $body;

    utf8::encode($bytes);
    $body = join "\r\n", "--$boundary",
        'Content-Disposition: form-data; name="messaging_product"', '',
        'whatsapp', "--$boundary", 'Content-Disposition: form-data; '
        . qq(name="file"; filename="$name"), 'Content-Type: text/plain', '',
        $bytes, "--$boundary--", '';
    my $response = api('media', $body, headers => {
        'Content-Type' => "multipart/form-data; boundary=$boundary" });

    is($response->status, 200, 'a file is uploaded') or diag($response->body);
    return $response->json->{id};
}


# ==== out ====

sub sends {
    my $media = upload($t->canary('file') . '.txt', secret('bytes'));
    my $wamid = ok_send('a canary', 'text', { body => secret('text') },
        biz_opaque_callback_data => $t->canary('opaque'));

    ok_send('a caption', 'document', { id => $media,
        caption => secret('caption'),
        filename => $t->canary('file') . '.txt' });
    ok_send('a name', 'contacts', [ { name => {
        formatted_name => $t->canary('name'), first_name => 'A' },
        phones => [ { phone => number() } ] } ]);
    ok_send('a place', 'location', { latitude => 1, longitude => 2,
        name => secret('name'), address => secret('address') });
    ok_send('a poll', 'poll', { name => secret('text'),
        options => [ map { $t->canary('text') } 1 .. 2 ] });
    ok_send('an answer', 'text', { body => $t->canary('text') },
        context => { message_id => $wamid });
    ok_send('a reaction', 'reaction', { message_id => $wamid,
        emoji => "\x{1f44d}" });
    ok_send('another text', 'edit', { message_id => $wamid,
        body => $t->canary('text') });

    is($t->get("/whatsapp/$version/$media")->status, 200, 'metadata');
    is($t->get('/whatsapp/send?number=' . $friend . '&msg='
        . escaped(secret('text')))->status, 200, 'by a GET of BETA');
    is($t->request('GET', "$base/session?access_token="
        . $t->token, token => undef)->status, 200, 'a token in the URL');
}


sub calls {
    my $group = api('groups', { subject => $t->canary('name'),
        description => secret('text'), participants => [ $friend ] });

    is($group->status, 200, 'a group') or diag($group->body);
    is(api('contacts', { contacts => [ number(), $friend ] })->status, 200,
        'numbers are looked up');
    is(api('whatsapp_business_profile', {
        messaging_product => 'whatsapp', about => $t->canary('text') })
        ->status, 200, 'the profile');
    is(api('block_users', { messaging_product => 'whatsapp',
        block_users => [ { user => number() } ] })->status, 400,
        'nobody is blocked');
    is($t->get('/whatsapp/webhook?number=' . $friend . '&method=whatsapp'
        . '&webhook=' . escaped($receiver->url('beta/' . $t->canary('url')
            . '?m=?msg?&f=?from?')))->status, 200, 'a webhook of BETA');
    is(api('subscribed_apps', { verify_token => $t->canary('verify'),
        override_callback_uri => $receiver->url('new/'
            . $t->canary('callback')) })->status, 200, 'a callback URL');
}


# ==== in ====

sub arrivals {
    my ($name, $file) = ($t->canary('name'), $t->canary('file'));
    my $stream = Test::Whatsapp::Stream->open($t->port(8080),
        "$base/events?types=messages,statuses,echoes,calls", headers => {
            Authorization => 'Bearer ' . $t->token });
    my $bytes = secret('bytes');
    my $text = secret('text');
    my ($id, $url, $stored);

    utf8::encode($bytes);
    $phone->write(number() . '12@lid', $text, name => $name);
    $phone->write($friend, 'AUTHORIZE');
    $phone->write($friend, $t->canary('text'));
    $stored = $phone->upload('text/plain', $bytes);
    $phone->api('POST', '/api/messages', { from => $friend,
        type => 'document', media => $stored->{id},
        filename => "$file.txt", caption => $t->canary('caption') });
    wait_for(sub {
        my $event = $stream->event(30);
        ($id) = $event->{data} =~ /"document":\{[^}]*"id":"([^"]+)"/;
    }, 60, 'a file');
    $stream->close;

    $url = $t->get("/whatsapp/$version/$id")->json->{url};
    $url =~ s{^https?://[^/]+}{};
    is($t->get($url)->body, $bytes, 'a file that came');
}


# ==== refused ====

sub refusals {
    my $strange = $t->canary('token');

    is($t->get("$base/session", token => $strange)->status, 401,
        'a wrong token');
    is($t->get("$base/session?access_token=$strange", token => undef)->status,
        401, 'a wrong token in the URL');
    is($t->get("$base/nothing")->status, 404, 'a wrong path');
    is(api('messages', { messaging_product => 'whatsapp', to => number(),
        type => 'text', text => { body => secret('text') } })->status, 400,
        'a number of nobody');
    is(api('messages', '{"to": "' . $t->canary('text'))->status, 400,
        'no JSON');
    is(api('messages', { messaging_product => 'whatsapp', to => $friend,
        type => $t->canary('type'), $t->canary('member') => 1 })->status, 400,
        'an unknown type');
    is(api('messages', { messaging_product => 'whatsapp', to => $friend,
        type => 'image', image => { link => 'http://127.0.0.1:1/'
            . $t->canary('url') } })->status, 400, 'a link to nothing');
    $phone->fault('refuse', count => 1, code => 421);
    is(api('messages', text_message($friend, $t->canary('text')))->status,
        400, 'refused by WhatsApp');
    is($t->get('/whatsapp/send?number=' . number() . '&msg='
        . $t->canary('text'))->status, 400, 'a GET of BETA to nobody');
}


sub bans {
    my %from = ('X-Real-IP' => $address);

    for (1 .. 25) {
        $t->get("$base/session", token => $t->canary('token'),
            headers => { %from });
    }

    is($t->get("$base/session", headers => { %from })->status, 403,
        'an abuser is turned away');
}


# ==== deaths ====

sub deaths {
    my $text = $t->canary('text');

    for my $victim (qw(renderer browser)) {
        my $process = $controller->$victim;

        # not all of them obey the first ones, which make a core file
        for my $signal (qw(SEGV ABRT KILL)) {
            kill $signal, $process->{pid};
            last if eval { wait_for(sub { !is_alive($process) }, 2) };
        }

        $t->send($friend, $t->canary('text'));
        $controller->wait_ready;
    }

    kill 'SEGV', ($t->workers)[0];
    wait_for(sub { $t->workers == 2 }, 30, 'another worker');
    $t->reload;
    $controller->process->stop('SEGV', 10);
    $t->send($friend, $t->canary('text'));
    $controller->restart;
    $controller->wait_ready;
    ok_send('after all that', 'text', { body => $text });
}


# ==== asked for, and what the phone tells of its owner ====

sub questions {
    for my $path ("$base/whatsapp_business_profile", "$base/block_users",
        "$base/session/page", '/whatsapp/sessions', '/whatsapp/privacy',
        '/whatsapp/sessions/page',
        "$base/groups", '/whatsapp/healthz', '/whatsapp/readyz')
    {
        is($t->get($path)->status, 200, $path);
    }

    $phone->api('POST', '/api/messages', { from => '15550000001',
        to => $friend, type => 'text', body => $t->canary('text') });
    $phone->api('POST', '/api/call', { from => $friend, video => $false });

    for my $type (qw(echoes calls)) {
        is(reached(1, sub { $controller->metric('whatsapp_events_total',
            qq(type="$type")) }), 1, "events: $type");
    }
}


sends();
calls();
arrivals();
refusals();
bans();
deaths();
sends();
questions();
plant($t, $ENV{PLANT}) if $ENV{PLANT};

$t->done();
