#!/usr/bin/perl

# The privacy policy: what whatsapp_privacy_policy serves and to whom, that
# every answer of its locations leads there, and what nginx -t says of it.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Browser;
use Test::Whatsapp::Stream;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();
my $browsers = 'text/html,application/xhtml+xml,application/xml;q=0.9,'
    . 'image/avif,image/webp,*/*;q=0.8';

my $page = $t->write_file('nginx/own.html', "<h1>Our policy</h1>\n");
my $text = $t->write_file('nginx/own.md', "# Our policy\n");

my $conf = <<'EOF';
%%GLOBALS%%

events { }

http {
    %%GLOBALS_HTTP%%

    limit_req_zone $binary_remote_addr zone=one:1m rate=1r/m;
    limit_req_zone $server_port zone=all:1m rate=1r/m;
    whatsapp_abuse_zone zone=abuse:1m;
    whatsapp_tokens %%TOKENS%%;
    whatsapp_privacy_policy contact=CONTACT;

    log_format link '$status $whatsapp_call "$sent_http_link"';
    access_log %%DIR%%/nginx/link.log link;

    server {
        listen 127.0.0.1:8080;
        listen 127.0.0.1:8081 http2;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
            client_max_body_size 2k;

            if ($request_method = OPTIONS) {
                add_header Access-Control-Allow-Origin * always;
                return 204;
            }
        }

        location /whatsapp/inner/ {
            whatsapp_pass %%CONTROLLER%%;
        }

        location /off/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_privacy_policy off;
        }

        location /public/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_public_url https://$http_x_host/wa/;
        }

        location /page/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_privacy_policy file=own.html;
        }

        location /both/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_privacy_policy file=own.md file=own.html;
        }

        location "/odd \"<x>/" {
            whatsapp_pass %%CONTROLLER%%;
        }

        location /limited/ {
            whatsapp_pass %%CONTROLLER%%;
            limit_req zone=one;
        }

        location /struck/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_abuse zone=abuse;
            whatsapp_abuse_strikes auth invalid count=2 window=60s ban=60s;
        }

        location /absent/ {
            whatsapp_pass unix:%%DIR%%/tmp/absent.sock;
        }

        location /denied/ {
            whatsapp_pass %%CONTROLLER%%;
            deny all;
        }

        location /linked/ {
            whatsapp_pass %%CONTROLLER%%;
            add_header Link '</style.css>; rel=preload' always;
        }

        location /paged/ {
            whatsapp_pass %%CONTROLLER%%;
            error_page 404 /sorry;
        }

        location = /sorry {
            return 404 "not ours";
        }

        location /status {
            whatsapp_status;
        }
    }
}
EOF

$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);


sub with_contact {
    my ($contact) = @_;

    return $conf =~ s/CONTACT/$contact/r;
}


# policy(location, Accept, %opt): the answer to a client without a token

