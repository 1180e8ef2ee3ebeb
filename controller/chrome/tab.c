/*
 * One Chromium with one page, kept alive.
 *
 * What happens to the browser is an event in the queue of tab_events.c.
 * tab_run() takes the events out at the top of the loop, looks up the step
 * that follows in the table of tab_state.c, and enters it by the function
 * of tab_steps.c.  The functions for the owner post events, or pass a call
 * on to the page while its bridge is held.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chrome/tab_events.h"


#define TAB_PING_MS  10000
#define TAB_LATE_MS  5000     /* of a ping's answer */

/*
 * Calls that time out in a row while the page answers pings, over how long at
 * least (clients choose their time limits), and how long after each other at
 * most, in ms
 */
#define TAB_STALLED_CALLS  3
#define TAB_STALLED_MS     10000
#define TAB_STALLED_GAP    180000


struct tab_call {
    struct tab   *tab;
    tab_call_pt   cb;
    void         *ctx;
    uint64_t      called_at;     /* ms */
    bool          acknowledged;  /* its answer comes from the server */
};


static void tab_call_answer(void *ctx, enum cdp_status status,
    json_t *answer);
static void tab_timed_out(struct tab *t,
    const struct tab_call *call);
static void tab_run(evutil_socket_t fd, short what, void *arg);
static void tab_transition(struct tab *t,
    const struct tab_entry *entry);
static enum tab_event tab_count(struct tab *t,
    enum tab_event event);
static void tab_move(struct tab *t, enum tab_step next,
    const char *reason);
static void tab_set_reason(struct tab *t, const char *reason);
static void tab_report(struct tab *t);
static void tab_ping_timer(evutil_socket_t fd, short what, void *arg);
static void tab_late_timer(evutil_socket_t fd, short what, void *arg);
static void tab_ping(struct tab *t);
static void tab_ping_answer(void *ctx, enum cdp_status status,
    json_t *result);


static const enum tab_call_status  tab_statuses[] = {
    [CDP_OK] = TAB_CALL_OK,
    [CDP_ERROR] = TAB_CALL_ERROR,
    [CDP_NOT_WRITTEN] = TAB_CALL_NOT_WRITTEN,
    [CDP_LOST] = TAB_CALL_LOST,
    [CDP_TIMEOUT] = TAB_CALL_TIMEOUT
};


struct tab *
tab_create(struct event_base *base, struct log *log,
    const struct tab_config *config,
    const struct tab_handlers *handlers, void *ctx)
{
    struct tab  *t;

    t = calloc(1, sizeof(struct tab));
    if (t == NULL) {
        return NULL;
    }

    t->base = base;
    t->log = log;
    t->config = *config;
    t->handlers = *handlers;
    t->ctx = ctx;
    t->step = TAB_STEP_STOPPED;
    t->state = TAB_STOPPED;

    t->page_config.name = config->name;
    t->page_config.web_url = config->web_url;
    t->page_config.wa_js = config->wa_js;

    t->profile = profile_create(config->profile_dir, config->tmp_dir);
    t->run = event_new(base, -1, 0, tab_run, t);
    t->timer = evtimer_new(base, tab_timer, t);
    t->ping = event_new(base, -1, EV_PERSIST, tab_ping_timer, t);
    t->late = evtimer_new(base, tab_late_timer, t);

    if (!chrome_marks_create(&t->marks, config->profile_dir, config->tmp_dir)
        || !tab_saves_create(t)
        || t->profile == NULL || t->run == NULL || t->timer == NULL
        || t->ping == NULL || t->late == NULL)
    {
        tab_destroy(t);
        return NULL;
    }

    return t;
}


void
tab_start(struct tab *t)
{
    tab_post(t, TAB_EVENT_START, NULL, 0);
}


void
tab_launch(struct tab *t)
{
    if (t->step == TAB_STEP_QUEUED) {
        tab_post_step(t, TAB_EVENT_DONE, NULL);
    }
}


void
tab_stop(struct tab *t)
{
    tab_post(t, TAB_EVENT_STOP, NULL, 0);
}


void
tab_restart(struct tab *t, const char *reason)
{
    tab_post(t, TAB_EVENT_RESTART, reason, 0);
}


bool
tab_call(struct tab *t, const char *method, json_t *params,
    unsigned timeout_ms, tab_call_pt cb, void *ctx)
{
    return tab_call_file(t, method, params, NULL, timeout_ms, cb, ctx);
}


bool
tab_call_file(struct tab *t, const char *method, json_t *params,
    const char *path, unsigned timeout_ms, tab_call_pt cb, void *ctx)
{
    bool                  called;
    struct tab_call  *call;

    call = tab_step_bridged(t->step) ? malloc(sizeof(struct tab_call))
                                         : NULL;

    if (call == NULL) {
        json_decref(params);
        return false;
    }

    call->tab = t;
    call->cb = cb;
    call->ctx = ctx;
    call->called_at = clock_ms();
    call->acknowledged = strcmp(method, t->config.acknowledged) == 0;

    if (path == NULL) {
        called = page_call(t->page, method, params, timeout_ms,
                           tab_call_answer, call);

    } else {
        called = page_call_file(t->page, method, params, path, timeout_ms,
                                tab_call_answer, call);
    }

    if (!called) {
        free(call);
    }

    return called;
}


