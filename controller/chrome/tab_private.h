/*
 * The browser's own structure, shared by tab.c, tab_steps.c,
 * tab_events.c and tab_save.c; nobody else includes it.
 */

#ifndef TAB_PRIVATE_H
#define TAB_PRIVATE_H

#include <sys/queue.h>

#include "chrome/backoff.h"
#include "chrome/tab.h"
#include "chrome/tab_state.h"
#include "chrome/cdp.h"
#include "chrome/chrome.h"
#include "chrome/page.h"
#include "chrome/profile.h"


#define TAB_QUEUE         64
#define TAB_MISSING_SIZE  216


struct tab_save;


TAILQ_HEAD(tab_saves, tab_save);


struct tab_entry {
    enum tab_event   event;
    const char          *reason;
    uint64_t             serial;    /* of its step; 0: it outlives the step */
};


struct tab {
    struct event_base        *base;
    struct log               *log;
    struct tab_config     config;
    struct tab_handlers   handlers;
    void                     *ctx;
    struct tab_stats      stats;

    enum tab_step         step;
    enum tab_step         from;        /* the step before */
    uint64_t                  serial;      /* of the step: it grows */
    uint64_t                  entered_at;  /* ms, the step */
    enum tab_state        state;       /* as last reported */
    const char               *reason;      /* of the trouble, or NULL */
    char                      missing[TAB_MISSING_SIZE];  /* what a failed
                                              boot lacks, as text */
    size_t                    missing_n;

    struct tab_counts     counts;
    struct backoff            deaths;
    struct backoff            unreachable; /* loads that ended so */
    unsigned                  orphan_tries;

    struct tab_entry      queue[TAB_QUEUE];
    unsigned                  queued;
    enum tab_event        later;       /* waits for the next step, or
                                              TAB_EVENT_NONE */
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

    struct tab_saves      saves;       /* the first one is under way */
    unsigned                  saves_asked; /* answers of the page to come */
    struct event             *saves_timer; /* of the first one */
};


/*
 * Does what the present step is for and arms its timer; what comes of it are
 * events.
 */
void tab_enter(struct tab *t);

/* Arms a timer; the browser counts as lost if that can't be done. */
void tab_set_timer(struct tab *t, struct event *ev, unsigned ms);

/* Posts the end of the step's time; a libevent callback. */
void tab_timer(evutil_socket_t fd, short what, void *arg);

/* Prepares a browser for tab_save(), and undoes that; false: no memory. */
bool tab_saves_create(struct tab *t);
void tab_saves_destroy(struct tab *t);

/* Takes an event of the protocol about a download; params is borrowed. */
void tab_saves_receive(struct tab *t, const char *method,
    json_t *params);

/* Ends all saves: the page that they were asked of is gone. */
void tab_saves_lose(struct tab *t);


#endif /* TAB_PRIVATE_H */
