#!/usr/bin/perl

# Other modules' filters may refuse an answer of the controller's once it is
# here: the client gets the error, or the location's own page, and the worker
# goes on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

# nginx's own filters never refuse an upstream's answer; Debian's modules do
# not fit an nginx built elsewhere
plan(skip_all => 'needs the nginx of the packages')
    if $ENV{TEST_NGINX_BINARY};

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

chomp(my $modules = `@{[ $t->root ]}/tools/build-module modules-path`);

$t->write_file('nginx/html/own.json', qq({"own":true}\n));
$t->run(<<"END");
load_module $modules/ndk_http_module.so;
load_module $modules/ngx_http_lua_module.so;
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:8080;

        location /refused/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
            header_filter_by_lua_block {
                if ngx.status == 200 then return ngx.exit(415) end
            }
        }

        location /page/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
            error_page 415 500 = /own.json;
            header_filter_by_lua_block { ngx.exit(tonumber(ngx.var.arg_exit)) }
        }

        location = /own.json { }

        location /read/ {
            rewrite_by_lua_block { ngx.req.read_body() }
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
            error_page 502 = \@again;
        }

        location /down/ {
            rewrite_by_lua_block { ngx.req.read_body() }
            whatsapp_pass unix:%%DIR%%/tmp/absent.sock;
            whatsapp_auth off;
            error_page 502 = \@again;
        }

        location \@again {
            rewrite ^/[a-z]+(/.*)\$ /other\$1 last;
        }

        location /other/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_auth off;
        }
    }
}
END

# that is how nginx logs a missing unix socket
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);

my ($worker) = $t->workers;

graph_error($t->get("/refused/$version/$session", token => undef), 415, 100,
    'an answer that a filter refuses');
is($t->get("/page/$version/$session?exit=$_", token => undef)->body,
    qq({"own":true}\n), "the location's own page in place of it, $_")
    for 415, 500;
graph_error($t->post("/refused/$version/$session/messages",
    text_message('15550000002', 'x'), token => undef), 415, 100,
    'the answer to a send that a filter refuses', outcome => 'unknown');

# a body that Lua has read is there for a second location: a send that was
# passed on is not for it, one that was not has its only key there

for my $case ([ read => { close => 'request' }, 500, 'unknown' ],
    [ read => {}, 200, undef ], [ down => {}, 200, undef ])
{
    my ($location, $behaviour, $status, $outcome) = @$case;
    my ($response, @requests);

    $fake->forget;
    $fake->next($behaviour);
    $response = $t->post("/$location/$version/$session/messages",
        text_message('15550000002', 'x'), token => undef);
    @requests = grep { $_->{path} =~ /call$/ } $fake->requests;
    is($response->status, $status, "/$location/: a body that Lua has read");
    is($response->error->{error_data}{outcome}, $outcome, 'told the truth');
    is(scalar @requests, 1, 'and passed on once');
}

is_deeply([ $t->workers ], [ $worker ], 'the worker is still the same');

$t->done();
