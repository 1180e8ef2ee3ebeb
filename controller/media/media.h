/*
 * Media files on their way: kept in memory (a tmpfs) for a while, bounded,
 * and never longer than the controller runs.
 */

#ifndef MEDIA_H
#define MEDIA_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>

#include "base/error.h"
#include "media/media_type.h"


#define MEDIA_NAME_SIZE      16     /* random bytes */
#define MEDIA_DIGEST_SIZE    32
#define MEDIA_FILENAME_SIZE  1024


/* strings are borrowed for the store's life */

struct media_config {
    const char  *runtime_dir;    /* files lie in <it>/<session>/media/ */
    uint64_t     ttl_ms;
    uint64_t     max;            /* bytes of all files */
    uint64_t     file_max;       /* bytes of one */
};


/* members are for reading; only the functions below change them */

struct media {
    uint8_t              name[MEDIA_NAME_SIZE];
    const char          *session;
    char                *path;
    char                *filename;     /* as its sender calls it, or NULL */
    uint64_t             size;         /* bytes, so far */
    uint8_t              digest[MEDIA_DIGEST_SIZE];
    struct media_type    type;
    struct media_state  *state;        /* private */
};


struct media_store;


/* Makes an empty store; NULL when memory is short. */
struct media_store *media_store_create(struct event_base *base,
    const struct media_config *config);

/* Removes all files and frees the store; NULL is allowed. */
void media_store_destroy(struct media_store *store);

/* Removes the files that a killed controller has left in its directories. */
void media_store_wipe(const char *runtime_dir);

/* The most bytes that one file may have. */
uint64_t media_store_file_max(const struct media_store *store);

/* Bytes and files that are held now, unfinished ones too, and the most. */
uint64_t media_store_used(const struct media_store *store);
size_t media_store_files(const struct media_store *store);
uint64_t media_store_max(const struct media_store *store);

/*
 * Begins a file of a session, whose name is borrowed for the store's life.
 * Room for the expected bytes (0: not known) is set aside until media_end.
 * The caller holds it until media_release.  NULL: error says why not.
 */
struct media *media_begin(struct media_store *store, const char *session,
    uint64_t expected, struct error *error);

/*
 * Appends to a file that was begun, beyond what was expected if there is room;
 * false: error says why not.
 */
bool media_append(struct media *media, const void *data, size_t size,
    struct error *error);

/*
 * Ends a file: decides on its type by what is declared (or NULL), its content
 * and its name (or NULL, else UTF-8), or takes it for a document anyway.
 * False: error says why it is refused.
 */
bool media_end(struct media *media, const char *declared,
    const char *filename, bool document, struct error *error);

/* Lets a file that was ended be found by its name, for the store's TTL. */
void media_publish(struct media *media);

/* Finds a published file and holds it; NULL when there is none. */
struct media *media_hold(struct media_store *store,
    const uint8_t name[MEDIA_NAME_SIZE]);

/* Lets it be found no more; it lives until all who hold it release it. */
void media_delete(struct media *media);

/* Ends the caller's hold; the last one's removes a file that can't be found */
void media_release(struct media *media);


#endif /* MEDIA_H */
