/*
 * The life of a browser: one table of steps.
 *
 * A row of browser_rows is a step with its name, the state that others see,
 * its time limit, and the step that follows each event; an event that is not
 * in a row is ignored in that step.  A step without a limit there sets its own
 * timer, or ends by itself.
 *
 * A browser that died, is silent or worn is replaced after a back-off; one
 * that dies too often has failed and is tried again after minutes.  One that
 * is well and is to be replaced is launched again at once.  Its tabs
 * are told each state, and do by it what the table of tab_state.c says.
 */

#include <stddef.h>

#include "chrome/browser_state.h"


#define BROWSER_RETRY_MS   (5 * 60 * 1000)    /* after a failure for good */
#define BROWSER_HEALTH_MS  (10 * 60 * 1000)   /* running without trouble */

/* events that end every step in which a process lives */

#define BROWSER_ALIVE                                                         \
    [BROWSER_EVENT_STOP] = BROWSER_STEP_QUITTING,                             \
    [BROWSER_EVENT_RESTART] = BROWSER_STEP_CLOSING,                           \
    [BROWSER_EVENT_WORN] = BROWSER_STEP_CLOSING,                              \
    [BROWSER_EVENT_SILENT] = BROWSER_STEP_KILLING,                            \
    [BROWSER_EVENT_LOST] = BROWSER_STEP_KILLING,                              \
    [BROWSER_EVENT_IN_USE] = BROWSER_STEP_ABANDONING

/* the last wish of the tabs waits until the browser is stopped */

#define BROWSER_STOP_FIRST                                                    \
    [BROWSER_EVENT_START] = BROWSER_STEP_LATER,                               \
    [BROWSER_EVENT_STOP] = BROWSER_STEP_LATER,                                \
    [BROWSER_EVENT_RESTART] = BROWSER_STEP_LATER


struct browser_row {
    const char          *name;
    enum browser_state   state;
    unsigned             timeout;   /* ms */
    enum browser_step    next[BROWSER_EVENTS];
};


static const struct browser_row  browser_rows[BROWSER_STEPS] = {

    [BROWSER_STEP_STOPPED] = { "stopped", BROWSER_STOPPED, 0, {
        [BROWSER_EVENT_START] = BROWSER_STEP_CLEARING,
        [BROWSER_EVENT_RESTART] = BROWSER_STEP_CLEARING,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_STOPPED
    } },

    /* begins anew as long as there are orphans */
    [BROWSER_STEP_CLEARING] = { "clearing", BROWSER_STARTING, 250, {
        [BROWSER_EVENT_DONE] = BROWSER_STEP_VERSION,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_CLEARING,
        [BROWSER_EVENT_IMPOSSIBLE] = BROWSER_STEP_FAILED,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_STOPPED
    } },

    [BROWSER_STEP_VERSION] = { "version", BROWSER_STARTING, 0, {
        [BROWSER_EVENT_DONE] = BROWSER_STEP_OFFERED,
        [BROWSER_EVENT_IMPOSSIBLE] = BROWSER_STEP_FAILED,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_STOPPED
    } },

    [BROWSER_STEP_OFFERED] = { "offered", BROWSER_OFFERED, 0, {
        [BROWSER_EVENT_LAUNCH] = BROWSER_STEP_LAUNCHING,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_STOPPED
    } },

    [BROWSER_STEP_LAUNCHING] = { "launching", BROWSER_STARTING, 0, {
        BROWSER_ALIVE,
        [BROWSER_EVENT_DONE] = BROWSER_STEP_GREETING,
        [BROWSER_EVENT_IMPOSSIBLE] = BROWSER_STEP_FAILED
    } },

    [BROWSER_STEP_GREETING] = { "greeting", BROWSER_STARTING, 30000, {
        BROWSER_ALIVE,
        [BROWSER_EVENT_DONE] = BROWSER_STEP_RUNNING,
        [BROWSER_EVENT_ERROR] = BROWSER_STEP_KILLING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_KILLING
    } },

    /* the time limit is that of health: the step begins anew and its past is
       forgotten */
    [BROWSER_STEP_RUNNING] = { "running", BROWSER_RUNNING,
                               BROWSER_HEALTH_MS, {
        BROWSER_ALIVE,
        [BROWSER_EVENT_RENEW] = BROWSER_STEP_RENEWING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_RUNNING
    } },

    [BROWSER_STEP_CLOSING] = { "closing", BROWSER_RECOVERING, 5000, {
        [BROWSER_EVENT_ERROR] = BROWSER_STEP_KILLING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_KILLING,
        [BROWSER_EVENT_LOST] = BROWSER_STEP_KILLING,
        [BROWSER_EVENT_IN_USE] = BROWSER_STEP_ABANDONING,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_ENDING
    } },

    [BROWSER_STEP_RENEWING] = { "renewing", BROWSER_RENEWING, 5000, {
        [BROWSER_EVENT_ERROR] = BROWSER_STEP_REAPING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_REAPING,
        [BROWSER_EVENT_LOST] = BROWSER_STEP_REAPING,
        [BROWSER_EVENT_IN_USE] = BROWSER_STEP_ABANDONING,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_ENDING
    } },

    [BROWSER_STEP_QUITTING] = { "quitting", BROWSER_STOPPING, 5000, {
        BROWSER_STOP_FIRST,
        [BROWSER_EVENT_ERROR] = BROWSER_STEP_ENDING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_ENDING,
        [BROWSER_EVENT_LOST] = BROWSER_STEP_ENDING,
        [BROWSER_EVENT_IN_USE] = BROWSER_STEP_ENDING
    } },

    [BROWSER_STEP_KILLING] = { "killing", BROWSER_RECOVERING, 0, {
        [BROWSER_EVENT_DONE] = BROWSER_STEP_WAITING,
        [BROWSER_EVENT_IMPOSSIBLE] = BROWSER_STEP_FAILED,
        [BROWSER_EVENT_IN_USE] = BROWSER_STEP_ABANDONING,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_ENDING
    } },

    [BROWSER_STEP_REAPING] = { "reaping", BROWSER_RENEWING, 0, {
        [BROWSER_EVENT_DONE] = BROWSER_STEP_CLEARING,
        [BROWSER_EVENT_IN_USE] = BROWSER_STEP_ABANDONING,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_ENDING
    } },

    [BROWSER_STEP_ABANDONING] = { "abandoning", BROWSER_RECOVERING, 0, {
        [BROWSER_EVENT_DONE] = BROWSER_STEP_FAILED,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_ENDING
    } },

    [BROWSER_STEP_ENDING] = { "ending", BROWSER_STOPPING, 0, {
        BROWSER_STOP_FIRST,
        [BROWSER_EVENT_DONE] = BROWSER_STEP_STOPPED
    } },

    [BROWSER_STEP_WAITING] = { "waiting", BROWSER_RECOVERING, 0, {
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_CLEARING,
        [BROWSER_EVENT_RESTART] = BROWSER_STEP_CLEARING,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_STOPPED
    } },

    [BROWSER_STEP_FAILED] = { "failed", BROWSER_FAILED, BROWSER_RETRY_MS, {
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_CLEARING,
        [BROWSER_EVENT_START] = BROWSER_STEP_CLEARING,
        [BROWSER_EVENT_RESTART] = BROWSER_STEP_CLEARING,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_STOPPED
    } }
};


