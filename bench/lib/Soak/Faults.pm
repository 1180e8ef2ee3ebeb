package Soak::Faults;

# What befalls the parts, one thing after another: the next one comes when all
# sessions are ready again. The order follows from the seed.

use strict;
use warnings;

use List::Util qw(shuffle);
use Soak;
use Test::Whatsapp::Ctl ();
use Test::Whatsapp::Process qw(descendants wait_for);
use Time::HiRes qw(time);

# each of these comes so often before all of them come again
my %deck = (
    'page reloaded' => 3, 'renderer killed' => 3, 'browser killed' => 1,
    'session restarted' => 2, 'controller reloads' => 1, 'nginx reloads' => 1,
    'receiver down' => 1,
);

# of these a send may notice something
my %harmful = map { $_ => 1 } 'page reloaded', 'renderer killed',
    'browser killed', 'session restarted';

# s until all sessions are ready again, at most
my $recovery = 180;


# new(test, controller, phone, receiver, sessions => [ids], book => file,
#     configure => sub that writes the controller's file for a level of
#     logging, pause => s between two, from, until => times, down => s of the
#     receiver)

sub new {
    my ($class, %opt) = @_;

    return bless { %opt, write => book($opt{book}), deck => [],
        next => $opt{from}, counts => {}, failures => [] }, $class;
}


sub counts { $_[0]{counts} }

sub failures { @{ $_[0]{failures} } }


# tick(): to be called once a second

sub tick {
    my ($self) = @_;

    if ($self->{up} && time() >= $self->{up}) {
        delete $self->{up};
        $self->{receiver}->up;
    }

    return if $self->{pending} && !$self->recovered;
    return if time() < $self->{next} || time() > $self->{until};

    $self->{deck} = [ shuffle map { ($_) x $deck{$_} } sort keys %deck ]
        if !@{ $self->{deck} };
    $self->strike(shift @{ $self->{deck} });
}


sub strike {
    my ($self, $name) = @_;
    my $began = time();
    my $method = $name =~ s/ /_/r;

    $self->{counts}{$name}++;

    if (!eval { $self->$method; 1 }) {
        $self->fails("$name: $@");
    }

    $self->{pending} = { time => $began, name => $name,
        harmful => $harmful{$name} ? 1 : 0 };
}


# recovered(): whether all sessions are ready; it is noted how long that took

sub recovered {
    my ($self) = @_;
    my $pending = $self->{pending};
    my $seconds = time() - $pending->{time};
    my @late = grep { $self->{controller}->state($_) ne 'ready' }
        @{ $self->{sessions} };

    # what has just been killed may not have been noticed yet
    return 0 if $seconds < 3 || (@late && $seconds < $recovery);

    $self->fails("$pending->{name}: after $recovery s @late are not ready")
        if @late;
    $self->{write}->({ %$pending, seconds => $seconds });
    delete $self->{pending};
    $self->{next} = time() + $self->{pause} * (0.5 + rand);

    return 1;
}


sub fails {
    my ($self, $text) = @_;

    chomp $text;
    push @{ $self->{failures} }, $text;
    print STDERR "fault: $text\n";
}


# finish(): ends what still lasts

sub finish {
    my ($self) = @_;

    if (delete $self->{up}) {
        $self->{receiver}->up;
    }
}


sub page_reloaded {
    my ($self) = @_;

    $self->{phone}->api('POST', '/api/page', { action => 'navigate',
        page => int rand @{ $self->{sessions} } });
}


sub renderer_killed {
    my ($self) = @_;

    kill 'KILL', any(processes($self->{controller}, qr/--type=renderer/));
}


sub browser_killed {
    my ($self) = @_;

    kill 'KILL', any(browsers($self->{controller}));
}


sub session_restarted {
    my ($self) = @_;
    my ($status, undef, $text) = Test::Whatsapp::Ctl::ctl($self->{test},
        'restart', any(@{ $self->{sessions} }), '--socket',
        'unix:' . $self->{controller}->socket);

    die "whatsapp-ctl: status $status, $text\n" if $status;
}


sub controller_reloads {
    my ($self) = @_;
    my $controller = $self->{controller};
    my $done = sub { scalar(() = $controller->log =~ / notice reloaded/g) };
    my $before = $done->();

    $self->{configure}->(($self->{notice} ^= 1) ? 'notice' : 'info');
    $controller->process->signal('HUP') or die "it has ended\n";
    wait_for(sub { $done->() > $before }, 30, 'a reload');
}


sub nginx_reloads { $_[0]{test}->reload }


sub receiver_down {
    my ($self) = @_;

    $self->{receiver}->down;
    $self->{up} = time() + $self->{down};
}


sub any { $_[rand @_] // die "there is none\n" }


# processes(controller, regex): pids of the processes below it with such a
# command line

sub processes {
    my ($controller, $regex) = @_;

    return grep { command($_) =~ $regex }
        map { $_->{pid} } descendants($controller->pid);
}


# browsers(controller): pids of the browsers' main processes

sub browsers {
    my ($controller) = @_;

    return grep { command($_) !~ /--type=/ }
        processes($controller, qr/remote-debugging-pipe/);
}


sub command {
    my ($pid) = @_;

    open my $fh, '<', "/proc/$pid/cmdline" or return '';

    return <$fh> // '';
}


1;
