#!/usr/bin/perl

# What the page's history gives after a reload is what came before it, event
# by event; many messages at once, more than are kept, and messages that can
# never be read. In a real browser, without a controller.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::BridgePage;
use Time::HiRes qw(time);

my ($alice, $bob, $me) = qw(15550000002 15550000003 15550000001);
my $chat = '100000000000002@lid';
my ($yes, $no) = (JSON::PP::true, JSON::PP::false);

my $t = Test::Whatsapp->new();
my $phone = $t->standin;
my $text = $t->canary('text');
my $page = Test::Whatsapp::BridgePage->start($t);
my $json = JSON::PP->new->utf8->canonical;

$page->open($phone->web_url);
$page->call('inbound.start');

my $file = $phone->upload('image/jpeg', 'a picture');


sub post { $phone->api('POST', "/api/$_[0]", $_[1]) }

sub write_to { post('messages', { from => $alice, type => 'text',
    body => $text, @_ })->{id} }


# history(params): all of it, by the cursors; asked for in parts of so many

sub history {
    my (%params) = @_;
    my (@events, $after, $part);

    do {
        $part = $page->call('inbound.history',
            { limit => 7, %params, after => $after });
        push @events, @{ $part->{events} };
        $after = $part->{next};
        cmp_ok(scalar @{ $part->{events} }, '<=', 7, 'a part')
            unless $params{limit};
    } while (defined $after);

    ok($part->{complete}, 'and it is all');
    return @events;
}


# text_of(event): for comparisons

sub text_of { $json->encode($_[0]) }

# each kind, live

my $since = int time;
my $group = post('groups', { owner => $alice, subject => 'Group',
    participants => [$me, $bob], lid => $yes })->{id};
my %gone;

{
    my $first = write_to();
    my $poll = write_to(type => 'poll', poll => { name => 'Which?',
        options => ['a', 'b'], selectable_count => 1 });
    my $edited = write_to(body => 'first');
    my $deleted = write_to(body => 'secret');
    my $picture = write_to(type => 'image', media => $file->{id},
        caption => $text);

    write_to(@$_) for
        [ type => 'video', media => $file->{id} ],
        [ type => 'audio', media => $file->{id}, voice => $yes ],
        [ type => 'document', media => $file->{id}, filename => 'a.pdf' ],
        [ type => 'sticker', media => $file->{id} ],
        [ type => 'location', location => { latitude => 1.5,
            longitude => -2, name => 'Here' } ],
        [ type => 'contacts', contacts => [{ name => 'Bob',
            phone => $bob }] ],
        [ type => 'buttons_response', reply => { id => 'b',
            title => 'Yes' } ],
        [ type => 'list_response', reply => { id => 'r',
            title => 'Row' } ],
        [ type => 'template_button_reply', reply => { id => 'p',
            title => 'Stop', index => 0 } ],
        [ type => 'unknown', attributes => {
            type => 'groups_v4_invite' } ],
        [ type => 'system', system => { type => 'notification_template',
            subtype => 'change_number',
            params => ["$alice\@c.us", '15550000009@c.us'] } ],
        [ quoted => $first ], [ forwarded => $yes ], [ forwarded => 9 ],
        [ from => $bob ],
        [ group => $group, type => 'system', system => { type => 'gp2',
            subtype => 'promote', body => '',
            recipients => ['100000000000003@lid'] } ],
        [ from => '100000000007777@lid', name => 'Someone' ],
        [ from => $me, to => $alice ];
    my $in_group = write_to(from => $bob, group => $group);

    post('react', { from => $alice, target => $first, emoji => '+' });
    post('react', { from => $_, target => $in_group, emoji => '-' })
        for $alice, $bob;
    post('edit', { from => $alice, target => $edited, body => 'second' });
    post('delete', { from => $alice, target => $deleted });
    $gone{$_} = 1 for $edited, $deleted;
    write_to(body => 'the end');
}

my @live;

