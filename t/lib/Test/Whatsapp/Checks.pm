package Test::Whatsapp::Checks;

# The tests that every test file ends with: what an operator is promised about
# logs, files, processes and stopping.

use strict;
use warnings;

use File::Find qw(find);
use Test::More;
use Test::Whatsapp::Process qw(wait_for descendants find_processes is_alive);
use Time::HiRes qw(time);

# numbers of the stand-in in any formatting, and message ids, which hold one;
# random numbers of the browser's are longer than an id
my $number = qr/555[\s().-]*000[\s().-]*\d{4}/;
my $message_id = qr/wamid\.|dHJ1ZV8|true_\d+\@
    |(?<![0-9A-F])3EB0[0-9A-F]{18}(?![0-9A-F])/x;

# seconds that the processes of what was stopped may take to end
our $patience = 60;


# run(test): stops all parts and judges what they leave

sub run {
    my ($t) = @_;
    my ($leaks, @below, $began, @late);

    alarm(600);
    $t->{audit}->running if $t->{audit};
    $leaks = _leaks($t, _texts($t), _redis_text($t));
    @below = map { descendants($_->pid) }
        grep { $_->running } @{ $t->{processes} };

    $began = time();
    @late = $t->stop;
    diag(sprintf 'stopped in %.1f s', time() - $began) if @late;
    is("@late", '', 'everything stops within 20 s');

    _no_process($t, @below);
    $t->{audit}->ended if $t->{audit};
    _nothing_left($t);
    _nothing_personal($t, $leaks) if !$t->{audit};
    _no_alerts($t);
    _answers_documented($t);
    _no_sanitizer_report($t);
}


sub _no_process {
    my ($t, @below) = @_;
    my @left;

    # a killed browser's children need a moment
    eval {
        wait_for(sub {
            @left = ((grep { is_alive($_) } @below),
                map { find_processes($_) } $t->dir, $t->runtime);
            return !@left;
        }, $patience);
    };

    is(join(' ', map { "$_->{pid} ($_->{command})" } @left), '',
        'no process is left');
}


# The controller's runtime directory, the directory for temporary files, and
# nginx' temporary directories must be empty, but for the digests of delivered
# messages, which outlive the controller; and no socket or lock remains.

sub _nothing_left {
    my ($t) = @_;
    my $delivered = $t->runtime . '/delivered';
    my @left;

    for my $dir ($t->runtime, $t->dir . '/tmp', $t->dir . '/nginx/temp') {
        find({ no_chdir => 1, wanted => sub {
            push @left, $_
                if (!-d $_ || -l $_) && !m{^\Q$delivered\E/\d{1,15}$};
        } }, $dir) if -d $dir;
    }

    find({ no_chdir => 1, wanted => sub {
        push @left, $_ if -S $_ || -l $_ || m{/(?:Singleton|.*\.lock$)};
    } }, $t->dir . '/state');

    # directories of the controller, not those that the harness made
    push @left, grep { -d && $_ ne $delivered } glob $t->runtime . '/*';

    is(join(' ', sort @left), '',
        'no socket, lock or temporary file is left');
}


# _texts(test): { file => content } of all that nginx and the controller wrote
# outside the browser's profile

sub _texts {
    my ($t) = @_;
    my (%texts, $profile, $own);

    $profile = qr{/sessions/\d+/profile$};
    $own = qr{/(?:client|parts|app)$};

    find({ no_chdir => 1,
        preprocess => sub {
            return grep {
                my $path = "$File::Find::dir/$_";
                $path !~ $profile && $path !~ $own
                    && $path !~ m{/\d+/tmp$};
            } @_;
        },
        wanted => sub {
            return if !-f $_ || -l $_;
            $texts{$_} = _read($_);
        } }, $t->dir, $t->runtime);

    for my $name (qw(controller nginx nginx-t)) {
        my $log = $t->dir . "/parts/$name.log";
        $texts{$log} = _read($log) if -e $log;
    }

    return \%texts;
}


sub _read {
    my ($path) = @_;

    open my $fh, '<', $path or return '';
    local $/;
    return <$fh> // '';
}


sub _redis_text {
    my ($t) = @_;

    return '' if !$t->{redis} || !$t->{redis}->running;
    return $t->redis->dump;
}


# _leaks(test, texts, redis): { place: what } of personal data found

sub _leaks {
    my ($t, $texts, $redis) = @_;
    my (%leaks, $canaries, %all);

    $canaries = join '|', map { quotemeta } @{ $t->{canaries} };
    $canaries = qr/$canaries/i;
    %all = (%$texts, Redis => $redis);

    for my $place (keys %all) {
        for my $regex ($canaries, $number, $message_id) {
            next if $all{$place} !~ /$regex/;

            # the line around it costs too much to be looked for everywhere
            $all{$place} =~ /([^\n]{0,200}$regex[^\n]{0,40})/;
            $leaks{$place} = $1;
            last;
        }
    }

    return \%leaks;
}


sub _nothing_personal {
    my ($t, $before) = @_;
    my %leaks;

    # what was written while stopping counts too
    %leaks = (%$before, %{ _leaks($t, _texts($t), '') });

    is(join("\n", map { "$_: $leaks{$_}" } sort keys %leaks), '',
        'no text, name, number or token in logs, files and Redis');
}


sub _no_alerts {
    my ($t) = @_;
    my @alerts;

    @alerts = grep { /\[(?:alert|crit|emerg)\]/ }
        split /\n/, $t->error_log;

    for my $allowed (@{ $t->{allowed} }) {
        @alerts = grep { $_ !~ $allowed } @alerts;
    }

    is(join("\n", @alerts), '', 'no alerts in the error log');
}


# _answers_documented(test): whether each JSON answer is one of
# docs/openapi.yaml; TEST_WHATSAPP_ANSWERS names a file that keeps them

sub _answers_documented {
    my ($t) = @_;
    my @answers = sort keys %{ $t->{answers} // {} };
    my ($status, $wrong);

    return if !@answers;

    if (defined $ENV{TEST_WHATSAPP_ANSWERS}) {
        open my $fh, '>>', $ENV{TEST_WHATSAPP_ANSWERS}
            or die "open $ENV{TEST_WHATSAPP_ANSWERS}: $!\n";
        print {$fh} map { "$_\n" } @answers;
        close $fh;
    }

    ($status, $wrong) = $t->command([ 'node',
        $t->root . '/t/openapi/answers.js' ], join "\n", @answers);
    ok($status == 0 && $wrong eq '',
        'all JSON answers are those of docs/openapi.yaml') or diag($wrong);
}


sub _no_sanitizer_report {
    my ($t) = @_;
    my @reports;

    @reports = map { _read($_) } glob $t->dir . '/sanitizer/*';
    push @reports, grep { /Sanitizer|runtime error:/ }
        map { _read($_) } $t->dir . '/nginx/error.log',
        glob $t->dir . '/parts/*.log';

    is(join("\n", @reports), '', 'no sanitizer report');
}


1;
