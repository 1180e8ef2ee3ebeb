/*
 * Hashes under a secret key.  A table's is random and lives as long as the
 * process: a copy of a table of such hashes does not reveal its entries, and
 * clients can't choose entries that collide in it.
 */

#ifndef KEYED_HASH_H
#define KEYED_HASH_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


#define KEYED_HASH_SIZE    16
#define KEYED_HASH_SECRET  32


struct keyed_hash;


/* Makes a random key; NULL when libcrypto or memory fails. */
struct keyed_hash *keyed_hash_create(void);

/* The same with a given secret, of which a copy is kept. */
struct keyed_hash *keyed_hash_create_with(
    const uint8_t secret[KEYED_HASH_SECRET]);

/* Frees it; NULL is allowed. */
void keyed_hash_destroy(struct keyed_hash *hash);

/*
 * Writes the first half of the HMAC-SHA256 of a followed by b.  a should have
 * a fixed length or end with a NUL.  Returns false when libcrypto fails.
 */
bool keyed_hash_make(struct keyed_hash *hash, const void *a, size_t a_size,
    const void *b, size_t b_size, uint8_t out[KEYED_HASH_SIZE]);


#endif /* KEYED_HASH_H */
