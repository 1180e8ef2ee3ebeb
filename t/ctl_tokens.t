#!/usr/bin/perl

# whatsapp-ctl and the file of tokens: what it writes, nginx accepts, and the
# token itself is nowhere but in the one line that is printed.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Ctl;

my $t = Test::Whatsapp->new();

$t->fake_controller;
$t->run();

my $file = $t->write_file('nginx/tokens', "# no line end");

Test::Whatsapp::Ctl->defaults('--socket', 'unix:' . $t->socket, '--tokens',
    $file);


sub lines { $t->read_file('nginx/tokens') }


# ==== add ====

my ($status, $made, $hint) = ctl($t, qw(token add shop --scope send
    --session), $session);

chomp $made;
is($status, 0, 'a token is made');
like($made, qr/^[A-Za-z0-9_-]{43}$/, 'it is of 256 bits, alone on a line');
like($hint, qr/reload nginx/, 'the hint is beside it');
is(lines(), "# no line end\n" . sha256_hex($made)
    . " scope=send phone_number_id=$session  # shop\n",
    'its digest is in the file, and not the token');

my ($rc, $object) = ctl_json($t, qw(token add crm));

is($rc, 0, 'another one, as JSON');
is($object->{name}, 'crm', 'its name');
is($object->{digest}, substr(sha256_hex($object->{token}), 0, 16),
    'the beginning of its digest');
like(lines(), qr/^@{[ sha256_hex($object->{token}) ]}  # crm$/m,
    'without limits: for all');

refuses($t, 1, 'name_taken', qr/"shop" already; choose another name/,
    qw(token add shop));
refuses($t, 2, 'invalid_name', qr/a name has/, qw(token add), $_)
    for 'a b', 'a#', "a\nb", 'x' x 65;
refuses($t, 2, 'invalid_scope', qr/send, read or control/,
    qw(token add x --scope), $_) for 'x', 'send,', 'send read', "send\nread";
refuses($t, 2, 'invalid_session', qr/1 to 15 digits/,
    qw(token add x --session), $_) for 'x', '1,', '1' x 16, '1 2';
is(lines() =~ tr/\n//, 3, 'nothing was added meanwhile');

# ==== nginx ====

$t->reload;
is($t->send('15550000002', $t->canary('text'), token => $made)->status, 200,
    'nginx accepts it');
graph_error($t->get("/whatsapp/$version/$session", token => $made), 403, 10,
    'within its limits');
is($t->get("/whatsapp/$version/$session", token => $object->{token})->status,
    200, 'and the other one for all');

# ==== list ====

is(says($t, qr/^NAME +SCOPE +SESSIONS +DIGEST\n/, qw(token list)),
    <<"END", 'a table of names and limits');
NAME  SCOPE  SESSIONS    DIGEST
shop  send   $session  @{[ substr sha256_hex($made), 0, 16 ]}
crm   all    all         $object->{digest}
END

is_deeply((ctl_json($t, qw(token list)))[1], { tokens => [
    { name => 'shop', scope => ['send'], session => [$session],
        digest => substr(sha256_hex($made), 0, 16) },
    { name => 'crm', scope => undef, session => undef,
        digest => $object->{digest} },
] }, 'the same as JSON');

# ==== revoke ====

refuses($t, 1, 'unknown_token', qr/token list/, qw(token revoke nobody));
says($t, qr/^revoked: 1\. .*reload nginx/, qw(token revoke shop));
unlike(lines(), qr/shop/, 'its line is gone');
like(lines(), qr/^# no line end\n.*crm\n\z/, 'and the others are there');
$t->reload;
graph_error($t->send('15550000002', 'x', token => $made), 401, 190,
    'nginx refuses it');

$t->write_file('nginx/tokens', lines() . sha256_hex('x') . "\n");
refuses($t, 1, 'unknown_token', qr/no token/, qw(token revoke),
    substr(sha256_hex('x'), 0, 11));
is((ctl_json($t, qw(token revoke), substr(sha256_hex('x'), 0, 16)))[1]
    ->{revoked}, 1, 'one without a name by the beginning of its digest');
is(lines() =~ tr/\n//, 2, 'only that one');

# ==== the file ====

is((stat $file)[2] & 0777, 0644, 'the mode is kept');
chmod 0600, $file;
symlink $file, $t->dir . '/nginx/link';
says($t, qr/./, qw(token add linked --tokens), $t->dir . '/nginx/link');
is((stat $file)[2] & 0777, 0600, 'also of another mode');
ok(-l $t->dir . '/nginx/link', 'a link stays a link');
like(lines(), qr/# linked$/m, 'to the file that was changed');

my $new = $t->dir . '/nginx/new-tokens';

says($t, qr/^NAME/, qw(token list --tokens), $new);
says($t, qr/./, qw(token add first --tokens), $new);
is((stat $new)[2] & 0777, 0600, 'nobody else can read one that is new');

refuses($t, 1, 'not_writable', qr/No such file.*--tokens/,
    qw(token add x --tokens), $t->dir . '/nowhere/tokens');
refuses($t, 1, 'not_readable', qr/not a regular file/,
    qw(token list --tokens), $t->dir);

$t->write_file('nginx/broken', sha256_hex('x') . "\n$made\n");
refuses($t, 1, 'invalid_file', qr/line 2 of/, 'token', $_->[0], @$_[1 .. $#$_],
    '--tokens', $t->dir . '/nginx/broken') for ['list'], ['add', 'x'],
    ['revoke', 'x'];

is_deeply([ glob $t->dir . '/nginx/.whatsapp*' ], [], 'nothing is left');

# two at once: both are there

{
    my @pids = map {
        my $pid = fork() // die "fork: $!\n";

        if ($pid == 0) {
            open STDOUT, '>', '/dev/null';
            open STDERR, '>&', \*STDOUT;
            exec Test::Whatsapp::Ctl::binary($t), 'token', 'add', "side-$_",
                '--socket', 'unix:/x', '--tokens', $new or POSIX::_exit(127);
        }

        $pid;
    } 1 .. 8;

    waitpid $_, 0 for @pids;
    is(scalar(() = $t->read_file('nginx/new-tokens') =~ /# side-\d$/mg), 8,
        'eight at once lose no token');
}

# ==== make token ====

is(system("make -s -C @{[ $t->root ]} token NAME=made SCOPE=read FILE=$file"
    . ' > /dev/null 2>&1'), 0, 'make token');
like(lines(), qr/^[0-9a-f]{64} scope=read  # made$/m, 'is the same');

$t->done();
