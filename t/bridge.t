#!/usr/bin/perl

# What the bridge uses of wa-js is written down in contract.json. Here it is
# held against the installed wa-js, its typings, and the bridge itself.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $bridge = $t->root . '/controller/bridge';
my $wa_js = "$bridge/node_modules/\@wppconnect/wa-js";
my $contract = JSON::PP->new->decode(content("$bridge/contract.json"));
my $source = join '', map { content($_) } sort glob "$bridge/*.js";


sub content {
    my ($file) = @_;

    open my $fh, '<', $file or die "open $file: $!\n";
    local $/;
    return <$fh>;
}


sub json { JSON::PP->new->decode(content($_[0])) }


# the version, exactly

is(json("$bridge/package.json")->{dependencies}{'@wppconnect/wa-js'},
    $contract->{wa_js}, 'package.json pins the version of the contract');
is(json("$bridge/package-lock.json")
    ->{packages}{'node_modules/@wppconnect/wa-js'}{version},
    $contract->{wa_js}, 'and so does the lock');
like(json("$bridge/package-lock.json")
    ->{packages}{'node_modules/@wppconnect/wa-js'}{integrity},
    qr/^sha512-/, 'with its digest');
is(json("$wa_js/package.json")->{version}, $contract->{wa_js},
    'that version is installed');

# the typings declare each name

my @capabilities = sort keys %{ $contract->{capabilities} };
my @rows = ((map { @$_ } values %{ $contract->{capabilities} }),
    map { @{ $contract->{$_} } } qw(core values send_options events));
my %typings;

for my $row (@rows) {
    my $name = $row->{path} // $row->{option} // $row->{event};
    my $file = "$wa_js/dist/$row->{typings}";

    $typings{$file} //= -e $file ? content($file) : '';
    like($typings{$file}, qr/(?<![\w.])\Q$row->{declares}\E(?!\w)/,
        "$name is declared in $row->{typings}");
}

# the installed file exports each path

my @paths = map { $_->{path} } grep { $_->{path} } @rows;

{
    my ($status, $output) = $t->command(['node',
        "$FindBin::Bin/bridge/exports.js", "$wa_js/dist/wppconnect-wa.js"],
        join "\n", @paths, 'chat.noSuchFunction',
        'whatsapp.functions.noSuchFunction', 'whatsapp.NoSuchModule.on');
    my $exports = eval { JSON::PP->new->decode($output) } // {};

    is($status, 0, 'wa-js loads') or diag($output);
    is($exports->{version}, $contract->{wa_js}, 'and tells its version');
    is_deeply($exports->{missing}, ['chat.noSuchFunction',
        'whatsapp.functions.noSuchFunction', 'whatsapp.NoSuchModule.on'],
        'it exports all of the contract, and not what is made up');
}

# the bridge probes and uses what the contract says, and nothing else

