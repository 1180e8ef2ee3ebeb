#!/usr/bin/perl

# Groups: their edges, what each asks of the controller, and what is refused
# before.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
my $json = JSON::PP->new->utf8->canonical;

$t->run();

my $base = "/whatsapp/$version/$session/groups";
my $group = 'G' x 72;
my $some = { participants => ['+1 555 000 0002', 15550000003] };
my $numbers = '"participants":["+1 555 000 0002","15550000003"]';
my $link = 'https://chat.whatsapp.com/' . $t->canary('link');

my @calls = (
    [ 'GET', '', undef, 'group.list {}' ],
    [ 'POST', '', { subject => 'Us', description => 'All of us', %$some },
        'group.create {"description":"All of us",' . $numbers
            . ',"subject":"Us"}' ],
    [ 'POST', '', { subject => 'Us' }, 'group.create {"subject":"Us"}' ],
    [ 'POST', '/join', { invite_link => $link },
        qq(group.join {"invite_link":"$link"}) ],
    [ 'GET', "/$group", undef, qq(group.get {"group":"$group"}) ],
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
    [ 'DELETE', "/$group/invite_link", undef,
        qq(group.invite_reset {"group":"$group"}) ],
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
}

# what is refused

my @refused = (
    [ 'POST', '', '{}', 131008 ],
    [ 'POST', '', '{"subject":""}', 131009 ],
    [ 'POST', '', { subject => 'x' x 101 }, 131009 ],
    [ 'POST', '', { subject => 'x', description => 'x' x 2049 }, 131009 ],
    [ 'POST', '', { subject => 'x', participants => ['Eve'] }, 131009 ],
    [ 'POST', '', { subject => 'x', participants => '1' }, 131009 ],
    [ 'POST', '/join', '{}', 131008 ],
    [ 'POST', '/join', '{"invite_link":"http://localhost/"}', 131009 ],
    [ 'POST', "/$group", '{}', 131008 ],
    [ 'POST', "/$group", '{"subject":""}', 131009 ],
    [ 'POST', "/$group/participants", '{}', 131008 ],
    [ 'POST', "/$group/participants", '{"participants":[]}', 131009 ],
    [ 'DELETE', "/$group/participants", '{"participants":["x"]}', 131009 ],
    [ 'DELETE', "/$group/admins", '', 100 ],
);

for my $case (@refused) {
    my ($method, $edge, $body, $code) = @$case;

    $fake->forget;
    graph_error($t->request($method, "$base$edge", body => $body), 400,
        $code, "$method $edge is refused");
    is(scalar $fake->requests, 0, 'before the controller');
}

# what is not there

for my $path ('/' . 'G' x 39, '/' . 'G' x 201, "/$group/nothing",
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
