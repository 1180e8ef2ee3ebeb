#!/usr/bin/perl

# Over 20,000 calls neither the nginx worker nor the controller grows.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX qw(_exit);
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(resident_kb);

# what a sanitizer keeps of freed memory would look like growth
$ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} // (),
    'quarantine_size_mb=0', 'thread_local_quarantine_size_kb=0';

my $t = Test::Whatsapp->new(timeout => 480);
my $phone = $t->standin();
my $controller = $t->controller();

$t->run();
$controller->wait_ready;

my $messages = "/whatsapp/$version/$session/messages";
my $number = "/whatsapp/$version/$session";
my $text = $t->canary('text');


# calls(count): so many calls of all kinds by four clients at once; dies when
# an answer is not what it should be

sub calls {
    my ($count) = @_;
    my @pids;

    for my $client (1 .. 4) {
        my $pid = fork() // die "fork: $!\n";

        if ($pid == 0) {
            $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);
            _exit(eval { client($count / 4); 1 } ? 0 : 1);
        }

        push @pids, $pid;
    }

    return scalar grep { waitpid($_, 0); $? != 0 } @pids;
}


sub client {
    my ($count) = @_;
    my ($connection, @mix);

    # nineteen that cost no browser time or little, and one send
    @mix = (
        (map { [ 200, 'GET', $number ] } 1 .. 6),
        (map { [ 200, 'GET', "$number/session" ] } 1 .. 4),
        (map { [ 200, 'GET', '/whatsapp/readyz' ] } 1 .. 2),
        (map { [ 400, 'POST', $messages, body => '{"to":' ] } 1 .. 2),
        [ 400, 'POST', $messages, body => '{"to":5}' ],
        [ 401, 'POST', $messages, body => '{}', token => undef ],
        [ 404, 'GET', "$number/nothing" ],
        [ 405, 'GET', $messages ],
        [ 400, 'POST', $messages, body => text_message('15550000010', 'x') ],
        [ 200, 'POST', $messages, body => text_message('15550000002',
            $text) ],
    );
    $connection = $t->connect;

    for my $n (0 .. $count - 1) {
        my ($status, $method, $uri, %opt) = @{ $mix[$n % @mix] };
        my $response;

        $connection->write($t->request_bytes($method, $uri, %opt));
        $response = $connection->response;
        die "$method $uri: " . ($response ? $response->head_and_body
            : 'closed') if !$response || $response->status != $status;

        # nginx closes after keepalive_requests
        if (lc($response->header('Connection') // '') eq 'close') {
            $connection->close;
            $connection = $t->connect;
        }
    }
}


# remembered(): kB of what the controller remembers of sent messages, all of it
# bounded and not full yet: the messages, the events about them, their digests,
# each with what malloc adds

sub remembered {
    my %bytes = (whatsapp_sent_messages => 392, whatsapp_ring_bytes => 1,
        whatsapp_ring_events => 144, whatsapp_seen_ids => 48);
    my $sum = 0;

    $sum += $controller->metric($_) * $bytes{$_} for keys %bytes;

    return $sum / 1024;
}


my ($worker) = $t->workers;
my (%before, %after);

is(calls(20000), 0, '20,000 calls to warm up are answered as they should be');
%before = (worker => resident_kb($worker),
    controller => resident_kb($controller->pid) - remembered());

is(calls(20000), 0, '20,000 more');
%after = (worker => resident_kb($worker),
    controller => resident_kb($controller->pid) - remembered());

for my $name (sort keys %before) {
    my $growth = $after{$name} - $before{$name};

    diag("$name: $before{$name} kB before, $after{$name} kB after");
    # sixteen bytes lost in each call would be 312 kB
    cmp_ok($growth, '<', 300, "the $name does not grow");
}

is(($t->workers)[0], $worker, 'it is still the same worker');

$t->done();
