/*
 * PEM, by libcrypto.
 */

#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "events/webhook_pem.h"


static X509 *webhook_pem_certificate(const char *text);
static EVP_PKEY *webhook_pem_key(const char *text);
static int webhook_pem_no_password(char *to, int size, int writes, void *ctx);


bool
webhook_pem_certificates(const char *text)
{
    X509  *certificate;

    certificate = webhook_pem_certificate(text);

    X509_free(certificate);

    return certificate != NULL;
}


bool
webhook_pem_pair(const char *certificate, const char *key)
{
    bool       pair;
    X509      *x509;
    EVP_PKEY  *pkey;

    x509 = webhook_pem_certificate(certificate);
    pkey = webhook_pem_key(key);

    pair = x509 != NULL && pkey != NULL
           && X509_check_private_key(x509, pkey) == 1;

    EVP_PKEY_free(pkey);
    X509_free(x509);
    ERR_clear_error();

    return pair;
}


/* the first certificate, NULL when there is none */

static X509 *
webhook_pem_certificate(const char *text)
{
    BIO   *bio;
    X509  *certificate;

    bio = BIO_new_mem_buf(text, (int) strlen(text));
    certificate = bio != NULL
                  ? PEM_read_bio_X509(bio, NULL, webhook_pem_no_password,
                                      NULL)
                  : NULL;

    (void) BIO_free(bio);
    ERR_clear_error();

    return certificate;
}


static EVP_PKEY *
webhook_pem_key(const char *text)
{
    BIO       *bio;
    EVP_PKEY  *key;

    bio = BIO_new_mem_buf(text, (int) strlen(text));
    key = bio != NULL
          ? PEM_read_bio_PrivateKey(bio, NULL, webhook_pem_no_password, NULL)
          : NULL;

    (void) BIO_free(bio);

    return key;
}


/* libcrypto would ask at the terminal */

static int
webhook_pem_no_password(char *to, int size, int writes, void *ctx)
{
    (void) to;
    (void) size;
    (void) writes;
    (void) ctx;

    return -1;
}
