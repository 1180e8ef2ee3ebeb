/*
 * The supervision ladder as a table: a row is a step, with its name, its time
 * limit, and the step that follows each event.  What is not in a row is
 * ignored in that step.
 */

#include "chrome/browser_state.h"


struct ladder_row {
    const char        *name;
    unsigned           timeout;   /* ms */
    enum ladder_step   next[LADDER_EVENTS];
};


/* what ends every step in which a process lives */

#define LADDER_ALIVE                                                          \
    [LADDER_STOP] = LADDER_CLOSING,                                           \
    [LADDER_RESTART] = LADDER_CLOSING,                                        \
    [LADDER_WORN] = LADDER_CLOSING,                                           \
    [LADDER_LOST] = LADDER_KILLING

/* what can happen to a page at any time once there is one */

#define LADDER_PAGE                                                           \
    LADDER_ALIVE,                                                             \
    [LADDER_PAGE_CRASHED] = LADDER_LOADING,                                 \
    [LADDER_PAGE_CLOSED] = LADDER_OPENING


static const struct ladder_row  ladder_rows[LADDER_STEPS] = {

    [LADDER_STOPPED] = { "stopped", 0, {
        [LADDER_START] = LADDER_CLEARING,
        [LADDER_STOP] = LADDER_STOPPED
    } },

    /* entered anew as long as there are orphans */
    [LADDER_CLEARING] = { "clearing", 250, {
        [LADDER_DONE] = LADDER_VERSION,
        [LADDER_TIMEOUT] = LADDER_CLEARING,
        [LADDER_IMPOSSIBLE] = LADDER_FAILED,
        [LADDER_STOP] = LADDER_STOPPED
    } },

    [LADDER_VERSION] = { "version", 0, {
        [LADDER_DONE] = LADDER_LAUNCHING,
        [LADDER_IMPOSSIBLE] = LADDER_FAILED,
        [LADDER_STOP] = LADDER_STOPPED
    } },

    [LADDER_LAUNCHING] = { "launching", 0, {
        LADDER_ALIVE,
        [LADDER_DONE] = LADDER_OPENING,
        [LADDER_IMPOSSIBLE] = LADDER_FAILED
    } },

    [LADDER_OPENING] = { "opening", 30000, {
        LADDER_ALIVE,
        [LADDER_DONE] = LADDER_LOADING,
        [LADDER_ERROR] = LADDER_KILLING,
        [LADDER_TIMEOUT] = LADDER_KILLING,
        [LADDER_PAGE_CRASHED] = LADDER_CLOSING,
        [LADDER_PAGE_CLOSED] = LADDER_CLOSING
    } },

    /* the script of a page that does not load must be stopped before anything
       else: Chrome takes a reload of a hung page and then nothing more */
    [LADDER_LOADING] = { "loading", 0, {
        LADDER_PAGE,
        [LADDER_PAGE_UP] = LADDER_UP,
        [LADDER_PAGE_UNREACHABLE] = LADDER_UNREACHABLE,
        [LADDER_ERROR] = LADDER_CLOSING,
        [LADDER_TIMEOUT] = LADDER_FREEING
    } },

    /* a script that can't be stopped keeps the renderer from loading: it is
       not given the time that a slow network is */
    [LADDER_REVIVING] = { "reviving", 10000, {
        LADDER_PAGE,
        [LADDER_PAGE_UP] = LADDER_UP,
        [LADDER_PAGE_UNREACHABLE] = LADDER_UNREACHABLE,
        [LADDER_ERROR] = LADDER_CLOSING,
        [LADDER_TIMEOUT] = LADDER_SHOOTING
    } },

    [LADDER_ARRIVING] = { "arriving", 0, {
        LADDER_PAGE,
        [LADDER_PAGE_UP] = LADDER_UP,
        [LADDER_PAGE_UNREACHABLE] = LADDER_UNREACHABLE,
        [LADDER_ERROR] = LADDER_CLOSING,
        [LADDER_TIMEOUT] = LADDER_FREEING
    } },

    /* the timeout is that of health: it is up anew, its past forgotten */
    [LADDER_UP] = { "up", 10 * 60 * 1000, {
        LADDER_PAGE,
        [LADDER_RELOAD] = LADDER_FREEING,
        [LADDER_TIMEOUT] = LADDER_UP,
        [LADDER_PAGE_LEFT] = LADDER_ARRIVING,
        [LADDER_PAGE_BROKEN] = LADDER_FREEING,
        [LADDER_PAGE_SILENT] = LADDER_ASKING,
        [LADDER_PAGE_UNREACHABLE] = LADDER_UNREACHABLE
    } },

    [LADDER_UNREACHABLE] = { "unreachable", 0, {
        LADDER_PAGE,
        [LADDER_RELOAD] = LADDER_LOADING,
        [LADDER_TIMEOUT] = LADDER_LOADING
    } },

    [LADDER_ASKING] = { "asking", 10000, {
        LADDER_PAGE,
        [LADDER_DONE] = LADDER_FREEING,
        [LADDER_ERROR] = LADDER_KILLING,
        [LADDER_TIMEOUT] = LADDER_KILLING
    } },

    [LADDER_FREEING] = { "freeing", 2000, {
        LADDER_PAGE,
        [LADDER_DONE] = LADDER_REVIVING,
        [LADDER_ERROR] = LADDER_SHOOTING,
        [LADDER_TIMEOUT] = LADDER_SHOOTING
    } },

    [LADDER_SHOOTING] = { "shooting", 5000, {
        LADDER_PAGE,
        [LADDER_ERROR] = LADDER_CLOSING,
        [LADDER_TIMEOUT] = LADDER_CLOSING
    } },

    [LADDER_CLOSING] = { "closing", 5000, {
        [LADDER_ERROR] = LADDER_KILLING,
        [LADDER_TIMEOUT] = LADDER_KILLING,
        [LADDER_LOST] = LADDER_KILLING
    } },

    [LADDER_KILLING] = { "killing", 0, {
        [LADDER_DONE] = LADDER_STOPPED,
        [LADDER_ERROR] = LADDER_WAITING,
        [LADDER_IMPOSSIBLE] = LADDER_FAILED
    } },

    [LADDER_WAITING] = { "waiting", 0, {
        [LADDER_TIMEOUT] = LADDER_CLEARING,
        [LADDER_RESTART] = LADDER_CLEARING,
        [LADDER_STOP] = LADDER_STOPPED
    } },

    [LADDER_FAILED] = { "failed", 5 * 60 * 1000, {
        [LADDER_TIMEOUT] = LADDER_CLEARING,
        [LADDER_START] = LADDER_CLEARING,
        [LADDER_RESTART] = LADDER_CLEARING,
        [LADDER_STOP] = LADDER_STOPPED
    } }
};


