/*
 * The objects of media.c, which has the store, and media_write.c, which writes
 * files into it; nobody else includes this file.  media_write.c calls media.c.
 */

#ifndef MEDIA_PRIVATE_H
#define MEDIA_PRIVATE_H


#include <sys/queue.h>

#include <openssl/evp.h>

#include "media/media.h"


/* the directory of files, in a session's part of the runtime directory */

#define MEDIA_DIR  "media"


/* what the files of one session take of the store, for the store's life */

struct media_share {
    LIST_ENTRY(media_share)   link;
    const char               *session;
    uint64_t                  used;        /* bytes */
    size_t                    open;        /* files: written, read */
};


struct media_state {
    TAILQ_ENTRY(media_state)  link;        /* of store->published or others */
    struct media_store       *store;
    struct media             *media;
    struct media_share       *share;
    uint64_t                  expected;    /* bytes; 0: not known */
    uint64_t                  reserved;    /* bytes of the store's room */
    unsigned                  holds;       /* the store's own, too */
    bool                      published;
    uint64_t                  expires;     /* ms, once published */
    bool                      writing;     /* one of share->open is its */
    int                       fd;          /* while it is written, or -1 */
    EVP_MD_CTX               *digest;      /* while it is written */
    size_t                    head_size;
    uint8_t                   head[MEDIA_TYPE_HEAD];
};


TAILQ_HEAD(media_list, media_state);
LIST_HEAD(media_shares, media_share);


struct media_store {
    struct media_config   config;
    struct media_list     published;    /* the oldest first */
    struct media_list     others;       /* unfinished or deleted */
    struct media_shares   shares;
    size_t                files;
    size_t                open;         /* files that are written or read */
    uint64_t              used;         /* bytes, with the reserved ones */
    struct event         *timer;        /* the oldest file's expiry */
};


/* Finds or makes a session's share; NULL when memory is short. */
struct media_share *media_share(struct media_store *store,
    const char *session);

/* Whether a session may take so many bytes more now. */
bool media_has_room(const struct media_store *store,
    const struct media_share *share, uint64_t more);

/* Reserves room for size bytes of a file in all; false: there is none. */
bool media_reserve(struct media_state *state, uint64_t size);

/* Gives the room beyond a file's size back. */
void media_shrink(struct media_state *state);

/* Takes one of a session's slots for open files; false: all are taken. */
bool media_open_slot(struct media_store *store, struct media_share *share);

/* Ends the writing of a file. */
void media_close(struct media_state *state);

/* Removes a file that nobody holds. */
void media_remove(struct media *media);


#endif /* MEDIA_PRIVATE_H */
