/*
 * Hashes under a key that is made anew at each start: what is remembered by
 * them can't be guessed from a copy of the memory that holds the table, and
 * nobody can choose where it lands in one.
 */

#ifndef KEYED_HASH_H
#define KEYED_HASH_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


#define KEYED_HASH_SIZE  16


struct keyed_hash;


/* Makes a key of its own; NULL when libcrypto or memory fails. */
struct keyed_hash *keyed_hash_create(void);

/* Frees it; NULL is allowed. */
void keyed_hash_destroy(struct keyed_hash *hash);

/*
 * The first half of HMAC-SHA256 of a and b, one behind the other; a should
 * say where it ends.  False when libcrypto fails.
 */
bool keyed_hash_make(struct keyed_hash *hash, const void *a, size_t a_size,
    const void *b, size_t b_size, uint8_t out[KEYED_HASH_SIZE]);


#endif /* KEYED_HASH_H */
