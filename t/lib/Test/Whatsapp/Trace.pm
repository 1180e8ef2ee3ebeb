package Test::Whatsapp::Trace;

# Programs under strace: which files they and their children open for writing,
# make or rename, and which addresses they connect or send to.

use strict;
use warnings;

# calls that write none of their data into the trace (-s 0)
my @CALLS = qw(open openat openat2 creat rename renameat renameat2 link linkat
    symlink symlinkat mknod mknodat bind connect sendto sendmsg sendmmsg);

my $path = qr/"((?:[^"\\]|\\.)*)"/;


# command(prefix): what comes before a command line; each thread has a file.
# The tracer is no parent of the program, whose number and signals stay as they
# are. The filter in the kernel lets all other calls pass at full speed.

sub command {
    my ($prefix) = @_;

    return ('prlimit', '--core=unlimited', 'strace', '-DDD', '-ff',
        '--seccomp-bpf', '-qqq', '-yy', '-s', '0',
        '-e', 'trace=' . join(',', map { "?$_" } @CALLS),
        '-e', 'signal=none', '-o', $prefix, '--');
}


# read(files): { written => { path => how }, renamed => { old => new },
#     connected => { address => times }, routes => those that a datagram socket
#     was connected to, which alone sends nothing }

sub read {
    my ($class, @files) = @_;
    my $self = bless { written => {}, renamed => {}, connected => {},
        routes => {}, events => 0 }, $class;

    for my $file (@files) {
        open my $fh, '<', $file or next;

        while (my $line = <$fh>) {
            $self->{events}++;
            $self->_line($line);
        }
    }

    return $self;
}


sub _line {
    my ($self, $line) = @_;
    my ($call, $rest) = $line =~ /^(\w+)\((.*)$/s or return;

    if ($call =~ /^(?:connect|sendto|sendmsg|sendmmsg)$/) {
        $self->_peers($call, $rest);
        return;
    }

    # the path of the descriptor that is returned has all directories in it
    if ($call =~ /^(?:open|openat|openat2|creat)$/) {
        $self->{written}{ _name($1) } = $call
            if ($call eq 'creat' || $rest =~ /O_(?:WRONLY|RDWR|CREAT|TRUNC)/)
            && $rest =~ /= \d+<(.*?)(?:<char [\d:]+>)?>(?:\(deleted\))?$/;
        return;
    }

    return if $rest !~ /= 0$/;

    if ($call eq 'bind') {
        $self->{written}{ _name($1) } = $call
            if $rest =~ m{sun_path="(/(?:[^"\\]|\\.)*)"};
        return;
    }

    my @paths = $rest =~ /(?:\d+|AT_FDCWD)?(?:<([^>]*)>, )?$path/g;
    my @names = map { _name(_join(@paths[2 * $_, 2 * $_ + 1])) }
        0 .. @paths / 2 - 1;

    # names that count from a directory that the program went to
    my ($known) = map { m{^(.*/)\Q$names[0]\E$} ? $1 : () }
        keys %{ $self->{written} };

    @names = map { m{^/} ? $_ : ($known // '') . $_ } @names;
    $self->{written}{ $names[-1] } = $call;
    $self->{renamed}{ $names[0] } = $names[-1] if $call =~ /^(?:re|link)/;
}


# _peers(call, rest): notes the addresses that are connected or sent to; the
# connection of a datagram socket sends nothing, but asks for a route

sub _peers {
    my ($self, $call, $rest) = @_;
    my $udp = $rest =~ /^\d+<UDP/;
    my ($known) = $rest =~ /^\d+<UDP(?:v6)?:\[\S+->([^\]]+\]?:\d+)\]/;
    my $set = $udp && $call eq 'connect' ? 'routes' : 'connected';

    while ($rest =~ /\{(sa_family=[^{}]*)\}/g) {
        my $address = _address($1);

        $self->{$set}{$address}++ if defined $address;
    }

    $self->{connected}{$known}++ if $known && $call ne 'connect';
}


sub _join {
    my ($dir, $name) = @_;

    return $name if $name =~ m{^/} || !defined $dir;
    return "$dir/$name";
}


sub _name {
    my ($name) = @_;

    $name =~ s/\\([0-7]{1,3})/chr oct $1/ge;
    $name =~ s/\\(.)/$1/g;

    return $name;
}


sub _address {
    my ($text) = @_;

    return "unix:$1" . _name($2) if $text =~ /sun_path=(@?)$path/;
    return "$2:$1"
        if $text =~ /sin_port=htons\((\d+)\), sin_addr=inet_addr\($path\)/;
    return "[$2]:$1"
        if $text =~ /sin6_port=htons\((\d+)\).*inet_pton\(AF_INET6, $path/;
    return 'netlink' if $text =~ /sa_family=AF_NETLINK/;
    return $1 if $text =~ /sa_family=(\w+)/ && $1 ne 'AF_UNSPEC';
    return;
}


1;
