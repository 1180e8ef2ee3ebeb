package Soak::Figures;

# What the parts hold, taken once a minute and kept as lines of a CSV file; at
# the end a table of how it began, stood in the middle, ended and grew.

use strict;
use warnings;

use Bench;
use File::Find qw(find);
use List::Util qw(sum);
use Soak;
use Soak::Faults;
use Test::Whatsapp::Process qw(descendants);
use Time::HiRes qw(time);

# [name, format]; those of each browser come behind the controller's
my @columns = (
    [ 'controller PSS, MB', '%.1f' ],
    [ 'controller anonymous, MB', '%.1f' ],
    [ 'controller descriptors', '%d' ],
    [ 'browsers PSS, MB', '%.0f' ],
    [ 'browsers anonymous, MB', '%.0f' ],
    [ 'largest renderer, MB', '%.1f' ],
    [ 'browsers descriptors', '%d' ],
    [ 'browsers processes', '%d' ],
    [ 'nginx workers RSS, MB', '%.1f' ],
    [ 'runtime directory, KiB', '%d' ],
    [ 'runtime directory, files', '%d' ],
    [ 'state directory, MB', '%.1f' ],
    [ 'Redis keys', '%d' ],
    [ 'p50, ms', '%.0f' ],
    [ 'p99, ms', '%.0f' ],
    [ 'sent', '%d' ],
    [ 'failed tries', '%d' ],
    [ 'missed deadlines', '%d' ],
    [ 'written to the account', '%d' ],
    [ 'deliveries', '%d' ],
);


# new(test, controller, redis, file => of the CSV, books => {sends => [files],
#     people => file}, deliveries => file, browsers => n)

