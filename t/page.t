#!/usr/bin/perl

# The page for linking an account: what nginx serves, and what a person sees
# in a real browser, from the token to the linked phone, by both ways.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256_base64);
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Browser;

my $second = '1000000002';

my $t = Test::Whatsapp->new();
my $phone = $t->standin(linked => undef);
my $controller = $t->controller();

$t->run();

my $uri = "/whatsapp/$version/$session/session/page";

# what is served

my $page = $t->get($uri, token => undef);
my $policy = $page->header('Content-Security-Policy');

is($page->status, 200, 'no token is needed for the page itself');
is($page->header('Content-Type'), 'text/html; charset=UTF-8', 'HTML');
is($page->header('Referrer-Policy'), 'no-referrer', 'no-referrer');
is($page->header('X-Content-Type-Options'), 'nosniff', 'nosniff');

for my $other ("/whatsapp/$second/session/page",
    '/whatsapp/999999999999999/session/page', "$uri/")
{
    my $response = $t->get($other, token => undef);

    ok($response->body eq $page->body
        && $response->header('Content-Security-Policy') eq $policy,
        "the same at $other");
}

is($t->get($uri, token => $t->canary('token'))->status, 200,
    'nor is one looked at');
is($t->get('/whatsapp/9999999999999999/session/page')->status, 404,
    'not for what can be no session');
graph_error($t->post($uri, '{}'), 405, 100, 'it is only read');

{
    my $response = $t->request('HEAD', $uri, token => undef);

    is($response->status, 200, 'HEAD');
    is($response->header('Content-Length'), length $page->body, 'its length');
    is($response->body, '', 'no body');
}

my %policy = map { /^(\S+) (.*)$/ ? ($1, $2) : ($_, '') }
    split /; /, $policy;

is($policy{'default-src'}, "'none'", 'the policy: nothing');
is($policy{'connect-src'}, "'self'", 'but this host');
is($policy{'img-src'}, 'blob:', 'and pictures of its own');
is($policy{$_}, "'none'", "$_: none")
    for qw(base-uri form-action frame-ancestors);

for my $tag (qw(script style)) {
    my @parts = $page->body =~ m{<$tag>(.*?)</$tag>}gs;

    is(scalar @parts, 1, "one $tag");
    is($policy{"$tag-src"}, "'sha256-" . sha256_base64($parts[0]) . "='",
        "the policy allows this $tag alone");
}

unlike($page->body =~ s/placeholder="[^"]*"//r, qr{https?:|//\w|\bsrc=|
    \bhref=|localStorage|sessionStorage|cookie|innerHTML}x,
    'nothing from elsewhere, nothing stored');

# what is seen

my $browser = Test::Whatsapp::Browser->start($t);


sub drive { $browser->drive(@_) }


sub shows {
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $browser->shows(@_);
}


# says(regex): an expression for what the page says of the session

sub says { "/$_[0]/.test(document.getElementById('state').textContent)" }

sub visible { "document.getElementById('$_[0]').checkVisibility()" }


sub fill { $browser->fill(@_) }

sub shot { $browser->shots(@_) }


my $qr_shown = visible('qr') . ' && document.getElementById("qr")'
    . '.naturalWidth > 0';

drive(open => 'http://127.0.0.1:' . $t->port . $uri);
ok(drive(run => visible('login')), 'it asks for a token');
ok(!drive(run => visible($_)), "and shows no $_")
    for qw(scan pairing phone begin);
is(drive(run => 'document.activeElement.id'), 'token', 'ready to type');
shot('token');

fill('token', $t->canary('token'));
shows('a wrong token is named', says('token is not valid'));
ok(drive(run => visible('login')), 'and another one asked for');

$controller->wait_state('qr', 60);
fill('token', $t->token);
shows('the QR code', "$qr_shown && " . says('Scan'));
ok(!drive(run => visible('login')), 'the token is not asked for any more');
is(drive(run => 'document.getElementById("token").value'), '',
    'nor is it left in its field');
shot('qr');

drive(run => 'self.before = document.getElementById("qr").src; 0');
$phone->fault('rotate_qr');
shows('it follows as the code changes',
    'document.getElementById("qr").src !== self.before && ' . $qr_shown);
$phone->scan;
shows('scanned: linked', says('Linked and ready'));
ok(!drive(run => visible($_)), "without a $_") for qw(scan pairing phone);
shot('linked');

# another session, which is made from its page, and the other way

drive(open => 'http://127.0.0.1:' . $t->port
    . "/whatsapp/$second/session/page/");
fill('token', $t->token);
shows('a session that is not there', says('no such session'));
shot('absent');
drive(run => 'document.getElementById("start").click()');
shows('is started', $qr_shown);

# waits: the page's timers; looks: how often it has asked for the state; held:
# whether it waits for the answer until release() is called, if hold is set;
# asked: whether it has been given a code

drive(run => <<'END');
(() => {
    const { fetch, setTimeout } = self;

    Object.assign(self, { waits: [], looks: 0, hold: false, held: false,
                          asked: false });

    self.setTimeout = (f, ms) => {
        self.waits.push(ms);
        return setTimeout(f, ms);
    };

    self.fetch = async (url, options) => {
        const response = await fetch(url, options);

        self.asked ||= /request_code$/.test(url) && response.ok;

        if (/qr$/.test(url)) {
            self.looks++;

            if (self.hold) {
                self.hold = false;
                self.held = true;
                await new Promise((resolve) => {
                    self.release = resolve;
                });
            }
        }

        return response;
    };
})();
END

fill('number', 'nonsense');
shows('a number that is none is refused', says('did not work'));
cmp_ok(drive(run => 'Math.max(0, ...self.waits)'), '>=', 5000,
    'and there is time to read that');

# the answer to a look comes after the code that was asked for meanwhile
drive(run => 'self.hold = true');
shows('it waits for an answer', 'self.held');
fill('number', '+1 555 000 0001');
shows('it has a code', 'self.asked');
drive(run => 'self.looks = 0; self.release()');
shows('a code for its number', 'self.looks > 1 && ' . visible('code') . ' && '
    . '/^[1-9A-Z]{4}-[1-9A-Z]{4}$/.test(document.getElementById("code")'
    . '.textContent) && ' . says('Type'));
shot('code');

$phone->fault('expire_code');
shows('when it has expired, the QR code again', $qr_shown);
fill('number', '1-555-000-0001');
shows('another code', visible('code'));
$phone->pair(drive(run => 'document.getElementById("code").textContent'));
shows('typed in: linked', says('Linked and ready'));

# what the browser has been asked for, and what it has kept

{
    my $seen = drive(seen => JSON::PP::true);
    my $token = $t->token;
    my $host = 'http://127.0.0.1:' . $t->port;

    is(join("\n", grep { !m{^\Q$host\E/whatsapp/|^blob:\Q$host\E/} }
        @{ $seen->{requests} }), '', 'nothing is asked for elsewhere');
    is(join("\n", grep { /\Q$token\E/ } @{ $seen->{requests} }), '',
        'no URL has the token');
    is(join("\n", grep { /Content Security|Refused|Trusted|Uncaught/ }
        @{ $seen->{complaints} }), '', 'the policy fits the page');
    is($browser->kept, 0, 'nothing is stored');
}

$browser->stop;

$t->done();
