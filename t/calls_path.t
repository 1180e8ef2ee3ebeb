#!/usr/bin/perl

# Calls beside messages, and groups, on real parts: from nginx to WhatsApp's
# server.

use strict;
use warnings;

use Encode qw(encode_utf8);
use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();

# a long name: it is cut where it is kept, between two characters
my $name = $t->canary('name') . "\x{20ac}" x 100;
my $phone = $t->standin(name => encode_utf8($name));
my $controller = $t->controller();

$t->run();
$controller->wait_ready;

my $base = "/whatsapp/$version/$session";


# calls(method, path, body): the decoded answer, which must be a success

sub calls {
    my ($method, $path, $body) = @_;
    my ($response, $name);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $response = $t->request($method, $path =~ m{^/} ? $path : "$base/$path",
        defined $body ? (body => $body) : ());
    $name = $path =~ s{g\.[\w-]{40,}}{...}gr;
    is($response->status, 200, "$method $name")
        or diag($response->head_and_body);

    return $response->json // {};
}


# group(subject): the group as WhatsApp's server has it

sub group {
    my ($subject) = @_;

    return (grep { $_->{subject} eq $subject }
        @{ $phone->api('GET', '/api/groups') })[0] // {};
}


sub numbers { join ' ', sort map { $_->{number} } @{ $_[0]{participants} } }

sub admins {
    return join ' ', sort map { $_->{number} } grep { $_->{admin} }
        @{ $_[0]{participants} };
}


# numbers

is_deeply([ map { $_->{status} } @{ calls('POST', 'contacts', { contacts =>
    ['+1 555 000 0002', '15550000010', 'x'] })->{contacts} } ],
    [qw(valid invalid invalid)], 'which numbers are on WhatsApp');

{
    my $number = calls('GET',
        '/whatsapp/123456789012345678/phone_numbers')->{data}[0];

    is($number->{display_phone_number}, '+15550000001', 'the phone number');
    like($number->{verified_name}, qr/^canaryname\w{16}\x{20ac}{74,77}$/,
        'and its name');
    is(index($name, $number->{verified_name}), 0, 'as far as there is room');
    ok(calls('GET', $base)->{verified_name} eq $name,
        'all of it where the page is asked');
}

# profile

my $about = $t->canary('about');

calls('POST', 'whatsapp_business_profile', { about => $about });
is($phone->state->{about}, $about, 'the server has the new profile');
is(calls('GET', 'whatsapp_business_profile')->{data}[0]{about}, $about,
    'and so does the API');
graph_error($t->post("$base/whatsapp_business_profile",
    { email => 'a@example.com' }), 400, 131009,
    'what a personal account cannot set', details => qr/email.*business/);

# block list

my $user = { block_users => [ { user => '+1 555-000-0003' } ] };

is(calls('POST', 'block_users', $user)->{block_users}{added_users}[0]{wa_id},
    '15550000003', 'blocked');
is_deeply([ map { "$_" } @{ $phone->state->{blocked} } ], ['15550000003'],
    'at the server');
is(calls('GET', 'block_users')->{data}[0]{wa_id}, '15550000003', 'listed');

# pages, by cursors that reveal no number

calls('POST', 'block_users', { block_users => [ { user => '15550000005' } ] });

