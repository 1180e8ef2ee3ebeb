/*
 * A tab is one page on WhatsApp Web, with a profile of its own, in a browser
 * that other tabs may share.  It is opened, watched, repaired, replaced and
 * closed.  The tab knows whether the page's bridge works, and nothing of
 * WhatsApp's own states.
 *
 * Everything is asynchronous and runs in the thread of the event base.  No
 * function calls back from inside itself, so that callers may change their own
 * state after a call without looking again.
 */

#ifndef TAB_H
#define TAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <event2/event.h>
#include <jansson.h>

#include "base/log.h"
#include "chrome/browser.h"
#include "chrome/tab_state.h"


struct tab;


enum tab_call_status {
    TAB_CALL_OK,          /* result = the bridge's "result" object */
    TAB_CALL_ERROR,       /* result = the bridge's "error" object */
    TAB_CALL_NOT_WRITTEN, /* the bytes surely never left: nothing happened in
                             the page */
    TAB_CALL_LOST,        /* written, then the page or the browser went away,
                             or an exception that is not the bridge's */
    TAB_CALL_TIMEOUT      /* written, no answer in time */
};


/* result is borrowed and may be NULL */
typedef void (*tab_call_pt)(void *ctx, enum tab_call_status status,
    json_t *result);


/* all strings are borrowed for the tab's life */
struct tab_config {
    const char  *name;              /* session id, for logs */
    const char  *web_url;
    const char  *profile_dir;       /* the login, created if missing */
    const char  *tmp_dir;           /* for what the page hands over, created if
                                       missing; its content is wiped at start
                                       and stop */
    const struct page_script  *wa_js;
    const char  *acknowledged;      /* the method whose answer comes from a
                                       server: one in time shows that the
                                       page's network works */
    bool         visible;           /* the window is not minimised */
    unsigned     ping_interval_ms;
    unsigned     collect_idle_ms;   /* after which the page's garbage is
                                       collected; 0: never */
    unsigned     boot_timeout_ms;   /* from navigation to the bridge's hello */
};


struct tab_handlers {
    /* the tab is about to boot and waits for tab_launch(), which may be called
       from inside; one that is stopped meanwhile waits no longer */
    void  (*queued)(void *ctx);

    /* the state changed; reason is NULL or borrowed during the call, and may
       be a text of the page's if the state is or was TAB_BOOTING */
    void  (*state)(void *ctx, enum tab_state state, const char *reason);

    /* the bridge emitted an event other than "hello"; data is borrowed.  The
       verdict in "boot" is judged by the tab, which reports TAB_UP */
    void  (*event)(void *ctx, const char *name, json_t *data);

    /* NULL, or the page's console has an entry: the protocol's event
       Log.entryAdded, Runtime.consoleAPICalled or Runtime.exceptionThrown,
       with texts of the page's; params is borrowed */
    void  (*console)(void *ctx, const char *method, json_t *params);
};


/*
 * path names the file that was saved, which the callee may move away and which
 * is removed otherwise; NULL unless status is TAB_CALL_OK
 */
typedef void (*tab_save_pt)(void *ctx, enum tab_call_status status,
    const char *path);


/* counted since tab_create() */
struct tab_stats {
    uint64_t  reloads;      /* of the page, asked for or to repair it */
    uint64_t  replaced;     /* pages that another one took the place of */
    uint64_t  renewals;     /* those of them that were well */
    uint64_t  crashes;      /* of the renderer */
    uint64_t  hangs;        /* pings of the page that got no answer */
    uint64_t  downloads_denied;    /* of the page */
    uint64_t  collections;  /* of the page's garbage */
};


/*
 * Creates a stopped tab of a browser.  base, log and browser must outlive it;
 * config and handlers are copied, the strings of config are borrowed.  Returns
 * NULL when memory runs out.  tab_destroy() frees it.
 */
struct tab *tab_create(struct event_base *base, struct log *log,
    struct browser *browser, const struct tab_config *config,
    const struct tab_handlers *handlers, void *ctx);

/*
 * Starts a stopped tab, or one that has failed, and its browser if it does not
 * run; does nothing in any other state, but a tab that is stopping is started
 * again when it has stopped.
 */
void tab_start(struct tab *t);

/*
 * Lets a tab boot that has called handlers.queued, or has it fail, to be tried
 * again after minutes; else does nothing.  reason is a static string.
 */
void tab_launch(struct tab *t);
void tab_refuse(struct tab *t, const char *reason);

/*
 * Closes the page, and the browser too if no other tab needs it.  TAB_STOPPED
 * is reported when nothing of the page is left: no lock of its profile,
 * nothing in tmp_dir and, after a browser's last tab, no process of that.
 * Every pending call is completed before.  A tab that is stopped already
 * reports so again.
 */
void tab_stop(struct tab *t);

/*
 * Closes the page, or the browser if it has no other, and opens it again; a
 * tab that waits for its next start is started at once, as is one that is
 * stopped.  The troubles so far are forgotten: the next death is the first one
 * for the back-off.  reason is a static string.
 */
void tab_restart(struct tab *t, const char *reason);

/*
 * Replaces a page that is up and well by another one in the same browser;
 * calls that it runs are lost.  It does nothing in any other state.  reason is
 * a static string.
 */
void tab_renew(struct tab *t, const char *reason);

/* Returns whether the page has no call to answer and no file to hand over. */
bool tab_idle(const struct tab *t);

/*
 * Calls a method of the bridge.  params is stolen, also on failure.
 * timeout_ms counts from now.  True: cb will be called exactly once, later,
 * never from inside tab_call(); false: not possible now (no bridge is
 * held, no memory, message or outgoing queue over its cap): cb is not
 * called and nothing was written.  A call that times out makes the tab ping
 * the page at once.
 */
bool tab_call(struct tab *t, const char *method, json_t *params,
    unsigned timeout_ms, tab_call_pt cb, void *ctx);

/*
 * Calls a method of the bridge likewise, with a file, which the method gets as
 * a file input element beside params.  The browser reads the file by its path,
 * so the file must stay until cb is called.  A failure before the method
 * itself was called is TAB_CALL_NOT_WRITTEN.
 */
bool tab_call_file(struct tab *t, const char *method, json_t *params,
    const char *path, unsigned timeout_ms, tab_call_pt cb, void *ctx);

/*
 * Has the file of size bytes that the bridge holds under a handle written to a
 * file in tmp_dir.  Saves are made one after the other; one of more bytes is
 * ended.  timeout_ms counts from now.  True: cb will be called exactly once,
 * later, never from inside tab_save(); false: not possible now, cb is not
 * called.
 */
bool tab_save(struct tab *t, json_int_t handle, uint64_t size,
    unsigned timeout_ms, tab_save_pt cb, void *ctx);

/*
 * Returns the process that the page says it is in, which the caller has to
 * check; 0: unknown.  A page that was not asked so far is asked.
 */
pid_t tab_process(const struct tab *t);

/*
 * Keep and return the bytes of memory of the page's process, as long as the
 * page is in it; 0: unknown.
 */
void tab_set_memory(struct tab *t, pid_t process, uint64_t bytes);
uint64_t tab_memory(const struct tab *t);

/* returns the counters, valid as long as the tab is */
const struct tab_stats *tab_stats(const struct tab *t);

/* returns the tab's browser */
struct browser *tab_browser(const struct tab *t);

/* frees a tab that is TAB_STOPPED; NULL is allowed */
void tab_destroy(struct tab *t);


#endif /* TAB_H */