for my $capability (@capabilities) {
    my ($list) = $source =~ /^ {8}\Q$capability\E: \[(.*?)\]/ms;

    is_deeply([sort(($list // '') =~ /'([^']+)'/g)],
        [sort map { $_->{path} }
            @{ $contract->{capabilities}{$capability} }],
        "the bridge probes what the contract says for $capability");
}

{
    my %known = map { $_ => 1 } map {
        my @names = split /\./;
        map { join '.', @names[0 .. $_] } 0 .. $#names;
    } @paths;
    my %used = map { $_ => 1 }
        $source =~ /\bWPP\.([A-Za-z_][\w.]*\w)/g;

    cmp_ok(scalar keys %used, '>', 10, 'the bridge uses wa-js');
    is(join(' ', grep { !$known{ s/\.(?:get|on|user)$//r } && !$known{$_} }
        sort keys %used), '', 'and nothing that the contract leaves out');

    my %events = map { $_->{event} => 1 } @{ $contract->{events} };
    is_deeply([sort $source =~ /\bWPP\.on\('([^']+)'/g],
        [sort keys %events], 'it listens to the events of the contract');
}

# what is also found by the name of a module is the real module

{
    my $real = json("$FindBin::Bin/standin/contract.json");
    my ($table) = $source =~ /const MODULES = \{(.*?)\n    \};/s;
    my %modules = $table =~ /'(whatsapp\.[\w.]+)':\s+'([\w.]+)'/g;
    my @needed = grep { /^whatsapp\./ } map { $_->{path} }
        map { @{ $contract->{capabilities}{$_} } }
        qw(session qr resolve send_text);

    cmp_ok(scalar keys %modules, '>', 12, 'the bridge knows modules by name');

    for my $path (sort keys %modules) {
        my ($module, $export) = split /\./, $modules{$path};

        ok($real->{modules}{$module} && (!defined $export
            || exists $real->{modules}{$module}{$export}),
            "$path is the real $modules{$path}");
    }

    is(join(' ', grep {
        my $path = $_;
        !grep { $path eq $_ || index($path, "$_.") == 0 } keys %modules
    } @needed), '', 'all that a session needs is among them');
}

# the stand-in has the names and arities of the real modules, and no others

my $real = json("$FindBin::Bin/standin/contract.json");

{
    my ($status, $output) = $t->command(['node',
        "$FindBin::Bin/bridge/standin_modules.js", $real->{revision}]);
    my $standin = eval { JSON::PP->new->decode($output) } // {};
    my $modules = $standin->{modules} // {};
    my %later = %{ $real->{later} };

    is($status, 0, 'the stand-in loads without a browser') or diag($output);
    is_deeply([grep { !$real->{modules}{$_} } sort keys %$modules], [],
        'it has no module that the list lacks');

    for my $module (sort keys %{ $real->{modules} }) {
        next if $later{$module};

        is_deeply($modules->{$module}, known($real->{modules}{$module},
            $modules->{$module}), "$module is as the real one");
    }

    for my $object (sort keys %{ $real->{members} }) {
        my %has = %{ $standin->{members}{$object} // {} };
        my $members = $real->{members}{$object};

        is_deeply({ map { $_ => $has{$_} } keys %$members }, $members,
            "$object has the real members");
    }

    for my $name (@{ $real->{absent} }) {
        my ($module, $export, $member) = split /\./, $name;

        ok(!exists(($modules->{$module} // {})->{$export})
            || (defined $member && !exists($standin->{members}
                {"$module.$export"}{$member})),
            "$name, which is not real, is not there");
    }
}

# rows without an arity allow any

sub known {
    my ($wanted, $has) = @_;

    return { map { $_ => $wanted->{$_} // ($has // {})->{$_} }
        keys %$wanted };
}

{
    my $bus = content("$FindBin::Bin/standin/web/bus.mjs");
    my ($cmd) = $bus =~ /^(.*?)^class BackendEventBus/ms;

    is_deeply([sort $cmd =~ /this\.trigger\('(\w+)'/g],
        [sort @{ $real->{cmd_events} }], 'Cmd has the real events');
}

# each binding of wa-js stands on a real export, and wa-js looks for its name

{
    my $dist = content("$wa_js/dist/wppconnect-wa.js");
    my %bindings = %{ $real->{bindings} };
    my @needed = grep { /^whatsapp\./ } map { $_->{path} }
        (map { @$_ } values %{ $contract->{capabilities} }),
        @{ $contract->{values} };

    for my $path (sort keys %bindings) {
        my ($module, $export) = split /\./, $bindings{$path};
        my ($name) = $path =~ /^whatsapp\.(?:functions\.)?(\w+)/;

        ok(exists $real->{modules}{$module}{$export},
            "$path is $module.$export");
        ok($dist =~ /\b\Q$name\E\b/, "and $name is known to wa-js");
    }

    for my $path (@needed) {
        my $object = $path =~ s/^(whatsapp\.\w+).*/$1/r;
        my $binding = $bindings{$path} // $bindings{$object};
        my ($member) = $path =~ /(\w+)$/;

        ok(defined $binding && !grep({ $_ eq "$binding.$member" }
            @{ $real->{absent} }), "what the bridge needs is real: $path");
    }
}

$t->done();
