package Bench;

# What the benchmarks share: rounds of wrk in turn, medians and ratios, and
# nginx beside the one of the harness.
#
# environment: BENCH_SECONDS a round (5), BENCH_ROUNDS (5)

use strict;
use warnings;

use Exporter qw(import);
use FindBin;
use POSIX qw(sysconf _SC_CLK_TCK);
use Test::Whatsapp;

our @EXPORT = qw(start_nginx wrk measure_cpu compare median report);

my $seconds = $ENV{BENCH_SECONDS} || 5;
my $rounds = $ENV{BENCH_ROUNDS} || 5;


# start_nginx(test, name, conf of http{}, ready, modules => [paths]): the
# process of one more nginx, with one worker; waits until ready is true

sub start_nginx {
    my ($t, $name, $http, $ready, %opt) = @_;
    my $dir = $t->dir . "/tmp/$name";
    my ($conf, $globals, $nginx);

    mkdir $dir or die "mkdir $dir: $!\n";
    $globals = join '', map { "load_module $_;\n" } @{ $opt{modules} // [] };
    $globals .= "user $t->{user}{name};\n" if $t->user;

    $conf = $t->write_file("tmp/$name/nginx.conf", <<"END");
$globals
daemon off;
pid $dir/nginx.pid;
error_log $dir/error.log crit;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;
    $http
}
END
    $nginx = $t->spawn($name, [ $t->nginx_binary, '-c', $conf, '-e',
        "$dir/error.log" ]);
    wait_for($ready, 10, "nginx for $name");

    return $nginx;
}


# wrk(test, script, url, connections): one round; the script ends with a line
# "result REQUESTS MICROSECONDS WRONG MEDIAN_LATENCY_US"

sub wrk {
    my ($t, $script, $url, $connections) = @_;
    my ($status, $output);

    ($status, $output) = $t->command([ 'wrk', '-t1', '-c', $connections, '-d',
        $seconds . 's', '--timeout', '10s', '-s', "$FindBin::Bin/$script",
        $url ]);
    $output =~ /^result (\d+) (\d+) (\d+) (\d+)/m
        or die "wrk failed:\n$output\n";
    die "$url: $3 of $1 answers were wrong\n" if $3;

    return { requests => $1, rate => $1 / $2 * 1e6, latency => $4 };
}


# measure_cpu(pids, sub): the result of a round, and the microseconds of CPU
# that these processes took for a request

sub measure_cpu {
    my ($pids, $round) = @_;
    my $before = cpu_seconds($pids);
    my $result = $round->();

    $result->{cpu} = (cpu_seconds($pids) - $before) / $result->{requests}
        * 1e6;

    return $result;
}


# cpu_seconds(pids): user and system time of the processes so far

sub cpu_seconds {
    my ($pids) = @_;
    my $ticks = 0;

    for my $pid (@$pids) {
        open my $fh, '<', "/proc/$pid/stat" or die "pid $pid: $!\n";
        my @fields = split ' ', <$fh> =~ s/^.*\) //r;

        $ticks += $fields[11] + $fields[12];
    }

    return $ticks / sysconf(_SC_CLK_TCK);
}


# compare(title, ours, theirs, sub): rounds of both in turn, medians, ratios

sub compare {
    my ($title, $ours, $theirs, $measure) = @_;
    my (%rate, %latency, %cpu, @ratios);

    for my $round (1 .. $rounds) {
        for my $name ($round % 2 ? ($ours, $theirs) : ($theirs, $ours)) {
            my $result = $measure->($name);

            push @{ $rate{$name} }, $result->{rate};
            push @{ $latency{$name} }, $result->{latency};
            push @{ $cpu{$name} }, $result->{cpu} if $result->{cpu};
        }

        push @ratios, $rate{$ours}[-1] / $rate{$theirs}[-1];
    }

    report($title);
    report(sprintf '    %-13s %8.0f/s   p50 %6.2f ms', $_,
        median(@{ $rate{$_} }), median(@{ $latency{$_} }) / 1000)
        for $ours, $theirs;
    report(sprintf '    ratio %.2f  [%.2f..%.2f]', median(@ratios),
        (sort { $a <=> $b } @ratios)[0, -1]);
    return if !%cpu;

    report(sprintf '    CPU a request: %s %.1f us, %s %.1f us, ratio %.3f',
        map({ ($_, median(@{ $cpu{$_} })) } $ours, $theirs),
        median(@{ $cpu{$ours} }) / median(@{ $cpu{$theirs} }));
}


sub median {
    my @sorted = sort { $a <=> $b } @_;

    return $sorted[$#sorted / 2];
}


sub report {
    local $| = 1;
    print "$_[0]\n";
}


1;
