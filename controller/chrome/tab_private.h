/*
 * The tab's own structure, shared by tab.c and the files whose names begin
 * with tab_; nobody else includes it.
 */

#ifndef TAB_PRIVATE_H
#define TAB_PRIVATE_H

#include <limits.h>
#include <sys/queue.h>

#include "chrome/backoff.h"
#include "chrome/browser.h"
#include "chrome/cdp.h"
#include "chrome/event_queue.h"
#include "chrome/page.h"
#include "chrome/profile.h"
#include "chrome/tab.h"
#include "chrome/tab_state.h"


#define TAB_MISSING_SIZE  216


struct tab_save;


TAILQ_HEAD(tab_saves, tab_save);


struct tab {
    struct event_base     *base;
    struct log            *log;
    struct tab_config      config;
    struct tab_handlers    handlers;
    void                  *ctx;
    struct tab_stats       stats;

    enum tab_step          step;
    enum tab_step          from;         /* the step before */
    uint64_t               serial;       /* of the step: it grows */
    enum tab_state         state;        /* as last reported */
    const char            *reason;       /* of the trouble, or NULL */
    bool                   asked;        /* a restart, by the owner */
    char                   missing[TAB_MISSING_SIZE];    /* what a failed boot
                                            lacks, as text */
    size_t                 missing_n;

    struct tab_counts      counts;
    struct backoff         deaths;       /* of pages that were replaced */
    struct backoff         unreachable;  /* loads that ended so */
    unsigned               orphan_tries;

    struct event_queue     queue;
    enum tab_event         later;        /* waits for the next step, or
                                            TAB_EVENT_NONE */
    struct event          *timer;        /* of the step */

    struct event          *ping;
    bool                   pinging;
    uint64_t               answered_at;  /* ms, by the page */
    struct event          *late;         /* when its answer is late */
    unsigned               timeouts;     /* of calls, in a row */
    uint64_t               stalled_at;   /* ms, the first of them was made */
    uint64_t               timeout_at;   /* ms, the last of them */

    unsigned               calls;        /* not answered yet */
    uint64_t               active_at;    /* ms, of the last call or event */
    uint64_t               heap_at;      /* ms, it is looked at again */
    uint64_t               heap_used;    /* bytes, before a collection */
    uint64_t               heap_left;    /* bytes, after the last one */
    bool                   heap_asked;

    struct browser        *browser;
    struct browser_guest   guest;
    struct profile        *profile;
    struct page           *page;         /* or NULL */
    struct page_config     page_config;
    pid_t                  process;      /* of the page that was measured */
    uint64_t               memory;       /* bytes, of that */
    char                   directory[PATH_MAX];    /* of the profile, as the
                                                      browser has it */

    struct tab_saves       saves;        /* the first one is under way */
};


/* Returns whether the bridge can be called. */

static inline bool
tab_bridged(const struct tab *t)
{
    return t->page != NULL && tab_step_bridged(t->step);
}


/*
 * Does what the present step is for and arms its timer; what comes of it are
 * events.
 */
void tab_enter(struct tab *t);

/* Arms a timer; the page counts as worn if that can't be done. */
void tab_set_timer(struct tab *t, struct event *ev, unsigned ms);

/* Posts the end of the step's time; a libevent callback. */
void tab_timer(evutil_socket_t fd, short what, void *arg);

/* Looks up what follows an event, and enters that step. */
void tab_transition(struct tab *t, const struct event_entry *entry);

/* Takes the events out of the queue; a libevent callback. */
void tab_run(evutil_socket_t fd, short what, void *arg);

/* Makes a page of a target and sets it up, which ends the step. */
void tab_open_page(struct tab *t, const char *target);

/* Has the page fetch something, which shows that its network works. */
bool tab_fetch(struct tab *t, cdp_answer_pt answer, void *ctx);

/* Begins to watch the heap of a page that has come. */
void tab_heap_begin(struct tab *t);

/*
 * Has the garbage of the page collected if that has been idle for long enough
 * and its heap has grown; to be called from time to time.
 */
void tab_heap_look(struct tab *t);

/* Ends all saves: the page that they were asked of is gone. */
void tab_saves_lose(struct tab *t);


#endif /* TAB_PRIVATE_H */
