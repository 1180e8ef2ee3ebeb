#!/usr/bin/perl

# Renderer, browser, controller and nginx worker are killed among sends:
# nothing arrives twice, every 200 is there, every not_sent is not.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Load;

my $t = Test::Whatsapp->new();
my $phone = $t->standin(latency => 5);
my $controller = $t->controller();

$t->run(undef, workers => 2);
$controller->wait_ready;
$t->allow_alert(qr/worker process \d+ exited on signal 9/);

my %kill = (
    renderer   => sub { kill 'KILL', $controller->renderer->{pid} },
    browser    => sub { kill 'KILL', $controller->browser->{pid} },
    worker     => sub { kill 'KILL', ($t->workers)[0] },
    controller => sub {
        $controller->process->stop('KILL');
        $controller->restart;
    },
);

for my $victim (qw(renderer browser worker controller)) {
    my $text = $t->canary('text');
    my ($load, @answers, @messages, %texts, %ids, %status);

    $load = Test::Whatsapp::Load->start($t, clients => 8, each => 25,
        text => $text, wait_ready => 1);
    $load->wait_answers(60);
    $kill{$victim}->();
    @answers = $load->finish;
    $controller->wait_ready;

    # what the page still had in its outbox comes now
    is($t->send('15550000002', "$text last")->status, 200,
        "$victim killed: ready again, and a message is sent");
    @messages = $phone->messages(qr/\Q$text\E/);
    $texts{ $_->{body} }++ for @messages;
    $ids{ $_->{id} }++ for @messages;
    $status{ outcome($_) }++ for @answers;
    note(join ', ', map { "$_: $status{$_}" } sort keys %status);

    is(scalar @answers, 200, "$victim killed: each send is answered");
    is(scalar(grep { $_ > 1 } values %texts, values %ids), 0,
        'no text and no id is there twice');
    is(join(' ', map { $_->{id} } grep { outcome($_) eq 'sent'
        && !$texts{"$text $_->{id}"} } @answers), '',
        'every 200 is there');
    is(join(' ', map { $_->{id} } grep { outcome($_) eq 'not_sent'
        && $texts{"$text $_->{id}"} } @answers), '',
        'every not_sent is not');
    is(join(' ', map { $_->{status} } grep { outcome($_) eq 'odd' }
        @answers), '', 'every answer says what became of it');
    cmp_ok($status{sent}, '>=', 150, 'most are sent');
}


# outcome(answer): sent, not_sent, unknown, lost (the connection), or odd

sub outcome {
    my ($answer) = @_;
    my $details;

    return 'sent' if $answer->{status} == 200 && $answer->{message_id};
    return 'lost' if $answer->{status} == 0;

    $details = $answer->{error}{error_data}{details} // '';
    return $1 if $details =~ /\b(not_sent|unknown)\b/;
    return 'odd';
}


$t->done();
