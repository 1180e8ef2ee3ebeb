#!/usr/bin/perl

# Groups: their edges, what each asks of the controller, and what is refused
# before.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
my $json = JSON::PP->new->utf8->canonical;

my %token = map { $_ => $t->canary("token$_") } qw(read one two);
my %limits = (read => 'scope=read', one => 'phone_number_id=1000000002',
    two => 'phone_number_id=1000000002,1000000003');

$t->write_file('nginx/tokens', join '', sha256_hex($t->token) . "\n",
    map { sha256_hex($token{$_}) . " $limits{$_}\n" } keys %token);

$t->run();

my $base = "/whatsapp/$version/$session/groups";
my $group = 'g.' . 'G' x 72;
my $some = { participants => ['+1 555 000 0002', 15550000003] };
my $numbers = '"participants":["+1 555 000 0002","15550000003"]';
my $link = 'https://chat.whatsapp.com/' . $t->canary('link');

my @calls = (
    [ 'GET', '', undef,
        qq(group.list {"limit":1000,"url":"http://localhost$base"}) ],
    [ 'GET', "?limit=2000&after=$group&before=", undef,
        qq(group.list {"after":"$group","limit":1000,)
            . qq("url":"http://localhost$base"}) ],
    [ 'GET', "?limit=2&before=$group", undef,
        qq(group.list {"before":"$group","limit":2,)
            . qq("url":"http://localhost$base"}) ],
    [ 'POST', '', { subject => 'Us', description => 'All of us', %$some },
        'group.create {"description":"All of us",' . $numbers
            . ',"subject":"Us"}' ],
    [ 'POST', '', { subject => 'Us' }, 'group.create {"subject":"Us"}' ],
    [ 'POST', '/join', { invite_link => $link },
        qq(group.join {"invite_link":"$link"}) ],
    [ 'GET', "/$group", undef, qq(group.get {"group":"$group"}) ],
    [ 'GET', "/$group?fields=subject,participants{wa_id}", undef,
        'group.get {"fields":"subject,participants{wa_id}",'
            . qq("group":"$group"}) ],
    [ 'POST', "/$group", { subject => 'They' },
        qq(group.update {"group":"$group","subject":"They"}) ],
    [ 'POST', "/$group", { description => '' },
        qq(group.update {"description":"","group":"$group"}) ],
    [ 'DELETE', "/$group", undef, qq(group.leave {"group":"$group"}) ],
    (map { [ $_->[0], "/$group/$_->[1]", $some, 'group.participants '
        . qq({"action":"$_->[2]","group":"$group",$numbers}) ] }
        [ 'POST', 'participants', 'add' ],
        [ 'DELETE', 'participants', 'remove' ],
        [ 'POST', 'admins', 'promote' ], [ 'DELETE', 'admins', 'demote' ]),
    [ 'GET', "/$group/invite_link", undef,
        qq(group.invite {"group":"$group"}) ],
    [ 'GET', "/$group/join_requests", undef,
        qq(group.requests {"group":"$group","limit":1000,)
            . qq("url":"http://localhost$base/$group/join_requests"}) ],
    (map { [ $_->[0], "/$group/join_requests",
        { messaging_product => 'whatsapp', join_requests => ['a', 'b'] },
        qq(group.answer {"action":"$_->[1]","group":"$group",)
            . '"join_requests":["a","b"]}' ] }
        [ 'POST', 'approve' ], [ 'DELETE', 'reject' ]),
    (map { [ $_, "/$group/invite_link", undef,
        qq(group.invite_reset {"group":"$group"}) ] } qw(POST DELETE)),
);


