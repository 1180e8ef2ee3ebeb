package Test::Whatsapp;

# The harness: an own directory, own ports and own processes for each test
# file, in the idiom of Test::Nginx, on core Perl only.
#
#     my $t = Test::Whatsapp->new();
#     $t->fake_controller();             # or $t->standin(), $t->controller()
#     $t->run(<<'EOF');                  # an nginx.conf; one is built in
#     is($t->send('15550000002', $t->canary('text'))->status, 200, 'sent');
#     $t->done();
#
# done() stops everything and adds the tests of Test::Whatsapp::Checks: nothing
# personal in logs and files, no alerts, nothing left behind.
#
# environment: TEST_NGINX_BINARY, TEST_WHATSAPP_MODULE,
#     TEST_WHATSAPP_CONTROLLER (other builds), CHROMIUM_SANDBOX (on, off),
#     TEST_WHATSAPP_LEAVE (keep the directory), TEST_WHATSAPP_VERBOSE,
#     TEST_WHATSAPP_ANSWERS (append requests and answers to this file)

use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Test::More;

use Test::Whatsapp::Audit;
use Test::Whatsapp::Checks;
use Test::Whatsapp::Controller;
use Test::Whatsapp::Http;
use Test::Whatsapp::Process qw(wait_for reached find_processes is_alive);
use Test::Whatsapp::Redis;
use Test::Whatsapp::Requests qw(graph_error error_type text_message encode $session
    $version);
use Test::Whatsapp::Standin;

our @EXPORT = qw(wait_for reached graph_error error_type text_message encode $session
    $version);

our @ISA = ('Test::Whatsapp::Requests');

my $root = abs_path(dirname(__FILE__) . '/../../..');
my @tests;


# new(timeout => seconds for the whole file)

