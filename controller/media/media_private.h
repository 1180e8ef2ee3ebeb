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


struct media_state {
    TAILQ_ENTRY(media_state)  link;        /* of store->published or others */
    struct media_store       *store;
    struct media             *media;
    uint64_t                  reserved;    /* bytes of the store's room */
    unsigned                  holds;       /* the store's own, too */
    bool                      published;
    uint64_t                  expires;     /* ms, once published */
    int                       fd;          /* while it is written, or -1 */
    EVP_MD_CTX               *digest;      /* while it is written */
    size_t                    head_size;
    uint8_t                   head[MEDIA_TYPE_HEAD];
};


TAILQ_HEAD(media_list, media_state);


struct media_store {
    struct media_config   config;
    struct media_list     published;    /* the oldest first */
    struct media_list     others;       /* unfinished or deleted */
    size_t                files;
    uint64_t              used;         /* bytes, with the reserved ones */
    struct event         *timer;        /* the oldest file's expiry */
};


/* Reserves room for size bytes of a file in all; false: there is none. */
bool media_reserve(struct media_state *state, uint64_t size);

/* Ends the writing of a file. */
void media_close(struct media_state *state);

/* Removes a file that nobody holds. */
void media_remove(struct media *media);


#endif /* MEDIA_PRIVATE_H */
