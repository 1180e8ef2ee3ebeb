/*
 * Sealed ids: the data of a public id, encrypted and authenticated
 * (AES-256-GCM).  An id in a URL reveals nothing, others can't make one, and
 * the controller keeps nothing to open it.
 */

#ifndef SEAL_H
#define SEAL_H


#include <stdbool.h>
#include <stddef.h>

#include "base/keyed_hash.h"
#include "protocol/limits.h"


#define SEAL_DATA_MAX   240    /* bytes that an id may stand for */
#define SEAL_TEXT_MIN   WHATSAPP_SEALED_MIN
#define SEAL_TEXT_SIZE  (WHATSAPP_SEALED_MAX + 1)   /* an id, with NUL */


/* an id of one type is not valid as one of another */

enum seal_type {
    SEAL_MEDIA = 1,
    SEAL_DOWNLOAD,
    SEAL_GROUP,       /* a group always has the same id: clients compare */
    SEAL_CURSOR,      /* of a list: URLs with a number would be logged */
    SEAL_MESSAGE,     /* media of a message: the same id at each delivery */
    SEAL_MESSAGE_URL, /* the same, in a URL that is valid for a while */
    SEAL_CALLBACK     /* a piece of a URL, in the state directory */
};


struct seal;


/*
 * Reads the key from state_dir/seal.key, a file of 32 bytes, which is made
 * with mode 0600 when it is missing.  Returns NULL after an error on stderr.
 */
struct seal *seal_create(const char *state_dir);

/* Wipes and frees the key; NULL is allowed. */
void seal_destroy(struct seal *seal);

/*
 * Makes a hash whose secret follows from the key file, so that it is the same
 * at each start, to be freed by keyed_hash_destroy; NULL when libcrypto or
 * memory fails.
 */
struct keyed_hash *seal_hash(const struct seal *seal);

/*
 * Seals 1 to SEAL_DATA_MAX bytes as text of SEAL_TEXT_MIN or more letters,
 * digits, - and _.  Returns false when libcrypto fails.
 */
bool seal_close(const struct seal *seal, enum seal_type type,
    const void *data, size_t size, char text[SEAL_TEXT_SIZE]);

/*
 * Opens an id that seal_close made for this type into data, which has room
 * bytes.  Returns the number of bytes, 0 for any other text.
 */
size_t seal_open(const struct seal *seal, enum seal_type type,
    const char *text, void *data, size_t room);


#endif /* SEAL_H */
