/*
 * A tab as a guest of its browser.
 *
 * What the browser does is dealt with at once, since the connection goes when
 * the browser has told it; the browser tells it at the top of the loop.
 */

#include "chrome/tab_events.h"


static void tab_browser_changed(void *ctx, enum browser_state state,
    const char *reason);
static void tab_page_opened(void *ctx, const char *target);
static void tab_page_closed(void *ctx);
static void tab_received(void *ctx, const char *session, const char *method,
    json_t *params);
static bool tab_fetch_for_other(void *ctx, cdp_answer_pt answer, void *arg);


const struct browser_guest_handlers  tab_guest_handlers = {
    tab_browser_changed,
    tab_page_opened,
    tab_page_closed,
    tab_received,
    tab_fetch_for_other
};


/* TAB_EVENT_NONE: what it means to a tab is told by another state */

static const enum tab_event  tab_browser_events[BROWSER_STATES] = {
    [BROWSER_STOPPED] = TAB_EVENT_BROWSER_STOPPED,
    [BROWSER_STARTING] = TAB_EVENT_BROWSER_STARTING,
    [BROWSER_OFFERED] = TAB_EVENT_BROWSER_OFFERED,
    [BROWSER_RUNNING] = TAB_EVENT_BROWSER_RUNNING,
    [BROWSER_RENEWING] = TAB_EVENT_BROWSER_RENEWING,
    [BROWSER_RECOVERING] = TAB_EVENT_BROWSER_LOST,
    [BROWSER_FAILED] = TAB_EVENT_BROWSER_FAILED,
    [BROWSER_STOPPING] = TAB_EVENT_NONE
};


static void
tab_browser_changed(void *ctx, enum browser_state state, const char *reason)
{
    struct tab                *t = ctx;
    const struct event_entry   entry = { tab_browser_events[state], reason,
                                         0 };

    tab_transition(t, &entry);
}


static void
tab_page_opened(void *ctx, const char *target)
{
    struct tab  *t = ctx;

    if (t->step != TAB_STEP_OPENING && t->step != TAB_STEP_RENEWING
        && t->step != TAB_STEP_EXCHANGING)
    {
        return;
    }

    if (target != NULL) {
        tab_open_page(t, target);

    } else {
        tab_post_step(t, TAB_EVENT_ERROR, "page_not_opened");
    }
}


static void
tab_page_closed(void *ctx)
{
    struct tab  *t = ctx;

    if (t->step == TAB_STEP_LEAVING || t->step == TAB_STEP_REPLACING) {
        tab_post_step(t, TAB_EVENT_DONE, NULL);
    }
}


static void
tab_received(void *ctx, const char *session, const char *method,
    json_t *params)
{
    struct tab  *t = ctx;

    if (t->page != NULL) {
        page_receive(t->page, session, method, params);
    }
}


static bool
tab_fetch_for_other(void *ctx, cdp_answer_pt answer, void *arg)
{
    struct tab  *t = ctx;

    return tab_bridged(t) && tab_fetch(t, answer, arg);
}
