#!/usr/bin/perl

# A second controller, started by mistake beside one that runs: it ends, and
# takes nothing from the first.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();

# media need no browser

my $controller = $t->controller(chromium => '/bin/false',
    web_url => 'http://127.0.0.1:9/');


sub upload {
    my $response = $controller->request('POST', "/v1/sessions/$session/media",
        headers => { 'Content-Type' => 'multipart/form-data; boundary=b' },
        body => "--b\r\nContent-Disposition: form-data; name=\"file\"; "
            . "filename=\"a.txt\"\r\n\r\nA file.\r\n--b--\r\n");

    return $response->json->{id};
}


# content(id): the bytes of an uploaded file

sub content {
    my ($id) = @_;
    my $url = $controller->request('GET', "/v1/media/$id")->json->{url};

    return $controller->request('GET', $url =~ s{^media}{/v1/download}r)
        ->body;
}


# gives_up(name, regex, options): one test for a second one with other options

my $n = 0;

sub gives_up {
    my ($name, $regex, %option) = @_;
    my @argv = @{ $controller->argv };
    my $process;

    for my $i (0 .. $#argv - 1) {
        $argv[$i + 1] = $option{$argv[$i]} if exists $option{$argv[$i]};
    }

    $process = $t->spawn('second' . $n++, \@argv);
    eval { wait_for(sub { !$process->running }, 60) } or $process->stop;

    is($process->status >> 8, 1, "$name: it ends");
    like($process->output, $regex, "$name: and says why");
}


my $id = upload();

is(content($id), 'A file.', 'a file');

gives_up('the same', qr/another process listens on "/);
is(content($id), 'A file.', 'the file is still there');

gives_up('without wa-js', qr/can't read "/, '--wa-js' => '/nonexistent');
is(content($id), 'A file.', 'the file is still there');

gives_up('on another socket', qr/another controller uses "/,
    '--listen' => 'unix:' . $t->runtime . '/second.sock');
is(content($id), 'A file.', 'the file is still there');
ok(!-e $t->runtime . '/second.sock', 'no socket is left of it');

# who was killed keeps nobody out

$controller->process->stop('KILL');
$controller->restart;
is(content(upload()), 'A file.', 'another one after a kill');
$controller->process->stop;
is(join(' ', glob $t->runtime . '/{*,.[!.]*}'), '', 'nothing is left of it');

$t->done();
