#!/usr/bin/perl

# Templates of the operator's file: what they become, how they are listed, and
# what is wrong with a file or with a message.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
my $file = $t->dir . '/nginx/templates';
my $conf = <<'END';
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    whatsapp_tokens %%TOKENS%%;

    server {
        listen 127.0.0.1:8080;

        whatsapp_templates templates;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
        }
    }

    server {
        listen 127.0.0.1:8082;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
        }
    }
}
END


sub write_templates {
    my ($content) = @_;

    return $t->write_file('nginx/templates', $content);
}


# ==== the file ====

sub bad {
    my ($name, $content, $line, $message) = @_;
    my ($status, $output);

    write_templates($content);
    ($status, $output) = $t->nginx_t($conf);
    ok($status && $output =~ /\[emerg\] line $line of "\S+": [^\n]*$message/,
        "refused: $name") or diag($output);
}


sub good {
    my ($name, $content) = @_;
    my ($status, $output);

    write_templates($content);
    ($status, $output) = $t->nginx_t($conf);
    is($status, 0, "taken: $name") or diag($output);
}


$t->allow_alert(qr/\[emerg\]/);

my $head = "[a en]\n";

bad('text before a head', "\n\nx\n", 3, 'before the first head');
bad('a head without end', "[a en\nx\n", 1, 'ends with "\]"');
bad('a head without language', "[a]\nx\n", 1, 'a name and a language');
bad('a head with more', "[a en x]\nx\n", 1, 'a name and a language');
bad('an empty head', "[]\nx\n", 1, 'a name and a language');
bad("the name $_", "# x\n[$_ en]\nx\n", 2, 'a name is of lower-case')
    for 'A', 'a-b', "\xc3\xa9", 'a' x 513;
bad("the language $_", "[a $_]\nx\n", 1, 'a language is a code')
    for 'e', 'en-US', '1en', 'e_n', 'x' x 16;
bad('a template twice', "${head}x\n[b en]\ny\n${head}z\n", 5,
    'was there before');
bad('no text', "${head}\n# x\n\n[b en]\nx\n", 1, 'has no text');
bad('no text at the end', "${head}x\n[b en]", 3, 'has no text');
bad('a parameter without end', "${head}x\n{{1}} {{2\n", 3, 'has no "}}"');
bad("the parameter {{$_}}", "${head}{{$_}}\n", 2, 'a parameter is a number')
    for '', ' 1', '1 ', 'A', 'a-b', '{1', 'x' x 65;
bad('numbered and named ones', "${head}{{1}}\n{{a}}\n", 3,
    'numbered and named');
bad("the parameters $_", "[b en]\nx\n$head$_\n", 3, 'not numbered from 1 on')
    for '{{2}}', '{{1}} {{3}}', '{{0}}', '{{01}}',
    '{{99999999999999999999999}}';
bad('65 parameters', $head . join("\n", map { "{{$_}}" } 1 .. 65), 66,
    'more than 64 parameters');
bad('4097 characters', $head . 'x' x 4097, 1, 'more than 4096 characters');
bad('a control character', "${head}x\n\x01\n", 3, 'a control character');
bad('NUL', "${head}\0", 2, 'a control character');
bad('other than UTF-8', "${head}\xff", 2, 'not UTF-8');
bad('half of a character', "${head}\xd6\xdf", 2, 'not UTF-8');
bad('a surrogate', "${head}\xed\xa0\x80", 2, 'not UTF-8');

good('an empty file', '');
good('comments only', "# x\n\n#[a en]\n");
good('line ends of CR and LF', "[a en]\r\nx {{1}}\r\n\r\n[b en]\r\ny\r\n");
good('no line end at the end', "${head}x");
good('a short file', "[a en]\nx\n[b en]\ny");
good('blanks in heads', "[ a\ten ] \nx\n");
good('64 parameters in any order', $head . join '', map { "{{$_}}" }
    reverse 1 .. 64);
good('4096 characters', $head . "\xe2\x82\xac" x 4096);
good('a name of 512 characters', '[' . 'a' x 512 . " en]\nx\n");

write_templates(join '', map { "[a$_ en]\nx\n" } 1 .. 1001);
like(($t->nginx_t($conf))[1], qr/more than 1000 templates/,
    'refused: 1001 templates');
unlink $file;
like(($t->nginx_t($conf))[1], qr/open\(\) "\S+templates" failed/,
    'refused: no file');
write_templates("${head}x\n");
like(($t->nginx_t($conf =~ s/(whatsapp_templates templates;)/$1 $1/r))[1],
    qr/"whatsapp_templates" directive is duplicate/, 'refused: twice');

