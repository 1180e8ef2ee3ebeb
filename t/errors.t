#!/usr/bin/perl

# Whatever fails behind nginx is a Graph error, at once or within the
# deadline, and says honestly whether the message may have been sent. No
# error_page of an outer level turns it into HTML.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Time::HiRes qw(time);

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

$t->write_file('nginx/html/50x.html', "<html>sorry</html>\n");
$t->write_file('nginx/html/own.json', qq({"own":true}\n));
$t->write_file('app/secret', $t->canary('secret') . "\n");
$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    limit_req_zone $binary_remote_addr zone=req:1m rate=1r/m;
    limit_conn_zone $server_port zone=conn:1m;

    server {
        listen 127.0.0.1:8080;

        whatsapp_tokens %%TOKENS%%;
        whatsapp_connect_timeout 60s;
        error_page 400 401 404 405 413 429 500 502 503 504 /50x.html;

        location /whatsapp/ {
            whatsapp_pass %%CONTROLLER%%;
        }

        location /short/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_read_timeout 1s;
        }

        location /small-buffer/ {
            whatsapp_pass %%CONTROLLER%%;
            whatsapp_buffer_size 8k;
        }

        location /absent/ {
            whatsapp_pass unix:%%DIR%%/tmp/absent.sock;
        }

        location /refused/ {
            whatsapp_pass 127.0.0.1:8099;
            whatsapp_secret_file %%DIR%%/app/secret;
        }

        location /unresolved/ {
            whatsapp_pass $arg_peer;
        }

        location /limited/ {
            whatsapp_pass %%CONTROLLER%%;
            limit_req zone=req;
        }

        location /crowded/ {
            whatsapp_pass %%CONTROLLER%%;
            limit_conn conn 1;
        }

        location /own/ {
            whatsapp_pass %%CONTROLLER%%;
            error_page 503 /own.json;
        }

        location = /50x.html { }

        location = /own.json { }
    }
}
END

my $body = encode(text_message('15550000002', $t->canary('text')));
# that is how nginx logs a missing unix socket
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);

my $head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";


sub post { $t->post("/$_[0]/$version/$session/messages", $body) }

sub outcome { qr/\b$_[0]\b/ }


# the controller's own errors: code, its status, ours and the Graph code

my @table = (
    [ bad_request          => 400, 400, 100 ],
    [ invalid_parameter    => 400, 400, 131009 ],
    [ missing_parameter    => 400, 400, 131008 ],
    [ unsupported_type     => 400, 400, 131051 ],
    [ own_number           => 400, 400, 131021 ],
    [ not_on_whatsapp      => 400, 400, 131026 ],
    [ send_refused         => 400, 400, 131026 ],
    [ session_not_linked   => 409, 400, 133010 ],
    [ account_restricted   => 403, 403, 131031 ],
    [ spam_limited         => 429, 400, 131048 ],
    [ reachout_timelocked  => 403, 400, 131049 ],
    [ new_chats_capped     => 403, 400, 131048 ],
    [ unauthorized         => 401, 503, 131016 ],
    [ forbidden            => 403, 503, 131016 ],
    [ unknown_session      => 404, 404, 100 ],
    [ unknown_method       => 404, 404, 100 ],
    [ not_found            => 404, 404, 100 ],
    [ method_not_allowed   => 405, 405, 100 ],
    [ key_reused           => 409, 409, 100 ],
    [ not_in_qr_state      => 409, 409, 100 ],
    [ too_large            => 413, 413, 100 ],
    [ queue_full           => 429, 429, 130429 ],
    [ pair_limited         => 429, 429, 131056 ],
    [ page_error           => 500, 500, 131000 ],
    [ session_not_ready    => 503, 503, 131016 ],
    [ session_restarting   => 503, 503, 131057 ],
    [ shutting_down        => 503, 503, 131016 ],
    [ idempotency_full     => 503, 503, 131016 ],
    [ deadline             => 504, 504, 131000 ],
    [ connection_lost      => 502, 500, 131000 ],
);

for my $row (@table) {
    my ($code, $theirs, $ours, $graph) = @$row;

    # one that stops is asked again, see repeat.t
    $fake->always({ status => $theirs, body => { error => { code => $code,
        message => 'A sentence.', outcome => 'not_sent' } } });

    # nginx refuses wrong methods itself: there is nothing to be allowed
    graph_error(post('whatsapp'), $ours, $graph, "controller: $code",
        bare => $code eq 'method_not_allowed');
}

$fake->always;

