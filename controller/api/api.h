/*
 * The HTTP interface towards nginx: paths, methods, JSON in and out.
 */

#ifndef API_H
#define API_H


#include <event2/event.h>

#include "base/seal.h"
#include "calls/idempotency.h"
#include "calls/pair_limit.h"
#include "http/server.h"
#include "media/fetch.h"
#include "media/media.h"
#include "session/session.h"


struct api;


/* all of it is borrowed and outlives the api */

struct api_parts {
    struct idempotency  *table;
    struct pairs        *pairs;
    struct seal         *seal;
    struct media_store  *media;
    struct fetcher      *fetcher;

    /*
     * Adds a session, which stays stopped, after those that api_create got;
     * NULL: error says why not.
     */
    struct session    *(*add)(void *ctx, const char *id,
                              struct error *error);
    void                *ctx;
};


/*
 * Makes the interface to n sessions, which outlive it, as does the array,
 * where others may follow.  NULL when memory is short.
 */
struct api *api_create(struct event_base *base,
    const struct api_parts *parts, struct session **sessions, size_t n);

/* Frees the api, when the server is gone. */
void api_destroy(struct api *api);

/* From now on everything but health is answered with shutting_down. */
void api_drain(struct api *api);

/* The handlers for server_create, whose ctx is the api. */
extern const struct server_handlers  api_handlers;


#endif /* API_H */
