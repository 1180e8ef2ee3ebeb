/*
 * The signature of a delivery, as Meta's webhooks have it.
 */

#ifndef WEBHOOK_SIGNATURE_H
#define WEBHOOK_SIGNATURE_H


#include <stdbool.h>
#include <stddef.h>


/* "sha256=", 64 hexadecimal digits and a NUL */

#define WEBHOOK_SIGNATURE_SIZE  (sizeof("sha256=") + 64)


/*
 * Writes the value of X-Hub-Signature-256: the HMAC-SHA256 of a body of size
 * bytes under a secret.  Returns false when libcrypto fails.
 */
bool webhook_sign(const char *secret, const void *body, size_t size,
    char signature[WEBHOOK_SIGNATURE_SIZE]);


#endif /* WEBHOOK_SIGNATURE_H */
