/*
 * The life of a tab: one table of steps, one of what too many events of a kind
 * become, and the rules that end a count.
 *
 * A row of tab_rows is a step with its name, the state that others see,
 * its time limit, and the step that follows each event; an event that is not
 * in a row is ignored in that step.  A step without a limit there sets its own
 * timer, or ends by itself.
 *
 * Trouble is met with the smallest repair first: the page is loaded anew, then
 * another one takes its place, then the tab starts anew after a back-off, and
 * so does its browser if it has no other page, then the tab has failed and is
 * tried again after minutes.  A browser that other pages use is replaced only
 * if it does not answer, or if none of them has a network.
 *
 * A page that is well and is to be replaced, as it takes too much memory,
 * gives way to another one in the same browser.
 *
 * A boot ends in one of four verdicts.  A page whose scripts do not come is
 * loaded again and again; so is one that does not get ready, after its process
 * was replaced.  One that is ready and lacks something vital goes the same way
 * once and is then left alone as "incompatible", to be tried again after
 * minutes.
 */

#include <stddef.h>
#include <stdint.h>

#include "chrome/tab_state.h"


#define TAB_RUNGS     4
#define TAB_RETRY_MS  (5 * 60 * 1000)   /* after a failure for good */
#define TAB_HEALTH_MS (10 * 60 * 1000)  /* up without trouble */

/* a step has this bit in a set of steps */

#define TAB_BIT(step)  (UINT64_C(1) << (step))
#define TAB_ANY        (TAB_BIT(TAB_STEPS) - 1)

/* events that end every step in which the tab needs its browser */

#define TAB_GUEST                                                             \
    [TAB_EVENT_STOP] = TAB_STEP_LEAVING,                                      \
    [TAB_EVENT_BROWSER_LOST] = TAB_STEP_ORPHANED,                             \
    [TAB_EVENT_BROWSER_RENEWING] = TAB_STEP_EVICTED,                          \
    [TAB_EVENT_BROWSER_FAILED] = TAB_STEP_FAILED

/* events that may happen to every page */

#define TAB_PAGE                                                              \
    TAB_GUEST,                                                                \
    [TAB_EVENT_RESTART] = TAB_STEP_REPLACING,                                 \
    [TAB_EVENT_WORN] = TAB_STEP_REPLACING,                                    \
    [TAB_EVENT_PAGE_CRASHED] = TAB_STEP_LOADING,                              \
    [TAB_EVENT_PAGE_CLOSED] = TAB_STEP_OPENING

/* events that may happen to a page that is being set up */

#define TAB_OPENED                                                            \
    TAB_GUEST,                                                                \
    [TAB_EVENT_RESTART] = TAB_STEP_REPLACING,                                 \
    [TAB_EVENT_DONE] = TAB_STEP_LOADING,                                      \
    [TAB_EVENT_ERROR] = TAB_STEP_SUSPECTING,                                  \
    [TAB_EVENT_TIMEOUT] = TAB_STEP_SUSPECTING,                                \
    [TAB_EVENT_PAGE_CRASHED] = TAB_STEP_REPLACING,                            \
    [TAB_EVENT_PAGE_CLOSED] = TAB_STEP_REPLACING

/* events that may happen to a page that is on its way to its URL */

#define TAB_ON_ITS_WAY                                                        \
    TAB_PAGE,                                                                 \
    [TAB_EVENT_PAGE_UP] = TAB_STEP_BOOTING,                                   \
    [TAB_EVENT_PAGE_UNREACHABLE] = TAB_STEP_UNREACHABLE,                      \
    [TAB_EVENT_ERROR] = TAB_STEP_REPLACING

/* events that may happen to a page that has a bridge */

#define TAB_HAS_BRIDGE                                                        \
    TAB_PAGE,                                                                 \
    [TAB_EVENT_PAGE_LEFT] = TAB_STEP_ARRIVING,                                \
    [TAB_EVENT_PAGE_BROKEN] = TAB_STEP_FREEING,                               \
    [TAB_EVENT_PAGE_UNREACHABLE] = TAB_STEP_UNREACHABLE

/* events that may happen to a page whose bridge is called */

#define TAB_BRIDGED                                                           \
    TAB_HAS_BRIDGE,                                                           \
    [TAB_EVENT_PAGE_SILENT] = TAB_STEP_ASKING

/* the last wish of the owner waits until the tab is stopped */

#define TAB_STOP_FIRST                                                        \
    [TAB_EVENT_START] = TAB_STEP_LATER,                                       \
    [TAB_EVENT_STOP] = TAB_STEP_LATER,                                        \
    [TAB_EVENT_RESTART] = TAB_STEP_LATER,                                     \
    [TAB_EVENT_BROWSER_STOPPED] = TAB_STEP_STOPPED


