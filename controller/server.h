/*
 * The HTTP server: who may connect, how large a request may be, and what
 * becomes of requests whose peer leaves.  Knows nothing of sessions.
 */

#ifndef SERVER_H
#define SERVER_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>

#include "error.h"
#include "log.h"
#include "peer.h"


struct server_config {
    int                fd;           /* listening, non-blocking */
    bool               local;        /* a unix socket: peers are checked */
    struct peer_rules  peers;
    const char        *secret;       /* or NULL; borrowed */
    unsigned           connections;  /* at most */
};


struct server;
struct server_request;


struct server_handlers {

    /*
     * A request is there.  Answer it by server_respond, now or later, or
     * learn by gone that nobody waits for it any more.
     */
    void         (*request)(void *ctx, struct server_request *request);

    /* The peer has left before an answer; data is what server_keep got. */
    void         (*gone)(void *ctx, void *data);
};


/*
 * Starts to serve on the event base; config->fd belongs to the server from
 * then on.  NULL when it can't.
 */
struct server *server_create(struct event_base *base, struct log *log,
    const struct server_config *config,
    const struct server_handlers *handlers, void *ctx);

/* Closes the listening socket and asks peers to close their connections. */
void server_quiesce(struct server *server);

/* Whether requests are unanswered, or answers not yet written. */
bool server_busy(const struct server *server);

/* Closes everything and frees the server; NULL is allowed. */
void server_destroy(struct server *server);

/* What a request consists of; valid until it is answered. */
const char *server_method(const struct server_request *request);
const char *server_path(const struct server_request *request);
const char *server_body(const struct server_request *request, size_t *size);

/* Idempotency-Key, or NULL, and X-Deadline-Ms or its default, in ms. */
const char *server_key(const struct server_request *request);
uint64_t server_deadline(const struct server_request *request);

/* Keeps the handler's data with a request that will be answered later. */
void server_keep(struct server_request *request, void *data);

/*
 * Answers a request.  body is JSON text, which is freed by free(); allow is
 * the Allow header's value or NULL.  A NULL body (no memory) answers 500.
 */
void server_respond(struct server_request *request, unsigned status,
    char *body, const char *allow);

/* Answers a request with an error. */
void server_respond_error(struct server_request *request,
    const struct error *error, const char *allow);


#endif /* SERVER_H */
