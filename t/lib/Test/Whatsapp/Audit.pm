package Test::Whatsapp::Audit;

# What make audit adds to a test file: nginx, the controller with its browsers,
# and Redis are traced, and all that they wrote, wherever it is, is searched
# for the canaries of the test and for numbers, in all encodings. tools/audit/run
# sets TEST_WHATSAPP_AUDIT, the directory that the results go to.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use JSON::PP;
use Test::More;

use lib abs_path(dirname(__FILE__) . '/../../../../tools/audit');
use Search;
use Test::Whatsapp::Process qw(descendants find_processes wait_for);
use Test::Whatsapp::Redis;
use Test::Whatsapp::Trace;

my $json = JSON::PP->new->utf8->canonical;

# seconds between two looks at the processes
my $EVERY = 2;

# the digits that all numbers of the stand-in begin with
my $NUMBERS = '1555000';


# new(test): NULL unless this is an audit

sub new {
    my ($class, $t) = @_;

    return if !$ENV{TEST_WHATSAPP_AUDIT};

    my $self = bless {
        t => $t, name => basename($0), began => time, runs => 0, sampled => 0,
        processes => {}, parts => {}, swapped => {},
    }, $class;

    mkdir $t->dir . '/trace' or die "mkdir: $!\n";

    return $self;
}


# wrap(name, argv): the command line that traces this program

sub wrap {
    my ($self, $name, $argv) = @_;

    return $argv if $name !~ /^(?:nginx|controller|redis|planted)/
        || "@$argv" =~ / -t$/;

    return [ Test::Whatsapp::Trace::command(
        sprintf('%s/trace/%s-%d', $self->{t}->dir, $name, $self->{runs}++)),
        @$argv ];
}


# globals(), globals_http(): lines of nginx.conf: no core files, as the docs
# want it, in a directory where there could be some; and what was asked for

sub globals {
    my ($self) = @_;

    return "worker_rlimit_core 0;\nworking_directory "
        . $self->{t}->dir . "/tmp;\n";
}


sub globals_http {
    my ($self) = @_;

    return "log_format audit '\$whatsapp_call \$status "
        . "\$whatsapp_error_code';\naccess_log "
        . $self->{t}->dir . "/parts/asked.log audit;\n";
}


# ==== places that may hold something ====

# allowed(test): [regex of places, regex of kinds, reason] of all

sub allowed {
    my ($t) = @_;
    my ($state, $runtime) = map { quotemeta } $t->dir . '/state',
        $t->runtime;

    return (
        [ qr{$state/sessions/\d+/profile/}, qr{.},
            'the profile, WhatsApp Web\'s own storage' ],
        [ qr{$runtime/\d+/tmp/}, qr{.},
            'what the browser caches on the tmpfs, while it runs' ],
        [ qr{$runtime/\d+/media/}, qr{.},
            'media on the tmpfs, until their time is over' ],
        [ qr{/error\.log$|/parts/nginx\.log$}, qr{^address$},
            'nginx\'s own lines about a client' ],
        [ qr{^Redis}, qr{^address$}, 'addresses of abusers' ],
    );
}


# files that are gone before they can be searched, and what was in them

my %gone = (
    qr{/sessions/\d+/mark$}        => 'a time in seconds',
    qr{/sessions/\d+/forget$}      => 'nothing',
    qr{\.lock$}                    => 'nothing',
    qr{/nginx\.pid(?:\.oldbin)?$} => 'the number of a process',
);


# ==== samples ====

# sample(): looks at the processes as they are now, if it is time

sub sample {
    my ($self, $now) = @_;

    return if !$now && time - $self->{sampled} < $EVERY;

    $self->{sampled} = time;
    $self->_sample;
}


sub _sample {
    my ($self) = @_;

    for my $path (glob $self->{t}->dir . '/tmp/redis*.sock') {
        $self->{monitors}{$path} //= eval {
            my $redis = Test::Whatsapp::Redis->connect($path);

            $redis->command('MONITOR');
            $redis;
        } // next;
    }

    my @roots = map { $_->pid } grep { $_->running
        && $_->name =~ /^(?:nginx|controller|redis|planted)/ }
        @{ $self->{t}{processes} };

    for my $pid (@roots, map { $_->{pid} } map { descendants($_) } @roots) {
        my $title = _read("/proc/$pid/comm");
        my $line = _read("/proc/$pid/cmdline");

        chomp $title;
        next if $title eq '' || $title =~ /^strace/;

        $self->{processes}{$title}{$pid} = 1;
        $self->{parts}{"command line of $title"}{$line} = 1;
        $self->{parts}{"environment of $title"}
            { _read("/proc/$pid/environ") } = 1;
        $self->{cwd}{ readlink "/proc/$pid/cwd" } = 1
            if readlink "/proc/$pid/cwd";
        $self->{swapped}{$title} = 1
            if _read("/proc/$pid/status") =~ /^VmSwap:\s+[1-9]/m;
    }
}


