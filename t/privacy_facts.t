#!/usr/bin/perl

# Sentences of PRIVACY.md that no other file of tests holds: whom the browser
# can talk to, where it and the controller keep files, who can read them, and
# that nothing dumps their memory.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Process qw(descendants);

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();
my ($browser, $state, $text);


sub read_proc {
    my ($pid, $name) = @_;

    open my $fh, '<', "/proc/$pid/$name" or return '';
    local $/;
    return <$fh> // '';
}


sub mode {
    my ($path) = @_;

    return sprintf '%04o', (stat $path)[2] & 07777;
}


# peers(pids): the remote ends of all TCP connections of these processes

sub peers {
    my (%inodes, %peers);

    for my $fd (map { glob "/proc/$_/fd/*" } @_) {
        my $link = readlink $fd // '';

        $inodes{$1} = 1 if $link =~ /^socket:\[(\d+)\]$/;
    }

    for my $name (qw(tcp tcp6)) {
        for my $line (split /\n/, read_proc('self', "net/$name")) {
            my (undef, undef, $to, $state, undef, undef, undef, undef, undef,
                $inode) = split ' ', $line;
            my ($address, $port) = split /:/, $to // '';

            next if ($state // '') ne '01' || !$inodes{$inode};
            $peers{ "$address:" . hex $port } = 1;
        }
    }

    return sort keys %peers;
}


# written(pids): the regular files that these processes may write to

sub written {
    my %files;

    for my $fd (map { glob "/proc/$_/fd/*" } @_) {
        my $file = readlink $fd // next;
        my ($pid, $n) = $fd =~ m{(\d+)/fd/(\d+)};
        my ($flags) = read_proc($pid,
            "fdinfo/$n") =~ /^flags:\s*(\d+)/m or next;

        next if $file !~ m{^/} || $file =~ m{^/(?:dev/null|memfd:)}
            || !(oct($flags) & 3);
        $files{$file} = 1;
    }

    return sort keys %files;
}


$text = $t->canary('text');
$t->run();
$controller->wait_ready;
is($t->send('15550000002', $text)->status, 200, 'a send');
$phone->wait_messages(1, qr/\Q$text\E/);

is($t->post("/whatsapp/$version/$session/media",
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\""
    . "\r\nContent-Type: text/plain\r\n\r\nabc\r\n--b--\r\n",
    headers => { 'Content-Type' => 'multipart/form-data; boundary=b' })
    ->status, 200, 'an upload');

$browser = $controller->browser->{pid};
$state = $t->dir . "/state/sessions/$session";

# whom the browser can talk to

{
    my ($rules) = read_proc($browser, 'cmdline')
        =~ /--host-resolver-rules=(.*?) ?(?:\0|--|data:|\z)/;
    my @pids = ($browser, map { $_->{pid} } descendants($browser));
    my $switches = read_proc($browser, 'cmdline');

    is($rules, 'MAP * ~NOTFOUND , EXCLUDE whatsapp.com , '
        . 'EXCLUDE *.whatsapp.com , EXCLUDE whatsapp.net , '
        . 'EXCLUDE *.whatsapp.net , EXCLUDE *.fbcdn.net , '
        . 'EXCLUDE 127.0.0.1', 'no other names than WhatsApp\'s, the page\'s '
        . 'and those of Meta\'s servers of files are resolved');
    like($switches, qr/[ \0]\Q$_\E[ \0]/, $_)
        for qw(--disable-background-networking --disable-component-update
            --disable-sync --disable-breakpad --no-pings);
    unlike($switches, qr/remote-debugging-port/, 'no port to debug by');

    is(join(' ', peers(@pids)), '0100007F:' . $phone->port,
        'the stand-in is the only peer of all its processes');
}

# files: who can read them, and on what they lie

{
    my $runtime = $t->runtime . "/$session";
    my @pids = ($controller->pid, map { $_->{pid} }
        descendants($controller->pid));
    my $places = join '|', map { quotemeta } "$state/profile/",
        $t->runtime . '/', '/dev/shm/', $t->dir . '/parts/controller.log';

    is(mode("$state/profile"), '0700', 'the profile is the user\'s alone');
    is(mode($t->dir . '/state/seal.key'), '0600', 'the key of sealed ids');

    is(mode("$runtime/media"), '0700', 'media');
    is(`stat -f -c %T $runtime/media`, "tmpfs\n", 'which lie in memory');

    like(read_proc($browser, 'cmdline'),
        qr{--disk-cache-dir=\Q${\ $t->runtime}\E/browser-\d+/},
        'the browser\'s cache as well');
    ok((grep { m{^\Q$state\E/profile/} } written(@pids)),
        'the profile is written to');
    is(join(' ', grep { !m{^(?:$places)} } written(@pids)), '',
        'files are open for writing in the profile and in memory only');
}

# memory

for my $process ([ 'the controller', $controller->pid ],
    [ 'the browser', $browser ])
{
    like(read_proc($process->[1], 'limits'),
        qr/^Max core file size +0 +0 +bytes/m, "$process->[0]: no core file");
}

is((stat '/proc/' . $controller->pid . '/mem')[4], 0,
    'only root reads the controller\'s memory');

# tokens

{
    my $tokens = $t->read_file('nginx/tokens');

    like($tokens, qr/^[0-9a-f]{64}\n\z/, 'the file of tokens has digests');
    unlike($tokens, qr/\Q@{[ $t->token ]}\E/, 'and no token');
}

$t->done();
