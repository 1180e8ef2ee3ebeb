#!/usr/bin/perl

# The tests that end every file do fail when they should: each is shown what
# it is there to find.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Test::More;

my $dir = tempdir('/tmp/wa-harness-XXXXXX', CLEANUP => 1);


# failures(code): the names of the tests that fail in a test file with this
# code, "no end" when it did not come to its end, and all that it printed

sub failures {
    my ($code) = @_;
    my ($output, @names);

    open my $fh, '>', "$dir/child.t" or die "open: $!\n";
    print {$fh} <<"END";
use strict;
use warnings;
use lib '$FindBin::Bin/lib';
use Test::More;
use Test::Whatsapp;

my \$t = Test::Whatsapp->new();
print '# at ', \$t->dir, ' ', \$t->runtime, "\\n";
$code
\$t->done();
END
    close $fh;

    $output = `$^X $dir/child.t 2>&1`;
    @names = $output =~ /^not ok \d+ - (.*)$/mg;

    push @names, 'no end' if $output !~ /^1\.\.\d+$/m;

    # whatever happened, nothing stays behind
    my ($at, $runtime) = $output =~ /^# at (\S+) (\S+)$/m;
    push @names, 'left behind'
        if !defined $at || -e $at || -e $runtime;

    return join(', ', @names), $output;
}


sub fails {
    my ($name, $expected, $code) = @_;
    my ($failed, $output) = failures($code);

    is($failed, $expected, $name) or diag($output);
}


my $personal = 'no text, name, number or token in logs, files and Redis';
my $left = 'no socket, lock or temporary file is left';
my $error_log = '$t->write_file("nginx/error.log", ';

fails('nothing wrong', '', '');
fails('a request returns when the server is through with it', '', <<'END');
my $listen = IO::Socket::INET->new(Listen => 1, ReuseAddr => 1,
    LocalAddr => '127.0.0.1', LocalPort => $t->port) or die "listen: $!\n";
my $pid = fork() // die "fork: $!\n";

if ($pid == 0) {
    my $c = $listen->accept;

    1 while <$c> =~ /\S/;
    print {$c} "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    $c->flush;
    readline $c;
    select undef, undef, undef, 0.3;
    $t->write_file('client/log', 'logged');
    POSIX::_exit(0);
}

is($t->get('/')->body, 'ok', 'the answer');
is($t->read_file('client/log'), 'logged', 'what comes after it');
waitpid $pid, 0;
END
fails('the fake controller lives when a stream is left and ended at once', '',
    <<'END');
my $fake = $t->fake_controller;
my $control = Test::Whatsapp::Http->connect($t->socket);
my $stream;

$fake->always({ stream => "retry: 1\n\n" });
$control->request('GET', '/fake/requests');
$control->response;
$stream = Test::Whatsapp::Http->connect($t->socket);
$stream->request('GET', '/v1/sessions/1/events');
sysread $stream->socket, my $head, 1;

# it sees both at once, and the request first
kill 'STOP', $fake->process->pid;
$stream->close;
$control->request('POST', '/fake/end');
kill 'CONT', $fake->process->pid;

is($control->response->status, 200, 'streams are ended');
is(scalar $fake->requests, 1, 'it answers');
END
fails('the stand-in outlives pages that leave at once', '', <<'END');
my $phone = $t->standin;

$phone->fault('offline');

for (1 .. 20) {
    my $page = Test::Whatsapp::Http->connect($phone->port);

    $page->write("GET /web/socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade"
        . "\r\nUpgrade: websocket\r\n\r\n");
    $page->reset;
}

is($phone->state->{number}, '15550000001', 'it answers') for 1 .. 5;
END
fails('a line that a receiver is writing is left for later', '', <<'END');
require Test::Whatsapp::Receiver;
my $receiver = bless { dir => $t->dir . '/client' },
    'Test::Whatsapp::Receiver';

