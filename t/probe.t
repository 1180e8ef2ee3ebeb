#!/usr/bin/perl

# The field report: what an operator gets to know of WhatsApp Web on a page that
# is linked or not, when a part of it is missing, and what is never in it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;

my $second = '1000000002';
my $name = 'Canary Cunegunde';

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef, name => $name);
my $real = JSON::PP->new->decode(do {
    open my $fh, '<', "$FindBin::Bin/standin/contract.json" or die "open: $!";
    local $/;
    <$fh>;
});

my @reports;


# probe(args): (exit status, report)

sub probe {
    my (@args) = @_;
    my ($status, $report) = $t->command(Test::Whatsapp::Controller::foreground(
        $t, '--log-level', 'notice', '--probe', @args));

    push @reports, $report;

    return ($status, $report);
}


# a page that shows a QR code

{
    my ($status, $report) = probe();

    is($status, 0, 'not linked: all is there') or diag($report);
    like($report, qr/^controller: \d+\.\d+\.\d+$/m, 'our version');
    like($report, qr/^chromium: \w+ \d+\.\d+\.\d+\.\d+/m, 'Chromium\'s');
    like($report, qr/^web version: 2\.3000\.\d+$/m, 'WhatsApp Web\'s');
    like($report, qr/^wa-js version: 4\.6\.0$/m, 'wa-js\'s');
    like($report, qr/^wa-js: sha256 [0-9a-f]{64}$/m, 'and its file\'s digest');
    like($report, qr/^loader: meta, \d+ modules$/m, 'loader and modules');
    like($report, qr/^linked: no$/m, 'it is not linked');
    like($report, qr/wa-js ready +\d+\.\d s$/m, 'when wa-js was ready');
    like($report, qr/^ +\d+\.\d starting\n(?:.*\n)*? +\d+\.\d qr$/m,
        'the states');
    like($report, qr/script-src 'self'/, 'the page\'s policy');
    like($report, qr/^  yes     $_ \*$/m, "it needs $_ and has it")
        for qw(session qr pairing);
    like($report, qr/^  \w+ +send_text$/m, 'what it does not need');
    like($report, qr/^ended: the page shows a QR code$/m, 'why it ended');
    like($report, qr/^verdict: all of what a page with a QR code needs/m,
        'the verdict');
    is_deeply([ glob $t->dir . '/state/sessions/*' ], [],
        'no session was made for it');
}

# the profile of a session, as long as nobody else uses it

my $controller = $t->controller(sessions => [ $session, $second ]);

$controller->wait_state('qr', 60);
like($controller->log, qr/ wa_js sha256=[0-9a-f]{64}$/m,
    'a controller logs the digest of wa-js');
$phone->scan;
$controller->wait_ready;

{
    my ($status, $report) = probe('--session', $session);

    is($status, 1, 'a controller holds the profile');
    like($report, qr/profile of session $session is in use by a controller/,
        'as it says');
    unlike($report, qr/field report/, 'there is no report');
    is($controller->state, 'ready', 'and the session is as it was');
}

is($controller->request('POST', "/v1/sessions/$session/stop")->status, 200,
    'the session is stopped');
$controller->wait_state('stopped', 60);

$phone->write('15550000003', $t->canary('text'));

{
    my ($status, $report) = probe('--session', $session);

    is($status, 0, 'linked: all is there') or diag($report);
    like($report, qr/^linked: yes$/m, 'it is linked');
    like($report, qr/^profile: a session's$/m, 'by the session\'s profile');
    unlike($report, qr/$session/, 'whose name is not told');
    like($report, qr/^ +\d+\.\d ready$/m, 'it becomes ready');
    like($report, qr/^verdict: all of what a linked page needs is there$/m,
        'the verdict');

    my @wrong;
    my $n = 0;

    # arity and place of each binding, as the contract has them
    while ($report =~ m{^  wa-js +\w+ +whatsapp\.functions\.\w+/(\d+) (\S+)$}mg)
    {
        my ($arity, $module, $export) = ($1, split /\./, $2);
        my $known = $real->{modules}{$module};

        $n++;
        push @wrong, "$module.$export" if !$known || !exists $known->{$export};
    }

    cmp_ok($n, '>', 20, 'functions are listed with module and export');
    is("@wrong", '', 'which are the real ones');
    is_deeply([ $report =~ /^  missing .*/mg ], [], 'nothing is missing');
}

is($controller->request('POST', "/v1/sessions/$session/start")->status, 200,
    'the controller starts the session again');
$controller->wait_ready;
is($controller->request('POST', "/v1/sessions/$session/stop")->status, 200,
    'and stops it');
$controller->wait_state('stopped', 60);

# a version without a part that is not vital

$phone->fault('web_version', version => '2.9999.1',
    rename => 'WAWebSendReactionMsgAction');

{
    my ($status, $report) = probe('--session', $session);

    is($status, 1, 'a module was renamed');
    like($report, qr/^web version: 2\.9999\.1$/m, 'the version');
    like($report, qr/^  missing send_reaction \*$/m, 'its capability is none');
    like($report,
        qr/^  missing send_reaction +whatsapp\.functions\.sendReactionToMsg/m,
        'the binding is named');
    like($report, qr/^verdict: not all of what a linked page needs/m,
        'the verdict');
}

# the console says what it has to hide

{
    my $canary = $t->canary('text');
    my @secrets = ($canary, 'Cunegunde', '15550000001', '5550000002',
        '100000000000002@lid', 'AQIDBAUGBwgJCgsMDQ4P', 'whisper');

    $phone->fault('none');
    $phone->fault('complain', text => "Failed for $canary Cunegunde 15550000001"
        . ' +1 555 000 0002 100000000000002@lid AQIDBAUGBwgJCgsMDQ4P'
        . " \"whisper\" https://127.0.0.1/a?text=$canary at once");

    my ($status, $report) = probe('--session', $session);

    is($status, 0, 'errors on the console are no failure') or diag($report);
    like($report, qr/^  1x console: Failed for \*/m, 'an error is listed');
    like($report, qr/^  1x exception: TypeError: Failed for \*/m,
        'and an exception');
    like($report, qr/ at once/, 'the words of programs stay');
    unlike($report, qr/\Q$_\E/i, "\"$_\" is not told") for @secrets;
    $phone->fault('none');
}

# a page that can't be reached, and what is no session

{
    my ($status, $report) = probe('--web-url', 'http://127.0.0.1:1/',
        '--boot-timeout', '4000');

    is($status, 1, 'a page that can not be reached');
    like($report, qr/page_unreachable/, 'as the states say');
    like($report, qr/^ended: the time \(--boot-timeout\) is over$/m,
        'it ends in time');
    like($report, qr/^verdict: the page gave no report$/m, 'the verdict');

    ($status, $report) = probe('--session', '7');
    is($status, 1, 'a session without a profile');
    like($report, qr/no profile of session 7/, 'as it says');
    ok(!-e $t->dir . '/state/sessions/7', 'none was made');
}

# no report has what is the account's

unlike(join('', @reports), qr/555\d{4,}|Cunegunde|\@lid|\@c\.us|wamid/,
    'no number, name or id in any report');

$t->done();
