#!/usr/bin/perl

# The controller's command line, its socket, and who may speak to it. No
# browser is started here.

use strict;
use warnings;

use File::Path qw(remove_tree);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $binary = Test::Whatsapp::Controller::binary($t);
my @user = $t->user ? ('--user', 'www-data', '--socket-group', 'www-data',
    '--allow-user', 'root') : ();


# ends(argv): (exit status, output) of a controller that is to end by itself

sub ends {
    my (@argv) = @_;

    return $t->command([$binary, @argv]);
}


# complains(name, status, regex, argv): one test for a clear error

sub complains {
    my ($name, $expected, $regex, @argv) = @_;
    my ($status, $output) = ends(@argv);

    ok($status == $expected && $output =~ $regex
        && (() = $output =~ /\n/g) <= 5, $name)
        or diag("status $status\n$output");
}


# help and version

{
    my ($status, $output) = ends('--help');
    is($status, 0, '--help');
    like($output, qr/--$_\b/, "--help tells of --$_") for qw(listen
        socket-group allow-user secret-file state-dir runtime-dir session
        max-sessions sessions-per-browser web-url wa-js chromium
        chromium-sandbox user-agent user send-rate send-burst send-window
        pair-rate pair-burst code-rate code-burst queue-max calls-max
        ping-interval collect-idle boot-timeout boots-max memory-interval
        page-memory-high page-memory-max browser-memory-high
        browser-memory-max max-memory idempotency-ttl idempotency-max
        webhook-ca allow-webhook-net
        streams-max streams-per-token stream-heartbeat stream-timeout
        media-ttl media-max media-file-max allow-media-net log-level probe link
        version);

    ($status, $output) = ends('--version');
    is($status, 0, '--version');
    like($output, qr/^whatsapp-controller \d+\.\d+/, 'names the version');
}

# what is wrong on the command line is said in a line, with status 2

my $unix = 'unix:' . $t->socket;

for my $case (
    [ 'an unknown option' => qr/--nonsense/, '--nonsense' ],
    [ 'an argument' => qr/nonsense/, 'nonsense' ],
    [ 'an option without its value' => qr/--session/, '--session' ],
    [ 'a session of letters' => qr/session/, '--session', 'abc' ],
    [ 'a session too long' => qr/session/, '--session', '1' x 16 ],
    [ 'an empty session' => qr/session/, '--session', '' ],
    [ 'a report on two sessions' => qr/one session/, '--probe', '--session', 1,
        '--session', 2 ],
    [ 'a report and a window' => qr/not both/, '--probe', '--link', 1 ],
    [ 'a window for no session' => qr/--link/, '--link' ],
    [ 'a session twice' => qr/session/, '--session', 1, '--session', 1 ],
    [ 'more sessions than allowed' => qr/session/, '--max-sessions', 1,
        '--session', 1, '--session', 2 ],
    [ 'a rate that is no number' => qr/send-rate/, '--send-rate', 'fast' ],
    [ 'a negative rate' => qr/send-rate/, '--send-rate', '-1' ],
    [ 'a burst of none' => qr/pair-burst/, '--pair-burst', 0 ],
    [ 'a number with a tail' => qr/queue-max/, '--queue-max', '10x' ],
    [ 'a number too big' => qr/queue-max/, '--queue-max',
        '99999999999999999999' ],
    [ 'a queue of none' => qr/queue-max/, '--queue-max', 0 ],
    [ 'a network that is none' => qr/allow-media-net/, '--allow-media-net',
        'everywhere' ],
    [ 'a log level that is none' => qr/log-level/, '--log-level', 'loud' ],
    [ 'a sandbox that is neither' => qr/chromium-sandbox/,
        '--chromium-sandbox', 'maybe' ],
    [ 'no sandbox for the real site' => qr/sandbox/,
        '--chromium-sandbox', 'off' ],
    [ 'no sandbox for a host of a like name' => qr/sandbox/,
        '--chromium-sandbox', 'off', '--web-url',
        'http://127.0.0.1.example.com/' ],
    [ 'a URL that is none' => qr/web-url/, '--web-url', 'nowhere' ],
    [ 'a URL of another scheme' => qr/web-url/, '--web-url',
        'file:///etc/passwd' ],
    [ 'TCP without a secret' => qr/secret/, '--listen', '127.0.0.1:8099' ],
    [ 'a relative socket path' => qr/listen|path/, '--listen', 'unix:a' ],
    [ 'a socket path too long' => qr/listen|path/, '--listen',
        'unix:/tmp/' . 'a' x 200 ],
) {
    my ($name, $regex, @argv) = @$case;

    complains($name, 2, $regex, @argv);
}

# what fails when it starts is said in a line, with status 1

my @dirs = ('--state-dir', $t->dir . '/state');
my @base = ('--listen', $unix, @dirs, @user,
    '--wa-js', $t->write_file('app/wa.js', "1\n"));

complains('a runtime directory that is no tmpfs', 1, qr/tmpfs/,
    @base, '--runtime-dir', $t->dir . '/state');
complains('wa-js that is absent', 1, qr/wa-js|wa\.js/, '--listen', $unix,
    @dirs, @user, '--runtime-dir', $t->runtime, '--wa-js', '/nowhere/wa.js');
complains('a user that does not exist', 1, qr/user/, '--listen', $unix,
    @dirs, '--runtime-dir', $t->runtime, '--user', 'nobody-like-this',
    '--wa-js', $t->dir . '/app/wa.js');

# a directory that is there keeps out whom it must

