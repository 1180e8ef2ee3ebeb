#!/usr/bin/perl

# Every type of message, and every other call, at the controller; judged by
# what the stand-in's server got.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $standin = $t->standin;
my $controller = $t->controller(sessions => [$session]);
my $friend = '15550000002';
my $text = $t->canary('text');
my $key = 0;

$controller->wait_state(qr/^ready$/, 90);


sub deliver {
    my ($type, $content, %more) = @_;

    return $controller->call('message.send', { to => $friend, type => $type,
        $type => $content, %more }, key => 'key' . $key++);
}


# arrived(name, response): what the server got of it

sub arrived {
    my ($name, $response) = @_;
    my $id = $response->id;

    ok(defined $id, "$name: accepted") or diag($response->head_and_body);

    my ($message) = grep { defined $id && $_->{wamid} eq $id }
        $standin->messages;

    return $message // {};
}


# succeeds(name, method, params): the answer

sub succeeds {
    my ($name, $method, $params) = @_;
    my $response = $controller->call($method, $params);

    is($response->status, 200, $name) or diag($response->head_and_body);
    return $response->json // {};
}


sub refused {
    my ($name, $status, $code, $response) = @_;
    my $error = $response->error;

    ok($response->status == $status && ($error->{code} // '') eq $code
        && $error->{outcome} eq 'not_sent', $name)
        or diag($response->head_and_body);
}


# message types

{
    my ($first, $message, $id);

    $first = deliver('text', { body => $text });
    $id = $first->id;
    is(arrived('text', $first)->{body}, $text, 'its body');

    $message = arrived('location', deliver('location', { latitude => 48.5,
        longitude => -2.25, name => $text, address => 'a' }));
    is($message->{location}{latitude}, 48.5, 'its latitude');
    is($message->{location}{longitude}, -2.25, 'its longitude');

    $message = arrived('contacts', deliver('contacts', [ { name => {
        formatted_name => 'A B', first_name => 'A' },
        phones => [ { phone => '+15550000003' } ] } ]));
    is($message->{type}, 'contacts', 'its type');

    $message = arrived('poll', deliver('poll', { name => $text,
        options => [ 'a', 'b' ], selectable_count => 1 }));
    is_deeply($message->{poll}{options}, [ 'a', 'b' ], 'its options');

    $message = arrived('a quote', deliver('text', { body => 'x' },
        context => { message_id => $id }));
    ok($message->{quoted}, 'it quotes');

    ok(defined deliver('reaction', { message_id => $id, emoji => "\x{1f44d}" })
        ->id, 'reaction');
    ok(defined deliver('edit', { message_id => $id, body => "$text 2" })->id,
        'edit');
    $message = arrived('forward', deliver('forward', { message_id => $id },
        to => '15550000003'));
    like($message->{to} // '', qr/^15550000003/, 'to another');

    ($message) = grep { $_->{wamid} eq $id } $standin->messages;
    ok(@{ $message->{reactions} || [] }, 'the reaction is on the message');
    is($message->{body}, "$text 2", 'the edit is in it');

    ok(defined deliver('revoke', { message_id => $id })->id, 'revoke');
    ($message) = grep { $_->{wamid} eq $id } $standin->messages;
    ok($message->{revoked}, 'the message is revoked');

    refused('a target that is none', 400, 'invalid_parameter',
        deliver('reaction', { message_id => 'wamid.x', emoji => 'x' }));
    refused('an unknown type', 400, 'unsupported_type', deliver('fax', {}));
}

# numbers, profile, blocks

is_deeply(succeeds('contacts.check', 'contacts.check',
    { contacts => [ '+1 (555) 000-0002', '15550000010' ] }),
    { contacts => [ { input => '+1 (555) 000-0002', wa_id => $friend,
        status => 'valid' }, { input => '15550000010',
        status => 'invalid' } ] }, 'who is on WhatsApp');
refused('too many at once', 400, 'invalid_parameter',
    $controller->call('contacts.check', { contacts => [ (1) x 51 ] }));

is_deeply(succeeds('profile.set', 'profile.set', { about => $text }),
    { success => JSON::PP::true() }, 'about is set');
is(succeeds('profile.get', 'profile.get', {})->{data}[0]{about}, $text,
    'and read');
refused('what the account has not', 400, 'invalid_parameter',
    $controller->call('profile.set', { email => 'x' }));

is_deeply(succeeds('block.add', 'block.add',
    { users => [ $friend, '15550000010' ] })->{block_users}, {
        added_users => [ { input => $friend, wa_id => $friend } ],
        failed_users => [ { input => '15550000010', errors => [ {
            message => '(#131026) Message undeliverable', code => 131026,
            error_data => { details => 'The recipient is not on WhatsApp' }
        } ] } ] }, 'one is blocked, and why the other is not');
for my $action ('add', 'remove') {
    my $response = $controller->call("block.$action",
        { users => [ '+1 555 000 0001', '15550000010' ] });

    is($response->status, 207, "block.$action: nobody");
    is_deeply([ map { [ $_->{input}, $_->{errors}[0]{code} ] }
        @{ $response->json->{block_users}{failed_users} } ],
        [ [ '+1 555 000 0001', 131021 ], [ '15550000010', 131026 ] ],
        "block.$action: why");
}
refused("a user $_", 400, 'invalid_parameter',
    $controller->call('block.add', { users => [ $friend, $_ ] }))
    for '-15550000003', '15550000003.0', 'x';
is_deeply([ map { $_->{wa_id} }
    @{ succeeds('block.list', 'block.list', {})->{data} } ], [ $friend ],
    'and listed');
is_deeply(succeeds('block.remove', 'block.remove', { users => [ $friend ] })
    ->{block_users}{removed_users}, [ { input => $friend,
    wa_id => $friend } ], 'and no longer');
is_deeply(succeeds('block.list', 'block.list', {})->{data}, [],
    'nobody is left');

# groups

{
    my ($group, $info, $response);

    $group = succeeds('group.create', 'group.create', { subject => $text,
        participants => [ $friend ] })->{id};
    like($group, qr/^g\.[A-Za-z0-9_-]{40,200}$/, 'its id is sealed');

    my @listed = @{ succeeds('group.list', 'group.list', {})
        ->{data}{groups} };
    ok((grep { $_->{id} eq $group } @listed), 'it is listed under that id');

    $info = succeeds('group.get', 'group.get', { group => $group });
    is($info->{id}, $group, 'and known by it');
    is($info->{subject}, $text, 'its subject');
    ok((grep { $_->{wa_id} eq $friend } @{ $info->{participants} }),
        'its participant');

    for my $case ([ 'subject' => qw(id messaging_product subject) ],
        [ 'participants{wa_id,subject},x,owner'
            => qw(id messaging_product owner participants) ],
        [ 'x(subject).y(owner),' => qw(id messaging_product) ],
        [ '' => keys %$info ])
    {
        my ($fields, @members) = @$case;

        is_deeply([ sort keys %{ succeeds('group.get', 'group.get', {
            group => $group, fields => $fields }) } ], [ sort @members ],
            "fields '$fields'");
    }

    refused('fields that are no text', 400, 'invalid_parameter',
        $controller->call('group.get', { group => $group,
            fields => ['subject'] }));

    $response = $controller->call('message.send', { to => $group,
        recipient_type => 'group', type => 'text',
        text => { body => $text } }, key => 'group');
    arrived('a message to it', $response);

    succeeds('group.participants', 'group.participants', { group => $group,
        action => 'add', participants => [ '15550000003' ] });
    succeeds('group.update', 'group.update', { group => $group,
        subject => 'x', description => $text });
    is(succeeds('again', 'group.get', { group => $group })->{subject}, 'x',
        'another subject');
    like(my $link = succeeds('group.invite', 'group.invite',
        { group => $group })->{invite_link} // '',
        qr{^https://chat\.whatsapp\.com/.}, 'an invite link');
    isnt(succeeds('group.invite_reset', 'group.invite_reset',
        { group => $group })->{invite_link}, $link, 'a new one');
    succeeds('group.leave', 'group.leave', { group => $group });

    refused('a group that is none', 404, 'group_not_found',
        $controller->call('group.get', { group => 'x' }));
    refused('a group of nobody', 404, 'group_not_found',
        $controller->call('group.get',
            { group => '120363999999999999@g.us' }));
    refused('an action that is none', 400, 'invalid_parameter',
        $controller->call('group.participants', { group => $group,
            action => 'x', participants => [ $friend ] }));
}

# of several steps that have begun to be done nobody says that nothing was

for my $step (1, 2) {
    my $error;

    $controller->process->stop;
    $controller = $t->controller(sessions => [$session],
        chromium => $t->stage("chrome-refuse=$step",
            "$FindBin::Bin/fake/chrome"), web_url => 'http://127.0.0.1:9/');
    $controller->wait_state(qr/^ready$/, 60);

    $error = $controller->call('block.add',
        { users => [ $friend, '15550000003' ] })->error;
    is($error->{code}, 'page_error', "step $step fails");
    is($error->{outcome}, $step == 1 ? 'not_sent' : 'unknown',
        'and what became of all is told');
}

$t->done();