sub new {
    my ($class, %opt) = @_;
    my ($self, $fast);

    $self = bless {
        root => $root, canaries => [], kinds => {}, processes => [],
        ports => {}, locks => [], allowed => [], owner => $$,
    }, $class;

    push @tests, $self;

    # a test that hangs ends through END, which cleans up
    $SIG{ALRM} = sub { die "the test file took too long\n" };
    $SIG{INT} = $SIG{TERM} = sub { exit 130 };
    $SIG{PIPE} = 'IGNORE';
    alarm($opt{timeout} // 400);

    ($fast) = grep { defined && -d && -w } $ENV{XDG_RUNTIME_DIR}, '/dev/shm';
    die "neither \$XDG_RUNTIME_DIR nor /dev/shm is writable\n" if !$fast;

    # the umask of a developer must not keep www-data out
    umask 022;
    $self->{dir} = tempdir('/tmp/wa-XXXXXX', CLEANUP => 0);
    $self->{runtime} = tempdir("$fast/wa-XXXXXX", CLEANUP => 0);
    chmod 0755, $self->{dir}, $self->{runtime};

    $self->_directories;
    $self->_user;
    $self->{audit} = Test::Whatsapp::Audit->new($self);

    delete @ENV{ grep { /_proxy$/i } keys %ENV };
    $self->{token} = $self->canary('token');
    $self->tokens($self->{token});

    return $self;
}


sub _directories {
    my ($self) = @_;

    # client/ and parts/ belong to the test itself and may hold anything
    for my $name (qw(nginx nginx/html nginx/temp state tmp app client parts
        sanitizer))
    {
        mkdir "$self->{dir}/$name" or die "mkdir $name: $!\n";
    }

    chmod 01777, "$self->{dir}/tmp", "$self->{dir}/sanitizer";
    chmod 0700, "$self->{dir}/state";
}


# As root nothing but nginx' master stays root: the workers and the controller
# run as www-data.

sub _user {
    my ($self) = @_;
    my @user;

    return if $> != 0;

    @user = getpwnam 'www-data' or die "there is no user www-data\n";
    $self->{user} = { name => 'www-data', uid => $user[2], gid => $user[3] };
    chown $user[2], $user[3], "$self->{dir}/state", $self->{runtime};
}


sub dir { $_[0]{dir} }

sub runtime { $_[0]{runtime} }

sub root { $_[0]{root} }

sub user { $_[0]{user} }

sub token { $_[0]{token} }


# canary(kind): a text that appears nowhere else; it must never be found in a
# log, in Redis or in a file

sub canary {
    my ($self, $kind) = @_;
    my $canary = sprintf 'canary%s%08x%08x', $kind // '', rand(2 ** 32),
        rand(2 ** 32);

    push @{ $self->{canaries} }, $canary;
    $self->{kinds}{$canary} = $kind // 'text';

    return $canary;
}


# tokens(plain tokens): writes the file of their digests, returns its path

sub tokens {
    my ($self, @tokens) = @_;

    return $self->write_file('nginx/tokens',
        join '', map { sha256_hex($_) . "\n" } @tokens);
}


# write_file(name below the test's directory, content): its full path

sub write_file {
    my ($self, $name, $content) = @_;
    my $path = "$self->{dir}/$name";

    open my $fh, '>', $path or die "open $path: $!\n";
    print {$fh} $content;
    close $fh or die "write $path: $!\n";

    return $path;
}


sub read_file {
    my ($self, $name) = @_;

    open my $fh, '<', "$self->{dir}/$name" or return '';
    local $/;
    return <$fh> // '';
}


# stage(name, file): a copy that www-data can read wherever the clone lies, and
# that stays as it is when the file is built anew meanwhile; its path

sub stage {
    my ($self, $name, $file) = @_;
    my $staged = "$self->{dir}/app/$name";

    if (!-e $staged) {
        copy($file, $staged) or die "copy $file: $!\n";
        chmod 0755, $staged;
    }

    return $staged;
}


# spawn(name, argv, %opt of Process->new): starts a process of this test

sub spawn {
    my ($self, $name, $argv, %opt) = @_;
    my ($env, $process, $reports);

    $reports = "log_path=$self->{dir}/sanitizer/$name";
    $env = {
        TMPDIR       => "$self->{dir}/tmp",
        ASAN_OPTIONS => join(':', $ENV{ASAN_OPTIONS} // (), $reports),
        UBSAN_OPTIONS => join(':', $ENV{UBSAN_OPTIONS} // (), $reports),
        %{ delete $opt{env} // {} },
    };

    $opt{log} //= "$self->{dir}/parts/$name.log";
    $argv = $self->{audit}->wrap($name, $argv) if $self->{audit};
    $process = Test::Whatsapp::Process->new($name, $argv, %opt,
        env => $env);
    push @{ $self->{processes} }, $process;

    return $process;
}


# port(8080): the free port that stands for 127.0.0.1:8080 in nginx.conf

sub port {
    my ($self, $name) = @_;

    $name //= 8080;

    return $self->{ports}{$name} //= $self->_free_port;
}


# A bound UDP socket reserves the number among test files that run at once.

sub _free_port {
    my ($self) = @_;

    for (1 .. 500) {
        my $port = 12000 + int rand 18000;
        my ($lock, $tcp);

        $lock = IO::Socket::INET->new(Proto => 'udp',
            LocalAddr => "127.0.0.1:$port") or next;
        $tcp = IO::Socket::INET->new(Proto => 'tcp', Listen => 1,
            LocalAddr => "127.0.0.1:$port", ReuseAddr => 1) or next;

        close $tcp;
        push @{ $self->{locks} }, $lock;
        return $port;
    }

    die "no free port\n";
}


# ==== parts ====

sub standin {
    my ($self, %opt) = @_;

    return $self->{standin} if $self->{standin} && !%opt;
    return $self->{standin} = Test::Whatsapp::Standin->start($self, %opt);
}


sub controller {
    my ($self, %opt) = @_;

    return $self->{controller} if $self->{controller} && !%opt;
    return $self->{controller}
        = Test::Whatsapp::Controller->start($self, %opt);
}


sub fake_controller {
    my ($self) = @_;

    return $self->{fake}
        //= Test::Whatsapp::FakeController->start($self);
}


# redis(): a connection to an own server without persistence

sub redis {
    my ($self) = @_;
    my ($path, $conf);

    $path = "$self->{dir}/tmp/redis.sock";

    if (!$self->{redis}) {
        $conf = $self->write_file('parts/redis.conf', <<"END");
port 0
unixsocket $path
unixsocketperm 777
dir $self->{dir}/tmp
save ""
appendonly no
END
        $self->{redis} = $self->spawn('redis', ['redis-server', $conf]);
        wait_for(sub {
            eval { Test::Whatsapp::Redis->connect($path)->command('PING') }
        }, 60, 'redis');
    }

    return Test::Whatsapp::Redis->connect($path);
}


# ==== nginx ====

sub nginx_binary {
    my ($binary) = grep { defined && -x } $ENV{TEST_NGINX_BINARY},
        '/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx';

    return $binary // die "nginx was not found\n";
}


sub module {
    my ($self) = @_;

    return $ENV{TEST_WHATSAPP_MODULE}
        // "$root/build/ngx_http_whatsapp_module.so";
}


# socket(): the controller's socket, where a server line points to

sub socket { "$_[0]{runtime}/controller.sock" }


# conf(text, workers => 1, level => 'info'): writes nginx.conf, its marks
# replaced:  %%GLOBALS%% %%GLOBALS_HTTP%% %%CONTROLLER%% %%TOKENS%% %%DIR%%
# and 127.0.0.1:80xx

sub conf {
    my ($self, $text, %opt) = @_;
    my ($dir, $globals, $http, $level, %marks);

    $dir = "$self->{dir}/nginx";
    $level = $opt{level} // 'info';

    $globals = 'load_module '
        . $self->stage('module.so', $self->module) . ";\n"
        . ($self->{user} ? "user $self->{user}{name};\n" : '')
        . 'worker_processes ' . ($opt{workers} // 1) . ";\n"
        . "daemon off;\npid $dir/nginx.pid;\n"
        . "error_log $dir/error.log $level;\n"
        . "worker_shutdown_timeout 15s;\n"
        . ($self->{audit} ? $self->{audit}->globals : '');

    $http = "access_log $dir/access.log combined;\nroot $dir/html;\n"
        . join '', map { "${_}_temp_path $dir/temp/$_;\n" }
        qw(client_body proxy fastcgi uwsgi scgi);
    $http .= $self->{audit}->globals_http if $self->{audit};

    %marks = (
        GLOBALS => $globals, GLOBALS_HTTP => $http, DIR => $self->{dir},
        CONTROLLER => 'unix:' . $self->socket, TOKENS => "$dir/tokens",
    );

    $text //= $self->default_conf;
    $text =~ s{%%([A-Z_]+)%%}{ $marks{$1} // die "unknown mark $1\n" }ge;
    $self->{listening} = [$text =~ /listen 127\.0\.0\.1:(80\d\d)\b/g];
    $self->{wanted} = $text =~ /^worker_processes (\d+);$/m ? $1 : 1;
    $text =~ s{127\.0\.0\.1:(80\d\d)\b}{'127.0.0.1:' . $self->port($1)}ge;

    return $self->write_file('nginx/nginx.conf', $text);
}


# default_conf(directives): the sample of the README with the limits left out,
# and with these directives in the location

sub default_conf {
    my ($self, @directives) = @_;
    my $more = join '', map { "\n            $_" } @directives;

    return <<"END";
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    upstream whatsapp {
        server %%CONTROLLER%% max_fails=0;
        keepalive 32;
    }

    server {
        listen 127.0.0.1:8080;
        listen 127.0.0.1:8081 http2;

        location /whatsapp/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;$more
        }
    }
}
END
}


# nginx_t(text): (exit status, output) of nginx -t, which leaves its pools to
# the end of the process

sub nginx_t {
    my ($self, $text, %opt) = @_;
    my ($process, $output);

    $self->conf($text, %opt);
    unlink "$self->{dir}/parts/nginx-t.log";
    $process = $self->spawn('nginx-t', [ $self->_nginx_argv, '-t' ], env => {
        ASAN_OPTIONS => join(':', $ENV{ASAN_OPTIONS} // (),
            "log_path=$self->{dir}/sanitizer/nginx-t", 'detect_leaks=0'),
    });
    # a name that is not found may take the resolver a while
    wait_for(sub { !$process->running }, 180, 'nginx -t');

    return ($process->status >> 8 || $process->status, $process->output);
}


# conf_line(output): the line of the configuration that the error in nginx_t's
# output names, or ""

sub conf_line {
    my ($output) = @_;
    my ($file, $line, @lines);

    ($file, $line) = $output =~ /\[emerg\].* in (\/\S+):(\d+)$/m
        or return '';
    open my $fh, '<', $file or die "$file: $!";
    @lines = readline $fh;

    return $lines[$line - 1] // '';
}


sub _nginx_argv {
    my ($self) = @_;

    return (nginx_binary(), '-p', "$self->{dir}/nginx/", '-e',
        "$self->{dir}/nginx/error.log", '-c',
        "$self->{dir}/nginx/nginx.conf");
}


# run(conf text): starts nginx and waits until it takes connections and all its
# workers are there; before, reload() could not tell the old ones from the new

sub run {
    my ($self, $text, %opt) = @_;
    my ($nginx, $pid_file);

    $self->conf($text, %opt);
    $pid_file = "$self->{dir}/nginx/nginx.pid";
    $nginx = $self->{nginx} = $self->spawn('nginx', [ $self->_nginx_argv ]);

    wait_for(sub {
        die "nginx did not start:\n" . $nginx->output . "\n"
            if !$nginx->running;
        return -s $pid_file;
    }, 60, 'nginx');

    for my $name (@{ $self->{listening} }) {
        my $address = '127.0.0.1:' . $self->port($name);

        wait_for(sub { IO::Socket::INET->new(PeerAddr => $address) }, 60,
            $address);
    }

    wait_for(sub { $self->workers >= $self->{wanted} }, 60, 'workers');

    return $self;
}


sub nginx { $_[0]{nginx} }


# workers(): pids of the workers that are not shutting down

sub workers {
    my ($self) = @_;

    return grep { _is_worker($_) } map { $_->{pid} }
        Test::Whatsapp::Process::descendants($self->{nginx}->pid);
}


sub _is_worker {
    my ($pid) = @_;

    open my $fh, '<', "/proc/$pid/cmdline" or return 0;
    my $title = <$fh> // '';

    return $title =~ /worker process/ && $title !~ /shutting down/;
}


# reload(): SIGHUP, and waits until workers of the new cycle are all there is

sub reload {
    my ($self) = @_;
    my %old = map { $_ => 1 } $self->workers;

    $self->{nginx}->signal('HUP');

    wait_for(sub {
        my @now = $self->workers;

        return @now >= $self->{wanted} && !grep { $old{$_} } @now;
    }, 60, 'new workers');
}


sub stop_nginx {
    my ($self, $signal) = @_;

    return $self->{nginx}->stop($signal // 'TERM', 20);
}


sub error_log { $_[0]->read_file('nginx/error.log') }

sub access_log { $_[0]->read_file('nginx/access.log') }


# allow_alert(regex): a line of error.log that this test brings about

sub allow_alert {
    my ($self, $regex) = @_;

    push @{ $self->{allowed} }, $regex;
}


# ==== end ====

# stop(): ends all processes, callers before what they call; the names of
# those that did not end in time

sub stop {
    my ($self) = @_;
    my @late;

    for my $process (reverse @{ $self->{processes} }) {
        next if !$process->running;
        push @late, $process->name if !$process->stop('TERM', 20);
    }

    return @late;
}


# done(): stops everything, adds the implicit tests and ends the plan

sub done {
    my ($self) = @_;

    Test::Whatsapp::Checks::run($self);
    $self->_cleanup;
    done_testing();
}


sub _cleanup {
    my ($self) = @_;
    my @left;

    return if $self->{cleaned}++ || $self->{owner} != $$;

    alarm 0;
    local $SIG{ALRM} = 'IGNORE';
    $self->stop;

    # what our own processes started and left
    for my $path ($self->{dir}, $self->{runtime}) {
        kill 'KILL', $_->{pid} for find_processes($path);
        @left = (@left, find_processes($path));
    }
    eval { wait_for(sub { !grep { is_alive($_) } @left }, 5) };

    if ($ENV{TEST_WHATSAPP_LEAVE}) {
        diag("left: $self->{dir} $self->{runtime}");
        return;
    }

    remove_tree($self->{dir}, $self->{runtime}, { safe => 0 });
}


END {
    my $status = $?;

    for my $test (@tests) {
        next if $test->{owner} != $$;
        diag($test->failure_report)
            if $status && !$test->{cleaned} && $ENV{TEST_WHATSAPP_VERBOSE};
        $test->_cleanup;
    }

    $? = $status;
}


# failure_report(): the ends of all logs, for a test that failed

sub failure_report {
    my ($self) = @_;
    my $report = '';

    for my $log ("$self->{dir}/nginx/error.log",
        glob("$self->{dir}/parts/*.log"))
    {
        open my $fh, '<', $log or next;
        my @lines = <$fh>;
        $report .= "==== $log\n"
            . join '', @lines > 40 ? @lines[-40 .. -1] : @lines;
    }

    return $report;
}


1;
