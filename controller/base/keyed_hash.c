/*
 * HMAC-SHA256 under a random or a given key.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/keyed_hash.h"


struct keyed_hash {
    EVP_MAC      *mac;
    EVP_MAC_CTX  *hmac;
};


static bool keyed_hash_init(struct keyed_hash *hash,
    const uint8_t secret[KEYED_HASH_SECRET]);


struct keyed_hash *
keyed_hash_create(void)
{
    uint8_t             secret[KEYED_HASH_SECRET];
    struct keyed_hash  *hash;

    if (RAND_bytes(secret, sizeof(secret)) != 1) {
        return NULL;
    }

    hash = keyed_hash_create_with(secret);

    OPENSSL_cleanse(secret, sizeof(secret));

    return hash;
}


struct keyed_hash *
keyed_hash_create_with(const uint8_t secret[KEYED_HASH_SECRET])
{
    struct keyed_hash  *hash;

    hash = calloc(1, sizeof(struct keyed_hash));

    if (hash != NULL && !keyed_hash_init(hash, secret)) {
        keyed_hash_destroy(hash);
        return NULL;
    }

    return hash;
}


void
keyed_hash_destroy(struct keyed_hash *hash)
{
    if (hash == NULL) {
        return;
    }

    EVP_MAC_CTX_free(hash->hmac);
    EVP_MAC_free(hash->mac);
    free(hash);
}


bool
keyed_hash_make(struct keyed_hash *hash, const void *a, size_t a_size,
    const void *b, size_t b_size, uint8_t out[KEYED_HASH_SIZE])
{
    size_t   size;
    uint8_t  full[32];

    if (EVP_MAC_init(hash->hmac, NULL, 0, NULL) != 1
        || EVP_MAC_update(hash->hmac, a, a_size) != 1
        || EVP_MAC_update(hash->hmac, b, b_size) != 1
        || EVP_MAC_final(hash->hmac, full, &size, sizeof(full)) != 1
        || size != sizeof(full))
    {
        return false;
    }

    memcpy(out, full, KEYED_HASH_SIZE);

    return true;
}


static bool
keyed_hash_init(struct keyed_hash *hash,
    const uint8_t secret[KEYED_HASH_SECRET])
{
    OSSL_PARAM  params[2];

    hash->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

    if (hash->mac == NULL) {
        return false;
    }

    hash->hmac = EVP_MAC_CTX_new(hash->mac);

    if (hash->hmac == NULL) {
        return false;
    }

    params[0] = OSSL_PARAM_construct_utf8_string("digest", "SHA256", 0);
    params[1] = OSSL_PARAM_construct_end();

    return EVP_MAC_init(hash->hmac, secret, KEYED_HASH_SECRET, params) == 1;
}
