/*
 * Media that a client names by a URL: downloaded into the store.
 */

#ifndef MEDIA_URL_H
#define MEDIA_URL_H


#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "media/fetch.h"
#include "media/media.h"


struct media_url;


/*
 * Called at the end of a download: with a file that the callee then holds, or
 * with NULL and error, which is borrowed.
 */
typedef void (*media_url_pt)(void *ctx, struct media *media,
    const struct error *error);


/*
 * Starts to download url for a message of a kind, in timeout_ms at most.
 * filename is the client's name for a document, or NULL.  done
 * is called exactly once, after this function has returned, unless
 * media_url_cancel is called before.  session is borrowed as by media_begin.
 * Returns NULL, and error, when no download was started.
 */
struct media_url *media_url_start(struct fetcher *fetcher,
    struct media_store *store, const char *session, const char *url,
    const char *filename, enum media_kind kind, uint64_t timeout_ms,
    media_url_pt done, void *ctx, struct error *error);

/* Ends a download and frees it, with its file. */
void media_url_cancel(struct media_url *download);


#endif /* MEDIA_URL_H */
