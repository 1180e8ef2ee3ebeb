/*
 * Downloads of links that clients give, on the event loop.  Where a connection
 * goes is judged by the address guard when it is made, so that no name, no
 * notation of an address, no redirect and no change of a DNS answer leads past
 * it.
 */

#ifndef FETCH_H
#define FETCH_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>

#include "base/address_guard.h"


enum fetch_status {
    FETCH_OK = 0,
    FETCH_REFUSED,     /* by the guard, or not http or https */
    FETCH_FAILED,      /* no connection, no good answer */
    FETCH_TIMEOUT,
    FETCH_STOPPED      /* the data handler did not want more */
};


struct fetch_handlers {

    /* A piece of the body; false ends the download. */
    bool  (*data)(void *ctx, const void *data, size_t size);

    /*
     * The end.  type is the answer's Content-Type, or NULL; borrowed.  The
     * fetch is gone after it.
     */
    void  (*done)(void *ctx, enum fetch_status status, const char *type);
};


struct fetcher;
struct fetch;


/* Makes a fetcher; guard is borrowed.  NULL when it can't. */
struct fetcher *fetcher_create(struct event_base *base,
    const struct address_guard *guard);

/* Frees a fetcher that has no downloads; NULL is allowed. */
void fetcher_destroy(struct fetcher *fetcher);

/*
 * Starts a download of at most max bytes, counted when decoded, in
 * timeout_ms.  done is called exactly once, never from inside, unless
 * fetch_cancel is called before.
 * NULL: too many run, or memory is short.
 */
struct fetch *fetch_start(struct fetcher *fetcher, const char *url,
    uint64_t max, uint64_t timeout_ms,
    const struct fetch_handlers *handlers, void *ctx);

/* Ends a download; no handler is called any more.  Not from a handler. */
void fetch_cancel(struct fetch *fetch);


#endif /* FETCH_H */
