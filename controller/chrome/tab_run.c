/*
 * What happens to a tab is an event in the queue of tab_events.c.  tab_run()
 * takes the events out at the top of the loop, looks up the step that follows
 * in the table of tab_state.c, and enters it by the function of tab_steps.c.
 */

#include "base/clock.h"
#include "chrome/tab_events.h"


static enum tab_event tab_count(struct tab *t, enum tab_event event);
static void tab_move(struct tab *t, enum tab_step next, const char *reason);
static void tab_set_reason(struct tab *t, const char *reason);
static void tab_report(struct tab *t);


void
tab_run(evutil_socket_t fd, short what, void *arg)
{
    struct tab          *t = arg;
    struct event_entry   entry;

    (void) fd;
    (void) what;

    while (event_queue_take(&t->queue, t->serial, &entry)) {
        tab_transition(t, &entry);
    }
}


void
tab_transition(struct tab *t, const struct event_entry *entry)
{
    enum tab_step   next;
    enum tab_event  event;

    event = (enum tab_event) entry->event;
    next = tab_step_next(t->step, event);

    if (next == TAB_STEP_LATER) {
        t->later = event;
        return;
    }

    if (next == TAB_STEP_STAY) {
        return;
    }

    event = tab_count(t, event);
    next = tab_step_next(t->step, event);

    if (next == TAB_STEP_STAY) {
        return;
    }

    log_event(t->log, LOG_DEBUG, "tab_step",
              log_const("session", t->config.name),
              log_const("from", tab_step_name(t->step)),
              log_const("event", tab_event_name(event)),
              log_const("to", tab_step_name(next)),
              log_const("reason", entry->reason != NULL ? entry->reason
                                                        : "none"));

    tab_move(t, next, entry->reason);
}


/* returns the event that this one amounts to */

static enum tab_event
tab_count(struct tab *t, enum tab_event event)
{
    unsigned  boots;

    switch (event) {

    case TAB_EVENT_RESTART:

        /* an owner's restarts are no sign of a page that keeps dying */

        t->counts = (struct tab_counts) { 0 };
        t->asked = true;
        backoff_reset(&t->deaths);
        break;

    case TAB_EVENT_PAGE_CRASHED:
        t->stats.crashes++;
        break;

    default:
        break;
    }

    boots = t->counts.boots;
    event = tab_event_count(&t->counts, t->step, event);

    if (t->counts.boots > boots) {
        log_event(t->log, LOG_ERROR, "boot_failed",
                  log_const("session", t->config.name),
                  log_int("missing", (int64_t) t->missing_n),
                  log_int("times", t->counts.boots));
    }

    return event;
}


static void
tab_move(struct tab *t, enum tab_step next, const char *reason)
{
    evtimer_del(t->timer);
    event_del(t->ping);

    t->from = t->step;
    t->step = next;
    t->serial++;

    tab_counts_reset(&t->counts, t->from, next);
    tab_set_reason(t, reason);

    if (!tab_step_bridged(next)) {
        tab_saves_lose(t);
    }

    tab_enter(t);

    if (t->later != TAB_EVENT_NONE) {
        tab_post(t, t->later, NULL, 0);
        t->later = TAB_EVENT_NONE;
    }

    tab_report(t);

    if (next == TAB_STEP_BOOTING && t->step == next) {
        page_deliver(t->page);
    }
}


/* the reason of a trouble is kept until the tab is up or stopped */

static void
tab_set_reason(struct tab *t, const char *reason)
{
    if (t->step == TAB_STEP_UP || t->step == TAB_STEP_STOPPED) {
        t->reason = NULL;

    } else if (reason != NULL) {
        t->reason = reason;
    }
}


static void
tab_report(struct tab *t)
{
    enum tab_state  state;

    state = tab_step_state(t->step);

    if (state == t->state && state != TAB_STOPPED) {
        return;
    }

    t->state = state;

    log_event(t->log, LOG_INFO, "tab_state",
              log_const("session", t->config.name),
              log_const("state", tab_state_name(state)),
              log_const("reason", t->reason != NULL ? t->reason : "none"));

    t->handlers.state(t->ctx, state, tab_told_reason(t));
}
