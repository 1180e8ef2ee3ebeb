/*
 * The HTTP API towards nginx: paths and methods, JSON in and out.
 */

#ifndef API_H
#define API_H


#include "calls/services.h"
#include "http/server.h"
#include "session/session_list.h"


struct api;


struct api_config {
    unsigned  streams_max;          /* event streams at once */
    unsigned  streams_per_token;    /* the same, of one token */
};


/*
 * Makes the API; all but config is borrowed and outlives it.  NULL: memory is
 * short.
 */
struct api *api_create(const struct services *services,
    struct session_list *sessions, const struct api_config *config);

/* Frees the API, when the server is gone; NULL is allowed. */
void api_destroy(struct api *api);

/* From now on all requests but /healthz are answered with shutting_down. */
void api_drain(struct api *api);

/* The handlers for server_create, whose ctx is the api. */
extern const struct server_handlers  api_handlers;


#endif /* API_H */
