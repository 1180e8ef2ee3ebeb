#!/usr/bin/perl

# Receivers made by others for the Cloud API's webhooks get all that can reach
# an account, from the real controller: they answer the challenge, find the
# signature right, tell their users the right thing, and fetch the files.

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

my ($alice, $me) = qw(15550000002 15550000001);
my $t = Test::Whatsapp->new(timeout => 480);
my $phone = $t->standin;
my $json = JSON::PP->new->utf8->canonical;
my $secret = $t->canary('secret');
my $verify_token = $t->canary('verify');
my $port = $t->port('receivers');

$t->run();

my $node = $t->spawn('receivers', [ 'node',
    "$FindBin::Bin/clients/receivers.js" ],
    stdin => $t->write_file('app/receivers.json', encode({
        port => $port, other_port => $t->port('other'), secret => $secret,
        verify_token => $verify_token, token => $t->token,
        base => 'http://127.0.0.1:' . $t->port . '/whatsapp' })));

$node->expect(qr/listening/, 60);

my $controller = $t->controller(args => [ '--allow-webhook-net',
    '127.0.0.0/8', '--config', Test::Whatsapp::Receiver::webhooks($t,
        <<"END") ]);
[session $session]
url = http://127.0.0.1:$port/hook
app_secret = $secret
verify_token = $verify_token
events = messages, statuses, echoes, calls, errors
END

$controller->wait_ready;


# lines(member): what the receivers told, of lines that have the member

