#!/usr/bin/perl

# Groups, from the API to the phone: what is done, and that nothing is called
# done that WhatsApp has refused, which it often says in its answer only.

use strict;
use warnings;

use Compress::Zlib qw(compress crc32);
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


# png(): an image that a browser can read

sub png {
    return MIME::Base64::decode_base64('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAA'
        . 'AfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==');
}


# form(name => text or [filename, type, bytes], ...): body and headers

sub form {
    my (@parts) = @_;
    my $body = '';

    while (my ($name, $value) = splice @parts, 0, 2) {
        $body .= "--bound\r\nContent-Disposition: form-data; name=\"$name\"";
        $body .= ref $value ? "; filename=\"$value->[0]\"\r\nContent-Type: "
            . "$value->[1]\r\n\r\n$value->[2]\r\n" : "\r\n\r\n$value\r\n";
    }

    return (body => "$body--bound--\r\n", headers => {
        'Content-Type' => 'multipart/form-data; boundary=bound' });
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

# who is not on WhatsApp is said to be so; of nobody nothing is done

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
    is(scalar @{ $phone->api('GET', '/api/groups') }, $before,
        'there is none');
}

# the picture, by the id of an uploaded image or in a form

{
    my $png = png();
    my $jpeg = "\xff\xd8\xff\xe0" . 'x' x 100;
    my $path = "/whatsapp/$version/$id";
    my $shown = sub {
        my ($group) = grep { $_->{subject} eq $subject }
            @{ $phone->api('GET', '/api/groups') };
        return $group->{picture}{url} // '';
    };
    my $upload = $t->request('POST', "/whatsapp/$version/$session/media",
        form(file => [ 'a.png', 'image/png', $png ]));
    my ($handle, $response, $before);

    is($shown->(), '', 'there is none at first');
    $handle = $upload->json->{id};
    $response = call('group.update', { group => $id,
        profile_picture_handle => $handle });
    is($response->status, 200, 'a picture by its id')
        or diag($response->body);
    like($before = $shown->(), qr{^https://pps\.whatsapp\.net/},
        'on the phone');
    is($t->post($path, { profile_picture_handle => $handle })->status, 200,
        'in the API, too');

    for my $value ('A' x 60, 5) {
        is(call('group.update', { group => $id,
            profile_picture_handle => $value })->status, 400,
            'what is no id is refused');
    }

    # Meta's form, on both paths

    for my $uri ($path, "/whatsapp/$version/$session/groups/$id",
        "$path?phone_number_id=$session")
    {
        $response = $t->request('POST', $uri, form(
            messaging_product => 'whatsapp', subject => $subject,
            description => "With a picture \xe2\x82\xac",
            profile_picture_file => [ 'a.png', 'image/png', $png ]));
        is($response->status, 200, "a form: $uri") or diag($response->body);
        is($response->json->{success}, JSON::PP::true(), 'is done');
    }

    is(call('group.get', { group => $id })->json->{description},
        "With a picture \x{20ac}", 'with all of it');
    is($t->request('POST', $path, form(description => 'Without one'))->status,
        200, 'a form without a picture');
    is(call('group.get', { group => $id })->json->{description},
        'Without one', 'is done, too');
    is($t->request('POST', $path, form(profile_picture_file => [ 'a.png',
        'application/octet-stream', $png ]))->status, 200,
        'a picture without its type');

    for my $case (
        [ 'no image', 131053, profile_picture_file => [ 'a.pdf',
            'application/pdf', '%PDF-1.4' ] ],
        [ 'another type than it says', 131053, profile_picture_file => [
            'a.png', 'image/png', $jpeg ] ],
        [ 'a text in its place', 131053, profile_picture_file => 'a.png' ],
        [ 'nothing of use', 131008, messaging_product => 'whatsapp' ],
        [ 'another product', 131053, messaging_product => 'x',
            profile_picture_file => [ 'a.png', 'image/png', $png ] ],
        [ 'a long subject', 131009, subject => 'x' x 129 ],
        [ 'a long text', 131053, description => 'x' x 20000 ],
    ) {
        my ($name, $code, @parts) = @$case;

        graph_error($t->request('POST', $path, form(@parts)), 400, $code,
            "refused: $name");
    }

    graph_error($t->request('POST', "$path?phone_number_id=1000000002", form(
        profile_picture_file => [ 'a.png', 'image/png', $png ])), 404, 100,
        'refused: the group of another number', subcode => 33);
    graph_error($t->request('POST', '/whatsapp/g.' . 'G' x 72, form(
        profile_picture_file => [ 'a.png', 'image/png', $png ])), 404, 100,
        'refused: a group that is not there', subcode => 33);

    $phone->fault('refuse_iq', op => 'group.picture', status => 403);
    graph_error($t->request('POST', $path, form(
        profile_picture_file => [ 'a.png', 'image/png', $png ])), 403, 10,
        'refused by WhatsApp');
    $phone->fault('none');

    is($controller->metric('whatsapp_media_files'), 1,
        'no file stays but the one that was uploaded');
}

# those who ask to join

{
    my ($wid) = map { $_->{id} } grep { $_->{subject} eq $subject }
        @{ $phone->api('GET', '/api/groups') };
    my $requests = sub { call('group.requests', { group => $id, @_ })->json };
    my (@ids, $response, $next);

    is_deeply($requests->(), { data => [], paging => {} }, 'nobody asks');

    $phone->api('POST', '/api/groups', { id => $wid, action => 'ask',
        participants => [ $carl, '15550000005', '15550000006' ] });

    my $list = $requests->();

    is_deeply([ map { $_->{wa_id} } @{ $list->{data} } ],
        [ $carl, '15550000005', '15550000006' ], 'three do');
    is(scalar(grep { $_->{creation_timestamp} > time - 60 }
        @{ $list->{data} }), 3, 'and when');
    @ids = map { $_->{join_request_id} } @{ $list->{data} };
    is(scalar(grep { defined && length } @ids), 3, 'with ids');
    unlike($list->{paging}{cursors}{after}, qr/\Q$carl\E|@/,
        'cursors, which stand in URLs, tell nothing');
    is_deeply([ map { $_->{join_request_id} } @{ $requests->(limit => 1,
        after => $requests->(limit => 1)->{paging}{cursors}{after})
        ->{data} } ], [ $ids[1] ], 'page by page');

    $response = call('group.answer', { group => $id, action => 'approve',
        join_requests => [ $ids[0], $ids[0], 'x@lid' ] });
    is($response->status, 200, 'one is let in') or diag($response->body);
    is_deeply($response->json->{approved_join_requests}, [ @ids[0, 0] ],
        'as the answer says');
    is($response->json->{failed_join_requests}[0]{join_request_id}, 'x@lid',
        'of one that is none it says so');
    is($response->json->{failed_join_requests}[0]{errors}[0]{code}, 131009,
        'with an error');
    is(members($subject)->{$carl}, 0, 'and the phone');

    is_deeply(call('group.answer', { group => $id, action => 'reject',
        join_requests => [ $ids[1] ] })->json, {
            messaging_product => 'whatsapp',
            rejected_join_requests => [ $ids[1] ] }, 'one is not let in');
    is(members($subject)->{'15550000005'}, undef, 'the phone knows');
    is_deeply([ map { $_->{wa_id} } @{ $requests->()->{data} } ],
        ['15550000006'], 'one still asks');
    is_deeply(call('group.answer', { group => $id, action => 'approve',
        join_requests => [ $ids[1] ] })->json->{approved_join_requests}, [],
        'a request is answered once');

    # as Meta's clients ask
    my $edge = "/whatsapp/$version/$id/join_requests";

    is_deeply([ map { $_->{join_request_id} } @{ $t->get($edge)->json->{data} }
        ], [ $ids[2] ], 'the list in the API');
    is_deeply($t->request('DELETE', $edge, body => {
        messaging_product => 'whatsapp', join_requests => [ $ids[2] ] })->json,
        { messaging_product => 'whatsapp',
            rejected_join_requests => [ $ids[2] ] }, 'and an answer');
    is(call('group.participants', { group => $id, action => 'remove',
        participants => [$carl] })->status, 200, 'as it was');

    for my $case ([ 'group.requests', {} ], [ 'group.answer',
        { action => 'approve', join_requests => ['x'] } ])
    {
        my ($method, $params) = @$case;

        $phone->fault('refuse_iq', op => 'group.requests', status => 403);
        $response = call($method, { group => $id, %$params });
        is($response->status, 403, "$method is refused");
        $phone->fault('none');
    }

    for my $params ({}, { action => 'x', join_requests => ['x'] },
        { action => 'approve' }, { action => 'approve', join_requests => [] },
        { action => 'approve', join_requests => [5] },
        { action => 'approve', join_requests => [ ('x') x 65 ] })
    {
        is(call('group.answer', { group => $id, %$params })->status, 400,
            'refused: ' . join ',', sort keys %$params);
    }
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
    }, 60);

    for my $action (qw(add remove promote demote)) {
        is(call('group.participants', { group => $group,
            action => $action, participants => [$bob] })->status, 403,
            "no admin: $action");
    }

    is(call('group.requests', { group => $group })->status, 403,
        'no admin: who asks to join');

    is(call('group.update', { group => $group, description => 'x' })->status,
        403, 'no admin: a description');
}

$t->done();
