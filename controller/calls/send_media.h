/*
 * The file of a send: held from the store, or still to be downloaded.
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
 * Takes what the parameters name, if they name a file at all; false: error
 * says why not.
 */
bool send_media_take(struct send_media *media,
    const struct message_params *params, const struct call *call,
    struct error *error);

/* Whether the file must be downloaded before the message can go. */
bool send_media_waits(const struct send_media *media);

/*
 * Downloads it in timeout_ms at most; done follows, with NULL or an error that
 * is borrowed, unless send_media_drop is called before.  False: error says why
 * not.
 */
bool send_media_fetch(struct send_media *media, uint64_t timeout_ms,
    void (*done)(void *ctx, const struct error *error), void *ctx,
    struct error *error);

/* Whether a download runs. */
bool send_media_fetching(const struct send_media *media);

/* Adds what is known of the file to the page's message; false: no memory. */
bool send_media_describe(const struct send_media *media, json_t *message);

/* The file's path, NULL when there is none. */
const char *send_media_path(const struct send_media *media);

/* Lets go of the file, and ends a download. */
void send_media_drop(struct send_media *media);


#endif /* SEND_MEDIA_H */
