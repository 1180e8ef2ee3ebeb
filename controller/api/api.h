/*
 * The HTTP interface towards nginx: paths, methods, JSON in and out.
 */

#ifndef API_H
#define API_H


#include "calls/services.h"
#include "http/server.h"
#include "session/session.h"


struct api;


/* all of it is borrowed and outlives the api */

struct api_parts {
    const struct services  *services;

    /*
     * Adds a session, which stays stopped, after those that api_create got;
     * NULL: error says why not.
     */
    struct session       *(*add)(void *ctx, const char *id,
                                 struct error *error);
    void                   *ctx;
};


/*
 * Makes the interface to n sessions, which outlive it, as does the array,
 * where others may follow.  NULL when memory is short.
 */
struct api *api_create(const struct api_parts *parts,
    struct session **sessions, size_t n);

/* Frees the api, when the server is gone. */
void api_destroy(struct api *api);

/* From now on everything but health is answered with shutting_down. */
void api_drain(struct api *api);

/* The handlers for server_create, whose ctx is the api. */
extern const struct server_handlers  api_handlers;


#endif /* API_H */
