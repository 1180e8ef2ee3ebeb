/*
 * The file of a send: one that the store has, or one that must be downloaded
 * from a link first.
 */

#ifndef SEND_MEDIA_H
#define SEND_MEDIA_H


#include "calls/call.h"
#include "calls/message_params.h"
#include "media/media_url.h"


/* zeroed: there is no file; members are private */

struct send_media {
    struct media           *media;       /* held, or NULL */
    char                   *url;         /* to be downloaded, or NULL */
    struct media_url       *download;    /* while it runs */
    enum media_kind         kind;
    const char             *session;     /* its id */
    const struct services  *services;
    void                  (*done)(void *ctx, const struct error *error);
    void                   *ctx;
};


/*
 * Holds the file that the parameters name by id, or copies the link that they
 * name; parameters without a file leave media as it is.  False: error says why
 * the file is refused.
 */
bool send_media_take(struct send_media *media,
    const struct message_params *params, const struct call *call,
    struct error *error);

/* Returns whether the file must be downloaded before the dispatch. */
bool send_media_needs_fetch(const struct send_media *media);

/*
 * Starts the download, which takes timeout_ms at most.  done follows, with
 * NULL or a borrowed error, unless send_media_free is called before.  False:
 * error says why there is no download.
 */
bool send_media_fetch(struct send_media *media, uint64_t timeout_ms,
    void (*done)(void *ctx, const struct error *error), void *ctx,
    struct error *error);

/* Returns whether a download runs. */
bool send_media_fetching(const struct send_media *media);

/*
 * Adds the file's MIME type and name to the page's message; false when memory
 * is short.
 */
bool send_media_describe(const struct send_media *media, json_t *message);

/* Returns the path of the file, NULL when the send has none. */
const char *send_media_path(const struct send_media *media);

/* Releases the file, cancels a download, and zeroes media. */
void send_media_free(struct send_media *media);


#endif /* SEND_MEDIA_H */
