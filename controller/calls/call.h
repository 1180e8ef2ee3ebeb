/*
 * The calls that a peer may make, by method name.
 */

#ifndef CALL_H
#define CALL_H


#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>
#include <jansson.h>

#include "base/error.h"
#include "base/seal.h"
#include "calls/idempotency.h"
#include "calls/pair_limit.h"
#include "media/fetch.h"
#include "media/media.h"
#include "session/session.h"


struct send;
struct read;


/*
 * A call that a peer waits for.  Memory and strings are the caller's and stay
 * until done was called or call_forget returned.
 */

struct call {
    struct session       *session;
    struct idempotency   *table;
    struct pairs         *pairs;
    struct seal          *seal;
    struct media_store   *media;
    struct fetcher       *fetcher;
    struct event_base    *base;
    json_t               *params;       /* an object; borrowed */
    const char           *key;          /* Idempotency-Key, or NULL */
    const void           *body;         /* what the key stands for */
    size_t                body_size;
    uint64_t              arrived;      /* ms */
    uint64_t              deadline_ms;  /* counted from arrived */

    /*
     * The end: error (borrowed) or result (the callee's reference).  May come
     * from inside call_start; call may be freed in it.
     */
    void                (*done)(struct call *call, const struct error *error,
                                json_t *result);

    TAILQ_ENTRY(call)     link;         /* private from here */
    struct media         *file;         /* held for the page, or NULL */
    struct event         *timer;
    struct send          *send;
    struct read          *read;
};


/* who may call a method: a peer by name, or only our own routes */

enum call_scope {
    CALL_PUBLIC = 0,
    CALL_PRIVATE
};


/*
 * Starts a call; done follows exactly once, unless call_forget is called
 * before.
 */
void call_start(struct call *call, const char *method,
    enum call_scope scope);

/*
 * The peer has left.  What has not been dispatched is not sent; what has been
 * runs on and is recorded.
 */
void call_forget(struct call *call);

/* Ends a call with an error; for those who run it. */
void call_fail(struct call *call, const struct error *error);

/* The last moment (ms) for the page to answer: before the peer's own. */
uint64_t call_page_deadline(const struct call *call);

/* The last moment (ms) at which it is worth to go to the page. */
uint64_t call_start_deadline(const struct call *call);


#endif /* CALL_H */
