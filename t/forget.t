#!/usr/bin/perl

# A session is forgotten for good: asked for twice, told to WhatsApp, and
# nothing of it is left, in memory or on the disk, whatever happens meanwhile.

use strict;
use warnings;

use File::Find qw(find);
use File::Path qw(make_path);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;
use Test::Whatsapp::Stream;

my $friend = '15550000002';
my $other = '1000000002';
my $base = "/whatsapp/$version/$session";

my $t = Test::Whatsapp->new();
my $state = $t->dir . '/state';
my $home = "$state/sessions/$session";
my $receiver = Test::Whatsapp::Receiver->start($t, 8090);
my $phone = $t->standin(linked => undef);
my $controller = $t->controller(args => ['--allow-webhook-net', '127.0.0.1',
    '--pair-rate', '60', '--config', Test::Whatsapp::Receiver::webhooks($t,
        "[session *]\napp_secret = " . $t->canary('secret')
        . "\noverrides = on\n")]);

$t->run();

# a session of which there are only files

make_path("$state/sessions/$other/profile");
spill("$state/sessions/$other/profile/kept", 'x');


sub spill {
    my ($path, $text) = @_;

    open my $fh, '>', $path or die "$path: $!";
    print {$fh} $text;
    close $fh;
}


sub link {
    $controller->wait_state('qr', 60);
    wait_for(sub { eval { $phone->scan } }, 60, 'a QR code to scan');
    $controller->wait_ready;
}


sub forget {
    my ($confirm, %opt) = @_;

    return $t->post("$base/deregister", { forget => JSON::PP::true,
        defined $confirm ? (confirm => $confirm) : () }, timeout => 60, %opt);
}


# left(): what a session has on the disk and on the tmpfs, but for directories

sub left {
    my @left;

    find({ no_chdir => 1, wanted => sub { push @left, $_ if !-d $_ } },
        $home, grep { -e } map { $t->runtime . "/$_/$session" }
        'delivered', '.');

    return sort @left;
}


# fill(): has something of everything that a session keeps

sub fill {
    my %kept = (key => $t->canary('key'));
    my ($file, $output);

    $phone->write($friend, $t->canary('text'));
    wait_for(sub { -s "$home/mark" && -s $t->runtime
        . "/delivered/$session" }, 60, 'mark and digests');

    is($t->send($friend, $t->canary('text'), headers => {
        'Idempotency-Key' => $kept{key} })->status, 200,
        'a message is sent');

    $file = $t->write_file('client/a.txt', $t->canary('bytes'));
    (undef, $output) = $t->command(['curl', '-sS', '-F',
        'messaging_product=whatsapp', '-F', "file=\@$file;type=text/plain",
        '-H', 'Authorization: Bearer ' . $t->token,
        'http://127.0.0.1:' . $t->port . "$base/media"]);
    ($kept{media}) = $output =~ /"id":"([^"]+)"/;
    ok($kept{media}, 'a file is uploaded') or diag($output);

    is($t->post("$base/subscribed_apps", {
        override_callback_uri => $receiver->url('hook'),
        verify_token => $t->canary('word') })->status, 200,
        'a callback URL is set');
    like($t->read_file('state/webhooks.json'), qr/$session/, 'and kept');

    $kept{stream} = Test::Whatsapp::Stream->open($t->port(8080),
        "$base/events", headers => {
            Authorization => 'Bearer ' . $t->token });
    $phone->write($friend, $t->canary('text'));
    $kept{event} = $kept{stream}->event->{id};
    $kept{stream}->close;

    return %kept;
}


# gone(name, kept): nothing of what fill() returned is there