sub _read {
    my ($path) = @_;

    open my $fh, '<:raw', $path or return '';
    local $/;
    return <$fh> // '';
}


# ==== the verdict ====

# search(more): a search for the canaries so far

sub search {
    my ($self, @more) = @_;
    my %kinds = %{ $self->{t}{kinds} };

    return Search->new(@more,
        map { { kind => $kinds{$_}, value => $_ } } sort keys %kinds);
}


# running(): everything that exists while all runs

sub running {
    my ($self) = @_;
    my $t = $self->{t};
    my $search = $self->{search} = $self->search({ kind => 'number',
        value => $NUMBERS });

    # what others write there may have the same numbers, but no canary
    $self->{others} = $self->search;

    $self->sample(1);
    $self->_asked;
    $self->_files($search);
    $self->_shared;

    for my $place (sort keys %{ $self->{parts} }) {
        $search->bytes($place, $_) for sort keys %{ $self->{parts}{$place} };
    }

    $self->_redis($search, $_) for sort keys %{ $self->{monitors} };
}


# _asked(): which calls were made and answered with which errors, which types of
# messages were sent, and which events told; tools/audit/run compares it with
# the tables of protocol/

sub _asked {
    my ($self) = @_;
    my $t = $self->{t};
    my $asked = $self->{asked} = { types => $t->{types} // {} };
    my $metrics;

    for (split /\n/, $t->read_file('parts/asked.log')) {
        my ($call, $status, $code) = split ' ';

        $asked->{calls}{$call} = 1;
        $asked->{errors}{"$status $code"} = 1 if $code ne '-';
    }

    $metrics = eval { $t->{controller}->request('GET', '/metrics')->body }
        // '';
    $asked->{events}{$1} = 1
        while $metrics =~ /^whatsapp_events_total\{.*type="(\w+)".*\} [1-9]/mg;
}


# _redis(search, socket): what it holds, what it would write, and what it was
# told

sub _redis {
    my ($self, $search, $path) = @_;
    my $redis = eval { Test::Whatsapp::Redis->connect($path) } or return;
    my $mark = sprintf 'mark%d', rand 1e9;
    my ($dump, $told) = ($redis->command('CONFIG', 'GET', 'dir')->[1]
        . '/dump.rdb', '');

    $redis->command('ECHO', $mark);

    while (defined(my $line = readline $self->{monitors}{$path}{socket})) {
        last if index($line, $mark) >= 0;
        $told .= $line;
    }

    $search->bytes('Redis (commands)', $told);
    $search->bytes('Redis (keys)', $redis->dump);
    $redis->command('SAVE');
    $self->{searched}{$dump} = $search->file($dump, 'Redis (dump)');
    unlink $dump;
}


# ended(): what is left when all has ended; one test, and the results

sub ended {
    my ($self) = @_;
    my @wrong = $self->judge;

    is(join("\n", @wrong), '', 'nothing is where it may not be');
    $self->_save(@wrong);
}


# judge(): what is where it may not be, in words

sub judge {
    my ($self) = @_;
    my $search = $self->{search};
    my $dir = $self->{t}->dir . '/trace';
    my $trace;

    # the tracers end behind their programs
    wait_for(sub { !grep { $_->{command} eq 'strace' } find_processes($dir) },
        30, 'the tracers');
    $trace = $self->{trace} = Test::Whatsapp::Trace->read(glob "$dir/*");

    $self->_files($search);
    $self->_shared;
    $self->_cores($search);
    $search->bytes('names of files', join "\n",
        sort keys %{ $trace->{written} });

    return (
        $self->_leaks,
        (map { "$_: written and gone before it was searched" }
            $self->_unsearched($trace)),
        (map { "$_: connected to" } $self->_foreign($trace)),
        (map { "$_: a core file" } sort keys %{ $self->{cores} }),
        (map { "$_: memory is in swap" } sort keys %{ $self->{swapped} }),
    );
}


# _leaks(): what was found, but for what may be there, which is counted

sub _leaks {
    my ($self) = @_;
    my @allowed = allowed($self->{t});
    my @wrong;

    for my $found (map { $self->{$_}->found } qw(search others)) {
        my ($why) = grep { $found->{place} =~ /$_->[0]/
            && $found->{kind} =~ /$_->[1]/ } @allowed;

        $why ? $self->{may}{ $why->[2] }++ : push @wrong,
            "$found->{place}: $found->{kind} ($found->{encoding})";
    }

    return @wrong;
}


# _save(wrong): the results, for tools/audit/run

sub _save {
    my ($self, @wrong) = @_;
    my ($trace, $kinds) = ($self->{trace}, $self->{t}{kinds});
    my @counts = map { [ $self->{$_}->counts ] } qw(search others);
    my $path = "$ENV{TEST_WHATSAPP_AUDIT}/$self->{name}.json";
    my %results = (
        wrong => \@wrong, may => $self->{may}, asked => $self->{asked},
        canaries => scalar keys %$kinds,
        kinds => { map { $_ => 1 } values %$kinds },
        written => [ sort keys %{ $trace->{written} } ],
        (map { $_ => $trace->{$_} } qw(connected routes events)),
        processes => { map { $_ => scalar keys
            %{ $self->{processes}{$_} } } keys %{ $self->{processes} } },
    );

    @results{qw(files places bytes)} = map { $counts[0][$_] + $counts[1][$_] }
        0 .. 2;

    open my $fh, '>', $path or die "$path: $!\n";
    print {$fh} $json->encode(\%results);
    close $fh;
}


# _files(search): what is there of the files that were written so far

sub _files {
    my ($self, $search) = @_;
    my $trace = Test::Whatsapp::Trace->read(
        glob $self->{t}->dir . '/trace/*');

    for my $path (sort keys %{ $trace->{written} }) {
        next if $path =~ m{^/(?:dev/(?!shm)|proc/)} || !-f $path;
        $self->{searched}{$path} = 1 if $search->file($path);
    }

    $search->file($_) for grep { -f } map { $self->{t}->dir
        . "/parts/$_.log" } qw(nginx controller redis planted);
}


# _shared(): the directories that all programs share, but for what the test
# itself has there

sub _shared {
    my ($self) = @_;
    my $t = $self->{t};
    my $own = join '|', map { quotemeta $t->dir . "/$_" }
        qw(trace client parts app sanitizer nginx/nginx.conf nginx/tokens);

    for my $dir ($t->dir, $t->runtime, '/run', '/tmp', '/dev/shm') {
        my $search = $self->{ $dir =~ /wa-/ ? 'search' : 'others' };

        $search->tree($dir, sub {
            my ($path) = @_;

            return $path =~ m{^(?:$own)(?:/|$)}
                || $path =~ m{/wa-\w{6}$}
                || -e $path && (stat _)[9] < $self->{began} - 1 && !-d _
                || -s _ && -s _ > 512 << 20;
        });
    }
}


sub _cores {
    my ($self, $search) = @_;

    for my $dir (sort keys %{ $self->{cwd} }) {
        for my $core (glob "$dir/core*") {
            next if -d $core || (stat $core)[9] < $self->{began};
            $self->{cores}{$core} = 1;
            $search->file($core, "core file $core");
        }
    }
}


# _unsearched(trace): files on a disk that nobody could search any more; what
# was written to a file that was renamed is under its new name

sub _unsearched {
    my ($self, $trace) = @_;
    my $allowed = join '|', map { $_->[0] } allowed($self->{t});
    my $gone = join '|', keys %gone;

    return grep {
        !$self->{searched}{$_} && !-e $_ && !$trace->{renamed}{$_}
            && $trace->{written}{$_} ne 'bind'
            && $_ !~ /$allowed/ && !_on_tmpfs($_)
            && $_ !~ m{^/(?:dev|proc|memfd:)} && $_ !~ /$gone/
    } sort keys %{ $trace->{written} };
}


# of a file that is gone, the directory that is still there tells

sub _on_tmpfs {
    my ($path) = @_;

    while ($path ne '/' && !-e $path) {
        $path = dirname($path);
    }

    return _read('/proc/mounts') =~ m{^\S+ (\S+) (?:tmpfs|ramfs) }m
        && grep { index("$path/", "$_/") == 0 }
        _read('/proc/mounts') =~ m{^\S+ (\S+) (?:tmpfs|ramfs) }gm;
}


# _foreign(trace): addresses that are neither this test's nor local services

sub _foreign {
    my ($self, $trace) = @_;
    my $t = $self->{t};
    my @own = map { quotemeta } $t->dir, $t->runtime;
    my $local = join '|', @own, '/run/dbus/', '/var/run/nscd/', '/run/nscd/',
        '/run/systemd/', '@';

    return grep { !/^unix:(?:$local)/ && !/^127\.\d+\.\d+\.\d+:\d+$/
        && !/^\[::1\]:\d+$/ && $_ ne 'netlink' }
        sort keys %{ $trace->{connected} };
}


1;
