#!/usr/bin/perl

# A tmpfs that is full before --media-max is reached: each way in which a file
# can fail there is told as "no room", and nothing is left of it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

# in mounts of its own: the test begins again there

BEGIN {
    if (!$^C && !$ENV{TEST_WHATSAPP_OWN_MOUNTS}) {
        plan(skip_all => 'only root can mount a tmpfs')
            if $> != 0 || system('unshare -m true 2> /dev/null') != 0;

        $ENV{TEST_WHATSAPP_OWN_MOUNTS} = 1;
        exec 'unshare', '-m', $^X, "-I$FindBin::Bin/lib", $0;
    }
}

use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $runtime = $t->runtime;
my $user = $t->user;
my ($controller, $id);


# small(options): a controller on a tmpfs of these mount options

sub small {
    my ($options) = @_;

    system('mount', '-t', 'tmpfs', '-o',
        "mode=0755,uid=$user->{uid},gid=$user->{gid},$options", 'tmpfs',
        $runtime) == 0 or die "mount failed\n";

    # a controller whose browser never starts is enough
    $controller = $t->controller(chromium => '/bin/false', alone => 1,
        web_url => 'http://127.0.0.1:9/');
}

sub gone {
    $controller->process->stop;
    is(join(' ', grep { !/\.log$/ } glob "$runtime/*/* $runtime/*/*/*"), '',
        'nothing is left on the tmpfs');
    system('umount', $runtime) == 0 or die "umount failed\n";
}

sub files {
    return scalar(() = glob "$runtime/*/media/*");
}

sub upload {
    my ($size) = @_;

    return $controller->request('POST', "/v1/sessions/$session/media",
        headers => { 'Content-Type' => 'multipart/form-data; boundary=b' },
        body => "--b\r\nContent-Disposition: form-data; name=\"file\"; "
            . "filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
            . 'x' x $size . "\r\n--b--\r\n");
}

sub full {
    my ($name, $response) = @_;
    my $error = $response->error;

    is(join(' ', $response->status, map { $_ // '' } $error->{code},
        $error->{outcome}), '503 media_full not_sent', $name);
}


small('size=1m');
full('a file larger than the tmpfs', upload(2 << 20));
ok(eval { wait_for(sub { !files() }, 60) }, 'nothing is kept of it');
$id = upload(600 << 10)->json->{id};
ok($id, 'a smaller one is taken');
full('the next one fails in the middle', upload(600 << 10));
ok(eval { wait_for(sub { files() == 1 }, 60) },
    'and only the first one is kept');
is($controller->request('DELETE', "/v1/media/$id")->status, 200, 'deleted');
ok(upload(600 << 10)->json->{id}, 'there is room again');
gone();

# without room for another name: there are the root, the socket, the session's
# directory, the one of its browser's temporary files, and perhaps one more

for my $case ([ 'the directory of media', 4 ], [ 'a file', 5 ]) {
    my ($name, $inodes) = @$case;

    small("nr_inodes=$inodes");
    full("no room for $name", upload(1000)) for 1, 2;
    is(files(), 0, 'no file');
    gone();
}

$t->done();