# ==== messages ====

write_templates(<<"END");
# templates of a shop
[hello en]
Hello!

[hello pt_BR]

Ol\xc3\xa1!

[order_shipped en_US]
Hello {{1}}, your order {{2}}
# not a part of it
\\# is on its way, {{1}}.

\\[thank you] \\ "\xe2\x82\xac" }}

[appointment en_US]
{{name}}: {{date_1}}, {{name}}
END
$t->run($conf);

my $to = '15550000002';
my @order = ('Ann "A"', "line\n\\ \x{1f600}");


sub message {
    my ($name, $language, @components) = @_;

    return { messaging_product => 'whatsapp', to => $to, type => 'template',
        template => { name => $name, language => $language,
            @components ? (components => \@components) : () } };
}


sub body { { type => 'body', parameters => [map { text($_) } @_] } }

sub text {
    my ($text, $name) = @_;

    return { type => 'text', text => $text,
        defined $name ? (parameter_name => $name) : () };
}


sub sent {
    my ($name, $message, $expected) = @_;
    my ($response, $request);

    $fake->forget;
    $response = $t->messages(encode($message));
    ($request) = $fake->requests;
    is($response->status, 200, "passes: $name") or diag($response->body);
    return if !$request;

    is_deeply(JSON::PP->new->utf8->decode($request->{body})->{params},
        { to => $to, type => 'text', recipient_type => 'individual',
            text => { body => $expected } },
        "reaches the controller as text: $name");
}


sub refused {
    my ($name, $message, $status, $code, %opt) = @_;

    graph_error($t->messages(encode($message)), $status, $code,
        "refused: $name", %opt);
}


my $us = { code => 'en_US' };
my $shipped = "Hello $order[0], your order $order[1]\n# is on its way, "
    . "$order[0].\n\n[thank you] \\ \"\x{20ac}\" }}";

sent('no parameters', message('hello', { code => 'en' }), 'Hello!');
sent('a bare language', message('hello', 'en'), 'Hello!');
sent('a language with a policy', message('hello', { code => 'pt_BR',
    policy => 'deterministic' }), "Ol\x{e1}!");
sent('no components', message('hello', 'en', ()), 'Hello!');
sent('components null', { %{ message('hello', 'en') }, template =>
    { name => 'hello', language => 'en', components => undef } }, 'Hello!');
sent('components without parameters', message('hello', 'en',
    { type => 'header' }, { type => 'body', parameters => [] }), 'Hello!');
sent('numbered ones', message('order_shipped', $us, body(@order)), $shipped);
sent('BODY', message('order_shipped', $us, { %{ body(@order) },
    type => 'BODY' }), $shipped);
sent('currency and date_time', message('order_shipped', $us,
    { type => 'body', parameters => [
        { type => 'currency', currency => { fallback_value => $order[0],
            code => 'USD', amount_1000 => 5000 } },
        { type => 'date_time', date_time => { fallback_value => $order[1] } },
    ] }), $shipped);
sent('named ones', message('appointment', $us, { type => 'body',
    parameters => [text('today', 'date_1'), text('{{name}}', 'name')] }),
    '{{name}}: today, {{name}}');
sent('numbered ones with names', message('order_shipped', $us,
    { type => 'body', parameters => [map { text($_, 'x') } @order] }),
    $shipped);
sent('types in capitals', message('order_shipped', $us, { type => 'BODY',
    parameters => [map { { type => 'TEXT', text => $_ } } @order] }),
    $shipped);
sent('a text beside it, which is left out', { %{ message('hello', 'en') },
    text => { body => 'x' } }, 'Hello!');

refused('an unknown name', message('goodbye', 'en'), 404, 132001);
refused('an unknown language', message('hello', 'de'), 404, 132001);
refused('a name in capitals', message('HELLO', 'en'), 404, 132001);
graph_error($t->post($t->messages_uri, encode(message('hello', 'en')),
    port => 8082), 404, 132001, 'refused: without whatsapp_templates');

refused('no parameters', message('order_shipped', $us), 400, 132000,
    details => qr/takes 2 numbered parameters/);
refused('too few', message('order_shipped', $us, body('a')), 400, 132000);
refused('too many', message('order_shipped', $us, body(1 .. 3)), 400, 131009,
    details => qr/components\[0\]\.parameters\[0\]\.text must/);
refused('one too many', message('order_shipped', $us, body('a' .. 'c')), 400,
    132000);
refused('some where none is', message('hello', 'en', body('a')), 400, 132000);
refused('some of a header', message('order_shipped', $us, body(@order),
    { %{ body('a') }, type => 'header' }), 400, 132000);
