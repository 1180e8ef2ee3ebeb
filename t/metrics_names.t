#!/usr/bin/perl

# docs/metrics.md names the metrics that /metrics has, no more and no fewer, with
# their types and labels; docs/alerts.yml and docs/grafana.json use no other
# names and no other labels.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::RedisServer;

my $docs = "$FindBin::Bin/../docs";

my $t = Test::Whatsapp->new();
my $redis = Test::Whatsapp::RedisServer->start($t);
my $address = $redis->address;
my $controller = $t->controller();

my $conf = <<'END';
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    whatsapp_abuse_zone zone=abuse:1m redis=%REDIS%;

    upstream whatsapp {
        server %%CONTROLLER%% max_fails=0;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:8080;

        location /whatsapp/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_abuse zone=abuse;
            whatsapp_abuse_strikes auth count=100 window=60s ban=60s;
        }

        location = /metrics { whatsapp_status controller=whatsapp; }
    }
}
END
$conf =~ s/%REDIS%/$address/;
$t->run($conf);
$controller->wait_ready;


# What there is: a send, one that fails, a strike and what follows from them
# bring the samples that appear with their first event.

is($t->send('15550000002', $t->canary('text'))->status, 200, 'a send');
is($t->send('15550000010', $t->canary('text'))->status, 400,
    'one to nobody');
is($t->get("/whatsapp/$session/session", token => 'wrong')->status, 401,
    'a wrong token');

my (%type, %labels);

for (split /\n/, $t->get('/metrics', token => undef)->body) {
    if (/^# TYPE (\S+) (\S+)$/) {
        $type{$1} = $2;
        next;
    }

    next if /^#/;

    my ($name, $labels) = /^(\w+)(?:\{(.*)\})? \S+$/ or die "a sample? $_\n";
    my $family = $name;

    $family =~ s/_(?:bucket|sum|count)$// if !$type{$name};
    $labels{$family}{$_} = 1 for ($labels // '') =~ /(\w+)="/g;
}

cmp_ok(scalar keys %type, '>', 60, 'module and controller are there');


# docs/metrics.md

my (%documented, %documented_labels);

for (split /\n/, slurp('metrics.md')) {
    my ($names, $type, $labels) = /^\| (`whatsapp_.*?`) \| (\w+) \| (.*?) ?\|/
        or next;

    for my $name ($names =~ /`(\w+)`/g) {
        $documented{$name} = $type;
        $documented_labels{$name} = { map { $_ => 1 } $labels =~ /`(\w+)`/g };
    }
}

is_deeply(\%documented, \%type, 'docs/metrics.md has all metrics and types');

for my $name (sort keys %labels) {
    my %real = %{ $labels{$name} };

    delete $real{le};
    is_deeply(\%real, $documented_labels{$name}, "and the labels of $name");
}


# what asks for them

my $dashboard = JSON::PP->new->utf8->decode(slurp('grafana.json'));
my @queries = map { map { $_->{expr} } @{ $_->{targets} // [] } }
    @{ $dashboard->{panels} };
my @alerts = slurp('alerts.yml') =~ /^ +expr: (.*)$/mg;

cmp_ok(scalar @queries, '>', 40, 'the dashboard has queries');
cmp_ok(scalar @alerts, '>', 10, 'and there are alerts');
used('grafana.json', $_) for @queries,
    map { $_->{definition} // () } @{ $dashboard->{templating}{list} };
used('alerts.yml', $_) for @alerts;

# who gets an alert finds what to do
is_deeply([ sort(slurp('alerts.yml') =~ /^ +- alert: (\w+)$/mg) ],
    [ sort(slurp('troubleshooting.md') =~ /`(Whatsapp[A-Z]\w+)`/g) ],
    'docs/troubleshooting.md has each alert');

# the dashboard fits every Prometheus
is_deeply([ grep { ref && ($_->{uid} // '') ne '${datasource}' }
    map { $_->{datasource}, map { $_->{datasource} } @{ $_->{targets} // [] } }
    @{ $dashboard->{panels} } ], [], 'no data source is written down');

my %ids;

is_deeply([ grep { $ids{ $_->{id} }++ } @{ $dashboard->{panels} } ], [],
    'each panel has an id of its own');
$t->done;


# used(file, query): each metric and label of the query is there

sub used {
    my ($file, $query) = @_;
    my (%asked, @wrong);

    for my $name ($query =~ /\b(whatsapp_\w+)/g) {
        my $family = $name;

        if (!$type{$name} && $family =~ s/_(?:bucket|sum|count)$//
            && ($type{$family} // '') ne 'histogram')
        {
            push @wrong, $name;
        }

        push @wrong, $name if !$type{$family};
        $asked{$_} = 1 for keys %{ $documented_labels{$family} // {} };
    }

    $asked{le} = 1;

    # labels of matchers, and those that are grouped by
    for my $list ($query =~ /\{([^}]*)\}/g) {
        push @wrong, grep { !$asked{$_} } $list =~ /(\w+) ?(?:=~?|!=|!~)/g;
    }

    for my $list ($query =~ /\b(?:by|on) \(([^)]*)\)/g) {
        push @wrong, grep { !$asked{$_} } split /, */, $list;
    }

    is(join(' ', @wrong), '', "$file: $query");
}


sub slurp {
    my ($name) = @_;

    open my $in, '<', "$docs/$name" or die "$name: $!\n";
    local $/;
    return scalar <$in>;
}
