/*
 * One Chromium with one page, kept alive.
 *
 * What happens to the browser is an event in the queue of browser_events.c.
 * browser_run() takes the events out at the top of the loop, looks up the step
 * that follows in the table of browser_state.c, and enters it by the function
 * of browser_steps.c.  The functions for the owner post events, or pass a call
 * on to the page while its bridge is held.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chrome/browser_events.h"


#define BROWSER_PING_MS  10000
#define BROWSER_LATE_MS  5000     /* of a ping's answer */

/*
 * Calls that time out in a row while the page answers pings, over how long at
 * least (clients choose their time limits), and how long after each other at
 * most, in ms
 */
#define BROWSER_STALLED_CALLS  3
#define BROWSER_STALLED_MS     10000
#define BROWSER_STALLED_GAP    180000


struct browser_call {
    struct browser   *browser;
    browser_call_pt   cb;
    void             *ctx;
    uint64_t          called_at;     /* ms */
    bool              acknowledged;  /* its answer comes from the server */
};


static void browser_call_answer(void *ctx, enum cdp_status status,
    json_t *answer);
static void browser_timed_out(struct browser *b,
    const struct browser_call *call);
static void browser_run(evutil_socket_t fd, short what, void *arg);
static void browser_transition(struct browser *b,
    const struct browser_entry *entry);
static enum browser_event browser_count(struct browser *b,
    enum browser_event event);
static void browser_move(struct browser *b, enum browser_step next,
    const char *reason);
static void browser_set_reason(struct browser *b, const char *reason);
static void browser_report(struct browser *b);
static void browser_ping_timer(evutil_socket_t fd, short what, void *arg);
static void browser_late_timer(evutil_socket_t fd, short what, void *arg);
static void browser_ping(struct browser *b);
static void browser_ping_answer(void *ctx, enum cdp_status status,
    json_t *result);


static const enum browser_call_status  browser_statuses[] = {
    [CDP_OK] = BROWSER_CALL_OK,
    [CDP_ERROR] = BROWSER_CALL_ERROR,
    [CDP_NOT_WRITTEN] = BROWSER_CALL_NOT_WRITTEN,
    [CDP_LOST] = BROWSER_CALL_LOST,
    [CDP_TIMEOUT] = BROWSER_CALL_TIMEOUT
};


struct browser *
browser_create(struct event_base *base, struct log *log,
    const struct browser_config *config,
    const struct browser_handlers *handlers, void *ctx)
{
    struct browser  *b;

    b = calloc(1, sizeof(struct browser));
    if (b == NULL) {
        return NULL;
    }

    b->base = base;
    b->log = log;
    b->config = *config;
    b->handlers = *handlers;
    b->ctx = ctx;
    b->step = BROWSER_STEP_STOPPED;
    b->state = BROWSER_STOPPED;

    b->page_config.name = config->name;
    b->page_config.web_url = config->web_url;
    b->page_config.wa_js = config->wa_js;
    b->page_config.wa_js_size = config->wa_js_size;

    b->profile = profile_create(config->profile_dir, config->tmp_dir);
    b->run = event_new(base, -1, 0, browser_run, b);
    b->timer = evtimer_new(base, browser_timer, b);
    b->ping = event_new(base, -1, EV_PERSIST, browser_ping_timer, b);
    b->late = evtimer_new(base, browser_late_timer, b);

    if (!chrome_marks_create(&b->marks, config->profile_dir, config->tmp_dir)
        || browser_saves_create(b) != 0
        || b->profile == NULL || b->run == NULL || b->timer == NULL
        || b->ping == NULL || b->late == NULL)
    {
        browser_destroy(b);
        return NULL;
    }

    return b;
}


void
browser_start(struct browser *b)
{
    browser_post(b, BROWSER_EVENT_START, NULL, 0);
}


void
browser_launch(struct browser *b)
{
    if (b->step == BROWSER_STEP_QUEUED) {
        browser_post_step(b, BROWSER_EVENT_DONE, NULL);
    }
}


void
browser_stop(struct browser *b)
{
    browser_post(b, BROWSER_EVENT_STOP, NULL, 0);
}


void
browser_restart(struct browser *b, const char *reason)
{
    browser_post(b, BROWSER_EVENT_RESTART, reason, 0);
}


bool
browser_call(struct browser *b, const char *method, json_t *params,
    unsigned timeout_ms, browser_call_pt cb, void *ctx)
{
    return browser_call_file(b, method, params, NULL, timeout_ms, cb, ctx);
}