refused('a carousel', message('order_shipped', $us, body(@order),
    { type => 'carousel', cards => [ { card_index => 0, components => [
        body('a') ] } ] }), 400, 132000);
refused('cards of a body', message('order_shipped', $us,
    { %{ body(@order) }, cards => [ {} ] }), 400, 132000);
refused('two bodies', message('order_shipped', $us, body('a'), body('b')),
    400, 132000);
refused('named ones without names', message('appointment', $us,
    body('a', 'b')), 400, 132000, details => qr/takes 2 named parameters/);
refused('a named one twice', message('appointment', $us, { type => 'body',
    parameters => [text('a', 'name'), text('b', 'name')] }), 400, 132000);
refused('another name', message('appointment', $us, { type => 'body',
    parameters => [text('a', 'name'), text('b', 'date')] }), 400, 132000);
refused('a named one missing', message('appointment', $us, { type => 'body',
    parameters => [text('a', 'name')] }), 400, 132000);

refused("a parameter of the type $_", message('order_shipped', $us,
    { type => 'body', parameters => [text('a'), { type => $_, $_ => {} }] }),
    400, 132012) for qw(image payload tex texts);
refused('a parameter without type', message('order_shipped', $us,
    { type => 'body', parameters => [text('a'), { text => 'x' }] }), 400,
    131008, details => qr/components\[0\]\.parameters\[1\]\.type is missing/);
refused('a parameter without text', message('order_shipped', $us,
    { type => 'body', parameters => [text('a'), { type => 'text' }] }), 400,
    131008, details => qr/lacks text/);
refused('a parameter with an empty text', message('order_shipped', $us,
    body('a', '')), 400, 131008);
refused('a currency without fallback_value', message('order_shipped', $us,
    { type => 'body', parameters => [text('a'), { type => 'currency',
        currency => {} }] }), 400, 131008);
refused('a parameter that is a string', message('order_shipped', $us,
    { type => 'body', parameters => ['a', 'b'] }), 400, 131009);

refused('without template', { to => $to, type => 'template' }, 400, 131008,
    details => qr/^template is missing/);
refused('a template that is a string', { to => $to, type => 'template',
    template => 'hello' }, 400, 131009);
refused('without name', message(undef, 'en'), 400, 131008,
    details => qr/template\.name is missing/);
refused('an empty name', message('', 'en'), 400, 131009);
refused('without language', message('hello', undef), 400, 131008,
    details => qr/template\.language is missing/);
refused('a language without code', message('hello', {}), 400, 131008,
    details => qr/template\.language\.code is missing/);
refused('a language that is a number', message('hello', 5), 400, 131009,
    details => qr/template\.language must/);
refused('components an object', { %{ message('hello', 'en') }, template =>
    { name => 'hello', language => 'en', components => {} } }, 400, 131009);
refused('a component without type', message('hello', 'en', {}), 400, 131008);

# "Hello , your order ..." and twice the first parameter

my $rest = 4096 - length("Hello , your order x\n# is on its way, .\n\n"
    . "[thank you] \\ \"\x{20ac}\" }}");

sent('a text of 4096 characters', message('order_shipped', $us,
    body('y' x ($rest / 2), 'x' . 'z' x ($rest % 2))),
    $shipped =~ s/\Q$order[0]\E/'y' x ($rest \/ 2)/ger
    =~ s/\Q$order[1]\E/'x' . 'z' x ($rest % 2)/er);
refused('a text of 4097 characters', message('order_shipped', $us,
    body('y' x ($rest / 2), 'xx' . 'z' x ($rest % 2))), 400, 132005);

# ==== the list ====

my $uri = "/whatsapp/$version/102290129340398/message_templates";


sub listed {
    my ($query, %opt) = @_;
    my $response = $t->get("$uri$query", %opt);

    is($response->status, 200, "listed: $query");
    is($response->header('Content-Type'), 'application/json; charset=UTF-8',
        'its type');

    return JSON::PP->new->utf8->decode($response->body);
}


$fake->forget;

my $list = listed('');

is_deeply([map { "$_->{name} $_->{language}" } @{ $list->{data} }],
    ['hello en', 'hello pt_BR', 'order_shipped en_US', 'appointment en_US'],
    'all of them');
is(ref $list->{paging}, 'HASH', 'paging');

my @ids = map { delete $_->{id} } @{ $list->{data} };

is(scalar(grep { /^[1-8]\d{15}$/ } @ids), 4,
    'ids are strings of digits, no session has as many');

