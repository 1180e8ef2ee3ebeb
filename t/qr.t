#!/usr/bin/perl

# The QR code in the form that Accept names, from WhatsApp's server to the
# client, module for module as another program draws it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef);
my $controller = $t->controller();

$t->run();
$controller->wait_state('qr', 60);

my $uri = "/whatsapp/$version/$session/session/qr";
my %types = (
    json => 'application/json; charset=UTF-8',
    svg => 'image/svg+xml',
    text => 'text/plain; charset=UTF-8',
);


# code(accept): the answer

sub code {
    my ($accept, %opt) = @_;

    return $t->request($opt{method} // 'GET', $uri,
        headers => { Accept => $accept });
}


# drawn(text): rows of 0 and 1, drawn by qrencode, with its quiet zone

sub drawn {
    my ($text) = @_;
    my ($status, $output) = $t->command(['qrencode', '-l', 'L', '-m',
        '4', '-t', 'ASCII'], $text);

    is($status, 0, 'qrencode draws it') or diag($output);

    return map { join '', map { $_ eq '##' ? 1 : 0 } /(..)/g }
        split /\n/, $output;
}


# of_text(answer): the same of half blocks

sub of_text {
    my ($text) = @_;
    my %blocks = (' ' => '00', "\xe2\x96\x80" => '10',
        "\xe2\x96\x84" => '01', "\xe2\x96\x88" => '11');
    my @rows;

    for my $line (split /\n/, $text) {
        my ($upper, $lower) = ('', '');

        $line =~ s/\e\[[\d;]*m//g;

        while ($line =~ /\G( |\xe2\x96.)/g) {
            my ($above, $below) = split //, $blocks{$1} // die;

            $upper .= $above;
            $lower .= $below;
        }

        push @rows, $upper, $lower;
    }

    return @rows;
}


# of_svg(answer): the same of its rectangles

sub of_svg {
    my ($svg) = @_;
    my ($size) = $svg =~ /viewBox="0 0 (\d+) \1"/ or return;
    my ($path) = $svg =~ /fill="#000" d="([^"]*)"/ or return;
    my @rows = map { '0' x $size } 1 .. $size;

    while ($path =~ /\GM(\d+) (\d+)h(\d+)v1h-\3z/gc) {
        substr($rows[$2], $1, $3) = '1' x $3;
    }

    is(pos($path), length $path, 'nothing else is in the path');

    return @rows;
}


# the code keeps still while it is compared

my ($json, $svg, $text);

wait_for(sub {
    my $before = code('application/json')->json->{qr} // return;

    $svg = code('image/svg+xml')->body;
    $text = code('text/plain')->body;
    $json = code('application/json')->json;
    return $json->{qr} eq $before;
}, 60, 'a code that stays');

like($json->{qr}, qr/^2\@[^,]+(?:,[^,]+){4}$/, 'JSON: the code, whole');
is($json->{state}, 'qr', 'JSON: the state');
ok($json->{expires_in} > 0 && $json->{expires_in} <= 60, 'JSON: for how long');

