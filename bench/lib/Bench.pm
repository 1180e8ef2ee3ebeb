package Bench;

# What the benchmarks share: rounds of wrk in turn, medians and ratios, nginx
# beside the one of the harness, the peer, and what processes hold and use.
#
# environment: BENCH_SECONDS a round (2), BENCH_ROUNDS (5)

use strict;
use warnings;

use Exporter qw(import);
use FindBin;
use POSIX qw(sysconf _SC_CLK_TCK);
use Test::Whatsapp;
use Test::Whatsapp::Process qw(descendants);

our @EXPORT = qw(start_nginx start_peer wrk measure_cpu cpu_seconds memory
    compare median report);

my $seconds = $ENV{BENCH_SECONDS} || 2;
my $rounds = $ENV{BENCH_ROUNDS} || 5;


# start_nginx(test, name, conf of http{}, ready, modules => [paths]): the
# process of one more nginx, with one worker; waits until that is there and
# ready is true

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
    wait_for(sub { descendants($nginx->pid) && $ready->() }, 10,
        "nginx for $name");

    return $nginx;
}


# start_peer(test, stand-in, sessions => 1, timeout => s, chromium => file): its
# process, once all sessions are ready, and its port

sub start_peer {
    my ($t, $standin, %opt) = @_;
    my $port = $t->port('peer');
    my $app = $t->dir . '/app/bench';
    my %env = (HOME => "$app/profile");
    my ($node, @user);

    $env{CHROMIUM} = $opt{chromium} if $opt{chromium};
    system('cp', '-R', $t->root . '/bench', $app) == 0 or die "cp failed\n";
    mkdir "$app/profile" or die "mkdir: $!\n";

    if ($t->user) {
        chown $t->user->{uid}, $t->user->{gid}, "$app/profile";
        @user = ('setpriv', "--reuid=$t->{user}{name}",
            "--regid=$t->{user}{name}", '--clear-groups');
    }

    $node = $t->spawn('peer', [ @user, 'node', "$app/peer.js", $port,
        $standin->web_url,
        "$app/node_modules/\@wppconnect/wa-js/dist/wppconnect-wa.js",
        "$app/profile", $t->token, $opt{sessions} // 1 ], env => \%env);
    $node->expect(qr/^listening/m, $opt{timeout} // 90);

    return ($node, $port);
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


# measure_cpu(pids, sub, browsers' pids): the result of a round, and the
# microseconds of CPU that these processes took for a request

sub measure_cpu {
    my ($pids, $round, $browser) = @_;
    my %pids = (cpu => $pids, $browser ? (browser => $browser) : ());
    my %before = map { $_ => cpu_seconds($pids{$_}) } keys %pids;
    my $result = $round->();

    $result->{$_} = (cpu_seconds($pids{$_}) - $before{$_})
        / $result->{requests} * 1e6 for keys %pids;

    return $result;
}


# cpu_seconds(pids): user and system time so far of those that are there

sub cpu_seconds {
    my ($pids) = @_;
    my $ticks = 0;

    for my $pid (@$pids) {
        open my $fh, '<', "/proc/$pid/stat" or next;
        my @fields = split ' ', (<$fh> // next) =~ s/^.*\) //r;

        $ticks += $fields[11] + $fields[12];
    }

    return $ticks / sysconf(_SC_CLK_TCK);
}


# memory(pids): what they hold, in MB: resident, in proportion to who shares it,
# and of that what is in no file

sub memory {
    my (@pids) = @_;
    my %sum = (Rss => 0, Pss => 0, Pss_Anon => 0);

    for my $pid (@pids) {
        open my $fh, '<', "/proc/$pid/smaps_rollup" or next;

        while (my $line = <$fh>) {
            $sum{$1} += $2 / 1024
                if $line =~ /^(Rss|Pss|Pss_Anon):\s+(\d+) kB/;
        }
    }

    return \%sum;
}


# compare(title, ours, theirs, sub): rounds of both in turn, medians, ratios, and
# in brackets their range over the rounds

sub compare {
    my ($title, $ours, $theirs, $measure) = @_;
    my (%of, %ratios);

    for my $round (1 .. $rounds) {
        for my $name ($round % 2 ? ($ours, $theirs) : ($theirs, $ours)) {
            my $result = $measure->($name);

            push @{ $of{$name}{$_} }, $result->{$_}
                for grep { $result->{$_} } qw(rate latency cpu browser);
        }

        push @{ $ratios{$_} }, $of{$ours}{$_}[-1] / $of{$theirs}{$_}[-1]
            for grep { $of{$theirs}{$_} } qw(rate cpu browser);
    }

    report($title);
    report(sprintf '    %-13s %8.0f/s +-%.0f %%   p50 %6.2f ms', $_,
        median(@{ $of{$_}{rate} }), noise(@{ $of{$_}{rate} }),
        median(@{ $of{$_}{latency} }) / 1000) for $ours, $theirs;
    report('    ratio ' . spread(@{ $ratios{rate} }));

    for my $part (grep { $ratios{$_->[0]} } [ cpu => 'CPU a request' ],
        [ browser => 'the same of Chromium' ])
    {
        my ($member, $name) = @$part;

        report(sprintf "    $name: %s %.1f us, %s %.1f us, ratio %s",
            map({ ($_, median(@{ $of{$_}{$member} })) } $ours, $theirs),
            spread(@{ $ratios{$member} }));
    }
}


# noise(rates): half of their range, in % of the median

sub noise {
    my @sorted = sort { $a <=> $b } @_;

    return 50 * ($sorted[-1] - $sorted[0]) / median(@sorted);
}


sub spread {
    my @sorted = sort { $a <=> $b } @_;

    return sprintf '%.2f  [%.2f..%.2f]', median(@sorted), @sorted[0, -1];
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
