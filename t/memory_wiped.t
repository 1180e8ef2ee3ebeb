#!/usr/bin/perl

# What was sent is gone from the memory of nginx's worker and of the controller
# when it has been answered: texts, names of files, tokens, secrets.  Their
# memory is read as a debugger would, which only root can.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Time::HiRes qw(sleep);

plan(skip_all => 'only root can read the memory of others') if $> != 0;
plan(skip_all => 'a sanitizer keeps what is freed') if $ENV{ASAN_OPTIONS};

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();
my ($worker, %canary);


# found(pid, canary): the places in the memory of a process that hold it

sub found {
    my ($pid, $canary) = @_;
    my @found;

    open my $maps, '<', "/proc/$pid/maps" or die "maps of $pid: $!\n";
    open my $mem, '<:raw', "/proc/$pid/mem" or die "mem of $pid: $!\n";

    while (my $line = readline $maps) {
        my ($from, $to, $name) = $line
            =~ m{^([0-9a-f]+)-([0-9a-f]+) rw\S* \S+ \S+ \d+ *(.*)$} or next;
        my ($bytes, $at);

        no warnings 'portable';
        ($from, $to) = map { hex } $from, $to;
        sysseek $mem, $from, 0 or next;
        sysread $mem, $bytes, $to - $from or next;

        for ($at = 0; ($at = index $bytes, $canary, $at) != -1; $at++) {
            my $near = substr $bytes, $at < 80 ? 0 : $at - 80, 200;

            $near =~ s/[^ -~]/./g;
            push @found, sprintf '%s+%x: %s', $name || 'memory', $at, $near;
        }
    }

    return @found;
}


sub gone {
    my ($name, $canary) = @_;

    for my $process ([ 'the worker', $worker ],
        [ 'the controller', $controller->pid ])
    {
        my @found = found($process->[1], $canary);

        local $Test::Builder::Level = $Test::Builder::Level + 1;

        is(scalar @found, 0, "$name: gone from $process->[0]")
            or diag(join "\n", @found > 8 ? @found[0 .. 7] : @found);
    }
}


my $old_secret = $t->canary('secret');

$t->write_file('parts/secret', "$old_secret\n");
chmod 0600, $t->dir . '/parts/secret';
$t->run($t->default_conf =~ s/(location .whatsapp.)/
        location \/beta\/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_beta_api on phone_number_id=1000000001;
        }

        location \/secret\/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_secret_file %%DIR%%\/parts\/secret;
        }

        $1/r);
($worker) = $t->workers;
$controller->wait_ready;

%canary = map { $_ => $t->canary($_) }
    qw(text caption filename name long pieces form query wrong bytes);

# each kind is sent several times, so that buffers of all ages are met

for (1 .. 3) {
    is($t->send('15550000002', $canary{text})->status, 200, "text $_");
    is($t->send('15550000002', $canary{long} x 1500)->status, 400,
        "a text that is too long $_");
    is($t->messages({ to => '15550000002', type => 'contacts',
        contacts => [ { name => { formatted_name => $canary{name},
            first_name => $canary{name} } } ] })->status, 200, "contact $_");
}

{
    my $media = $t->post("/whatsapp/$version/$session/media",
        "--b\r\nContent-Disposition: form-data; name=\"file\"; "
        . "filename=\"$canary{filename}.txt\"\r\n"
        . "Content-Type: text/plain\r\n\r\n$canary{bytes}\r\n--b--\r\n",
        headers => { 'Content-Type' => 'multipart/form-data; boundary=b' });

    is($media->status, 200, 'an upload') or diag($media->body);
    is($t->messages({ to => '15550000002', type => 'document', document => {
        id => $media->json->{id}, caption => $canary{caption},
        filename => "$canary{filename}.txt" } })->status, 200, 'a document');
    is($t->request('DELETE', "/whatsapp/$version/" . $media->json->{id})
        ->status, 200, 'deleted');
}

# nobody but root reads the controller's memory, not even its own user
is((stat '/proc/' . $controller->pid . '/mem')[4], 0,
    'the controller cannot be dumped');
isnt($t->user->{uid}, 0, 'which is no program of root');

is($t->get("/whatsapp/$version/$session?access_token=" . $t->token,
    token => undef)->status, 200, 'a token as an argument');
is($t->get("/whatsapp/$version/$session", token => $canary{wrong})->status,
    401, 'a wrong token');
is($t->post($t->messages_uri, "to=15550000002&text={\"body\":"
    . "\"$canary{form}\"}&messaging_product=whatsapp", headers => {
    'Content-Type' => 'application/x-www-form-urlencoded' })->status, 200,
    'a form');
is($t->get("/beta/send?number=15550000002&msg=$canary{query}")->status, 200,
    'a text as an argument');

# a body in pieces, between two other requests on one connection that stays

my $connection = $t->connect(8080);
my $bytes = $t->request_bytes('POST', $t->messages_uri,
    body => text_message('15550000002', $canary{pieces} x 20));

$connection->write($t->request_bytes('GET', "/whatsapp/$version/$session")
    . substr $bytes, 0, 400);
is($connection->response->status, 200, 'a request before');

for my $piece (unpack '(a100)*', substr $bytes, 400) {
    $connection->write($piece);
    sleep 0.01;
}

is($connection->response->status, 200, 'a text in pieces');
$connection->write($t->request_bytes('GET', "/whatsapp/$version/$session")
    x 2);
is($connection->response->status, 200, "a request after $_") for 1, 2;

gone($_, $canary{$_}) for sort keys %canary;
gone('token', $t->token);
ok(found($worker, $old_secret) > 0, 'the secret is there while it is needed');
$connection->close;

# a secret that was replaced

$t->write_file('parts/secret', $t->canary('secret') . "\n");
$t->reload;
wait_for(sub { !kill 0, $worker }, 60, 'the end of the old worker');
is(scalar found($_, $old_secret), 0, 'the old secret is gone')
    for $t->nginx->pid, $t->workers;

$t->done();