for my $n (0 .. 3) {
    my $one = JSON::PP->new->utf8->decode(
        $t->get("/whatsapp/$version/$ids[$n]?fields=name")->body);

    is(delete $one->{id}, $ids[$n], "one by its id: $n");
    is_deeply($one, $list->{data}[$n], 'as it is listed');
}

graph_error($t->get("/whatsapp/$version/" . '1' x 16), 404, 100,
    'a template that is not there', subcode => 33);
graph_error($t->get("/whatsapp/$version/$ids[0]", port => 8082), 404, 100,
    'one without the directive', subcode => 33);
graph_error($t->get("/whatsapp/$version/$ids[0]", token => undef), 401, 190,
    'one without a token');
graph_error($t->post("/whatsapp/$version/$ids[0]", '{}'), 405, 100,
    'to change one');

is_deeply($list->{data}[2], { name => 'order_shipped', language => 'en_US',
    status => 'APPROVED', category => 'UTILITY',
    parameter_format => 'POSITIONAL', components => [{ type => 'BODY',
        text => "Hello {{1}}, your order {{2}}\n# is on its way, {{1}}.\n\n"
            . "[thank you] \\ \"\x{20ac}\" }}",
        example => { body_text => [['1', '2']] } }] }, 'one of them');
is($list->{data}[3]{parameter_format}, 'NAMED', 'one with names');
is_deeply($list->{data}[3]{components}[0]{example}, {
    body_text_named_params => [map { { param_name => $_, example => $_ } }
        qw(name date_1)] }, 'and its examples');
ok(!exists $list->{data}[0]{components}[0]{example},
    'none where there are no parameters');
is(@{ listed('?name=hello')->{data} }, 2, 'those of a name');

# page(query, indexes, whether there is more): checks a page of the list

sub page {
    my ($query, $expected, $more) = @_;
    my $page = listed($query);
    my ($next) = ($page->{paging}{next} // '') =~ m{^http://[^/]+(/.*)};

    is(join(' ', map { $_->{id} } @{ $page->{data} }),
        join(' ', @ids[@$expected]), "$query: its elements");
    is_deeply($page->{paging}{cursors}, @$expected
        ? { before => $ids[$expected->[0]], after => $ids[$expected->[-1]] }
        : undef, 'its cursors');
    is(defined $page->{paging}{next} ? 1 : 0, $more, 'whether there is more');

    return $next;
}

page('', [ 0 .. 3 ], 0);
page('?limit=4', [ 0 .. 3 ], 0);
page('?limit=3', [ 0 .. 2 ], 1);
page("?after=$ids[0]", [ 1 .. 3 ], 0);
page("?limit=2&after=$ids[0]", [ 1, 2 ], 1);
page("?limit=2&before=$ids[3]", [ 1, 2 ], 1);
page("?before=$ids[1]", [ 0 ], 1);
page("?after=$ids[0]&before=$ids[3]", [ 1, 2 ], 1);
page("?after=$ids[2]&before=$ids[1]", [], 0);
page("?after=$ids[3]", [], 0);
page("?before=$ids[0]", [], 0);
page("?$_=" . 1 x 16, [], 0) for qw(after before);

my $next = page('?name=hello&limit=1', [ 0 ], 1);

is_deeply([ map { $_->{id} } @{ JSON::PP->new->utf8->decode(
    $t->get($next)->body)->{data} } ], [ $ids[1] ], 'which is of the name');
is_deeply(listed('?name=hello&limit=1', headers => { Host => 'x!' })->{paging},
    { cursors => { before => $ids[0], after => $ids[0] } },
    'no URL without a host');
graph_error($t->get("$uri?$_"), 400, 100, "$_ is refused")
    for qw(limit=0 limit=x after=x before=%22), 'after=' . 1 x 17;
is(@{ listed('?name=other')->{data} }, 0, 'those of an unknown name');
is(@{ listed('', port => 8082)->{data} }, 0, 'none without the directive');
is(@{ listed('?access_token=' . $t->token, token => undef)->{data} }, 4,
    'with the token as an argument');
is($t->request('HEAD', $uri)->status, 200, 'HEAD');
graph_error($t->get($uri, token => undef), 401, 190, 'without a token');
graph_error($t->post($uri, '{}'), 405, 100, 'POST');
is(scalar $fake->requests, 0, 'the controller is not asked');

# a changed file takes effect on reload

write_templates("[hello de]\nHallo!\n");
$t->reload;
sent('after a reload', message('hello', 'de'), 'Hallo!');
refused('what is gone', message('hello', 'en'), 404, 132001);

$t->done();
