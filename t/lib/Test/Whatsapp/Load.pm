package Test::Whatsapp::Load;

# Concurrent senders: processes that send numbered texts on kept connections
# and report each answer. A lost connection is an answer of status 0.

use strict;
use warnings;

use IO::Select;
use JSON::PP;
use POSIX qw(_exit);
use Test::Whatsapp::Http;
use Test::Whatsapp::Process qw(wait_for);
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->canonical;


# start(test, clients => n, each => sends, text => prefix of the texts,
#     to => [numbers], close => new connection for each,
#     wait_ready => after a failure, goes on when /readyz says so,
#     keyed => each has a key of its own, with which it is repeated, as a
#     client does that wants it sent, until it is answered by 200)
#
# the texts are "prefix client-number"; that number is the answer's id; tries
# says how often it was sent

sub start {
    my ($class, $t, %opt) = @_;
    my $self = bless { t => $t, handles => [], pids => [], answers => [],
        buffers => {} }, $class;

    for my $client (1 .. $opt{clients}) {
        pipe my $reader, my $writer or die "pipe: $!\n";

        my $pid = fork() // die "fork: $!\n";

        if ($pid == 0) {
            # nothing of the parent's END must run here
            close $reader;
            $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);
            eval { _client($t, $client, $writer, %opt); 1 }
                or print STDERR "client $client: $@";
            $writer->flush;
            _exit(0);
        }

        close $writer;
        push @{ $self->{handles} }, $reader;
        push @{ $self->{pids} }, $pid;
    }

    return $self;
}


sub _client {
    my ($t, $client, $writer, %opt) = @_;
    my ($connection, @to);

    @to = @{ $opt{to} // ['15550000002'] };
    $writer->autoflush(1);

    for my $number (1 .. $opt{each}) {
        my ($id, $began, $response, $tries);

        $id = "$client-$number";
        $began = time();
        $tries = 0;

        for ( ;; ) {
            $tries++;
            $response = eval {
                $connection //= $t->connect;
                $connection->write($t->request_bytes('POST',
                    $t->messages_uri,
                    headers => $opt{keyed}
                        ? { 'Idempotency-Key' => "key-$id" } : {},
                    body => Test::Whatsapp::Requests::encode(
                        Test::Whatsapp::Requests::text_message(
                            $to[($client - 1) % @to], "$opt{text} $id"))))
                    or die;
                $connection->response(timeout => $opt{timeout} // 60);
            };

            if (!$response || $opt{close}
                || lc($response->header('Connection') // '') eq 'close')
            {
                $connection->close if $connection;
                undef $connection;
            }

            last if !$opt{keyed} || ($response && $response->status == 200);

            sleep 0.2;
        }

        print {$writer} $json->encode({ id => $id,
            status => $response ? $response->status : 0,
            message_id => $response ? $response->id : undef,
            error => $response ? $response->error : {},
            tries => $tries,
            seconds => time() - $began }), "\n";

        _wait_ready($t) if $opt{wait_ready}
            && (!$response || $response->status != 200);
    }
}


sub _wait_ready {
    my ($t) = @_;

    wait_for(sub {
        my $response = eval { $t->get('/whatsapp/readyz', timeout => 20) };
        return $response && $response->status == 200;
    }, 120, 'a session that is ready again');
}


# wait_answers(count): until so many answers came in all

sub wait_answers {
    my ($self, $count, $seconds) = @_;
    my $until = time() + ($seconds // 120);

    while (@{ $self->{answers} } < $count && @{ $self->{handles} }) {
        die "timed out waiting for $count answers\n" if time() > $until;
        $self->_read(1);
    }
}


sub _read {
    my ($self, $seconds) = @_;

    for my $handle (IO::Select->new(@{ $self->{handles} })
        ->can_read($seconds))
    {
        my $n = sysread $handle, $self->{buffers}{$handle}, 65536,
            length($self->{buffers}{$handle} // '');

        if (!$n) {
            @{ $self->{handles} } = grep { $_ != $handle }
                @{ $self->{handles} };
            next;
        }

        while ($self->{buffers}{$handle} =~ s/\A([^\n]*)\n//) {
            push @{ $self->{answers} }, $json->decode($1);
        }
    }
}


# finish(): waits for all senders; their answers in the order they came

sub finish {
    my ($self, $seconds) = @_;
    my $until = time() + ($seconds // 200);

    while (@{ $self->{handles} }) {
        if (time() > $until) {
            kill 'KILL', @{ $self->{pids} };
            die "the senders did not end\n";
        }
        $self->_read(1);
    }

    waitpid $_, 0 for @{ $self->{pids} };
    $self->{pids} = [];

    return @{ $self->{answers} };
}


sub DESTROY {
    my ($self) = @_;

    kill 'KILL', @{ $self->{pids} } if $self->{pids} && @{ $self->{pids} };
}


1;