bool
browser_call_file(struct browser *b, const char *method, json_t *params,
    const char *path, unsigned timeout_ms, browser_call_pt cb, void *ctx)
{
    bool                  called;
    struct browser_call  *call;

    call = browser_step_bridged(b->step) ? malloc(sizeof(struct browser_call))
                                         : NULL;

    if (call == NULL) {
        json_decref(params);
        return false;
    }

    call->browser = b;
    call->cb = cb;
    call->ctx = ctx;
    call->called_at = clock_ms();
    call->acknowledged = strcmp(method, b->config.acknowledged) == 0;

    if (path == NULL) {
        called = page_call(b->page, method, params, timeout_ms,
                           browser_call_answer, call);

    } else {
        called = page_call_file(b->page, method, params, path, timeout_ms,
                                browser_call_answer, call);
    }

    if (!called) {
        free(call);
    }

    return called;
}


static void
browser_call_answer(void *ctx, enum cdp_status status, json_t *answer)
{
    json_t               *result;
    struct browser       *b;
    struct browser_call  *call = ctx;

    b = call->browser;

    if (status == CDP_OK) {
        b->answered_at = clock_ms();

    } else if (status == CDP_TIMEOUT || status == CDP_NOT_WRITTEN) {
        browser_ping(b);
    }

    if (status == CDP_TIMEOUT) {
        browser_timed_out(b, call);
    }

    status = page_result(status, answer, &result);

    if (status == CDP_OK && call->acknowledged) {
        b->timeouts = 0;
    }

    call->cb(call->ctx, browser_statuses[status], result);

    free(call);
}


/* a page that answers pings, but calls no longer, may have lost its network */

static void
browser_timed_out(struct browser *b, const struct browser_call *call)
{
    uint64_t  now;

    now = clock_ms();

    if (b->timeouts == 0 || now - b->timeout_at > BROWSER_STALLED_GAP) {
        b->timeouts = 0;
        b->stalled_at = call->called_at;
    }

    b->timeout_at = now;
    b->timeouts++;

    if (b->timeouts >= BROWSER_STALLED_CALLS
        && now - b->stalled_at >= BROWSER_STALLED_MS)
    {
        b->timeouts = 0;
        browser_post(b, BROWSER_EVENT_PAGE_STALLED, "page_stalled", 0);
    }
}


const struct browser_stats *
browser_stats(const struct browser *b)
{
    return &b->stats;
}


void
browser_destroy(struct browser *b)
{
    if (b == NULL) {
        return;
    }

    if (b->destroyed != NULL) {
        *b->destroyed = true;
    }

    browser_saves_destroy(b);
    page_destroy(b->page);
    cdp_destroy(b->cdp);
    chrome_version_destroy(b->version);
    process_destroy(b->process);
    profile_destroy(b->profile);
    chrome_marks_destroy(&b->marks);

    if (b->run != NULL) {
        event_free(b->run);
    }

    if (b->timer != NULL) {
        event_free(b->timer);
    }

    if (b->ping != NULL) {
        event_free(b->ping);
    }

    if (b->late != NULL) {
        event_free(b->late);
    }

    free(b);
}


static void
browser_run(evutil_socket_t fd, short what, void *arg)
{
    bool                   destroyed;
    struct browser        *b = arg;
    struct browser_entry   entry;

    (void) fd;
    (void) what;

    destroyed = false;
    b->destroyed = &destroyed;

    while (browser_take(b, &entry)) {

        browser_transition(b, &entry);

        if (destroyed) {
            return;
        }
    }

    b->destroyed = NULL;
}


static void
browser_transition(struct browser *b, const struct browser_entry *entry)
{
    enum browser_step   next;
    enum browser_event  event;

    event = entry->event;
    next = browser_step_next(b->step, event);

    if (next == BROWSER_STEP_LATER) {
        b->later = event;
        return;
    }

    if (next == BROWSER_STEP_STAY) {
        return;
    }

    event = browser_count(b, event);
    next = browser_step_next(b->step, event);

    if (next == BROWSER_STEP_STAY) {
        return;
    }

    log_event(b->log, LOG_DEBUG, "browser_step",
              log_const("session", b->config.name),
              log_const("from", browser_step_name(b->step)),
              log_const("event", browser_event_name(event)),
              log_const("to", browser_step_name(next)),
              log_const("reason", entry->reason != NULL ? entry->reason
                                                        : "none"));

    browser_move(b, next, entry->reason);
}