$t->write_file('client/requests', qq({"method":"GET"}\n{"method":"PO));
is(scalar(() = $receiver->requests), 1, 'one request');
END
fails('a text in the error log', $personal,
    $error_log . '"x " . $t->canary("text"));');
fails('a token in capitals', $personal,
    $error_log . 'uc $t->token);');
fails('a number in the access log', $personal,
    '$t->write_file("nginx/access.log", "GET /15550000002");');
fails('a formatted number', $personal,
    $error_log . '"+1 (555) 000-0002");');
fails('a message id', $personal, $error_log . '"wamid.AAAA");');
fails('a text in a file of the controller', $personal,
    '$t->write_file("state/queue", $t->canary("text"));');
fails('a text in a temporary file of nginx', "$left, $personal",
    '$t->write_file("nginx/temp/1", $t->canary("text"));');
fails('a text in the browser profile is allowed', '',
    'mkdir $t->dir . "/state/$_" for "sessions", "sessions/1",'
    . ' "sessions/1/profile";'
    . '$t->write_file("state/sessions/1/profile/a", $t->canary("text"));');
fails('a text in Redis', $personal,
    '$t->redis->command("SET", $t->canary("text"), 1);');
fails('a text in a hash of another database', $personal,
    'my $r = $t->redis; $r->command("SELECT", 5);'
    . '$r->command("HSET", "a", "b", $t->canary("text"));');
fails('an alert', 'no alerts in the error log',
    $error_log . '"2026/01/01 [alert] 1#1: x\n");');
fails('an allowed alert', '',
    $error_log . '"2026/01/01 [alert] 1#1: x\n");'
    . '$t->allow_alert(qr/1#1: x$/);');
fails('a sanitizer report', 'no sanitizer report',
    '$t->write_file("sanitizer/nginx.1", "ERROR: AddressSanitizer");');
fails('a temporary file', $left, '$t->write_file("tmp/a", "");');
fails('a file in the runtime directory', $left,
    'open my $f, ">", $t->runtime . "/a";');
fails('a directory in the runtime directory', $left,
    'mkdir $t->runtime . "/a";');
fails('a lock of the browser', $left,
    'mkdir $t->dir . "/state/profile";'
    . 'symlink "a", $t->dir . "/state/profile/SingletonLock";');
fails('a process left by a part', 'no process is left',
    '$Test::Whatsapp::Checks::patience = 1;'
    . 'my $p = $t->spawn("part", ["sh", "-c", "sleep 600 & exit 0"]);'
    . 'wait_for(sub { !$p->running }, 20);');
fails('a part that does not stop', 'everything stops within 20 s',
    '{ no warnings "redefine"; my $stop = \&Test::Whatsapp::Process::stop;'
    . ' *Test::Whatsapp::Process::stop = sub { $stop->(@_[0, 1], 0.5) }; }'
    . '$t->spawn("part", ["perl", "-e",'
    . ' q($SIG{TERM} = q(IGNORE); print qq(x\n) while sleep 1)])'
    . '; wait_for(sub { system("true"); 1 }, 1);'
    . 'wait_for(sub { open my $f, "<", "/proc/"'
    . ' . $t->{processes}[0]->pid . "/status"; local $/; '
    . ' <$f> =~ /SigIgn:\s*[0-9a-f]*4[0-9a-f]{3}$/m }, 20);');

# a test that dies leaves nothing either

{
    my ($failed, $output) = failures('$t->spawn("part", ["sleep", "60"]);'
        . 'die "on purpose\n";');

    is($failed, 'no end', 'a test that dies leaves nothing behind');
    like($output, qr/on purpose/, 'and tells why');
}

{
    my ($failed, $output) = failures('$t->spawn("part", ["sleep", "60"]);'
        . 'alarm 1; select undef, undef, undef, 30;');

    is($failed, 'no end', 'a test that hangs leaves nothing behind');
    like($output, qr/took too long/, 'and tells why');
}

done_testing();
