/*
 * A browser is one Chromium that carries the pages of one or more sessions,
 * each in a profile of its own.  It is started when a tab needs it, replaced
 * when it dies, and stopped when no tab needs it any more.
 *
 * Everything is asynchronous and runs in the thread of the event base.  The
 * functions for tabs call nothing back from inside.
 */

#ifndef BROWSER_H
#define BROWSER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include <event2/event.h>
#include <jansson.h>

#include "base/log.h"
#include "chrome/browser_state.h"
#include "chrome/cdp.h"
#include "chrome/door.h"


#define BROWSER_TARGET_SIZE  128    /* an id of Chrome's, with its NUL */


struct browser;


/* all strings are borrowed for the browser's life */
struct browser_config {
    const char  *name;              /* for logs and metrics */
    const char  *chromium;          /* executable */
    const char  *web_url;           /* its host can be reached */
    const char  *tmp_dir;           /* TMPDIR and HOME, created if missing; its
                                       content is wiped at start and stop, and
                                       it is removed at the stop */
    const char  *user_agent;        /* NULL: the browser's own, without
                                       "Headless" */
    bool         sandbox;
    bool         visible;           /* a window on the display that the
                                       environment names */
    bool         console;           /* events of consoles are received too */
};


/* counted since browser_create() */
struct browser_stats {
    uint64_t  restarts;   /* of the process, for any reason */
    uint64_t  renewals;   /* those of a browser that was well */
    uint64_t  crashes;    /* ends of it that nobody has asked for */
    uint64_t  hangs;      /* times that it was asked for a sign of life */
};


/* called from the event loop; only opened also from inside browser_open() */
struct browser_guest_handlers {
    /* the browser's state changed; unless it is running the connection and all
       pages are about to go, and must not be used after the call.  reason is
       NULL or static */
    void  (*changed)(void *ctx, enum browser_state state, const char *reason);

    /* the page that browser_open() has asked for: its target, or NULL when it
       can't be opened */
    void  (*opened)(void *ctx, const char *target);

    /* the page is gone */
    void  (*closed)(void *ctx);

    /* an event of the protocol, which may be another guest's; everything is
       borrowed */
    void  (*received)(void *ctx, const char *session, const char *method,
              json_t *params);

    /* asks the guest's page whether its network works: returns whether answer
       will be called with arg */
    bool  (*fetch)(void *ctx, cdp_answer_pt answer, void *arg);
};


/*
 * A tab's place in its browser, part of the tab; only browser*.c look inside.
 */

struct browser_guest {
    TAILQ_ENTRY(browser_guest)             link;
    struct browser                        *browser;
    const struct browser_guest_handlers   *handlers;
    void                                  *ctx;
    const char                            *name;       /* of its profile */
    const char                            *directory;  /* of it */
    bool                                   needs;      /* the browser */
    bool                                   opening;    /* a page */
    unsigned                               opened;     /* pages so far */
    struct door                           *door;       /* or NULL */
    char                                   target[BROWSER_TARGET_SIZE];
    char                                   old[BROWSER_TARGET_SIZE];
};


/*
 * Creates a stopped browser.  base and log must outlive it; config is copied.
 * Returns NULL when memory runs out.  browser_destroy() frees it, when it is
 * stopped; NULL is allowed.
 */
struct browser *browser_create(struct event_base *base, struct log *log,
    const struct browser_config *config);
void browser_destroy(struct browser *b);

/*
 * Makes guest, which must not move, one of the browser's.  name is that of its
 * profile in the browser, directory what is in the profile; both are borrowed,
 * as are the handlers.  browser_part() undoes it.
 */
void browser_admit(struct browser *b, struct browser_guest *guest,
    const char *name, const char *directory,
    const struct browser_guest_handlers *handlers, void *ctx);
void browser_part(struct browser_guest *guest);

/*
 * Tell whether the guest needs the browser: it is started for the first one
 * that does, and stopped after the last one.  A page of a guest that leaves is
 * closed, as by browser_close(), unless the browser is stopped with it.
 */
void browser_join(struct browser_guest *guest);
bool browser_leave(struct browser_guest *guest);

/* Returns whether no other guest needs the browser. */
bool browser_alone(const struct browser_guest *guest);

/* Launches a browser that is offered, with the guest's page; else nothing. */
void browser_launch(struct browser_guest *guest);

/*
 * Opens a page of the guest's profile in a browser that runs: handlers.opened
 * follows, or nothing when it takes too long.  The page that the guest has
 * already is closed then.
 */
void browser_open(struct browser_guest *guest);

/*
 * Closes the guest's page.  Returns whether it has one: handlers.closed
 * follows.
 */
bool browser_close(struct browser_guest *guest);

/*
 * Replaces a browser that runs and is well; its guests are told that it is
 * renewed.  It does nothing in any other state.  reason is static.
 */
void browser_renew(struct browser *b, const char *reason);

/*
 * Reports that the browser does not answer, that it is worn, or that it is to
 * be started anew by request: the latter forgets its deaths so far.  reason is
 * static.
 */
void browser_report_silent(struct browser *b, const char *reason);
void browser_report_worn(struct browser *b, const char *reason);
void browser_restart(struct browser *b, const char *reason);

/* Ends the back-off of a browser that waits for its next start. */
void browser_hurry(struct browser *b);

/* Asks the browser for a sign of life, as cdp_call() does. */
bool browser_ask(struct browser *b, cdp_answer_pt answer, void *ctx);

/*
 * Asks another guest's page whether the browser's network works, as cdp_call()
 * does; false also when there is none to be asked.
 */
bool browser_fetch(struct browser_guest *guest, cdp_answer_pt answer,
    void *ctx);

/* Returns the connection while the browser runs, else NULL. */
struct cdp *browser_cdp(const struct browser *b);

/* Return what the browser is; the counters live as long as it does. */
const char *browser_name(const struct browser *b);
const char *browser_directory(const struct browser *b);    /* of profiles */
enum browser_state browser_state(const struct browser *b);
const struct browser_stats *browser_stats(const struct browser *b);

/*
 * Stores the ids of the browser's processes, max at most, in pids, and returns
 * how many.
 */
size_t browser_processes(const struct browser *b, pid_t *pids, size_t max);

/*
 * Keep and return the bytes of memory of all its processes, as long as they
 * live; 0: unknown.
 */
void browser_set_memory(struct browser *b, uint64_t bytes);
uint64_t browser_memory(const struct browser *b);

/* Returns how many of its guests need it. */
unsigned browser_guests(const struct browser *b);


#endif /* BROWSER_H */