for my $case ([ 60000, 60 ], [ 1500, 2 ], [ 1, 1 ], [ 0, 1 ]) {
    my ($ms, $seconds) = @$case;

    $fake->next({ status => 429, body => { error => { code => 'queue_full',
        message => 'Full.', outcome => 'not_sent',
        retry_after_ms => $ms } } });
    is(post('whatsapp')->header('Retry-After'), $seconds,
        "retry_after_ms $ms");
}

{
    my $id = 'wamid.dHJ1ZV8xNTU1MDAwMDAwMkBjLnVzXzNFQjAwMA';
    my $response;

    $fake->next({ status => 504, body => { error => { code => 'deadline',
        message => 'No ack.', outcome => 'unknown', message_id => $id } } });
    $response = post('whatsapp');
    graph_error($response, 504, 131000, 'after dispatch',
        details => outcome('unknown'));
    like($response->error->{error_data}{details}, qr/\Q$id\E/,
        'the message id is given where the outcome is unknown');

    $fake->next({ status => 503, body => { error => {
        code => 'session_not_ready', message => 'No.',
        outcome => 'not_sent' } } });
    graph_error(post('whatsapp'), 503, 131016, 'before dispatch',
        details => outcome('not_sent'));
}

# answers that are none

my %broken = (
    'garbage'               => { raw => "\x{16}\x{03}garbage\r\n\r\n" },
    'nothing'               => { close => 'request' },
    'a head cut short'      => { raw => $head, close => 'answer' },
    'a status line only'    => { raw => "HTTP/1.1 200 OK\r\n",
        close => 'answer' },
    'a bad status line'     => { raw => "HTTP/1.1 abc\r\n\r\n",
        close => 'answer' },
    'a bad header line'     => { raw => "HTTP/1.1 200 OK\r\n\0a\r\n\r\n",
        close => 'answer' },
    'a bad length'          => { raw => "${head}Content-Length: 5x\r\n\r\n",
        close => 'answer' },
    'a negative length'     => { raw => "${head}Content-Length: -5\r\n\r\n",
        close => 'answer' },
    'two lengths'           => { raw => "${head}Content-Length: 2\r\n"
        . "Content-Length: 3\r\n\r\n{}", close => 'answer' },
    'no length'             => { raw => "${head}\r\n{}", close => 'answer' },
    'a length and chunked'  => { raw => "${head}Content-Length: 2\r\n"
        . "Transfer-Encoding: chunked\r\n\r\n{}", close => 'answer' },
    'an oversized head'     => { raw => $head . 'A: ' . 'b' x 100000
        . "\r\n\r\n", close => 'answer' },
    'an error without JSON' => { status => 500, body => '<html>no</html>' },
    'an error of bad JSON'  => { status => 500, body => '{"error":' },
    'an error as a list'    => { status => 503, body => '[]' },
    'an error cut short'    => { raw => "HTTP/1.1 503 No\r\n"
        . "Content-Length: 500\r\n\r\n{\"error\":{", close => 'answer' },
    'an unknown error code' => { status => 400,
        body => { error => { code => 'odd', message => 'x' } } },
    'an error of 1 MB'      => { status => 500, body => '{"error":"'
        . 'x' x 1048576 . '"}' },
    'a redirect'            => { status => 302, body => '',
        headers => { Location => 'http://localhost/' } },
    'an upgrade'            => { raw => "HTTP/1.1 101 Switch\r\n\r\n",
        close => 'answer' },
);