struct tab_row {
    const char          *name;
    enum tab_state   state;
    unsigned             timeout;   /* ms */
    enum tab_step    next[TAB_EVENTS];
};


struct tab_escalation {
    uint64_t             steps;     /* in which it counts, a set */
    enum tab_event   event;
    size_t               counter;   /* member of struct tab_counts */

    /* what the first, second ... amounts to; the last one counts for all that
       follow */
    enum tab_event   amounts[TAB_RUNGS];
};


static const struct tab_row  tab_rows[TAB_STEPS] = {

    [TAB_STEP_STOPPED] = { "stopped", TAB_STOPPED, 0, {
        [TAB_EVENT_START] = TAB_STEP_CLEARING,
        [TAB_EVENT_RESTART] = TAB_STEP_CLEARING,
        [TAB_EVENT_STOP] = TAB_STEP_STOPPED
    } },

    /* begins anew as long as there are orphans */
    [TAB_STEP_CLEARING] = { "clearing", TAB_STARTING, 250, {
        [TAB_EVENT_DONE] = TAB_STEP_JOINING,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_CLEARING,
        [TAB_EVENT_IMPOSSIBLE] = TAB_STEP_FAILED,
        [TAB_EVENT_STOP] = TAB_STEP_LEAVING
    } },

    [TAB_STEP_JOINING] = { "joining", TAB_STARTING, 0, {
        TAB_GUEST,
        [TAB_EVENT_IMPOSSIBLE] = TAB_STEP_FAILED,
        [TAB_EVENT_BROWSER_OFFERED] = TAB_STEP_QUEUED,
        [TAB_EVENT_BROWSER_RUNNING] = TAB_STEP_QUEUED
    } },

    /* a restart that is asked for ends the browser's back-off */
    [TAB_STEP_ORPHANED] = { "orphaned", TAB_RECOVERING, 0, {
        TAB_GUEST,
        [TAB_EVENT_RESTART] = TAB_STEP_ORPHANED,
        [TAB_EVENT_BROWSER_STARTING] = TAB_STEP_CLEARING,
        [TAB_EVENT_BROWSER_OFFERED] = TAB_STEP_CLEARING,
        [TAB_EVENT_BROWSER_RUNNING] = TAB_STEP_CLEARING
    } },

    [TAB_STEP_EVICTED] = { "evicted", TAB_RENEWING, 0, {
        TAB_GUEST,
        [TAB_EVENT_BROWSER_STARTING] = TAB_STEP_CLEARING,
        [TAB_EVENT_BROWSER_OFFERED] = TAB_STEP_CLEARING,
        [TAB_EVENT_BROWSER_RUNNING] = TAB_STEP_CLEARING
    } },

    [TAB_STEP_QUEUED] = { "queued", TAB_STARTING, 0, {
        TAB_GUEST,
        [TAB_EVENT_DONE] = TAB_STEP_ENTERING,
        [TAB_EVENT_IMPOSSIBLE] = TAB_STEP_FAILED
    } },

    [TAB_STEP_ENTERING] = { "entering", TAB_STARTING, 0, {
        TAB_GUEST,
        [TAB_EVENT_BROWSER_OFFERED] = TAB_STEP_ENTERING,
        [TAB_EVENT_BROWSER_RUNNING] = TAB_STEP_OPENING
    } },

    [TAB_STEP_OPENING] = { "opening", TAB_STARTING, 30000, {
        TAB_OPENED
    } },

    /* the script of a page that does not load is stopped before anything else:
       Chrome accepts the reload of a hung page and then nothing more */
    [TAB_STEP_LOADING] = { "loading", TAB_STARTING, 0, {
        TAB_ON_ITS_WAY,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_FREEING
    } },

    /* a script that can't be stopped keeps the renderer from loading: the step
       is not given the time that a slow network is */
    [TAB_STEP_REVIVING] = { "reviving", TAB_RECOVERING, 10000, {
        TAB_ON_ITS_WAY,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_RENEWING
    } },

    [TAB_STEP_ARRIVING] = { "arriving", TAB_RECOVERING, 0, {
        TAB_ON_ITS_WAY,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_FREEING
    } },

    /* the bridge waits as long as the page's scripts come, one by one */
    [TAB_STEP_BOOTING] = { "booting", TAB_BOOTING, 180000, {
        TAB_BRIDGED,
        [TAB_EVENT_BOOT_OK] = TAB_STEP_UP,
        [TAB_EVENT_BOOT_FAILED] = TAB_STEP_FREEING,
        [TAB_EVENT_BOOT_STUCK] = TAB_STEP_FREEING,
        [TAB_EVENT_BOOT_ABSENT] = TAB_STEP_UNREACHABLE,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_FREEING,
        [TAB_EVENT_HOPELESS] = TAB_STEP_INCOMPATIBLE
    } },

    /* the time limit is that of health: the step begins anew and its past is
       forgotten; a linked account makes the bridge give another verdict */
    [TAB_STEP_UP] = { "up", TAB_UP, TAB_HEALTH_MS, {
        TAB_BRIDGED,
        [TAB_EVENT_RENEW] = TAB_STEP_EXCHANGING,
        [TAB_EVENT_BOOT_FAILED] = TAB_STEP_FREEING,
        [TAB_EVENT_PAGE_LATE] = TAB_STEP_DOUBTING,
        [TAB_EVENT_PAGE_STALLED] = TAB_STEP_STALLED,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_UP
    } },

    /* a browser that does not answer is at fault, whatever the page does */
    [TAB_STEP_DOUBTING] = { "doubting", TAB_DOUBTED, 5000, {
        TAB_HAS_BRIDGE,
        [TAB_EVENT_PAGE_ANSWERED] = TAB_STEP_UP,
        [TAB_EVENT_DONE] = TAB_STEP_AWAITING,
        [TAB_EVENT_ERROR] = TAB_STEP_DENOUNCING,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_DENOUNCING
    } },

    [TAB_STEP_AWAITING] = { "awaiting", TAB_DOUBTED, 8000, {
        TAB_HAS_BRIDGE,
        [TAB_EVENT_PAGE_ANSWERED] = TAB_STEP_UP,
        [TAB_EVENT_PAGE_SILENT] = TAB_STEP_FREEING,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_FREEING
    } },

    /* a page that can fetch something is loaded anew, as its connection to
       WhatsApp may be at fault; one that can't has no network, or its browser
       has none, which Chromium does not repair */
    [TAB_STEP_STALLED] = { "stalled", TAB_DOUBTED, 5000, {
        TAB_HAS_BRIDGE,
        [TAB_EVENT_PAGE_SILENT] = TAB_STEP_ASKING,
        [TAB_EVENT_DONE] = TAB_STEP_FREEING,
        [TAB_EVENT_ERROR] = TAB_STEP_COMPARING,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_COMPARING
    } },

    [TAB_STEP_COMPARING] = { "comparing", TAB_RECOVERING, 5000, {
        TAB_PAGE,
        [TAB_EVENT_DONE] = TAB_STEP_REPLACING,
        [TAB_EVENT_ERROR] = TAB_STEP_DENOUNCING,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_DENOUNCING
    } },

    /* what is missing may come late, or with the next version of the page */
    [TAB_STEP_INCOMPATIBLE] = { "incompatible", TAB_INCOMPATIBLE,
                                TAB_RETRY_MS, {
        TAB_BRIDGED,
        [TAB_EVENT_BOOT_OK] = TAB_STEP_UP,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_FREEING
    } },

    /* what was given up may come after all */
    [TAB_STEP_UNREACHABLE] = { "unreachable", TAB_RECOVERING, 0, {
        TAB_PAGE,
        [TAB_EVENT_BOOT_OK] = TAB_STEP_UP,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_LOADING
    } },

    [TAB_STEP_ASKING] = { "asking", TAB_RECOVERING, 10000, {
        TAB_PAGE,
        [TAB_EVENT_DONE] = TAB_STEP_FREEING,
        [TAB_EVENT_ERROR] = TAB_STEP_DENOUNCING,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_DENOUNCING
    } },

    [TAB_STEP_SUSPECTING] = { "suspecting", TAB_RECOVERING, 10000, {
        TAB_GUEST,
        [TAB_EVENT_RESTART] = TAB_STEP_REPLACING,
        [TAB_EVENT_DONE] = TAB_STEP_REPLACING,
        [TAB_EVENT_ERROR] = TAB_STEP_DENOUNCING,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_DENOUNCING
    } },

    [TAB_STEP_FREEING] = { "freeing", TAB_RECOVERING, 2000, {
        TAB_PAGE,
        [TAB_EVENT_DONE] = TAB_STEP_REVIVING,
        [TAB_EVENT_ERROR] = TAB_STEP_RENEWING,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_RENEWING
    } },

    /* the page that hangs is closed when the new one is there, and its
       renderer ends with it */
    [TAB_STEP_RENEWING] = { "renewing", TAB_RECOVERING, 15000, {
        TAB_OPENED
    } },

    [TAB_STEP_EXCHANGING] = { "exchanging", TAB_RENEWING, 15000, {
        TAB_OPENED
    } },

    /* a browser without another page is replaced with it, which it tells */
    [TAB_STEP_REPLACING] = { "replacing", TAB_RECOVERING, 15000, {
        TAB_GUEST,
        [TAB_EVENT_DONE] = TAB_STEP_PAUSING,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_PAUSING
    } },

    [TAB_STEP_DENOUNCING] = { "denouncing", TAB_RECOVERING, 15000, {
        TAB_GUEST,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_REPLACING
    } },

    [TAB_STEP_PAUSING] = { "pausing", TAB_RECOVERING, 0, {
        TAB_GUEST,
        [TAB_EVENT_RESTART] = TAB_STEP_JOINING,
        [TAB_EVENT_IMPOSSIBLE] = TAB_STEP_FAILED,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_JOINING
    } },

    /* without another tab it lasts until the browser is stopped */
    [TAB_STEP_LEAVING] = { "leaving", TAB_STOPPING, 0, {
        TAB_STOP_FIRST,
        [TAB_EVENT_DONE] = TAB_STEP_PARTING,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_PARTING
    } },

    [TAB_STEP_PARTING] = { "parting", TAB_STOPPING, 1000, {
        TAB_STOP_FIRST,
        [TAB_EVENT_TIMEOUT] = TAB_STEP_STOPPED
    } },

    [TAB_STEP_FAILED] = { "failed", TAB_FAILED, TAB_RETRY_MS, {
        [TAB_EVENT_TIMEOUT] = TAB_STEP_CLEARING,
        [TAB_EVENT_START] = TAB_STEP_CLEARING,
        [TAB_EVENT_RESTART] = TAB_STEP_CLEARING,
        [TAB_EVENT_BROWSER_STARTING] = TAB_STEP_CLEARING,
        [TAB_EVENT_STOP] = TAB_STEP_LEAVING
    } }
};


