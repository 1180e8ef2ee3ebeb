#!/usr/bin/perl

# What is made of one source, or has to follow another one: the manual pages,
# the tables of docs/ctl.md, the directives, the completion of the shell.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Ctl;

my $t = Test::Whatsapp->new();
my $root = $t->root;


sub slurp {
    my ($path) = @_;

    open my $fh, '<', "$root/$path" or die "$path: $!\n";
    local $/;
    return <$fh>;
}


# ==== manual pages ====

for my $name (qw(whatsapp-controller.8 whatsapp-ctl.8
    ngx_http_whatsapp_module.5))
{
    my $page = $name =~ s/\.\d\z//r;
    my $file = $t->dir . "/parts/$name";

    is(system("$root/tools/man-page $page > $file"), 0, "$name is made");

    # pages of this host that it refers to may be missing
    is(join('', grep { !/not found: Xr|outdated mandoc.db/ }
        `mandoc -T lint $file 2>&1`), '', 'and has nothing to complain');
    like(scalar `mandoc -T ascii $file | col -b`,
        qr/^NAME\n +\Q$page\E - \S.*^DESCRIPTION\n.*^SEE ALSO\n/ms,
        'it can be read');
}

is(system("$root/tools/man-page nothing 2> /dev/null") >> 8, 2,
    'there is no other one');

# ==== docs/ctl.md ====

my ($status, $help) = ctl($t, '--help');
my $document = slurp('docs/ctl.md');
my @commands = $help =~ /^  ([a-z][^-\n]*?) {2,}\S/mg;
my @options = $help =~ /^  (--\S+(?: [A-Z]+)?) /mg;

ok($status == 0 && @commands > 10 && @options > 10, 'the command lists both');
is_deeply([sort $document =~ /^\| `([a-z][^`]*)` \| [A-Z]/mg],
    [sort map { s/ \z//r } @commands], 'docs/ctl.md has all commands');
is_deeply([sort map { (split / \|/)[0] =~ /`(--[^`]*)`/g }
    $document =~ /^\| (`--.*)/mg], [sort @options], 'and all options');

# ==== directives ====

{
    my @sources = glob "$root/ngx_http_whatsapp_module/*.c"
        . " $root/ngx_http_whatsapp_module/*/*.c";
    my %directives;

    for my $path (@sources) {
        my $source = slurp($path =~ s/^\Q$root\E\///r);

        $directives{$_} = 1 for $source =~
            /ngx_string\("(whatsapp_\w+)"\),\n +NGX_HTTP_/g;
    }

    my @documented = slurp('docs/directives.md') =~ /^### (whatsapp_\w+)$/mg;

    is_deeply([sort @documented], [sort keys %directives],
        'docs/directives.md has all directives');
}

# ==== completion ====

my $ctl = Test::Whatsapp::Ctl::binary($t);
my %scripts = (
    bash => $t->write_file('parts/complete.bash', <<"END"),
. $root/controller/ctl/completion/whatsapp-ctl
whatsapp-ctl() { $ctl "\$@"; }
COMP_WORDS=("\$@")
COMP_CWORD=\$((\$# - 1))
_whatsapp_ctl
printf '%s ' "\${COMPREPLY[@]}"
END

    # what zsh does with the choices is played
    zsh => $t->write_file('parts/complete.zsh', <<"END"),
whatsapp-ctl() { $ctl "\$@" }
_files() { print -n -- \$words[CURRENT]*(N) }
compadd() { shift; print -n -- \${(M)\@:#\$words[CURRENT]*} }
fpath=($root/controller/ctl/completion)
words=("\$@")
CURRENT=\$#
autoload -U _whatsapp-ctl
_whatsapp-ctl
END
);


sub complete {
    my ($line, $expected) = @_;
    my @words = split / /, $line, -1;

    for my $shell (sort keys %scripts) {
        open my $fh, '-|', $shell, $shell eq 'zsh' ? '-f' : '--norc',
            $scripts{$shell}, 'whatsapp-ctl', @words or die "$shell: $!\n";

        my $got = join ' ', sort map { split } <$fh>;

        is($got, $expected, "$shell: completion of \"$line\"");
    }
}


complete('st', 'start status stop');
complete('ban ', 'add list remove');
complete('token r', 'revoke');
complete('--json --redis unix:/x tok', 'token');
complete('ban add ', '');
complete('--toke', '--tokens');
complete('token add x --scope ', 'control read send');
complete('--config /etc/hostnam', '/etc/hostname');

$t->done();
