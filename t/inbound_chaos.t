#!/usr/bin/perl

# People write, react, change and delete while the page, the browser, the
# controller, nginx and the receiver are killed or stopped.  In the end each
# event has been taken by the receiver, in the order of its chat and each time
# in the same bytes; and a stream has told all of them, or that there is a gap.
#
# TEST_WHATSAPP_EVENTS is the number of events if not 150; there is a fault to
# each 25 of them.  TEST_WHATSAPP_SEED plays the faults of another run.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use List::Util qw(sum);
use MIME::Base64 qw(encode_base64url);
use POSIX qw(_exit);
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Receiver;
use Test::Whatsapp::Stream;
use Time::HiRes qw(sleep time);

my $events = $ENV{TEST_WHATSAPP_EVENTS} // 150;
my $seed = $ENV{TEST_WHATSAPP_SEED} // int rand 2 ** 31;
my $between = 25;
my $limit = 100 + 2 * $events;

my @people = map { "1555000000$_" } 2 .. 5;
my $group = '120363000000000001@g.us';
my %members = map { $_ => 1 } @people[0, 1];
my $types = 'messages,statuses,echoes,calls,errors';

my $t = Test::Whatsapp->new(timeout => $limit + 200);
my $json = JSON::PP->new->utf8->canonical;
my $secret = $t->canary('secret');
my $text = $t->canary('text');
my $phone = $t->standin;
my $receiver = Test::Whatsapp::Receiver->start($t, 8090);
my $file = $phone->upload('application/pdf', $t->canary('bytes') x 100);
my $controller;

# what it has taken is not noted yet when somebody dies
$receiver->rules({ match => 'POST', late => 0.1 });

srand $seed;
note("TEST_WHATSAPP_SEED=$seed");

$controller = $t->controller(args => [ '--allow-webhook-net', '127.0.0.0/8',
    '--config', Test::Whatsapp::Receiver::webhooks($t, <<"END") ]);
[session $session]
url = @{[ $receiver->url($t->canary('path')) ]}
app_secret = $secret
END

$t->run();
$controller->wait_ready;

# how nginx logs a missing unix socket, and its worker's death
$t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);
$t->allow_alert(qr/\[alert\] .* worker process \d+ exited on signal 9/);


sub frozen {
    my ($pid, $seconds) = @_;

    kill 'STOP', $pid;
    sleep $seconds;
    kill 'CONT', $pid;
}

# a receiver's connections are processes of its group

my %faults = (
    page => sub { kill 'KILL', $controller->renderer->{pid} },
    browser => sub { kill 'KILL', $controller->browser->{pid} },
    controller => sub {
        $controller->process->stop('KILL');
        $controller->restart;
    },
    'controller, stopped' => sub {
        $controller->process->stop('TERM', 20);
        $controller->restart;
    },
    receiver => sub {
        kill 'KILL', -$receiver->pid;
        sleep 1;
        $receiver->up;
    },
    'receiver and controller' => sub {
        kill 'KILL', -$receiver->pid, $controller->pid;
        $controller->process->stop('KILL');
        $receiver->up;
        $controller->restart;
    },
    'frozen receiver' => sub { frozen(-$receiver->pid, 3) },
    'frozen controller' => sub { frozen($controller->pid, 2) },
    'frozen page' => sub { kill 'STOP', $controller->renderer->{pid} },
    'frozen browser' => sub { kill 'STOP', $controller->browser->{pid} },
    worker => sub { kill 'KILL', ($t->workers)[0] },
    nginx => sub {
        my @workers = $t->workers;

        $t->stop_nginx('KILL');
        kill 'KILL', @workers;
        $t->run();
    },
);

my @order = ('page', 'receiver', 'controller', 'browser',
    'controller, stopped', 'frozen receiver', 'receiver and controller');



# child(sub): a process that runs it; its pid, and a handle of what it prints

sub child {
    my ($run) = @_;

    pipe my $reader, my $writer or die "pipe: $!\n";

    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        # nothing of the parent's END must run here
        close $reader;
        $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);
        $writer->autoflush(1);
        eval { $run->($writer); 1 } or print STDERR "child: $@";
        _exit(0);
    }

    return ($pid, $reader);
}


sub post { $phone->api('POST', "/api/$_[0]", $_[1]) }


# people(writer): they write, and tell what they have done

sub people {
    my ($writer) = @_;
    my %mine;

    for my $n (1 .. $events) {
        my $from = $people[rand @people];
        my %where = $members{$from} && rand() < 0.5 ? (group => $group) : ();
        my $chat = $where{group} // $from;
        my $kind = (('messages') x 7, qw(react edit delete))[rand 10];

        # each message is the target of one thing at most, and no place is:
        # it can't be changed
        my $target = $kind eq 'messages' ? undef
            : pop @{ $mine{"$from $chat"} };
        my $act;

        if ($target) {
            $act = post($kind, { from => $from, target => $target,
                emoji => '+', body => "$text $n" });

        } else {
            $kind = 'messages';
            $act = post($kind, { from => $from, body => "$text $n",
                what(), %where });
            push @{ $mine{"$from $chat"} }, $act->{id}
                if $act->{type} ne 'location';
        }

        print {$writer} $json->encode({ n => $n, kind => $kind,
            chat => $chat, id => wamid($act->{id}),
            target => $target && wamid($target) }), "\n";

        sleep rand 0.4;
    }
}


