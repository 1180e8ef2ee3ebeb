#!/usr/bin/perl

# Requests that wait for Redis: clients that leave meanwhile, by HTTP/1.1 and
# HTTP/2, pipelines, bodies, subrequests and reloads. None is lost, answered
# twice or asked about twice.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Http;
use Test::Whatsapp::RedisServer;
use Time::HiRes qw(time);

my $t = Test::Whatsapp->new();
my $redis = Test::Whatsapp::RedisServer->start($t, listen => 'tcp');
my ($next, $monitor);

$t->write_file('nginx/html/index.html', 'content');
$t->write_file('nginx/html/page.html', 'page');
$t->write_file('nginx/html/ssi.html', '<!--# include virtual="/part" -->'
    . '<!--# include virtual="/part" -->');

my $server = <<'END';
        client_max_body_size 1m;

        location = /off { whatsapp_abuse off; try_files /index.html =404; }

        location = /guarded {
            auth_request /auth;
            error_page 403 /page.html;
            try_files /index.html =404;
        }
        location = /auth { internal; try_files /index.html =404; }
        location = /page.html { }

        location = /only_inside {
            whatsapp_abuse off;
            auth_request /auth;
            try_files /index.html =404;
        }
        location = /ssi.html { whatsapp_abuse off; ssi on; }
        location = /part { try_files /index.html =404; }
        location = /mirrored {
            whatsapp_abuse off; mirror /part; try_files /index.html =404;
        }
        location = /post { proxy_pass http://127.0.0.1:8083; }
END

my $http = <<'END';
    server {
        listen 127.0.0.1:8083;
        location / { return 200 "posted"; }
    }
END

my $conf = abuse_conf(patient($redis), $server, http => $http);
$t->run($conf);
wait_for(sub { lines($t, qr/link for \w+ is up/) == 2 }, 60, 'the links');


# address(): one that nobody asked about yet

sub address { sprintf '10.0.%d.%d', $next >> 8, $next++ & 255 }


# suspended(uri): a connection that sent a request while Redis is frozen

sub suspended {
    my ($uri, %opt) = @_;
    my $c = $t->connect(8080);

    $c->request($opt{method} // 'GET', $uri, %opt, headers => {
        'X-Real-IP' => $opt{address} // address(), %{ $opt{headers} // {} } });

    return $c;
}


# arrived(): the worker has read what was sent before

sub arrived { from($t, '192.0.2.1', '/off') }


sub active {
    my $log = $t->read_file('nginx/abuse.log');

    return scalar(() = $log =~ /\n/g);
}


$next = 1;

# the client leaves

for my $how (qw(close reset)) {
    my $before = active();
    my @gone;

    $redis->freeze;
    push @gone, suspended('/') for 1 .. 5;
    arrived();
    $_->$how for @gone;
    wait_for(sub { active() >= $before + 6 }, 60, 'the requests to end');
    $redis->thaw;
    is(from($t, address())->status, 200,
        "HTTP/1.1: clients that $how meanwhile do no harm");
    is(scalar(() = $t->read_file('nginx/abuse.log') =~ /^499 /mg),
        $how eq 'close' ? 5 : 10, 'they are logged as such');
}

# one client cannot have any number of requests wait

{
    my $client = address();
    my (@waiting, @more);

    $redis->freeze;
    push @waiting, suspended('/', address => $client) for 1 .. 128;
    arrived();
    push @more, suspended('/', address => $client) for 1 .. 3;
    is(join(' ', map { $_->response->status } @more), '200 200 200',
        'beyond 128 requests whatsapp_abuse_fail decides at once');
    is(reached(3, sub {
        scalar(() = $t->read_file('nginx/abuse.log') =~ m{^200 ERROR }mg)
    }), 3, 'as the log tells');
    $redis->thaw;
    is(scalar(grep { $_->response->status == 200 } @waiting), 128,
        'the others get their answer');
    $_->close for @waiting, @more;
}

# HTTP/2: one stream of two is given up, then the connection

{
    my $gone = Http2->connect($t->port(8081));
    my $client = address();

    $redis->freeze;
    $gone->get(1, '/', $client);
    $gone->get(3, '/', $client);
    $gone->get(5, '/', address());
    arrived();
    $gone->reset_stream(1);
    arrived();
    $redis->thaw;
    is($gone->status(3), 200, 'HTTP/2: the other stream is answered');
    is($gone->status(5), 200, 'and one of another client');

    $redis->freeze;
    $gone->get($_, '/', $client = address()) for 7, 9, 11;
    arrived();
    $gone->close;
    my $next = Http2->connect($t->port(8081));
    $next->get(1, '/', $client);
    arrived();
    $redis->thaw;
    is($next->status(1), 200,
        'HTTP/2: a connection that is lost does no harm');
    $next->close;
}

# equal questions are asked once

{
    my ($client, @clients) = address();

    $monitor = $redis->monitor;
    $redis->freeze;
    push @clients, suspended('/', address => $client) for 1 .. 20;
    $clients[3]->close;
    arrived();
    $redis->thaw;
    is(join(' ', map { $clients[$_]->response->status } 0 .. 2, 4 .. 19),
        join(' ', (200) x 19), 'twenty clients wait for one answer');
    is(scalar(grep { /"PTTL" "wa:abuse:v4:$client"/ }
        $redis->monitored($monitor)), 1, 'that Redis was asked for once');
}

# pipelining and bodies

{
    my $c = $t->connect(8080);
    my $client = address();
    my $banned = address();

    $redis->freeze;
    $c->write(join '', map { Test::Whatsapp::Http::request_bytes('GET',
        "/?$_", headers => { 'X-Real-IP' => $client }) } 1 .. 4);
    arrived();
    $redis->thaw;
    is(join(' ', map { $c->response->status } 1 .. 4), '200 200 200 200',
        'four pipelined requests');

    $redis->ban("v4:$banned", 600);
    $redis->freeze;
    $c->request('POST', '/post', body => 'x' x 200_000, headers => {
        'X-Real-IP' => $banned });
    arrived();
    $redis->thaw;
    is($c->response->status, 403, 'a banned client with a large body');
    $c->request('POST', '/post', body => 'x' x 10_000, headers => {
        'X-Real-IP' => $client });
    is($c->response->body, 'posted', 'the connection goes on after it');

    $c = suspended('/post', method => 'POST', body => 'x' x 100,
        headers => { Expect => '100-continue' });
    is($c->response->body, 'posted', 'a body that waits for 100');
}

# subrequests

{
    my $client = address();
    my @c;

    $redis->freeze;
    @c = map { suspended('/guarded', address => $client) } 1 .. 2;
    arrived();
    $redis->thaw;
    is(join(' ', map { $_->response->body } @c), 'content content',
        'auth_request and error_page in a location that waits');

    # nobody asked about this one, so nobody has to hear of the ban
    $client = address();
    $redis->ban("v4:$client", 600);
    is(suspended('/guarded', address => $client)->response->body, 'page',
        'they serve the error page to the banned');
    is(suspended('/only_inside', address => $client)->response->status, 403,
        'a check in the subrequest alone turns away');
    $client = address();
    $redis->freeze;
    @c = suspended('/only_inside', address => $client);
    arrived();
    $redis->thaw;
    is($c[0]->response->status, 200, 'or lets pass, when it had to wait');

    $client = address();
    $redis->freeze;
    @c = suspended('/ssi.html', address => $client);
    push @c, suspended('/mirrored', address => address());
    arrived();
    $redis->thaw;
    is($c[0]->response->body, 'contentcontent',
        'two subrequests that wait for the same answer');
    is($c[1]->response->body, 'content', 'and one in the background');

    $redis->freeze;
    @c = map { suspended("/$_", address => address()) }
        qw(only_inside ssi.html mirrored guarded);
    arrived();
    $_->close for @c;
    arrived();
    $redis->thaw;
    is(from($t, address())->status, 200,
        'clients that leave while a subrequest waits do no harm');
}

# an unfinished lookup is out of date when its key is changed

{
    my $client = address();
    my $writer = $redis->connect;
    my $c;

    $redis->freeze;
    $c = suspended('/', address => $client);
    arrived();
    print { $writer->{socket} }
        "SET wa:abuse:v4:$client 1 EX 60\r\n";
    $writer->{socket}->flush;
    $redis->thaw;
    $c->response;
    $writer->_reply;
    ok(wait_for(sub { from($t, $client)->status == 403 }, 25),
        'a ban that crosses a question is not missed');
}

# reload under load

{
    my ($stop, @pids);
    my $parent = $$;
    my $log = $t->dir . '/client/failed';

    $stop = $t->dir . '/client/stop';

    for my $n (1 .. 3) {
        my $pid = fork() // die "fork: $!\n";

        if ($pid == 0) {
            my $i = 0;

            $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);

            # nobody stops what a test that died has left
            while (!-e $stop && getppid() == $parent) {
                my $status = eval { from($t, sprintf '10.%d.%d.%d', $n,
                    $i >> 8 & 255, $i++ & 255)->status } // $@;

                next if $status eq '200';
                open my $fh, '>>', $log;
                print {$fh} "$status\n";
            }

            POSIX::_exit(0);
        }

        push @pids, $pid;
    }

    for (1 .. 3) {
        my $before = active();

        wait_for(sub { active() > $before + 100 }, 100, 'requests');
        $t->reload;
    }

    $t->write_file('client/stop', '');
    waitpid $_, 0 for @pids;
    is(-e $log ? $t->read_file('client/failed') : '', '',
        'three reloads under load: each request is answered');

    my ($old) = $t->workers;
    my ($c, $response);

    $redis->freeze;
    $c = suspended('/', address => address());
    arrived();
    $t->nginx->signal('HUP');
    wait_for(sub { lines($t, qr/gracefully shutting down/) >= 4 }, 60);
    $redis->thaw;
    $response = $c->response;
    is($response->status . ' ' . $response->header('X-Worker'), "200 $old",
        'a request that waits in the old worker is answered by it');
    ok(wait_for(sub {
        1 == Test::Whatsapp::Process::descendants($t->nginx->pid) }, 10),
        'no old worker is left');
}

close $monitor->{socket};

$t->done();


# just enough of HTTP/2 to send requests and to give them up

package Http2;

sub connect {
    my ($class, $port) = @_;
    my $self = bless {
        status => {}, c => Test::Whatsapp::Http->connect($port),
    }, $class;

    $self->{c}->write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        . _frame(4, 0, 0, ''));

    return $self;
}


