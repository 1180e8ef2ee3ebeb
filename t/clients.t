#!/usr/bin/perl

# Clients made by others for Meta's Cloud API work when only their base
# URL is changed: they send, mark as read, and understand the errors.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;

my $t = Test::Whatsapp->new();
my $phone = $t->standin();
my $controller = $t->controller();

$t->run();
$controller->wait_ready;

my $wrong = $t->canary('token');
my @clients = qw(kapso great-detail great-detail-9);
my %texts = map { $_ => $t->canary('text') } @clients;


# outcomes(client, cases): { name => outcome } of one run of its script

sub outcomes {
    my ($client, @cases) = @_;
    my ($status, $output, %outcomes);

    for my $case (@cases) {
        $case->{token} //= $t->token;
        $case->{session} //= $session;
        $case->{to} //= '15550000002';
        $case->{text} //= $texts{$client};
    }

    ($status, $output) = $t->command(['node',
        "$FindBin::Bin/clients/$client.js"], encode({
            base => 'http://127.0.0.1:' . $t->port . '/whatsapp',
            cases => \@cases }));
    is($status, 0, "$client runs") or diag($output);

    for my $line (split /\n/, $output) {
        my $outcome = eval { JSON::PP->new->utf8->decode($line) } or next;
        $outcomes{ $outcome->{name} } = $outcome;
    }

    return \%outcomes;
}


for my $client (@clients) {
    my ($written, $got, $sent, $id);

    $written = $phone->write('15550000005', $t->canary('text'));
    $phone->wait_taken;
    $got = outcomes($client,
        { name => 'send', call => 'send' },
        { name => 'formatted', call => 'send', to => '+1 555-000-0003' },
        { name => 'read', call => 'read',
            message => $written->{wamid} },
        { name => 190, call => 'send', token => $wrong },
        { name => 100, call => 'send', session => '77' },
        { name => 131008, call => 'raw',
            body => { to => '15550000002', type => 'text', text => {} } },
        { name => 131009, call => 'send', text => 'x' x 4097 },
        { name => 131026, call => 'send', to => '15550000010' },
        { name => 131051, call => 'raw', body => { to => '15550000002',
            type => 'interactive', interactive => { type => 'flow',
                body => { text => 'x' }, action => { name => 'flow' } } } },
    );

    $sent = $got->{send}{result};
    $id = ref $sent ? $sent->{messages}[0]{id} : undef;
    like($id, qr/^wamid\./, "$client: a text is sent")
        or diag(encode($got->{send}));
    is(scalar $phone->messages(qr/^\Q$texts{$client}\E$/), 2,
        "$client: it arrives, and so does the one to a formatted number");
    ok(ref $got->{read}{result} && $got->{read}{result}{success},
        "$client: marked as read") or diag(encode($got->{read}));

    for my $expected ([ 190, 401 ], [ 100, 404 ], [ 131008, 400 ],
        [ 131009, 400 ], [ 131026, 400 ], [ 131051, 400 ])
    {
        understands($client, $got, @$expected);
    }
}


# understands(client, outcomes, code, status)

sub understands {
    my ($client, $got, $code, $status) = @_;
    my $error = $got->{$code}{error} // {};

    is(join(' ', $error->{status} // '', $error->{code} // '',
        $error->{type} // ''), "$status $code " . error_type($status),
        "$client: understands error $code") or diag(encode($got->{$code}));
    like($error->{details} // '', qr/\w/, "$client: and shows its details");
}


for my $client (qw(great-detail great-detail-9)) {
    my $got = outcomes($client, { name => 'n', call => 'number' });

    is($got->{n}{result}{display_phone_number} =~ tr/0-9//cdr,
        '15550000001', "$client: the number")
        or diag(encode($got->{n}));
}

# an account that is not linked any more

$phone->logout;
wait_for(sub {
    ($t->send('15550000002', $texts{kapso})->error->{code} // 0) == 133010
        && $controller->state eq 'qr';
}, 60, 'the page to settle');
understands($_, outcomes($_, { name => 133010, call => 'send' }),
    133010, 400) for @clients;

$t->done();
