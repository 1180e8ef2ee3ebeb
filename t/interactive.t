#!/usr/bin/perl

# Interactive messages: refused, or, where the operator wants it, sent as
# numbered text within Meta's limits.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
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

        whatsapp_interactive text;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
        }

        location /off/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_interactive off;
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

$t->run($conf);

my $to = '15550000002';
my $null = undef;


sub message {
    my ($interactive) = @_;

    return { messaging_product => 'whatsapp', to => $to,
        type => 'interactive', interactive => $interactive };
}


# shown(name, interactive, text): is sent as a text message

sub shown {
    my ($name, $interactive, $expected) = @_;
    my ($response, $request, $params);

    $fake->forget;
    $response = $t->messages(encode(message($interactive)));
    ($request) = $fake->requests;
    is($response->status, 200, "passes: $name") or diag($response->body);
    return if !$request;

    $params = JSON::PP->new->utf8->decode($request->{body})->{params};

    if (!defined $expected) {
        return $params->{text}{body};
    }

    is_deeply($params, { to => $to, type => 'text',
        recipient_type => 'individual', text => { body => $expected } },
        "reaches the controller as text: $name");
}


sub refused {
    my ($name, $interactive, $code, %opt) = @_;

    graph_error($t->messages(encode(message($interactive))), 400, $code,
        "refused: $name", %opt);
}


sub button {
    my (%changes) = @_;

    return { type => 'button', body => { text => 'Tea?' },
        action => buttons('Yes', 'No'), %changes };
}


sub buttons {
    my $n = 0;

    return { buttons => [map { { type => 'reply',
        reply => { id => 'id' . $n++, title => $_ } } } @_] };
}


sub list {
    my (%changes) = @_;

    return { type => 'list', body => { text => 'Which?' },
        action => sections(['Hot', 'Tea', 'Coffee'], ['Cold', 'Water']),
        %changes };
}


sub sections {
    my $n = 0;

    return { button => 'Choose', sections => [map {
        my ($title, @rows) = @$_;
        { title => $title, rows => [map { { id => 'id' . $n++,
            title => $_ } } @rows] }
    } @_] };
}


sub cta {
    my (%changes) = @_;

    return { type => 'cta_url', body => { text => 'Read' }, action => {
        name => 'cta_url', parameters => { display_text => 'Open',
            url => 'https://example.com/a?b=c' } }, %changes };
}


# off is the default, and switches an outer level's text off

for my $uri (["/off/$version/$session/messages", 8080],
    ["/whatsapp/$version/$session/messages", 8082])
{
    graph_error($t->post($uri->[0], encode(message(button())),
        port => $uri->[1]), 400, 131051, "off: $uri->[0]");
}

# what is shown

shown('buttons', button(), "Tea?\n\n1. Yes\n2. No");
shown('one button', button(action => buttons('Yes')), "Tea?\n\n1. Yes");
shown('header and footer', button(header => { type => 'text',
    text => 'Hello' }, footer => { text => 'Bye' }),
    "Hello\n\nTea?\n\n1. Yes\n2. No\n\nBye");
shown('nulls', button(header => $null, footer => $null),
    "Tea?\n\n1. Yes\n2. No");
shown('a header and a footer without text', button(header => {
    type => 'text' }, footer => {}),
    "Tea?\n\n1. Yes\n2. No");
shown('with empty texts', button(header => { type => 'text', text => '' },
    footer => { text => '' }),
    "Tea?\n\n1. Yes\n2. No");
shown('buttons without type', button(action => { buttons => [{
    reply => { id => 'a', title => 'Yes' } }] }), "Tea?\n\n1. Yes");
shown('a list', list(),
    "Which?\n\nHot\n1. Tea\n2. Coffee\n\nCold\n3. Water");
shown('a list with descriptions', list(action => { button => 'Choose',
    sections => [{ rows => [
        { id => 'a', title => 'Tea', description => 'black' },
        { id => 'b', title => 'Coffee', description => '' },
        { id => 'c', title => 'Water', description => $null },
    ] }] }), "Which?\n\n1. Tea \x{2014} black\n2. Coffee\n3. Water");
shown('a link', cta(footer => { text => 'Bye' }),
    "Read\n\nOpen: https://example.com/a?b=c\n\nBye");
