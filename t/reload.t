#!/usr/bin/perl

# A reload, a lost worker and a shutdown of nginx while clients call: no
# answer is lost, nothing reaches the controller twice.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Load;

my $t = Test::Whatsapp->new();
my $fake = $t->fake_controller();

$t->run(undef, workers => 2);

my $text = $t->canary('text');

# reloads under load: each client sees 200 only

{
    my $load = Test::Whatsapp::Load->start($t, clients => 4, each => 200,
        text => $text, close => 1);

    # a kept connection may be closed by the old worker just as it is used:
    # that is HTTP; here each send has its own
    for my $share (100, 300, 500) {
        $load->wait_answers($share);
        $t->reload;
    }

    my @answers = $load->finish;

    is(scalar @answers, 800, 'as many answers as sends over three reloads');
    is(scalar(grep { $_->{status} == 200 } @answers), 800, 'each of them 200')
        or diag(join ' ', map { $_->{status} }
            grep { $_->{status} != 200 } @answers);
}

sub texts_received {
    my (%count);

    for my $request ($fake->requests) {
        my ($id) = $request->{body} =~ /\Q$text\E (\d+-\d+)/;
        $count{$id}++ if defined $id;
    }

    return %count;
}


{
    my %count = texts_received();

    is(scalar keys %count, 800, 'each send reached the controller');
    is(scalar(grep { $_ > 1 } values %count), 0, 'and none of them twice');
}

# a worker killed under load: clients may lose a connection, a send is never
# repeated by nginx

$fake->forget;
$t->allow_alert(qr/worker process \d+ exited on signal 9/);

{
    my $load = Test::Whatsapp::Load->start($t, clients => 4, each => 150,
        text => $text);
    my (@answers, %count, @lost);

    $load->wait_answers(150);
    kill 'KILL', ($t->workers)[0];
    @answers = $load->finish;
    %count = texts_received();

    @lost = grep { $_->{status} == 200 && !$count{ $_->{id} } } @answers;
    is(scalar @lost, 0, 'a killed worker: each 200 reached the controller');
    is(scalar(grep { $_ > 1 } values %count), 0, 'and nothing twice');
    is(scalar(grep { $_->{status} != 200 && $_->{status} != 0 } @answers), 0,
        'a client sees 200 or a lost connection');
}

# an open call survives a reload: the old worker answers it

{
    my $connection = $t->connect;

    $fake->forget;
    $fake->next({ hold => 1 });
    $connection->write($t->request_bytes('POST',
        "/whatsapp/$version/$session/messages",
        body => encode(text_message('15550000002', $text))));
    $fake->wait_requests(1);
    $t->reload;
    $fake->release;
    is($connection->response->status, 200,
        'a call that was open at the reload is answered');
}

# QUIT waits for it as well

{
    my $connection = $t->connect;

    $fake->forget;
    $fake->next({ hold => 1 });
    $connection->write($t->request_bytes('POST',
        "/whatsapp/$version/$session/messages",
        body => encode(text_message('15550000002', $text))));
    $fake->wait_requests(1);
    $t->nginx->signal('QUIT');
    wait_for(sub { !$t->workers }, 60, 'the workers to shut down');
    $fake->release;
    is($connection->response->status, 200, 'SIGQUIT waits for an open call');
    $connection->close;
    ok($t->stop_nginx('QUIT'), 'and nginx ends');
}

$t->done();
