#!/usr/bin/perl

# whatsapp-ctl and the sessions of a real controller.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use POSIX ();
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Ctl;

my ($first, $second) = ($session, '1000000002');

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef);
my $controller = $t->controller(args => ['--max-sessions', 2]);

Test::Whatsapp::Ctl->defaults('--socket', 'unix:' . $t->socket);


# linking(words): the command in the background: its pid, and a function that
# returns what it has printed so far

sub linking {
    my (@words) = @_;
    my $file = $t->dir . '/parts/link.out';
    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        open STDOUT, '>', $file;
        open STDERR, '>&', \*STDOUT;
        exec Test::Whatsapp::Ctl::binary($t), 'link', @words, '--socket',
            'unix:' . $t->socket or POSIX::_exit(127);
    }

    return ($pid, sub { $t->read_file('parts/link.out') });
}


sub ends {
    my ($pid) = @_;

    wait_for(sub { waitpid($pid, POSIX::WNOHANG()) == $pid }, 60,
        'the command to end');

    return $? >> 8;
}


# shows_qr(): waits for a code; the state may be "qr" while the page is still
# connecting

sub shows_qr {
    wait_for(sub {
        $controller->request('GET', "/v1/sessions/$first/qr")->status == 200
    }, 120, 'a QR code');
}


# ==== the command line ====

for my $words (['x'], ['token'], ['token', 'x'], [], ['--foo', 'status'],
    ['status', '--socket'], ['status', '--socket='])
{
    refuses($t, 2, undef, qr/--help|is empty/, @$words);
}

for my $words (['start'], ['start', 1, 2], ['status', 1, 2], ['code', 1],
    ['token', 'add'])
{
    my ($status, $out, $err) = ctl($t, @$words);

    ok($status == 2 && $out eq ''
        && $err =~ /^usage: whatsapp-ctl $words->[0]/, "@$words: usage")
        or diag("$status\n$out\n$err");
}

refuses($t, 2, undef, qr/"status" takes no --scope/, qw(status --scope x));
says($t, qr/^usage: .*\n  status \[SESSION\] .*\n  --socket /s, '--help');
like((ctl($t, '--version'))[1], qr/^whatsapp-ctl \d+\.\d+\.\d+\n\z/,
    'the version');

# ==== which controller ====

refuses($t, 3, 'unreachable', qr/No such file.*systemctl start/, 'status',
    '--socket', 'unix:/nowhere');
refuses($t, 2, 'invalid_socket', qr/"unix:" is missing/, 'status',
    '--socket', '/nowhere');
refuses($t, 3, 'unreachable', qr/refused/, 'status', '--socket',
    '127.0.0.1:' . $t->port(8099));

my $conf = $t->write_file('parts/controller.conf', "send-rate = 5\n"
    . 'listen = unix:' . $t->socket . "\n");
my $own = $t->write_file('parts/ctl.conf', "# whatsapp-ctl\n"
    . "controller-config = $conf\n");

Test::Whatsapp::Ctl->defaults();
says($t, qr/^SESSION /, 'status', '--controller-config', $conf);
says($t, qr/^SESSION /, 'status', '--config', $own);
refuses($t, 3, 'unreachable', qr{unix:/nowhere}, 'status', '--config', $own,
    '--socket', 'unix:/nowhere');
refuses($t, 2, 'invalid_settings', qr/ctl.conf:2: unknown setting "json"/,
    'status', '--config', $t->write_file('parts/ctl.conf', "\njson = 1\n"));
refuses($t, 1, 'not_readable', qr/No such file/, 'status', '--config',
    '/nowhere');
refuses($t, 1, 'not_readable', qr/No such file/, 'status',
    '--controller-config', '/nowhere');
Test::Whatsapp::Ctl->defaults('--socket', 'unix:' . $t->socket);

# ==== link ====

shows_qr();

is(says($t, qr/^\S.*On the phone: Settings, Linked devices/s, 'qr', $first)
    =~ tr/\n//, (grep { length } split /\n/, $controller->request('GET',
        "/v1/sessions/$first/qr", headers => { Accept => 'text/plain' })->body)
    + 1, 'the QR code, for a terminal');
like((ctl_json($t, 'qr', $first))[1]{qr}, qr/^\S{20,}$/, 'the code itself');

my ($pid, $printed) = linking($first);

wait_for(sub { $printed->() =~ /Linked devices/ }, 60, 'the QR code');
$phone->scan;
is(ends($pid), 0, 'the phone is linked');
like($printed->(), qr/Session $first is ready, as \+15550000001\.\n\z/,
    'and it says so');
