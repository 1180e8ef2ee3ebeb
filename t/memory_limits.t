#!/usr/bin/perl

# Pages and browsers that take too much memory are replaced: when nobody needs
# them, without a send that fails, or at once.  It concerns the page that is
# above its limit, its neighbour in the browser goes on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;
use Time::HiRes qw(sleep time);

my $MIB = 1024 * 1024;
my @ids = map { "100000000$_" } 1 .. 3;
my ($first, $second, $third) = @ids;
my $deadline = 20000;

my $t = Test::Whatsapp->new(timeout => 480);
my $phone = $t->standin();
my $config = limits(page_high => 120, page_max => 220);
my $controller = $t->controller(config => $config,
    args => ['--sessions-per-browser', 3, '--memory-interval', 200]);

# of every text that was sent, how that ended
my %ends;

my $parts = 0;


# limits(MiB by their names): writes the configuration; 0 where none is given

sub limits {
    my (%mib) = @_;
    my $options = join '', map {
        my $name = $_ =~ tr/_/-/r;
        $name =~ s/-/-memory-/r . ' = ' . ($mib{$_} // 0) . "\n"
    } qw(page_high page_max browser_high browser_max);

    return Test::Whatsapp::Receiver::webhooks($t, "log-level = info\nsend-rate = 0\n"
        . "pair-rate = 0\ncode-rate = 0\nsend-burst = 1000\n$options"
        . join('', map { "[session $_]\n" } @ids));
}


# change(limits): they are reloaded

sub change {
    my $reloads = () = $controller->log =~ /reloaded/g;

    limits(@_);
    kill 'HUP', $controller->pid;
    wait_for(sub { my $n = () = $controller->log =~ /reloaded/g;
        return $n > $reloads }, 60, 'a reload');
}


# say_by(id, text): sends it; "sent", or the outcome of its error

sub say_by {
    my ($id, $text) = @_;
    my $response = $controller->call('message.send', { to => '15550000002',
        type => 'text', text => { body => $text } }, session => $id,
        deadline => $deadline, key => $text);

    return $response->status == 200 ? 'sent'
        : $response->json->{error}{outcome} . ' '
            . $response->json->{error}{code};
}


# go_on(name, seconds, condition, clients): so many clients a session send
# without a pause until the condition holds, and a little longer

sub go_on {
    my ($name, $seconds, $condition, $clients) = @_;
    my ($stop, $began) = ($t->dir . '/parts/stop-' . ++$parts, time());
    my (@pids, %outcomes, $held);

    for my $n (map { ($_) x 2 } 1 .. $clients // 1) {
        my $id = @pids % 2 ? $second : $first;
        my $file = $t->dir . "/parts/said-$parts-" . @pids;
        my $pid = fork() // die "fork: $!\n";

        if ($pid == 0) {
            $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);
            POSIX::_exit(eval { talk($id, $stop, $file); 1 } ? 0 : 1);
        }

        push @pids, $pid;
    }

    $held = eval { wait_for($condition, $seconds, $name) };
    ok($held, $name) or diag($@, $controller->log);
    sleep 0.3;
    $t->write_file("parts/stop-$parts", '');
    waitpid $_, 0 for @pids;

    for my $n (0 .. $#pids) {
        for my $line (split /\n/, $t->read_file("parts/said-$parts-$n")) {
            my ($text, $end) = split /\t/, $line;

            $ends{$text} = $end;
            $outcomes{$end}++;
        }
    }

    note(sprintf '%s: %.1f s, %s', $name, time() - $began,
        join ', ', map { "$outcomes{$_} $_" } sort keys %outcomes);

    return join ' ', grep { $_ ne 'sent' } sort keys %outcomes;
}


sub talk {
    my ($id, $stop, $file) = @_;
    my $n = 0;

    open my $fh, '>', $file or die "$file: $!\n";

    while (!-e $stop) {
        my $text = "text-$$-" . $n++;

        print $fh "$text\t", say_by($id, $text), "\n";
        sleep 0.05;
    }

    close $fh or die "$file: $!\n";
}


# once(name): nothing arrived twice, or is missing, or against what was said

