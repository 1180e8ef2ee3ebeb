/*
 * The supervision ladder: what a browser goes through, and what happens next.
 * Pure: a table.
 */

#ifndef LADDER_H
#define LADDER_H

#include "chrome/browser.h"


enum ladder_step {
    LADDER_STAY,          /* as an answer of ladder_next(): nothing changes */
    LADDER_STOPPED,
    LADDER_CLEARING,      /* locking the profile, ending orphans of another
                             life, cleaning up */
    LADDER_VERSION,       /* asking the executable which version it is */
    LADDER_LAUNCHING,     /* starting the process */
    LADDER_OPENING,       /* finding or making a page and setting it up */
    LADDER_LOADING,       /* sending the page to its URL, till its bridge says
                             hello */
    LADDER_REVIVING,      /* the same of a page whose script was stopped: it
                             answers soon or never */
    LADDER_ARRIVING,      /* the same of a page that went by itself */
    LADDER_UP,
    LADDER_UNREACHABLE,   /* the page could not be fetched, waiting */
    LADDER_ASKING,        /* the page is silent: does the browser answer? */
    LADDER_FREEING,       /* stopping the script that runs in the page */
    LADDER_SHOOTING,      /* killing the renderer */
    LADDER_CLOSING,       /* asking the browser to close */
    LADDER_KILLING,       /* ending the process with all its children */
    LADDER_WAITING,       /* back-off before the next start */
    LADDER_FAILED,
    LADDER_STEPS
};


enum ladder_event {
    LADDER_START,             /* asked for by the owner */
    LADDER_STOP,
    LADDER_RESTART,
    LADDER_RELOAD,
    LADDER_DONE,              /* the step did what it is for */
    LADDER_IMPOSSIBLE,        /* the step cannot succeed by trying again */
    LADDER_ERROR,             /* the step did not succeed */
    LADDER_TIMEOUT,           /* of the step */
    LADDER_PAGE_UP,           /* bridge held */
    LADDER_PAGE_LEFT,         /* navigated: bridge lost, a new one will come */
    LADDER_PAGE_BROKEN,       /* bridge lost without that */
    LADDER_PAGE_SILENT,       /* a ping of the page got no answer */
    LADDER_PAGE_UNREACHABLE,
    LADDER_PAGE_CRASHED,
    LADDER_PAGE_CLOSED,       /* its target is gone */
    LADDER_WORN,              /* too many repairs of the page of late */
    LADDER_LOST,              /* connection gone or process ended */
    LADDER_EVENTS
};


/* returns the step that follows, LADDER_STAY when the event means nothing; a
   step may follow itself: it is entered anew */
enum ladder_step ladder_next(enum ladder_step step, enum ladder_event event);

/* the time in ms after which LADDER_TIMEOUT happens; 0: never, or not always
   the same */
unsigned ladder_timeout(enum ladder_step step);

/*
 * The state that others see.  recovering: it was up or failed since it was
 * started; stopping: it is to be stopped.
 */
enum browser_state ladder_state(enum ladder_step step, bool recovering,
    bool stopping);

/* names for the log, static strings */
const char *ladder_step_name(enum ladder_step step);
const char *ladder_event_name(enum ladder_event event);


#endif /* LADDER_H */
