package Test::Whatsapp::Receiver;

# A receiver of webhooks (t/fake/receiver), and what it received.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use Fcntl qw(:flock);
use JSON::PP;
use Test::Whatsapp::Process qw(wait_for);

my $json = JSON::PP->new->utf8->canonical;

# messages that have arrived, which makes their ids
my $ids = 0;


# start(test, name): on the test's port of that name

sub start {
    my ($class, $t, $name) = @_;
    my $self = bless { t => $t, name => $name, port => $t->port($name),
        dir => $t->dir . "/app/$name" }, $class;

    mkdir $self->{dir} or die "mkdir $self->{dir}: $!\n";
    $self->up;

    return $self;
}


# webhooks(test, text): the path of a file for the controller's --config, with
# secrets in it

sub webhooks {
    my ($t, $text) = @_;
    my $path = $t->write_file('app/controller.conf', $text);

    chmod 0640, $path;
    chown 0, $t->user->{gid}, $path if $t->user;

    return $path;
}


# arrive(test, session, [chat, text] ...): messages reach an account that
# t/fake/chrome plays, each of a chat that is named by a letter

sub arrive {
    my ($t, $id, @messages) = @_;
    my $path = $t->dir . "/state/sessions/$id/profile/inbound";

    open my $fh, '>>', $path or die "$path: $!\n";
    print $fh join '', map { $json->encode(_message(@$_)) . "\n" } @messages;
    close $fh or die "$path: $!\n";
}


sub _message {
    my ($chat, $text) = @_;
    my $number = '1555000' . sprintf '%04d', ord $chat;

    return { kind => 'message', chat => "$number\@c.us", t => int time,
        id => sprintf("false_%s\@c.us_3A%018d", $number, ++$ids),
        from => { wid => "$number\@c.us", number => $number, lid => undef,
            name => 'Ann' },
        group => undef, own => JSON::PP::false,
        message => { type => 'text', text => { body => $text } } };
}


sub port { $_[0]{port} }

sub url { "http://127.0.0.1:$_[0]{port}/" . ($_[1] // 'hook') }


# up(), down(): starts and ends it

sub up {
    my ($self) = @_;
    my $t = $self->{t};

    $self->{process} = $t->spawn("receiver-$self->{name}",
        [ $t->root . '/t/fake/receiver', $self->{port}, $self->{dir} ]);
    $self->{process}->expect(qr/listening/, 60);
}


sub down { $_[0]{process}->stop }


# its connections are processes of its group

sub pid { $_[0]{process}->pid }


# rules(list): how it answers from now on, see t/fake/receiver

sub rules {
    my ($self, @rules) = @_;
    my $path = "$self->{dir}/rules";

    # it may be writing how often a rule of before is still for
    open my $lock, '>', "$self->{dir}/lock" or die "lock: $!\n";
    flock $lock, LOCK_EX or die "lock: $!\n";

    open my $fh, '>', "$path.test" or die "$path.test: $!\n";
    print $fh $json->encode(\@rules);
    close $fh;
    rename "$path.test", "$path.json" or die "rename: $!\n";
}


# requests(): all so far, in the order of their answers; a line that is being
# written is left for the next time

sub requests {
    my ($self) = @_;

    open my $fh, '<', "$self->{dir}/requests" or return;

    return map { $json->decode($_) } grep { /\n\z/ } <$fh>;
}


sub clear { unlink "$_[0]{dir}/requests" }


# deliveries(): the deliveries among them, each with its JSON as "event"

sub deliveries {
    my ($self) = @_;

    return map { { %$_, event => $json->decode($_->{body}) } }
        grep { $_->{method} eq 'POST' } $self->requests;
}


# taken(): the texts of the messages that it has taken with 200

sub taken {
    my ($self) = @_;

    return map { text($_) } grep { $_->{status} == 200 } $self->deliveries;
}


sub text {
    my ($delivery) = @_;
    my $value = $delivery->{event}{entry}[0]{changes}[0]{value};

    return $value->{messages}[0]{text}{body} // '';
}


# wait_taken(n, seconds): waits until it has taken so many, returns their texts

sub wait_taken {
    my ($self, $n, $seconds) = @_;

    eval { wait_for(sub { $self->taken >= $n }, $seconds // 60) };

    return $self->taken;
}


# signed(delivery, secret)

sub signed {
    my ($delivery, $secret) = @_;

    return ($delivery->{headers}{'x-hub-signature-256'} // '')
        eq 'sha256=' . hmac_sha256_hex($delivery->{body}, $secret);
}


1;
