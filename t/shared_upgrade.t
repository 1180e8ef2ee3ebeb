#!/usr/bin/perl

# Sessions that had a browser each share one, and have one each again: who was
# linked stays so, and who was not does not become it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my ($linked, $other) = my @ids = (1000000001, 1000000002);

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef);
my ($controller, $codes);


# start(sessions, options): the controller with these

sub start {
    my ($sessions, @args) = @_;

    $controller->process->stop if $controller;
    $controller = $t->controller(sessions => $sessions, alone => 1,
        args => \@args);
}


# codes(): how often a code was shown for the linked session

sub codes {
    my $count = () = $controller->log =~ /session=$linked state=qr/g;

    return $count;
}


# goes_on(name, browsers): it is as it was, in so many

sub goes_on {
    my ($name, $browsers) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $controller->wait_state('qr', 60, $other);
    is($controller->wait_ready(60, $linked)->{wa_id}, '15550000001',
        "$name: who was linked is ready");
    is(codes(), $codes, "$name: without a code");
    is(scalar(my @all = $controller->browsers), $browsers,
        "$name: browsers");
    is($controller->call('message.send', { to => '15550000002',
        type => 'text', text => { body => $t->canary('text') } },
        session => $linked, key => "key-$browsers")->status, 200,
        "$name: it sends");
}


# a phone that scans links all pages that show a code: there is one only

start([$linked], '--sessions-per-browser', 1);
$controller->wait_state('qr', 60, $linked);
wait_for(sub { eval { $phone->scan } }, 30, 'a code to scan');
$controller->wait_ready(60, $linked);
$codes = codes();

# an older version kept more in the directory of a profile

my $profile = $t->dir . "/state/sessions/$linked/profile";

symlink 'elsewhere-1', "$profile/SingletonLock" or die "symlink: $!\n";
symlink '1', "$profile/SingletonCookie" or die "symlink: $!\n";
mkdir "$profile/Crashpad" or die "mkdir: $!\n";
$t->write_file("state/sessions/$linked/profile/Local State", "{}\n");

start(\@ids);
goes_on('one for both', 1);

start(\@ids, '--sessions-per-browser', 1);
goes_on('one each again', 2);

$t->done;
