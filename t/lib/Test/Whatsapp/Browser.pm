package Test::Whatsapp::Browser;

# A page in headless Chromium, driven by t/page/drive.js.

use strict;
use warnings;

use IPC::Open2 qw(open2);
use JSON::PP;

my $json = JSON::PP->new->utf8->canonical->allow_nonref;


# start(test): a browser whose profile outlives it

sub start {
    my ($class, $t) = @_;
    my $dir = $t->dir . '/client/browser';
    my @user = $t->user ? ('setpriv', '--reuid=www-data',
        '--regid=www-data', '--clear-groups') : ();
    my @sandbox = ($ENV{CHROMIUM_SANDBOX} // 'on') eq 'off'
        ? '--no-sandbox' : ();
    my $self = bless {}, $class;

    if (!-d $dir) {
        mkdir $dir or die "mkdir $dir: $!\n";
        chown @{ $t->user }{qw(uid gid)}, $dir if $t->user;
    }

    # beside what it may need of the test's environment
    local $ENV{HOME} = $dir;
    local $ENV{TMPDIR} = $dir;

    $self->{pid} = open2($self->{out}, $self->{in}, 'node',
        $t->root . '/t/page/drive.js', @user, '/usr/lib/chromium/chromium',
        "--user-data-dir=$dir", @sandbox);
    $self->{in}->autoflush;

    return $self;
}


# drive(command): what the page's browser answers

sub drive {
    my ($self, %command) = @_;
    my ($line, $answer);

    print { $self->{in} } $json->encode(\%command), "\n";
    $line = readline($self->{out}) // die "the browser has ended\n";
    $answer = $json->decode($line);

    die "$answer->{error}\n" if defined $answer->{error};
    return $answer->{value};
}


sub stop {
    my ($self) = @_;

    close $self->{in};
    waitpid $self->{pid}, 0;
}


1;
