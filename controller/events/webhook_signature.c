/*
 * HMAC-SHA256 in lower-case hexadecimal digits: receivers compare texts.
 */

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "events/webhook_signature.h"


#define WEBHOOK_SIGNATURE_PREFIX  "sha256="


bool
webhook_sign(const char *secret, const void *body, size_t size,
    char signature[WEBHOOK_SIGNATURE_SIZE])
{
    char           *p;
    unsigned        i, n;
    unsigned char   digest[EVP_MAX_MD_SIZE];

    static const char  digits[] = "0123456789abcdef";

    if (HMAC(EVP_sha256(), secret, (int) strlen(secret), body, size, digest,
             &n)
        == NULL)
    {
        return false;
    }

    p = stpcpy(signature, WEBHOOK_SIGNATURE_PREFIX);

    for (i = 0; i < n; i++) {
        *p++ = digits[digest[i] >> 4];
        *p++ = digits[digest[i] & 0xf];
    }

    *p = '\0';

    return true;
}
