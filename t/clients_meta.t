#!/usr/bin/perl

# Meta's own SDK, which knows hosts and no paths: over TLS, with the API at the
# root of the host. What it sends arrives, and it reads the errors.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();
my ($to, $writer) = ('15550000002', '15550000005');
my $text = $t->canary('text');
my $certificate = $t->dir . '/nginx/cert.pem';

{
    my ($status, $output) = $t->command([ 'openssl', 'req', '-x509',
        '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj',
        '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
        '-keyout', $t->dir . '/nginx/key.pem', '-out', $certificate ]);

    die $output if $status;
}

$t->write_file('nginx/templates', "[hello en_US]\nHello!\n");

$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    ssl_certificate cert.pem;
    ssl_certificate_key key.pem;

    server {
        listen 127.0.0.1:8080;
        listen 127.0.0.1:8081 ssl;

        location / {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_templates templates;
            whatsapp_interactive text;
        }
    }
}
END

$controller->wait_ready;


# outcomes(cases): { name => outcome }

sub outcomes {
    my (@cases) = @_;
    my ($status, $output, %outcomes);

    for my $case (@cases) {
        $case->{token} //= $t->token;
        $case->{session} //= $session;
        $case->{to} //= $to;
    }

    # in production it does without a package of its own that is not there

    ($status, $output) = $t->command(['env', 'NODE_ENV=production',
        "NODE_EXTRA_CA_CERTS=$certificate", 'node',
        "$FindBin::Bin/clients/meta.js"], encode({
            base => 'https://localhost:' . $t->port(8081),
            cases => \@cases }));
    is($status, 0, 'the SDK runs') or diag($output);

    for my $line (split /\n/, $output) {
        my $outcome = eval { JSON::PP->new->utf8->decode($line) } or next;
        $outcomes{ $outcome->{name} } = $outcome;
    }

    return \%outcomes;
}


sub message {
    my ($name, $type, $object, %more) = @_;

    return { name => $name, call => 'message', %more,
        input => { type => $type, $type => $object,
            $more{context} ? (context => { message_id => $more{context} })
            : () } };
}


my $written = $phone->write($writer, $t->canary('text'));

$phone->wait_taken;

my $got = outcomes(
    message('text', 'text', { body => $text,
        preview_url => JSON::PP::false }),
    message('quote', 'text', { body => "$text quote" }, to => $writer,
        context => $written->{wamid}),
    message('location', 'location', { latitude => 47.37, longitude => 8.54,
        name => $text, address => $text }),
    message('contacts', 'contacts', [{ name => { formatted_name => $text,
        first_name => $text }, phones => [{ phone => '+1 555 000 0003',
        type => 'HOME' }] }]),
    message('template', 'template', { name => 'hello', language => {
        policy => 'deterministic', code => 'en_US' } }),
    message('buttons', 'interactive', { type => 'button', body => {
        text => $text }, action => { buttons => [{ type => 'reply', reply =>
            { id => 'y', title => 'Yes' } }] } }),
    { name => 'read', call => 'read', message => $written->{wamid} },
    message('nobody', 'text', { body => $text }, to => '15550000010'),
    message('token', 'text', { body => $text },
        token => $t->canary('token')),
    { name => 'pin', call => 'pin' },
);


sub arrived {
    my ($name) = @_;
    my $id = ref $got->{$name}{result}
        ? $got->{$name}{result}{messages}[0]{id} : '';
    my ($message) = grep { $_->{wamid} eq $id } $phone->messages;

    ok($message, "$name arrives") or diag(encode($got->{$name}));
    return $message // {};
}


is(arrived('text')->{body}, $text, 'the text');
is(arrived('quote')->{body}, "$text quote", 'the text that quotes');
is(arrived('location')->{location}{latitude}, 47.37, 'the place');
is(arrived('contacts')->{contacts}[0]{name}, $text, 'the contact');
is(arrived('template')->{body}, 'Hello!', 'the template');
is(arrived('buttons')->{body}, "$text\n\n1. Yes", 'buttons as text');
ok($got->{read}{result}{success}, 'marked as read');
ok(wait_for(sub {
    grep { $_->{wamid} eq $written->{wamid} && $_->{seen} } $phone->received
}, 60), 'the writer sees it read');

for my $row ([ nobody => 400, 131026 ], [ token => 401, 190 ],
    [ pin => 405, 100 ])
{
    my ($name, $status, $code) = @$row;
    my $error = $got->{$name}{error} // {};

    is(join(' ', map { $error->{$_} // '' } qw(status code type)),
        "$status $code " . error_type($status), "$name: error $code")
        or diag(encode($got->{$name}));
    like($error->{details} // '', qr/\w/, "$name: its details");
}

$t->done();