sub lines {
    my ($member) = @_;

    return grep { exists $_->{$member} } map { $json->decode($_) }
        $node->output =~ /^(\{.*)\n/mg;
}


# the challenge

wait_for(sub { lines('challenge') }, 60, 'the challenge');

my ($challenges) = map { $_->{challenge} } lines('challenge');
my $challenge = $challenges->{'great-detail'};

like($challenge, qr/^\d+$/, 'a challenge is answered');
is($challenges->{$_}, $challenge, "$_ answers it")
    for qw(api-js business);

# all that can reach an account

my @arrivals = Test::Whatsapp::Arrivals->play($t, $phone);
my @files = grep { $_->{file} } @arrivals;

eval { wait_for(sub { lines('body') >= @arrivals }, 60, 'all deliveries') };
eval { wait_for(sub { lines('media') >= @files }, 60, 'all files') };

my @told = lines('body');
my %media = map { $_->{message} => $_->{media} } lines('media');

is(scalar @told, scalar @arrivals, 'all is delivered, once');
$_->{event} = $json->decode($_->{body}) for @told;

for my $arrival (@arrivals) {
    my $event = Test::Whatsapp::Arrivals::find($arrival,
        map { $_->{event} } @told);
    my ($one) = grep { $event && $_->{event} == $event } @told;

    ok($one, "$arrival->{name}: is delivered") or next;
    check($arrival, $one);
}

is(scalar(lines('error')), 0, 'nothing else went wrong')
    or diag(explain([ lines('error') ]));


# check(arrival, what was told)

sub check {
    my ($arrival, $one) = @_;
    my ($name, $told) = ($arrival->{name}, $one->{told});
    my $value = $one->{event}{entry}[0]{changes}[0]{value};
    my $object = $value->{ $arrival->{list} }[0];

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    for my $library (sort keys %$told) {
        is($told->{$library}{error}, undef, "$name: $library takes it")
            if $library ne 'api-js' || $arrival->{list} ne 'statuses';
        ok($told->{$library}{verified}, "$name: $library verifies it")
            if $library ne 'business';
    }

    is($told->{business}{http}, 200, "$name: business takes it");
    is_deeply($told->{'great-detail'}{event}, $one->{event},
        "$name: great-detail reads it");
    has_members($name, $arrival, $object);

    if ($arrival->{list} eq 'messages') {
        check_message($arrival, $told, $object, $value);

    } elsif ($arrival->{list} eq 'statuses') {
        check_status($arrival, $told, $object);

    } else {
        check_kapso($arrival, $told->{kapso}, $object);
    }

    check_media($arrival, $object) if $arrival->{file};
}


# what is as the phone has played it; of a file the id is sealed

sub has_members {
    my ($name, $arrival, $object) = @_;
    my $type = $arrival->{members}{type};
    my %members = %{ $arrival->{members} };
    my %has = map { $_ => $object->{$_} } keys %members;

    if ($arrival->{file}) {
        $has{$type} = { %{ $has{$type} } };
        like(delete $has{$type}{id}, qr/^[\w-]{40,}$/, "$name: a file's id");
    }

    is_deeply(\%has, \%members, "$name: what it says")
        or diag(explain($object));
    like($object->{timestamp}, qr/^\d{10}$/, "$name: its time");
    like($object->{group_id} // '', $arrival->{group} ? qr/^g\./ : qr/^$/,
        "$name: its group") if $arrival->{list} eq 'messages';
}


sub check_message {
    my ($arrival, $told, $message, $value) = @_;
    my $name = $arrival->{name};
    my ($kapso, $api, $business) = @{$told}{qw(kapso api-js business)};
    my ($number, $who) = $arrival->{stranger} ? (undef, 'Someone')
        : ($alice, 'Alice');

    check_kapso($arrival, $kapso, $message);
    is($kapso->{contacts}[0]{waId}, $number, "$name: kapso knows who");
    is($kapso->{contacts}[0]{profile}{name}, $who, "$name: and the name");

    is($api->{kind}, 'message', "$name: api-js tells a message");
    is_deeply($api->{message}, $message, "$name: that");
    is_deeply([ @{$api}{qw(phoneID from name)} ], [ $session, $number, $who ],
        "$name: and of whom");

    is_deeply($business->{message}, $message, "$name: business tells it");
    is_deeply($business->{contact}, $value->{contacts}[0],
        "$name: and of whom");
    is_deeply($business->{metadata}, { phone_number_id => $session,
        display_phone_number => $me }, "$name: and to whom");
    is(($business->{text} // {})->{text}{body}, $message->{text}{body},
        "$name: business tells the text") if $message->{type} eq 'text';
}


# kapso writes members in its own way, and says the direction

sub check_kapso {
    my ($arrival, $kapso, $object) = @_;
    my ($name, $list) = @{$arrival}{qw(name list)};
    my $one = $list eq 'calls' ? $kapso->{calls}[0] : $kapso->{messages}[0];

    is($kapso->{phoneNumberId}, $session, "$name: kapso knows the account");
    is($kapso->{displayPhoneNumber}, $me, "$name: and its number");
    is($one->{id}, $object->{id}, "$name: kapso tells it");
    is($one->{from}, $object->{from}, "$name: and of whom");
    is($one->{$_}, $object->{$_}, "$name: and its $_")
        for qw(type timestamp event);
    is(($one->{kapso} // {})->{direction}, $list eq 'messages' ? 'inbound'
        : 'outbound', "$name: and its direction")
        if $list ne 'calls' && !$arrival->{of_itself};

    my $type = $arrival->{members}{type} // '';
    my $content = $arrival->{members}{$type};

    return if ref $content ne 'HASH';

    for my $member (grep { !ref $content->{$_} } sort keys %$content) {
        is($one->{ camel($type) }{ camel($member) },
            $object->{$type}{$member}, "$name: kapso reads $member");
    }
}


sub camel { $_[0] =~ s/_(\w)/\u$1/gr }


sub check_status {
    my ($arrival, $told, $status) = @_;
    my $name = $arrival->{name};
    my ($kapso, $api, $business) = @{$told}{qw(kapso api-js business)};
    my $data = $arrival->{members}{biz_opaque_callback_data};

    is_deeply([ @{ $kapso->{statuses}[0] }{qw(id status recipientId
            timestamp bizOpaqueCallbackData)} ],
        [ @{$status}{qw(id status)}, $alice, $status->{timestamp}, $data ],
        "$name: kapso tells it");
    is_deeply([ @{$api}{qw(kind id status phone timestamp data)} ],
        [ 'status', @{$status}{qw(id status)}, $alice, $status->{timestamp},
            $data ], "$name: api-js tells it");
    is_deeply($business->{status}, $status, "$name: business tells it");

    return if !$arrival->{failed};

    is($api->{error}{code}, $status->{errors}[0]{code},
        "$name: api-js tells why");
    is($kapso->{statuses}[0]{errors}[0]{code}, $status->{errors}[0]{code},
        "$name: kapso tells why");
    like($status->{errors}[0]{$_}, qr/\w/, "$name: with a $_")
        for qw(code title message href);
    like($status->{errors}[0]{error_data}{details}, qr/\w/,
        "$name: with details");
}


sub check_media {
    my ($arrival, $message) = @_;
    my ($name, $file) = @{$arrival}{qw(name file)};
    my $media = $media{ $message->{id} };

    for my $library (qw(kapso great-detail)) {
        my ($metadata, $bytes) = ref $media->{$library} eq 'ARRAY'
            ? @{ $media->{$library} } : ();

        is(($bytes // {})->{sha256}, sha256_hex($file),
            "$name: $library gets the file") or diag(explain($media));
        is(($metadata // {})->{sha256}, sha256_hex($file),
            "$name: and its digest before");
    }
}


# what is not signed is refused by all who look

my ($one) = grep { $_->{headers}{'x-hub-signature-256'} } @told;
my $http = Test::Whatsapp::Http->connect($port);

$http->request('POST', '/hook', body => $one->{body} =~ s/Alice/Elice/r,
    headers => { map { $_ => $one->{headers}{$_} }
        qw(x-hub-signature-256 content-type) });
$http->response;
wait_for(sub { lines('body') > @told }, 60, 'what is forged');

my $forged = (lines('body'))[-1]{told};

ok(!$forged->{$_}{verified}, "$_ refuses what is forged")
    for qw(kapso great-detail api-js);

# who has no number is answered by the id

my ($stranger) = map { $_->{event}{entry}[0]{changes}[0]{value}{messages}[0]
    {from_user_id} } grep { $_->{body} =~ /Someone/ } @told;
my $answer = $t->send($stranger, $t->canary('text'));

is($answer->status, 200, 'a stranger is answered')
    or diag($answer->head_and_body);
wait_for(sub { lines('body') > @told + 1 }, 60, 'its status');

# trouble

$phone->logout;
wait_for(sub { lines('body') > @told + 2 }, 60, 'the log-out');

my $trouble = (lines('body'))[-1];

is($trouble->{told}{business}{error}{code}, 133010, 'business tells a log-out');
is($trouble->{told}{'api-js'}{http}, 200, 'api-js does not mind it');
ok($trouble->{told}{kapso}{verified} && $trouble->{told}{kapso}{raw}{messages},
    'nor does kapso');

$t->done();