for my $name (sort keys %broken) {
    my ($began, $response, $error);

    $fake->next($broken{$name});
    $began = time();
    $response = eval { post('whatsapp') };
    $error = $response ? $response->error : {};

    # what has left may have been sent
    ok($response && $response->status =~ /^50[0-4]$/
        && ($error->{code} // '') =~ /^131(?:000|016)$/
        && ($error->{error_data}{details} // '') =~ outcome('unknown')
        && $response->header('Content-Type')
        eq 'application/json; charset=UTF-8', "controller answers $name")
        or diag($response ? $response->head_and_body : $@);
    cmp_ok(time() - $began, '<', 20, "controller answers $name: in time");
}

# a body cut short can't be mended: the client sees a broken answer, not a
# complete one
{
    my ($connection, $response);

    $fake->next({ raw => "${head}Content-Length: 100\r\n\r\n{\"messages\":",
        close => 'answer' });
    $connection = $t->connect;
    $connection->write($t->request_bytes('POST',
        "/whatsapp/$version/$session/messages", body => $body));
    $response = $connection->response;
    ok(!$response || $response->status >= 500,
        'an answer cut in its body is not passed off as complete');
}

{
    my $response;

    $fake->next({ raw => "${head}Set-Cookie: a=b\r\nX-Accel-Redirect: "
        . "/50x.html\r\nX-Other: c\r\nServer: d\r\nContent-Length: 2\r\n"
        . "Cache-Control: public\r\n\r\n{}" });
    $response = post('whatsapp');
    is($response->body, '{}', 'X-Accel-Redirect is not followed');
    is(join(' ', sort grep { !/^(?:date|server|connection)$/ }
        keys %{ $response->{headers} }),
        'cache-control content-length content-type',
        'headers of the controller do not pass');
    is($response->header('Cache-Control'), 'private, no-store',
        'also where there is one of that name');

    $fake->next({ raw => "${head}Content-Length: 2\r\n\r\n{}HTTP/1.1 200 "
        . "OK\r\nContent-Length: 4\r\n\r\nevil" });
    is(post('whatsapp')->body, '{}', 'more than the length says is cut');
    like(post('whatsapp')->id, qr/^wamid/, 'and no answer to the next');
}

# the longest error of the controller fits in the smallest buffer
$fake->next({ status => 400, body => { error => {
    code => 'not_on_whatsapp', message => 'x' x 3900,
    outcome => 'not_sent' } } });
graph_error(post('small-buffer'), 400, 131026, 'an error of 4 KiB');

# time; where no other one is set, the timeouts are 60 s

{
    my ($began, $response);

    $fake->next({ hold => 1 });
    $began = time();
    $response = post('short');
    graph_error($response, 504, 131000,
        'whatsapp_read_timeout after the request left',
        details => outcome('unknown'));
    cmp_ok(time() - $began, '>', 0.8, 'not before its time');
    cmp_ok(time() - $began, '<', 20, 'and not much after it');
    $fake->release;
}

# no controller

for my $location (qw(absent refused)) {
    my $began = time();

    graph_error(post($location), 503, 131016, "no controller: $location",
        details => outcome('not_sent'));
    cmp_ok(time() - $began, '<', 20, "no controller: $location, at once");
}

{
    my $response = $t->post("/unresolved/$version/$session/messages?peer=",
        $body);
    ok($response->status =~ /^50[0-4]$/ && $response->error->{code},
        'a variable that names no peer: a Graph error');
}

# a stopped controller: connected by the kernel, never answered
{
    $fake->process->signal('STOP');
    graph_error(post('short'), 504, 131000, 'a stopped controller',
        details => outcome('unknown'));
    $fake->process->signal('CONT');
    is(post('whatsapp')->status, 200, 'and a continued one');
}

# killed in mid-call
{
    my ($connection, $began, $response);

    $fake->forget;
    $fake->next({ hold => 1 });
    $connection = $t->connect;
    $connection->write($t->request_bytes('POST',
        "/whatsapp/$version/$session/messages", body => $body));
    $fake->wait_requests(1);
    $began = time();
    $fake->process->stop('KILL');
    $response = $connection->response;
    ok($response->status =~ /^50[0-4]$/ && $response->error->{code}
        && $response->error->{error_data}{details} =~ outcome('unknown'),
        'a controller killed in mid-call') or diag($response->body);
    cmp_ok(time() - $began, '<', 20, 'answered at once');

    graph_error(post('whatsapp'), 503, 131016, 'a controller that is gone',
        details => outcome('not_sent'));
    graph_error($t->get('/whatsapp/healthz'), 503, 131016,
        'healthz of a controller that is gone');

    $fake->restart;
    is(post('whatsapp')->status, 200, 'and one that is back');
}

# limits

is(post('limited')->status, 200, 'within limit_req');
graph_error(post('limited'), 429, 130429, 'limit_req');

{
    my $connection = $t->connect;

    $fake->forget;
    $fake->next({ hold => 1 });
    $connection->write($t->request_bytes('POST',
        "/crowded/$version/$session/messages", body => $body));
    $fake->wait_requests(1);
    graph_error(post('crowded'), 429, 130429, 'limit_conn');
    $fake->release;
    is($connection->response->status, 200, 'the first one is served');
}

like($t->access_log, qr{"POST /limited/\S+ HTTP/1\.1" 429 },
    'the access log says 429 too');
unlike($t->access_log, qr{"POST /(?:limited|crowded)/\S+ HTTP/1\.1" 503 },
    'and not 503');

# error_page of an outer level is dropped, the location's own holds

graph_error($t->post("/whatsapp/$version/$session/messages", '{'), 400, 100,
    'an error_page of the server does not hold here');
$fake->next({ status => 503, body => { error => {
    code => 'session_not_ready', message => 'x',
    outcome => 'not_sent' } } });
is(post('own')->body, qq({"own":true}\n),
    "the location's own error_page holds");
is($t->get('/nowhere')->body, "<html>sorry</html>\n",
    'elsewhere error_page is as it was');

$t->done();
