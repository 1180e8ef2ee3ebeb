#!/usr/bin/perl

# docs/openapi.yaml and the module have the same routes, types of messages and
# members of bodies, and the file is sound in itself.

use strict;
use warnings;

# in Perl's core; reads the block style that the file is written in
use CPAN::Meta::YAML;
use FindBin;
use Test::More;

my $root = "$FindBin::Bin/..";
my $module = "$root/ngx_http_whatsapp_module";
my $yaml = CPAN::Meta::YAML->read("$root/docs/openapi.yaml")
    // die CPAN::Meta::YAML->errstr;
my $api = $yaml->[0];
my %methods = map { $_ => 1 } qw(get post put delete head options patch);


sub source {
    my ($folder, $name) = @_;

    open my $fh, '<', "$module/$folder/ngx_http_whatsapp_$name"
        or die "open $name: $!\n";
    local $/;
    return <$fh>;
}


# public_path(edge, flags): the path of a route as OpenAPI writes it; there all
# objects of one level share a path

sub public_path {
    my ($edge, $flags) = @_;
    my $under;

    return '/{id}' if $edge eq '*' || $edge eq 'g.*' || $edge eq '';

    $edge =~ s{^media/\*}{media/{seal}};
    $edge =~ s{^groups/g\.\*}{groups/{group_id}};
    $edge =~ s{^g\.\*}{{id}};
    $under = $flags =~ /UNDER_SESSION/ ? '/{phone_number_id}'
        : $flags =~ /UNDER_ACCOUNT/ ? '/{waba_id}' : '';

    return "$under/$edge";
}


# fields(table): the members that a table of rules allows

sub fields {
    my ($text, $table) = @_;
    my ($rows);

    ($rows) = $text =~ /ngx_http_whatsapp_${table}\[\] = \{(.*?)\n\};/s
        or die "no table $table\n";

    # written out, or as one of the rows that recur
    return sort $rows =~ /(?:\{ |_(?:STRING|OBJECT)\()"(\w+)",/g,
        ('messaging_product') x ($rows =~ /_PRODUCT_FIELD/);
}


# schema(reference or schema): what it stands for

sub schema {
    my ($schema) = @_;
    my $name = $schema->{'$ref'} // return $schema;

    $name =~ m{^#/components/schemas/(\w+)$} or die "odd reference $name\n";
    return $api->{components}{schemas}{$1};
}


# routes

my %theirs;
my %bodies;
my $table = source('api', 'routes.c');
my $rules = source('api', 'body_fields.c');

# edge, methods, flags, call, build, fields
my $row = qr/\{\s ngx_string\("([^"]*)"\),\s (NGX_HTTP_[A-Z_|]+),\s+
    ([A-Z0-9_|\s]+),\s+ &?\w+,\s+ \w+,\s+ (\w+),/x;

while ($table =~ /$row/g) {
    my ($edge, $methods, $flags, $fields) = ($1, $2, $3, $4);

    for my $method (map { lc } $methods =~ /NGX_HTTP_(\w+)/g) {
        my $key = "$method " . public_path($edge, $flags);

        # where GET is, HEAD is
        next if $method eq 'head';
        $theirs{$key} = 1;
        $bodies{$key} = $fields if $fields ne 'NULL';
    }
}

my %ours;

for my $path (keys %{ $api->{paths} }) {
    $ours{"$_ $path"} = $api->{paths}{$path}{$_}
        for grep { $methods{$_} } keys %{ $api->{paths}{$path} };
}

cmp_ok(scalar keys %theirs, '>', 30, "the module's table was read");
is(scalar(() = $table =~ /$row/g) / 4,
    scalar(() = $table =~ /^    \{ ngx_string\("[^"]*"\), /mg),
    'all rows of it');

is(join("\n", grep { !$ours{$_} } sort keys %theirs), '',
    'each route is documented');
is(join("\n", grep { !$theirs{$_} } sort keys %ours), '',
    'each documented call is a route');

# members of bodies

for my $key (sort keys %bodies) {
    my ($name) = $bodies{$key} =~ /^ngx_http_whatsapp_(\w+)$/;
    my $body = $ours{$key}{requestBody}{content}{'application/json'}{schema};

    is(join(' ', sort keys %{ schema($body)->{properties} }),
        join(' ', fields($rules, $name)), "$key: members of the body");
}

# types of messages

my $message = $api->{components}{schemas}{Message}{properties};
my ($types) = source('message', 'message_types.c')
    =~ /ngx_http_whatsapp_types\[\] = \{(.*?)\n\};/s;
my @types = sort $types =~ /\{ "(\w+)",/g;

is(join(' ', sort @{ $message->{type}{enum} }), join(' ', @types),
    'all types of messages');
is(join(' ', grep { !$message->{$_} } @types), '', 'each with its object');

# what needs no token

is(join(' ', sort grep { ref $ours{$_}{security} eq 'ARRAY'
    && !@{ $ours{$_}{security} } } keys %ours),
    'get /healthz get /media/{seal} get /readyz '
    . 'get /{phone_number_id}/session/page', 'what needs no token');

# soundness

my (%ids, @odd);

for my $key (sort keys %ours) {
    my $call = $ours{$key};
    my ($path, %named);

    ($path) = $key =~ / (.*)/;
    push @odd, "$key: no summary" if !$call->{summary};
    push @odd, "$key: operationId"
        if !$call->{operationId} || $ids{ $call->{operationId} }++;
    push @odd, "$key: responses"
        if !$call->{responses}{200} || !$call->{responses}{default};

    for my $parameter (@{ $call->{parameters} // [] }) {
        my ($name) = $parameter->{'$ref'} =~ m{/parameters/(\w+)$};
        my $found = $api->{components}{parameters}{$name} // {};

        $named{ $found->{name} // '' } = 1
            if ($found->{in} // '') eq 'path';
    }

    push @odd, "$key: $_ is not described"
        for grep { !$named{$_} } $path =~ /\{(\w+)\}/g;
}

is(join("\n", @odd), '', 'each call is described');

my @lost;

sub walk {
    my ($node) = @_;

    if (ref $node eq 'ARRAY') {
        walk($_) for @$node;

    } elsif (ref $node eq 'HASH') {
        if (defined $node->{'$ref'}) {
            my (undef, @names) = split m{/}, $node->{'$ref'};
            my $found = $api;

            $found = ref $found eq 'HASH' ? $found->{$_} : undef
                for @names;
            push @lost, $node->{'$ref'} if !$found;
        }

        walk($_) for values %$node;
    }
}

walk($api);
is(join(' ', @lost), '', 'each reference leads somewhere');

done_testing();
