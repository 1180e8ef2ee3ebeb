package Test::Whatsapp::Http;

# A small HTTP/1.1 client on plain sockets: it sends exactly the bytes a test
# wants, in the pieces the test wants, and parses what comes back.

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP;
use Socket qw(IPPROTO_TCP TCP_NODELAY SHUT_WR SOL_SOCKET SO_LINGER);
use Time::HiRes qw(time);

our @EXPORT_OK = qw(parse_response request_bytes);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;


# connect(address, timeout => seconds, heard => code): address is a port of
# 127.0.0.1 or the path of a unix socket; heard is called with each response to
# request() and the arguments of that

sub connect {
    my ($class, $address, %opt) = @_;
    my $socket;

    if ($address =~ /^\d+$/) {
        $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
            PeerPort => $address, Proto => 'tcp', Timeout => 60);
        $socket->setsockopt(IPPROTO_TCP, TCP_NODELAY, 1) if $socket;

    } else {
        $socket = IO::Socket::UNIX->new(Peer => $address);
    }

    die "connect to $address: $!\n" if !$socket;
    binmode $socket;

    return bless {
        socket => $socket, buffer => '', eof => 0,
        timeout => $opt{timeout} // 60, heard => $opt{heard}, asked => [],
    }, $class;
}


sub socket { $_[0]{socket} }

sub port { $_[0]{socket}->sockport }


# write(bytes): true when all were taken; false when the peer is gone

sub write {
    my ($self, $bytes) = @_;

    # it is no longer known which request a response belongs to
    delete $self->{heard};

    return $self->_write($bytes);
}


sub _write {
    my ($self, $bytes) = @_;
    my ($offset, $n);

    local $SIG{PIPE} = 'IGNORE';

    for ($offset = 0; $offset < length $bytes; $offset += $n) {
        $n = syswrite $self->{socket}, $bytes, length($bytes) - $offset,
            $offset;
        return 0 if !defined $n;
    }

    return 1;
}


# request(method, uri, headers => {}, body => bytes, version => '1.1')

sub request {
    my ($self, $method, $uri, %opt) = @_;

    push @{ $self->{asked} }, [ $method, $uri, $opt{body} ]
        if $self->{heard};

    return $self->_write(request_bytes($method, $uri, %opt));
}