#define TAB_COUNTER(member)  offsetof(struct tab_counts, member)

#define TAB_REPAIR(event)                                                 \
    TAB_ANY, event,                 \
    TAB_COUNTER(repairs), { event, event, event, TAB_EVENT_WORN }

#define TAB_BOOT(event)                                                   \
    TAB_BIT(TAB_STEP_BOOTING), event, TAB_COUNTER(boots),         \
    { event, TAB_EVENT_WORN, TAB_EVENT_PAGE_UNREACHABLE }


static const struct tab_escalation  tab_escalations[] = {

    /* repairs that follow each other too fast */

    { TAB_REPAIR(TAB_EVENT_PAGE_CRASHED) },
    { TAB_REPAIR(TAB_EVENT_PAGE_CLOSED) },
    { TAB_REPAIR(TAB_EVENT_PAGE_SILENT) },
    { TAB_REPAIR(TAB_EVENT_PAGE_BROKEN) },
    { TAB_REPAIR(TAB_EVENT_PAGE_STALLED) },

    /* a second load without a bridge is the browser's fault */

    { TAB_BIT(TAB_STEP_LOADING) | TAB_BIT(TAB_STEP_ARRIVING),
      TAB_EVENT_TIMEOUT, TAB_COUNTER(loads),
      { TAB_EVENT_TIMEOUT, TAB_EVENT_ERROR } },

    /* boots: the page is loaded anew, the process replaced, and then the page
       is left alone, or loaded anew for ever */

    { TAB_BIT(TAB_STEP_BOOTING) | TAB_BIT(TAB_STEP_UP),
      TAB_EVENT_BOOT_FAILED, TAB_COUNTER(boots),
      { TAB_EVENT_BOOT_FAILED, TAB_EVENT_WORN,
        TAB_EVENT_HOPELESS } },

    { TAB_BOOT(TAB_EVENT_BOOT_STUCK) },
    { TAB_BOOT(TAB_EVENT_TIMEOUT) }
};


