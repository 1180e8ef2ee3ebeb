/*
 * What browser.c and browser_steps.c share; nobody else includes it.
 */

#ifndef BROWSER_PRIVATE_H
#define BROWSER_PRIVATE_H

#include "chrome/backoff.h"
#include "chrome/browser.h"
#include "chrome/browser_state.h"
#include "chrome/cdp.h"
#include "chrome/chrome.h"
#include "chrome/page.h"
#include "chrome/profile.h"


#define BROWSER_QUEUE  64


struct browser_entry {
    enum ladder_event   event;
    const char         *reason;
    uint64_t            serial;    /* of the step it belongs to; 0: of any */
};


struct browser {
    struct event_base        *base;
    struct log               *log;
    struct browser_config     config;
    struct browser_handlers   handlers;
    void                     *ctx;
    struct browser_stats      stats;

    enum ladder_step          step;
    enum browser_state        state;       /* as last reported */
    const char               *reason;
    uint64_t                  serial;      /* of the entered step */
    bool                      recovering;
    bool                      stopping;
    bool                      again;       /* to be started when stopped */
    bool                      in_use;      /* so is its profile, it said */
    bool                      pinging;
    unsigned                  orphan_tries;
    unsigned                  boots;       /* without a hello, in a row */
    unsigned                  repairs;
    uint64_t                  answered_at; /* ms, by the page */
    struct backoff            deaths;
    struct backoff            loads;       /* that ended unreachable */

    struct browser_entry      queue[BROWSER_QUEUE];
    unsigned                  queued;
    struct event             *run;         /* activated by hand */
    struct event             *timer;       /* of the step */
    struct event             *ping;
    bool                     *destroyed;   /* of the callback that runs */

    struct chrome_marks       marks;
    struct profile           *profile;
    struct chrome_version    *version;
    struct process           *process;
    struct cdp               *cdp;
    struct page              *page;
    struct page_config        page_config;
    char                      user_agent[CHROME_USER_AGENT_MAX];
};


/* for struct cdp_handlers and struct page_handlers; ctx is the browser */
extern const struct cdp_handlers   browser_cdp_handlers;
extern const struct page_handlers  browser_page_handlers;


/*
 * Puts an event in the queue.  reason is a static string or NULL.  serial is
 * 0, or that of the step without which the event means nothing.
 */
void browser_post(struct browser *b, enum ladder_event event,
    const char *reason, uint64_t serial);

/* the same with the serial of the present step: an event that is dropped when
   the step is over before it is looked at */
void browser_post_step(struct browser *b, enum ladder_event event,
    const char *reason);

/* arms a timer of the browser; a failure ends in a restart */
void browser_set_timer(struct browser *b, struct event *ev, unsigned ms);

/* does what the step is for and arms its timer */
void browser_enter(struct browser *b);

/* the time of the step is over; a libevent callback */
void browser_timer(evutil_socket_t fd, short what, void *arg);


#endif /* BROWSER_PRIVATE_H */
