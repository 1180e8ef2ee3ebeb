/*
 * A page is one tab of the browser: the controller attaches to it, sets it up,
 * loads it, and holds the handle of the bridge that was injected into it.
 */

#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "base/log.h"
#include "chrome/cdp.h"


#define PAGE_BLOB_ID_SIZE  64    /* of a blob, with its NUL */


struct page;


/* borrowed for the page's life */
/* a script; the text may be exchanged while no page is being opened */

struct page_script {
    char    *text;
    size_t   size;    /* bytes */
};


struct page_config {
    const char                *name;       /* session id, for logs */
    const char                *web_url;
    const struct page_script  *wa_js;
};


enum page_event {
    PAGE_OPEN,          /* attached and set up, nothing loaded */
    PAGE_FAILED,        /* the page could not be opened */
    PAGE_ARRIVED,       /* its document is there: the bridge says hello soon or
                           never */
    PAGE_UP,            /* the bridge is held, calls are possible */
    PAGE_LEFT,          /* the page navigates, the bridge is gone */
    PAGE_UNREACHABLE,   /* the URL could not be fetched */
    PAGE_CRASHED,       /* the renderer died */
    PAGE_CLOSED         /* the target is gone */
};


struct page_handlers {
    void  (*happened)(void *ctx, enum page_event event);

    /* the bridge emitted an event other than "hello"; data is borrowed */
    void  (*emitted)(void *ctx, const char *name, json_t *data);

    /* the page began a download, which is denied */
    void  (*downloading)(void *ctx);

    /* NULL, or the page's console has an entry: an event of the protocol
       from PAGE_CONSOLE_EVENTS; params is borrowed */
    void  (*console)(void *ctx, const char *method, json_t *params);
};


/*
 * Names of the protocol's events that a page needs, for struct cdp_handlers:
 * those of every page, and those of the console
 */

#define PAGE_PROTOCOL_EVENTS                                                  \
    "Inspector.detached",                                                     \
    "Inspector.targetCrashed",                                                \
    "Page.downloadWillBegin",                                                 \
    "Page.frameNavigated",                                                    \
    "Page.javascriptDialogOpening",                                           \
    "Runtime.bindingCalled",                                                  \
    "Runtime.executionContextsCleared",                                       \
    "Target.detachedFromTarget"

#define PAGE_CONSOLE_EVENTS                                                   \
    "Log.entryAdded",                                                         \
    "Runtime.consoleAPICalled",                                               \
    "Runtime.exceptionThrown"


/*
 * Creates a page that uses cdp, which must outlive it.  Returns NULL when
 * memory runs out.  page_destroy() frees it.
 */
struct page *page_create(struct cdp *cdp, struct log *log,
    const struct page_config *config, const struct page_handlers *handlers,
    void *ctx);

/* attaches to a target of the browser and sets it up; PAGE_OPEN or PAGE_FAILED
   follows */
void page_open(struct page *page, const char *target);

/* sends an open page to its URL; PAGE_UP or PAGE_UNREACHABLE follows, or
   nothing when the page hangs */
void page_load(struct page *page);

/* gives an event of the protocol to the page */
void page_receive(struct page *page, const char *session, const char *method,
    json_t *params);

/*
 * Delivers the events of the bridge that were kept since its hello, and from
 * now on each at once; to be called when PAGE_UP was dealt with.
 */
void page_deliver(struct page *page);

/* returns whether the bridge is held */
bool page_ready(const struct page *page);

/*
 * Calls a method of the bridge as cdp_call() does; false also when no bridge
 * is held.  page_result() reads the answer.
 */
bool page_call(struct page *page, const char *method, json_t *params,
    unsigned timeout_ms, cdp_answer_pt answer, void *ctx);

/*
 * Calls a method likewise, with a file, which the bridge gets as a file input
 * element; path is copied.  A failure before the method is called completes
 * the call with CDP_NOT_WRITTEN.
 */
bool page_call_file(struct page *page, const char *method, json_t *params,
    const char *path, unsigned timeout_ms, cdp_answer_pt answer, void *ctx);

/* Denies all downloads of the page, from those after it on. */
void page_deny_downloads(struct page *page);

/* Minimises the page's window, so that it paints nothing. */
void page_minimise(struct page *page);

/*
 * Asks which process the page's document is in, unless that is known or asked
 * already; a page that holds a bridge was asked.
 */
void page_find_process(struct page *page);

/*
 * Returns the id of the process that the page says it is in, which the caller
 * has to check; 0: unknown.
 */
pid_t page_process(const struct page *page);

/*
 * The steps to the content of a file that the bridge holds, as cdp_call() does
 * each of them: its object in the page, the browser's id of that, and bytes of
 * it, from where the last ones ended.  found is the answer to the first step,
 * resolved that to the second one; page_blob_id() is false if there is no id.
 * page_close_blob() ends the reading.
 */
bool page_find_blob(struct page *page, json_int_t handle, unsigned timeout_ms,
    cdp_answer_pt answer, void *ctx);
bool page_resolve_blob(struct page *page, json_t *found, unsigned timeout_ms,
    cdp_answer_pt answer, void *ctx);
bool page_blob_id(json_t *resolved, char *id);
bool page_read_blob(struct page *page, const char *id, size_t size,
    unsigned timeout_ms, cdp_answer_pt answer, void *ctx);
void page_close_blob(struct page *page, const char *id);

/*
 * Reads the answer of page_call(): CDP_OK with the bridge's result or
 * CDP_ERROR with the bridge's error in *result, both part of answer;
 * CDP_LOST for an exception or an error of the protocol.  Other states stay
 * as they are.
 */
enum cdp_status page_result(enum cdp_status status, json_t *answer,
    json_t **result);

/* calls a function in the page that does nothing, as cdp_call() does */
bool page_ping(struct page *page, unsigned timeout_ms, cdp_answer_pt answer,
    void *ctx);

/* asks for the memory of the page's scripts, as cdp_call() does */
bool page_ask_heap(struct page *page, unsigned timeout_ms,
    cdp_answer_pt answer, void *ctx);

/* returns how much of it is used, in bytes, garbage included */
uint64_t page_heap_used(json_t *answer);

/* has the garbage among it collected, as cdp_call() does: the page's scripts
   rest meanwhile */
bool page_collect_garbage(struct page *page, unsigned timeout_ms,
    cdp_answer_pt answer, void *ctx);

/* stops the script that the page runs, as cdp_call() does */
bool page_terminate(struct page *page, unsigned timeout_ms,
    cdp_answer_pt answer, void *ctx);

/*
 * Completes all calls of the page and frees it; no handler is called any
 * more.  The target stays in the browser, and attached.  NULL is allowed.
 */
void page_destroy(struct page *page);


#endif /* PAGE_H */
