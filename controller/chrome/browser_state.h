/*
 * The life of a browser as a table: the steps that it goes through, the events
 * that happen to it, and the step that follows.  Whoever asks what follows a
 * dead renderer, a failed boot or a stop finds the answer in browser_state.c.
 * The functions keep nothing but the counts that the caller passes.
 */

#ifndef BROWSER_STATE_H
#define BROWSER_STATE_H

#include <stdbool.h>


/* what others see of a step */

enum browser_state {
    BROWSER_STOPPED = 0,   /* no process */
    BROWSER_STARTING,      /* a process starts, or its page loads */
    BROWSER_BOOTING,       /* the bridge examines the page */
    BROWSER_UP,            /* the bridge found what it needs */
    BROWSER_DOUBTED,       /* it was up, and a sign of life is overdue: what
                              runs may still end well, nothing new is called */
    BROWSER_RECOVERING,    /* a crash, a hang or a death is being repaired, or
                              the next try waits for the back-off */
    BROWSER_INCOMPATIBLE,  /* the page is ready, but lacks what the bridge
                              needs; tried again */
    BROWSER_FAILED,        /* too many restarts, or it cannot start; tried
                              again */
    BROWSER_STOPPING,
    BROWSER_STATES
};


enum browser_step {
    BROWSER_STEP_STAY = 0,     /* answer of browser_step_next(): the event
                                  means nothing here */
    BROWSER_STEP_LATER,        /* answer of browser_step_next(): the event
                                  happens again in the next step, unless
                                  another one that waits so replaces it */
    BROWSER_STEP_STOPPED,
    BROWSER_STEP_CLEARING,     /* locking the profile, ending orphans of an
                                  earlier controller, cleaning up */
    BROWSER_STEP_VERSION,      /* asking the executable for its version */
    BROWSER_STEP_QUEUED,       /* waiting until the owner lets it boot */
    BROWSER_STEP_LAUNCHING,    /* starting the process */
    BROWSER_STEP_OPENING,      /* finding or making a page and setting it up */
    BROWSER_STEP_LOADING,      /* sending the page to its URL, until its bridge
                                  says hello */
    BROWSER_STEP_REVIVING,     /* the same for a page whose script was stopped:
                                  it answers soon or never */
    BROWSER_STEP_ARRIVING,     /* waiting for the bridge of a page that
                                  navigated by itself */
    BROWSER_STEP_BOOTING,      /* waiting for the bridge's verdict */
    BROWSER_STEP_UP,
    BROWSER_STEP_INCOMPATIBLE, /* leaving the page as it is for a while */
    BROWSER_STEP_UNREACHABLE,  /* waiting, because the page can't be fetched,
                                  whole or in part, or does not get ready */
    BROWSER_STEP_DOUBTING,     /* asking the browser, because the page's answer
                                  to a ping is late */
    BROWSER_STEP_AWAITING,     /* waiting for that, as the browser answers */
    BROWSER_STEP_STALLED,      /* asking the page to fetch something, because
                                  its calls are never answered */
    BROWSER_STEP_ASKING,       /* asking the browser, because the page is
                                  silent */
    BROWSER_STEP_FREEING,      /* stopping the script that the page runs */
    BROWSER_STEP_SHOOTING,     /* killing the renderer */
    BROWSER_STEP_CLOSING,      /* asking the browser to close, to start anew */
    BROWSER_STEP_QUITTING,     /* the same, to be stopped */
    BROWSER_STEP_KILLING,      /* ending all processes, to start anew */
    BROWSER_STEP_ABANDONING,   /* the same, and then it has failed */
    BROWSER_STEP_ENDING,       /* the same, and then it is stopped */
    BROWSER_STEP_WAITING,      /* waiting for the back-off to start anew */
    BROWSER_STEP_FAILED,
    BROWSER_STEPS
};


enum browser_event {
    BROWSER_EVENT_NONE = 0,

    /* asked for by the owner */

    BROWSER_EVENT_START,
    BROWSER_EVENT_STOP,
    BROWSER_EVENT_RESTART,

    /* ends of a step */

    BROWSER_EVENT_DONE,         /* the step did what it is for */
    BROWSER_EVENT_ERROR,        /* the step did not succeed */
    BROWSER_EVENT_IMPOSSIBLE,   /* trying the step again can't succeed */
    BROWSER_EVENT_TIMEOUT,      /* the time of the step is over */

    /* what happens to the page */

    BROWSER_EVENT_PAGE_UP,      /* its bridge is held */
    BROWSER_EVENT_PAGE_LEFT,    /* it navigated: a new bridge will come */
    BROWSER_EVENT_PAGE_BROKEN,  /* the bridge was lost without that */
    BROWSER_EVENT_PAGE_LATE,    /* the answer to a ping is late */
    BROWSER_EVENT_PAGE_ANSWERED, /* here it is */
    BROWSER_EVENT_PAGE_SILENT,  /* a ping got no answer */
    BROWSER_EVENT_PAGE_STALLED, /* pings are answered, calls time out in a
                                   row */
    BROWSER_EVENT_PAGE_UNREACHABLE,
    BROWSER_EVENT_PAGE_CRASHED,
    BROWSER_EVENT_PAGE_CLOSED,  /* its target is gone */

    /* the verdict of the bridge */

    BROWSER_EVENT_BOOT_OK,
    BROWSER_EVENT_BOOT_FAILED,  /* ready, but vital parts are missing */
    BROWSER_EVENT_BOOT_STUCK,   /* started, but it does not get ready */
    BROWSER_EVENT_BOOT_ABSENT,  /* the page's own scripts do not come */

    /* what happens to the process */

    BROWSER_EVENT_LOST,         /* connection gone or process ended */
    BROWSER_EVENT_IN_USE,       /* process ended: another has its profile */

    /* what too many events of one kind become, see browser_event_count() */

    BROWSER_EVENT_WORN,         /* the process is to be replaced */
    BROWSER_EVENT_HOPELESS,     /* so many boots failed that it is no chance */
    BROWSER_EVENTS
};


/* how often something went wrong */

struct browser_counts {
    unsigned  repairs;    /* of the page, since it was last healthy */
    unsigned  loads;      /* in a row that brought no bridge */
    unsigned  boots;      /* in a row that failed */
};


/* Returns the step that follows; a step that follows itself begins anew. */
enum browser_step browser_step_next(enum browser_step step,
    enum browser_event event);

/*
 * Counts an event that means something in this step.  Returns the event that
 * it amounts to: that very one, or another one if there were too many.
 */
enum browser_event browser_event_count(struct browser_counts *counts,
    enum browser_step step, enum browser_event event);

/* Sets those counts to 0 of which the change of the step is the end. */
void browser_counts_reset(struct browser_counts *counts,
    enum browser_step from, enum browser_step to);

/* Returns the time limit of a step in ms; 0: none, or set by the step. */
unsigned browser_step_timeout(enum browser_step step);

/* Returns whether the bridge is held in this step: calls are possible. */
bool browser_step_bridged(enum browser_step step);

/* Returns whether the browser was asked to close: its end is no accident. */
bool browser_step_closes(enum browser_step step);

/* Returns the state that others see. */
enum browser_state browser_step_state(enum browser_step step);

/* Return names for the log, static strings. */
const char *browser_state_name(enum browser_state state);
const char *browser_step_name(enum browser_step step);
const char *browser_event_name(enum browser_event event);


#endif /* BROWSER_STATE_H */
