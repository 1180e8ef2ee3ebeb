/*
 * The life of a tab, the page of one session, as a table: the steps that it
 * goes through, the events that happen to it, and the step that follows.
 * Whoever asks what follows a dead renderer, a failed boot or a stop finds the
 * answer in tab_state.c; what follows a dead browser stands in
 * browser_state.c.  The functions keep nothing but the counts that the caller
 * passes.
 */

#ifndef TAB_STATE_H
#define TAB_STATE_H

#include <stdbool.h>


/* what others see of a step */

enum tab_state {
    TAB_STOPPED = 0,   /* no page */
    TAB_STARTING,      /* the browser starts, or the page loads */
    TAB_BOOTING,       /* the bridge examines the page */
    TAB_UP,            /* the bridge found what it needs */
    TAB_DOUBTED,       /* it was up, and a sign of life is overdue: what runs
                          may still end well, nothing new is called */
    TAB_RENEWING,      /* the page is well and is being replaced */
    TAB_RECOVERING,    /* a crash, a hang or a death is being repaired, or the
                          next try waits for the back-off */
    TAB_INCOMPATIBLE,  /* the page is ready, but lacks what the bridge needs;
                          tried again */
    TAB_FAILED,        /* too many restarts, or it cannot start; tried again */
    TAB_STOPPING,
    TAB_STATES
};


enum tab_step {
    TAB_STEP_STAY = 0,     /* answer of tab_step_next(): the event means
                              nothing here */
    TAB_STEP_LATER,        /* answer of tab_step_next(): the event happens
                              again in the next step, unless another one that
                              waits so replaces it */
    TAB_STEP_STOPPED,
    TAB_STEP_CLEARING,     /* locking the profile, ending orphans of an earlier
                              controller, cleaning up */
    TAB_STEP_JOINING,      /* waiting for the browser to be offered */
    TAB_STEP_ORPHANED,     /* the same, as the browser died or is replaced */
    TAB_STEP_EVICTED,      /* the same, as the browser is well and is being
                              replaced */
    TAB_STEP_QUEUED,       /* waiting until the owner lets it boot */
    TAB_STEP_ENTERING,     /* waiting for the browser to run */
    TAB_STEP_OPENING,      /* having a page opened, and setting it up */
    TAB_STEP_LOADING,      /* sending the page to its URL, until its bridge
                              says hello */
    TAB_STEP_REVIVING,     /* the same for a page whose script was stopped: it
                              answers soon or never */
    TAB_STEP_ARRIVING,     /* waiting for the bridge of a page that navigated
                              by itself */
    TAB_STEP_BOOTING,      /* waiting for the bridge's verdict */
    TAB_STEP_UP,
    TAB_STEP_INCOMPATIBLE, /* leaving the page as it is for a while */
    TAB_STEP_UNREACHABLE,  /* waiting, because the page can't be fetched, whole
                              or in part, or does not get ready */
    TAB_STEP_DOUBTING,     /* asking the browser, because the page's answer to
                              a ping is late */
    TAB_STEP_AWAITING,     /* waiting for that, as the browser answers */
    TAB_STEP_STALLED,      /* asking the page to fetch something, because its
                              calls are never answered */
    TAB_STEP_COMPARING,    /* asking another page of the browser to fetch
                              something, because this one can't */
    TAB_STEP_ASKING,       /* asking the browser, because the page is silent */
    TAB_STEP_SUSPECTING,   /* asking the browser, because no page is opened */
    TAB_STEP_FREEING,      /* stopping the script that the page runs */
    TAB_STEP_RENEWING,     /* opening another page in place of one that can't
                              be repaired */
    TAB_STEP_EXCHANGING,   /* the same in place of one that is well */
    TAB_STEP_REPLACING,    /* closing the page, or the browser that has no
                              other, to start anew */
    TAB_STEP_DENOUNCING,   /* reporting a silent browser */
    TAB_STEP_PAUSING,      /* waiting for the back-off */
    TAB_STEP_LEAVING,      /* closing the page, and the browser after the last
                              one, to be stopped */
    TAB_STEP_PARTING,      /* waiting for a browser that runs on to be done
                              with the profile */
    TAB_STEP_FAILED,
    TAB_STEPS
};