static const char *const  tab_event_names[TAB_EVENTS] = {
    [TAB_EVENT_NONE] = "none",
    [TAB_EVENT_START] = "start",
    [TAB_EVENT_STOP] = "stop",
    [TAB_EVENT_RESTART] = "restart",
    [TAB_EVENT_RENEW] = "renew",
    [TAB_EVENT_DONE] = "done",
    [TAB_EVENT_ERROR] = "error",
    [TAB_EVENT_IMPOSSIBLE] = "impossible",
    [TAB_EVENT_TIMEOUT] = "timeout",
    [TAB_EVENT_PAGE_UP] = "page_up",
    [TAB_EVENT_PAGE_LEFT] = "page_left",
    [TAB_EVENT_PAGE_BROKEN] = "page_broken",
    [TAB_EVENT_PAGE_LATE] = "page_late",
    [TAB_EVENT_PAGE_ANSWERED] = "page_answered",
    [TAB_EVENT_PAGE_SILENT] = "page_silent",
    [TAB_EVENT_PAGE_STALLED] = "page_stalled",
    [TAB_EVENT_PAGE_UNREACHABLE] = "page_unreachable",
    [TAB_EVENT_PAGE_CRASHED] = "page_crashed",
    [TAB_EVENT_PAGE_CLOSED] = "page_closed",
    [TAB_EVENT_BOOT_OK] = "boot_ok",
    [TAB_EVENT_BOOT_FAILED] = "boot_failed",
    [TAB_EVENT_BOOT_STUCK] = "boot_stuck",
    [TAB_EVENT_BOOT_ABSENT] = "boot_absent",
    [TAB_EVENT_BROWSER_OFFERED] = "browser_offered",
    [TAB_EVENT_BROWSER_RUNNING] = "browser_running",
    [TAB_EVENT_BROWSER_LOST] = "browser_lost",
    [TAB_EVENT_BROWSER_RENEWING] = "browser_renewing",
    [TAB_EVENT_BROWSER_FAILED] = "browser_failed",
    [TAB_EVENT_BROWSER_STARTING] = "browser_starting",
    [TAB_EVENT_BROWSER_STOPPED] = "browser_stopped",
    [TAB_EVENT_WORN] = "worn",
    [TAB_EVENT_HOPELESS] = "hopeless"
};


