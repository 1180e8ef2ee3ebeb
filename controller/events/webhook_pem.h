/*
 * Certificates and keys in PEM: whether libcurl will be able to use them.
 */

#ifndef WEBHOOK_PEM_H
#define WEBHOOK_PEM_H


#include <stdbool.h>


/* Returns whether a text has a certificate. */
bool webhook_pem_certificates(const char *text);

/* Returns whether a key, without a password, is that of a certificate. */
bool webhook_pem_pair(const char *certificate, const char *key);


#endif /* WEBHOOK_PEM_H */