{
    my $list = calls('GET', 'block_users');
    my @all = map { $_->{wa_id} } @{ $list->{data} };
    my $page = calls('GET', 'block_users?limit=1');
    my $uri = $page->{paging}{next} =~ s{^http://[^/]+}{}r;
    my $cursor = $list->{paging}{cursors}{after};

    is(scalar @all, 2, 'two are blocked');
    is($page->{data}[0]{wa_id}, $all[0], 'the first page');
    unlike($uri, qr/555/, 'the URL of the next one has no number');
    is($t->get($uri)->json->{data}[0]{wa_id}, $all[1], 'the next page');
    is(calls('GET', "block_users?before=$cursor")->{data}[0]{wa_id}, $all[0],
        'and the one before');
    is_deeply(calls('GET', 'block_users?after=' . 'A' x 60)->{data}, [],
        'nothing after what is no cursor');
}

calls('DELETE', 'block_users', { block_users => [ { user => '15550000005' } ] });
calls('DELETE', 'block_users', $user);
is_deeply($phone->state->{blocked}, [], 'and unblocked');

# groups

my $id = calls('POST', 'groups', { subject => 'Us',
    participants => ['15550000002'] })->{id};
my $group = "groups/$id";
my $third = { participants => ['+15550000003'] };

is(numbers(group('Us')), '15550000001 15550000002', 'a group is made');
ok((grep { $_->{id} eq $id } @{ calls('GET', 'groups')->{data}{groups} }),
    'and listed under the same id');
is(calls('GET', $group)->{subject}, 'Us', 'its subject');

# pages of the list

{
    my @all = map { $_->{id} } @{ calls('GET', 'groups')->{data}{groups} };
    my (@paged, $page);
    my $uri = "$base/groups?limit=1";

    while ($uri && @paged <= @all) {
        $page = $t->get($uri)->json;
        push @paged, map { $_->{id} } @{ $page->{data}{groups} };
        ($uri) = ($page->{paging}{next} // '') =~ m{^http://[^/]+(/.*)};
    }

    cmp_ok(scalar @all, '>=', 2, 'several groups');
    is("@paged", "@all", 'in as many pages');
    is(calls('GET', "groups?before=$all[1]&limit=5")->{data}{groups}[0]{id},
        $all[0], 'and backwards');
}

calls('POST', $group, { subject => 'They', description => 'All' });
is(group('They')->{description}, 'All', 'a new description');
calls('POST', $group, { subject => 'S' x 128 });
ok(group('S' x 128), 'a long subject');
graph_error($t->post("$base/$group", { subject => 'S' x 129 }), 400, 131009,
    'one that is too long');
calls('POST', $group, { subject => 'They' });
calls('POST', "$group/participants", $third);
is(numbers(group('They')), '15550000001 15550000002 15550000003', 'added');
calls('POST', "$group/admins", $third);
is(admins(group('They')), '15550000001 15550000003', 'promoted');
calls('DELETE', "$group/admins", $third);
is(admins(group('They')), '15550000001', 'demoted');
calls('DELETE', "$group/participants", $third);
is(numbers(group('They')), '15550000001 15550000002', 'removed');

my $link = calls('GET', "$group/invite_link")->{invite_link};

like($link, qr{^https://chat\.whatsapp\.com/}, 'an invite link');
isnt(calls('DELETE', "$group/invite_link")->{invite_link}, $link,
    'and a new one');

# the same by Meta's own paths, which name no number

{
    my $info = calls('GET', "/whatsapp/$id");

    is_deeply([ @{$info}{qw(id messaging_product subject suspended
        join_approval_mode total_participant_count)} ],
        [ $id, 'whatsapp', 'They', JSON::PP::false, 'auto_approve', 1 ],
        'a group by its id alone');
    cmp_ok($info->{creation_timestamp}, '>', 1_600_000_000, 'since when');

    like(calls('POST', "/whatsapp/$version/$id", { subject => 'We' })
        ->{request_id}, qr/^\w+$/, 'changed');
    is(group('We')->{description}, 'All', 'in its subject only');
    calls('POST', "/whatsapp/$id/participants", { participants => [
        { user => '+15550000003' } ] });
    is(numbers(group('We')), '15550000001 15550000002 15550000003', 'added');
    calls('DELETE', "/whatsapp/$id/participants", { participants => [
        { user => '15550000003' } ] });
    is(numbers(group('We')), '15550000001 15550000002', 'removed');
    is(calls('GET', "/whatsapp/$id/invite_link?phone_number_id=$session")
        ->{messaging_product}, 'whatsapp', 'its link');
    graph_error($t->get("/whatsapp/$id?phone_number_id=1000000002"), 404,
        100, 'a group of another number', subcode => 33);
    calls('POST', "/whatsapp/$id", { subject => 'They' });
}

calls('POST', 'messages', { to => $id, recipient_type => 'group',
    text => { body => $t->canary('text') } });
calls('DELETE', $group);
unlike(numbers(group('They')), qr/15550000001/, 'left');
graph_error($t->get("$base/groups/g." . 'A' x 70), 404, 100,
    'a group that is none', subcode => 33);

# linking

calls('POST', 'register', { pin => '123456' });
ok(calls('POST', 'verify_code')->{success}, 'linked');
graph_error($t->get("$base/session/qr"), 409, 100, 'no QR code');
calls('POST', 'deregister');
graph_error($t->post("$base/verify_code", '{}'), 400, 133010, 'unlinked');
$controller->wait_state('qr');
wait_for(sub { $t->get("$base/session/qr")->status == 200 }, 60, 'a code');
like(calls('GET', 'session/qr')->{qr}, qr/^2@/, 'a QR code');

# what is not linked is ended, and can be started again

calls('POST', 'deregister');
$controller->wait_state('stopped', 60);
calls('POST', 'deregister');
is(calls('GET', 'session')->{state}, 'stopped', 'ended');
calls('POST', 'register');
$controller->wait_state('qr', 60);

$t->done();