static const char *const  browser_event_names[BROWSER_EVENTS] = {
    [BROWSER_EVENT_NONE] = "none",
    [BROWSER_EVENT_START] = "start",
    [BROWSER_EVENT_STOP] = "stop",
    [BROWSER_EVENT_RESTART] = "restart",
    [BROWSER_EVENT_LAUNCH] = "launch",
    [BROWSER_EVENT_RENEW] = "renew",
    [BROWSER_EVENT_DONE] = "done",
    [BROWSER_EVENT_ERROR] = "error",
    [BROWSER_EVENT_IMPOSSIBLE] = "impossible",
    [BROWSER_EVENT_TIMEOUT] = "timeout",
    [BROWSER_EVENT_LOST] = "lost",
    [BROWSER_EVENT_IN_USE] = "in_use",
    [BROWSER_EVENT_SILENT] = "silent",
    [BROWSER_EVENT_WORN] = "worn"
};


static const char *const  browser_state_names[BROWSER_STATES] = {
    [BROWSER_STOPPED] = "stopped",
    [BROWSER_STARTING] = "starting",
    [BROWSER_OFFERED] = "offered",
    [BROWSER_RUNNING] = "running",
    [BROWSER_RENEWING] = "renewing",
    [BROWSER_RECOVERING] = "recovering",
    [BROWSER_FAILED] = "failed",
    [BROWSER_STOPPING] = "stopping"
};


enum browser_step
browser_step_next(enum browser_step step, enum browser_event event)
{
    return browser_rows[step].next[event];
}


unsigned
browser_step_timeout(enum browser_step step)
{
    return browser_rows[step].timeout;
}


bool
browser_step_closes(enum browser_step step)
{
    return step == BROWSER_STEP_CLOSING || step == BROWSER_STEP_RENEWING
           || step == BROWSER_STEP_QUITTING;
}


enum browser_state
browser_step_state(enum browser_step step)
{
    return browser_rows[step].state;
}


const char *
browser_state_name(enum browser_state state)
{
    return browser_state_names[state];
}


const char *
browser_step_name(enum browser_step step)
{
    return browser_rows[step].name;
}


const char *
browser_event_name(enum browser_event event)
{
    return browser_event_names[event];
}
