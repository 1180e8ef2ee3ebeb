#!/usr/bin/perl

# Forms in place of JSON, as the Graph API takes them too: Meta's own examples
# ask for codes that way, and clients change groups so.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

$t->run();

my $to = '15550000002';
my $text = $t->canary('text') . " \x{20ac}&=+%\"\\{";
my $base = "/whatsapp/$version/$session";
my $json = JSON::PP->new->utf8;
my $boundary = '----formdata-4f1e';


sub escaped {
    my ($value) = @_;

    utf8::encode($value);
    return $value =~ s/([^A-Za-z0-9_. -])/sprintf '%%%02X', ord $1/ger
        =~ tr/ /+/r;
}


# urlencoded(name => value, ...), multipart(...): type and body

sub urlencoded {
    my @fields = @_;
    my @pairs;

    while (my ($name, $value) = splice @fields, 0, 2) {
        push @pairs, escaped($name) . '=' . escaped($value);
    }

    return ('application/x-www-form-urlencoded', join '&', @pairs);
}


sub multipart {
    my @fields = @_;
    my $body = '';

    while (my ($name, $value) = splice @fields, 0, 2) {
        utf8::encode($value);
        $body .= "--$boundary\r\nContent-Disposition: form-data; "
            . "name=\"$name\"\r\n\r\n$value\r\n";
    }

    return ("multipart/form-data; boundary=$boundary",
        "$body--$boundary--\r\n");
}


sub posted {
    my ($edge, $type, $body) = @_;

    $fake->forget;
    return $t->post("$base/$edge", $body,
        headers => { 'Content-Type' => $type });
}


sub passes {
    my ($name, $edge, $type, $body, $expected) = @_;
    my $response = posted($edge, $type, $body);
    my ($request) = $fake->requests;

    is($response->status, 200, $name) or diag($response->body);
    is_deeply($request && $json->decode($request->{body})->{params},
        $expected, "$name: what reaches the controller");
}


sub refused {
    my ($name, $type, $body, $code, $details) = @_;

    graph_error(posted('messages', $type, $body), 400, $code, $name,
        details => $details);
    is(scalar $fake->requests, 0, "$name: nothing reaches the controller");
}


my @message = (messaging_product => 'whatsapp', to => "+$to",
    recipient_type => 'individual', type => 'text');

for my $form (\&urlencoded, \&multipart) {
    my ($kind) = ($form->())[0] =~ m{/([a-z-]+)};

    passes("$kind: a message", 'messages',
        $form->(@message, text => JSON::PP->new->encode({ body => $text })),
        { to => "+$to", type => 'text', recipient_type => 'individual',
            text => { body => $text } });
    passes("$kind: a list", 'contacts',
        $form->(contacts => '["1", "2"]', blocking => 'wait'),
        { contacts => ['1', '2'] });
    passes("$kind: a list by its elements", 'contacts',
        $form->('contacts[]' => '1', 'contacts[]' => '2', blocking => 'wait'),
        { contacts => ['1', '2'] });
    passes("$kind: a list of one", 'whatsapp_business_profile',
        $form->('websites[]' => 'https://a.example'),
        { websites => ['https://a.example'] });
    passes("$kind: a code", 'request_code',
        $form->(code_method => 'SMS', language => 'en_US',
            phone_number => '15550000002'),
        { phone_number => '15550000002' });
    passes("$kind: a new group", 'groups',
        $form->(subject => $text, description => '[not JSON'),
        { subject => $text, description => '[not JSON' });

    refused("$kind: an object cut short",
        $form->(@message, text => '{"body":'), 131009,
        qr/^text must be an object/);
    refused("$kind: more than an object",
        $form->(@message, text => '{"body":"x"},"to":"1"'), 131009,
        qr/^text must be an object/);
    refused("$kind: a field twice", $form->(@message, to => '1'), 100,
        qr/twice/);
    refused("$kind: a list in two places", $form->(@message, 'a[]' => 1,
        b => 1, 'a[]' => 1), 100, qr/twice/);
    refused("$kind: an element without a list", $form->(@message,
        '[]' => '1'), 131008, qr/^text is missing/);
    refused("$kind: 65 elements", $form->(map { ('f[]' => 1) } 1 .. 65), 100,
        qr/more than 64 fields/);
    refused("$kind: 65 fields", $form->(map { ("f$_" => 1) } 1 .. 65), 100,
        qr/more than 64 fields/);
    refused("$kind: no fields", $form->(a => ''), 131008,
        qr/^text is missing|^to is missing/);
    refused("$kind: a zero character", $form->(@message, a => "\0"), 100,
        qr/not valid JSON/);
}

# a group is changed by a form, too, which may have a picture

{
    my $edge = 'groups/g.' . 'G' x 72;
    my ($type, $body) = multipart(subject => $text);
    my ($request);

    passes('a change of a group', $edge, urlencoded(subject => $text),
        { group => 'g.' . 'G' x 72, subject => $text });
    is(posted($edge, $type, $body)->status, 200, 'one that is multipart');
    ($request) = $fake->requests;
    is($request->{path}, '/v1/groups/g.' . 'G' x 72
        . "?phone_number_id=$session", 'has a path of its own');
    is($request->{body}, $body, 'and is passed on as it is');
    is($request->{headers}{'content-type'} // '', $type, 'with its type');
}

# what only one of them has

passes('JSON by the name of a form', 'messages',
    'application/x-www-form-urlencoded',
    encode(text_message($to, $text)), { to => $to, type => 'text',
        recipient_type => 'individual', text => { body => $text } });
passes('an ampersand at the end', 'contacts',
    'application/x-www-form-urlencoded; charset=UTF-8', 'contacts=%5B"1"%5D&',
    { contacts => ['1'] });
passes("a percent sign for itself: $_", 'groups',
    'application/x-www-form-urlencoded', "subject=$_",
    { subject => s/%25/%/r })
    for '100%', '100% sure', '5%o', '%%', '%a', '%zz', '50%2', '%2541';
refused('a word', 'application/x-www-form-urlencoded', 'hello', 100,
    qr/neither JSON nor a form/);
refused('bytes that are no UTF-8', 'application/x-www-form-urlencoded',
    'to=%ff&a=%c0%af', 100, qr/not valid JSON/);

my ($type, $form) = multipart(@message, text => '{"body":"x"}');
my $sent = { to => "+$to", type => 'text', text => { body => 'x' },
    recipient_type => 'individual' };

passes('a quoted boundary', 'messages',
    "Multipart/Form-Data; charset=utf-8; boundary=\"$boundary\"", $form,
    $sent);
passes('names without quotes and other headers', 'messages', $type,
    $form =~ s/name="(\w+)"/name=$1\r\nContent-Type: text\/plain/gr, $sent);
passes('a preamble and an epilogue', 'messages', $type,
    "hello\r\n${form}bye", $sent);

refused('no boundary', 'multipart/form-data', $form, 100, qr/no boundary/);
refused('another boundary', 'multipart/form-data; boundary=x', $form, 100,
    qr/not complete/);
refused('a boundary of 71 characters',
    'multipart/form-data; boundary=' . 'x' x 71, $form, 100, qr/no boundary/);
refused("cut short by $_ bytes", $type, substr($form, 0, -$_), 100,
    qr/not complete/) for 3 .. length($form) - 1;
refused('a file', $type, $form =~ s/name="text"/name="text"; filename="a"/r,
    131009, qr/no file can be taken/);
refused('a part without a name', $type, $form =~ s/; name="to"//r, 100,
    qr/not complete/);

$t->done();
