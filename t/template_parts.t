#!/usr/bin/perl

# Headers that are files, and buttons, of the operator's templates: in the file,
# in messages, and in the list.

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

        whatsapp_templates templates;

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

my $head = "[a en]\nx\n";

bad('a header before a head', "# x\n[header: image]\n", 2,
    'comes before the first head');
bad('a button before a head', "[reply: Stop]\n", 1,
    'comes before the first head');
bad("the header $_", "$head\[header: $_]\n", 3,
    'must be "image", "video" or "document"')
    for '', 'audio', 'text', 'image video', 'imag';
bad('two headers', "$head\[header: image]\n[header: video]\n", 4,
    'two headers');
bad("the line $_", "$head$_\n", 3, 'ends with "\]"')
    for '[header: image', '[reply: Stop', '[url: x https://a', '[reply:';
bad('a button without text', "$head\[reply: ]\n", 3, '1 to 25 characters');
bad('a button of 26 characters', "$head\[reply: " . "\xc3\xa9" x 26 . "]\n", 3,
    '1 to 25 characters');
bad('a URL without text', "$head\[url: https://a]\n", 3,
    'a text and a URL');
bad("the URL $_", "$head\[url: x $_]\n", 3, 'is an http or https URL')
    for 'ftp://a', 'a.example', 'https://', 'https:///a', 'https://{{1}}',
    'https://a{{1}}', 'https://a/{{2}}', 'https://a/{{1}}{{1}}',
    'https://a/{{x}}', 'https://a/{{', 'https://a/' . 'x' x 2040, 'https://\\a';
bad('11 buttons', $head . "[reply: x]\n" x 11, 13, 'more than 10 buttons');
bad('a control character', "$head\[reply: \x01]\n", 3, 'a control character');
bad('other than UTF-8', "$head\[reply: \xff]\n", 3, 'not UTF-8');
bad('no text beside buttons', "[a en]\n[reply: x]\n", 1, 'has no text');

good("the header $_", "[a en]\n[header: $_]\nx\n")
    for qw(image video document IMAGE), ' image ';
good('ten buttons of all kinds', $head . "[reply: \xc3\xa9]\n" x 8
    . "[url: Read more https://a/b?c=d#e]\n[url: y http://a.b/{{1}}/z]\n");
good('a button of 25 characters', "$head\[reply: " . "\xe2\x82\xac" x 25
    . "]\n");

# ==== messages ====

write_templates(<<"END");
[shipped en_US]
[header: image]
Hello {{1}}, it is on its way.

