#!/usr/bin/perl

# What nginx -t says of each directive: good values pass, bad ones are refused
# with a message that names what is wrong. A location is closed by default.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();

my $tokens = 'whatsapp_tokens %%TOKENS%%;';
my $pass = "whatsapp_pass %%CONTROLLER%%; $tokens";


sub conf {
    my ($location, %opt) = @_;
    my $where = $opt{where} // '/whatsapp/';

    return "%%GLOBALS%%\nevents { }\nhttp {\n%%GLOBALS_HTTP%%\n"
        . ($opt{http} // '') . "\nserver {\nlisten 127.0.0.1:8080;\n"
        . ($opt{server} // '') . "\nlocation $where {\n$location\n}\n}\n}\n";
}


sub good {
    my ($name, @conf) = @_;
    my ($status, $output) = $t->nginx_t(conf(@conf));

    is($status, 0, $name) or diag($output);
}


sub bad {
    my ($name, $message, @conf) = @_;
    my ($status, $output) = $t->nginx_t(conf(@conf));

    # no crash, a reason that can be acted upon, and the line of a directive
    ok($status == 1 && $output =~ /\[emerg\][^\n]*(?:$message)/
        && Test::Whatsapp::conf_line($output) =~ /;|{/, $name)
        or diag("status $status\n$output");
}


sub warns {
    my ($name, $message, @conf) = @_;
    my ($status, $output) = $t->nginx_t(conf(@conf));

    ok($status == 0 && $output =~ /\[warn\][^\n]*$message/, $name)
        or diag("status $status\n$output");
}


# the emerg lines below are in nginx' own output and in its error log
$t->allow_alert(qr/\[emerg\]/);

# the BETA calls

good("whatsapp_beta_api $_", "$pass whatsapp_beta_api $_;")
    for 'on', 'off', 'on phone_number_id=123456789012345';

for my $case (
    [ '' => 'invalid number of arguments' ],
    [ 'maybe' => 'takes "off", or "on"' ],
    [ 'off phone_number_id=1' => 'takes "off", or "on"' ],
    [ 'on session=1' => 'takes "phone_number_id="' ],
    [ 'on phone_number_id=x' => '1 to 15 digits' ],
    [ 'on phone_number_id=' => '1 to 15 digits' ],
    [ 'on phone_number_id=1234567890123456' => '1 to 15 digits' ],
    [ 'on; whatsapp_beta_api off' => 'is duplicate' ],
) {
    bad("whatsapp_beta_api $case->[0]", $case->[1],
        "$pass whatsapp_beta_api $case->[0];");
}

# closed by default

good('pass with tokens', $pass);
good('pass with auth switched off',
    'whatsapp_pass %%CONTROLLER%%; whatsapp_auth off;');
good('tokens inherited from the server', 'whatsapp_pass %%CONTROLLER%%;',
    server => $tokens);
good('tokens inherited from http', 'whatsapp_pass %%CONTROLLER%%;',
    http => $tokens);
bad('neither tokens nor auth off', 'needs "whatsapp_tokens" or',
    'whatsapp_pass %%CONTROLLER%%;');
bad('another handler that would open the location',
    'stands beside another content handler',
    "$pass proxy_pass http://127.0.0.1:9;");
bad('auth takes nothing but on and off', 'whatsapp_auth|"maybe"',
    "$pass whatsapp_auth maybe;");

# whatsapp_pass

good('pass to an upstream', "whatsapp_pass controller; $tokens",
    http => 'upstream controller { server %%CONTROLLER%%; }');
good('pass with a variable', "whatsapp_pass \$arg_peer; $tokens");
good('pass in a preferred prefix', $pass, where => '^~ /whatsapp/');
good('pass in the root location', $pass, where => '/');
good('pass in a prefix without a final slash', $pass, where => '/whatsapp');
bad('pass in a regex location', 'given by prefix', $pass,
    where => '~ ^/whatsapp/');
bad('pass in a caseless regex location', 'given by prefix', $pass,
    where => '~* ^/whatsapp/');
bad('pass in a named location', 'given by prefix', $pass,
    where => '@whatsapp');
bad('pass in an exact location', 'given by prefix', $pass,
    where => '= /whatsapp/');
bad('pass inside "if"', 'not allowed here|whatsapp_pass|if',
    "$tokens if (\$arg_a) { whatsapp_pass %%CONTROLLER%%; }");
bad('pass twice', 'duplicate', "$pass whatsapp_pass 127.0.0.1:9;");
bad('pass without a value', 'invalid number of arguments',
    "whatsapp_pass; $tokens");
bad('pass to nothing', 'whatsapp_pass|no host|empty|invalid',
    "whatsapp_pass ''; $tokens");
bad('pass to a bad port', 'port', "whatsapp_pass 127.0.0.1:99999; $tokens");
bad('pass in the server', 'not allowed here', $pass,
    server => 'whatsapp_pass %%CONTROLLER%%;');

# TCP only with a shared secret


sub secret {
    return 'whatsapp_secret_file '
        . $t->write_file('nginx/secret', $_[0]) . ';';
}


my $tcp = "whatsapp_pass 127.0.0.1:9; $tokens";

good('pass to an address with a secret',
    "$tcp " . secret($t->canary('secret') . "\n"));
good('a secret on a unix socket', "$pass " . secret('secret'));
good('a secret of 255 characters', "$tcp " . secret('x' x 255));
bad('pass to an address without a secret', 'needs "whatsapp_secret_file"',
    $tcp);
bad('pass to an upstream with an address, without a secret',
    'needs "whatsapp_secret_file"', "whatsapp_pass controller; $tokens",
    http => 'upstream controller { server %%CONTROLLER%%; '
    . 'server 127.0.0.1:9 backup; }');
{
    my $conf = "$tcp " . secret('secret');
    my ($status, $output);

    warns('a secret that everyone can read',
        'nginx.secret" is readable by everyone', $conf);

    chmod 0600, $t->dir . '/nginx/secret';
    ($status, $output) = $t->nginx_t(conf($conf));
    unlike($output, qr/\[warn\]/, 'and one that only its owner can');
}

bad('an empty secret', 'secret', "$tcp " . secret("\n"));
bad('a secret of 256 characters', 'secret', "$tcp " . secret('x' x 256));
bad('a secret of two lines', 'secret', "$tcp " . secret("a\nb\n"));
bad('a secret with a blank', 'secret', "$tcp " . secret("a b\n"));
bad('a secret file that is absent', 'No such file',
    "$tcp whatsapp_secret_file %%DIR%%/nowhere;");
bad('a secret twice', 'duplicate',
    "$tcp " . secret('a') . ' ' . secret('a'));

# whatsapp_tokens

my $digest = 'a' x 64;


sub tokens_file {
    return 'whatsapp_pass %%CONTROLLER%%; whatsapp_tokens '
        . $t->write_file('nginx/other-tokens', $_[0]) . ';';
}


good('digest in lower case', tokens_file("$digest\n"));
good('digest in upper case', tokens_file(uc "$digest\n"));
good('several digests, blank lines and comments',
    tokens_file("# one\n\n$digest\n" . 'b' x 64 . "\n"));
good('last line without newline', tokens_file($digest));
bad('tokens file that is absent', 'No such file',
    'whatsapp_pass %%CONTROLLER%%; whatsapp_tokens %%DIR%%/nowhere;');
bad('tokens file that is a directory', 'not a regular file',
    'whatsapp_pass %%CONTROLLER%%; whatsapp_tokens %%DIR%%/nginx;');
warns('tokens file without a token', 'no token in', tokens_file(''));
warns('tokens file of comments only', 'no token in',
    tokens_file("# nothing\n"));
good('comment behind a digest', tokens_file("$digest # one\n"));
bad('a word behind a digest', 'other-tokens', tokens_file("$digest one\n"));
bad('plain token in the tokens file', 'other-tokens',
    tokens_file($t->canary('token') . "\n"));
bad('digest too short', 'other-tokens', tokens_file('a' x 63 . "\n"));
bad('digest too long', 'other-tokens', tokens_file('a' x 65 . "\n"));
bad('digest with a bad digit', 'other-tokens',
    tokens_file('a' x 63 . "g\n"));
bad('tokens twice', 'duplicate', "$pass $tokens");

# times, sizes and switches

for my $name (qw(connect_timeout send_timeout read_timeout)) {
    good("whatsapp_$name 5s", "$pass whatsapp_$name 5s;");
    good("whatsapp_$name 250ms", "$pass whatsapp_$name 250ms;");
    bad("whatsapp_$name soon", 'invalid value',
        "$pass whatsapp_$name soon;");
    bad("whatsapp_$name -1s", 'invalid value', "$pass whatsapp_$name -1s;");
    bad("whatsapp_$name twice", 'duplicate',
        "$pass whatsapp_$name 5s; whatsapp_$name 6s;");
}

for my $name (qw(buffer_size json_max_size)) {
    good("whatsapp_$name 16k", "$pass whatsapp_$name 16k;");
    bad("whatsapp_$name big", 'invalid value', "$pass whatsapp_$name big;");
    bad("whatsapp_$name -1", 'invalid value', "$pass whatsapp_$name -1;");
    bad("whatsapp_$name twice", 'duplicate',
        "$pass whatsapp_$name 16k; whatsapp_$name 16k;");
}

good('whatsapp_buffer_size 8k: an error and its head fit',
    "$pass whatsapp_buffer_size 8k;");
bad('whatsapp_buffer_size 4k', 'must be at least 8',
    "$pass whatsapp_buffer_size 4k;");
for my $url (qw(ftp://example.com api.example.com http:// http:///a),
    'http://example.com/a?b', 'https://example.com/a b', 'http://a"b/')
{
    bad("whatsapp_public_url $url", 'whatsapp_public_url',
        "$pass whatsapp_public_url '$url';");
}

for my $url ('ftp://$host', 'htps://$host', '/$host', 'http:/$host',
    'http:///$host', 'api.example.com/$arg_a')
{
    bad("whatsapp_public_url $url", 'is not a plain http or https URL',
        "$pass whatsapp_public_url '$url';");
}

good("whatsapp_public_url $_", "$pass whatsapp_public_url '$_';")
    for '$scheme://$host/whatsapp', 'https://$host', 'http://a.$host',
    'https://example.com/$server_name';

bad('whatsapp_json_max_size 0', 'whatsapp_json_max_size|invalid value',
    "$pass whatsapp_json_max_size 0;");

good('whatsapp_socket_keepalive on', "$pass whatsapp_socket_keepalive on;");
bad('whatsapp_socket_keepalive yes', 'it must be "on" or "off"',
    "$pass whatsapp_socket_keepalive yes;");
good('whatsapp_next_upstream',
    "$pass whatsapp_next_upstream error timeout;"
    . ' whatsapp_next_upstream_tries 2; whatsapp_next_upstream_timeout 5s;');
good('whatsapp_next_upstream off', "$pass whatsapp_next_upstream off;");
bad('whatsapp_next_upstream sometimes', 'invalid value',
    "$pass whatsapp_next_upstream sometimes;");
bad('whatsapp_next_upstream non_idempotent: a send is never repeated',
    'invalid value', "$pass whatsapp_next_upstream error non_idempotent;");
bad('whatsapp_next_upstream_tries many', 'invalid',
    "$pass whatsapp_next_upstream_tries many;");

good('variables in log_format and hash', $pass,
    http => 'log_format w "$whatsapp_session $whatsapp_call '
    . '$whatsapp_error_code"; upstream many { hash $whatsapp_session '
    . 'consistent; server %%CONTROLLER%%; }');

# one location, one content handler, in whatever order they stand

for my $other ('proxy_pass http://127.0.0.1:1;', 'stub_status;',
    'whatsapp_status;', 'fastcgi_pass 127.0.0.1:1;')
{
    my ($name) = $other =~ /^(\w+)/;

    bad("$name before whatsapp_pass", 'another content handler',
        "$other $pass");
    bad("$name after whatsapp_pass", 'another content handler|is duplicate', "$pass $other");
    next if $name eq 'whatsapp_status';
    bad("$name before whatsapp_status", 'another content handler',
        "$other whatsapp_status;");
    bad("$name after whatsapp_status", 'another content handler|is duplicate',
        "whatsapp_status; $other");
}

# what is found out at the end names the line of its directive

for my $case (
    [ 'pass without tokens', 'needs "whatsapp_tokens"', 'whatsapp_pass unix:',
        "root html;\nwhatsapp_pass %%CONTROLLER%%;\nindex a;" ],
    [ 'pass beside another handler', 'another content handler',
        'whatsapp_pass unix:', "$pass\nproxy_pass http://127.0.0.1:9;" ],
    [ 'pass without a secret', 'needs "whatsapp_secret_file"',
        'whatsapp_pass 127', "$tokens\n$tcp\nindex a;" =~ s/\Q$tokens\E//r ],
    [ 'bodies in files', 'client_body_in_file_only',
        'whatsapp_pass unix:', "$pass\nclient_body_in_file_only on;" ],
    [ 'status beside another handler', 'another content handler|is duplicate',
        'whatsapp_status|stub_status', "whatsapp_status;\nstub_status;" ],
    [ 'status without a secret', 'needs "whatsapp_secret_file"',
        'whatsapp_status controller=127',
        "root html;\nwhatsapp_status controller=127.0.0.1:9;\nindex a;" ],
    [ 'a URL', 'as in "https://', 'whatsapp_public_url',
        "$pass\nwhatsapp_public_url nowhere;\nindex a;" ],
    [ 'a URL that no location inherits', 'as in "https://', 'nowhere',
        "$pass whatsapp_public_url https://example.com;",
        server => "whatsapp_public_url nowhere;\nroot html;" ],
) {
    my ($name, $message, $line, @conf) = @$case;
    my ($status, $output) = $t->nginx_t(conf(@conf));

    ok($status == 1 && $output =~ /\[emerg\][^\n]*(?:$message)/
        && Test::Whatsapp::conf_line($output) =~ /$line/, "$name: the line")
        or diag($output);
}

{
    my $file = $t->write_file('nginx/api.conf',
        "\n\nwhatsapp_pass unix:/a;\n");

    bad('pass without tokens in an included file',
        'needs "whatsapp_tokens".* in \S+api\.conf:3', "include $file;\n");
}

# what is not a value is answered with those that are

for my $case (
    [ 'whatsapp_auth maybe', '"on" or "off"' ],
    [ 'whatsapp_interactive on', '"off" or "text"' ],
    [ 'whatsapp_interactive ""', '"off" or "text"' ],
    [ 'whatsapp_next_upstream sometimes', '"error", "timeout", '
        . '"invalid_header", "http_500", "http_503", "http_504", "http_404", '
        . '"http_429" or "off"' ],
    [ 'whatsapp_next_upstream error http_502', '"http_429" or "off"' ],
) {
    my ($directive, $message) = @$case;

    bad("$directive: the values allowed",
        quotemeta((split ' ', $directive)[0]) . '" directive, it must be .*'
        . quotemeta $message, "$pass $directive;");
}

good("whatsapp_interactive $_", "$pass whatsapp_interactive $_;")
    for qw(text TEXT off);
bad('whatsapp_interactive twice', 'duplicate',
    "$pass whatsapp_interactive off; whatsapp_interactive text;");
warns('whatsapp_next_upstream error twice', 'duplicate value',
    "$pass whatsapp_next_upstream error error;");

bad('a socket without unix:', '"unix:" is missing before the path',
    "$tokens whatsapp_pass /run/controller.sock;");
bad('a socket of the metrics without unix:',
    '"unix:" is missing before the path',
    'whatsapp_status controller=/run/controller.sock;');
bad('another parameter of the metrics', 'it must be "controller=address"',
    'whatsapp_status peer=127.0.0.1:9;');

# bodies must not meet a disk

bad('client_body_in_file_only', 'client_body_in_file_only',
    "$pass client_body_in_file_only on;");
bad('unknown directive', 'unknown directive', "$pass whatsapp_passs on;");

# a module that is linked into nginx would not have the last filters

{
    my $root = $t->root;
    my $output = qx(cd "$root" && ngx_module_link=ADDON sh ./config 2>&1);

    ok($? >> 8 == 1 && $output =~ /only be a dynamic module/,
        'a static build is refused') or diag($output);
}

$t->done();