static const char *const  ladder_events[LADDER_EVENTS] = {
    [LADDER_START] = "start",
    [LADDER_STOP] = "stop",
    [LADDER_RESTART] = "restart",
    [LADDER_RELOAD] = "reload",
    [LADDER_DONE] = "done",
    [LADDER_IMPOSSIBLE] = "impossible",
    [LADDER_ERROR] = "error",
    [LADDER_TIMEOUT] = "timeout",
    [LADDER_PAGE_UP] = "page_up",
    [LADDER_PAGE_LEFT] = "page_left",
    [LADDER_PAGE_BROKEN] = "page_broken",
    [LADDER_PAGE_SILENT] = "page_silent",
    [LADDER_PAGE_UNREACHABLE] = "page_unreachable",
    [LADDER_PAGE_CRASHED] = "page_crashed",
    [LADDER_PAGE_CLOSED] = "page_closed",
    [LADDER_WORN] = "worn",
    [LADDER_LOST] = "lost"
};


enum ladder_step
ladder_next(enum ladder_step step, enum ladder_event event)
{
    return ladder_rows[step].next[event];
}


unsigned
ladder_timeout(enum ladder_step step)
{
    return ladder_rows[step].timeout;
}


enum browser_state
ladder_state(enum ladder_step step, bool recovering, bool stopping)
{
    switch (step) {

    case LADDER_STOPPED:
        return BROWSER_STOPPED;

    case LADDER_UP:
        return BROWSER_UP;

    case LADDER_FAILED:
        return BROWSER_FAILED;

    default:
        break;
    }

    if (stopping) {
        return BROWSER_STOPPING;
    }

    return recovering ? BROWSER_RECOVERING : BROWSER_STARTING;
}


const char *
ladder_step_name(enum ladder_step step)
{
    return ladder_rows[step].name;
}


const char *
ladder_event_name(enum ladder_event event)
{
    return ladder_events[event];
}