sub new {
    my ($class, %opt) = @_;
    my $self = bless { %opt, rows => [], offsets => {}, began => time() },
        $class;
    my @browsers = map { ("browser $_ PSS, MB", "browser $_ anonymous, MB") }
        1 .. $opt{browsers};

    $self->{columns} = [ @columns[0 .. 2],
        map({ [ $_, '%.0f' ] } @browsers), @columns[3 .. $#columns] ];
    open $self->{csv}, '>', $opt{file} or die "$opt{file}: $!\n";
    $self->{csv}->autoflush(1);
    print { $self->{csv} } join(',', 'minute', map { $_->[0] =~ s/,/ in/r }
        @{ $self->{columns} }), "\n";

    return $self;
}


# take(): one more row; a figure that could not be had is left out

sub take {
    my ($self) = @_;
    my %row = (minute => (time() - $self->{began}) / 60);

    $self->held(\%row);
    $self->files(\%row);
    $self->sends(\%row);
    push @{ $self->{rows} }, \%row;

    print { $self->{csv} } join(',', sprintf('%.1f', $row{minute}), map {
        defined $row{ $_->[0] } ? sprintf $_->[1], $row{ $_->[0] } : ''
    } @{ $self->{columns} }), "\n";

    return \%row;
}


sub held {
    my ($self, $row) = @_;
    my ($t, $controller) = @{$self}{qw(test controller)};
    my $own = memory($controller->pid);
    my @below = map { $_->{pid} } descendants($controller->pid);
    my $all = memory(@below);

    $row->{'controller PSS, MB'} = $own->{Pss};
    $row->{'controller anonymous, MB'} = $own->{Pss_Anon};
    $row->{'controller descriptors'} = descriptors($controller->pid);
    $row->{'browsers PSS, MB'} = $all->{Pss};
    $row->{'browsers anonymous, MB'} = $all->{Pss_Anon};
    $row->{'browsers descriptors'} = descriptors(@below);
    $row->{'browsers processes'} = @below;

    for my $browser (Soak::Faults::browsers($controller)) {
        my ($n) = Soak::Faults::command($browser) =~ m{/browser-(\d+)/}
            or next;
        my $memory = memory($browser,
            map { $_->{pid} } descendants($browser));

        $row->{"browser $n PSS, MB"} = $memory->{Pss};
        $row->{"browser $n anonymous, MB"} = $memory->{Pss_Anon};
    }

    ($row->{'largest renderer, MB'}) = sort { $b <=> $a }
        map { memory($_)->{Pss} }
        Soak::Faults::processes($controller, qr/--type=renderer/);
    $row->{'nginx workers RSS, MB'} = memory($t->workers)->{Rss};
}


sub descriptors {
    my $count = 0;

    for my $pid (@_) {
        opendir my $dir, "/proc/$pid/fd" or next;
        $count += grep { /^\d/ } readdir $dir;
    }

    return $count;
}


sub files {
    my ($self, $row) = @_;
    my $t = $self->{test};
    my ($runtime, $count) = usage($t->runtime);

    $row->{'runtime directory, KiB'} = $runtime / 1024;
    $row->{'runtime directory, files'} = $count;
    $row->{'state directory, MB'} = (usage($t->dir . '/state'))[0]
        / 1024 ** 2;
    $row->{'Redis keys'} = $self->{redis}->command('DBSIZE');
}


# usage(directory): bytes on the disk, and files

sub usage {
    my ($dir) = @_;
    my ($bytes, $files) = (0, 0);

    # what others remove meanwhile is not there
    no warnings 'File::Find';
    find({ no_chdir => 1, wanted => sub {
        my @stat = lstat or return;

        $bytes += 512 * $stat[12];
        $files++ if !-d _;
    } }, $dir);

    return ($bytes, $files);
}


sub sends {
    my ($self, $row) = @_;
    my @ended = map { $self->fresh($_) } @{ $self->{books}{sends} };
    my @sends = grep { $_->{ended} } @ended;
    my @failures = map { @{ $_->{failures} } } @sends;
    my @times = sort { $a <=> $b }
        map { 1000 * $_->{seconds} } grep { $_->{sent} } @sends;

    $row->{'p50, ms'} = $times[@times / 2];
    $row->{'p99, ms'} = $times[@times * 0.99];
    $row->{sent} = @times;
    $row->{'failed tries'} = @failures;
    $row->{'missed deadlines'} = grep { missed($_) } @failures;
    $row->{'written to the account'} = $self->fresh($self->{books}{people});
    $row->{deliveries} = $self->grown($self->{deliveries});
}


# missed(failure): whether it was not known in time what became of a send

sub missed {
    my ($failure) = @_;

    return ($failure->{outcome} // '') eq 'unknown'
        || $failure->{status} == 504 || $failure->{seconds} > $deadline;
}


sub fresh {
    my ($self, $file) = @_;
    my @fresh;

    ($self->{offsets}{$file}, @fresh) = entries($file,
        $self->{offsets}{$file});

    return @fresh;
}


# grown(file): lines that it has more than last time

sub grown {
    my ($self, $file) = @_;
    my $lines = 0;

    open my $fh, '<', $file or return 0;
    seek $fh, $self->{offsets}{$file} // 0, 0;
    $lines++ while <$fh>;
    $self->{offsets}{$file} = tell $fh;

    return $lines;
}


# parts(from): medians of the first minutes after that, of those in the middle
# and of the last ones, by name, and what it grows by in an hour

sub parts {
    my ($self, $from) = @_;
    my @rows = grep { $_->{minute} >= $from } @{ $self->{rows} };
    my $width = @rows < 15 ? int((@rows + 2) / 3) : 5;
    my $middle = int((@rows - $width) / 2);
    my %of;

    for my $column (@{ $self->{columns} }) {
        my ($name) = @$column;

        $of{$name} = [ map({ scalar middle($name, @$_) }
            [ @rows[0 .. $width - 1] ],
            [ @rows[$middle .. $middle + $width - 1] ],
            [ @rows[-$width .. -1] ]), slope($name, @rows) ];
    }

    return \%of;
}


sub middle {
    my ($name, @rows) = @_;
    my @values = grep { defined } map { $_->{$name} } @rows;

    return @values ? median(@values) : undef;
}


# slope(name, rows): by least squares, an hour

sub slope {
    my ($name, @rows) = @_;
    my @points = map { [ $_->{minute} / 60, $_->{$name} ] }
        grep { defined $_->{$name} } @rows;
    my ($x, $y, $xx);

    return if @points < 3;

    ($x, $y) = map { my $at = $_; sum(map { $_->[$at] } @points) / @points }
        0, 1;
    $xx = sum(map { ($_->[0] - $x) ** 2 } @points) or return;

    return sum(map { ($_->[0] - $x) * ($_->[1] - $y) } @points) / $xx;
}


# table(from): the parts, printed

sub table {
    my ($self, $from) = @_;
    my $of = $self->parts($from);

    report(sprintf "\n%-28s %9s %9s %9s %11s", '', 'start', 'middle', 'end',
        'an hour');

    for my $column (@{ $self->{columns} }) {
        my ($name, $format) = @$column;

        report(sprintf '%-28s %9s %9s %9s %11s', $name, map {
            my $format = $_->[1];
            defined $_->[0] ? sprintf $format, $_->[0] : '-'
        } map({ [ $_, $format ] } @{ $of->{$name} }[0 .. 2]),
            [ $of->{$name}[3], '%+.1f' ]);
    }
}


1;