/* returns the event that this one amounts to */

static enum browser_event
browser_count(struct browser *b, enum browser_event event)
{
    unsigned  boots;

    switch (event) {

    case BROWSER_EVENT_RESTART:

        /* an owner's restarts are no sign of a browser that keeps dying */

        b->counts = (struct browser_counts) { 0 };
        backoff_reset(&b->deaths);
        break;

    case BROWSER_EVENT_LOST:
    case BROWSER_EVENT_IN_USE:
        b->stats.crashes += !browser_step_closes(b->step);
        break;

    case BROWSER_EVENT_PAGE_CRASHED:
        b->stats.crashes += (b->step != BROWSER_STEP_SHOOTING);
        break;

    default:
        break;
    }

    boots = b->counts.boots;
    event = browser_event_count(&b->counts, b->step, event);

    if (b->counts.boots > boots) {
        log_event(b->log, LOG_ERROR, "boot_failed",
                  log_const("session", b->config.name),
                  log_int("missing", (int64_t) b->missing_n),
                  log_int("times", b->counts.boots));
    }

    return event;
}


static void
browser_move(struct browser *b, enum browser_step next, const char *reason)
{
    evtimer_del(b->timer);
    event_del(b->ping);
    chrome_version_destroy(b->version);
    b->version = NULL;

    b->from = b->step;
    b->step = next;
    b->serial++;
    b->entered_at = clock_ms();

    browser_counts_reset(&b->counts, b->from, next);
    browser_set_reason(b, reason);

    if (!browser_step_bridged(next)) {
        browser_saves_lose(b);
    }

    browser_enter(b);

    if (b->later != BROWSER_EVENT_NONE) {
        browser_post(b, b->later, NULL, 0);
        b->later = BROWSER_EVENT_NONE;
    }

    /* the owner may destroy a browser that is reported as stopped */

    browser_report(b);

    if (next == BROWSER_STEP_BOOTING) {
        page_deliver(b->page);
    }
}


/* the reason of a trouble is kept until the browser is up or stopped */

static void
browser_set_reason(struct browser *b, const char *reason)
{
    if (b->step == BROWSER_STEP_UP || b->step == BROWSER_STEP_STOPPED) {
        b->reason = NULL;

    } else if (reason != NULL && !browser_step_closes(b->from)) {
        b->reason = reason;
    }
}


static void
browser_report(struct browser *b)
{
    enum browser_state  state;

    state = browser_step_state(b->step);

    if (state == b->state && state != BROWSER_STOPPED) {
        return;
    }

    b->state = state;

    log_event(b->log, LOG_INFO, "browser_state",
              log_const("session", b->config.name),
              log_const("state", browser_state_name(state)),
              log_const("reason", b->reason != NULL ? b->reason : "none"));

    b->handlers.state(b->ctx, state, browser_told_reason(b));
}


static void
browser_ping_timer(evutil_socket_t fd, short what, void *arg)
{
    struct browser  *b = arg;

    (void) fd;
    (void) what;

    if (clock_ms() - b->answered_at >= b->config.ping_interval_ms) {
        browser_ping(b);
    }
}


static void
browser_ping(struct browser *b)
{
    if (!browser_step_bridged(b->step) || b->pinging) {
        return;
    }

    b->pinging = page_ping(b->page, BROWSER_PING_MS, browser_ping_answer, b);

    if (b->pinging) {
        browser_set_timer(b, b->late, BROWSER_LATE_MS);
    }
}


static void
browser_late_timer(evutil_socket_t fd, short what, void *arg)
{
    (void) fd;
    (void) what;

    browser_post(arg, BROWSER_EVENT_PAGE_LATE, "page_late", 0);
}


static void
browser_ping_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct browser  *b = ctx;

    (void) result;

    b->pinging = false;
    event_del(b->late);

    if (status == CDP_OK) {
        b->answered_at = clock_ms();
        browser_post(b, BROWSER_EVENT_PAGE_ANSWERED, NULL, 0);

    } else if (status == CDP_TIMEOUT) {
        browser_post(b, BROWSER_EVENT_PAGE_SILENT, "page_hung", 0);

    } else if (status == CDP_ERROR && page_ready(b->page)) {

        /* no navigation was seen, but the handle is void */

        browser_post(b, BROWSER_EVENT_PAGE_BROKEN, "bridge_lost", 0);
    }
}