for my $case (@calls) {
    my ($method, $edge, $body, $expected) = @$case;
    my ($response, @requests, $call);

    $fake->forget;
    $response = $t->request($method, "$base$edge",
        defined $body ? (body => $body) : ());
    @requests = $fake->requests;
    $call = $json->decode($requests[0]{body} // '{}');

    is($response->status, 200, "$method $edge");
    is($call->{method} . ' ' . $json->encode($call->{params}), $expected,
        "$method $edge: the call");
    is($requests[0]{path}, "/v1/sessions/$session/call", 'its path');
}

# participants as Meta's API has them

for my $edge ('', "/$group/participants") {
    $fake->forget;
    is($t->post("$base$edge", { subject => 'Us', participants => [
        { user => '+1 555 000 0002' }, { user => 15550000003 } ] })->status,
        200, "$edge: objects with users");
    is_deeply($json->decode(($fake->requests)[0]{body})->{params}
        {participants}, ['+1 555 000 0002', '15550000003'],
        'which reach the controller as numbers');
}

# Meta's own paths, which name no number

for my $case (grep { $_->[1] =~ m{^/g\.\w+(?:[/?](?!admins)|$)} } @calls) {
    my ($method, $edge, $body, $expected) = @$case;

    for my $query ('', "?phone_number_id=$session") {
        my ($uri, $response, @requests, $call);

        $fake->forget;
        ($uri = "/whatsapp$edge$query") =~ s/(\?.*)\?/$1&/;
        $response = $t->request($method, $uri,
            defined $body ? (body => $body) : ());
        @requests = $fake->requests;
        $call = $json->decode($requests[0]{body} // '{}');

        is($response->status, 200, "Meta's $method $edge$query");
        is($call->{method} . ' ' . $json->encode($call->{params}),
            $expected =~ s{localhost$base}{localhost/whatsapp}r,
            'the same call');
        is($requests[0]{path}, "/v1/call$query", 'its path');
    }
}

# and tokens that are for some numbers only

$fake->forget;
is($t->get("/whatsapp/$group", token => $token{one})->status, 200,
    'a token for one number');
is(($fake->requests)[0]{path}, '/v1/call?phone_number_id=1000000002',
    'means that number');
graph_error($t->get("/whatsapp/$group?phone_number_id=$session",
    token => $token{one}), 403, 10, 'and no other');
graph_error($t->get("/whatsapp/$group", token => $token{two}), 400, 131008,
    'a token for two must say for which');
graph_error($t->request('DELETE', "/whatsapp/$group",
    token => $token{read}), 403, 10, 'to leave takes more than to read');

# what is refused

my @refused = (
    [ 'POST', '', '{}', 131008 ],
    [ 'POST', '', '{"subject":""}', 131009 ],
    [ 'POST', '', { subject => 'x' x 129 }, 131009 ],
    [ 'POST', '', { subject => 'x', description => 'x' x 2049 }, 131009 ],
    [ 'POST', '', { subject => 'x', participants => ['Eve'] }, 131009 ],
    [ 'POST', '', { subject => 'x', participants => [{ user => 'Eve' }] },
        131009 ],
    [ 'POST', '', { subject => 'x', participants => [{ user_id => '1' }] },
        131009 ],
    [ 'POST', '', { subject => 'x',
        join_approval_mode => 'approval_required' }, 131009 ],
    [ 'POST', '', { subject => 'x', participants => '1' }, 131009 ],
    [ 'POST', '/join', '{}', 131008 ],
    [ 'POST', '/join', '{"invite_link":"http://localhost/"}', 131009 ],
    [ 'POST', "/$group", '{}', 131008 ],
    [ 'POST', "/$group", '{"subject":""}', 131009 ],
    [ 'POST', "/$group/participants", '{}', 131008 ],
    [ 'POST', "/$group/participants", '{"participants":[]}', 131009 ],
    [ 'DELETE', "/$group/participants", '{"participants":["x"]}', 131009 ],
    [ 'DELETE', "/$group/admins", '', 100 ],
    (map { my $method = $_; map { [ $method, "/$group/join_requests", $_,
        $_ eq '{}' ? 131008 : 131009 ] } '{}', '{"join_requests":[]}',
        '{"join_requests":"a"}', '{"join_requests":[5]}',
        { join_requests => ['x' x 65] }, { join_requests => [('x') x 65] } }
        qw(POST DELETE)),
    (map { [ 'GET', "/$group/join_requests?$_", undef, 100 ] }
        'limit=0', 'after=x'),
);

push @refused, map { [ 'GET', "?$_", undef, 100 ] } 'limit=0', 'limit=x',
    'after=g.', 'after=g.a%22', 'before=x', 'before=g.' . 'a' x 361,
    'after=' . 1 x 21;

for my $case (@refused) {
    my ($method, $edge, $body, $code) = @$case;

    $fake->forget;
    graph_error($t->request($method, "$base$edge", body => $body), 400,
        $code, "$method $edge is refused");
    is(scalar $fake->requests, 0, 'before the controller');
}

# what is not there

for my $path ('/g.' . 'G' x 39, '/g.' . 'G' x 361, '/' . 'G' x 72,
    "/$group/nothing",
    "/$group/participants/more", '/1203630000000000@g.us',
    "/join/$group")
{
    graph_error($t->get("$base$path"), 404, 100, 'no such path: '
        . substr $path, 0, 30);
}

is($t->get("$base/$group/")->status, 200, 'a slash at the end');

# what the controller says

for my $row ([ group_not_found => 404, 404, 100 ],
    [ forbidden_action => 403, 403, 10 ])
{
    my ($code, $theirs, $ours, $graph) = @$row;

    $fake->next({ status => $theirs, body => { error => { code => $code,
        message => 'A sentence.', outcome => 'not_sent' } } });
    graph_error($t->post("$base/$group/participants", $some), $ours, $graph,
        "controller: $code");
}

$t->done();
