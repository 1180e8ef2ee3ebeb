package Test::Whatsapp::Controller;

# The real controller with the real Chromium (or another program in its
# place).

use strict;
use warnings;

use IO::Socket::UNIX;
use JSON::PP;
use Test::Whatsapp::Http;
use Test::Whatsapp::Process qw(wait_for descendants);
use Time::HiRes qw(time);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;


# neighbours(): sessions that share the browser with those of a test, if it
# runs with TEST_SHARED=N, the number of sessions a browser

sub neighbours {
    return map { "90000000000000$_" } 1 .. ($ENV{TEST_SHARED} // 1) - 1;
}


# start(test, sessions => [ids], args => [options], chromium => file,
#     web_url => url, config => file, alone => bool, kept => bool)
#
# kept: the listening socket outlives each process, as under systemd.
#
# With config, that file says which sessions there are, how fast they send and
# what is logged. With alone, there are no neighbours: what is tested is divided
# by the number of sessions, or counted over all of them.

sub start {
    my ($class, $t, %opt) = @_;
    my $self;

    $self = bless { t => $t, socket => $t->socket, opt => \%opt }, $class;
    $self->{listening} = listening($self->{socket}) if $opt{kept};
    $self->restart;

    return $self;
}


sub listening {
    my ($path) = @_;
    my ($umask, $socket);

    $umask = umask 0117;
    $socket = IO::Socket::UNIX->new(Local => $path, Listen => 511)
        or die "listen on $path: $!\n";
    umask $umask;

    return $socket;
}


sub argv {
    my ($self) = @_;
    my ($t, $opt, @argv);

    $t = $self->{t};
    $opt = $self->{opt};

    @argv = (
        $t->stage('whatsapp-controller', binary($t)),
        '--listen', 'unix:' . $self->{socket},
        '--state-dir', $t->dir . '/state',
        '--runtime-dir', $t->runtime,
        '--web-url', $opt->{web_url} // $t->standin->web_url,
        '--wa-js', $t->stage('wppconnect-wa.js', wa_js($t)),
        '--chromium-sandbox', $ENV{CHROMIUM_SANDBOX} // 'on',
    );

    push @argv, '--sessions-per-browser', $ENV{TEST_SHARED},
        map { ('--session', $_) } neighbours()
        if $ENV{TEST_SHARED} && !$opt->{alone}
            && @{ $opt->{sessions} // [1] };
    push @argv, '--chromium', $opt->{chromium} if $opt->{chromium};
    push @argv, $opt->{config} ? ('--config', $opt->{config}) : (
        '--log-level', 'info',
        map({ ('--session', $_) }
            @{ $opt->{sessions} // [$Test::Whatsapp::Requests::session] }),
        $opt->{paced} ? ()
            : ('--send-rate', 0, '--pair-rate', 0, '--code-rate', 0));

    if ($t->user) {
        push @argv, '--user', $t->user->{name}, '--socket-group',
            $t->user->{name}, '--allow-user', 'root';
    }

    return [ @argv, @{ $opt->{args} // [] } ];
}


# foreground(test, argv): the command line of a controller that is to end by itself,
# --probe or --link, beside the one of the test

sub foreground {
    my ($t, @args) = @_;
    my $self = bless { t => $t, socket => $t->socket,
        opt => { sessions => [], args => \@args } }, __PACKAGE__;

    return $self->argv;
}


sub binary {
    my ($t) = @_;

    return $ENV{TEST_WHATSAPP_CONTROLLER}
        // $t->root . '/build/whatsapp-controller';
}


sub wa_js {
    my ($t) = @_;

    return $t->root . '/controller/bridge/node_modules/@wppconnect/wa-js'
        . '/dist/wppconnect-wa.js';
}




# restart(): starts it (again) and waits until it listens

sub restart {
    my ($self) = @_;

    $self->{process} = $self->{t}->spawn('controller', $self->argv,
        env => $self->{opt}{env} // {}, listening => $self->{listening});

    wait_for(sub {
        die "the controller did not start:\n" . $self->log . "\n"
            if !$self->{process}->running;
        return $self->{listening} || eval {
            Test::Whatsapp::Http->connect($self->{socket})
        };
    }, 120, 'the controller to listen');
}


sub process { $_[0]{process} }

sub pid { $_[0]{process}->pid }

sub socket { $_[0]{socket} }

sub log { $_[0]{process}->output }


# request(method, path, %opt of Http::request): on the controller's socket

sub request {
    my ($self, $method, $path, %opt) = @_;
    my ($connection, $response);

    $opt{body} = $json->encode($opt{body}) if ref $opt{body};
    $connection = Test::Whatsapp::Http->connect($self->{socket},
        timeout => $opt{timeout} // 30);
    $connection->request($method, $path, %opt);
    $response = $connection->response(method => $method);
    $connection->close;

    return $response // die "controller: $method $path: no answer\n";
}


# call(method, params, key => text, deadline => ms)

sub call {
    my ($self, $method, $params, %opt) = @_;

    return $self->request('POST',
        '/v1/sessions/' . ($opt{session} // $Test::Whatsapp::Requests::session)
            . '/call',
        body => { method => $method, params => $params },
        headers => {
            defined $opt{key} ? ('Idempotency-Key' => $opt{key}) : (),
            'X-Deadline-Ms' => $opt{deadline} // 20000,
        });
}


sub session {
    my ($self, $id) = @_;

    return $self->request('GET',
        '/v1/sessions/' . ($id // $Test::Whatsapp::Requests::session))->json;
}


sub state { $_[0]->session($_[1])->{state} }


# wait_state(regex, seconds, id): the session object once its state matches

sub wait_state {
    my ($self, $regex, $seconds, $id) = @_;
    my $last = '';

    return eval {
        wait_for(sub {
            my $session = $self->session($id);
            $last = $session->{state} // '';
            return $last =~ /^(?:$regex)$/ ? $session : undef;
        }, $seconds // 120, "state $regex")
    } // die "$@ last state: $last, log:\n" . $self->log;
}


# metric(name, label): its value, of several the first one with a label such as
# 'lane="sends"' that is not a neighbour's

sub metric {
    my ($self, $name, $label) = @_;
    my $page = $self->request('GET', '/metrics')->body;

    $label //= '';
    for ($page =~ /^\Q$name\E(?:\{[^}]*\Q$label\E[^}]*\})? \d+$/mg) {
        return (split)[1] if !/session="90000000000000\d"/;
    }

    die "no metric $name $label:\n$page\n";
}


# wait_waiters(count): waits until exactly so many requests wait for an answer:
# those that were sent have arrived, those of clients that left are given up

sub wait_waiters {
    my ($self, $count) = @_;

    wait_for(sub {
        $self->metric('whatsapp_controller_waiters') == $count
    }, 60, "$count waiters at the controller");
}


sub wait_ready { $_[0]->wait_state('ready', $_[1], $_[2]) }


# browsers(): the process entries of Chromiums' main processes
# browser(): the first of them

sub browsers {
    my ($self) = @_;

    return grep { _is($_, qr/remote-debugging-pipe/, qr/--type=/) }
        descendants($self->pid);
}

sub browser { ($_[0]->browsers)[0] }


# renderer(): the process entry of the renderer of the test's session, else of
# the one that uses most memory: the one that holds a page

sub renderer {
    my ($self) = @_;
    my @renderers;

    @renderers = grep { _is($_, qr/--type=renderer/, qr/^$/) }
        descendants($self->pid);

    return (@renderers > 1 && $ENV{TEST_SHARED} && $self->_busiest(@renderers))
        || (sort {
            Test::Whatsapp::Process::resident_kb($b->{pid})
                <=> Test::Whatsapp::Process::resident_kb($a->{pid})
        } @renderers)[0];
}


# _busiest(entries): the one that works when the session's page is asked, or
# undef when that can't be told

sub _busiest {
    my ($self, @entries) = @_;
    my $until = time() + 10;

    while (time() < $until && $self->state eq 'ready') {
        my %before = map { $_->{pid} => _used($_) } @entries;
        my ($first, $second);

        for (1 .. 10) {
            return undef if $self->call('block.list', {})->status != 200;
        }

        ($first, $second) = sort { $b->[1] <=> $a->[1] }
            map { [ $_, _used($_) - $before{ $_->{pid} } ] } @entries;

        return $first->[0] if $first->[1] > 3 * $second->[1];
    }

    return undef;
}


# _used(entry): how long its main thread has run, in ns

sub _used {
    open my $fh, '<', "/proc/$_[0]{pid}/schedstat" or return 0;

    return (split ' ', <$fh> // 0)[0];
}


sub _is {
    my ($entry, $with, $without) = @_;

    open my $fh, '<', "/proc/$entry->{pid}/cmdline" or return 0;
    my $line = <$fh> // return 0;

    return $entry->{state} ne 'Z' && $line =~ $with && $line !~ $without;
}


package Test::Whatsapp::FakeController;

# t/fake/controller: plays faults of a controller that the real one can't be
# made to show, and answers at full speed.

use Test::Whatsapp::Http;
use Test::Whatsapp::Process qw(wait_for);


# start(test, socket): on the test's socket, or on another one

sub start {
    my ($class, $t, $socket) = @_;
    my $self = bless { t => $t, socket => $socket // $t->socket }, $class;

    $self->restart;

    return $self;
}


sub restart {
    my ($self) = @_;
    my $t = $self->{t};

    $self->{process} = $t->spawn('fake-controller',
        [$^X, $t->root . '/t/fake/controller', $self->{socket}]);

    wait_for(sub {
        die "the fake controller did not start\n"
            if !$self->{process}->running;
        return eval { Test::Whatsapp::Http->connect($self->{socket}) };
    }, 60, 'the fake controller to listen');
}


sub process { $_[0]{process} }


sub _control {
    my ($self, $method, $path, $body) = @_;
    my ($connection, $response);

    $connection = Test::Whatsapp::Http->connect($self->{socket});
    $connection->request($method, "/fake/$path",
        body => defined $body ? $json->encode($body) : undef);
    $response = $connection->response(method => $method);
    $connection->close;

    die "fake controller: $path: "
        . ($response ? $response->body : 'no answer') . "\n"
        if !$response || $response->status != 200;

    return $response->json;
}


# next(behaviours): how the next requests are treated, one each; see
# t/fake/controller

sub next { shift->_control('POST', 'next', [@_]) }

# always(behaviour): how all others are treated from now on

sub always { $_[0]->_control('POST', 'always', $_[1]) }

# release(): answers the requests that are held

sub release { $_[0]->_control('POST', 'release') }

# stream(text): goes to all streams; end_streams(): ends them

sub stream { $_[0]->_control('POST', 'stream', $_[1]) }

sub end_streams { $_[0]->_control('POST', 'end') }

# requests(): what was received so far: method, path, headers, body, left

sub requests { @{ $_[0]->_control('GET', 'requests') } }

# forget(): drops what was received and goes back to normal

sub forget { $_[0]->_control('POST', 'forget') }


# wait_requests(count): waits until so many were received

sub wait_requests {
    my ($self, $count, $seconds) = @_;

    return @{ wait_for(sub {
        my @requests = $self->requests;
        return @requests >= $count ? \@requests : undef;
    }, $seconds // 60, "$count requests at the fake controller") };
}


1;
