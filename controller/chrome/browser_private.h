/*
 * The browser's own structure, shared by browser.c and the files whose names
 * begin with browser_; nobody else includes it.
 */

#ifndef BROWSER_PRIVATE_H
#define BROWSER_PRIVATE_H

#include <limits.h>

#include "chrome/backoff.h"
#include "chrome/browser.h"
#include "chrome/chrome.h"
#include "chrome/event_queue.h"


TAILQ_HEAD(browser_guests, browser_guest);


struct browser {
    struct event_base       *base;
    struct log              *log;
    struct browser_config    config;
    struct browser_guests    guests;
    struct browser_stats     stats;

    enum browser_step        step;
    uint64_t                 serial;     /* of the step: it grows */
    enum browser_state       state;      /* as last told */
    const char              *reason;     /* of the trouble, or NULL */

    struct event_queue       queue;
    enum browser_event       later;      /* waits for the next step, or
                                            BROWSER_EVENT_NONE */
    struct event            *timer;      /* of the step */

    struct backoff           deaths;
    unsigned                 orphan_tries;
    bool                     healthy;    /* it has run since its launch */

    struct chrome_marks      marks;
    struct chrome_version   *version;
    struct process          *process;
    struct cdp              *cdp;
    uint64_t                 memory;     /* bytes, of all processes */
    struct browser_guest    *first;      /* whose page it is launched with */
    char                     data_dir[PATH_MAX];    /* --user-data-dir */
    char                     user_agent[CHROME_USER_AGENT_MAX];
};


/* for cdp_create(); their context is the browser */
extern const struct cdp_handlers  browser_cdp_handlers;

/* the same for a browser whose tabs' owners listen to the console */
extern const struct cdp_handlers  browser_cdp_console_handlers;


/*
 * Puts an event in the queue.  reason is a static string or NULL; serial is 0,
 * or that of the step without which the event means nothing.
 */
void browser_post(struct browser *b, enum browser_event event,
    const char *reason, uint64_t serial);

/* Does the same with the serial of the present step. */
void browser_post_step(struct browser *b, enum browser_event event,
    const char *reason);

/*
 * Does what the present step is for and arms its timer; what comes of it are
 * events.
 */
void browser_enter(struct browser *b);

/* Posts the end of the step's time; a libevent callback. */
void browser_timer(evutil_socket_t fd, short what, void *arg);

/* Takes an event of the protocol about a target; params is borrowed. */
void browser_targets_receive(struct browser *b, const char *method,
    json_t *params);

/* Begins a guest's page by the command line; its URL is written to url. */
void browser_targets_first(struct browser_guest *guest, char *url,
    size_t size);

/* Forgets all pages: the process is gone, or about to go. */
void browser_targets_lose(struct browser *b);

/* Returns whether the profile of a guest is where the browser looks for it. */
bool browser_profile_link(const struct browser_guest *guest);


#endif /* BROWSER_PRIVATE_H */
