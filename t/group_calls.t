#!/usr/bin/perl

# Groups, from the API to the phone: what is done, and that nothing is called
# done that WhatsApp has refused, which it often says in its answer only.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my ($anna, $bob, $carl) = map { "1555000000$_" } 2 .. 4;
my $nobody = '15550000010';

my $t = Test::Whatsapp->new();
my $phone = $t->standin;
my $controller = $t->controller();

$t->run();
$controller->wait_ready;


sub call { $controller->call(@_) }


# members(subject): {number => whether an admin} on the phone

sub members {
    my ($subject) = @_;
    my ($group) = grep { $_->{subject} eq $subject }
        @{ $phone->api('GET', '/api/groups') };

    return { map { $_->{number} => $_->{admin} ? 1 : 0 }
        @{ $group->{participants} } };
}


sub codes {
    my ($response) = @_;

    return { map { $_->{input} => $_->{code} }
        @{ $response->json->{participants} // [] } };
}


sub outcome { $_[0]->error->{outcome} // '' }

# made, with a number that is nobody's and one that is written otherwise

my $subject = $t->canary('text');
my $made = call('group.create', { subject => $subject,
    participants => [ $anna, '5500955500011', $nobody ],
    description => 'What it is for' });
my $id = $made->json->{id};

is($made->status, 200, 'a group is made') or diag($made->body);
is_deeply(codes($made), { $anna => 200, '5500955500011' => 200,
    $nobody => 404 }, 'who is in it');
is($made->json->{description_error}, undef, 'with its description');
is_deeply(members($subject), { '15550000001' => 1, $anna => 0,
    '550055500011' => 0 }, 'as the phone knows');

{
    my ($group) = grep { $_->{subject} eq $subject }
        @{ $phone->api('GET', '/api/groups') };

    is($group->{description}, 'What it is for', 'its description');
    ok(!$group->{announce}, 'everybody may write');
}

# people

is_deeply(codes(call('group.participants', { group => $id, action => 'add',
    participants => [ $bob, $anna, $nobody ] })),
    { $bob => 200, $anna => 409, $nobody => 404 }, 'added');
is_deeply(codes(call('group.participants', { group => $id,
    action => 'promote', participants => [ $bob, $carl ] })),
    { $bob => 200, $carl => 404 }, 'promoted');
is(members($subject)->{$bob}, 1, 'on the phone');
is_deeply(codes(call('group.participants', { group => $id,
    action => 'demote', participants => [ $bob, '15550000001' ] })),
    { $bob => 200, '15550000001' => 403 }, 'demoted');
is(members($subject)->{$bob}, 0, 'on the phone');
is_deeply(codes(call('group.participants', { group => $id,
    action => 'remove', participants => [ '5500955500011', $carl ] })),
    { '5500955500011' => 200, $carl => 404 }, 'removed');
is(members($subject)->{'550055500011'}, undef, 'on the phone');

# who is not on WhatsApp is said to be so; if that is everybody, nothing is done

{
    my $response = call('group.participants', { group => $id, action => 'add',
        participants => [ $nobody, $anna ] });
    my $failed = $response->json->{failed_participants};

    is($response->status, 200, 'some are added');
    is_deeply([ map { [ $_->{input}, $_->{errors}[0]{code} ] } @$failed ],
        [ [ $nobody, 131026 ], [ $anna, 131009 ] ], 'the others have errors');
    like($failed->[0]{errors}[0]{error_data}{details}, qr/not on WhatsApp/,
        'which say why');
    ok(!exists call('group.participants', { group => $id, action => 'promote',
        participants => [$anna] })->json->{failed_participants},
        'none are there where nobody failed');

    for my $action (qw(add remove promote demote)) {
        is(call('group.participants', { group => $id, action => $action,
            participants => [ $nobody, '15550000011' ] })->status, 207,
            "$action: nobody is on WhatsApp");

        my $public = $t->post("/whatsapp/$version/$id/participants",
            { participants => [ { user => $nobody } ] });

        graph_error($public, 400, 131026, "$action: as the API says it");
        is($public->json->{failed_participants}[0]{input}, $nobody,
            'with who it was');
    }

    my $before = scalar @{ $phone->api('GET', '/api/groups') };
    my $empty = call('group.create', { subject => $t->canary('text'),
        participants => [$nobody] });

    is($empty->status, 400, 'nor is a group made for nobody');
    is($empty->error->{code} . ' ' . outcome($empty),
        'not_on_whatsapp not_sent', 'and why');
    is(scalar @{ $phone->api('GET', '/api/groups') }, $before, 'there is none');
}

# the description is changed and taken away

is(call('group.update', { group => $id, description => 'Another' })->status,
    200, 'another description');
is(call('group.get', { group => $id })->json->{description}, 'Another',
    'is there');
is(call('group.update', { group => $id, description => '' })->status, 200,
    'none');
is(call('group.get', { group => $id })->json->{description}, '', 'is there');

# what the server refuses as a whole

for my $case (
    [ 'group.participants', 'group.participants', { action => 'promote',
        participants => [$bob] } ],
    [ 'group.participants', 'group.participants', { action => 'remove',
        participants => [$bob] } ],
    [ 'group.update', 'group.update', { description => 'x' } ],
    [ 'group.update', 'group.update', { subject => 'x' } ],
    [ 'group.leave', 'group.leave', {} ])
{
    my ($op, $method, $params) = @$case;

    $phone->fault('refuse_iq', op => $op, status => 403);

    my $response = call($method, { group => $id, %$params });

    is($response->status, 403, "$method is refused") or diag($response->body);
    is(outcome($response), 'not_sent', "$method: nothing was done");
    $phone->fault('none');
}

is(call('group.get', { group => $id })->json->{subject}, $subject,
    'the subject is what it was');

# a group whose description is refused is there all the same

{
    my $other = $t->canary('text');

    $phone->fault('refuse_iq', op => 'group.update', status => 406);

    my $response = call('group.create', { subject => $other,
        participants => [$anna], description => 'x' });

    is($response->status, 200, 'a group without its description');
    like($response->json->{id}, qr/^g\./, 'has an id');
    like($response->json->{description_error}, qr/./, 'and says why');
    is(members($other)->{$anna}, 0, 'the phone has it');
    $phone->fault('none');
}

# left, and nothing that an admin may do is done by others

is(call('group.leave', { group => $id })->status, 200, 'left');
is(members($subject)->{'15550000001'}, undef, 'on the phone');
is(call('group.get', { group => $id })->status, 404, 'it is gone');

{
    my $theirs = $t->canary('text');

    $phone->api('POST', '/api/groups', { owner => $anna,
        subject => $theirs, participants => [ '15550000001', $bob ],
        lid => JSON::PP::true(), restrict => JSON::PP::true() });

    my $group = wait_for(sub {
        my ($one) = grep { $_->{subject} eq $theirs }
            @{ call('group.list', {})->json->{data}{groups} };
        return $one && $one->{id};
    }, 20);

    for my $action (qw(add remove promote demote)) {
        is(call('group.participants', { group => $group,
            action => $action, participants => [$bob] })->status, 403,
            "no admin: $action");
    }

    is(call('group.update', { group => $group, description => 'x' })->status,
        403, 'no admin: a description');
}

$t->done();
