/*
 * The life of a browser: one table of steps, one of what too many events of a
 * kind become, and the rules that end a count.
 *
 * A row of browser_rows is a step with its name, the state that others see,
 * its time limit, and the step that follows each event; an event that is not
 * in a row is ignored in that step.  A step without a limit there sets its own
 * timer, or ends by itself.
 *
 * Trouble is met with the smallest repair first: the page is loaded anew, then
 * its renderer is killed, then the process is replaced after a back-off, then
 * the browser has failed and is tried again after minutes.
 *
 * A boot ends in one of four verdicts.  A page whose scripts do not come is
 * loaded again and again; so is one that does not get ready, after its process
 * was replaced.  One that is ready and lacks something vital goes the same way
 * once and is then left alone as "incompatible", to be tried again after
 * minutes.
 */

#include <stddef.h>
#include <stdint.h>

#include "chrome/browser_state.h"


#define BROWSER_RUNGS     4
#define BROWSER_RETRY_MS  (5 * 60 * 1000)   /* after a failure for good */
#define BROWSER_HEALTH_MS (10 * 60 * 1000)  /* up without trouble */

/* a step has this bit in a set of steps */

#define BROWSER_BIT(step)  (1u << (step))
#define BROWSER_ANY        (BROWSER_BIT(BROWSER_STEPS) - 1)

/* events that end every step in which a process lives */

#define BROWSER_ALIVE                                                         \
    [BROWSER_EVENT_STOP] = BROWSER_STEP_QUITTING,                             \
    [BROWSER_EVENT_RESTART] = BROWSER_STEP_CLOSING,                           \
    [BROWSER_EVENT_WORN] = BROWSER_STEP_CLOSING,                              \
    [BROWSER_EVENT_LOST] = BROWSER_STEP_KILLING,                              \
    [BROWSER_EVENT_IN_USE] = BROWSER_STEP_ABANDONING

/* events that may happen to every page */

#define BROWSER_PAGE                                                          \
    BROWSER_ALIVE,                                                            \
    [BROWSER_EVENT_PAGE_CRASHED] = BROWSER_STEP_LOADING,                      \
    [BROWSER_EVENT_PAGE_CLOSED] = BROWSER_STEP_OPENING

/* events that may happen to a page that is on its way to its URL */

#define BROWSER_ON_ITS_WAY                                                    \
    BROWSER_PAGE,                                                             \
    [BROWSER_EVENT_PAGE_UP] = BROWSER_STEP_BOOTING,                           \
    [BROWSER_EVENT_PAGE_UNREACHABLE] = BROWSER_STEP_UNREACHABLE,              \
    [BROWSER_EVENT_ERROR] = BROWSER_STEP_CLOSING

/* events that may happen to a page that has a bridge */

#define BROWSER_HAS_BRIDGE                                                    \
    BROWSER_PAGE,                                                             \
    [BROWSER_EVENT_PAGE_LEFT] = BROWSER_STEP_ARRIVING,                        \
    [BROWSER_EVENT_PAGE_BROKEN] = BROWSER_STEP_FREEING,                       \
    [BROWSER_EVENT_PAGE_UNREACHABLE] = BROWSER_STEP_UNREACHABLE

/* events that may happen to a page whose bridge is called */

#define BROWSER_BRIDGED                                                       \
    BROWSER_HAS_BRIDGE,                                                       \
    [BROWSER_EVENT_PAGE_SILENT] = BROWSER_STEP_ASKING

/* events of a step in which the browser was asked to close, to start anew */

