/*
 * The Chrome DevTools Protocol over one socket.  Calls are numbered and have a
 * deadline each; every call is completed exactly once, whatever happens to the
 * browser.
 */

#ifndef CDP_H
#define CDP_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>
#include <jansson.h>


#define CDP_MESSAGE_MAX   (8 * 1024 * 1024)    /* to the browser, one */
#define CDP_QUEUE_MAX     (8 * 1024 * 1024)    /* to the browser, all */
#define CDP_INCOMING_MAX  (32 * 1024 * 1024)   /* from the browser, one */


struct cdp;


enum cdp_status {
    CDP_OK,            /* result = the answer's "result" object */
    CDP_ERROR,         /* result = the answer's "error" object */
    CDP_NOT_WRITTEN,   /* not one byte left, or refused unseen */
    CDP_LOST,          /* written; no answer can come any more, or the answer
                          was unreadable */
    CDP_TIMEOUT        /* written, no answer in time; a late one is dropped */
};


/* result is borrowed and may be NULL */
typedef void (*cdp_answer_pt)(void *ctx, enum cdp_status status,
    json_t *result);


struct cdp_handlers {
    /* session is NULL for the browser itself; everything is borrowed */
    void  (*event)(void *ctx, const char *session, const char *method,
              json_t *params);

    /* the browser is gone; all calls are completed next */
    void  (*closed)(void *ctx);

    /* names of the events to deliver, ended by NULL; others are dropped
       before they are parsed */
    const char *const  *events;
};


/*
 * Creates a connection that owns the socket fd, which is made non-blocking and
 * is closed by cdp_destroy(), or when this fails.  first_id is the id of the
 * first call, 1 or more; ids wrap after 2^31 - 1, the most that Chrome takes.
 * Returns NULL when memory runs out.
 */
struct cdp *cdp_create(struct event_base *base, int fd, uint32_t first_id,
    const struct cdp_handlers *handlers, void *ctx);

/*
 * Queues a call.  session is NULL for the browser itself; method is a static
 * string; params is stolen, also on failure, and may be NULL; timeout_ms
 * counts from now.  True: answer will be called exactly once, never from
 * inside cdp_call(); false: nothing was or will be written, answer is not
 * called (memory, caps, connection closed).
 */
bool cdp_call(struct cdp *cdp, const char *session, const char *method,
    json_t *params, unsigned timeout_ms, cdp_answer_pt answer, void *ctx);

/*
 * Completes the calls of a session (NULL: of the browser itself) that will
 * not be answered, with CDP_NOT_WRITTEN or CDP_LOST: all of them or, unless
 * NULL, those of a method and those that were made with ctx.
 */
void cdp_fail(struct cdp *cdp, const char *session, const char *method,
    const void *ctx);

/*
 * Completes all calls with CDP_NOT_WRITTEN or CDP_LOST, closes the socket and
 * frees.  NULL is allowed.  Must not be called from a callback of this cdp.
 */
void cdp_destroy(struct cdp *cdp);


#endif /* CDP_H */
