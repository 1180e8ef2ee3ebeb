/*
 * A call: what a peer asks of a session, until when, and where the answer
 * goes.  Whoever runs one ends it by call_return or call_fail, once.
 */

#ifndef CALL_H
#define CALL_H


#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>
#include <jansson.h>

#include "base/error.h"
#include "calls/services.h"
#include "media/media.h"
#include "session/session.h"


struct call_run;
struct send;


/*
 * Memory and strings are the caller's and stay until done was called or
 * method_forget has returned.
 */

struct call {
    struct session         *session;
    const struct services  *services;
    json_t                 *params;       /* an object; borrowed */
    const char             *key;          /* Idempotency-Key, or NULL */
    const char             *scope;        /* Idempotency-Scope, or NULL */
    const void             *body;         /* what the key stands for */
    size_t                  body_size;
    uint64_t                arrived;      /* ms */
    uint64_t                deadline_ms;  /* counted from arrived */
    bool                    nothing_done; /* the result tells of failures
                                             only */

    /*
     * Takes the answer: an error (borrowed), or NULL and a result (a
     * reference that done owns).  It may be called from inside method_start,
     * and may free the call.
     */
    void                  (*done)(struct call *call,
                                  const struct error *error, json_t *result);

    TAILQ_ENTRY(call)       link;         /* private from here */
    struct media           *file;         /* held until the call ends, or
                                             its run takes it; or NULL */
    struct event           *timer;        /* of a call that joined a send */
    struct send            *send;
    struct call_run        *run;
};


/* Ends a call with a result, whose reference is stolen. */
void call_return(struct call *call, json_t *result);

/* Ends a call with an error, which is borrowed. */
void call_fail(struct call *call, const struct error *error);

/*
 * The last moment (ms) for the page to answer: a tenth of the call's time
 * before the peer's own deadline, but no more than 500 ms.
 */
uint64_t call_page_deadline(const struct call *call);

/*
 * The last moment (ms) at which it is worth to ask the page: a tenth of the
 * call's time before the page's deadline, but no more than 1000 ms.
 */
uint64_t call_start_deadline(const struct call *call);


#endif /* CALL_H */
