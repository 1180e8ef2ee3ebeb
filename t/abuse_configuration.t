#!/usr/bin/perl

# What nginx -t says of each directive of whatsapp_abuse: good values pass, bad
# ones are refused with a message that names what is wrong.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $zone = 'whatsapp_abuse_zone zone=a:1m';
my $redis = "$zone redis=127.0.0.1";
my $limits = 'limit_req_zone $binary_remote_addr zone=r:1m rate=1r/s;'
    . ' limit_req_zone $binary_remote_addr zone=r2:1m rate=1r/s;'
    . ' limit_req_zone $server_name zone=shared:1m rate=1r/s;'
    . ' limit_conn_zone $binary_remote_addr zone=c:1m;'
    . ' limit_conn_zone $server_name zone=shared_conn:1m;';


sub conf {
    my ($http, $location) = @_;

    return "%%GLOBALS%%\nevents { }\nhttp {\n%%GLOBALS_HTTP%%\n$http\n"
        . "server {\nlisten 127.0.0.1:8080;\nlocation / {\n"
        . ($location // 'whatsapp_abuse zone=a;') . "\n}\n}\n}\n";
}


sub good {
    my ($name, @conf) = @_;
    my ($status, $output) = $t->nginx_t(conf(@conf));

    ok($status == 0 && $output !~ /\[warn\]/, $name) or diag($output);
}


sub bad {
    my ($name, $message, @conf) = @_;
    my ($status, $output) = $t->nginx_t(conf(@conf));

    ok($status == 1 && $output =~ /\[emerg\][^\n]*$message/
        && Test::Whatsapp::conf_line($output) =~ /;|{/, $name)
        or diag("status $status\n$output");
}


$t->allow_alert(qr/\[emerg\]/);
$t->write_file('nginx/password', "secret\n");
$t->write_file('nginx/key', '0123456789abcdef');
$t->write_file('nginx/short', '0123456789abcde');
$t->write_file('nginx/empty', "\n");
$t->write_file('nginx/large', 'x' x 5000);
$t->write_file('nginx/open', 'password of everyone');
chmod 0600, map { $t->dir . "/nginx/$_" } qw(password key short empty large);

# the zone

good('zone alone', "$zone;");
good('unix socket', "$zone redis=unix:/run/redis.sock;");
good('address without a port', "$zone redis=127.0.0.1;");
good('IPv6 address', "$zone redis=[::1]:6380;");
good('all parameters', "$redis:6380 user=nginx password_file=password db=3"
    . ' prefix=x: timeout=50ms ipv6_prefix=56 hash_key_file=key;');
good('password without a user', "$redis password_file=password;");
good('a location that forgets', "$zone;", 'whatsapp_abuse_forget zone=a;'
    . ' limit_except GET { deny all; } if ($arg_a) { set $b 1; }');
good('hash_key_file without redis', "$zone hash_key_file=key;");
good('two zones', "$zone; whatsapp_abuse_zone zone=b:1m;");

bad('no zone', 'must have "zone" parameter',
    'whatsapp_abuse_zone redis=127.0.0.1;');
bad('no size', 'invalid zone size', 'whatsapp_abuse_zone zone=a;');
bad('no name', 'invalid zone size', 'whatsapp_abuse_zone zone=:1m;');
bad('a bad size', 'invalid zone size', 'whatsapp_abuse_zone zone=a:x;');
bad('a small zone', 'too small', 'whatsapp_abuse_zone zone=a:16k;');
bad('a zone twice', 'duplicate whatsapp_abuse_zone "a"', "$zone; $zone;");
bad("$_ twice", "duplicate parameter \"$_", "$redis user=a"
    . ' password_file=password db=1 prefix=p timeout=1s ipv6_prefix=64'
    . " hash_key_file=key $_;")
    for 'zone=b:1m', 'redis=127.0.0.2', 'user=b', 'password_file=key', 'db=2',
    'prefix=q', 'timeout=2s', 'ipv6_prefix=65', 'hash_key_file=key';
bad('an unknown parameter', 'invalid parameter "x=1"', "$zone x=1;");
bad('an empty parameter', 'invalid parameter "redis="', "$zone redis=;");
bad('a bad port', 'invalid parameter "redis=127.0.0.1:x", invalid port',
    "$zone redis=127.0.0.1:x;");
bad('a name that is not found', 'invalid parameter .*host not found',
    "$zone redis=no.such.host.invalid;");
bad('a path after the address', 'invalid host', "$zone redis=127.0.0.1:1/2;");

for my $parameter (qw(user=a password_file=password db=1 prefix=x
    timeout=1s))
{
    bad("$parameter without redis", "\"$parameter\" requires \"redis\"",
        "$zone $parameter;");
}

bad('user without a password', '"user" requires "password_file"',
    "$redis user=nginx;");
bad('no such file', 'open.. ".*nothing" failed',
    "$redis password_file=nothing;");
bad('an empty file', 'the file is empty', "$redis password_file=empty;");
bad('a large file', 'larger than 4096', "$redis password_file=large;");
bad('a directory', 'not a regular file', "$redis password_file=html;");
bad('a short key', 'at least 16 bytes', "$zone hash_key_file=short;");
bad('no key', 'open.. ".*nothing" failed', "$zone hash_key_file=nothing;");
bad('a bad db', 'db=x", it must be a number', "$redis db=x;");
bad('a large db', 'db=65536", it must be', "$redis db=65536;");
bad('no timeout', 'timeout=0", it must be', "$redis timeout=0;");
bad('a long timeout', 'timeout=2m", it must be', "$redis timeout=2m;");
bad('a bad timeout', 'timeout=x", it must be', "$redis timeout=x;");
bad('a long prefix', 'it may have 64 characters', "$redis prefix="
    . ('x' x 65) . ';');
bad('a prefix with a blank', 'visible ASCII', "$redis 'prefix=a b';");
bad("ipv6_prefix=$_", 'from 1 to 128', "$zone ipv6_prefix=$_;")
    for qw(0 129 x);

{
    my ($status, $output) = $t->nginx_t(conf("$redis password_file=open;"));

    ok($status == 0 && $output =~ /\[warn\].*nginx.open" is readable by every/,
        'a secret that everyone can read is warned of') or diag($output);
}

# the location

good('off', "$zone;", 'whatsapp_abuse off;');
good('all directives', "$zone; geo \$friend { default 0; } $limits", <<'END');
    whatsapp_abuse zone=a;
    whatsapp_abuse_strikes limit_req=r,r2 limit_conn=c auth invalid
                           count=10 window=30s ban=1m max_ban=1d;
    whatsapp_abuse_fail closed;
    whatsapp_abuse_status 429;
    whatsapp_abuse_dry_run on;
    whatsapp_abuse_bypass $friend $arg_x;
    whatsapp_abuse_log_level warn;
END
good('strikes off', "$zone; $limits whatsapp_abuse_strikes limit_req=r;",
    'whatsapp_abuse zone=a; whatsapp_abuse_strikes off;');
good('on all levels', "$zone; $limits whatsapp_abuse zone=a;"
    . ' whatsapp_abuse_strikes limit_req=r window=5s;', '');

bad('a zone that is not there', 'unknown whatsapp_abuse_zone "b"', "$zone;",
    'whatsapp_abuse zone=b;');
bad('not a zone', 'invalid parameter "a", it must be', "$zone;",
    'whatsapp_abuse a;');
bad('an empty name', 'invalid parameter "zone="', "$zone;",
    'whatsapp_abuse zone=;');
bad('twice', 'is duplicate', "$zone;",
    'whatsapp_abuse zone=a; whatsapp_abuse off;');
bad('strikes twice', 'is duplicate', "$zone;",
    'whatsapp_abuse_strikes off; whatsapp_abuse_strikes off;');
bad('strikes without a cause', 'needs one of', "$zone;",
    'whatsapp_abuse_strikes count=1;');
bad('off and more', 'invalid parameter "off"', "$zone;",
    'whatsapp_abuse_strikes auth off;');
bad('a ban longer than max_ban', '"max_ban" that is shorter', "$zone;",
    'whatsapp_abuse_strikes auth ban=2h max_ban=1h;');
bad("strikes $_", "invalid parameter \"$_\"", "$zone;",
    "whatsapp_abuse_strikes auth $_;")
    for qw(count=0 count=70000 count=x window=0 window=500ms window=2d ban=0
    ban=x max_ban=2y max_ban= unknown);
bad("$_ twice", "duplicate parameter \"$_", "$zone;",
    "whatsapp_abuse_strikes $_=5s auth $_=6s;") for qw(window ban max_ban);
bad('count twice', 'duplicate parameter "count=2"', "$zone;",
    'whatsapp_abuse_strikes count=1 auth count=2;');
bad('a cause twice', 'duplicate parameter "auth"', "$zone;",
    'whatsapp_abuse_strikes auth auth;');

# a strike of a limit needs zones that are keyed by the address

for my $limit (qw(limit_req limit_conn)) {
    bad("$limit $_", "\"$limit\" must name the zones that are keyed by the"
        . " client's address, as in \"$limit=zone1,zone2\"", "$zone; $limits",
        "whatsapp_abuse_strikes $_;") for $limit, "$limit=";
    bad("$limit=$_", "empty name of a zone in \"$limit=$_\"",
        "$zone; $limits", "whatsapp_abuse_strikes $limit=$_;")
        for 'x,', ',x', 'x,,y';
}

bad('limit_req twice', 'duplicate parameter "limit_req=r2"',
    "$zone; $limits", 'whatsapp_abuse_strikes limit_req=r limit_req=r2;');
bad('auth with a name', 'invalid parameter "auth=r"', "$zone; $limits",
    'whatsapp_abuse_strikes auth=r;');
bad('a zone that is not there', 'unknown limit_req zone "none"',
    "$zone; $limits", 'whatsapp_abuse zone=a;'
    . ' whatsapp_abuse_strikes limit_req=none;');
bad('a zone of another kind', '"c" is already (?:declared|bound)',
    "$limits $zone;", 'whatsapp_abuse_strikes limit_req=c;');
bad('a zone that is not named', 'location "/" counts "limit_req", but does'
    . ' not name its zone "shared"', "$zone; $limits", 'whatsapp_abuse zone=a;'
    . ' limit_req zone=r; limit_req zone=shared;'
    . ' whatsapp_abuse_strikes limit_req=r;');
bad('an inherited zone', 'does not name its zone "shared_conn"',
    "$zone; $limits limit_conn shared_conn 1;", 'whatsapp_abuse zone=a;'
    . ' whatsapp_abuse_strikes limit_conn=c;');
bad('inherited strikes', 'does not name its zone "r2"', "$zone; $limits"
    . ' whatsapp_abuse zone=a; whatsapp_abuse_strikes limit_req=r;',
    'limit_req burst=5 zone=r2 nodelay;');
good('limits of a level replace those outside', "$zone; $limits"
    . ' limit_req zone=shared;', 'whatsapp_abuse zone=a; limit_req zone=r;'
    . ' whatsapp_abuse_strikes limit_req=r;');
good('a zone that is declared later', "$zone; whatsapp_abuse zone=a;"
    . " whatsapp_abuse_strikes limit_req=r limit_conn=c; $limits",
    'limit_req zone=r; limit_req zone=r2;'
    . ' whatsapp_abuse_strikes limit_req=r,r2;');
good('another limit is no matter', "$zone; $limits",
    'whatsapp_abuse zone=a; limit_req zone=r; limit_conn shared_conn 1;'
    . ' whatsapp_abuse_strikes limit_req=r;');
good('nor is one without the check', "$zone; $limits"
    . ' whatsapp_abuse_strikes limit_req=r;', 'limit_req zone=shared;');

# nginx's own words about its limits are as they were

bad('limit_req without a zone', '"limit_req" must have "zone" parameter',
    $limits, 'limit_req burst=5;');
bad('a zone of limit_req twice', '"limit_req" directive is duplicate',
    $limits, 'limit_req zone=r; limit_req zone=r;');
bad('limit_req without arguments', 'invalid number of arguments in'
    . ' "limit_req" directive', $limits, 'limit_req;');
bad('too many arguments', 'invalid number of arguments in "limit_conn"',
    $limits, 'limit_conn c 1 2;');
bad('limit_req in "if"', '"limit_req" directive is not allowed here', $limits,
    'if ($arg_a) { limit_req zone=r; }');
{
    my ($status, $output) = $t->nginx_t(conf($limits, 'limit_conn none 1;'));

    ok($status == 1 && $output =~ /zero size shared memory zone "none"/,
        'limit_conn of nothing') or diag($output);
}

# what is found out at the end names the line of its directive, and the fix

for my $case (
    [ 'an unknown zone', 'declare it with "whatsapp_abuse_zone zone=b:2m"',
        'zone=b;', "$zone;", "whatsapp_abuse zone=b;\nroot html;" ],
    [ 'an unknown zone that no location inherits', 'zone=b:2m', 'zone=b;',
        "$zone; whatsapp_abuse zone=b;", 'whatsapp_abuse off;' ],
    [ 'an unknown zone in "if"', 'zone=b:2m', 'zone=b;', "$zone;",
        "location /a { whatsapp_abuse zone=b;\n}" ],
    [ 'a zone of limit_req in place of one', 'declared for a different use',
        'zone=r;', $limits, "whatsapp_abuse zone=r;\nroot html;" ],
    [ 'strikes of an unknown zone', 'declare it with "limit_req_zone"',
        'limit_req=r,none;', "$zone; $limits", 'whatsapp_abuse zone=a;'
        . "\nwhatsapp_abuse_strikes limit_req=r,none;\nroot html;" ],
    [ 'strikes of an unknown zone of limit_conn',
        'declare it with "limit_conn_zone"', 'limit_conn=none;', "$zone;",
        "whatsapp_abuse_strikes limit_conn=none;\nroot html;" ],
    [ 'strikes without whatsapp_abuse', 'unknown limit_req zone "none"',
        'limit_req=none;', "whatsapp_abuse_strikes limit_req=none;", '' ],
    [ 'strikes of many lines', 'unknown limit_req zone "none"', 'count=1;',
        "$zone;", "whatsapp_abuse_strikes limit_req=none\nauth\ncount=1;\n"
        . 'whatsapp_abuse zone=a;' ],
    [ 'a zone that is not named', 'does not name its zone "shared"', 'strikes',
        "$zone; $limits", 'whatsapp_abuse zone=a; limit_req zone=shared;'
        . "\nwhatsapp_abuse_strikes limit_req=r;\nroot html;" ],
    [ 'inherited strikes', 'in location "/" counts', 'strikes limit_req=r;',
        "$zone; $limits\nwhatsapp_abuse_strikes limit_req=r;\n"
        . 'whatsapp_abuse zone=a;', 'limit_req zone=r2;' ],
    [ 'whatsapp_abuse_forget of an unknown zone', 'zone=b:2m', 'zone=b;',
        "$zone;", "whatsapp_abuse_forget zone=b;\nroot html;" ],
    [ 'whatsapp_abuse_forget before another handler',
        'stands beside another content handler', 'forget zone=a;', "$zone;",
        "whatsapp_abuse_forget zone=a;\nproxy_pass http://127.0.0.1:9;" ],
    [ 'whatsapp_abuse_forget after another handler',
        'stands beside another content handler', 'forget zone=a;', "$zone;",
        "proxy_pass http://127.0.0.1:9;\nwhatsapp_abuse_forget zone=a;\n" ],
    [ 'whatsapp_abuse_forget twice', 'is duplicate', 'forget zone=a;',
        "$zone;", "whatsapp_abuse_forget zone=a;\n"
        . 'whatsapp_abuse_forget zone=a;' ],
    [ 'another window', 'which has one for all locations', 'window=2m',
        "$zone;\nwhatsapp_abuse zone=a;\nwhatsapp_abuse_strikes auth"
        . ' window=1m;', 'whatsapp_abuse_strikes auth window=2m;'
        . "\nroot html;" ],
) {
    my ($name, $message, $line, @conf) = @$case;
    my ($status, $output) = $t->nginx_t(conf(@conf));

    ok($status == 1 && $output =~ /\[emerg\][^\n]*\Q$message\E/
        && Test::Whatsapp::conf_line($output) =~ /\Q$line\E/,
        "$name: the line and the fix") or diag($output);
}

# what is not a value is answered with those that are

for my $case (
    [ 'whatsapp_abuse_fail half', '"open" or "closed"' ],
    [ 'whatsapp_abuse_log_level debug',
        '"info", "notice", "warn" or "error"' ],
    [ 'whatsapp_abuse_dry_run yes', '"on" or "off"' ],
    [ 'whatsapp_abuse a', '"zone=name" or "off"' ],
    [ 'whatsapp_abuse_forget off', 'it must be "zone=name"' ],
    [ 'whatsapp_abuse_status 200', 'between 400 and 599' ],
    [ 'whatsapp_abuse_strikes auth count=0', 'a number from 1 to 65535' ],
    [ 'whatsapp_abuse_strikes auth count=', 'a number from 1 to 65535' ],
    [ 'whatsapp_abuse_strikes auth window=2d', 'a time from 1s to 1d' ],
    [ 'whatsapp_abuse_strikes auth ban=2y', 'a time from 1s to 365d' ],
    [ 'whatsapp_abuse_strikes auth max_ban=x', 'a time from 1s to 365d' ],
    [ 'whatsapp_abuse_strikes auth tokens',
        '"auth", "invalid", "count=number"' ],
    [ 'whatsapp_abuse_strikes on', '"limit_req=zone", "limit_conn=zone"' ],
    [ 'whatsapp_abuse_strikes auth off', 'or "off" alone' ],
) {
    my ($directive, $message) = @$case;

    bad("$directive: the values allowed", quotemeta $message, "$zone;",
        "$directive;");
}

bad("$_: what it takes", 'it must be one of "zone=", "redis="', "$zone $_;")
    for qw(x=1 zone redis host=127.0.0.1 Redis=127.0.0.1);
bad('an empty value', 'invalid parameter "redis=", it is empty',
    "$zone redis=;");
bad('no size', 'as in "zone=abuse:2m"', 'whatsapp_abuse_zone zone=a;');
bad('a small zone', 'at least 32k', 'whatsapp_abuse_zone zone=a:16k;');
bad('a socket without unix:', '"unix:" is missing before the path',
    "$zone redis=/run/redis/redis.sock;");

bad('two windows in one zone', '"window" is used with whatsapp_abuse_zone "a"',
    "$zone; whatsapp_abuse zone=a; whatsapp_abuse_strikes auth window=1m;",
    'whatsapp_abuse_strikes auth window=2m;');
bad('fail', 'invalid value "half"', "$zone;", 'whatsapp_abuse_fail half;');
bad('status', 'value must be between 400 and 599', "$zone;",
    'whatsapp_abuse_status 200;');
bad('dry_run', 'it must be "on" or "off"', "$zone;",
    'whatsapp_abuse_dry_run yes;');
bad('log_level', 'invalid value "debug"', "$zone;",
    'whatsapp_abuse_log_level debug;');

$t->done();
