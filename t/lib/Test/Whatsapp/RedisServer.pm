package Test::Whatsapp::RedisServer;

# A real Redis that a test may stop, kill, freeze and start again at the same
# address, and what the tests of whatsapp_abuse share.

use strict;
use warnings;

use Exporter qw(import);
use Test::Whatsapp::Process qw(wait_for);
use Test::Whatsapp::Redis;
use Time::HiRes qw(time);

our @EXPORT = qw(abuse_conf patient from timed lines counter seen_by_all);


# start(test, name => 'redis', conf => lines of redis.conf, listen => 'tcp',
#     idle => 1: not yet)

sub start {
    my ($class, $t, %opt) = @_;
    my ($self, $name, $listen);

    $name = $opt{name} // 'redis';
    $self = bless {
        t => $t, name => $name, path => $t->dir . "/tmp/$name.sock",
    }, $class;

    $listen = 'port 0';

    if (($opt{listen} // '') eq 'tcp') {
        $self->{port} = $t->port("redis $name");
        $listen = "bind 127.0.0.1\nport $self->{port}";
    }

    mkdir $t->dir . "/parts/$name";
    $self->{conf} = $t->write_file("parts/$name.conf", <<"END");
$listen
unixsocket $self->{path}
unixsocketperm 777
dir @{[ $t->dir ]}/parts/$name
save ""
appendonly no
enable-debug-command yes
@{[ $opt{conf} // '' ]}
END
    $self->up if !$opt{idle};

    return $self;
}


# address(): what redis= needs

sub address {
    my ($self) = @_;

    return $self->{port} ? "127.0.0.1:$self->{port}" : "unix:$self->{path}";
}


sub up {
    my ($self) = @_;

    unlink $self->{path};
    $self->{process} = $self->{t}->spawn($self->{name},
        [ 'redis-server', $self->{conf} ]);
    wait_for(sub {
        eval { $self->command('PING') } || $@ =~ /^redis: NOAUTH/
    }, 60, $self->{name});

    return $self;
}


sub connect { Test::Whatsapp::Redis->connect($_[0]{path}) }


# command(words): on a connection of its own

sub command {
    my ($self, @words) = @_;

    return $self->connect->command(@words);
}


sub ban {
    my ($self, $key, $seconds) = @_;

    return $self->command('SET', "wa:abuse:$key", 1,
        $seconds ? ('EX', $seconds) : ());
}


sub unban { $_[0]->command('DEL', "wa:abuse:$_[1]") }

sub ttl { $_[0]->command('PTTL', "wa:abuse:$_[1]") }

sub freeze { $_[0]{process}->signal('STOP') }

sub thaw { $_[0]{process}->signal('CONT') }

sub kill {
    my ($self) = @_;

    unlink $self->{path};
    return $self->{process}->stop('KILL', 20);
}


sub down { $_[0]{process}->stop('TERM', 20) }


# monitor(): a connection that hears of every command; monitored() returns
# the lines so far

sub monitor {
    my ($self) = @_;
    my $connection = $self->connect;

    $connection->command('MONITOR');

    return $connection;
}


sub monitored {
    my ($self, $monitor) = @_;
    my ($mark, @lines, $line);

    $mark = sprintf 'mark%d', rand 1e9;
    $self->command('ECHO', $mark);

    while (defined($line = readline $monitor->{socket})) {
        last if index($line, $mark) >= 0;
        push @lines, $line;
    }

    return @lines;
}


# patient(server): the parameters of a zone that asks this server, with a
# timeout that no test waits for, however busy the machine is

sub patient { 'redis=' . $_[0]->address . ' timeout=10s' }


# abuse_conf(parameters of the zone, lines in the server, http => lines):
# an nginx.conf whose server believes X-Real-IP of the tests

sub abuse_conf {
    my ($zone, $server, %opt) = @_;
    my $http = $opt{http} // '';

    return <<"END";
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    log_format abuse '\$status \$whatsapp_abuse_status '
                     '\$whatsapp_abuse_cache \$request_uri';
    access_log %%DIR%%/nginx/abuse.log abuse;

    whatsapp_abuse_zone zone=abuse:2m $zone;
    $http

    server {
        listen 127.0.0.1:8080 reuseport;
        listen 127.0.0.1:8081 http2;

        set_real_ip_from 127.0.0.1;
        real_ip_header X-Real-IP;
        add_header X-Worker \$pid always;
        add_header X-Abuse "\$whatsapp_abuse_status \$whatsapp_abuse_cache"
                   always;

        whatsapp_abuse zone=abuse;
        $server

        location = /metrics {
            whatsapp_abuse off;
            whatsapp_status;
        }
    }
}
END
}


# from(test, address, uri, %opt): the response to a client of this address

sub from {
    my ($t, $address, $uri, %opt) = @_;

    return $t->request(delete $opt{method} // 'GET', $uri // '/', %opt,
        token => undef, headers => {
            'X-Real-IP' => $address, Connection => 'close',
            %{ $opt{headers} // {} },
        });
}


# timed(code): (what it returns, seconds it took)

sub timed {
    my ($code) = @_;
    my $began = time();
    my $result = $code->();

    return ($result, time() - $began);
}


# lines(test, regex): how many lines of the error log match

sub lines {
    my ($t, $regex) = @_;

    return scalar grep { /$regex/ } split /\n/, $t->error_log;
}


# counter(test, name): whatsapp_abuse_<name>_total of the zone "abuse"

sub counter {
    my ($t, $name) = @_;
    my $page = from($t, '192.0.2.2', '/metrics')->body;

    $page =~ /^whatsapp_abuse_${name}_total\{zone="abuse"\} (\d+)$/m
        or die "no counter $name:\n$page\n";

    return $1;
}


# seen_by_all(test, address, status): whether each worker comes to answer so,
# and none differently; in less than the 30 s after which it would have asked
# Redis again, without having heard of a change

sub seen_by_all {
    my ($t, $address, $status) = @_;
    my $workers = $t->workers;

    return eval {
        wait_for(sub {
            my %seen;

            for (1 .. 200) {
                my $response = from($t, $address, '/');

                return 0 if $response->status != $status;
                $seen{ $response->header('X-Worker') } = 1;
                return 1 if keys %seen == $workers;
            }

            return 0;
        }, 25, "$status from each worker");
    };
}


1;
