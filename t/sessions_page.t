#!/usr/bin/perl

# The page of all sessions: what nginx serves, and what a person sees and does
# in a real browser, with tokens of several scopes.

use strict;
use utf8;
use warnings;

use Digest::SHA qw(sha256_base64 sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Whatsapp;
use Test::Whatsapp::Browser;

my ($first, $second) = ($session, '1000000002');
my ($true, $false) = (JSON::PP::true, JSON::PP::false);

my $t = Test::Whatsapp->new();
my $controller = $t->controller(sessions => [$first, $second],
    chromium => $t->stage('chrome-', "$FindBin::Bin/fake/chrome"),
    web_url => 'http://127.0.0.1:9/');

my %limits = (send => ' scope=send', read => ' scope=read',
    second => " scope=read,control phone_number_id=$second");
my %token = (all => $t->token, map { $_ => $t->canary('token') } keys %limits);

$t->write_file('nginx/tokens', join '', map { sha256_hex($token{$_})
    . ($limits{$_} // '') . "\n" } sort keys %token);
$t->run(<<'END');
%%GLOBALS%%

events {
    worker_connections 1024;
}

http {
    %%GLOBALS_HTTP%%

    upstream whatsapp {
        server %%CONTROLLER%% max_fails=0;
    }

    server {
        listen 127.0.0.1:8080;

        location /whatsapp/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
            whatsapp_privacy_policy contact=privacy@example.com;
        }

        location /other/ {
            whatsapp_pass whatsapp;
            whatsapp_tokens %%TOKENS%%;
        }
    }
}
END

my $uri = "/whatsapp/$version/sessions/page";
my $host = 'http://127.0.0.1:' . $t->port;

# what is served

my $page = $t->get($uri, token => undef);

{
    my $policy = $page->header('Content-Security-Policy');
    my %policy = map { /^(\S+) (.*)$/ ? ($1, $2) : ($_, '') }
        split /; /, $policy;

    is($page->status, 200, 'no token is needed for the page itself');
    is($page->header('Content-Type'), 'text/html; charset=UTF-8', 'HTML');
    is($page->header('Referrer-Policy'), 'no-referrer', 'no-referrer');
    is($page->header('X-Content-Type-Options'), 'nosniff', 'nosniff');
    is($page->header('Cache-Control'), 'private, no-store', 'not kept');

    for my $tag (qw(script style)) {
        my @parts = $page->body =~ m{<$tag>(.*?)</$tag>}gs;

        is(scalar @parts, 1, "one $tag");
        is($policy{"$tag-src"},
            "'sha256-" . sha256_base64($parts[0]) . "='",
            "the policy allows this $tag alone");
    }

    my $other = $t->get("/whatsapp/$first/session/page", token => undef)
        ->header('Content-Security-Policy');

    is($policy =~ s/'sha256-[^']+'/#/gr, $other =~ s/'sha256-[^']+'/#/gr,
        'the policy is that of the linking page');
}

is($t->get('/whatsapp/sessions/page', token => undef)->body, $page->body,
    'the same without a version');
is($t->get("$uri/", token => undef)->body,
    $page->body =~ s{"\.\./privacy"}{"../../privacy"}r,
    'and with a slash, but for the way to the privacy policy');
is($t->request('HEAD', $uri, token => undef)->status, 200, 'HEAD');
unlike($t->get('/other/sessions/page', token => undef)->body, qr/privacy/,
    'no privacy policy where none is served');
graph_error($t->post($uri, '{}'), 405, 100, 'it is only read');
unlike($page->body, qr{https?:|//\w|\bsrc=|localStorage|sessionStorage|cookie|
    innerHTML|insertAdjacent|access_token}x,
    'nothing from elsewhere, nothing stored');

# what is seen

my $browser = Test::Whatsapp::Browser->start($t);


sub drive { $browser->drive(@_) }


sub shows {
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $browser->shows(@_);
}


# text(id), in($session, class), enabled($session, class): expressions

sub text { "document.getElementById('$_[0]').textContent" }

sub in {
    return "document.querySelector('li:has(#session-$_[0]) .$_[1]')";
}

sub enabled {
    my $button = in(@_);

    return "($button.checkVisibility() && !$button.disabled"
        . " && $button.ariaDisabled !== 'true')";
}

sub visible { "document.getElementById('$_[0]').checkVisibility()" }

sub selector { "li:has(#session-$_[0]) .$_[1]" }


# enter(token): opens the page and gives it a token

sub enter {
    my ($name, $path) = @_;

    drive(open => $host . ($path // $uri));
    drive(run => $_) for patch();
    $browser->fill('token', $token{$name});
}


# Timers run at fifty times their speed, but for that of messages. waits: what
# they were given; looks: how many lists were asked for; most: how many at once;
# posted: what was done; hold: the next list waits for release()

sub patch {
    return <<'END';
(() => {
    const { fetch, open, setTimeout } = self;

    Object.assign(self, { waits: [], looks: 0, most: 0, posted: [],
                          children: [], hold: false, release: null });
    let running = 0;

    self.setTimeout = (f, ms, ...more) => {
        self.waits.push(ms);
        return setTimeout(f, ms === 8000 ? ms : ms / 50, ...more);
    };

    self.open = (...more) => {
        self.children.push(open.apply(self, more));
        return self.children.at(-1);
    };

    self.fetch = async (url, options) => {
        if (options.method === 'POST') {
            self.posted.push(url);
            return fetch(url, options);
        }

        self.looks++;
        self.most = Math.max(self.most, ++running);

        try {
            const response = await fetch(url, options);

            if (self.hold) {
                self.hold = false;
                await new Promise((resolve) => {
                    self.release = resolve;
                });
            }

            return response;
        } finally {
            running--;
        }
    };
})();
END
}


sub posted { drive(run => 'self.posted.join(" ")') }

sub rows { drive(run => 'document.querySelectorAll(".session").length') }


$controller->wait_state('ready', 60, $_) for $first, $second;

drive(size => [1280, 900]);
drive(open => $host . $uri);
ok(drive(run => visible('login')), 'it asks for a token');
is(drive(run => 'document.activeElement.id'), 'token', 'ready to type');
is(rows(), 0, 'it shows nothing');
is(drive(run => 'document.querySelector("footer a").href'),
    "$host/whatsapp/$version/privacy", 'the privacy policy');

$browser->fill('token', $t->canary('token'));
shows('a wrong token is named', '/not valid/.test(' . text('trouble') . ')');
ok(drive(run => visible('login')), 'and another one asked for');

$browser->fill('token', $token{send});
shows('a token for sending may not look',
    '/may not see sessions/.test(' . text('trouble') . ')');

# who may look

is($controller->call('message.send', { to => '15550000002', type => 'text',
    text => { body => 'x' } }, key => 'a')->status, 200, 'a send');
enter('read');
shows('two sessions', 'document.querySelectorAll(".session").length === 2');
ok(!drive(run => visible('login')), 'the token is not asked for any more');
is(drive(run => 'document.getElementById("token").value'), '',
    'nor is it left in its field');
is(drive(run => text('total')), '2 in all, 2 ready', 'the sum');

for my $row ([name => $first], [number => '+15550000001'], [word => 'Ready'],
    [queue => '0'], [sends => '1'], [failures => '0'], [memory => "\x{2013}"],
    [success => 'None is set'], [error => ''])
{
    is(drive(run => in($first, $row->[0]) . '.textContent'), $row->[1],
        "its $row->[0]");
}

like(drive(run => in($first, 'since') . '.textContent'),
    qr/^for \d+ (?:s|min), since \d\d:\d\d$/, 'since when');
is(drive(run => in($second, 'sends') . '.textContent'), '0',
    'the other one has sent nothing');
ok(!drive(run => enabled($first, $_)), "it can't press $_")
    for qw(stop restart logout);
ok(drive(run => visible('looks-only')), 'and is told why');

drive(click => '#forget');
ok(drive(run => visible('login')), 'the token can be forgotten');
is(rows(), 0, 'and what was shown');

# who may do more

enter('second');
shows('one session', 'document.querySelectorAll(".session").length === 1');
ok(drive(run => enabled($second, $_)), "it can press $_")
    for qw(stop restart logout);
ok(!drive(run => visible('looks-only')), 'no more is needed');

enter('all');
shows('both', 'document.querySelectorAll(".session").length === 2');
$browser->shots('two');
drive(click => selector($second, 'stop'));
shows('one is stopped', in($second, 'word') . '.textContent === "Stopped" && '
    . enabled($second, 'start'));
is($controller->state($second), 'stopped', 'indeed');
is($controller->state($first), 'ready', 'the other one is not');
is(posted(), "/whatsapp/$version/$second/session/stop", 'by one call');
ok(!drive(run => enabled($second, $_)), "now it can't press $_")
    for qw(stop restart logout);

drive(run => in($second, 'restart') . '.click()');
is(posted(), "/whatsapp/$version/$second/session/stop",
    'nothing comes of it by another way');

drive(click => selector($second, 'start'));
shows('it is started', in($second, 'word') . '.textContent === "Ready" && '
    . enabled($second, 'stop'));
drive(click => selector($second, 'restart'));
shows('it is being restarted', "/Session $second is being restarted/.test("
    . text('said') . ')');
shows('it is restarted', enabled($second, 'restart') . ' && '
    . in($second, 'word') . '.textContent === "Ready"');

# by keys alone

drive(run => 'self.posted = []; document.getElementById("title").focus()');
drive(key => 'Tab') for 1, 2;
is(drive(run => 'document.activeElement.closest("li").id + " " + '
    . 'document.activeElement.textContent'), ' Stop', 'Tab goes to a button');
ok(drive(run => 'getComputedStyle(document.activeElement).outlineStyle'
    . ' === "solid"'), 'which is seen');
drive(key => 'Enter');
shows('and Enter presses it', in($first, 'word')
    . '.textContent === "Stopped"');
shows('the focus stays at the session',
    "document.activeElement.id === 'session-$first'");
drive(key => 'Tab');
drive(key => 'Enter');
shows('it is started', in($first, 'word') . '.textContent === "Ready"');

# a log-out is asked for twice

my $asked = visible('ask');

drive(run => 'self.posted = []');
drive(click => selector($first, 'logout'));
ok(drive(run => $asked), 'a question');
$browser->shots('question');
is(drive(run => 'document.activeElement.id'), 'ask-no', 'no is the default');
drive(key => 'Escape');
shows('Escape is a no', "!$asked");
drive(click => selector($first, 'logout'));
drive(click => '#ask-no');
shows('so is "Cancel"', "!$asked");
drive(click => selector($first, 'logout'));
drive(click => '#ask-yes');
ok(drive(run => "$asked && /Really/.test(" . text('ask-title') . ')'),
    'a yes gets a second question');
is(drive(run => 'document.activeElement.id'), 'ask-no', 'whose default is no');
drive(key => 'Enter');
shows('so Enter is a no', "!$asked");
drive(click => selector($first, 'logout'));
drive(click => '#ask-yes', count => 2);
ok(drive(run => $asked), 'a double click is one answer');
is(posted(), '', 'nothing was done so far');
drive(click => '#ask-yes');
shows('two answers', "!$asked");
shows('the session was logged out',
    "/Session $first is logged out/.test(" . text('said') . ')');
is(posted(), "/whatsapp/$version/$first/deregister", 'by one call');

# what is looked at, and when

drive(run => 'self.looks = 0');
shows('it looks again', 'self.looks > 2');
is(drive(run => 'self.most'), 1, 'one look at a time');
drive(run => 'self.hold = true');
shows('a look that takes long', 'self.release');
drive(run => 'self.looks = 0; document.dispatchEvent('
    . 'new Event("visibilitychange"))');
drive(click => selector($second, 'stop'));
shows('something is done meanwhile', '/is being stopped/.test('
    . text('said') . ')');
is(drive(run => 'self.looks'), 0, 'but no other look');
drive(run => 'self.release()');
shows('then it looks at once', in($second, 'word')
    . '.textContent === "Stopped"');

drive(run => 'Object.defineProperty(document, "hidden", '
    . '{ value: true, configurable: true }); self.looks = 0; 0');
drive(run => 'new Promise((resolve) => setTimeout(resolve, 20000))');
cmp_ok(drive(run => 'self.looks'), '<=', 1, 'nobody sees it: it stops');
drive(run => 'delete document.hidden; self.looks = 0; '
    . 'document.dispatchEvent(new Event("visibilitychange"))');
shows('until somebody does', 'self.looks > 1');

# without a controller

$t->allow_alert(qr/connect\(\) to unix/);
$controller->process->stop;
drive(run => 'self.waits = []');
shows('it says that it fails', visible('trouble') . ' && /out of date/.test('
    . text('trouble') . ')');
is(rows(), 2, 'and keeps what it knows');
shows('it asks less and less', 'self.waits.filter((ms) => ms >= 60000)'
    . '.length > 1');
is(drive(run => 'Math.max(...self.waits)'), 60000, 'but once a minute');

# hostile texts, all states

my @states = qw(stopped starting qr pairing syncing ready degraded renewing
    recovering failed logged_out conflict passkey_required incompatible);
my $evil = '<img src=x onerror=self.hacked=1><script>self.hacked=1</script>';
my $now = time;
my $n = 0;
my $webhook = { active => $true, override => $false, verified => $true,
    queued => 17, last_success => $now - 130,
    last_error => { time => $now - 42, what => $evil } };

my @rows = map { { id => 1000000001 + $n++ . '', state => $_,
    since => $now - 5000 * $n ** 3, reason => "$evil " . 'x' x 300,
    number => $n % 3 ? "+1555000000$n" : undef,
    name => "\x{202e}$evil" . 'm' x 200, queue => 123456, sends => 12345678,
    failures => 999999, memory => 12345678901, webhook => $webhook } }
    @states, "<b>$evil</b>";

my $fake = $t->fake_controller();

$fake->always({ status => 200, body => { sessions => \@rows } });
enter('all', '/whatsapp/sessions/page');
shows('all states', 'document.querySelectorAll(".session").length === '
    . @rows);
is(drive(run => in(1000000001, 'name') . '.textContent'), $rows[0]{name},
    'a hostile name is a text');
is(drive(run => in(1000000001, 'reason') . '.textContent'), $rows[0]{reason},
    'so is a reason');
like(drive(run => in(1000000001, 'error') . '.textContent'),
    qr/^Error \d+ (?:s|min) ago: \Q$evil\E$/, 'and what a receiver has answered');
is(drive(run => in(1000000000 + @rows, 'word') . '.textContent'),
    $rows[-1]{state}, 'and a state that nobody knows');
is(drive(run => 'document.querySelectorAll("#list img, #list script, #list b")'
    . '.length + (self.hacked || 0)'), 0, 'nothing becomes of them');
is(drive(run => in(1000000001 + $_, 'word') . '.textContent')
    =~ /^[A-Z][a-z, ]+$/ ? '' : $states[$_], '', "a word for $states[$_]")
    for 0 .. $#states;

my %ground;

for my $width (360, 768, 1280) {
    for my $dark ($false, $true) {
        drive(size => [$width, 900]);
        drive(dark => $dark);
        is(drive(run => 'document.documentElement.scrollWidth'
            . ' - document.documentElement.clientWidth'), 0,
            "nothing beside the screen at $width");
        $ground{$dark} = drive(run =>
            'getComputedStyle(document.body).backgroundColor');
    }
}

isnt($ground{$true}, $ground{$false}, 'it is dark where that is wanted');

# the linking page gets the token of this one, from which it was opened

drive(size => [1280, 900]);

my $child = 'self.children[0].document.getElementById';

drive(click => selector(1000000003, 'button'));
shows('the page with the QR code needs no other token',
    "/Scan this code/.test($child('state').textContent)");
is(drive(run => 'self.children[0].location.pathname'),
    '/whatsapp/1000000003/session/page', 'of this session');
drive(run => 'self.children[0].location.reload(); 0');
shows('it is given once', 'self.children[0].document.readyState === "complete"'
    . " && $child('login').checkVisibility()");
drive(run => 'self.children[0].close(); 0');

# what the browser has been asked for, and what it has kept

{
    my $seen = drive(seen => $true);
    my $tokens = join '|', values %token;

    is(join("\n", grep { !m{^\Q$host\E/whatsapp/} }
        @{ $seen->{requests} }), '', 'nothing is asked for elsewhere');
    is(join("\n", grep { /$tokens/ } @{ $seen->{requests} }), '',
        'no URL has a token');
    is(join("\n", grep { /Content Security|Refused|Trusted|Uncaught/ }
        @{ $seen->{complaints} }), '', 'the policy fits the page');
    is($browser->kept, 0, 'nothing is stored');
}

$browser->stop;

$t->done();
