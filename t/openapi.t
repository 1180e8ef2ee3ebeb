#!/usr/bin/perl

# docs/openapi.yaml has the version, the routes and the members of bodies of the
# module, the types of messages of protocol/message_types.h, the bounds of
# limits.h, and is sound in itself.

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


sub slurp {
    my ($path) = @_;

    open my $fh, '<', $path or die "open $path: $!\n";
    local $/;
    return <$fh>;
}


sub source {
    my ($folder, $name) = @_;

    return slurp("$module/$folder/ngx_http_whatsapp_$name");
}


sub protocol {
    my ($name) = @_;

    return slurp("$root/protocol/$name");
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

    # arguments of a GET are what the members of a form are
    my @names = $body ? keys %{ schema($body)->{properties} }
        : map { $_->{in} eq 'query' ? $_->{name} : () }
        map { $api->{components}{parameters}{ $_->{'$ref'} =~ s{.*/}{}r } }
        @{ $ours{$key}{parameters} };

    is(join(' ', sort @names), join(' ', fields($rules, $name)),
        "$key: members of the body");
}

# types of messages

my $message = $api->{components}{schemas}{Message}{properties};
my $types = protocol('message_types.h');
my @types = sort $types =~ /^WHATSAPP_MESSAGE_(?:TYPE|FORM)\((\w+),/mg;

is(join(' ', sort @{ $message->{type}{enum} }), join(' ', @types),
    'all types of messages');
is(join(' ', grep { !$message->{$_} } @types), '', 'each with its object');

# bounds: [schema, member ...] of each that the protocol has, "[]" being the
# elements of an array

my %limits = protocol('limits.h')
    =~ /^#define WHATSAPP_(\w+)\s+(\d+)/mg;

for my $row (
    [ 'TEXT_MAX', 'Message', 'text', 'body' ],
    [ 'TEXT_MAX', 'Message', 'edit', 'body' ],
    [ 'MENTIONS_MAX', 'Message', 'text', 'mentions' ],
    (map { my $type = $_; [ 'LINK_MAX', 'Message', $type, 'link' ] }
        qw(image video audio document sticker)),
    (map { [ 'CAPTION_MAX', 'Message', $_, 'caption' ] }
        qw(image video document)),
    [ 'FILENAME_MAX', 'Message', 'document', 'filename' ],
    (map { [ 'PLACE_MAX', 'Message', 'location', $_ ] } qw(name address)),
    [ 'CONTACTS_MAX', 'Message', 'contacts' ],
    [ 'CONTACT_NAME_MAX', 'Contact', 'name', 'formatted_name' ],
    [ 'EMOJI_MAX', 'Message', 'reaction', 'emoji' ],
    [ 'POLL_NAME_MAX', 'Message', 'poll', 'name' ],
    [ 'POLL_OPTIONS_MAX', 'Message', 'poll', 'options' ],
    [ 'POLL_OPTION_MAX', 'Message', 'poll', 'options', '[]' ],
    [ 'CHECK_MAX', 'CheckContacts', 'contacts' ],
    [ 'NUMBER_MAX', 'CheckContacts', 'contacts', '[]' ],
    [ 'ABOUT_MAX', 'Profile', 'about' ],
    [ 'PROFILE_ADDRESS_MAX', 'Profile', 'address' ],
    [ 'PROFILE_DESCRIPTION_MAX', 'Profile', 'description' ],
    [ 'PROFILE_EMAIL_MAX', 'Profile', 'email' ],
    [ 'WEBSITES_MAX', 'Profile', 'websites' ],
    [ 'WEBSITE_MAX', 'Profile', 'websites', '[]' ],
    [ 'BLOCK_MAX', 'BlockUsers', 'block_users' ],
    [ 'NUMBER_MAX', 'BlockUsers', 'block_users', '[]', 'user' ],
    (map { [ 'SUBJECT_MAX', $_, 'subject' ],
        [ 'DESCRIPTION_MAX', $_, 'description' ] } qw(NewGroup GroupChange)),
    (map { [ 'PARTICIPANTS_MAX', $_, 'participants' ],
        [ 'NUMBER_MAX', $_, 'participants', '[]' ] }
        qw(NewGroup Participants)),
    [ 'INVITE_MAX', 'JoinGroup', 'invite_link' ])
{
    my ($limit, $name, @members) = @$row;
    my $found = $api->{components}{schemas}{$name};

    for my $member (@members) {
        $found = $member eq '[]' ? $found->{items}
            : $found->{properties}{$member};
        $found = $found->{oneOf}[0] if $found->{oneOf};
    }

    is($found->{maxLength} // $found->{maxItems}, $limits{$limit},
        "$limit: " . join('.', $name, @members));
}

# what needs no token

is(join(' ', sort grep { ref $ours{$_}{security} eq 'ARRAY'
    && !@{ $ours{$_}{security} } } keys %ours),
    'get /healthz get /media/{seal} get /privacy get /readyz '
    . 'get /sessions/page get /{phone_number_id}/session/page',
    'what needs no token');

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

my ($version) = protocol('version.h')
    =~ /WHATSAPP_VERSION +"([^"]+)"/;

is($api->{info}{version}, $version, 'the API has the version');
like(slurp($ENV{TEST_WHATSAPP_MODULE}
           // "$root/build/ngx_http_whatsapp_module.so"),
    qr{\0ngx_http_whatsapp_module/\Q$version\E\0},
    'so has the module');

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