sub once {
    my ($name) = @_;
    my %arrived;

    $arrived{ $_->{body} // '' }++ for $phone->messages;
    is(join(' ', grep { ($arrived{$_} // 0) > 1
            || $ends{$_} eq 'sent' && !$arrived{$_}
            || $ends{$_} =~ /^not_sent/ && $arrived{$_} } keys %ends), '',
        "$name: each message arrived once");
}


sub memory {
    my ($id) = @_;
    my ($row) = grep { $_->{id} eq $id } @{
        $controller->request('GET', '/v1/sessions')->json->{sessions} };

    return $row->{memory} // 0;
}


sub renewals {
    my ($id) = @_;

    return $controller->metric('whatsapp_page_renewals_total',
        qq(session="$id"));
}


# grow(id, MiB): the session's page, which has to send something for that

sub grow {
    my ($id, $mib) = @_;
    my $text = 'grow-' . ++$parts;

    $ends{$text} = say_by($id, $text);
    $phone->page('grow', page => 'sender', mib => $mib);
}


$controller->wait_state('ready', 120, $_) for @ids;
wait_for(sub { !grep { !memory($_) } @ids }, 60, 'measurements');
note(sprintf 'pages take %.0f, %.0f and %.0f MiB, the browser %.0f',
    (map { memory($_) / $MIB } @ids),
    $controller->metric('whatsapp_browser_memory_bytes') / $MIB);

# ==== above the high limit: when nobody needs it ====

grow($first, 110);
is(go_on('a page above its high limit is replaced', 60,
    sub { renewals($first) == 1 && $controller->state($first) eq 'ready' }),
    '', 'no send fails');
once('a page');
is(renewals($second), 0, 'its neighbour stays');
cmp_ok(memory($first), '<', 110 * $MIB, 'its memory is given back');
like($controller->log, qr/memory_renewal session=$first memory=\d+ limit=/,
    'it is logged');

# a session that always has something to do is given a moment in which it has
# not

grow($second, 110);
is(go_on('a page that is always needed is replaced', 60,
    sub { renewals($second) == 1 && $controller->state($second) eq 'ready' },
    4), '', 'no send fails');
once('a busy page');
is(renewals($first), 1, 'its neighbour stays');

# ==== above it again: the limit is too low ====

grow($first, 110);
wait_for(sub { $controller->log =~ /error memory_limit_low session=$first / },
    60, 'the log line');
like($controller->log, qr/memory_limit_low .* raise="--page-memory-high/,
    'a limit that is too low is logged, with what to do');
sleep 1;
is(renewals($first), 1, 'the page is left alone for a while');
is(() = $controller->log =~ /memory_limit_low/g, 1, 'one line says so');
is(go_on('it is used on', 5, sub { 1 }), '', 'no send fails');

# ==== above the maximum: at once ====

$phone->fault('hold_ack');

my $text = 'held';
my $pid = fork() // die "fork: $!\n";

if ($pid == 0) {
    $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);
    POSIX::_exit(say_by($third, $text) eq 'unknown connection_lost' ? 0 : 1);
}

wait_for(sub { grep { ($_->{body} // '') eq $text } $phone->messages }, 60,
    'a send that is not acknowledged');
$phone->page('grow', page => 'sender', mib => 210);
wait_for(sub { renewals($third) == 1 }, 60, 'the page to be replaced');
waitpid $pid, 0;
is($?, 0, 'a send that is under way has no known end');
$phone->fault('none');
is(go_on('the others go on, and it is back', 60,
    sub { $controller->state($third) eq 'ready' }), '', 'no send fails');
ok(wait_for(sub { say_by($third, $text) eq 'sent' }, 60, 'its fate'),
    'repeated, it gets the fate of its message');
$ends{$text} = 'sent';
once('at once');

# ==== a browser ====

my $mib = int($controller->metric('whatsapp_browser_memory_bytes') / $MIB);

change(browser_high => $mib + 60);
grow($second, 110);
is(go_on('a browser above its high limit is replaced', 90, sub {
    $controller->metric('whatsapp_browser_renewals_total') == 1
        && !grep { $controller->state($_) ne 'ready' } @ids }), '',
    'no send fails');
once('a browser');
is(renewals($second), 1, 'it is not the page that was above its limit');
is($controller->metric('whatsapp_browser_crashes_total'), 0, 'nor a crash');

$t->done();
