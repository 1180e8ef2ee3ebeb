#!/usr/bin/perl

# docs/openapi.yaml as others' programs read it: linters find nothing, and the
# types that are made of it take each body of t/openapi/requests.json. That the
# test of answers, with which all other test files end, finds what is wrong.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use MIME::Base64 qw(encode_base64);
use Test::More;

my $folder = "$FindBin::Bin/openapi";
my $bin = "$folder/node_modules/.bin";
my $file = "$FindBin::Bin/../docs/openapi.yaml";
my $dir = tempdir(CLEANUP => 1);

$ENV{REDOCLY_TELEMETRY} = 'off';
$ENV{REDOCLY_SUPPRESS_UPDATE_NOTICE} = 'true';


# output(command): (exit status, what it prints), cut off after two minutes

sub output {
    my ($command) = @_;
    my $output = qx(timeout 120 $command 2>&1);

    return ($? >> 8, $output);
}


# complaints(lines of the harness): what answers.js says of them

sub complaints {
    my (@lines) = @_;

    open my $fh, '>', "$dir/answers" or die "open: $!\n";
    print {$fh} map { my ($call, @bodies) = @$_;
        join(' ', $call, map { encode_base64($_, '') } @bodies) . "\n" }
        @lines;
    close $fh;

    return (output("node $folder/answers.js < $dir/answers"))[1];
}


# linters

my ($status, $output);

($status, $output) = output("$bin/redocly lint --config $folder/redocly.yaml "
    . "--format checkstyle $file");
is($status, 0, 'redocly accepts the file');
unlike($output, qr/<error /, 'and warns of nothing') or diag($output);

($status, $output) = output("$bin/spectral lint --fail-severity hint "
    . "--ruleset $folder/spectral.yaml $file");
is($status, 0, 'spectral finds nothing') or diag($output);

# types

($status, $output) = output("node $folder/types.js $dir");
is($status, 0, 'there are types of the file') or diag($output);
($status, $output) = output("$bin/tsc --noEmit --strict --lib es2022 "
    . "$dir/requests.ts");
is($status, 0, 'they take what the API accepts, and not what it refuses')
    or diag($output);

# answers

my $sent = '{"messaging_product":"whatsapp",'
    . '"contacts":[{"input":"1","wa_id":"1"}],"messages":[{"id":"wamid.aa"}]}';
my $text = '{"to":"1","context":null,"text":{"body":"x"},"other":1}';
my $error = '{"error":{"message":"m","type":"OAuthException","code":1,'
    . '"fbtrace_id":"f","error_data":{"messaging_product":"whatsapp",'
    . '"details":"d"}}}';

is(complaints([ 'POST /1/messages 200', $sent, $text ],
    [ 'POST /1/messages 400', $error, '{"to":1e999' ],
    [ 'POST /1/messages 503', $error, $text ],
    [ 'PUT /1/messages 405', $error, $text ],
    [ 'GET /1/unknown 404', $error, '' ],
    [ 'POST /1/messages 200', '', $text ]), '', 'what fits the file');

for my $row (
    [ 'a member that the file lacks', 'POST /1/messages 200',
        $sent =~ s/"id"/"x":1,"id"/r, $text ],
    [ 'a missing member', 'POST /1/messages 200', $sent =~ s/"wa_id"/"x"/r,
        $text ],
    [ 'a member of another type', 'GET /1/session 200',
        '{"id":"1","state":1}', '' ],
    [ 'a status that the call does not have', 'POST /1/messages 402', $error,
        $text ],
    [ 'an error that is none of the Graph API', 'GET /1/session 404', '{}',
        '' ],
    [ 'a success of no call', 'GET /1/unknown 200', '{}', '' ],
    [ 'a request that was accepted and is not valid', 'POST /1/messages 200',
        $sent, '{"to":"1","text":{"body":1}}' ])
{
    my ($name, @line) = @$row;

    isnt(complaints(\@line), '', $name);
}

done_testing();