shown('signs', button(body => { text => "a \"b\" \\ / \t\x{7f}\x{1f600}\n" },
    action => buttons("\x{20ac}")),
    "a \"b\" \\ / \t\x{7f}\x{1f600}\n\n\n1. \x{20ac}");
shown('an action as a string', button(action => encode(buttons('Yes'))),
    "Tea?\n\n1. Yes");
shown('a list as a string', list(action => encode(sections(['', 'Tea']))),
    "Which?\n\n1. Tea");
shown('a string with escapes', cta(action =>
    '{"name":"cta_url","parameters":{"display_text":"\u20ac\n",'
    . '"url":"http:\/\/a"}}'), "Read\n\n\x{20ac}\n: http://a");

# its own text is not what is sent

{
    $fake->forget;
    $t->messages(encode({ %{ message(button()) },
        text => { body => 'another' }, context => $null }));
    is(JSON::PP->new->decode(($fake->requests)[0]{body})->{params}{text}{body},
        "Tea?\n\n1. Yes\n2. No", 'a text beside it is left out');
}

# a request for a location: its body, which says what is asked for

sub location {
    my (%changes) = @_;

    return { type => 'location_request_message',
        body => { text => 'Where are you?' },
        action => { name => 'send_location' }, %changes };
}

shown('a location request', location(), 'Where are you?');
shown('its header and footer', location(header => { type => 'text',
    text => 'Hello' }, footer => { text => 'Bye' }),
    "Hello\n\nWhere are you?\n\nBye");
shown('its action as a string',
    location(action => '{"name":"send_location"}'), 'Where are you?');
refused('a location request with another action',
    location(action => { name => 'x' }), 131009,
    details => qr/action\.name must be "send_location"/);
refused('one without a name', location(action => {}), 131008,
    details => qr/interactive\.action\.name is missing/);
refused('one without body', location(body => $null), 131008);
refused('one of 1025 characters',
    location(body => { text => 'x' x 1025 }), 131009);
refused('one with a file', location(header => { type => 'image',
    image => { id => 'x' } }), 131009,
    details => qr/interactive\.header\.type must be "text"/);

# a header that is a file: the message is the file, with the text as caption


# captioned(name, interactive, type, content): reaches the controller so

sub captioned {
    my ($name, $interactive, $type, $content, %body) = @_;
    my ($response, $request);

    $fake->forget;
    $response = $t->messages(encode({ %{ message($interactive) }, %body }));
    ($request) = $fake->requests;
    is($response->status, 200, "passes: $name") or diag($response->body);
    return if !$request;

    is_deeply(JSON::PP->new->utf8->decode($request->{body})->{params},
        { to => $to, type => $type, recipient_type => 'individual',
            $type => $content }, "reaches the controller as $type: $name");
}


my $link = 'https://example.com/a?b=c';

for my $type (qw(image video document)) {
    for my $source ({ id => 'abc-_123' }, { link => $link }) {
        captioned("a button with $type by " . join('', keys %$source),
            button(header => { type => $type, $type => $source }), $type,
            { %$source, caption => "Tea?\n\n1. Yes\n2. No" });
    }

    captioned("a link with $type", cta(footer => { text => 'Bye' },
        header => { type => $type, $type => { link => $link, id => '' } }),
        $type, { link => $link, caption =>
            "Read\n\nOpen: https://example.com/a?b=c\n\nBye" });

    refused("$type without a file", button(header => { type => $type }),
        131008, details => qr/interactive\.header\.$type is missing/);
    refused("$type that is empty", button(header => { type => $type,
        $type => {} }), 131008,
        details => qr/interactive\.header\.$type\.id or link is missing/);
    refused("$type with two sources", button(header => { type => $type,
        $type => { id => 'x', link => $link } }), 131009);
    refused("$type with a bad link", button(header => { type => $type,
        $type => { link => 'ftp://a' } }), 131009,
        details => qr/interactive\.header\.$type\.link must/);
    refused("$type that is a string", button(header => { type => $type,
        $type => 'x' }), 131009);
    refused("another file than $type", button(header => { type => $type,
        audio => { id => 'x' } }), 131008);
    refused("$type of a list", list(header => { type => $type,
        $type => { id => 'x' } }), 131009,
        details => qr/interactive\.header\.type must be "text"/);
}

captioned('a numeric id', button(header => { type => 'image',
    image => { id => 5 } }), 'image',
    { id => '5', caption => "Tea?\n\n1. Yes\n2. No" });