static void
tab_call_answer(void *ctx, enum cdp_status status, json_t *answer)
{
    json_t               *result;
    struct tab       *t;
    struct tab_call  *call = ctx;

    t = call->tab;

    if (status == CDP_OK) {
        t->answered_at = clock_ms();

    } else if (status == CDP_TIMEOUT || status == CDP_NOT_WRITTEN) {
        tab_ping(t);
    }

    if (status == CDP_TIMEOUT) {
        tab_timed_out(t, call);
    }

    status = page_result(status, answer, &result);

    if (status == CDP_OK && call->acknowledged) {
        t->timeouts = 0;
    }

    call->cb(call->ctx, tab_statuses[status], result);

    free(call);
}


/* a page that answers pings, but calls no longer, may have lost its network */

static void
tab_timed_out(struct tab *t, const struct tab_call *call)
{
    uint64_t  now;

    now = clock_ms();

    if (t->timeouts == 0 || now - t->timeout_at > TAB_STALLED_GAP) {
        t->timeouts = 0;
        t->stalled_at = call->called_at;
    }

    t->timeout_at = now;
    t->timeouts++;

    if (t->timeouts >= TAB_STALLED_CALLS
        && now - t->stalled_at >= TAB_STALLED_MS)
    {
        t->timeouts = 0;
        tab_post(t, TAB_EVENT_PAGE_STALLED, "page_stalled", 0);
    }
}


const struct tab_stats *
tab_stats(const struct tab *t)
{
    return &t->stats;
}


void
tab_destroy(struct tab *t)
{
    if (t == NULL) {
        return;
    }

    if (t->destroyed != NULL) {
        *t->destroyed = true;
    }

    tab_saves_destroy(t);
    page_destroy(t->page);
    cdp_destroy(t->cdp);
    chrome_version_destroy(t->version);
    process_destroy(t->process);
    profile_destroy(t->profile);
    chrome_marks_destroy(&t->marks);

    if (t->run != NULL) {
        event_free(t->run);
    }

    if (t->timer != NULL) {
        event_free(t->timer);
    }

    if (t->ping != NULL) {
        event_free(t->ping);
    }

    if (t->late != NULL) {
        event_free(t->late);
    }

    free(t);
}


static void
tab_run(evutil_socket_t fd, short what, void *arg)
{
    bool                   destroyed;
    struct tab        *t = arg;
    struct tab_entry   entry;

    (void) fd;
    (void) what;

    destroyed = false;
    t->destroyed = &destroyed;

    while (tab_take(t, &entry)) {

        tab_transition(t, &entry);

        if (destroyed) {
            return;
        }
    }

    t->destroyed = NULL;
}


static void
tab_transition(struct tab *t, const struct tab_entry *entry)
{
    enum tab_step   next;
    enum tab_event  event;

    event = entry->event;
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

    log_event(t->log, LOG_DEBUG, "browser_step",
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

        /* an owner's restarts are no sign of a browser that keeps dying */

        t->counts = (struct tab_counts) { 0 };
        backoff_reset(&t->deaths);
        break;

    case TAB_EVENT_LOST:
    case TAB_EVENT_IN_USE:
        t->stats.crashes += !tab_step_closes(t->step);
        break;

    case TAB_EVENT_PAGE_CRASHED:
        t->stats.crashes += (t->step != TAB_STEP_SHOOTING);
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
    chrome_version_destroy(t->version);
    t->version = NULL;

    t->from = t->step;
    t->step = next;
    t->serial++;
    t->entered_at = clock_ms();

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

    /* the owner may destroy a browser that is reported as stopped */

    tab_report(t);

    if (next == TAB_STEP_BOOTING) {
        page_deliver(t->page);
    }
}


/* the reason of a trouble is kept until the browser is up or stopped */

static void
tab_set_reason(struct tab *t, const char *reason)
{
    if (t->step == TAB_STEP_UP || t->step == TAB_STEP_STOPPED) {
        t->reason = NULL;

    } else if (reason != NULL && !tab_step_closes(t->from)) {
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

    log_event(t->log, LOG_INFO, "browser_state",
              log_const("session", t->config.name),
              log_const("state", tab_state_name(state)),
              log_const("reason", t->reason != NULL ? t->reason : "none"));

    t->handlers.state(t->ctx, state, tab_told_reason(t));
}


static void
tab_ping_timer(evutil_socket_t fd, short what, void *arg)
{
    struct tab  *t = arg;

    (void) fd;
    (void) what;

    if (clock_ms() - t->answered_at >= t->config.ping_interval_ms) {
        tab_ping(t);
    }
}


static void
tab_ping(struct tab *t)
{
    if (!tab_step_bridged(t->step) || t->pinging) {
        return;
    }

    t->pinging = page_ping(t->page, TAB_PING_MS, tab_ping_answer, t);

    if (t->pinging) {
        tab_set_timer(t, t->late, TAB_LATE_MS);
    }
}


static void
tab_late_timer(evutil_socket_t fd, short what, void *arg)
{
    (void) fd;
    (void) what;

    tab_post(arg, TAB_EVENT_PAGE_LATE, "page_late", 0);
}


static void
tab_ping_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct tab  *t = ctx;

    (void) result;

    t->pinging = false;
    event_del(t->late);

    if (status == CDP_OK) {
        t->answered_at = clock_ms();
        tab_post(t, TAB_EVENT_PAGE_ANSWERED, NULL, 0);

    } else if (status == CDP_TIMEOUT) {
        tab_post(t, TAB_EVENT_PAGE_SILENT, "page_hung", 0);

    } else if (status == CDP_ERROR && page_ready(t->page)) {

        /* no navigation was seen, but the handle is void */

        tab_post(t, TAB_EVENT_PAGE_BROKEN, "bridge_lost", 0);
    }
}
