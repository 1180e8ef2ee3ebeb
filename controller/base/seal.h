/*
 * Sealed ids: what a public id stands for, encrypted and authenticated
 * (AES-256-GCM), so that an id that stands in a URL tells nothing and can't be
 * made by others.  Nothing has to be remembered to open one.
 */

#ifndef SEAL_H
#define SEAL_H


#include <stdbool.h>
#include <stddef.h>


#define SEAL_DATA_MAX   96     /* bytes that an id may stand for */
#define SEAL_TEXT_MIN   40
#define SEAL_TEXT_SIZE  192    /* a sealed id, with NUL */


/* an id of one type is never taken for one of another */

enum seal_type {
    SEAL_MEDIA = 1,
    SEAL_DOWNLOAD,
    SEAL_GROUP        /* one group has one id, as clients compare them */
};


struct seal;


/*
 * Reads the key from state_dir/seal.key, a file of 32 bytes, which is made
 * (0600) when it isn't there.  NULL after saying on stderr what is wrong.
 */
struct seal *seal_create(const char *state_dir);

/* Wipes and frees; NULL is allowed. */
void seal_destroy(struct seal *seal);

/*
 * Seals 1 to SEAL_DATA_MAX bytes: at least SEAL_TEXT_MIN letters, digits, -
 * and _.  False when libcrypto fails.
 */
bool seal_close(const struct seal *seal, enum seal_type type,
    const void *data, size_t size, char text[SEAL_TEXT_SIZE]);

/*
 * Opens what seal_close made for this type into data, which has room bytes.
 * Returns the number of bytes, 0 for anything else.
 */
size_t seal_open(const struct seal *seal, enum seal_type type,
    const char *text, void *data, size_t room);


#endif /* SEAL_H */