sub _frame {
    my ($type, $flags, $stream, $data) = @_;

    return substr(pack('N', length $data), 1)
        . pack('CCN', $type, $flags, $stream) . $data;
}


sub get {
    my ($self, $stream, $path, $client) = @_;
    my $head = "\x82\x86" . _literal(4, $path) . _literal(1, 'localhost')
        . "\0" . chr(9) . 'x-real-ip' . chr(length $client) . $client;

    $self->{c}->write(_frame(1, 5, $stream, $head));
}


sub _literal { chr($_[0]) . chr(length $_[1]) . $_[1] }


sub reset_stream {
    my ($self, $stream) = @_;

    $self->{c}->write(_frame(3, 0, $stream, pack 'N', 8));
}


sub status {
    my ($self, $stream) = @_;
    my $c = $self->{c};

    while (!$self->{status}{$stream}) {
        my ($length, $type, $flags, $id);

        $c->fill(60) or return 'closed' while length $c->{buffer} < 9;
        ($length, $type, $flags, $id) = (unpack('N', "\0" . $c->{buffer}),
            unpack 'x3CCN', $c->{buffer});
        $c->fill(60) or return 'closed' while length $c->{buffer} < 9 + $length;

        # :status is the first field: indexed, 8 stands for 200
        $self->{status}{$id} = ord(substr $c->{buffer}, 9, 1) == 0x88 ? 200
            : 'other' if $type == 1;
        $self->{status}{$id} = 'reset' if $type == 3;
        substr($c->{buffer}, 0, 9 + $length) = '';
    }

    return $self->{status}{$stream};
}


sub close { $_[0]{c}->close }
