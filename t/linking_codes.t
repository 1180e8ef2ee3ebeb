#!/usr/bin/perl

# How many codes for linking a session may ask WhatsApp for: those over the
# limit are refused before WhatsApp hears of them, and one that stands stays.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Whatsapp;

my $second = '1000000002';
my $burst = 3;

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef);
my $controller = $t->controller(sessions => [ $session, $second ],
    args => [ '--code-rate', 1, '--code-burst', $burst ]);

$t->run();

# the state may be "qr" while the page is still connecting
for my $id ($session, $second) {
    wait_for(sub {
        $t->get("/whatsapp/$version/$id/session/qr")->status == 200
    }, 120, 'a QR code');
}


sub request_code {
    my ($id, $number) = @_;

    return $t->post("/whatsapp/$version/$id/request_code",
        { phone_number => $number // '15550000001' }, timeout => 60);
}


# what WhatsApp is not asked does not count

graph_error(request_code($session, '12345'), 400, 131009, 'no number')
    for 0 .. $burst;

# what it refuses does

graph_error(request_code($session, '15550000010'), 400, 131009,
    'a number without an account');

my ($n, $code, $response) = 1;
my $began = time;

while (($response = request_code($session))->status == 200 && $n < 30) {
    $code = $response->json->{code};
    $n++;
}

graph_error($response, 429, 130429, 'one too many', details => qr/codes/);
cmp_ok($n, '>=', $burst, 'as many as may be at once');
cmp_ok($n, '<=', $burst + 1 + (time - $began) / 60, 'and no more');
like($response->header('Retry-After'), qr/^(?:[1-9]|[1-5]\d|60)$/,
    'when to come again');

is($controller->state, 'pairing', 'a code still stands');
is(request_code($second)->status, 200,
    'another session is not concerned');
ok(eval { $phone->pair($code) }, 'and the code is still good') or diag($@);
$controller->wait_ready;

$t->done();