static const char *const  tab_state_names[TAB_STATES] = {
    [TAB_STOPPED] = "stopped",
    [TAB_STARTING] = "starting",
    [TAB_BOOTING] = "booting",
    [TAB_UP] = "up",
    [TAB_DOUBTED] = "doubted",
    [TAB_RENEWING] = "renewing",
    [TAB_RECOVERING] = "recovering",
    [TAB_INCOMPATIBLE] = "incompatible",
    [TAB_FAILED] = "failed",
    [TAB_STOPPING] = "stopping"
};


enum tab_step
tab_step_next(enum tab_step step, enum tab_event event)
{
    return tab_rows[step].next[event];
}


enum tab_event
tab_event_count(struct tab_counts *counts, enum tab_step step,
    enum tab_event event)
{
    size_t                        i, rung;
    unsigned                     *count;
    const struct tab_escalation  *row;

    for (i = 0;
         i < sizeof(tab_escalations) / sizeof(tab_escalations[0]);
         i++)
    {
        row = &tab_escalations[i];

        if (row->event != event || !(row->steps & TAB_BIT(step))) {
            continue;
        }

        count = (unsigned *) ((char *) counts + row->counter);

        for (rung = 0; rung < *count && rung < TAB_RUNGS - 1; rung++) {
            if (row->amounts[rung + 1] == TAB_EVENT_NONE) {
                break;
            }
        }

        (*count)++;

        return row->amounts[rung];
    }

    return event;
}


void
tab_counts_reset(struct tab_counts *counts, enum tab_step from,
    enum tab_step to)
{
    switch (to) {

    case TAB_STEP_STOPPED:
    case TAB_STEP_FAILED:
        *counts = (struct tab_counts) { 0 };
        break;

    case TAB_STEP_ENTERING:
        counts->repairs = 0;
        counts->loads = 0;
        break;

    case TAB_STEP_BOOTING:
        counts->loads = 0;
        break;

    case TAB_STEP_UP:
        counts->boots = 0;

        if (from == TAB_STEP_UP) {
            counts->repairs = 0;
        }

        break;

    default:
        break;
    }
}


unsigned
tab_step_timeout(enum tab_step step)
{
    return tab_rows[step].timeout;
}


bool
tab_step_bridged(enum tab_step step)
{
    return step == TAB_STEP_BOOTING || step == TAB_STEP_UP
           || step == TAB_STEP_INCOMPATIBLE;
}


enum tab_state
tab_step_state(enum tab_step step)
{
    return tab_rows[step].state;
}


const char *
tab_state_name(enum tab_state state)
{
    return tab_state_names[state];
}


const char *
tab_step_name(enum tab_step step)
{
    return tab_rows[step].name;
}


const char *
tab_event_name(enum tab_event event)
{
    return tab_event_names[event];
}
