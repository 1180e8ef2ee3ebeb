package Test::Whatsapp::Process;

# A child process of a test: started in its own session with its output in a
# file, waited for by condition, stopped by signal, and accounted for in /proc.

use strict;
use warnings;

use Exporter qw(import);
use Fcntl qw(F_SETFD);
use POSIX qw(WNOHANG dup2 setsid _exit);
use Time::HiRes qw(time);

our @EXPORT_OK = qw(wait_for reached process_table descendants is_alive
    find_processes resident_kb);

# seconds between two looks; of what takes longer than a second, which others
# do meanwhile, fewer
my $tick = 0.01;
my $long_tick = 0.04;


# wait_for(sub, seconds, what): calls sub until it returns true and returns
# that; dies when the time is over.

sub wait_for {
    my ($condition, $seconds, $what) = @_;
    my ($began, $until, $result);

    $began = time();
    $until = $began + $seconds;

    for ( ;; ) {
        $result = $condition->();
        return $result if $result;

        if (time() >= $until) {
            die sprintf("timed out after %g s waiting for %s\n", $seconds,
                $what // 'a condition');
        }

        select undef, undef, undef,
            time() - $began < 1 ? $tick : $long_tick;
    }
}


# reached(count, sub, seconds): waits until sub returns that number or a larger
# one, and returns what it was last, to be compared: what happens after an
# answer has been given is not there yet when the answer is

sub reached {
    my ($count, $number, $seconds) = @_;
    my $now;

    eval { wait_for(sub { ($now = $number->()) >= $count }, $seconds // 60) };
    die $@ if $@ && $@ !~ /^timed out after/;

    return $now;
}


# new(name, argv, log => file, env => {}, stdin => handle,
#     listening => a socket that it gets as from systemd)

sub new {
    my ($class, $name, $argv, %opt) = @_;
    my ($pid, $self, $before);

    $before = defined $opt{log} && -s $opt{log} || 0;
    $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        _exec($argv, %opt);
    }

    $self = bless {
        name => $name, pid => $pid, log => $opt{log}, before => $before,
        owner => $$, program => $argv->[0],
    }, $class;

    $self->{start} = (process_table()->{$pid} // {})->{start};

    return $self;
}


sub _exec {
    my ($argv, %opt) = @_;

    # what follows must not run the test's END block when exec fails
    setsid();
    $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM PIPE HUP CHLD);

    open STDIN, '<', $opt{stdin} // '/dev/null' or _exit(126);

    if ($opt{log}) {
        open STDOUT, '>>', $opt{log} or _exit(126);
        open STDERR, '>&', \*STDOUT or _exit(126);
    }

    %ENV = (%ENV, %{ $opt{env} // {} });
    _hand_over($opt{listening}) if $opt{listening};

    no warnings 'exec';
    exec { $argv->[0] } @$argv or _exit(127);
}


# the protocol of sd_listen_fds(3)

sub _hand_over {
    my ($listening) = @_;

    # a copy stays open on exec, which this one need not
    dup2(fileno $listening, 3) or _exit(126);
    fcntl $listening, F_SETFD, 0 if fileno $listening == 3;

    %ENV = (%ENV, LISTEN_PID => $$, LISTEN_FDS => 1);
}


sub pid { $_[0]{pid} }

sub name { $_[0]{name} }


# running(): false once the process ended; its status is then in status()

sub running {
    my ($self) = @_;

    return 0 if defined $self->{status};

    if (waitpid($self->{pid}, WNOHANG) == $self->{pid}) {
        $self->{status} = $?;
        return 0;
    }

    return 1;
}


sub status { $_[0]{status} }


sub signal {
    my ($self, $signal) = @_;

    return 0 if !$self->running;
    return kill $signal, $self->{pid};
}


# output(): everything that it and those before it wrote to the same log

sub output {
    my ($self) = @_;

    open my $fh, '<', $self->{log} or return '';
    local $/;
    return <$fh> // '';
}


# expect(regex, seconds): waits until its own output matches, dies when the
# process ends before

sub expect {
    my ($self, $regex, $seconds) = @_;

    return wait_for(sub {
        my ($alive, @match);

        $alive = $self->running;
        @match = substr($self->output, $self->{before}) =~ $regex;
        return \@match if @match;

        die "$self->{name} ended with status "
            . ($self->{status} >> 8) . ' signal ' . ($self->{status} & 127)
            . ":\n" . $self->output . "\n" if !$alive;
        return;
    }, $seconds, "$self->{name} to print $regex");
}


# stop(signal, seconds): true when the process ended within the time; kills
# it otherwise

sub stop {
    my ($self, $signal, $seconds) = @_;
    my $ended;

    return 1 if !$self->running;

    kill 'CONT', $self->{pid};
    kill $signal // 'TERM', $self->{pid};

    $ended = eval {
        wait_for(sub { !$self->running }, $seconds // 20, $self->{name});
    };

    if (!$ended) {
        kill 'KILL', -$self->{pid};
        kill 'KILL', $self->{pid};
        waitpid $self->{pid}, 0;
        $self->{status} = $?;
        return 0;
    }

    return 1;
}


# process_table(): { pid => { ppid, start, state, command } } of all processes

sub process_table {
    my (%table, $stat);

    for my $dir (glob '/proc/[0-9]*') {
        open my $fh, '<', "$dir/stat" or next;
        $stat = <$fh> // next;

        $stat =~ /^(\d+) \((.*)\) (\S) (\d+) (.*)$/s or next;

        # field 22 of stat; $5 begins with field 5
        $table{$1} = {
            pid => $1, command => $2, state => $3, ppid => $4,
            start => (split ' ', $5)[17],
        };
    }

    return \%table;
}


# descendants(pid): the processes below pid, as entries of process_table()

sub descendants {
    my ($root) = @_;
    my ($table, %children, @queue, @found);

    $table = process_table();
    push @{ $children{ $_->{ppid} } }, $_ for values %$table;

    @queue = ($root);

    while (@queue) {
        my $pid = shift @queue;

        for my $child (@{ $children{$pid} // [] }) {
            push @found, $child;
            push @queue, $child->{pid};
        }
    }

    return @found;
}


# is_alive(entry): whether that very process still runs, not only its number

sub is_alive {
    my ($entry) = @_;
    my $now;

    open my $fh, '<', "/proc/$entry->{pid}/stat" or return 0;
    $now = <$fh> // return 0;
    $now =~ /^\d+ \(.*\) (\S) \d+ (.*)$/s or return 0;

    return $1 ne 'Z' && (split ' ', $2)[17] == $entry->{start};
}


# find_processes(text): processes with text in command line or environment,
# ourselves aside

sub find_processes {
    my ($text) = @_;
    my ($table, @found);

    $table = process_table();

    for my $entry (values %$table) {
        my $all = '';

        next if $entry->{pid} == $$ || $entry->{state} eq 'Z';

        for my $file (qw(cmdline environ)) {
            open my $fh, '<', "/proc/$entry->{pid}/$file" or next;
            local $/;
            $all .= <$fh> // '';
        }

        push @found, $entry if index($all, $text) >= 0;
    }

    return @found;
}


# resident_kb(pid): its own memory in kB. What it shares with others, libraries
# for one, is left out: that changes as other tests come and go.

sub resident_kb {
    my ($pid) = @_;

    open my $fh, '<', "/proc/$pid/status" or die "process $pid: $!\n";

    while (my $line = <$fh>) {
        return $1 if $line =~ /^RssAnon:\s+(\d+) kB/;
    }

    die "no memory figures of process $pid\n";
}


1;
