package Test::Whatsapp::Standin;

# The stand-in for WhatsApp: its server, started with node, and the HTTP API
# of its phone.

use strict;
use warnings;

use Digest::SHA qw(sha256);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Test::Whatsapp::Http;
use Test::Whatsapp::Process qw(wait_for);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my $started = 0;


# start(test, linked => number or undef, latency => ms, name => the account's,
#     unmigrated => whether the account's chats go by numbers,
#     receiver => the members of its file, for a receiver of webhooks)

sub start {
    my ($class, $t, %opt) = @_;
    my (@argv, $self, $linked);

    $linked = exists $opt{linked} ? $opt{linked} : '15550000001';
    @argv = ('node', $t->root . '/t/standin/server.js', '--port', '0');
    push @argv, '--linked', $linked if defined $linked;
    push @argv, '--latency', $opt{latency} if $opt{latency};
    push @argv, '--name', $opt{name} if defined $opt{name};
    push @argv, '--unmigrated' if $opt{unmigrated};
    push @argv, '--receiver', $t->write_file('app/receiver.json',
        $json->encode($opt{receiver})) if $opt{receiver};

    $self = bless { t => $t }, $class;
    $self->{process} = $t->spawn(
        'standin' . ($started++ || ''), \@argv);
    $self->{port} = $self->{process}->expect(qr/^listening (\d+)/m, 60)->[0];

    return $self;
}


sub process { $_[0]{process} }

sub port { $_[0]{port} }

sub web_url { "http://127.0.0.1:$_[0]{port}/web/" }


# api(method, path, body): the decoded answer; dies on an error

sub api {
    my ($self, $method, $path, $body) = @_;
    my ($connection, $response);

    $connection = Test::Whatsapp::Http->connect($self->{port});
    $connection->request($method, $path,
        body => defined $body ? $json->encode($body) : undef,
        headers => { Connection => 'close' });
    $response = $connection->response(method => $method)
        // die "stand-in: $method $path: no answer\n";

    die "stand-in: $method $path: " . $response->status . ' '
        . $response->body . "\n" if $response->status >= 300;

    return $response->json;
}


# messages(regex): what WhatsApp's server received, optionally those whose
# text matches

sub messages {
    my ($self, $regex) = @_;
    my $messages = $self->api('GET', '/api/messages');

    return grep { !$regex || ($_->{body} // '') =~ $regex } @$messages;
}


# received(): what others wrote to the account

sub received { @{ $_[0]->api('GET', '/api/messages?direction=in') } }


# write(from, text): somebody writes to the account

sub write {
    my ($self, $from, $text, %more) = @_;

    return $self->api('POST', '/api/messages',
        { from => $from, type => 'text', body => $text, %more });
}


# wait_taken(): waits until the page has all that has reached the account, with
# what was done to it

sub wait_taken {
    my ($self) = @_;

    wait_for(sub {
        my $state = $self->state;

        return $state->{linked} && !$state->{untaken};
    }, 60, 'the page to take what has reached the account');
}


# upload(type, bytes): a file for the phone; {id, sha256, size}

sub upload {
    my ($self, $type, $bytes) = @_;
    my $connection = Test::Whatsapp::Http->connect($self->{port});

    $connection->request('POST', '/api/media', body => $bytes,
        headers => { 'Content-Type' => $type, Connection => 'close' });

    return $connection->response(method => 'POST')->json;
}


# digest(bytes): as messages carry it

sub digest { encode_base64(sha256($_[1]), '') }


sub scan { $_[0]->api('POST', '/api/scan', {}) }

# pair(code): types a code in at the phone

sub pair { $_[0]->api('POST', '/api/pair', { code => $_[1] }) }

# pairing_event(name, arguments): what happens while a phone links a page

sub pairing_event {
    my ($self, $event, @args) = @_;

    return $self->api('POST', '/api/pairing_event',
        { event => $event, args => \@args });
}


# logout(reason): WhatsApp's word for it, or "banned"; by default the phone
# removes the device

sub logout {
    my ($self, $reason) = @_;

    return $self->api('POST', '/api/logout',
        defined $reason ? { reason => $reason } : {});
}

sub state { $_[0]->api('GET', '/api/state') }


# fault(kind, members): see t/standin; "none" clears all

sub fault {
    my ($self, $kind, %more) = @_;

    return $self->api('POST', '/api/fault', { kind => $kind, %more });
}


# page(action, page => which, mib => n): makes the connected pages, or one of
# them, hang, alert, grow or reload

sub page {
    my ($self, $action, %more) = @_;

    return $self->api('POST', '/api/page', { action => $action, %more });
}


# wait_messages(count, regex, seconds): waits until so many were received

sub wait_messages {
    my ($self, $count, $regex, $seconds) = @_;

    return @{ wait_for(sub {
        my @messages = $self->messages($regex);
        return @messages >= $count ? \@messages : undef;
    }, $seconds // 60, "$count messages on the phone") };
}


1;