sub request_bytes {
    my ($method, $uri, %opt) = @_;
    my (%headers, $head, $body);

    $body = $opt{body};
    %headers = (Host => 'localhost');
    $headers{'Content-Type'} = 'application/json' if defined $body;
    $headers{'Content-Length'} = length $body if defined $body;
    %headers = (%headers, %{ $opt{headers} // {} });

    $head = "$method $uri HTTP/" . ($opt{version} // '1.1') . "\r\n";

    for my $name (sort keys %headers) {
        next if !defined $headers{$name};
        $head .= "$name: $headers{$name}\r\n";
    }

    return "$head\r\n" . ($body // '');
}


# fill(seconds): reads what is there; false at the end of the stream, dies
# when nothing came in time

sub fill {
    my ($self, $seconds) = @_;
    my $n;

    return 0 if $self->{eof};

    if (!IO::Select->new($self->{socket})->can_read($seconds)) {
        die "timed out after $seconds s reading from the server\n";
    }

    $n = sysread $self->{socket}, $self->{buffer}, 65536,
        length $self->{buffer};

    if (!$n) {
        $self->{eof} = 1;
        return 0;
    }

    return 1;
}


# response(method => 'GET'): the next response on this connection, or undef
# when the peer closed before a complete one

sub response {
    my ($self, %opt) = @_;
    my ($until, $response, $used);

    $until = time() + ($opt{timeout} // $self->{timeout});

    for ( ;; ) {
        ($response, $used) = parse_response($self->{buffer},
            $opt{method} // 'GET', $self->{eof});

        if ($response) {
            substr($self->{buffer}, 0, $used) = '';
            next if $response->{status} == 100 && !$opt{interim};
            $self->_hear($response);
            return $response;
        }

        return undef if $self->{eof};
        $self->fill(_left($until));
    }
}


sub _hear {
    my ($self, $response) = @_;
    my $asked;

    return if !$self->{heard} || $response->{status} < 200;
    $asked = shift @{ $self->{asked} } or return;
    $self->{heard}->($response, @$asked);
}


sub _left {
    my ($until) = @_;
    my $left = $until - time();

    return $left > 0 ? $left : 0;
}


# rest(): all bytes up to the end of the stream

sub rest {
    my ($self, $seconds) = @_;
    my $until = time() + ($seconds // $self->{timeout});

    1 while $self->fill(_left($until));
    return $self->{buffer};
}


# closed(seconds): whether the peer closes the connection within the time

sub closed {
    my ($self, $seconds) = @_;

    return eval { $self->rest($seconds); 1 } ? 1 : 0;
}


# settle(): says that nothing more comes, and waits until the peer closes too.
# nginx does so when it is through with the last request: by then that is in
# the access log and counted, and its client struck. Only where a body was not
# read to its end (lingering_close) this comes a moment later.

sub settle {
    my ($self) = @_;

    shutdown $self->{socket}, SHUT_WR;
    $self->rest;
}


sub close {
    my ($self) = @_;

    CORE::close($self->{socket});
}


# reset(): leaves with a RST instead of a FIN

sub reset {
    my ($self) = @_;

    $self->{socket}->setsockopt(SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
    CORE::close($self->{socket});
}


# parse_response(bytes, method, eof): (response, bytes used) or nothing when
# it is not complete; dies on what is not HTTP

sub parse_response {
    my ($bytes, $method, $eof) = @_;
    my ($end, $head, $response, $body, $used, $length);

    $end = index $bytes, "\r\n\r\n";
    return if $end < 0;

    $head = substr $bytes, 0, $end;
    $head =~ s{^HTTP/(\d\.\d) (\d{3})(?: ([^\r\n]*))?(?:\r\n|\z)}{}
        or die 'not an HTTP response: ' . substr($bytes, 0, 80) . "\n";

    $response = bless {
        version => $1, status => $2, reason => $3, headers => {},
        head => $head,
    }, 'Test::Whatsapp::Http::Response';

    for my $line (split /\r\n/, $head) {
        $line =~ /^([^:\s]+):[ \t]*(.*?)[ \t]*$/
            or die "bad header line in response: $line\n";
        push @{ $response->{headers}{ lc $1 } }, $2;
    }

    $used = $end + 4;
    $length = $response->header('content-length');

    if ($method eq 'HEAD' || $response->{status} =~ /^(?:1..|204|304)$/) {
        $body = '';

    } elsif (lc($response->header('transfer-encoding') // '') eq 'chunked') {
        ($body, $used) = _dechunk($bytes, $used);
        return if !defined $body;

    } elsif (defined $length) {
        return if length($bytes) < $used + $length;
        $body = substr $bytes, $used, $length;
        $used += $length;

    } else {
        return if !$eof;
        $body = substr $bytes, $used;
        $used = length $bytes;
    }

    $response->{body} = $body;

    return ($response, $used);
}


sub _dechunk {
    my ($bytes, $at) = @_;
    my $body = '';

    for ( ;; ) {
        my $size;

        pos($bytes) = $at;
        $bytes =~ /\G([0-9a-fA-F]+)[^\r\n]*\r\n/g or return;
        $size = hex $1;
        $at = pos $bytes;

        return if length($bytes) < $at + $size + 2;
        return ($body, $at + 2) if $size == 0;

        $body .= substr $bytes, $at, $size;
        $at += $size + 2;
    }
}


package Test::Whatsapp::Http::Response;

sub status { $_[0]{status} }

sub body { $_[0]{body} }


# header(name): its value, several joined as HTTP says; undef when absent

sub header {
    my ($self, $name) = @_;
    my $values = $self->{headers}{ lc $name };

    return $values ? join(', ', @$values) : undef;
}


# json(): the decoded body, undef when it is not JSON

sub json {
    my ($self) = @_;

    return eval { $json->decode($self->{body}) };
}


# error(): the Graph error object of the body, an empty one when there is none

sub error {
    my ($self) = @_;
    my $body = $self->json;

    return ref $body eq 'HASH' && ref $body->{error} eq 'HASH'
        ? $body->{error} : {};
}


# head_and_body(): for the diagnosis of a failed test

sub head_and_body { "$_[0]{status} $_[0]{head}\n\n$_[0]{body}" }


# id(): the message id of an accepted send

sub id {
    my ($self) = @_;
    my $body = $self->json;

    return ref $body eq 'HASH' && ref $body->{messages} eq 'ARRAY'
        ? $body->{messages}[0]{id} : undef;
}


1;