captioned('a document with its name', button(header => { type => 'document',
    document => { id => 'x', filename => "a \"b\".pdf" } }), 'document',
    { id => 'x', filename => "a \"b\".pdf",
        caption => "Tea?\n\n1. Yes\n2. No" });
captioned('a name is of documents only', button(header => { type => 'image',
    image => { id => 'x', filename => 'a.png' } }), 'image',
    { id => 'x', caption => "Tea?\n\n1. Yes\n2. No" });
captioned('a caption of its own, which gives way', button(header => {
    type => 'video', video => { id => 'x', caption => 'y' } }), 'video',
    { id => 'x', caption => "Tea?\n\n1. Yes\n2. No" });
captioned('a text of the header, which is not shown', button(header => {
    type => 'image', text => 'x', image => { id => 'x' } }), 'image',
    { id => 'x', caption => "Tea?\n\n1. Yes\n2. No" });
captioned('signs', button(header => { type => 'image',
    image => { id => 'x' } }, body => { text => "a \"b\" \\ / \x{1f600}\n" }),
    'image', { id => 'x',
        caption => "a \"b\" \\ / \x{1f600}\n\n\n1. Yes\n2. No" });
captioned('an image and a text beside it, which are left out',
    button(header => { type => 'image', image => { id => 'x' } }), 'image',
    { id => 'x', caption => "Tea?\n\n1. Yes\n2. No" },
    image => { id => 'other' }, text => { body => 'other' });
captioned('all that Meta allows', button(header => { type => 'image',
    image => { link => $link } }, body => { text => "\x{20ac}" x 1024 },
    footer => { text => 'f' x 60 }, action => buttons(map { $_ x 20 } 1 .. 3)),
    'image', { link => $link, caption => join("\n\n", "\x{20ac}" x 1024,
        join("\n", map { "$_. " . $_ x 20 } 1 .. 3), 'f' x 60) });
refused('a name with a path', button(header => { type => 'document',
    document => { id => 'x', filename => '../a' } }), 131009,
    details => qr/interactive\.header\.document\.filename must/);

# what is not shown

refused("the type $_", button(type => $_), 131051)
    for qw(flow product product_list
    catalog_message address_message Button), '';
refused('without type', button(type => $null), 131008,
    details => qr/interactive\.type is missing/);
refused('type a number', button(type => 5), 131009);
refused('a header of another type', button(header => { type => 'x' }),
    131009, details => qr/interactive\.header\.type must be "text", "image"/);
refused('a header without type', button(header => { text => 'x' }), 131008);
refused('a header that is a string', button(header => 'x'), 131009);
refused('no object', 'x', 131009, details => qr/^interactive must/);
graph_error($t->messages(encode({ to => $to, type => 'interactive' })), 400,
    131008, 'refused: absent', details => qr/^interactive is missing/);

for my $kind ([button => \&button], [list => \&list], [cta_url => \&cta]) {
    my ($name, $make) = @$kind;

    refused("$name without body", $make->(body => $null), 131008,
        details => qr/interactive\.body is missing/);
    refused("$name without body.text", $make->(body => {}), 131008,
        details => qr/interactive\.body\.text is missing/);
    refused("$name with an empty body", $make->(body => { text => '' }),
        131009);
    refused("$name without action", $make->(action => $null), 131008,
        details => qr/interactive\.action is missing/);
    refused("$name with an empty action", $make->(action => {}), 131008);
    refused("$name with an action of other JSON", $make->(action => '[]'),
        131009, details => qr/interactive\.action must be an object/);
    refused("$name with an action of no JSON", $make->(action => '{'),
        131009, details => qr/interactive\.action is a string that is not/);
    refused("$name with an action twice in strings",
        $make->(action => encode(encode($make->()->{action}))), 131009);
}

# limits: [what it is, how it is made, characters]

