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
    }
}
END

my ($worker) = $t->workers;

graph_error($t->get("/refused/$version/$session", token => undef), 415, 100,
    'an answer that a filter refuses');
is($t->get("/page/$version/$session?exit=$_", token => undef)->body,
    qq({"own":true}\n), "the location's own page in place of it, $_")
    for 415, 500;
is_deeply([ $t->workers ], [ $worker ], 'the worker is still the same');

$t->done();