# what(): a text, now and then a document or a place

sub what {
    my $kind = int rand 12;

    return (type => 'document', media => $file->{id}, caption => $text,
        filename => "$text.pdf") if $kind == 0;
    return (type => 'location', location => { latitude => 1, longitude => 2,
        name => $text, address => $text,
        url => "https://example.com/$text" }) if $kind == 1;

    return (type => 'text');
}


sub wamid { 'wamid.' . encode_base64url($_[0]) }


# read_stream(writer): reads it, on from where it was, and tells the ids and
# gaps

sub read_stream {
    my ($writer) = @_;
    my ($stream, $last, $event);

    for ( ;; ) {
        $stream = eval { Test::Whatsapp::Stream->open($t->port(8080),
            "/whatsapp/$session/events?types=$types", headers => {
                Authorization => 'Bearer ' . $t->token,
                'Last-Event-ID' => $last }) };

        while ($stream && $stream->status == 200) {
            $event = eval { $stream->event(3600) } // last;
            $last = $event->{id};
            print {$writer} $event->{event} // '', " $last\n";
        }

        sleep 0.2;
    }
}


# faults among what they do

my ($reader, $told) = child(\&read_stream);
my ($writer, $done) = child(\&people);
my (@acts, %faults_of);

while (my $line = <$done>) {
    push @acts, $json->decode($line);
    next if @acts % $between || @acts == $events;

    my $name = $order[@acts / $between - 1]
        // (sort keys %faults)[rand keys %faults];

    note(sprintf '%d: %s', scalar @acts, $name);
    $faults_of{$name}++;
    $faults{$name}->();
    $controller->wait_ready;
}

waitpid $writer, 0;
is(scalar @acts, $events, 'all is done that was to be');

# of a message that was deleted soon, only that may be told

my %acts = map { $_->{id} => $_ } @acts;
my %of = map { $_->{target} => $_->{kind} } grep { $_->{target} } @acts;
my %wanted = map { $_ => 1 } grep { ($of{$_} // '') ne 'delete' } keys %acts;
my $began = time;

eval { wait_for(sub {
    sleep 1;
    my %taken = map { $_->{id} => 1 } taken();
    return !grep { !$taken{$_} } keys %wanted;
}, 60, 'the last of them') };
note(sprintf 'the last one was taken %.1f s after it was written',
    time - $began);
wait_for(sub { $controller->metric('whatsapp_webhook_queue_length') == 0 }, 60,
    'an empty queue');


# taken(): what the receiver has taken: id, body, n

sub taken {
    return map { { id => $_->{event}{entry}[0]{changes}[0]{value}
        {messages}[0]{id}, body => $_->{body} } }
        grep { $_->{status} == 200 } $receiver->deliveries;
}

my (%bodies, @first, $again);

for my $one (taken()) {
    push @first, $acts{ $one->{id} } // { id => $one->{id}, n => 0 }
        if !$bodies{ $one->{id} };
    $again++ if $bodies{ $one->{id} };
    $bodies{ $one->{id} }{ $one->{body} } = 1;
}

note(sprintf '%d events, %d faults (%s), %d redeliveries', $events,
    sum(0, values %faults_of),
    join(', ', map { "$_: $faults_of{$_}" } sort keys %faults_of),
    $again // 0);

is(join(' ', map { "$acts{$_}{n} ($acts{$_}{kind})" }
    grep { !$bodies{$_} } keys %wanted), '', 'none is missing');
is(join(' ', grep { !$acts{$_} } keys %bodies), '', 'nothing else is told');

# a message that was changed is told again as it is now
is(join(' ', map { $acts{$_}{n} } grep { keys %{ $bodies{$_} } > 1
    && ($of{$_} // '') ne 'edit' } keys %bodies), '',
    'none was told in other bytes');

for my $chat (@people, $group) {
    my @of = map { $_->{n} } grep { $_->{kind} eq 'messages'
        && $_->{chat} eq $chat } @first;
    my (%at, $n);

    is("@of", join(' ', sort { $a <=> $b } @of),
        'the messages of a chat in order');
    $at{ $_->{id} } = ++$n for @first;
    is(join(' ', map { $_->{n} } grep { $_->{target} && $at{ $_->{target} }
        && $at{ $_->{target} } > $at{ $_->{id} } } @first), '',
        'what is done to them after them');
}

# the stream: the ids of one run of the controller follow each other

kill 'TERM', $reader;
waitpid $reader, 0;

my ($gap, $run, $number, @holes);
my $streamed = 0;

while (my $line = <$told>) {
    my ($event, $this, $n) = $line =~ /^(\w*) (\w+)-(\d+)$/
        or die "a strange line of the stream\n";

    if ($event eq 'gap') {
        $gap = 1;
        next;
    }

    push @holes, "$number $n" if defined $run && !$gap
        && ($this ne $run || $n != $number + 1);
    ($gap, $run, $number) = (0, $this, $n);
    $streamed++;
}

note("$streamed events on the stream");
is(join(', ', @holes), '', 'the stream has no hole of which it does not tell');
cmp_ok($streamed, '>=', $events / 2, 'and has told most of it');

$t->done();