push @live, $page->inbound(1) until grep {
    ($_->{message}{type} // '') eq 'text'
        && $_->{message}{text}{body} eq 'the end' } @live;

# and after a reload

$page->open($phone->web_url);
is_deeply($page->call('inbound.start'),
    { missed => { messages => 0, others => 0 } }, 'the page is new');

my @history = history(since => $since, own => $yes);
my %history = map { $_->{id} => $_ } @history;
my %told = map { $_->{id} => $_ } grep { $_->{kind} eq 'message' } @live;

cmp_ok(scalar keys %told, '>=', 30, 'enough was told');
is(scalar keys %history, scalar @history, 'nothing comes twice');
is_deeply([sort grep { !$history{$_} && !$gone{$_} } keys %told], [],
    'the history has all of it') or diag(map { text_of($told{$_}), "\n" }
    grep { !$history{$_} } keys %told);
is_deeply([sort grep { !$told{$_} } keys %history], [], 'and nothing else');
is(text_of($history{$_}), text_of($told{$_}),
    "the same event: $told{$_}{message}{type}")
    for grep { $told{$_} && !$gone{$_} } sort keys %history;

{
    my ($edited) = grep { $gone{$_} && $history{$_} } keys %history;

    is($history{$edited}{message}{text}{body}, 'second',
        'what was edited since is so in its own event, too');

    my %last;
    my @wrong = grep { my $before = $last{$_->{chat}} // 0;
        $last{$_->{chat}} = $_->{t}; $_->{t} < $before } @history;

    is_deeply(\@wrong, [], 'in the order of their times');
}

is(scalar(grep { $_->{own} } history(since => $since, own => $no)), 0,
    'without the own messages');
is(scalar(history(since => int(time) + 5)), 0, 'nothing of later times');

# cursors

{
    my $first = $page->call('inbound.history',
        { since => $since, limit => 5 });
    my $second = $page->call('inbound.history',
        { since => $since, limit => 5, after => $first->{next} });

    is_deeply($page->call('inbound.history',
        { since => $since, limit => 5, after => $first->{next} }), $second,
        'the same cursor again: the same part');
    eval { $page->call('inbound.history',
        { since => $since, limit => 5, after => '9-9' }) };
    like($@, qr/No such cursor/, 'another cursor');
}

# what comes while there is no page, under both names, and modules in masses

{
    $page->command(open => 'about:blank');
    wait_for(sub { !$phone->state->{linked} }, 60, 'the page to be left');
    sleep 1;

    my $since = int time;
    my @ids = map { write_to(body => "missed $_", twin => $yes) } 1 .. 5;

    $phone->fault('modules', pad => 17000);
    $page->open($phone->web_url);
    $page->call('inbound.start');
    is_deeply([map { $_->{id} } $page->inbound(5)], \@ids,
        'what was missed comes before anything else, once');
    $page->open($phone->web_url);
    $page->call('inbound.start');
    is_deeply([map { $_->{id} } history(since => $since)], \@ids,
        'and once from the history');
}

# what comes while there is no connection

{
    my $id = write_to();
    my $poll = write_to(type => 'poll', poll => { name => 'Which?',
        options => ['a', 'b'], selectable_count => 1 });
    my @ids;

    $page->inbound(2);
    $phone->fault('offline');
    @ids = map { write_to(body => "missed $_") } 1 .. 3;
    push @ids, post('react', { from => $alice, target => $id,
        emoji => '+' })->{id};
    push @ids, post('vote', { from => $alice, target => $poll,
        options => ['a'] })->{id};
    push @ids, post('edit', { from => $alice, target => $id,
        body => 'second' })->{id};
    push @ids, post('delete', { from => $alice, target => $id })->{id};
    $phone->fault('none');
    is_deeply([map { $_->{id} } $page->inbound(scalar @ids, 60)], \@ids,
        'what was missed comes when the connection is back');
}

# many at once

{
    my $begin = time;

    $phone->fault('flood', count => 1000, from => $alice, body => 'flood');
    $page->command(wait => 1000, of => 'inbound', ms => 60000);
    note(sprintf '1000 messages in %.2f s', time - $begin);

    my @told = map { $_->{data} } @{ $page->command(take => 'inbound') };
    my %ids = map { $_->{id} => 1 } @told;

    is(scalar @told, 1000, 'a thousand messages at once');
    is(scalar keys %ids, 1000, 'each once');
    is_deeply([map { $_->{message}{text}{body} } @told],
        [map { $_->{body} } grep { ($_->{body} // '') =~ /^flood/ }
            $phone->received], 'in their order');
}

# more than are kept before somebody asks

{
    my (@sizes, @told);

    $page->open($phone->web_url);
    $phone->fault('flood', count => 2100, from => $alice, body => 'more');
    $phone->wait_taken;
    $page->command(sizes => 'inbound');

    my $missed = $page->call('inbound.start')->{missed};

    @told = map { $_->{data} } @{ $page->command(take => 'inbound') };
    @sizes = @{ $page->command(sizes => 'inbound') };
    is(scalar @told, 2000, 'so many are kept');
    is($missed->{messages}, 100, 'the others are counted');
    is(scalar @sizes, 40, 'fifty at a time');
    cmp_ok((sort { $b <=> $a } @sizes)[0], '<=', 262144,
        'and not too much at once');
}

# odd(attributes): a message comes that has these, an expression

sub odd {
    my ($attributes) = @_;

    $page->command(run => "(() => {
        const { MsgCollection } = window.require('WAWebMsgCollection');
        const { createWid } = window.require('WAWebWidFactory');
        const { default: MsgKey } = window.importNamespace('WAWebMsgKey');
        const remote = createWid('$chat');
        const id = MsgKey.newId_DEPRECATED();

        MsgCollection.processMultipleMessages(remote, [{
            id: new MsgKey({ fromMe: false, remote, id }), from: remote,
            to: remote, t: Math.floor(Date.now() / 1000), isNewMsg: true,
            recvFresh: true, ...$attributes,
        }], { add: 'after', isHistory: false }, 'test').catch(() => {});
    })()");
}

# large ones, odd ones, and what can't be read

{
    my $long = "\x{20ac}" x 65536;
    my $never = write_to(ciphertext => 'never', body => 'never');

    write_to(body => $long);
    write_to(body => $long);

    my @told = $page->inbound(2);

    is($_->{message}{text}{body}, $long, 'a long text') for @told;

    odd($_) for "{ type: 'chat', body: { a: 1 } }",
        "{ type: 'multi_vcard', vcardList: 7 }",
        "{ type: 'multi_vcard', vcardList: [null] }",
        "{ type: 'list_response', listResponse: 'x' }",
        "{ type: 'poll_creation', pollOptions: [undefined] }",
        "{ type: 'vcard', body: 'TEL\\n:\\nTEL:\\n;;:x\\n' + ':'.repeat(1e5) }",
        "{ type: 'constructor' }", "{ type: undefined }",
        "{ type: 'gp2', subtype: 'add', recipients: 'x' }",
        "{ type: 'chat', body: '\\0'.repeat(65536), "
            . "quotedStanzaID: '../_a_', notifyName: 'n'.repeat(1e5) }";
    write_to(body => 'still here');

    my @more;

    push @more, $page->inbound(1) until grep {
        ($_->{message}{type} // '') eq 'text'
            && $_->{message}{text}{body} eq 'still here' } @more;
    is(scalar(grep { $_->{message}{type} eq 'unsupported' } @more), 6,
        'what has another form, no type, or is too large') or diag(explain([map { my $m = text_of($_);
        substr $m, 0, 300 } @more]));

    my $exceptions = $page->command(take => 'exception');

    is_deeply($exceptions, [], 'the page has not noticed')
        or diag(explain($exceptions));

    my ($event) = $page->inbound(1, 40);

    is($event->{id}, $never, 'what could not be decrypted in time');
    is($event->{message}{type}, 'unsupported', 'is not supported');
}

$page->stop;
$t->done();
