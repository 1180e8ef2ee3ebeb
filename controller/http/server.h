/*
 * The HTTP server: accepts connections of allowed peers, reads requests of a
 * bounded size, and notices when a peer leaves before its answer.
 */

#ifndef SERVER_H
#define SERVER_H


#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>

#include "base/error.h"
#include "base/log.h"
#include "http/peer.h"


struct server_config {
    int                fd;           /* listening, non-blocking */
    bool               local;        /* a unix socket: peers are checked */
    struct peer_rules  peers;
    const char        *secret;       /* or NULL; borrowed */
    unsigned           connections;  /* at most */
    unsigned           feed_idle;    /* ms between two signs of life */
    unsigned           feed_stall;   /* ms that its peer may take nothing */
};


struct server;
struct server_request;
struct server_feeding;


/* functions that take a request's body in pieces; ctx is the caller's */

struct server_stream {
    uint64_t          max;          /* bytes of the body */
    enum error_code   too_large;    /* the error for a longer body */
    void            (*data)(void *ctx, const char *data, size_t size);

    /* Called once, at the end of the request, answered or not. */
    void            (*end)(void *ctx);
};


/* a file as an answer */

struct server_file {
    const char   *type;           /* Content-Type */
    const char   *disposition;    /* Content-Disposition */
    uint64_t      size;           /* bytes */

    /* Reads up to max bytes at offset; returns their number, or -1. */
    ssize_t     (*read)(void *ctx, uint64_t offset, char *to, size_t max);

    /* Called once, when the answer is over or could not be made. */
    void        (*end)(void *ctx);
};


/* an answer without an end, whose text is asked for as it comes to be */

struct server_feed {
    const char  *type;     /* Content-Type */

    /* The sign of life: what the peer is sent at regular intervals. */
    const char  *idle;

    /*
     * Copies up to max bytes of text and returns their number; 0: there is
     * nothing now, and server_feed_wake will tell when there is.
     */
    size_t     (*read)(void *ctx, char *to, size_t max);

    /* Called once, when the answer is over or could not be made. */
    void       (*end)(void *ctx);
};


struct server_feed_stats {
    size_t    open;       /* feeds now */
    uint64_t  stalled;    /* were closed, since their peers read nothing */
};


struct server_handlers {

    /*
     * The head of a request was read, but not its body: server_refuse or
     * server_stream may be called.
     */
    void         (*begin)(void *ctx, struct server_request *request);

    /*
     * A request was read.  The handler answers it, or calls server_keep and
     * answers it later, unless gone is called before.
     */
    void         (*request)(void *ctx, struct server_request *request);

    /* The peer left before its answer; data is that of server_keep. */
    void         (*gone)(void *ctx, void *data);
};


/*
 * Starts to serve on the event base.  config->fd belongs to the server in any
 * case.  Returns NULL when memory or descriptors are short.
 */
struct server *server_create(struct event_base *base, struct log *log,
    const struct server_config *config,
    const struct server_handlers *handlers, void *ctx);

/* Sets another shared secret, borrowed, that requests must carry. */
void server_set_secret(struct server *server, const char *secret);

/* The listening socket, until server_quiesce. */
int server_listener(const struct server *server);

/* Closes the listening socket and asks peers to close their connections. */
void server_quiesce(struct server *server);

/*
 * Lets no further request come by a connection.  One that has come before is
 * answered; after that, or at once, its connection is closed.  By a unix
 * socket, what a peer writes from now on fails before a byte has left.
 */
void server_finish(struct server *server);

/* Ends all feeds, each when what there is has been read. */
void server_end_feeds(struct server *server);

/*
 * Whether requests are unanswered, or answers not yet written; after
 * server_finish, whether there are connections.
 */
bool server_busy(const struct server *server);

/* Closes everything and frees the server; NULL is allowed. */
void server_destroy(struct server *server);

/* The parts of a request; valid until it is answered. */
const char *server_method(const struct server_request *request);
const char *server_path(const struct server_request *request);
const char *server_body(const struct server_request *request, size_t *size);

/* Content-Length, 0 when there is none. */
uint64_t server_length(const struct server_request *request);

/* Idempotency-Key and Idempotency-Scope, or NULL. */
const char *server_key(const struct server_request *request);
const char *server_scope(const struct server_request *request);

/* X-Deadline-Ms or its default, in ms. */
uint64_t server_deadline(const struct server_request *request);

/* A header or a member of the query, or NULL. */
const char *server_header(const struct server_request *request,
    const char *name);
const char *server_query(const struct server_request *request,
    const char *name);

/* Refuses a request in its begin; its body is dropped. */
void server_refuse(struct server_request *request,
    const struct error *error);

/* Has the body of a request taken in pieces; called in its begin. */
void server_stream(struct server_request *request,
    const struct server_stream *stream, void *ctx);

/* The ctx of server_stream, or NULL. */
void *server_stream_ctx(const struct server_request *request);

/* The number of requests of its server that wait for an answer. */
size_t server_waiters(const struct server_request *request);

/* Keeps the handler's data with a request that will be answered later. */
void server_keep(struct server_request *request, void *data);

/*
 * Answers a request.  body is JSON text, which is freed by free(); allow is
 * the Allow header's value or NULL.  A NULL body (no memory) answers 500.
 */
void server_respond(struct server_request *request, unsigned status,
    char *body, const char *allow);

/* Answers with text of another type and a status of 200. */
void server_respond_text(struct server_request *request, const char *type,
    char *text);

/* Answers a request with a file; ctx is handed to its functions. */
void server_respond_file(struct server_request *request,
    const struct server_file *file, void *ctx);

/*
 * Answers a request, in its handler, with a feed; ctx is handed to its
 * functions.  A peer that leaves, or takes nothing for too long, ends it.
 * Returns what server_feed_wake takes, until the feed's end is called; NULL if
 * it could not be made.
 */
struct server_feeding *server_respond_feed(struct server_request *request,
    const struct server_feed *feed, void *ctx);

/* Has a feed read, as there may be text. */
void server_feed_wake(struct server_feeding *feeding);

/* The feeds of a request's server. */
struct server_feed_stats server_feeds(const struct server_request *request);

/* Answers a request with an error. */
void server_respond_error(struct server_request *request,
    const struct error *error, const char *allow);


#endif /* SERVER_H */
