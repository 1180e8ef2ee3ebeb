package Test::Whatsapp::MediaId;

# The public id of the media of a message, as controller/media makes it: for
# messages of which no event tells, such as the account's own.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(media_id);

# AES-256-GCM is not in core Perl; the keys are derived from the key file
my $program = <<'END';
const crypto = require('node:crypto');
const fs = require('node:fs');
const [, file, data] = process.argv;
const key = fs.readFileSync(file);
const hmac = (secret, text) => crypto.createHmac('sha256', secret)
    .update(text).digest();
const plain = Buffer.concat([Buffer.from([5]), Buffer.from(data)]);
const nonce = hmac(hmac(key, 'whatsapp-controller nonce'), plain)
    .subarray(0, 12);
const cipher = crypto.createCipheriv('aes-256-gcm',
    hmac(key, 'whatsapp-controller seal'), nonce);
const body = Buffer.concat([cipher.update(plain), cipher.final()]);
process.stdout.write(Buffer.concat([nonce, body, cipher.getAuthTag()])
    .toString('base64url'));
END


# media_id(test, session, key): key is WhatsApp Web's, serialized

sub media_id {
    my ($t, $session, $key) = @_;

    open my $fh, '-|', 'node', '-e', $program, $t->dir . '/state/seal.key',
        "$session/$key" or die "node: $!\n";
    my $id = <$fh>;
    close $fh or die "node failed\n";

    return $id;
}


1;