my @limits = (
    ['header.text', sub { button(header => { type => 'text',
        text => $_[0] }) }, 60],
    ['footer.text', sub { button(footer => { text => $_[0] }) }, 60],
    ['body.text', sub { button(body => { text => $_[0] }) }, 1024],
    ['body.text', sub { cta(body => { text => $_[0] }) }, 1024],
    ['action.buttons[0].reply.title',
        sub { button(action => buttons($_[0])) }, 20],
    ['action.buttons[0].reply.id', sub { button(action => { buttons => [{
        reply => { id => $_[0], title => 'x' } }] }) }, 256],
    ['action.button', sub { list(action => { %{ list()->{action} },
        button => $_[0] }) }, 20],
    ['action.sections[0].title',
        sub { list(action => sections([$_[0], 'x'])) }, 24],
    ['action.sections[0].rows[0].title',
        sub { list(action => sections(['x', $_[0]])) }, 24],
    ['action.sections[0].rows[0].id', sub { list(action => { button => 'x',
        sections => [{ rows => [{ id => $_[0], title => 'x' }] }] }) }, 200],
    ['action.sections[0].rows[0].description',
        sub { list(action => { button => 'x', sections => [{ rows => [{
            id => 'x', title => 'x', description => $_[0] }] }] }) }, 72],
    ['action.parameters.display_text', sub { cta(action => {
        name => 'cta_url', parameters => { display_text => $_[0],
            url => 'https://a' } }) }, 20],
);

for my $limit (@limits) {
    my ($name, $make, $max) = @$limit;

    shown("$name of $max characters", $make->("\x{20ac}" x $max));
    refused("$name of " . ($max + 1) . ' characters',
        $make->("\x{20ac}" x ($max + 1)), 131009,
        details => qr/^interactive\.\Q$name\E must/);
    refused("$name a number", $make->(5), 131009,
        details => qr/^interactive\.\Q$name\E must/);
}

refused('4 buttons', button(action => buttons('a' .. 'd')), 131009,
    details => qr/action\.buttons must/);
shown('3 buttons', button(action => buttons('a' .. 'c')));
refused('no button', button(action => { buttons => [] }), 131009);
refused('two titles alike', button(action => buttons('a', 'a')), 131009,
    details => qr/action\.buttons must/);
refused('two ids alike', button(action => { buttons => [
    map { { reply => { id => 'a', title => $_ } } } 'x', 'y'] }), 131009);
refused('a button of another type', button(action => { buttons => [{
    type => 'url', reply => { id => 'a', title => 'x' } }] }), 131009);

is(() = shown('10 rows', list(action => sections(['a', 'a' .. 'e'],
    ['b', 'f' .. 'j']))) =~ /^\d+\. /mg, 10, '10 rows are shown');
shown('10 sections', list(action => sections(map { [$_, $_] } 'a' .. 'j')));
refused('11 sections', list(action => sections(map { [$_, $_] } 'a' .. 'k')),
    131009, details => qr/action\.sections must/);
refused('11 rows', list(action => sections(['a', 'a' .. 'f'],
    ['b', 'g' .. 'k'])), 131009, details => qr/action\.sections must/);
refused('11 rows in a section', list(action => sections(['a', 'a' .. 'k'])),
    131009, details => qr/action\.sections\[0\]\.rows must/);
refused('no section', list(action => sections()), 131009);
refused('a section without rows', list(action => sections(['a'])), 131009);
refused('sections without titles', list(action => sections(['a', 'x'],
    ['', 'y'])), 131009, details => qr/action\.sections must/);
refused('two ids alike in two sections', list(action => { button => 'x',
    sections => [map { { title => $_, rows => [{ id => 'a',
        title => $_ }] } } 'x', 'y'] }), 131009);

refused('a link of another name', cta(action => { %{ cta()->{action} },
    name => 'x' }), 131009, details => qr/action\.name must be "cta_url"/);
refused("a link to $_", cta(action => { name => 'cta_url',
    parameters => { display_text => 'x', url => $_ } }), 131009,
    details => qr/action\.parameters\.url must/)
    for 'javascript:x', 'example.com', '', 'https://a b';

# a whole text is of at most 4096 characters

my $fits = 4096 - length "\n\nHot\n1. Tea\n2. Coffee\n\nCold\n3. Water";

is(length shown('a text of 4096 characters',
    list(body => { text => "\x{20ac}" x $fits })), 4096,
    'a text of 4096 characters is sent');
refused('a text of 4097 characters',
    list(body => { text => "\x{20ac}" x ($fits + 1) }), 131009,
    details => qr/at most 4096 characters as a text/);

# configuration

$t->stop_nginx;
$t->allow_alert(qr/\[emerg\]/);

{
    my ($status, $output) = $t->nginx_t($conf =~ s/interactive text/$&s/r);

    isnt($status, 0, 'another value is refused');
    like($output, qr/invalid value "texts"/, 'and named');
}

$t->done();
