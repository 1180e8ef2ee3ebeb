/*
 * The HTTP interface towards nginx: paths, methods, JSON in and out.
 */

#ifndef API_H
#define API_H


#include <event2/event.h>

#include "idempotency.h"
#include "server.h"
#include "session.h"


struct api;


/*
 * Makes the interface to n sessions; all of it is borrowed and outlives the
 * api.  NULL when memory is short.
 */
struct api *api_create(struct event_base *base, struct idempotency *table,
    struct session **sessions, size_t n);

/* Frees the api, when the server is gone. */
void api_destroy(struct api *api);

/* From now on everything but health is answered with shutting_down. */
void api_drain(struct api *api);

/* The handlers for server_create, whose ctx is the api. */
extern const struct server_handlers  api_handlers;


#endif /* API_H */
