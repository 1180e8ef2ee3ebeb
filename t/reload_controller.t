#!/usr/bin/perl

# SIGHUP: the controller reads its configuration file again, and the files that
# it names.  What can change does, without losing a session or an event; a file
# with a mistake changes nothing.  The browser is played.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Select;
use Socket;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;
use Time::HiRes qw(sleep);

my $t = Test::Whatsapp->new();
my ($old, $new) = ($t->canary('old'), $t->canary('new'));
my $other = '1000000002';
my $name = "whatsapp-reload-$$";
my $ids = 0;
my @told;

socket(my $notify, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($notify, pack_sockaddr_un("\0$name")) or die "bind: $!";

my $first = Test::Whatsapp::Receiver->start($t, 8090);
my $second = Test::Whatsapp::Receiver->start($t, 8091);
my $rates = "send-rate = 0\npair-rate = 0\ncode-rate = 0\n";
my $net = "allow-webhook-net = 127.0.0.1\n";
my $config = configure(<<"END");
log-level = info
$rates$net
[session *]
app_secret = $old

[session $session]
url = @{[ $first->url ]}
END

my $controller = $t->controller(config => $config,
    chromium => $t->stage('chrome-told', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/', env => { NOTIFY_SOCKET => "\@$name" });

ok(told(qr/^READY=1$/), 'the controller is ready');
$controller->wait_ready;
arrive($session, ['a', 'before']);
is_deeply([$first->wait_taken(1)], ['before'], 'an event is delivered');

# ==== a file with a mistake ====

my $before = "log-level = debug\n$rates" . "send-burst = 0\n$net";

configure("$before\n[session $other]\n");
reload(0);

like($controller->log, qr{controller\.conf:5: --send-burst must be},
    'a mistake is told with its file and line');
like($controller->log, qr/error reload_failed changed=nothing/,
    'the reload has failed');
ok(told(qr/ready; the last reload failed$/), 'the supervisor is told');
like($told[0], qr/^RELOADING=1\nMONOTONIC_USEC=\d{6,}$/,
    'after the beginning');
is($told[1], 'READY=1', 'and the end');
is($controller->request('GET', "/v1/sessions/$other")->status, 404,
    'no session was made');

for my $case (
    [ 'a section with a mistake', "$rates$net" . "[session $other]\nur = x\n",
        qr/:6: there is no such name/ ],
    [ 'a file that is not there', "$rates${net}[session $session]\n"
        . "app_secret_file = /nowhere\n", qr/:6: app_secret_file can't be/ ],
    [ 'too many sessions', $rates . join('',
        map { "[session 77$_]\n" } 1 .. 10),
        qr/11 sessions, .* more than the 10 of --max-sessions/ ],
) {
    my ($what, $text, $regex) = @$case;

    configure($text);
    reload(0);
    like($controller->log, $regex, "$what is told");
}

arrive($session, ['a', 'still']);
is_deeply([$first->wait_taken(2)], ['before', 'still'],
    'the receiver and the secret are the same');
is(scalar(grep { Test::Whatsapp::Receiver::signed($_, $old) }
    $first->deliveries), 2, 'both events are signed by that secret');

# ==== another receiver, another secret, another level ====

$first->rules({ match => 'POST', status => 503 });
arrive($session, ['b', 'kept 1'], ['b', 'kept 2']);
wait_for(sub { $first->deliveries > 2 }, 60, 'a delivery that fails');

configure(<<"END");
log-level = debug
$rates$net
max-sessions = 20
listen = unix:@{[ $controller->socket ]}.other
[session *]
app_secret = $new

[session $session]
url = @{[ $second->url ]}
verify_token = word

[session $other]
url = @{[ $second->url('other') ]}
END

reload(1);
ok(told(qr/^STATUS=\d of 2 sessions ready$/), 'the supervisor is told');

is_deeply([$second->wait_taken(2)], ['kept 1', 'kept 2'],
    'what waited goes to the new receiver');
is(scalar(grep { Test::Whatsapp::Receiver::signed($_, $new) }
    $second->deliveries), 2, 'signed by the new secret');
is(($second->requests)[0]{method}, 'GET', 'after a challenge');

like($controller->log, qr/reload_needs_restart option=max-sessions/,
    'what needs a restart is told by its name');
unlike($controller->log, qr/reload_needs_restart option=listen/,
    'but for what the command line outweighs');

$controller->wait_state('ready', 60, $other);
arrive($other, ['c', 'another']);
is_deeply([($second->wait_taken(3))[2]], ['another'],
    'a new session is started, and delivers');

# ==== the secret is rotated in two steps ====

$second->clear;
configure(<<"END");
log-level = info
$rates$net
[session $session]
url = @{[ $second->url ]}
verify_token = word
app_secret = $old
previous_app_secret = $new

[session $other]
url = @{[ $second->url('other') ]}
app_secret = $new
END
reload(1);
$second->rules({ match => 'POST', status => 401, times => 1 });
arrive($session, ['d', 'rotated']);
wait_for(sub { $second->deliveries == 2 }, 60, 'two deliveries');
is_deeply([map { Test::Whatsapp::Receiver::signed($_, $old) ? 'new' : 'old' }
    $second->deliveries], ['new', 'old'],
    'both secrets are tried after a reload');
is(scalar(grep { $_->{method} eq 'GET' } $second->requests), 0,
    'without another challenge');

# ==== a session goes, and comes back ====

$second->clear;
$second->rules({ match => 'later', status => 503 });
arrive($other, ['e', 'later']);
wait_for(sub { $second->deliveries > 0 }, 60, 'a delivery that fails');

configure(<<"END");
log-level = info
$rates$net
[session $session]
app_secret = $old
END
reload(1);

$controller->wait_state('stopped', 60, $other);
like($controller->log, qr/session_removed session=$other/,
    'a session that is not named any more is stopped');
ok(-d $t->dir . "/state/sessions/$other/profile", 'its profile is kept');
is($controller->state, 'ready', 'the other one goes on');

$second->clear;
$second->rules();
configure(<<"END");
log-level = info
$rates$net
[session $session]
app_secret = $old

[session $other]
url = @{[ $second->url('other') ]}
app_secret = $new
END
reload(1);

$controller->wait_state('ready', 60, $other);
is_deeply([$second->wait_taken(1)], ['later'],
    'named again, it delivers what waited');

# ==== rates, wa-js, level ====

configure(<<"END");
log-level = info
send-rate = 1
send-burst = 1
pair-rate = 0
code-rate = 0
$net
[session $session]
END
is(send_text()->status, 200, 'a send is not paced') for 1 .. 3;
$t->write_file('app/wppconnect-wa.js', "1\n");
reload(1);
is_deeply([map { send_text()->status } 1, 2], [200, 429],
    'another rate counts at once');
like($controller->log, qr/ wa_js sha256=@{[ sha256_hex("1\n") ]}/,
    'another wa-js counts from now on');
configure("log-level = error\n$rates$net\[session $session]\n");
reload(1, 'error');
is(send_text()->status, 200, 'not paced again') for 1 .. 3;

my $size = length $controller->log;

kill 'HUP', $controller->pid for 1 .. 20;
$controller->request('GET', '/healthz');
sleep 0.2;
is(length $controller->log, $size, 'nothing is logged at another level');

configure("log-level = info\n$rates$net\[session $session]\n");
reload(1);

kill 'TERM', $controller->pid;
kill 'HUP', $controller->pid;
ok($controller->process->stop('TERM', 20), 'SIGHUP does not hold up the end');

# ==== the shared secret ====

{
    my @secrets = map { $t->canary("secret$_") } 1, 2;
    my $text = "log-level = info\nsecret-file = %s\n[session $session]\n";
    my $status = sub { $controller->request('GET', '/v1/sessions',
        headers => { 'X-Whatsapp-Secret' => $_[0] })->status };

    configure(sprintf $text, secret($secrets[0]));
    $controller->restart;
    is_deeply([map { $status->($_) } @secrets], [200, 401],
        'one secret is right');

    secret($secrets[1]);
    reload(1);
    is_deeply([map { $status->($_) } @secrets], [401, 200],
        'after a reload it is the other');

    configure("log-level = info\n[session $session]\n");
    reload(1);
    like($controller->log, qr/reload_needs_restart option=secret-file/,
        'to do without one needs a restart');
    is_deeply([map { $status->($_) } @secrets], [401, 200],
        'and it is asked for until then');

    $controller->process->stop;
}

# ==== SIGTERM while the controller starts ====

for my $round (1 .. 5) {
    my $process = $t->spawn("early-$round", $controller->argv);
    my $end = time + 60;

    until (-e $t->socket || time > $end) {
        select undef, undef, undef, 0.0002;
    }

    # by one signal, and by many of them
    kill 'TERM', $process->pid;
    kill 'TERM', $process->pid while $round > 2 && $process->running;
    $process->stop('TERM', 20);
    is($process->status, 0, 'SIGTERM while it starts: it ends by itself');

    my @left = (grep({ -e } $t->socket, $t->runtime . '/.controller.lock'));

    is("@left", '', 'SIGTERM after the socket is there leaves nothing');
}

$t->done();


# configure(text): writes the file, its path

sub configure { return Test::Whatsapp::Receiver::webhooks($t, $_[0]) }


# secret(text): writes the file of the shared secret, its path

sub secret { return $t->write_file('app/secret', $_[0]) }


# reload(ok): sends SIGHUP and waits for the end

sub reload {
    my ($ok) = @_;
    my $regex = $ok ? qr/ notice reloaded\n/ : qr/ error reload_failed /;
    my $n = () = $controller->log =~ /$regex/g;

    forget_told();
    kill 'HUP', $controller->pid;

    # at this level only the supervisor hears of it
    return told(qr/^READY=1$/) if ($_[1] // '') eq 'error';

    wait_for(sub { (() = $controller->log =~ /$regex/g) > $n }, 60,
        'the reload');
}


# forget_told(): what the supervisor was told so far

sub forget_told {
    my $select = IO::Select->new($notify);

    recv($notify, my $line, 4096, 0) while $select->can_read(0);
    @told = ();
}


# told(regex): whether the supervisor gets such a line

sub told {
    my ($regex) = @_;
    my $end = time + 60;
    my $select = IO::Select->new($notify);

    while (!grep { $_ =~ $regex } @told) {
        return 0 if time > $end;
        next unless $select->can_read(0.2);

        recv($notify, my $line, 4096, 0);
        push @told, $line unless $line =~ /^STATUS=\d of \d sessions? ready$/
            && $line !~ $regex;
    }

    return 1;
}


sub send_text {
    return $controller->call('message.send', { to => '15550000002',
        type => 'text', text => { body => 'x' } }, key => 'k' . ++$ids,
        deadline => 5000);
}


sub arrive { Test::Whatsapp::Receiver::arrive($t, @_) }
