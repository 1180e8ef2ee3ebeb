#!/usr/bin/perl

# The receivers of docs/receive.md, as they stand there: each answers the
# challenge, takes what is delivered to it, and nothing that is forged, and
# gets what came while it was down.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Http;
use Test::Whatsapp::Receiver;

my $alice = '15550000002';
my $t = Test::Whatsapp->new(timeout => 480);
my $phone = $t->standin;
my $secret = $t->canary('secret');
my $json = JSON::PP->new->utf8;
my %env = (APP_SECRET => $secret, VERIFY_TOKEN => $t->canary('verify'));

my %programs = (
    python => [ 'hook.py', 'python3 hook.py' ],
    js => [ 'hook.mjs', 'node hook.mjs' ],
    php => [ 'hook.php', 'php -S 127.0.0.1:8000 hook.php' ],
);

$t->run();

my $controller = $t->controller(args => [ '--allow-webhook-net',
    '127.0.0.0/8', '--config', Test::Whatsapp::Receiver::webhooks($t,
        "[session *]\napp_secret = $secret\n") ]);

$controller->wait_ready;

open my $fh, '<:raw', $t->root . '/docs/receive.md' or die "receive.md: $!\n";
my $guide = do { local $/; <$fh> };
close $fh;

try_program($_) for sort keys %programs;


sub try_program {
    my ($language) = @_;
    my ($name, $command) = @{ $programs{$language} };
    my @codes = $guide =~ /^```$language\n(.*?)^```$/gms;
    my $port = $t->port($language);
    my $url = "http://127.0.0.1:$port/$name";

    is(scalar @codes, 1, "$language: there is one program");
    like($guide, qr/`\Q$command\E`/, "$language: and how it is run");

    mkdir $t->dir . "/app/$language" or die "mkdir: $!\n";
    $t->write_file("app/$language/$name",
        replaced("$language: its port", $port, $codes[0]));
    $command =~ s/8000/$port/;

    my $start = sub { start($language, $command, $port) };
    my $process = $start->();

    # the challenge

    is(subscribe($url, 'wrong')->status, 400,
        "$language: knows a wrong verify token");

    my $response = subscribe($url, $env{VERIFY_TOKEN});

    is($response->status, 200, "$language: answers the challenge")
        or diag($response->body, $process->output);

    # deliveries

    my @texts = map { "$_ \x{e9}\x{1f600} " . $t->canary('text') } 1 .. 5;

    $phone->write($alice, $_) for @texts;
    is_deeply([ stored($language, 5) ], \@texts,
        "$language: takes what is delivered, in order")
        or diag($process->output);

    my $body = '{"forged":true}';

    is(deliver($port, $body, hmac_sha256_hex($body, 'other')), 401,
        "$language: refuses a wrong signature");
    is(deliver($port, $body, "\xe9"), 401, "$language: and what is none");
    is(deliver($port, $body), 401, "$language: and none at all");

    # down

    $process->stop;
    push @texts, map { "$_ " . $t->canary('text') } 6 .. 8;
    $phone->write($alice, $_) for @texts[5 .. 7];
    $process = $start->();
    is_deeply([ stored($language, 8) ], \@texts,
        "$language: gets what came while it was down");
    $process->stop;
}


sub replaced {
    my ($name, $port, $code) = @_;
    my $found = $code =~ s/\b8000\b/$port/;

    ok($found || $code =~ /^<\?php/, $name);

    return $code;
}


sub start {
    my ($language, $command, $port) = @_;
    my $process = $t->spawn("hook-$language", [ 'sh', '-c',
        'cd "$0" && exec ' . $command, $t->dir . "/app/$language" ],
        env => \%env);

    wait_for(sub { eval { Test::Whatsapp::Http->connect($port) } }, 60,
        "$language to listen");

    return $process;
}


sub subscribe {
    my ($url, $verify_token) = @_;

    return $t->post("/whatsapp/$version/$session/subscribed_apps",
        { override_callback_uri => $url, verify_token => $verify_token });
}


# stored(language, n): the texts of its file, when there are so many

sub stored {
    my ($language, $n) = @_;
    my $lines = sub {
        my $text = eval { $t->read_file("app/$language/events.jsonl") } // '';
        my @lines = $text =~ /^(.*)\n/mg;

        return @lines;
    };

    eval { wait_for(sub { $lines->() >= $n }, 60) };

    return map { $json->decode($_)->{entry}[0]{changes}[0]{value}{messages}[0]
        {text}{body} } $lines->();
}


sub deliver {
    my ($port, $body, $signature) = @_;
    my $http = Test::Whatsapp::Http->connect($port);

    $http->request('POST', '/hook', body => $body, headers => {
        'Content-Type' => 'application/json', Connection => 'close',
        defined $signature
            ? ('X-Hub-Signature-256' => "sha256=$signature") : () });

    return $http->response->status;
}

$t->done();