enum tab_event {
    TAB_EVENT_NONE = 0,

    /* asked for by the owner */

    TAB_EVENT_START,
    TAB_EVENT_STOP,
    TAB_EVENT_RESTART,
    TAB_EVENT_RENEW,        /* the page is well, but is to be replaced */

    /* ends of a step */

    TAB_EVENT_DONE,         /* the step did what it is for */
    TAB_EVENT_ERROR,        /* the step did not succeed */
    TAB_EVENT_IMPOSSIBLE,   /* trying the step again can't succeed */
    TAB_EVENT_TIMEOUT,      /* the time of the step is over */

    /* what happens to the page */

    TAB_EVENT_PAGE_UP,      /* its bridge is held */
    TAB_EVENT_PAGE_LEFT,    /* it navigated: a new bridge will come */
    TAB_EVENT_PAGE_BROKEN,  /* the bridge was lost without that */
    TAB_EVENT_PAGE_LATE,    /* the answer to a ping is late */
    TAB_EVENT_PAGE_ANSWERED, /* here it is */
    TAB_EVENT_PAGE_SILENT,  /* a ping got no answer */
    TAB_EVENT_PAGE_STALLED, /* pings are answered, calls time out in a row */
    TAB_EVENT_PAGE_UNREACHABLE,
    TAB_EVENT_PAGE_CRASHED,
    TAB_EVENT_PAGE_CLOSED,  /* its target is gone */

    /* the verdict of the bridge */

    TAB_EVENT_BOOT_OK,
    TAB_EVENT_BOOT_FAILED,  /* ready, but vital parts are missing */
    TAB_EVENT_BOOT_STUCK,   /* started, but it does not get ready */
    TAB_EVENT_BOOT_ABSENT,  /* the page's own scripts do not come */

    /* what happens to the browser */

    TAB_EVENT_BROWSER_OFFERED,    /* it can be launched */
    TAB_EVENT_BROWSER_RUNNING,    /* pages can be opened */
    TAB_EVENT_BROWSER_LOST,       /* it died or is being replaced */
    TAB_EVENT_BROWSER_RENEWING,   /* it is well and is being replaced */
    TAB_EVENT_BROWSER_FAILED,     /* it is tried again after minutes */
    TAB_EVENT_BROWSER_STARTING,   /* it is being started */
    TAB_EVENT_BROWSER_STOPPED,    /* nothing is left of it */

    /* what too many events of one kind become, see tab_event_count() */

    TAB_EVENT_WORN,         /* the page is to be replaced, and its process */
    TAB_EVENT_HOPELESS,     /* so many boots failed that it is no chance */
    TAB_EVENTS
};


/* how often something went wrong */

struct tab_counts {
    unsigned  repairs;    /* of the page, since it was last healthy */
    unsigned  loads;      /* in a row that brought no bridge */
    unsigned  boots;      /* in a row that failed */
};


/* Returns the step that follows; a step that follows itself begins anew. */
enum tab_step tab_step_next(enum tab_step step,
    enum tab_event event);

/*
 * Counts an event that means something in this step.  Returns the event that
 * it amounts to: that very one, or another one if there were too many.
 */
enum tab_event tab_event_count(struct tab_counts *counts,
    enum tab_step step, enum tab_event event);

/* Sets those counts to 0 of which the change of the step is the end. */
void tab_counts_reset(struct tab_counts *counts,
    enum tab_step from, enum tab_step to);

/* Returns the time limit of a step in ms; 0: none, or set by the step. */
unsigned tab_step_timeout(enum tab_step step);

/* Returns whether the bridge is held in this step: calls are possible. */
bool tab_step_bridged(enum tab_step step);

/* Returns the state that others see. */
enum tab_state tab_step_state(enum tab_step step);

/* Return names for the log, static strings. */
const char *tab_state_name(enum tab_state state);
const char *tab_step_name(enum tab_step step);
const char *tab_event_name(enum tab_event event);


#endif /* TAB_STATE_H */
