package Test::Whatsapp::Browser;

# A page in headless Chromium, driven by t/page/drive.js.

use strict;
use warnings;

use IPC::Open2 qw(open2);
use JSON::PP;
use Test::More;

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


# shows(name, expression): one test that it becomes true

sub shows {
    my ($self, $name, $expression) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ok(eval { $self->drive(wait => $expression, ms => 60000); 1 }, $name)
        or diag($@);
}


# fill(field, text): types it in and sends the form

sub fill {
    my ($self, $field, $text) = @_;

    $self->drive(run => "document.getElementById('$field').value = "
        . $json->encode($text) . "; document.getElementById('$field').form"
        . '.requestSubmit()');
}


# kept(): how many characters the page has stored anywhere

sub kept {
    my ($self) = @_;

    return $self->drive(run => 'localStorage.length + sessionStorage.length'
        . ' + document.cookie.length');
}


# shots(name): pictures for people, light and dark, where they want some

sub shots {
    my ($self, $name) = @_;

    return if !$ENV{PAGE_SHOTS};

    for my $dark (0, 1) {
        $self->drive(dark => $dark ? JSON::PP::true : JSON::PP::false);
        $self->drive(shot => "$ENV{PAGE_SHOTS}/$name"
            . ($dark ? '-dark' : '') . '.png');
    }
}


sub stop {
    my ($self) = @_;

    close $self->{in};
    waitpid $self->{pid}, 0;
}


1;
