package Test::Whatsapp::Requests;

# How tests call the API through nginx, and what they expect of its errors;
# the methods are those of a test.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Test::More;

use Test::Whatsapp::Http;
use Test::Whatsapp::Process qw(wait_for);

our @EXPORT_OK = qw(graph_error error_type text_message encode $session
    $version);

our $session = '1000000001';
our $version = 'v23.0';

my $json = JSON::PP->new->utf8->canonical->allow_nonref;


# connect(port mark): a connection to nginx

sub connect {
    my ($self, $port, %opt) = @_;

    return Test::Whatsapp::Http->connect($self->port($port), %opt,
        heard => sub { $self->_record(@_) });
}


# The JSON answers of the location /whatsapp/ are kept for the test that they
# are those of docs/openapi.yaml, with the requests. What a fake controller
# answers a call is not the API's and is left out.

sub _record {
    my ($self, $response, $method, $uri, $body) = @_;
    my ($path) = $uri =~ m{^/whatsapp(?:/v\d+\.\d+)?(/[^?\s]*)} or return;

    return if $method eq 'HEAD' || !defined $response->json
        || ($response->header('Content-Type') // '')
        !~ m{^application/json;};

    $self->{answers}{ join ' ', $method, $path, $response->status,
        map { encode_base64($_ // '', '') }
        $self->{fake} && $response->status < 400 ? '' : $response->body,
        $body } = 1;
}


# request(method, uri, %opt): one request on a connection of its own; nginx is
# through with it, access log and counters and all, when this returns;
# token => undef sends none, other options as Http::request()

sub request {
    my ($self, $method, $uri, %opt) = @_;
    my ($connection, $response);

    $self->{audit}->sample if $self->{audit};
    $connection = $self->connect($opt{port}, timeout => $opt{timeout} // 30);
    $connection->request($method, $uri, $self->_with_token(%opt));
    $response = $connection->response(method => $method);
    $connection->settle;
    $connection->close;

    return $response
        // die "$method $uri: the connection was closed without an answer\n";
}


sub _with_token {
    my ($self, %opt) = @_;
    my $token = exists $opt{token} ? $opt{token} : $self->{token};

    $opt{headers} = {
        defined $token ? (Authorization => "Bearer $token") : (),
        %{ $opt{headers} // {} },
    };
    $opt{body} = encode($opt{body}) if ref $opt{body};
    $self->{types}{$1} = 1 if ($opt{body} // '') =~ /"type":"(\w+)"/;

    return %opt;
}


# request_bytes(method, uri, %opt): the same as the bytes to be sent

sub request_bytes {
    my ($self, $method, $uri, %opt) = @_;

    return Test::Whatsapp::Http::request_bytes($method, $uri,
        $self->_with_token(%opt));
}


sub get {
    my ($self, $uri, %opt) = @_;

    return $self->request('GET', $uri, %opt);
}


sub post {
    my ($self, $uri, $body, %opt) = @_;

    return $self->request('POST', $uri, %opt, body => $body);
}


sub messages_uri {
    my ($self, $id) = @_;

    return "/whatsapp/$version/" . ($id // $session) . '/messages';
}


# messages(body): POST to the messages edge; a reference is sent as JSON

sub messages {
    my ($self, $body, %opt) = @_;

    return $self->post($self->messages_uri($opt{session}), $body, %opt);
}


# send(to, text): a text message

sub send {
    my ($self, $to, $text, %opt) = @_;

    return $self->messages(text_message($to, $text,
        %{ delete $opt{members} // {} }), %opt);
}


sub text_message {
    my ($to, $text, %more) = @_;

    return {
        messaging_product => 'whatsapp', to => $to, type => 'text',
        text => { body => $text }, %more,
    };
}


sub encode { $json->encode($_[0]) }


# command(argv, input): (exit status, output) of a program such as curl

sub command {
    my ($self, $argv, $input) = @_;
    my ($process, $stdin);

    $stdin = $self->write_file('client/stdin', $input // '');
    unlink "$self->{dir}/client/output";
    $process = Test::Whatsapp::Process->new('command', $argv,
        log => "$self->{dir}/client/output", stdin => $stdin);
    push @{ $self->{processes} }, $process;
    wait_for(sub { !$process->running }, 180, $argv->[0]);

    return ($process->status >> 8, $process->output);
}


# graph_error(response, status, code, name, subcode => 33, details => regex,
#     title => text, outcome => word or undef, bare => 1): one test that the
# response is a Graph error with everything that goes with it; a bare one lacks
# the header of its status

sub graph_error {
    my ($response, $status, $code, $name, %opt) = @_;
    my @wrong = _graph_faults($response, $status, $code, %opt);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return ok(!@wrong, $name)
        || diag(join "\n", @wrong, 'response: '
            . ($response ? "$response->{status} $response->{head}\n"
                . $response->body : 'none'));
}


# error_type(status): the type of the object of an error

sub error_type {
    return $_[0] =~ /^(?:404|409)$/ ? 'GraphMethodException'
        : 'OAuthException';
}


sub _graph_faults {
    my ($response, $status, $code, %opt) = @_;
    my ($error, $type, @wrong, %needs);

    return 'no response' if !$response;

    $error = $response->error;
    %needs = (401 => 'WWW-Authenticate', 405 => 'Allow',
        429 => 'Retry-After', 503 => 'Retry-After');

    $type = error_type($status);

    push @wrong, "status is not $status" if $response->status != $status;
    push @wrong, "code is not $code" if ($error->{code} // '') ne $code;
    push @wrong, "type is not $type" if ($error->{type} // '') ne $type;
    push @wrong, 'no message' if ($error->{message} // '') !~ /\w/;
    push @wrong, 'no fbtrace_id' if ($error->{fbtrace_id} // '') !~ /\w/;
    push @wrong, 'no error_data.details'
        if ref $error->{error_data} ne 'HASH'
        || ($error->{error_data}{details} // '') !~ /\w/
        || ($error->{error_data}{messaging_product} // '') ne 'whatsapp';
    push @wrong, 'wrong Content-Type'
        if ($response->header('Content-Type') // '')
        ne 'application/json; charset=UTF-8';
    push @wrong, "no $needs{$status}"
        if $needs{$status} && !$opt{bare}
        && !defined $response->header($needs{$status});
    push @wrong, 'Retry-After is not a number of seconds'
        if ($response->header('Retry-After') // 1) !~ /^[1-9]\d*$/;
    push @wrong, 'wrong error_subcode'
        if $opt{subcode} && ($error->{error_subcode} // '') ne $opt{subcode};
    push @wrong, "message is not (#$code) $opt{title}"
        if defined $opt{title}
        && ($error->{message} // '') ne "(#$code) $opt{title}";
    push @wrong, 'wrong outcome'
        if exists $opt{outcome}
        && ($error->{error_data}{outcome} // '') ne ($opt{outcome} // '');
    push @wrong, "details do not match $opt{details}"
        if $opt{details}
        && ($error->{error_data}{details} // '') !~ $opt{details};

    return @wrong;
}


1;
