/*
 * One page of the browser: attached, set up, loaded, with the handle of the
 * bridge that was injected into it.
 */

#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/log.h"
#include "chrome/cdp.h"


struct page;


/* borrowed for the page's life */
struct page_config {
    const char  *name;           /* session id, for logs */
    const char  *web_url;
    const char  *wa_js;
    size_t       wa_js_size;     /* bytes */
};


enum page_event {
    PAGE_OPEN,          /* attached and set up, nothing loaded */
    PAGE_FAILED,        /* could not be opened */
    PAGE_UP,            /* the bridge is held, calls are possible */
    PAGE_LEFT,          /* the page navigates, the bridge is gone */
    PAGE_UNREACHABLE,   /* the URL could not be fetched */
    PAGE_CRASHED,       /* the renderer died */
    PAGE_CLOSED         /* the target is gone */
};


struct page_handlers {
    void  (*happened)(void *ctx, enum page_event event);

    /* the bridge emitted an event, but "hello"; data is borrowed */
    void  (*emitted)(void *ctx, const char *name, json_t *data);
};


/* names of the protocol's events that a page needs, for struct cdp_handlers */
extern const char *const  page_protocol_events[];


/*
 * Makes a page that uses cdp, which outlives it.  Returns NULL when memory
 * runs out.  Freed by page_destroy().
 */
struct page *page_create(struct cdp *cdp, struct log *log,
    const struct page_config *config, const struct page_handlers *handlers,
    void *ctx);

/* finds or makes a target, attaches and sets it up; PAGE_OPEN or PAGE_FAILED
   follows, never from inside */
void page_open(struct page *page);

/* sends an open page to its URL; PAGE_UP or PAGE_UNREACHABLE follows, or
   nothing when the page hangs */
void page_load(struct page *page);

/* gives an event of the protocol to the page */
void page_receive(struct page *page, const char *session, const char *method,
    json_t *params);

/*
 * Lets the bridge's events through, once PAGE_UP was dealt with; they are kept
 * until then.
 */
void page_deliver(struct page *page);

/* whether the bridge is held */
bool page_ready(const struct page *page);

/*
 * Calls a method of the bridge; as cdp_call(), -1 also when there is no
 * bridge.  The answer is to be read with page_result().
 */
int page_call(struct page *page, const char *method, json_t *params,
    unsigned timeout_ms, cdp_answer_pt answer, void *ctx);

/*
 * The same with a file, which the page gets as a file input element; path is
 * copied.  Whatever fails before the method is called completes the call with
 * CDP_NOT_WRITTEN.
 */
int page_call_file(struct page *page, const char *method, json_t *params,
    const char *path, unsigned timeout_ms, cdp_answer_pt answer, void *ctx);

/*
 * Reads the answer of page_call(): CDP_OK with the bridge's result or
 * CDP_ERROR with the bridge's error in *result, both part of answer;
 * CDP_LOST for an exception or an error of the protocol.  Other states stay
 * as they are.
 */
enum cdp_status page_result(enum cdp_status status, json_t *answer,
    json_t **result);

/* calls a function in the page that does nothing; as cdp_call() */
int page_ping(struct page *page, unsigned timeout_ms, cdp_answer_pt answer,
    void *ctx);

/* stops the script that the page runs; as cdp_call() */
int page_terminate(struct page *page, unsigned timeout_ms,
    cdp_answer_pt answer, void *ctx);

/*
 * Completes all calls of the page and frees it; no handler is called any
 * more.  The target stays in the browser.  NULL is allowed.
 */
void page_destroy(struct page *page);


#endif /* PAGE_H */