{
    my $state = $t->dir . '/state';
    my $profile = "$state/sessions/1/profile";
    my @argv = (@base, '--runtime-dir', $t->runtime, '--session', 1,
        '--chromium', '/bin/false');

    mkdir $_ or die "$_: $!" for "$state/sessions", "$state/sessions/1",
        $profile;

    for my $case ([ $state, 0750, 0700 ], [ $profile, 0701, 0700 ],
        [ $t->runtime, 0775, 0755 ])
    {
        my ($path, $wide, $right) = @$case;

        chmod $wide, $path;
        complains(sprintf('a directory of mode %04o', $wide), 1,
            qr/"\Q$path\E" has mode/, @argv);
        chmod $right, $path;
    }

    remove_tree("$state/sessions");
}

SKIP: {
    skip 'only root must name a user', 1 if !$t->user;

    complains('root without --user', 1, qr/--user/, '--listen', $unix, @dirs,
        '--runtime-dir', $t->runtime, '--wa-js', $t->dir . '/app/wa.js');
}

# without sessions it runs, and answers

my $controller = $t->controller(sessions => [],
    web_url => 'http://127.0.0.1:9/');

ok(wait_for(sub { $controller->log =~ / notice listening\b/ }, 60),
    'the log says listening');

{
    my $mode = (stat $controller->socket)[2] & 07777;

    is(sprintf('%04o', $mode), '0660', 'the socket is for user and group');
}

is_deeply($controller->request('GET', '/healthz')->json,
    { status => 'ok' }, 'healthz');
is($controller->request('GET', '/readyz')->status, 503,
    'readyz without a session');
is_deeply($controller->request('GET', '/v1/sessions')->json,
    { sessions => [] }, 'no sessions');


# refuses(name, status, code, method, path, %opt)

sub refuses {
    my ($name, $status, $code, @request) = @_;
    my $response = $controller->request(@request);

    ok($response->status == $status
        && ($response->error->{code} // '') eq $code
        && $response->error->{outcome} eq 'not_sent'
        && $response->header('Content-Type') =~ m{^application/json}
        && defined $response->header('Content-Length'), $name)
        or diag($response->head_and_body);
}


my $call = '/v1/sessions/1/call';
my $send = { method => 'message.send', params => { to => '15550000002',
    type => 'text', text => { body => $t->canary('text') } } };

refuses('an unknown path', 404, 'not_found', 'GET', '/nothing');
refuses('an unknown session', 404, 'unknown_session', 'GET',
    '/v1/sessions/1');
refuses('a call of an unknown session', 404, 'unknown_session', 'POST',
    $call, body => $send, headers => { 'Idempotency-Key' => 'k' });
refuses('a wrong method', 405, 'method_not_allowed', 'PUT', '/healthz',
    body => '{}');
refuses('a body that is no JSON', 400, 'bad_request', 'POST', $call,
    body => '{');

for my $case ([ 30, 404, 'unknown_session' ], [ 31, 400, 'bad_request' ],
    [ 2000, 400, 'bad_request' ], [ 60000, 400, 'bad_request' ])
{
    my ($depth, @expected) = @$case;

    refuses("params that are nested $depth deep", @expected, 'POST', $call,
        headers => { 'Idempotency-Key' => 'k' },
        body => '{"method":"message.send","params":{"a":' . '[' x $depth
            . ']' x $depth . '}}');
}

refuses('a body over 128 KiB', 413, 'too_large', 'POST', $call,
    body => '{"a":"' . 'x' x 140000 . '"}');

# browsers need descriptors; root could raise the limit

{
    my @nobody = $t->user ? ('setpriv', '--reuid=nobody', '--regid=nogroup',
        '--clear-groups') : ();
    my ($status, $output) = $t->command([@nobody, 'sh', '-c',
        'ulimit -n 1024; exec "$@"', 'sh', $t->stage('short', $binary),
        '--sessions-per-browser', 10 ]);

    is($status, 1, 'too few descriptors');
    like($output, qr/: 10 sessions in a browser need 1536 open files, but/,
        'are told');
}

SKIP: {
    skip 'only root can be another user', 1 if !$t->user;

    # nobody belongs to no group of the socket
    chmod 0666, $controller->socket;
    my ($status, $output) = $t->command(['setpriv', '--reuid=nobody',
        '--regid=nogroup', '--clear-groups', 'curl', '-sS', '-m', '50',
        '--unix-socket', $controller->socket, 'http://localhost/healthz']);
    unlike($output, qr/"ok"/, 'another user is refused');
    my $uid = getpwnam 'nobody';
    ok(eval { wait_for(sub {
        $controller->log =~ / warn peer_refused\b.*\buid=$uid\b/
    }, 60) }, 'and the log says who it was') or diag($controller->log);
}

$controller->process->stop;

# TCP needs the secret

{
    my ($port, $secret, $file, $ask);

    $port = $t->port(8090);
    $secret = $t->canary('secret');
    $file = $t->write_file('app/secret', "$secret\n");
    $controller->{opt}{args} = ['--listen', "127.0.0.1:$port",
        '--secret-file', $file];
    $controller->{socket} = $port;
    $controller->restart;

    $ask = sub {
        return $controller->request('GET', '/healthz',
            headers => { 'X-Whatsapp-Secret' => $_[0] })->status;
    };
    is($ask->($secret), 200, 'TCP with the secret');
    is($ask->(undef), 401, 'TCP without it');
    is($ask->(''), 401, 'TCP with an empty one');
    is($ask->("${secret}x"), 401, 'TCP with a longer one');
    is($ask->(substr $secret, 0, -1), 401, 'TCP with a shorter one');
}

$t->done();
