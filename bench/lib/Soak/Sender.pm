package Soak::Sender;

# A client of one session: it sends something of each kind at a fixed rate,
# over nginx. What has a key is repeated with it until an answer ends it, as
# docs/client-guide.md says.

use strict;
use warnings;

use IO::Select;
use MIME::Base64 qw(decode_base64);
use Soak;
use Test::Whatsapp;
use Test::Whatsapp::Http;
use Time::HiRes qw(sleep time);

# s between two tries, and until a send is given up
my $between = 0.5;
my $patience = 600;

my @people = map { "1555000000$_" } 2 .. 9;

# one of each is sent in turn, keyed or not
my @kinds = qw(text text image text list text reaction text document contacts
    text location text poll);

# type, beginning and how many bytes follow; the picture is one pixel
my %files = (
    image => [ 'image/png', decode_base64(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q'
        . 'DwADhgGAWjR9awAAAABJRU5ErkJggg=='), 60_000 ],
    document => [ 'application/pdf', "%PDF-1.4\n", 120_000 ],
);


# run(test, session => id, book => file, text => what begins each text, number
#     => of the client, every => s, until => time)

sub run {
    my ($class, $t, %opt) = @_;
    my $self = bless { t => $t, %opt, write => book($opt{book}), files => {},
        made => 0 }, $class;
    my $next = time() + rand $opt{every};

    while ($next < $opt{until}) {
        sleep $next - time() if $next > time();
        $self->send_one;
        $next += $opt{every};

        # after a long outage it does not catch up
        $next = time() if $next < time() - 30;
    }
}


sub send_one {
    my ($self) = @_;
    my $kind = $kinds[$self->{made} % @kinds];
    my $id = "$self->{number}-" . ++$self->{made};
    my $key = rand() < 0.6 ? "key-$id" : undef;
    my %entry = (id => $id, session => $self->{session}, kind => $kind,
        keyed => $key ? 1 : 0, tries => 0, began => time(), failures => []);
    my ($body, $response);

    $kind = $entry{kind} = 'text' if $kind eq 'reaction' && !$self->{last}
        || $files{$kind} && !$self->file($kind);
    $body = $self->message($kind, $id);
    $entry{target} = delete $self->{last} if $kind eq 'reaction';

    do {
        sleep $between if $entry{tries}++;
        $response = $self->try_once(\%entry, $body, $key);
    } while $key && is_open(\%entry, $response)
        && time() - $entry{began} < $patience;

    %entry = (%entry, ended => time(), sent => $response->{status} == 200,
        wamid => $response->{id}, outcome => $response->{outcome},
        open => $key && is_open(\%entry, $response) ? 1 : 0);
    $self->{write}->(\%entry);
    $self->{last} = $entry{wamid} if $kind eq 'text' && $entry{sent};
    $self->{to} = $body->{to} if $kind eq 'text' && $entry{sent};
}


# try_once(entry, body, key): what came of it; a failure is noted in the entry

sub try_once {
    my ($self, $entry, $body, $key) = @_;
    my $began = time();
    my $response = $self->request('messages',
        headers => { defined $key ? ('Idempotency-Key' => $key) : () },
        body => $body);
    my $error = $response ? $response->error : {};
    my $result = { status => $response ? $response->status : 0,
        id => $response && $response->id, seconds => time() - $began,
        outcome => $error->{error_data}{outcome}
            // (!$response ? 'unknown' : undef) };

    $entry->{seconds} = $result->{seconds};
    push @{ $entry->{failures} }, { began => $began, %$result,
        code => $error->{code}, details => $error->{error_data}{details} }
        if $result->{status} != 200;

    return $result;
}


# is_open(entry, result): whether a keyed send is to be repeated. Once it may
# have gone out, only a 200 ends it.

sub is_open {
    my ($entry, $result) = @_;

    return 0 if $result->{status} == 200;
    return 1 if grep { ($_->{outcome} // '') ne 'not_sent' }
        @{ $entry->{failures} };

    return $result->{status} =~ /^(?:429|5\d\d)$/;
}


# request(edge, %opt of Http::request): the response, undef if there is none

sub request {
    my ($self, $edge, %opt) = @_;

    # nginx has closed the kept connection, as when it was reloaded
    $self->leave if $self->{http}
        && IO::Select->new($self->{http}->socket)->can_read(0);

    my $response = eval {
        $self->{http} //= $self->{t}->connect(8080, timeout => $deadline + 10);
        $self->{http}->write($self->{t}->request_bytes('POST',
            "/whatsapp/$version/$self->{session}/$edge", %opt)) or die;
        $self->{http}->response(method => 'POST');
    };

    $self->leave if !$response
        || lc($response->header('Connection') // '') eq 'close';

    return $response;
}


sub leave {
    my ($self) = @_;
    my $http = delete $self->{http};

    $http->close if $http;
}


# file(kind): the id of one that is uploaded, and used again while it is kept;
# undef if it can't be uploaded

sub file {
    my ($self, $kind) = @_;
    my ($type, $head, $size) = @{ $files{$kind} };
    my $known = $self->{files}{$kind};
    my ($response, $id);

    return $known->{id} if $known && $known->{until} > time();

    delete $self->{files}{$kind};
    $response = $self->request('media',
        headers => {
            'Content-Type' => 'multipart/form-data; boundary=xyzzy' },
        body => join "\r\n", '--xyzzy',
            'Content-Disposition: form-data; name="messaging_product"', '',
            'whatsapp', '--xyzzy',
            'Content-Disposition: form-data; name="file"; filename="a"',
            "Content-Type: $type", '', $head . 'x' x $size . rand(),
            '--xyzzy--', '');
    $id = $response && $response->json && $response->json->{id};
    $self->{write}->({ upload => time(), session => $self->{session},
        status => $response ? $response->status : 0 }) if !$id;

    # a send may be repeated for a while
    $self->{files}{$kind} = { id => $id, until => time() + $ttl / 2 } if $id;

    return $id;
}


sub message {
    my ($self, $kind, $id) = @_;
    my $text = "$self->{text} $id";
    my $to = $people[rand @people];
    my %of = (
        text => sub { { body => $text } },
        image => sub { { id => $self->file('image'), caption => $text } },
        document => sub { { id => $self->file('document'),
            caption => $text, filename => "$text.pdf" } },
        contacts => sub { [ { name => { formatted_name => $text,
            first_name => $text }, phones => [ { phone => '+15550000003' } ]
            } ] },
        location => sub { { latitude => 1.5, longitude => 2, name => $text,
            address => 'Street 1' } },
        poll => sub { { name => $text, options => [ 'a', 'b', 'c' ] } },
        reaction => sub { { message_id => $self->{last},
            emoji => "\x{1f44d}" } },
        list => sub { { type => 'list', body => { text => $text }, action => {
            button => 'Choose', sections => [ { title => 'All', rows => [
            map { { id => "r$_", title => "Row $_" } } 1 .. 3 ] } ] } } },
    );
    my $type = $kind eq 'list' ? 'interactive' : $kind;

    $to = $self->{to} if $kind eq 'reaction';

    return { messaging_product => 'whatsapp', to => $to, type => $type,
        $type => $of{$kind}->() };
}


1;
