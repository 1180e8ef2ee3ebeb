/*
 * Downloads URLs of clients on the event loop.  The address guard checks each
 * address when the connection is made, so that no name, no notation of an
 * address, no redirect and no change of a DNS answer leads past it.
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
    FETCH_FAILED,      /* no connection, or not a whole file */
    FETCH_TIMEOUT,
    FETCH_STOPPED      /* the file is too large, or data returned false */
};


struct fetch_handlers {

    /* A piece of the body; false ends the download. */
    bool  (*data)(void *ctx, const void *data, size_t size);

    /*
     * Called at the end.  type is the answer's Content-Type or NULL, and is
     * borrowed.  The fetch is freed already.
     */
    void  (*done)(void *ctx, enum fetch_status status, const char *type);
};


struct fetcher;
struct fetch;


/* Makes a fetcher; guard is borrowed.  NULL when memory is short. */
struct fetcher *fetcher_create(struct event_base *base,
    const struct address_guard *guard);

/* Frees a fetcher that has no downloads; NULL is allowed. */
void fetcher_destroy(struct fetcher *fetcher);

/*
 * Starts a download of at most max decoded bytes, in timeout_ms at most.  done
 * is called exactly once, after this function has returned, unless
 * fetch_cancel is called before.  Returns NULL when too many downloads run or
 * memory is short.
 */
struct fetch *fetch_start(struct fetcher *fetcher, const char *url,
    uint64_t max, uint64_t timeout_ms,
    const struct fetch_handlers *handlers, void *ctx);

/* Ends and frees a download without a call of done; not from a handler. */
void fetch_cancel(struct fetch *fetch);


#endif /* FETCH_H */
