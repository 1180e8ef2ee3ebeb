#!/usr/bin/perl

# What whole products read in a webhook, by their public sources: each member
# that they use without asking whether it is there, for all that can reach an
# account; and how they fetch a file.  What a product can't take, whoever sends
# it, is named here and in docs/clients.md.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Arrivals;
use Test::Whatsapp::Receiver;

my $me = '15550000001';
my $t = Test::Whatsapp->new(timeout => 480);
my $phone = $t->standin;
my $secret = $t->canary('secret');
my $receiver = Test::Whatsapp::Receiver->start($t, 'product');
my $url = $receiver->url("webhooks/whatsapp/+$me");
my $bearer = { Authorization => 'Bearer ' . $t->token };

$t->run();

# configure(line): the configuration file, with one more line

sub configure {
    return Test::Whatsapp::Receiver::webhooks($t, "[session $session]\nurl = $url\n"
        . "app_secret = $secret\n$_[0]\n");
}

my $controller = $t->controller(args => [ '--allow-webhook-net',
    '127.0.0.0/8', '--config',
    configure('events = messages, statuses, echoes, calls, errors') ]);

$controller->wait_ready;

my @arrivals = Test::Whatsapp::Arrivals->play($t, $phone);

eval { wait_for(sub { $receiver->deliveries >= @arrivals }, 60) };

my @events = map { $_->{event} } $receiver->deliveries;

for my $arrival (@arrivals) {
    my $event = Test::Whatsapp::Arrivals::find($arrival, @events);

    ok($event, "$arrival->{name}: is delivered") or next;
    $arrival->{value} = $event->{entry}[0]{changes}[0]{value};
    $arrival->{object} = $arrival->{value}{ $arrival->{list} }[0];
}

is(($receiver->deliveries)[0]{uri}, "/webhooks/whatsapp/+$me",
    'the URL is as Chatwoot shows it');


sub said { defined $_[0] && !ref $_[0] && $_[0] ne '' }

# lacks(arrival, members): those of its object that are no texts

sub lacks {
    my ($arrival, @members) = @_;

    return grep { !said($arrival->{object}{$_}) } @members;
}


# ==== Chatwoot ====