{
    my @expected = drawn($json->{qr});
    my @text = of_text($text);
    my $size = @expected;

    cmp_ok($size, '>', 40, 'a code of that size');

    # the last line of half blocks may have half a line more
    pop @text if @text == $size + 1 && $text[-1] !~ /1/;
    is(join("\n", @text), join("\n", @expected), 'text: the code');
    is(join("\n", of_svg($svg)), join("\n", @expected), 'SVG: the code');
    ok(!grep({ !/^0{4}/ || !/0{4}$/ } @expected), 'with the quiet zone');

    for my $line (split /\n/, $text) {
        $line =~ /^\e\[30;47m\e\[38;5;16;48;5;231m[^\e]+\e\[0m$/
            or fail('text: each line sets its colours, and resets them');
    }
}

unlike($svg, qr/\Q@{[ substr $json->{qr}, 0, 12 ]}\E/, 'SVG: not as text');
like($svg, qr/<title>[\w ]+<\/title>/, 'SVG: a title');
unlike($svg, qr/<script|<style|<image|<foreignObject|href|\bon\w+=|url\(/,
    'SVG: nothing that runs or is loaded');

# which form

my $long = join ', ', map { "x/y$_" } 1 .. 100;

for my $case (
    [ undef, 'json' ], [ '', 'json' ], [ '*/*', 'json' ],
    [ 'application/json', 'json' ], [ 'image/svg+xml', 'svg' ],
    [ 'text/plain', 'text' ], [ 'IMAGE/SVG+XML', 'svg' ],
    [ 'image/*', 'svg' ], [ 'text/*', 'text' ],
    [ 'text/html, image/svg+xml;q=0.9, */*;q=0.8', 'svg' ],
    [ 'image/svg+xml;q=0.2, text/plain;q=0.7', 'text' ],
    [ 'text/plain;q=0.5, application/json;q=0.501', 'json' ],
    [ 'application/json;q=0, */*', 'svg' ],
    [ 'image/svg+xml, */*', 'svg' ],
    [ 'text/plain; charset=utf-8', 'text' ],
    [ 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,'
        . 'image/webp,*/*;q=0.8', 'json' ],
    [ "$long, text/plain", 'text' ],
) {
    my ($accept, $form) = @$case;
    my $response = code($accept);
    my $name = substr $accept // 'none', 0, 60;

    is($response->header('Content-Type'), $types{$form}, "Accept: $name");
    is($response->header('Vary'), 'Accept', 'Vary');
    like($response->header('Cache-Control'), qr/\bno-store\b/, 'no-store');
    is($response->header('X-Content-Type-Options'), 'nosniff', 'nosniff');
}

for my $accept ('image/png', 'text/html', 'application/json;q=0', '*/*;q=0',
    'text/plain;q=2', 'nonsense', 'text/plain;q=0.0000')
{
    my $response = code($accept);

    graph_error($response, 406, 100, "Accept: $accept",
        details => qr{^Accept must name application/json, .*text/plain});
    is($response->header('Vary'), 'Accept', 'Vary');
}

# several lines are one list; what is odd goes no further

{
    my $bytes = $t->request_bytes('GET', $uri);
    my $ask = sub {
        my ($lines) = @_;
        my $connection = $t->connect;

        $connection->write($bytes =~ s/\r\n\r\n/\r\n$lines\r\n\r\n/r);
        my $response = $connection->response;
        $connection->close;
        return $response;
    };

    is($ask->("Accept: text/html\r\naccept: text/plain")
        ->header('Content-Type'), $types{text}, 'two lines of Accept');
    graph_error($ask->("Accept: text/plain\x01"), 400, 100,
        'a control character');
    graph_error($ask->('Accept: ' . 'x/y, ' x 300), 400, 100, 'too long');
}

# HEAD

for my $form (['image/svg+xml', 'svg'], ['application/json', 'json']) {
    my $response = code($form->[0], method => 'HEAD');

    is($response->status, 200, "HEAD of $form->[1]");
    is($response->header('Content-Type'), $types{ $form->[1] }, 'its type');
    cmp_ok($response->header('Content-Length'), '>', 100, 'its length');
    is($response->body, '', 'no body');
}

# without a code the state is named, in words and for programs

$phone->scan;
$controller->wait_ready;

{
    my $response = code('image/svg+xml');

    graph_error($response, 409, 100, 'linked: no code',
        details => qr/\bstate=ready\b/);
    is($response->error->{error_data}{state}, 'ready', 'the state');
    is($response->header('Vary'), 'Accept', 'Vary');
}

is($controller->request('POST', "/v1/sessions/$session/stop")->status, 200,
    'stopped');
$controller->wait_state('stopped', 60);

{
    my $response = code('text/plain');

    graph_error($response, 409, 100, 'stopped: no code',
        details => qr/\bstate=stopped\b/);
    is($response->error->{error_data}{state}, 'stopped', 'the state');
}

unlike($t->error_log . $t->access_log . $controller->log, qr/2\@\w{20}/,
    'no log has a code');

$t->done();
