/*
 * The life of a browser, one process of Chromium with the pages of one or more
 * sessions, as a table: its steps, the events that happen to it, and the step
 * that follows.  What happens to a page stands in tab_state.h.
 */

#ifndef BROWSER_STATE_H
#define BROWSER_STATE_H

#include <stdbool.h>


/* what others see of a step */

enum browser_state {
    BROWSER_STOPPED = 0,   /* no process, and nothing left of one */
    BROWSER_STARTING,      /* on its way to a process */
    BROWSER_OFFERED,       /* a process can be launched */
    BROWSER_RUNNING,       /* pages can be opened */
    BROWSER_RENEWING,      /* it is well and is being replaced */
    BROWSER_RECOVERING,    /* it died or is being replaced, or the next try
                              waits for the back-off */
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
    BROWSER_STEP_CLEARING,     /* ending orphans of an earlier controller,
                                  cleaning up */
    BROWSER_STEP_VERSION,      /* asking the executable for its version */
    BROWSER_STEP_OFFERED,      /* waiting until a tab may boot */
    BROWSER_STEP_LAUNCHING,    /* starting the process */
    BROWSER_STEP_GREETING,     /* waiting for its first answer */
    BROWSER_STEP_RUNNING,
    BROWSER_STEP_CLOSING,      /* asking the browser to close, to start anew */
    BROWSER_STEP_RENEWING,     /* the same, though it is well */
    BROWSER_STEP_QUITTING,     /* the same, to be stopped */
    BROWSER_STEP_KILLING,      /* ending all processes, to start anew */
    BROWSER_STEP_REAPING,      /* the same after a browser that was well */
    BROWSER_STEP_ABANDONING,   /* the same, to give up for a while */
    BROWSER_STEP_ENDING,       /* the same, to be stopped */
    BROWSER_STEP_WAITING,      /* waiting for the back-off */
    BROWSER_STEP_FAILED,
    BROWSER_STEPS
};


enum browser_event {
    BROWSER_EVENT_NONE = 0,

    /* asked for by its tabs */

    BROWSER_EVENT_START,        /* a tab needs it */
    BROWSER_EVENT_STOP,         /* no tab needs it any more */
    BROWSER_EVENT_RESTART,
    BROWSER_EVENT_LAUNCH,       /* a tab may boot */
    BROWSER_EVENT_RENEW,        /* it is well, but is to be replaced */

    /* ends of a step */

    BROWSER_EVENT_DONE,         /* the step did what it is for */
    BROWSER_EVENT_ERROR,        /* the step did not succeed */
    BROWSER_EVENT_IMPOSSIBLE,   /* trying the step again can't succeed */
    BROWSER_EVENT_TIMEOUT,      /* the time of the step is over */

    /* what happens to the process */

    BROWSER_EVENT_LOST,         /* connection gone or process ended */
    BROWSER_EVENT_IN_USE,       /* process ended: another has its directory */
    BROWSER_EVENT_SILENT,       /* it does not answer */
    BROWSER_EVENT_WORN,         /* it answers, but is to be replaced */
    BROWSER_EVENTS
};


/* Returns the step that follows; a step that follows itself begins anew. */
enum browser_step browser_step_next(enum browser_step step,
    enum browser_event event);

/* Returns the time limit of a step in ms; 0: none, or set by the step. */
unsigned browser_step_timeout(enum browser_step step);

/* Returns whether the browser was asked to close: its end is no accident. */
bool browser_step_closes(enum browser_step step);

/* Returns the state that others see. */
enum browser_state browser_step_state(enum browser_step step);

/* Return names for the log and the metrics, static strings. */
const char *browser_state_name(enum browser_state state);
const char *browser_step_name(enum browser_step step);
const char *browser_event_name(enum browser_event event);


#endif /* BROWSER_STATE_H */