sub gone {
    my ($name, %kept) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is(join("\n", left()), '', "$name: no file is left");
    unlike($t->read_file('state/webhooks.json'), qr/$session/,
        "$name: no callback URL is kept");
    ok(-e "$state/sessions/$other/profile/kept",
        "$name: another session keeps its files");
    graph_error($t->get("/whatsapp/$version/$kept{media}"), 404, 100,
        "$name: no media");
    is($controller->metric('whatsapp_pair_entries'), 0,
        "$name: no allowance of a recipient");
    is($t->get("$base/session")->json->{wa_id}, undef, "$name: no number");
}


&link;

my %kept = fill();

# ==== asked for twice ====

graph_error(forget(), 400, 131008, 'not confirmed', details => qr/confirm/);
graph_error(forget($other), 400, 131009, 'another session is confirmed',
    details => qr/confirm/);
graph_error($t->post("$base/deregister", { forget => 'perhaps' }), 400,
    131009, 'neither true nor false');
is($controller->request('POST', "/v1/sessions/$session/forget")->status, 400,
    'nor does the controller without a confirmation');
is($controller->state, 'ready', 'the session goes on');

# ==== forgotten ====

my $answer = forget($session);

is($answer->status, 200, 'forgotten') or diag($answer->body);
is_deeply($answer->json, { success => JSON::PP::true,
    logged_out => JSON::PP::true }, 'and WhatsApp was told');
gone('forgotten', %kept);
is($controller->state, 'stopped', 'the session is stopped');
graph_error($t->send($friend, $t->canary('text')), 503, 131016,
    'a message is refused');
is_deeply($t->get("$base/subscribed_apps")->json->{data}[0]
    {override_callback_uri}, undef, 'no URL is shown');
is(forget($session)->status, 200, 'once more: there is nothing left');

# as one that was never linked

is($t->post("$base/register", '{}')->status, 200, 'it is started again');
&link;
is($t->send($friend, $t->canary('text'), headers => {
    'Idempotency-Key' => $kept{key} })->status, 200,
    'the key of another message is not known any more');

{
    my $stream = Test::Whatsapp::Stream->open($t->port(8080),
        "$base/events?types=messages", headers => {
            Authorization => 'Bearer ' . $t->token,
            'Last-Event-ID' => $kept{event} });
    my $text = $t->canary('text');

    like($stream->event->{data}, qr/^\{"missed":\d+\}$/,
        'events of the account before are missing');
    $phone->write($friend, $text);
    like($stream->event->{data}, qr/\Q$text\E/,
        'the next one is of the new account');
    $stream->close;
}

# ==== killed in the middle ====

%kept = fill();
$phone->page('hang');

{
    my $connection = $t->connect(8080, timeout => 60);

    $connection->request('POST', "$base/deregister", $t->_with_token(
        body => { forget => 'true', confirm => $session }));
    wait_for(sub { -e "$home/forget" }, 60, 'a note that it was begun');
    graph_error($t->send($friend, $t->canary('text')), 503, 131016,
        'a message meanwhile', details => qr/forgotten/);
    graph_error($t->post("$base/session/restart", '{}'), 503, 131016,
        'a restart meanwhile', details => qr/forgotten/);
    graph_error(forget($session), 503, 131016, 'another one meanwhile');
    ok(-d "$home/profile/Default", 'the profile is still there');
    $controller->process->stop('KILL', 10);
    $connection->close;
}

$controller->restart;
$controller->wait_state('qr', 60);
ok(!-e "$home/forget" && !-e "$home/mark", 'the next start has ended it');
ok(!-e $t->runtime . "/delivered/$session", 'no digest is left');
unlike($t->read_file('state/webhooks.json'), qr/$session/,
    'no callback URL is kept');
ok(-e "$state/sessions/$other/profile/kept",
    'another session keeps its files');

# ==== without a page, nobody can be told ====

&link;
is($t->post("$base/session/stop", '{}')->status, 200, 'it is stopped');
$controller->wait_state('stopped', 60);
is_deeply(forget($session)->json, { success => JSON::PP::true,
    logged_out => JSON::PP::false }, 'WhatsApp was not told');
is(join("\n", left()), '', 'no file is left');

$t->done();