#define BROWSER_ASKED_TO_CLOSE                                                \
    [BROWSER_EVENT_ERROR] = BROWSER_STEP_KILLING,                             \
    [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_KILLING,                           \
    [BROWSER_EVENT_LOST] = BROWSER_STEP_KILLING,                              \
    [BROWSER_EVENT_IN_USE] = BROWSER_STEP_ABANDONING,                         \
    [BROWSER_EVENT_STOP] = BROWSER_STEP_ENDING

/* the last wish of the owner waits until the browser is stopped */

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


struct browser_escalation {
    uint32_t             steps;     /* in which it counts, a set */
    enum browser_event   event;
    size_t               counter;   /* member of struct browser_counts */

    /* what the first, second ... amounts to; the last one counts for all that
       follow */
    enum browser_event   amounts[BROWSER_RUNGS];
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
        [BROWSER_EVENT_DONE] = BROWSER_STEP_QUEUED,
        [BROWSER_EVENT_IMPOSSIBLE] = BROWSER_STEP_FAILED,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_STOPPED
    } },

    [BROWSER_STEP_QUEUED] = { "queued", BROWSER_STARTING, 0, {
        [BROWSER_EVENT_DONE] = BROWSER_STEP_LAUNCHING,
        [BROWSER_EVENT_STOP] = BROWSER_STEP_STOPPED
    } },

    [BROWSER_STEP_LAUNCHING] = { "launching", BROWSER_STARTING, 0, {
        BROWSER_ALIVE,
        [BROWSER_EVENT_DONE] = BROWSER_STEP_OPENING,
        [BROWSER_EVENT_IMPOSSIBLE] = BROWSER_STEP_FAILED
    } },

    [BROWSER_STEP_OPENING] = { "opening", BROWSER_STARTING, 30000, {
        BROWSER_ALIVE,
        [BROWSER_EVENT_DONE] = BROWSER_STEP_LOADING,
        [BROWSER_EVENT_ERROR] = BROWSER_STEP_KILLING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_KILLING,
        [BROWSER_EVENT_PAGE_CRASHED] = BROWSER_STEP_CLOSING,
        [BROWSER_EVENT_PAGE_CLOSED] = BROWSER_STEP_CLOSING
    } },

    /* the script of a page that does not load is stopped before anything else:
       Chrome accepts the reload of a hung page and then nothing more */
    [BROWSER_STEP_LOADING] = { "loading", BROWSER_STARTING, 0, {
        BROWSER_ON_ITS_WAY,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_FREEING
    } },

    /* a script that can't be stopped keeps the renderer from loading: the step
       is not given the time that a slow network is */
    [BROWSER_STEP_REVIVING] = { "reviving", BROWSER_RECOVERING, 10000, {
        BROWSER_ON_ITS_WAY,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_SHOOTING
    } },

    [BROWSER_STEP_ARRIVING] = { "arriving", BROWSER_RECOVERING, 0, {
        BROWSER_ON_ITS_WAY,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_FREEING
    } },

    /* the bridge waits as long as the page's scripts come, one by one */
    [BROWSER_STEP_BOOTING] = { "booting", BROWSER_BOOTING, 180000, {
        BROWSER_BRIDGED,
        [BROWSER_EVENT_BOOT_OK] = BROWSER_STEP_UP,
        [BROWSER_EVENT_BOOT_FAILED] = BROWSER_STEP_FREEING,
        [BROWSER_EVENT_BOOT_STUCK] = BROWSER_STEP_FREEING,
        [BROWSER_EVENT_BOOT_ABSENT] = BROWSER_STEP_UNREACHABLE,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_FREEING,
        [BROWSER_EVENT_HOPELESS] = BROWSER_STEP_INCOMPATIBLE
    } },

    /* the time limit is that of health: the step begins anew and its past is
       forgotten; a linked account makes the bridge give another verdict */
    [BROWSER_STEP_UP] = { "up", BROWSER_UP, BROWSER_HEALTH_MS, {
        BROWSER_BRIDGED,
        [BROWSER_EVENT_BOOT_FAILED] = BROWSER_STEP_FREEING,
        [BROWSER_EVENT_PAGE_LATE] = BROWSER_STEP_DOUBTING,
        [BROWSER_EVENT_PAGE_STALLED] = BROWSER_STEP_STALLED,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_UP
    } },

    /* a browser that does not answer is at fault, whatever the page does */
    [BROWSER_STEP_DOUBTING] = { "doubting", BROWSER_DOUBTED, 5000, {
        BROWSER_HAS_BRIDGE,
        [BROWSER_EVENT_PAGE_ANSWERED] = BROWSER_STEP_UP,
        [BROWSER_EVENT_DONE] = BROWSER_STEP_AWAITING,
        [BROWSER_EVENT_ERROR] = BROWSER_STEP_KILLING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_KILLING
    } },

    [BROWSER_STEP_AWAITING] = { "awaiting", BROWSER_DOUBTED, 8000, {
        BROWSER_HAS_BRIDGE,
        [BROWSER_EVENT_PAGE_ANSWERED] = BROWSER_STEP_UP,
        [BROWSER_EVENT_PAGE_SILENT] = BROWSER_STEP_FREEING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_FREEING
    } },

    /* a page that can fetch something is loaded anew, as its connection to
       WhatsApp may be at fault; one that can't has a browser without network,
       which Chrome does not repair */
    [BROWSER_STEP_STALLED] = { "stalled", BROWSER_DOUBTED, 5000, {
        BROWSER_HAS_BRIDGE,
        [BROWSER_EVENT_PAGE_SILENT] = BROWSER_STEP_ASKING,
        [BROWSER_EVENT_DONE] = BROWSER_STEP_FREEING,
        [BROWSER_EVENT_ERROR] = BROWSER_STEP_CLOSING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_CLOSING
    } },

    /* what is missing may come late, or with the next version of the page */
    [BROWSER_STEP_INCOMPATIBLE] = { "incompatible", BROWSER_INCOMPATIBLE,
                                    BROWSER_RETRY_MS, {
        BROWSER_BRIDGED,
        [BROWSER_EVENT_BOOT_OK] = BROWSER_STEP_UP,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_FREEING
    } },

    /* what was given up may come after all */
    [BROWSER_STEP_UNREACHABLE] = { "unreachable", BROWSER_RECOVERING, 0, {
        BROWSER_PAGE,
        [BROWSER_EVENT_BOOT_OK] = BROWSER_STEP_UP,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_LOADING
    } },

    [BROWSER_STEP_ASKING] = { "asking", BROWSER_RECOVERING, 10000, {
        BROWSER_PAGE,
        [BROWSER_EVENT_DONE] = BROWSER_STEP_FREEING,
        [BROWSER_EVENT_ERROR] = BROWSER_STEP_KILLING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_KILLING
    } },

    [BROWSER_STEP_FREEING] = { "freeing", BROWSER_RECOVERING, 2000, {
        BROWSER_PAGE,
        [BROWSER_EVENT_DONE] = BROWSER_STEP_REVIVING,
        [BROWSER_EVENT_ERROR] = BROWSER_STEP_SHOOTING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_SHOOTING
    } },

    [BROWSER_STEP_SHOOTING] = { "shooting", BROWSER_RECOVERING, 5000, {
        BROWSER_PAGE,
        [BROWSER_EVENT_ERROR] = BROWSER_STEP_CLOSING,
        [BROWSER_EVENT_TIMEOUT] = BROWSER_STEP_CLOSING
    } },

    [BROWSER_STEP_CLOSING] = { "closing", BROWSER_RECOVERING, 5000, {
        BROWSER_ASKED_TO_CLOSE
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


#define BROWSER_COUNTER(member)  offsetof(struct browser_counts, member)

#define BROWSER_REPAIR(event)                                                 \
    BROWSER_ANY & ~BROWSER_BIT(BROWSER_STEP_SHOOTING), event,                 \
    BROWSER_COUNTER(repairs), { event, event, event, BROWSER_EVENT_WORN }

#define BROWSER_BOOT(event)                                                   \
    BROWSER_BIT(BROWSER_STEP_BOOTING), event, BROWSER_COUNTER(boots),         \
    { event, BROWSER_EVENT_WORN, BROWSER_EVENT_PAGE_UNREACHABLE }


static const struct browser_escalation  browser_escalations[] = {

    /* repairs that follow each other too fast */

    { BROWSER_REPAIR(BROWSER_EVENT_PAGE_CRASHED) },
    { BROWSER_REPAIR(BROWSER_EVENT_PAGE_CLOSED) },
    { BROWSER_REPAIR(BROWSER_EVENT_PAGE_SILENT) },
    { BROWSER_REPAIR(BROWSER_EVENT_PAGE_BROKEN) },
    { BROWSER_REPAIR(BROWSER_EVENT_PAGE_STALLED) },

    /* a second load without a bridge is the browser's fault */

    { BROWSER_BIT(BROWSER_STEP_LOADING) | BROWSER_BIT(BROWSER_STEP_ARRIVING),
      BROWSER_EVENT_TIMEOUT, BROWSER_COUNTER(loads),
      { BROWSER_EVENT_TIMEOUT, BROWSER_EVENT_ERROR } },

    /* boots: the page is loaded anew, the process replaced, and then the page
       is left alone, or loaded anew for ever */

    { BROWSER_BIT(BROWSER_STEP_BOOTING) | BROWSER_BIT(BROWSER_STEP_UP),
      BROWSER_EVENT_BOOT_FAILED, BROWSER_COUNTER(boots),
      { BROWSER_EVENT_BOOT_FAILED, BROWSER_EVENT_WORN,
        BROWSER_EVENT_HOPELESS } },

    { BROWSER_BOOT(BROWSER_EVENT_BOOT_STUCK) },
    { BROWSER_BOOT(BROWSER_EVENT_TIMEOUT) }
};


static const char *const  browser_event_names[BROWSER_EVENTS] = {
    [BROWSER_EVENT_NONE] = "none",
    [BROWSER_EVENT_START] = "start",
    [BROWSER_EVENT_STOP] = "stop",
    [BROWSER_EVENT_RESTART] = "restart",
    [BROWSER_EVENT_DONE] = "done",
    [BROWSER_EVENT_ERROR] = "error",
    [BROWSER_EVENT_IMPOSSIBLE] = "impossible",
    [BROWSER_EVENT_TIMEOUT] = "timeout",
    [BROWSER_EVENT_PAGE_UP] = "page_up",
    [BROWSER_EVENT_PAGE_LEFT] = "page_left",
    [BROWSER_EVENT_PAGE_BROKEN] = "page_broken",
    [BROWSER_EVENT_PAGE_LATE] = "page_late",
    [BROWSER_EVENT_PAGE_ANSWERED] = "page_answered",
    [BROWSER_EVENT_PAGE_SILENT] = "page_silent",
    [BROWSER_EVENT_PAGE_STALLED] = "page_stalled",
    [BROWSER_EVENT_PAGE_UNREACHABLE] = "page_unreachable",
    [BROWSER_EVENT_PAGE_CRASHED] = "page_crashed",
    [BROWSER_EVENT_PAGE_CLOSED] = "page_closed",
    [BROWSER_EVENT_BOOT_OK] = "boot_ok",
    [BROWSER_EVENT_BOOT_FAILED] = "boot_failed",
    [BROWSER_EVENT_BOOT_STUCK] = "boot_stuck",
    [BROWSER_EVENT_BOOT_ABSENT] = "boot_absent",
    [BROWSER_EVENT_LOST] = "lost",
    [BROWSER_EVENT_IN_USE] = "in_use",
    [BROWSER_EVENT_WORN] = "worn",
    [BROWSER_EVENT_HOPELESS] = "hopeless"
};


static const char *const  browser_state_names[BROWSER_STATES] = {
    [BROWSER_STOPPED] = "stopped",
    [BROWSER_STARTING] = "starting",
    [BROWSER_BOOTING] = "booting",
    [BROWSER_UP] = "up",
    [BROWSER_DOUBTED] = "doubted",
    [BROWSER_RECOVERING] = "recovering",
    [BROWSER_INCOMPATIBLE] = "incompatible",
    [BROWSER_FAILED] = "failed",
    [BROWSER_STOPPING] = "stopping"
};


enum browser_step
browser_step_next(enum browser_step step, enum browser_event event)
{
    return browser_rows[step].next[event];
}


enum browser_event
browser_event_count(struct browser_counts *counts, enum browser_step step,
    enum browser_event event)
{
    size_t                            i, rung;
    unsigned                         *count;
    const struct browser_escalation  *row;

    for (i = 0;
         i < sizeof(browser_escalations) / sizeof(browser_escalations[0]);
         i++)
    {
        row = &browser_escalations[i];

        if (row->event != event || !(row->steps & BROWSER_BIT(step))) {
            continue;
        }

        count = (unsigned *) ((char *) counts + row->counter);

        for (rung = 0; rung < *count && rung < BROWSER_RUNGS - 1; rung++) {
            if (row->amounts[rung + 1] == BROWSER_EVENT_NONE) {
                break;
            }
        }

        (*count)++;

        return row->amounts[rung];
    }

    return event;
}


void
browser_counts_reset(struct browser_counts *counts, enum browser_step from,
    enum browser_step to)
{
    switch (to) {

    case BROWSER_STEP_STOPPED:
    case BROWSER_STEP_FAILED:
        *counts = (struct browser_counts) { 0 };
        break;

    case BROWSER_STEP_LAUNCHING:
        counts->repairs = 0;
        counts->loads = 0;
        break;

    case BROWSER_STEP_BOOTING:
        counts->loads = 0;
        break;

    case BROWSER_STEP_UP:
        counts->boots = 0;

        if (from == BROWSER_STEP_UP) {
            counts->repairs = 0;
        }

        break;

    default:
        break;
    }
}


unsigned
browser_step_timeout(enum browser_step step)
{
    return browser_rows[step].timeout;
}


bool
browser_step_bridged(enum browser_step step)
{
    return step == BROWSER_STEP_BOOTING || step == BROWSER_STEP_UP
           || step == BROWSER_STEP_INCOMPATIBLE;
}


bool
browser_step_closes(enum browser_step step)
{
    return step == BROWSER_STEP_CLOSING || step == BROWSER_STEP_QUITTING;
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