for my $arrival (grep { $_->{list} =~ /^message/ } @arrivals) {
    my ($name, $message) = @{$arrival}{qw(name object)};
    my $value = $arrival->{value};
    my $contact = $value->{contacts}[0];
    my $type = $message->{type};

    is("+$value->{metadata}{display_phone_number}", "+$me",
        "Chatwoot: $name: finds the inbox by its number");
    is($value->{metadata}{phone_number_id}, $session,
        "Chatwoot: $name: and it is this one");
    is_deeply([ lacks($arrival, qw(id type timestamp)) ], [],
        "Chatwoot: $name: can be stored");

    if ($arrival->{list} eq 'messages') {
        ok(said($contact->{profile}{name}), "Chatwoot: $name: from somebody");
        ok(($contact->{wa_id} // '') =~ /^\d+$/ ? $message->{from}
                eq $contact->{wa_id} : said($contact->{user_id})
                && $message->{from_user_id} eq $contact->{user_id},
            "Chatwoot: $name: who is known by number or id");

    } else {
        ok($message->{to} =~ /^\d+$/ && said($message->{to_user_id}),
            "Chatwoot: $name: to somebody");
    }

    if ($type eq 'contacts') {
        is(scalar(grep { !said($_->{name}{formatted_name}) }
            @{ $message->{contacts} }), 0, "Chatwoot: $name: have names");

    } elsif ($type !~ /^(?:text|button|interactive|location|unsupported)$/) {
        is(ref $message->{$type}, 'HASH',
            "Chatwoot: $name: what may have a file is an object");
    }

    fetched('Chatwoot', $arrival, "/v13.0/$message->{$type}{id}"
        . "?phone_number_id=$session", $bearer) if $arrival->{file};
}

# of what has no file it asks for one, too

is($t->request('GET', "/whatsapp/v13.0/?phone_number_id=$session",
    headers => $bearer)->status, 404,
    'Chatwoot: where there is no file, the token is not blamed');

for my $arrival (grep { $_->{failed} } @arrivals) {
    like($arrival->{object}{errors}[0]{$_}, qr/\w/,
        "Chatwoot: why it failed: $_") for qw(code title);
}


# ==== Typebot ====

# its schema; what does not fit is answered with 400

my $text = \&said;
my $number = sub { defined $_[0] && encode([ $_[0] ]) =~ /^\[-?[\d.]+\]$/ };
my $maybe = sub { !defined $_[0] || !ref $_[0] };
my %file = (id => $text, caption => $maybe, mime_type => $text);
my %typebot = (
    text => { body => $text },
    button => { text => $text, payload => $maybe },
    (map { $_ => \%file } qw(image video audio document sticker)),
    location => { latitude => $number, longitude => $number },
    reaction => { emoji => $maybe },
    system => { body => $text },
);

sub fits {
    my ($schema, $object) = @_;

    return !grep { !$schema->{$_}->($object->{$_}) } keys %$schema;
}


sub typebot_takes {
    my ($arrival) = @_;
    my $object = $arrival->{object};
    my $type = $object->{type};

    if ($arrival->{list} eq 'statuses') {
        return !lacks($arrival, qw(id recipient_id timestamp))
            && $object->{status} =~ /^(?:sent|delivered|read|failed)$/
            && !grep { !$number->($_->{code}) || !said($_->{title}) }
                @{ $object->{errors} // [] };
    }

    return 1 if $arrival->{list} ne 'messages' || $type eq 'unsupported';
    return 0 if lacks($arrival, 'timestamp');

    if ($type eq 'interactive') {
        my $reply = $object->{interactive};

        return $reply->{type} =~ /^(?:button|list)_reply$/
            && fits({ id => $text, title => $text },
                $reply->{ $reply->{type} });
    }

    if ($type eq 'contacts') {
        return !grep { !said($_->{name}{formatted_name})
            || grep { !$maybe->($_->{phone}) || !$maybe->($_->{type}) }
                @{ $_->{phones} // [] } } @{ $object->{contacts} };
    }

    return $typebot{$type} && fits($typebot{$type}, $object->{$type});
}

is_deeply([ map { $_->{name} } grep { !typebot_takes($_) } @arrivals ],
    [ 'a form', 'an edit', 'a deletion', 'a poll', 'a vote',
        'no vote any more', 'status: played' ],
    'Typebot takes all but what it does not know');

# so it is left out: a chat would not get past it

$controller->process->stop;
configure('without = edit, revoke, poll, poll_vote, played');
$controller->restart;
$controller->wait_ready;
$receiver->clear;

{
    my @texts = map { $t->canary('text') } 1, 2;
    my $key = $phone->write('15550000002', $texts[0])->{id};

    $phone->api('POST', '/api/edit', { from => '15550000002',
        target => $key, body => 'other' });
    $phone->write('15550000002', undef, type => 'poll', poll => {
        name => 'Which?', options => [ 'a', 'b' ] });
    $phone->api('POST', '/api/delete', { from => '15550000002',
        target => $key });
    $phone->write('15550000002', $texts[1]);
    $receiver->wait_taken(2);

    is_deeply([ map { $_->{event}{entry}[0]{changes}[0]{value}{messages}[0]
        {text}{body} } $receiver->deliveries ], \@texts,
        'Typebot: gets nothing else when that is left out');
}

for my $arrival (grep { $_->{file} } @arrivals) {
    my $media = $arrival->{object}{ $arrival->{members}{type} };

    unlike($media->{id}, qr/[^\w-]/,
        "Typebot: $arrival->{name}: its id can stand before an extension");
    fetched('Typebot', $arrival, "/v17.0/$media->{id}", { %$bearer,
        'User-Agent' => 'Mozilla/5.0 (compatible; Googlebot/2.1; '
            . '+http://www.google.com/bot.html)' });
}


# ==== Evolution API ====

for my $arrival (grep { $_->{object} } @arrivals) {
    my ($name, $object, $type) = ($arrival->{name}, $arrival->{object},
        $arrival->{members}{type});

    next if $arrival->{list} eq 'calls';

    if ($arrival->{list} eq 'statuses') {
        is_deeply([ lacks($arrival, qw(id status recipient_id)) ], [],
            "Evolution: $name: which message, and whose");
        next;
    }

    ok($arrival->{stranger} || said($object->{from}),
        "Evolution: $name: from a number");
    ok(said($object->{context}{id}) || $object->{context}{forwarded}
        || $object->{context}{frequently_forwarded},
        "Evolution: $name: what it answers") if $object->{context};

    if ($type eq 'interactive') {
        is(ref $object->{interactive}{ $object->{interactive}{type} },
            'HASH', "Evolution: $name: the reply");

    } elsif ($type eq 'reaction') {
        ok(said($object->{reaction}{message_id}),
            "Evolution: $name: to which message");

    } elsif ($type eq 'contacts') {
        ok(said($object->{contacts}[0]{phones}[0]{phone}),
            "Evolution: $name: a phone");
    }

    fetched('Evolution', $arrival, "/v20.0/$object->{$type}{id}",
        { %$bearer, 'Content-Type' => 'application/json' })
        if $arrival->{file};
}


# fetched(product, arrival, path, headers): the metadata, then the bytes, with
# the same headers; receivers name the file by Content-Disposition

sub fetched {
    my ($product, $arrival, $path, $headers) = @_;
    my $name = "$product: $arrival->{name}";
    my $response = $t->request('GET', "/whatsapp$path", headers => $headers);
    my $media = $response->json // {};
    my ($url) = ($media->{url} // '') =~ m{^http://[^/]+(/.*)};

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($response->status, 200, "$name: its URL")
        or diag($response->head_and_body), return;
    is($media->{mime_type}, $arrival->{members}{
        $arrival->{members}{type} }{mime_type}, "$name: its type");

    $response = $t->request('GET', $url, headers => $headers);
    is($response->status, 200, "$name: its bytes");
    is(sha256_hex($response->body), sha256_hex($arrival->{file}),
        "$name: are those");

    my $disposition = $response->header('content-disposition') // '';

    like($disposition, qr/filename="[ -!#-~]+\.[a-z0-9]+"/,
        "$name: a name with an extension");
}

$t->done();
