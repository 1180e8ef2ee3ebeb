#!/usr/bin/perl

# The profile of a personal and of a business account, from nginx to
# WhatsApp's server: what each can have, what it can't, and what is not told.

use strict;
use warnings;

use Compress::Zlib qw(compress crc32);
use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();

$t->run();
$controller->wait_ready;

my $base = "/whatsapp/$version/$session";
my $uri = "$base/whatsapp_business_profile";


sub profile { $t->get("$uri?fields=" . ($_[0] // ''))->json->{data}[0] }

sub set { $t->post($uri, { messaging_product => 'whatsapp', @_ }) }


sub refused {
    my ($name, $details, @members) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    graph_error(set(@members), 400, 131009, "$name is refused",
        details => $details);
}


# png(): an image, as an upload

sub png {
    my $chunk = sub {
        return pack('N', length $_[1]) . "$_[0]$_[1]"
            . pack('N', crc32("$_[0]$_[1]"));
    };

    return "\x89PNG\r\n\x1a\n"
        . $chunk->('IHDR', pack('NNCCCCC', 8, 8, 8, 0, 0, 0, 0))
        . $chunk->('IDAT', compress(("\0" . "\x80" x 8) x 8))
        . $chunk->('IEND', '');
}


sub uploaded {
    my ($bytes, $type, $name) = @_;

    return $t->post("$base/media", "--xyzzy\r\nContent-Disposition: "
        . "form-data; name=\"file\"; filename=\"$name\"\r\nContent-Type: "
        . "$type\r\n\r\n$bytes\r\n--xyzzy--\r\n", headers => {
            'Content-Type' => 'multipart/form-data; boundary=xyzzy' })
        ->json->{id};
}


# what both kinds of account do

sub both {
    my ($kind) = @_;
    my $about = $t->canary('about');
    my $response = set(profile_picture_handle =>
        uploaded(png(), 'image/png', 'a.png'));

    is(set(about => $about)->status, 200, "$kind: a new about");
    is($phone->state->{about}, $about, "$kind: at the server");
    is(profile('about')->{about}, $about, "$kind: and in the profile");

    is($response->status, 200, "$kind: a picture of an uploaded image")
        or diag($response->head_and_body);
    like($phone->state->{picture}{url}, qr{^https://pps\.whatsapp\.net/},
        "$kind: is at the server");
    is(profile('profile_picture_url')->{profile_picture_url},
        $phone->state->{picture}{url}, "$kind: and has WhatsApp's URL");

    refused("$kind: a picture that is no image",
        qr/profile_picture_handle/, profile_picture_handle =>
            uploaded('text', 'text/plain', 'a.txt'));
    refused("$kind: a picture that is not there", qr/profile_picture_handle/,
        profile_picture_handle => 'A' x 60);
    refused("$kind: a picture's URL", qr/cannot be set/,
        profile_picture_url => 'https://example.com/a.jpg');
    refused("$kind: what no profile has", qr/cannot be set/,
        about => 'x', colour => 'blue');
    refused("$kind: an empty about", qr/about must be/, about => '');
    refused("$kind: an about of 140 characters", qr/about must be/,
        about => 'x' x 140);
    $response = set(about => "\x{1f600}" x 139);
    is($response->status, 200, "$kind: 139 characters, of two units each")
        or diag($response->head_and_body);
    graph_error(set(), 400, 131008, "$kind: nothing to be set");
    ok($phone->state->{about} eq "\x{1f600}" x 139,
        "$kind: what was refused has changed nothing");

    is(join(' ', sort keys %{ profile('about,email') }), $_[1],
        "$kind: the fields that were asked for");
}

# a person

ok(!exists profile()->{profile_picture_url}, 'there is no picture at first');
both('personal', 'about messaging_product');
is(profile()->{vertical}, 'UNDEFINED', 'clients always find a vertical');
ok(!exists profile('about')->{vertical}, 'unless they ask for others only');

my %business = (
    address => '1 ' . $t->canary('street'),
    description => $t->canary('description'),
    email => $t->canary('mail') . '@example.com',
    websites => ['https://example.com/', 'http://example.org/a'],
    vertical => 'RETAIL',
);

refused("personal: $_", qr/\b$_\b.*business/, $_ => $business{$_})
    for sort keys %business;
is(join(' ', sort keys %{ profile() }),
    'about messaging_product profile_picture_url vertical',
    'personal: no more');

# a business

$phone->api('POST', '/api/account', { business => JSON::PP::true });
wait_for(sub { exists profile('email')->{email} }, 60,
    'the page to know that it is a business');

both('business', 'about email messaging_product');

is(set(%business)->status, 200, 'business: all at once');

{
    my $shown = profile();
    my $there = $phone->state->{business};

    is_deeply({ map { $_ => $shown->{$_} } keys %business }, \%business,
        'business: the profile');
    is_deeply($there, {
        (map { $_ => $business{$_} } qw(address description email)),
        website => [ map { { url => $_ } } @{ $business{websites} } ],
        categories => [ { id => '200600219953504' } ],
    }, 'business: as the server has it');

    is(set(email => '', websites => [])->status, 200, 'business: emptied');
    is(profile('email')->{email}, '', 'business: the address is gone');
    is_deeply(profile('websites')->{websites}, [], 'business: the sites too');
    is(profile('address')->{address}, $business{address},
        'business: what was not named stays');
}

for my $case ([ address => 'x' x 257 ], [ description => 'x' x 513 ],
    [ email => 'nobody' ], [ email => 'x' x 120 . '@example.com' ],
    [ websites => [ ('https://example.com/') x 3 ] ],
    [ websites => ['example.com'] ], [ websites => 'https://example.com/' ],
    [ websites => [ 'https://example.com/' . 'x' x 256 ] ],
    [ vertical => 'PROF_SERVICES' ], [ vertical => 'retail' ],
    [ email => 1 ])
{
    refused("business: $case->[0] " . substr(encode($case->[1]), 0, 30),
        qr/^$case->[0]/, @$case);
}

# what the page would refuse anyhow, asked past nginx

for my $case ([ vertical => 'NOT_A_BIZ' ], [ address => 'x' x 257 ],
    [ websites => ['javascript:x'] ], [ colour => 'blue' ], [ about => '' ],
    [ profile_picture_handle => 'x' ])
{
    my $response = $controller->call('profile.set', {@$case});

    is($response->error->{code}, 'invalid_parameter',
        "the controller refuses $case->[0], too")
        or diag($response->head_and_body);
}

# later versions of WhatsApp Web tell a business by a function

$phone->fault('web_version', version => '2.3000.1045643679');
$controller->request('POST', "/v1/sessions/$session/restart");
$controller->wait_state('(?!ready$).*', 60);
$controller->wait_ready;
is(profile('address')->{address}, $business{address},
    'a later version: it is still a business');

$t->done();