[url: Track it https://example.com/t/{{1}}?a=b]
[reply: Stop]
[url: Shop https://example.com/]
[reply: Call \xe2\x82\xac]

[plain en]
Hello {{1}}!

[asked en]
Well?
[reply: Yes]
[reply: No]
And more.

[paper en]
[header: document]
Your invoice
END
$t->run($conf);

my $to = '15550000002';
my $link = 'https://example.com/a.png';


sub message {
    my ($name, $language, @components) = @_;

    return { messaging_product => 'whatsapp', to => $to, type => 'template',
        template => { name => $name, language => $language,
            components => \@components } };
}


sub body { { type => 'body', parameters => [map { { type => 'text',
    text => $_ } } @_] } }

sub header {
    my ($type, $file) = @_;

    return { type => 'header', parameters => [{ type => $type,
        lc $type => $file }] };
}

sub url {
    my ($index, @texts) = @_;

    return { type => 'button', sub_type => 'url', index => $index,
        parameters => [map { { type => 'text', text => $_ } } @texts] };
}

sub reply {
    my ($index, @payloads) = @_;

    return { type => 'button', sub_type => 'quick_reply', index => $index,
        parameters => [map { { type => 'payload', payload => $_ } }
            @payloads] };
}


sub sent {
    my ($name, $body, $type, $content) = @_;
    my ($response, $request);

    $fake->forget;
    $response = $t->messages(encode($body));
    ($request) = $fake->requests;
    is($response->status, 200, "passes: $name") or diag($response->body);
    return if !$request;

    is_deeply(JSON::PP->new->utf8->decode($request->{body})->{params},
        { to => $to, type => $type, recipient_type => 'individual',
            $type => $content }, "reaches the controller as $type: $name");
}


sub refused {
    my ($name, $body, $code, %opt) = @_;

    graph_error($t->messages(encode($body)), 400, $code, "refused: $name",
        %opt);
}


my $shipped = "Hello Ann, it is on its way.\n\n"
    . "Track it: https://example.com/t/47-11?a=b\n1. Stop\n"
    . "Shop: https://example.com/\n2. Call \x{20ac}";
my @image = (header('image', { link => $link }));
my @ann = (body('Ann'), url(0, '47-11'));

sent('all of it', message('shipped', 'en_US', @image, @ann), 'image',
    { link => $link, caption => $shipped });
sent('by an id', message('shipped', 'en_US', header('image', { id => 'abc' }),
    @ann), 'image', { id => 'abc', caption => $shipped });
sent('in capitals', message('shipped', 'en_US', { type => 'HEADER',
    parameters => [{ type => 'IMAGE', image => { link => $link } }] },
    body('Ann'), { %{ url('0', '47-11') }, type => 'BUTTON',
        sub_type => 'URL' }), 'image',
    { link => $link, caption => $shipped });
sent('replies with payloads', message('shipped', 'en_US', @image, @ann,
    reply('1', 'p'), reply(3, 'q')), 'image',
    { link => $link, caption => $shipped });
sent('a URL without a place', message('shipped', 'en_US', @image, @ann,
    url(2)), 'image', { link => $link, caption => $shipped });
sent('a file for a template without a header', message('plain', 'en', @image,
    body('Ann')), 'image', { link => $link, caption => 'Hello Ann!' });
sent('a video for it', message('plain', 'en', header('video',
    { id => 'x' }), body('Ann')), 'video',
    { id => 'x', caption => 'Hello Ann!' });
sent('a document with its name', message('paper', 'en', header('document',
    { link => $link, filename => 'invoice.pdf' })), 'document',
    { link => $link, filename => 'invoice.pdf', caption => 'Your invoice' });
sent('buttons alone', message('asked', 'en'), 'text',
    { body => "Well?\nAnd more.\n\n1. Yes\n2. No" });
sent('with their payloads', message('asked', 'en', reply(0, 'y'),
    reply(1, 'n')), 'text', { body => "Well?\nAnd more.\n\n1. Yes\n2. No" });
sent('other files beside it, which are left out', {
    %{ message('shipped', 'en_US', @image, @ann) }, image => { id => 'x' },
    text => { body => 'x' } }, 'image',
    { link => $link, caption => $shipped });

refused('without its header', message('shipped', 'en_US', @ann), 132012,
    details => qr/header of the type image/);
refused('an empty header', message('shipped', 'en_US', @ann,
    { type => 'header', parameters => [] }), 132012);
refused('another file', message('shipped', 'en_US', @ann, header('video',
    { link => $link })), 132012, details => qr/type image/);
refused('a text in its place', message('shipped', 'en_US', @ann,
    { type => 'header', parameters => [{ type => 'text', text => 'x' }] }),
    132012);
refused('two files', message('shipped', 'en_US', @ann, { type => 'header',
    parameters => [map { { type => 'image', image => { id => 'x' } } } 1, 2]
    }), 132000);
refused('two headers', message('shipped', 'en_US', @image, @image, @ann),
    132000);
refused('a header of text', message('plain', 'en', body('Ann'),
    { type => 'header', parameters => [{ type => 'text', text => 'x' }] }),
    132000);
refused('a file that is none', message('shipped', 'en_US', @ann,
    header('image', {})), 131008, details => qr/image\.id or link is missing/);
refused('a file that is absent', message('shipped', 'en_US', @ann,
    { type => 'header', parameters => [{ type => 'image' }] }), 131008,
    details => qr/image is missing/);
refused('two sources', message('shipped', 'en_US', @ann, header('image',
    { id => 'x', link => $link })), 131009);
refused('a bad link', message('shipped', 'en_US', @ann, header('image',
    { link => 'ftp://a' })), 131009);

refused('without the end of a URL', message('shipped', 'en_US', @image,
    body('Ann')), 132000, details => qr/buttons/);
refused('an empty end', message('shipped', 'en_US', @image, body('Ann'),
    url(0, '')), 131008, details => qr/lacks text/);
refused('two ends', message('shipped', 'en_US', @image, body('Ann'),
    url(0, 'a', 'b')), 132000);
refused('the same button twice', message('shipped', 'en_US', @image, @ann,
    url(0, 'b')), 132000);
refused('an end for a fixed URL', message('shipped', 'en_US', @image, @ann,
    url(2, 'b')), 132000);
refused('a reply as a URL', message('shipped', 'en_US', @image, @ann,
    url(1, 'b')), 132000);
refused('a URL as a reply', message('shipped', 'en_US', @image, body('Ann'),
    reply(0, 'b')), 132000);
refused("a button $_", message('asked', 'en', reply($_, 'x')), 132000)
    for 2, '2', 10, 'x', -1;
refused('a button of a template without any', message('plain', 'en',
    body('Ann'), reply(0, 'x')), 132000);
refused('a long index', message('asked', 'en', reply('000', 'x')), 131009);
refused('no index', message('asked', 'en', { %{ reply(0, 'x') },
    index => undef }), 131008, details => qr/index of a button is missing/);
refused('no sub_type', message('asked', 'en', { %{ reply(0, 'x') },
    sub_type => undef }), 131008, details => qr/sub_type of a button/);
refused('another sub_type', message('asked', 'en', { %{ reply(0, 'x') },
    sub_type => 'flow' }), 132000);
refused("a blank in a URL", message('shipped', 'en_US', @image, body('Ann'),
    url(0, "a${_}b")), 132012, details => qr/blanks/) for ' ', "\n", "\\";

# a whole text is of at most 4096 characters

my $fits = 4096 - length($shipped =~ s/Ann//r);

sent('4096 characters', message('shipped', 'en_US', @image,
    body("\x{20ac}" x $fits), url(0, '47-11')), 'image', { link => $link,
        caption => $shipped =~ s/Ann/"\x{20ac}" x $fits/er });
refused('4097 characters', message('shipped', 'en_US', @image,
    body("\x{20ac}" x ($fits + 1)), url(0, '47-11')), 132005);

# ==== the list ====

{
    my $list = $t->get("/whatsapp/$version/100/message_templates")->json;
    my %of = map { $_->{name} => $_->{components} } @{ $list->{data} };

    is_deeply($of{shipped}, [
        { type => 'HEADER', format => 'IMAGE' },
        { type => 'BODY', text => 'Hello {{1}}, it is on its way.',
            example => { body_text => [['1']] } },
        { type => 'BUTTONS', buttons => [
            { type => 'URL', text => 'Track it',
                url => 'https://example.com/t/{{1}}?a=b', example => ['1'] },
            { type => 'QUICK_REPLY', text => 'Stop' },
            { type => 'URL', text => 'Shop', url => 'https://example.com/' },
            { type => 'QUICK_REPLY', text => "Call \x{20ac}" },
        ] } ], 'header and buttons are listed');
    is_deeply([ map { $_->{type} } @{ $of{plain} } ], ['BODY'],
        'and are not where there are none');
    is($of{paper}[0]{format}, 'DOCUMENT', 'a document');
}

$t->done();
