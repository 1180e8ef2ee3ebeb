#!/usr/bin/perl

# The stream of events, from the page to its readers: its format, how a reader
# goes on after an interruption and is told of what it has missed, which types
# it gets, and the bounds on streams.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Stream;
use Time::HiRes qw(sleep time);

my $t = Test::Whatsapp->new(timeout => 600);
my $chrome = $t->stage('chrome-', $t->root . '/t/fake/chrome');
my $controller = $t->controller(chromium => $chrome,
    web_url => 'http://127.0.0.1:1/', sessions => [ $session, '1000000002' ],
    args => [ '--stream-heartbeat', 3000, '--stream-timeout', 2000,
        '--streams-max', 6, '--streams-per-token', 4 ]);
my $other = $t->canary('token');
my $uri = "/whatsapp/$session/events";

$t->tokens($t->token, $other);
$t->run();
$controller->wait_ready;


sub opened {
    my ($query, %opt) = @_;

    return Test::Whatsapp::Stream->open($opt{address} // $t->port(8080),
        ($opt{uri} // $uri) . ($query // ''), headers => {
            Authorization => 'Bearer ' . ($opt{token} // $t->token),
            'Last-Event-ID' => $opt{last} });
}


# direct(query): a stream of the controller itself

sub direct {
    return opened($_[0], address => $t->socket,
        uri => "/v1/sessions/$session/events");
}


# receive(count, what): so many messages reach the account

sub receive {
    my ($count, $what) = @_;
    my $response = $controller->call('message.send', { to => '15550000002',
        type => 'text', text => { body => "receive $count" . ($what // '') } },
        key => $t->canary('key'));

    die $response->head_and_body if $response->status != 200;
}


# texts(events): the numbers of their messages, as the fake browser counts

sub texts {
    return map {
        my $value = decode_json($_->{data})->{entry}[0]{changes}[0]{value};
        ($value->{messages} // $value->{message_echoes})->[0]{text}{body}
            =~ /(\d+)/;
    } @_;
}


sub streams { $controller->metric('whatsapp_streams') }

sub wait_streams {
    my ($count) = @_;

    wait_for(sub { streams() == $count }, 60, "$count streams");
}


# the format

{
    my $stream = opened();
    my ($event, $body);

    is($stream->next->{retry}, 2000, 'a reader may come back after 2 s');
    receive(1);
    $event = $stream->event;

    like($event->{id}, qr/^[0-9a-f]{16}-1$/, 'the id');
    ok(!exists $event->{event}, 'events have no name');

    $body = decode_json($event->{data});
    is($body->{object}, 'whatsapp_business_account', 'the body of a webhook');
    is($body->{entry}[0]{changes}[0]{value}{metadata}{phone_number_id},
        $session, 'of this session');
    is_deeply([ texts($event) ], [ 1 ], 'the message');

    is($stream->next(60)->{comment}, '', 'a sign of life');
    is($stream->next(60)->{comment}, '', 'and another');

    $stream->close;
    wait_streams(0);
}


# two readers, of whom one goes away and comes back

{
    my ($all, $cut, $last, @got, @all);

    $all = opened();
    $cut = opened();

    for my $round (1 .. 10) {
        receive(50);
        push @got, $cut->events(30);
        $last = $got[-1]{id};
        $cut->close;
        receive(50);
        $cut = opened('', last => $last);
    }

    push @got, $cut->events(700);
    @all = $all->events(1000);

    is_deeply([ texts(@got) ], [ 2 .. 1001 ],
        'a reader that was cut ten times has each message once');
    is_deeply([ texts(@all) ], [ 2 .. 1001 ], 'the other too');
    is_deeply([ map { $_->{id} } @got ], [ map { $_->{id} } @all ],
        'under the same ids');
    is_deeply([ map { $_->{data} } @got ], [ map { $_->{data} } @all ],
        'with the same bytes');
    sleep 0.2;
    is(scalar($all->waiting) + scalar($cut->waiting), 0, 'and nothing else');

    $cut->close;
    $all->close;
    wait_streams(0);

    # by the argument, as a browser's first request can't set a header
    $cut = opened("?last_event_id=$got[-2]{id}");
    is($cut->event->{id}, $got[-1]{id}, '?last_event_id=');
    $cut->close;

    # what is no longer in memory
    receive(300);
    $cut = opened('', last => $got[-1]{id});
    is(($cut->events(300))[-1]{event}, undef, 'what fits is told');
    $cut->close;

    receive(1000);
    $cut = opened('', last => $got[-1]{id});
    is_deeply(decode_json($cut->event->{data}), { missed => 300 },
        'what does not is a gap');
    is(scalar($cut->events(1000)), 1000, 'behind which all is told');
    $cut->close;

    $cut = opened('', last => $got[-1]{id});
    $last = $cut->event;
    is($last->{event}, 'gap', 'its name');
    $cut->close;

    $cut = opened('', last => $last->{id});
    is($cut->event->{event}, undef, 'it is told once to a reader that has it');
    $cut->close;
    wait_streams(0);
    is($controller->metric('whatsapp_stream_gaps_total'), 2, 'gaps counted');
}


# types

{
    my %stream = map { $_ => opened($_) } '', '?types=',
        '?types=messages,echoes', '?types=echoes';
    my $other_session = opened('', uri => '/whatsapp/1000000002/events',
        token => $other);

    receive(2);
    receive(3, ' echoes');
    receive(1);

    for my $case ([ '', 3 ], [ '?types=', 3 ], [ '?types=messages,echoes', 6 ],
        [ '?types=echoes', 3 ])
    {
        my ($query, $count) = @$case;

        is(scalar($stream{$query}->events($count)), $count,
            "types '$query': $count events");
    }

    sleep 0.2;
    is(scalar(map { $_->waiting } values %stream), 0, 'and no others');
    is(scalar($other_session->waiting), 0, 'nothing of another session');

    $_->close for values %stream, $other_session;
    wait_streams(0);

    is(direct('?types=messages,nothing')->status, 400,
        'the controller refuses unknown types as well');
    is(opened('', uri => '/whatsapp/999/events')->status, 404,
        'an unknown session');
}


# bounds

{
    my @streams = map { opened() } 1 .. 4;
    my $refused = $t->get($uri);

    is($refused->status, 429, 'a token has a bound');
    is($refused->error->{code}, 130429, 'that is a rate limit');
    like($refused->error->{error_data}{details}, qr/access token/,
        'the details name it');

    push @streams, map { opened('', token => $other) } 1 .. 2;
    is($t->get($uri, token => $other)->status, 429, 'all have one together');
    is($t->get("/whatsapp/$session")->status, 200, 'calls go on');
    is($controller->metric('whatsapp_streams'), 6, 'streams counted');
    is($controller->metric('whatsapp_streams_refused_total'), 2,
        'refusals counted');

    $streams[0]->close;
    wait_streams(5);
    push @streams, opened();
    is($streams[-1]->status, 200, 'one that ends makes room');
    $_->close for @streams;
    wait_streams(0);
}


# a reader that takes nothing is dropped, and nobody waits for it

{
    my ($stalled, $good, $start);

    $start = time;
    $stalled = direct();
    $good = opened();

    for my $round (1 .. 12) {
        receive(100);
        $good->events(100);
    }

    wait_for(sub { streams() == 1 }, 60, 'the stalled reader to be dropped');
    cmp_ok(time - $start, '>', 2, 'a slow reader has time');
    is($controller->metric('whatsapp_streams_dropped_total'), 1,
        'a stalled one is dropped');

    receive(1);
    ok($good->event, 'the other reader goes on');
    $_->close for $stalled, $good;
    wait_streams(0);
}


# a controller that stops ends its streams; after its start there is a gap

{
    my ($stream, $last);

    $stream = opened();
    receive(1);
    $last = $stream->event;
    is($controller->process->stop('TERM', 20), 1, 'the controller stops');
    ok($stream->ended(60) && $stream->complete, 'SIGTERM ends a stream');

    $t->allow_alert(qr/\[crit\] .* connect\(\) to unix:\S+ failed \(2:/);
    is($t->get($uri)->status, 503, 'nobody is there');

    $controller->restart;
    $controller->wait_ready;

    $stream = opened('', last => $last->{id});
    my $gap = $stream->event;
    is($gap->{event}, 'gap', 'another run of the controller: a gap');
    is_deeply(decode_json($gap->{data}), { missed => undef },
        'of a number that nobody knows');
    receive(1);
    like($stream->event->{id}, qr/-1$/, 'and then new events');
    $stream->close;
}


# a controller that dies

{
    my $stream = opened();

    $controller->process->stop('KILL', 20);
    ok($stream->ended(60), 'a killed controller ends its streams');
    $controller->restart;
    $controller->wait_ready;
}

$t->done();