refuses($t, 1, 'not_in_qr_state', qr/whatsapp-ctl status/, 'qr', $first);
refuses($t, 1, 'not_in_qr_state', qr/wait to be linked/, 'code', $first,
    '15550000001');
is((ctl($t, 'link', $first))[0], 0, 'one that is linked');

# ==== status ====

like(says($t, qr/^SESSION +STATE/, 'status'),
    qr/^$first +ready +\d+s +\+15550000001 +0 +0 +0 +\S+ +- +-$/m,
    'a row of a session');

my $rows = (ctl_json($t, 'status'))[1]{sessions};

is_deeply([map { "$_->{id} $_->{state}" } @$rows], ["$first ready"],
    'the same as JSON');
is_deeply((ctl_json($t, 'status', $first))[1]{sessions}[0]{number},
    '+15550000001', 'of one session');
refuses($t, 1, 'unknown_session', qr/whatsapp-ctl status/, 'status', $second);

# ==== start, stop, restart ====

refuses($t, 1, 'unknown_session', qr/Unknown session|start/i, $_, $second)
    for qw(stop restart logout qr);
refuses($t, 2, 'invalid_session', qr/1 to 15 digits/, $_, '../x')
    for qw(start stop restart logout qr link);

says($t, qr/^session $first stops\n\z/, 'stop', $first);
$controller->wait_state('stopped', 60);
says($t, qr/^$first +stopped /m, 'status', $first);
is_deeply((ctl_json($t, 'start', $first))[1], { success => JSON::PP::true },
    'start, as JSON');
$controller->wait_ready;
says($t, qr/^session $first restarts\n\z/, 'restart', $first);
$controller->wait_state('(?!ready).*', 60);
$controller->wait_ready;

says($t, qr/starts/, 'start', $second);
$controller->wait_state('(?!stopped).*', 60, $second);
says($t, qr/^$second /m, 'status');
refuses($t, 1, undef, qr/./, 'start', '1000000003');
says($t, qr/stops/, 'stop', $second);

# ==== logout, and a code for the number ====

says($t, qr/^session $first is logged out\n\z/, 'logout', $first);
shows_qr();

like((ctl_json($t, 'code', $first, '+1 555 000 0001'))[1]{code},
    qr/^\w{4}-\w{4}$/, 'a code for the number');
refuses($t, 1, 'invalid_parameter', qr/phone number/, 'code', $first, 'x');

($pid, $printed) = linking($first, '15550000001', '--json');
my $code = wait_for(sub {
    $printed->() =~ /"code":"(\w{4}-\w{4})"/ ? $1 : undef
}, 60, 'a code');

$phone->pair($code);
is(ends($pid), 0, 'linked by a code');

my @lines = map { decode_json($_) } split /\n/, $printed->();

is($lines[0]{state}, 'pairing', 'as lines of JSON: the first state');
is($lines[-1]{state}, 'ready', 'and the last');

# ==== logout --forget ====

my $profile = $t->dir . "/state/sessions/$first/profile/Default";
my @forget = ('logout', $first, '--forget');

ok(-d $profile, 'the login is there');
refuses($t, 2, 'not_confirmed', qr/for good; give --yes/, @forget);
refuses($t, 2, undef, qr/takes no --forget/, 'stop', $first, '--forget');


# asked(answer): the command at a terminal: its status and what it shows

sub asked {
    my ($answer) = @_;
    my $command = join ' ', Test::Whatsapp::Ctl::binary($t), @forget,
        '--socket', 'unix:' . $t->socket;
    my $shown = `printf '$answer\n' | script -qec '$command' /dev/null 2>&1`;

    return ($? >> 8, $shown);
}

for my $answer ('', 'yes', $second) {
    my ($status, $shown) = asked($answer);

    ok($status == 1 && $shown =~ /Type the session's id.*nothing was done/s,
        "the answer \"$answer\"") or diag("$status $shown");
}

ok(-d $profile, 'it is there still');

{
    my ($status, $shown) = asked($first);

    ok($status == 0 && $shown =~ /session $first is forgotten\s*\z/,
        'its id is the answer') or diag("$status $shown");
}

ok(!-d $profile, 'the login is gone');
is($controller->state, 'stopped', 'the session is stopped');
is_deeply((ctl_json($t, @forget, '--yes'))[1],
    { success => JSON::PP::true, logged_out => JSON::PP::true },
    'once more, by a program');
refuses($t, 1, 'unknown_session', qr/whatsapp-ctl status/, qw(logout
    1000000009 --forget --yes));

# ==== the controller is away ====

$controller->process->stop('TERM', 30);
refuses($t, 3, 'unreachable', qr/systemctl start/, $_->[0], @$_[1 .. $#$_])
    for ['status'], ['stop', $first], ['link', $first];

$t->done();
