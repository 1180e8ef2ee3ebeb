/*
 * The store of media files: they lie on a tmpfs, their bytes are bounded, and
 * they are removed after a while, or when the controller ends.
 */

#ifndef MEDIA_H
#define MEDIA_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>

#include "media/media_type.h"


#define MEDIA_NAME_SIZE      16     /* random bytes */
#define MEDIA_DIGEST_SIZE    32
#define MEDIA_FILENAME_SIZE  1024

/* files that are being written, or read by clients, at once */

#define MEDIA_OPEN_MAX       256


/* strings are borrowed for the store's life */

struct media_config {
    const char  *runtime_dir;    /* files lie in <it>/<session>/media/ */
    uint64_t     ttl_ms;
    uint64_t     max;            /* bytes of all files */
    uint64_t     file_max;       /* bytes of one */

    /*
     * The number of sessions; NULL: there is one.  Of several, each may hold
     * no more room, and no more open files, than it leaves to the others.
     */
    size_t     (*sessions)(void *ctx);
    void        *ctx;
};


/* members are for reading; only the functions below change them */

struct media {
    uint8_t              name[MEDIA_NAME_SIZE];
    const char          *session;
    char                *path;
    char                *filename;     /* the sender's name for it, or NULL */
    uint64_t             size;         /* bytes, so far */
    uint8_t              digest[MEDIA_DIGEST_SIZE];
    struct media_type    type;
    char                *content_type; /* with parameters, of a file that was
                                          taken, or NULL: that of type */
    struct media_state  *state;        /* private */
};


struct media_store;


/* Makes an empty store; NULL when memory is short. */
struct media_store *media_store_create(struct event_base *base,
    const struct media_config *config);

/*
 * Sets other bounds: of files that are uploaded from now on, and of the room
 * of all of them.  Files that are there stay for their time.
 */
void media_store_change(struct media_store *store, uint64_t ttl_ms,
    uint64_t max, uint64_t file_max);

/* Removes all files and frees the store; NULL is allowed. */
void media_store_destroy(struct media_store *store);

/* Removes files that are left in the sessions' directories, at the end. */
void media_store_wipe(const char *runtime_dir);

/*
 * The most bytes that one file may have now: no file may be larger than the
 * room that a session can have.
 */
uint64_t media_store_file_max(const struct media_store *store);

/* Bytes and files in the store, with unfinished ones, and the most bytes. */
uint64_t media_store_used(const struct media_store *store);
size_t media_store_files(const struct media_store *store);
uint64_t media_store_max(const struct media_store *store);

/* Lets media_hold find a complete file by its name, for the store's TTL. */
void media_publish(struct media *media);

/* Finds a published file and holds it; NULL when there is none. */
struct media *media_hold(struct media_store *store,
    const uint8_t name[MEDIA_NAME_SIZE]);

/* Holds a file once more. */
void media_keep(struct media *media);

/* Lets media_hold find a file no more; it exists until nobody holds it. */
void media_delete(struct media *media);

/* Deletes all files of a session that are published. */
void media_store_forget(struct media_store *store, const char *session);

/*
 * Takes one of the session's slots for a file that is being read by a client;
 * false: all are taken.  A slot is given back by media_end_read.
 */
bool media_begin_read(struct media *media);
void media_end_read(struct media *media);

/* Ends the caller's hold.  A file that nobody holds is removed. */
void media_release(struct media *media);


#endif /* MEDIA_H */