sub policy {
    my ($location, $accept, %opt) = @_;

    return $t->request($opt{method} // 'GET', "/$location/privacy",
        token => undef,
        headers => { Accept => $accept, %{ $opt{headers} // {} } });
}


sub type { ($_[0]->header('Content-Type') // '') =~ s/;.*//r }


# links_to(name, response, uri): one test of its Link header

sub links_to {
    my ($name, $response, $uri) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($response->header('Link'),
        defined $uri ? qq{<$uri>; rel="privacy-policy"} : undef,
        "$name: Link");
}


$t->run(with_contact('privacy@example.com'));

# the form is chosen by Accept

for my $case ([ undef, 'text/html' ], [ '', 'text/html' ],
    [ '*/*', 'text/html' ], [ $browsers, 'text/html' ],
    [ 'text/markdown', 'text/markdown' ], [ 'text/*', 'text/html' ],
    [ 'text/html;q=0.4, text/markdown;q=0.5', 'text/markdown' ],
    [ 'text/*;q=0.9, text/html;q=0.1', 'text/markdown' ],
    [ 'TEXT/Markdown, */*;q=0.1', 'text/markdown' ],
    [ '*/*, text/html;q=0', 'text/markdown' ],
    [ 'application/json, */*;q=0.1', 'text/html' ])
{
    my ($accept, $type) = @$case;
    my $response = policy('whatsapp', $accept);
    my $name = $accept // 'no Accept';

    is($response->status, 200, "$name: 200");
    is($response->header('Content-Type'), "$type; charset=UTF-8",
        "$name: the type");
    is($response->header('Vary'), 'Accept', "$name: Vary");
}

for my $accept ('application/json', 'text/html;q=0, text/markdown;q=0') {
    my $response = policy('whatsapp', $accept);

    graph_error($response, 406, 100, "$accept: 406",
        details => qr/none of the forms/);
    is($response->header('Vary'), 'Accept', "$accept: Vary");
    links_to($accept, $response, '/whatsapp/privacy');
}

# what it says

{
    my $html = policy('whatsapp', 'text/html');
    my $markdown = policy('whatsapp', 'text/markdown');
    my $source = do {
        open my $fh, '<', $t->root . '/PRIVACY.md' or die "PRIVACY.md: $!";
        local $/;
        <$fh>;
    };

    $source =~ s/^<!-- contact -->$/<privacy\@example.com>/m
        or die "PRIVACY.md has no place for the contact\n";
    is($markdown->body, $source, 'Markdown: PRIVACY.md with the contact');

    like($html->body, qr{^<!doctype html>.*<h1>Privacy policy</h1>}s,
        'HTML: a page');
    like($html->body,
        qr{<a href="mailto:privacy\@example\.com">privacy\@example\.com</a>},
        'HTML: the contact');
    unlike($html->body, qr/<!--/, 'HTML: no mark is left');
    unlike($html->body, qr/<script|\son\w+=|javascript:/i, 'HTML: no script');
    is((() = $html->body =~ /<h2>/g), (() = $source =~ /^## /mg),
        'HTML: all sections');

    my @sources = $html->body =~ /(?:src|href)="([^"]*)"/g;
    is(join(' ', grep { !m{^(?:https://|mailto:)} } @sources), '',
        'HTML: no link that leads nowhere');

    like($html->header('Content-Security-Policy'),
        qr/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; /,
        'HTML: its style and nothing else');
    is($markdown->header('Content-Security-Policy'), undef,
        'Markdown needs none');

    for my $answer ($html, $markdown) {
        is($answer->header('X-Content-Type-Options'), 'nosniff', 'nosniff');
        is($answer->header('Referrer-Policy'), 'no-referrer', 'no referrer');
        is($answer->header('Cache-Control'), 'no-cache', 'to be kept');
        links_to(type($answer), $answer, '/whatsapp/privacy');
    }
}

# HEAD, and what has not changed

{
    my $got = policy('whatsapp', 'text/html');
    my $head = policy('whatsapp', 'text/html', method => 'HEAD');
    my ($etag, $date) = map { $got->header($_) } 'ETag', 'Last-Modified';

    is($head->status, 200, 'HEAD');
    is($head->body, '', 'HEAD: no body');
    is($head->header($_), $got->header($_), "HEAD: $_")
        for qw(Content-Type Content-Length ETag Last-Modified Link Vary);

    like($etag, qr/^"[0-9a-f]{32}"$/, 'ETag');
    like($date, qr/^\w{3}, .* GMT$/, 'Last-Modified');
    isnt(policy('whatsapp', 'text/markdown')->header('ETag'), $etag,
        'the other form has another ETag');

    for my $headers ({ 'If-None-Match' => $etag },
        { 'If-None-Match' => qq{"other", W/$etag} },
        { 'If-Modified-Since' => $date })
    {
        my $name = join ': ', %$headers;
        my $response = policy('whatsapp', 'text/html', headers => $headers);

        is($response->status, 304, "$name: 304");
        is($response->body, '', "$name: no body");
        is($response->header('ETag'), $etag, "$name: ETag");
        is($response->header('Vary'), 'Accept', "$name: Vary");
        is($response->header('Cache-Control'), 'no-cache', "$name: to be kept");
        links_to($name, $response, '/whatsapp/privacy');
    }

    is(policy('whatsapp', 'text/markdown',
        headers => { 'If-None-Match' => $etag })->status, 200,
        'the ETag of the other form');
    my $failed = policy('whatsapp', 'text/html',
        headers => { 'If-Match' => '"other"' });
    graph_error($failed, 412, 100, 'If-Match of another');
    is($failed->header('Cache-Control'), 'private, no-store',
        'an error is not kept');
}

# methods, versions and tokens

for my $method (qw(POST PUT DELETE)) {
    my $response = $t->request($method, '/whatsapp/privacy', body => '{}');

    graph_error($response, 405, 100, "$method is not allowed");
    is($response->header('Allow'), 'GET, HEAD', "$method: Allow");
}

is($t->get("/whatsapp/$version/privacy/", token => undef)->status, 200,
    'with a version and a slash');
is($t->get('/whatsapp/privacy', token => 'wrong')->status, 200,
    'a wrong token does not matter');
graph_error($t->get("/whatsapp/$version/$session/privacy"), 404, 100,
    'not below a session');
is(scalar $fake->requests, 0, 'the controller hears of nothing');

# reading it is no strike, and a limit of the location holds

is(policy('struck', $_ % 2 ? $browsers : 'application/json')->status,
    $_ % 2 ? 200 : 406, "no strike $_") for 1 .. 6;
is(policy('limited', '*/*')->status, 200, 'within the limit');

{
    my $response = policy('limited', '*/*');

    graph_error($response, 429, 130429, 'over the limit');
    links_to('429', $response, '/limited/privacy');
}

# every answer leads there

links_to('200', $t->get("/whatsapp/$version/$session"), '/whatsapp/privacy');
links_to('401', $t->get("/whatsapp/$version/$session", token => undef),
    '/whatsapp/privacy');
links_to('404', $t->get('/whatsapp/nothing'), '/whatsapp/privacy');
links_to('413', $t->messages({ to => 'x' x 4096 }), '/whatsapp/privacy');
links_to('400', $t->messages('{'), '/whatsapp/privacy');
links_to('301', $t->get('/whatsapp'), '/whatsapp/privacy');
links_to('healthz', $t->get('/whatsapp/healthz', token => undef),
    '/whatsapp/privacy');
links_to('preflight', $t->request('OPTIONS', $t->messages_uri,
    token => undef), '/whatsapp/privacy');
links_to('403', $t->get("/denied/$session"), '/denied/privacy');
links_to('503', $t->get("/absent/$session"), '/absent/privacy');
links_to('a send', $t->send('15550000002', $t->canary('text')),
    '/whatsapp/privacy');

{
    my $boundary = 'b';
    my $response = $t->post("/whatsapp/$version/$session/media",
        "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n"
        . "Content-Type: image/png\r\n\r\nx\r\n--b--\r\n",
        headers => { 'Content-Type' => 'multipart/form-data; boundary=b' });

    is($response->status, 200, 'an upload');
    links_to('an upload', $response, '/whatsapp/privacy');
}

{
    $fake->always({ stream => "retry: 2000\n\n" });
    my $stream = Test::Whatsapp::Stream->open($t->port(8080),
        "/whatsapp/$session/events",
        headers => { Authorization => 'Bearer ' . $t->token });

    links_to('a stream', $stream, '/whatsapp/privacy');
    $stream->close;
    $fake->forget;

    $fake->next({ status => 503, body => { error => {
        code => 'session_not_ready', message => 'no' } } });
    links_to('an error of the controller',
        $t->get("/whatsapp/$version/$session"), '/whatsapp/privacy');
}

{
    my ($status, $output) = $t->command([ 'nghttp', '-v',
        'http://127.0.0.1:' . $t->port(8081) . '/whatsapp/privacy' ]);

    like($output, qr{link: </whatsapp/privacy>; rel="privacy-policy"},
        'HTTP/2');
}

links_to('a location within', policy('whatsapp/inner', '*/*'),
    '/whatsapp/inner/privacy');
links_to('a prefix with odd characters',
    $t->get('/odd%20%22%3Cx%3E/healthz', token => undef),
    '/odd%20%22%3Cx%3E/privacy');
is($t->get('/odd%20%22%3Cx%3E/privacy', token => undef)->status, 200,
    'and is served there');
links_to('whatsapp_public_url', $t->get('/public/healthz', token => undef,
    headers => { 'X-Host' => 'api.example.com' }),
    'https://api.example.com/wa/privacy');
links_to('a forged host', $t->get('/public/healthz', token => undef,
    headers => { 'X-Host' => 'evil>; rel=x, <' }), '/public/privacy');
is($t->get("/linked/healthz", token => undef)->header('Link'),
    '</style.css>; rel=preload, </linked/privacy>; rel="privacy-policy"',
    'beside a link of the operator');
links_to('a page of the operator', $t->get('/paged/nothing'), undef);
links_to('another location', $t->get('/status', token => undef), undef);
unlike($t->get('/status', token => undef)->body, qr/session="[^"]*privacy/,
    'and no session of that name in the metrics');

wait_for(sub { $t->read_file('nginx/link.log') =~ /evil/ || 1 }, 1);
like($t->read_file('nginx/link.log'),
    qr{^200 privacy\.get "</whatsapp/privacy>; rel=\\x22privacy-policy}m,
    'the access log knows call and link');

# off

{
    my $response = policy('off', '*/*');

    graph_error($response, 401, 190, 'off: no such path is known');
    links_to('off', $response, undef);
    graph_error($t->get('/off/privacy'), 404, 100, 'off: not even with one');
    unlike($t->get("/off/$session/session/page", token => undef)->body,
        qr/privacy|<!--/i, 'off: the page for linking has no link');
}

like($t->get("/whatsapp/$version/$session/session/page", token => undef)
    ->body, qr{<a href="\.\./\.\./privacy"}, 'the page for linking has one');
like($t->get("/whatsapp/$session/session/page/", token => undef)->body,
    qr{<a href="\.\./\.\./\.\./privacy"}, 'also with a slash at its end');

# files of the operator

{
    my $html = policy('page', $browsers);
    my $date = (stat $page)[9];

    is($html->body, "<h1>Our policy</h1>\n", 'a page of the operator');
    is($html->header('Content-Type'), 'text/html; charset=UTF-8', 'its type');
    like($html->header('Content-Security-Policy'),
        qr/^default-src 'none'; style-src 'unsafe-inline'; /,
        'without scripts');
    is(policy('page', $browsers, headers => {
        'If-Modified-Since' => $html->header('Last-Modified') })->status, 304,
        'not modified');
    graph_error(policy('page', 'text/markdown'), 406, 100,
        'which is not there as Markdown', details => qr/none of the forms/);

    is(type(policy('both', 'text/markdown')), 'text/markdown', 'two files');
    is(policy('both', 'text/markdown')->body, "# Our policy\n",
        'as they are');
    is(type(policy('both', '*/*')), 'text/html', 'the page first');
}

# a browser is content with it

{
    my $browser = Test::Whatsapp::Browser->start($t);

    my ($run, $seen, $light);

    $run = sub { $browser->drive(run => $_[0]) };
    $browser->drive(open => 'http://127.0.0.1:' . $t->port
        . '/whatsapp/privacy');
    is($run->('document.querySelector("h1").innerText'),
        'Privacy policy', 'a browser shows it');
    is($run->('getComputedStyle(document.querySelector("main")).maxWidth'),
        '704px', 'with its style');
    ok($run->('document.documentElement.scrollWidth <= window.innerWidth'),
        'on a phone nothing is cut off');

    for my $dark (0, 1) {
        my $color;

        $browser->drive(dark => $dark ? JSON::PP::true : JSON::PP::false);
        $color = $run->('getComputedStyle(document.body).backgroundColor');
        $browser->drive(shot => $ENV{TEST_WHATSAPP_SHOTS} . "/$dark.png")
            if $ENV{TEST_WHATSAPP_SHOTS};
        isnt($color, $light // '', $dark ? 'dark' : 'light');
        $light = $color;
    }

    $seen = $browser->drive(seen => JSON::PP::true);
    is("@{ $seen->{complaints} }", '', 'nothing is wrong in its console');
    is(join(' ', grep { !m{/whatsapp/privacy$|^about:|/favicon\.ico$} }
        @{ $seen->{requests} }), '', 'nothing else is fetched');
    $browser->stop;
}

# a reload

{
    my $etag = policy('whatsapp', '*/*')->header('ETag');

    $t->conf(with_contact('https://example.com/privacy?a=1&b=2'));
    $t->write_file('nginx/own.html', "<h1>Another</h1>\n");
    $t->reload;

    my $html = policy('whatsapp', '*/*', headers => {
        'If-None-Match' => $etag });

    is($html->status, 200, 'after a reload it is another one');
    like($html->body,
        qr{<a href="(https://example\.com/privacy\?a=1&amp;b=2)">\1</a>},
        'a URL as contact, escaped');
    like(policy('whatsapp', 'text/markdown')->body,
        qr{^<https://example\.com/privacy\?a=1&b=2>$}m, 'in Markdown too');
    is(policy('page', '*/*')->body, "<h1>Another</h1>\n",
        'files are read anew');
}

# what nginx -t says, and logs

$t->allow_alert(qr/\[emerg\]/);

for my $case ([ 'contact=nobody', qr/needs a mail address or an https URL/ ],
    [ 'contact=', qr/needs a mail address/ ],
    [ 'contact=@example.com', qr/needs a mail address/ ],
    [ 'contact=a@', qr/needs a mail address/ ],
    [ 'contact=a@b@example.com', qr/needs a mail address/ ],
    [ 'contact=a@.example.com', qr/needs a mail address/ ],
    [ 'contact=a%0A@example.com', qr/needs a mail address/ ],
    [ q{'contact="><script>@example.com'}, qr/needs a mail address/ ],
    [ 'contact=http://example.com/', qr/needs a mail address/ ],
    [ 'contact=javascript:alert(1)', qr/needs a mail address/ ],
    [ q{'contact=https://example.com/"x'}, qr/needs a mail address/ ],
    [ 'contact=' . 'a' x 250 . '@example.com', qr/needs a mail address/ ],
    [ 'contact=a@example.com contact=b@example.com', qr/has two contacts/ ],
    [ 'contact=a@example.com file=own.html', qr/into the built-in text only/ ],
    [ 'on', qr/takes "off", "contact=" or "file="/ ],
    [ 'off contact=a@example.com', qr/takes "off", "contact=" or/ ],
    [ 'file=own.txt', qr/needs a file of the name \*\.html or \*\.md/ ],
    [ 'file=', qr/needs a file of the name/ ],
    [ 'file=own.html file=own.html', qr/has two files of one kind/ ],
    [ 'file=absent.html', qr/open\(\) "\S+absent\.html" failed \(2:/ ],
    [ 'file=empty.html', qr/"\S+empty\.html" is empty/ ],
    [ 'file=latin.html', qr/line 2 of "\S+latin\.html" is not text in UTF-8/ ],
    [ 'file=large.md', qr/"\S+large\.md" is larger than 1048576 bytes/ ],
    [ 'file=dir.md', qr/"\S+dir\.md" is not a regular file/ ],
    [ 'off; whatsapp_privacy_policy off', qr/is duplicate/ ])
{
    my ($words, $error) = @$case;
    my ($status, $output);

    $t->write_file('nginx/empty.html', '');
    $t->write_file('nginx/latin.html', "<p>\nk\xf6\n");
    $t->write_file('nginx/large.md', 'x' x (1024 * 1024 + 1));
    mkdir $t->dir . '/nginx/dir.md';

    ($status, $output) = $t->nginx_t($conf
        =~ s/contact=CONTACT/$words/r);
    $words = substr $words, 0, 60;
    isnt($status, 0, "$words: refused");
    like($output, $error, "$words: says why");
    like(Test::Whatsapp::conf_line($output), qr/whatsapp_privacy_policy/,
        "$words: says where");
}

{
    my ($status, $output) = $t->nginx_t($conf =~ s/contact=CONTACT//r);

    is($status, 0, 'without a contact');
    like($output, qr/\[warn\] .*has no "contact="/, 'with a warning');
}

$t->done();
