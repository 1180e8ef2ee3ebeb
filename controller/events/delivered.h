/*
 * The digests of delivered messages, in a file on the tmpfs: a controller that
 * was killed knows by it what it had delivered.  A digest is appended when its
 * message was delivered; now and then the file is written anew.
 */

#ifndef DELIVERED_H
#define DELIVERED_H


#include <stdbool.h>
#include <stdint.h>

#include "events/seen.h"


struct delivered;


/*
 * Makes the file's object; path is copied, its directory is made when the
 * first digest comes.  NULL when memory is short.
 */
struct delivered *delivered_create(const char *path);

/* Closes the file, which stays; NULL is allowed. */
void delivered_destroy(struct delivered *delivered);

/*
 * Reads the file's digests and floor into an empty set.  False: there is no
 * such file, or it has something else.
 */
bool delivered_load(struct delivered *delivered, struct seen *seen);

/*
 * Appends a digest, or writes the file anew from the set, of which the digest
 * is one, when it has become too long or there is none.  False, with errno
 * set, when it can't; the next call tries to write it anew.
 */
bool delivered_add(struct delivered *delivered, const struct seen *seen,
    const uint8_t digest[KEYED_HASH_SIZE], uint64_t time);

/* Writes the file anew from the set; false likewise. */
bool delivered_write(struct delivered *delivered, const struct seen *seen);

/* Removes the file. */
void delivered_remove(struct delivered *delivered);


#endif /* DELIVERED_H */
