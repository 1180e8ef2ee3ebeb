package Test::Whatsapp::Redis;

# The part of Redis' protocol that tests need.

use strict;
use warnings;

use IO::Socket::UNIX;


sub connect {
    my ($class, $path) = @_;
    my $socket;

    $socket = IO::Socket::UNIX->new(Peer => $path)
        or die "connect to $path: $!\n";

    return bless { socket => $socket }, $class;
}


# command(words): the reply; errors of Redis die

sub command {
    my ($self, @words) = @_;

    print { $self->{socket} } '*' . @words . "\r\n",
        map { '$' . length($_) . "\r\n$_\r\n" } @words;
    $self->{socket}->flush;

    return $self->_reply;
}


sub _reply {
    my ($self) = @_;
    my ($line, $data);

    $line = readline $self->{socket};
    die "redis closed the connection\n" if !defined $line;
    $line =~ s/\r\n\z//;
    $line =~ s/^([-+:\$*])// or die "bad reply of redis: $line\n";

    return $line if $1 eq '+' || $1 eq ':';
    die "redis: $line\n" if $1 eq '-';
    return if $line < 0;

    if ($1 eq '*') {
        return [ map { scalar $self->_reply } 1 .. $line ];
    }

    read $self->{socket}, $data, $line + 2;
    return substr $data, 0, $line;
}


# dump(): all keys and serialised values of all databases as one text

sub dump {
    my ($self) = @_;
    my $text = '';

    for my $db (0 .. 15) {
        $self->command('SELECT', $db);

        for my $key (@{ $self->command('KEYS', '*') }) {
            my $type = $self->command('TYPE', $key);

            $text .= "$db $key $type "
                . _flat($self->_value($type, $key)) . "\n";
        }
    }

    return $text;
}


sub _value {
    my ($self, $type, $key) = @_;
    my %read = (
        string => ['GET', $key],
        hash   => ['HGETALL', $key],
        list   => ['LRANGE', $key, 0, -1],
        set    => ['SMEMBERS', $key],
        zset   => ['ZRANGE', $key, 0, -1, 'WITHSCORES'],
        stream => ['XRANGE', $key, '-', '+'],
    );

    return $self->command(@{ $read{$type} // ['DUMP', $key] });
}


sub _flat {
    my ($value) = @_;

    return ref $value ? join(' ', map { _flat($_) } @$value) : $value // '';
}


1;
