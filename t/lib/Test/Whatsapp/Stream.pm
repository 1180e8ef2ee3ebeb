package Test::Whatsapp::Stream;

# A reader of an event stream, as a browser's EventSource is one: it takes the
# stream apart as it comes.

use strict;
use warnings;

use IO::Select;
use Test::Whatsapp::Http;
use Time::HiRes qw(time);


# open(address, uri, headers => {}, version => '1.1'): address as of
# Test::Whatsapp::Http; waits for the answer's head

sub open {
    my ($class, $address, $uri, %opt) = @_;
    my ($http, $self);

    $http = Test::Whatsapp::Http->connect($address);
    $http->request($opt{method} // 'GET', $uri,
        headers => $opt{headers}, version => $opt{version});

    $self = bless {
        socket => $http->socket, http => $http, bytes => '', text => '',
        blocks => [], eof => 0,
    }, $class;

    $self->_head($opt{timeout} // 60);

    return $self;
}


sub _head {
    my ($self, $seconds) = @_;
    my $until = time() + $seconds;

    while ($self->{bytes} !~ /\r\n\r\n/) {
        $self->_fill($until - time()) or die "no answer\n";
    }

    $self->{bytes} =~ s/^HTTP\/\d\.\d (\d{3})[^\n]*\n(.*?)\r\n\r\n//s
        or die "no HTTP\n";

    @{$self}{qw(status head)} = ($1, $2);
    $self->{chunked} = $self->{head} =~ /^transfer-encoding: chunked/mi;
    $self->_take;
}


sub status { $_[0]{status} }

sub head { $_[0]{head} }

sub socket { $_[0]{socket} }


# header(name): its value, or undef

sub header {
    my ($self, $name) = @_;

    return $self->{head} =~ /^\Q$name\E: ([^\r\n]*)/mi ? $1 : undef;
}


# text(): what came so far and is no complete event yet

sub text { $_[0]{text} }


# next(seconds): the next event or comment, a hash of id, event, data, retry and
# comment; undef at the end of the stream; dies when nothing comes in time

sub next {
    my ($self, $seconds) = @_;
    my $until = time() + ($seconds // 60);

    while (!@{ $self->{blocks} }) {
        return undef if $self->{eof};
        $self->_fill($until - time());
    }

    return shift @{ $self->{blocks} };
}


# event(seconds): the same without comments and retry

sub event {
    my ($self, $seconds) = @_;
    my $until = time() + ($seconds // 60);

    for ( ;; ) {
        my $block = $self->next($until - time()) // return undef;

        return $block if exists $block->{data};
    }
}


# events(count, seconds): so many of them

sub events {
    my ($self, $count, $seconds) = @_;
    my $until = time() + ($seconds // 60);

    return map { $self->event($until - time()) } 1 .. $count;
}


# waiting(): the events that are here already

sub waiting {
    my ($self) = @_;

    1 while !$self->{eof} && IO::Select->new($self->{socket})->can_read(0)
        && $self->_fill(0);

    return grep { exists $_->{data} } splice @{ $self->{blocks} };
}


# ended(seconds): whether the stream ends within the time

sub ended {
    my ($self, $seconds) = @_;
    my $until = time() + $seconds;

    return eval {
        $self->_fill($until - time()) while !$self->{eof};
        1;
    } // 0;
}


# complete(): whether it came to its proper end, as HTTP/1.1 tells it

sub complete { $_[0]{complete} }

sub close { $_[0]{http}->close }

sub reset { $_[0]{http}->reset }


sub _fill {
    my ($self, $seconds) = @_;
    my $n;

    $seconds = 0 if $seconds < 0;
    IO::Select->new($self->{socket})->can_read($seconds)
        or die "timed out reading a stream\n";

    $n = sysread $self->{socket}, $self->{bytes}, 65536,
        length $self->{bytes};

    if (!$n) {
        $self->{eof} = 1;
        return 0;
    }

    $self->_take if defined $self->{head};

    return 1;
}


sub _take {
    my ($self) = @_;

    if ($self->{chunked}) {
        while ($self->{bytes} =~ /^([0-9a-fA-F]+)\r\n/) {
            my ($size, $at) = (hex $1, length($1) + 2);

            last if length $self->{bytes} < $at + $size + 2;
            $self->{text} .= substr $self->{bytes}, $at, $size;
            substr($self->{bytes}, 0, $at + $size + 2) = '';
            @{$self}{qw(complete eof)} = (1, 1) if !$size;
        }

    } else {
        $self->{text} .= $self->{bytes};
        $self->{bytes} = '';
    }

    while ($self->{text} =~ s/^(.*?)\n\n//s) {
        my %block;

        for my $line (split /\n/, $1) {
            $line =~ /^([^:]*):? ?(.*)$/s;
            $block{ length $1 ? $1 : 'comment' } = $2;
        }

        push @{ $self->{blocks} }, \%block;
    }
}


1;
