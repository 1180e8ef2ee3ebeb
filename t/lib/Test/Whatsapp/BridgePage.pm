package Test::Whatsapp::BridgePage;

# WhatsApp Web with the bridge in a real Chromium, in the place of the
# controller: t/bridge/drive.js, told what to do.

use strict;
use warnings;

use IPC::Open2 qw(open2);
use JSON::PP;

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my $count = 0;


# start(test): a browser with an empty page

sub start {
    my ($class, $t) = @_;
    my $self = bless { t => $t }, $class;
    my $root = $t->root;
    my $dir = $t->dir . '/client/bridge_browser' . ++$count;
    my @user = $t->user ? ('setpriv', '--reuid=www-data',
        '--regid=www-data', '--clear-groups') : ();
    my @sandbox = ($ENV{CHROMIUM_SANDBOX} // 'on') eq 'off'
        ? '--no-sandbox' : ();

    mkdir $dir or die "mkdir $dir: $!\n";
    chown @{ $t->user }{qw(uid gid)}, $dir if $t->user;

    local $ENV{HOME} = $dir;
    local $ENV{TMPDIR} = $dir;

    $self->{pid} = open2(my $out, my $in, 'node', "$root/t/bridge/drive.js",
        "$root/controller/bridge/node_modules/\@wppconnect/wa-js/dist/"
            . 'wppconnect-wa.js',
        join(',', _parts($root)), @user, '/usr/lib/chromium/chromium',
        "--user-data-dir=$dir", @sandbox);
    $in->autoflush;
    @$self{qw(out in)} = ($out, $in);

    return $self;
}


# the files of the bridge, in the order in which they are built in

sub _parts {
    my ($root) = @_;

    open my $fh, '<', "$root/Makefile" or die "open Makefile: $!\n";
    local $/;

    my ($list) = <$fh> =~ /^BRIDGE\s*=(.*?[^\\])\n/ms;
    my ($dir) = $list =~ m{addprefix ([\w/]+/),};

    return ("$root/${dir}preload.js", "$root/build/${dir}limits.js",
        map { "$root/$dir$_" } $list =~ /(\w+\.js)/g);
}


# command(member => value): what is answered; dies on an error

sub command {
    my ($self, %command) = @_;

    print { $self->{in} } $json->encode(\%command), "\n";

    my $line = readline($self->{out}) // die "the browser has ended\n";
    my $answer = $json->decode($line);

    die "$answer->{error}\n" if defined $answer->{error};
    return $answer->{value};
}


# open(url): loads it, and waits until the bridge knows what it can

sub open {
    my ($self, $url) = @_;

    $self->command(take => 'boot');
    $self->command(open => $url);
    $self->command(wait => 1, of => 'boot', ms => 60000);
}


# call(method, params): the bridge's result; dies of what it refuses

sub call {
    my ($self, $method, $params) = @_;
    my $answer = $self->command(call => $method, params => $params // {});

    die "$method: $answer->{error}{message}\n" unless $answer->{ok};
    return $answer->{result};
}


# inbound(count, seconds): waits until so many events came, and forgets them

sub inbound {
    my ($self, $count, $seconds) = @_;

    $self->command(wait => $count, of => 'inbound',
        ms => 1000 * ($seconds // 60));

    return map { $_->{data} } @{ $self->command(take => 'inbound') };
}


sub stop {
    my ($self) = @_;

    close $self->{in};
    waitpid $self->{pid}, 0;
}


1;
