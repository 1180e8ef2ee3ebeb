/*
 * The browser's own structure, shared by browser.c, browser_steps.c,
 * browser_events.c and browser_save.c; nobody else includes it.
 */

#ifndef BROWSER_PRIVATE_H
#define BROWSER_PRIVATE_H

#include <sys/queue.h>

#include "chrome/backoff.h"
#include "chrome/browser.h"
#include "chrome/browser_state.h"
#include "chrome/cdp.h"
#include "chrome/chrome.h"
#include "chrome/page.h"
#include "chrome/profile.h"


#define BROWSER_QUEUE         64
#define BROWSER_MISSING_SIZE  216


struct browser_save;


TAILQ_HEAD(browser_saves, browser_save);


struct browser_entry {
    enum browser_event   event;
    const char          *reason;
    uint64_t             serial;    /* of its step; 0: it outlives the step */
};


struct browser {
    struct event_base        *base;
    struct log               *log;
    struct browser_config     config;
    struct browser_handlers   handlers;
    void                     *ctx;
    struct browser_stats      stats;

    enum browser_step         step;
    enum browser_step         from;        /* the step before */
    uint64_t                  serial;      /* of the step: it grows */
    uint64_t                  entered_at;  /* ms, the step */
    enum browser_state        state;       /* as last reported */
    const char               *reason;      /* of the trouble, or NULL */
    char                      missing[BROWSER_MISSING_SIZE];  /* what a failed
                                              boot lacks, as text */
    size_t                    missing_n;

    struct browser_counts     counts;
    struct backoff            deaths;
    struct backoff            unreachable; /* loads that ended so */
    unsigned                  orphan_tries;

    struct browser_entry      queue[BROWSER_QUEUE];
    unsigned                  queued;
    enum browser_event        later;       /* waits for the next step, or
                                              BROWSER_EVENT_NONE */
    struct event             *run;         /* activated when queued != 0 */
    struct event             *timer;       /* of the step */
    bool                     *destroyed;   /* of the callback that runs */

    struct event             *ping;
    bool                      pinging;
    uint64_t                  answered_at; /* ms, by the page */
    struct event             *late;        /* when its answer is late */
    unsigned                  timeouts;    /* of calls, in a row */
    uint64_t                  stalled_at;  /* ms, the first of them was made */
    uint64_t                  timeout_at;  /* ms, the last of them */

    struct chrome_marks       marks;
    struct profile           *profile;
    struct chrome_version    *version;
    struct process           *process;
    struct cdp               *cdp;
    struct page              *page;
    struct page_config        page_config;
    char                      user_agent[CHROME_USER_AGENT_MAX];

    struct browser_saves      saves;       /* the first one is under way */
    unsigned                  saves_asked; /* answers of the page to come */
    struct event             *saves_timer; /* of the first one */
};


/*
 * Does what the present step is for and arms its timer; what comes of it are
 * events.
 */
void browser_enter(struct browser *b);

/* Arms a timer; the browser counts as lost if that can't be done. */
void browser_set_timer(struct browser *b, struct event *ev, unsigned ms);

/* Posts the end of the step's time; a libevent callback. */
void browser_timer(evutil_socket_t fd, short what, void *arg);

/* Prepares a browser for browser_save(), and undoes that; -1: no memory. */
int browser_saves_create(struct browser *b);
void browser_saves_destroy(struct browser *b);

/* Takes an event of the protocol about a download; params is borrowed. */
void browser_saves_receive(struct browser *b, const char *method,
    json_t *params);

/* Ends all saves: the page that they were asked of is gone. */
void browser_saves_lose(struct browser *b);


#endif /* BROWSER_PRIVATE_H */
