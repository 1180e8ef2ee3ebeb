#!/usr/bin/perl

# The list of phone numbers as the controller makes it: which sessions a token
# sees, what is told of each, and pages.

use strict;
use warnings;

use Digest::SHA;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my @sessions = map { 1000000000 + $_ } 1 .. 3;
my $controller = $t->controller(sessions => \@sessions,
    chromium => $t->stage('chrome', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/');
my %token = map { $_ => $t->canary("token$_") } qw(one two);
my $tokens = $t->tokens($t->token);

open my $fh, '>>', $tokens or die "open $tokens: $!\n";
print {$fh} Digest::SHA::sha256_hex($token{one})
    . " phone_number_id=1000000002\n"
    . Digest::SHA::sha256_hex($token{two})
    . " phone_number_id=1000000009,1000000003,1000000001\n";
close $fh;

$t->run();

my $uri = '/whatsapp/v19.0/123456789012345678/phone_numbers';


# ids(query, %opt): the ids of the list, and its paging

sub ids {
    my ($query, %opt) = @_;
    my $list = $t->get("$uri?fields=id$query", %opt)->json;

    return [ map { $_->{id} } @{ $list->{data} } ], $list->{paging};
}


sub refused {
    my ($name, $params) = @_;
    my $response = $controller->request('POST', '/v1/call', body => {
        method => 'phone_number.list', params => $params });

    ok($response->status == 400
        && $response->error->{code} eq 'invalid_parameter', $name)
        or diag($response->head_and_body);
}


$controller->wait_state(qr/^ready$/, 60, $_) for @sessions;

is_deeply($t->get($uri)->json->{data}[0], { id => "$sessions[0]",
    display_phone_number => '+15550000001', verified_name => '',
    quality_rating => 'GREEN',
    code_verification_status => 'VERIFIED',
    platform_type => 'NOT_APPLICABLE', status => 'CONNECTED' },
    'what is told unasked');
is_deeply($t->get("$uri?fields=account_mode,verified")->json->{data}[0],
    { id => "$sessions[0]", account_mode => 'LIVE' }, 'and what only if');
is_deeply($t->get("$uri?fields=id.limit(1),x{verified_name,quality_rating},"
    . 'account_mode{verified_name}')->json->{data}[0],
    { id => "$sessions[0]", account_mode => 'LIVE' },
    'what is in braces is wanted of a member');

is($t->request('HEAD', $uri)->header('Content-Length'),
    length $t->get($uri)->body, 'HEAD');

# tokens

is_deeply([ ids('') ], [ [ map { "$_" } @sessions ], { cursors => {
    before => "$sessions[0]", after => "$sessions[2]" } } ], 'all numbers');
is_deeply((ids('', token => $token{one}))[0], ['1000000002'],
    'those that a token is for');
is_deeply((ids('', token => $token{two}))[0], [ '1000000001', '1000000003' ],
    'in the order of the sessions');

# pages

{
    my ($data, $paging) = ids('&limit=2');

    is_deeply($data, [ '1000000001', '1000000002' ], 'a page');
    like($paging->{next}, qr{^http://[\w.:]+\Q$uri\E\?limit=2
        &after=1000000002&fields=id$}x, 'there is more');
    is_deeply($t->get($paging->{next} =~ s{^http://[^/]+}{}r)->json,
        { data => [ { id => '1000000003' } ], paging => { cursors =>
            { before => '1000000003', after => '1000000003' } } },
        'the last page says so');

    is_deeply([ ids('&limit=1', token => $token{two},
        headers => { Host => 'x!' }) ], [ ['1000000001'], { cursors =>
            { before => '1000000001', after => '1000000001' } } ],
        'no URL without a host');
    is_deeply((ids('&after=1000000001', token => $token{two}))[0],
        ['1000000003'], 'the page of a token');

    is_deeply((ids("&$_->[0]"))[0], $_->[1], "$_->[0]")
        for [ 'before=1000000003', [ '1000000001', '1000000002' ] ],
        [ 'limit=1&before=1000000003', ['1000000002'] ],
        [ 'before=1000000001', [] ], [ 'before=5', [] ],
        [ 'after=1000000001&before=1000000003', ['1000000002'] ];

    is($t->get("$uri?after=$_")->body, '{"data":[],"paging":{}}',
        "nothing after $_") for $sessions[2], 5;
}

# at the controller itself

refused('a parameter is of another type', $_) for { limit => '1' },
    { limit => 0 }, { limit => 1001 }, { fields => 1 }, { after => [] },
    { url => 1 }, { before => 1 }, { sessions => '1' }, { sessions => [1] };

is($t->post("/whatsapp/$sessions[0]/verify_code", '{}')->body,
    '{"success":true}', 'the phone is linked');

# sessions that are not linked, as their browser does not start

$controller->process->stop;
$controller = $t->controller(sessions => \@sessions,
    chromium => '/bin/false', web_url => 'http://127.0.0.1:9/');

is_deeply($t->get("$uri?fields=display_phone_number,verified_name,"
    . 'code_verification_status,account_mode,quality_rating,status')->json->{data}[2],
    { id => "$sessions[2]", display_phone_number => '', verified_name => '',
        quality_rating => 'UNKNOWN', status => 'DISCONNECTED' },
    'nothing is said to be verified that is not linked');
graph_error($t->post("/whatsapp/$sessions[2]/verify_code", '{}'), 400, 133010,
    'the phone is not linked', details => qr/^The phone is not linked$/);

$t->done();
