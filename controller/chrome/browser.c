/*
 * One Chromium with one page, kept alive.
 *
 * Everything that happens is put in a queue and taken out of it at the top of
 * the loop, where browser_transition() looks the next step up in the ladder's
 * table and enters it.  So nothing is ever torn down below its own callback.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chrome/browser_private.h"


#define BROWSER_REPAIRS  3        /* of the page between healthy times */
#define BROWSER_PING_MS  10000


struct browser_call {
    struct browser   *browser;
    browser_call_pt   cb;
    void             *ctx;
};


static void browser_run(evutil_socket_t fd, short what, void *arg);
static void browser_ping_timer(evutil_socket_t fd, short what, void *arg);
static void browser_ping(struct browser *b);
static void browser_page_happened(void *ctx, enum page_event event);
static void browser_page_emitted(void *ctx, const char *name, json_t *data);
static void browser_cdp_event(void *ctx, const char *session,
    const char *method, json_t *params);
static void browser_cdp_closed(void *ctx);


const struct page_handlers  browser_page_handlers = {
    browser_page_happened,
    browser_page_emitted
};


const struct cdp_handlers  browser_cdp_handlers = {
    browser_cdp_event,
    browser_cdp_closed,
    page_protocol_events
};


/* what the page says, as events of the ladder */

static const struct {
    enum ladder_event   event;
    const char         *reason;
} browser_page_events[] = {
    [PAGE_OPEN] = { LADDER_DONE, NULL },
    [PAGE_FAILED] = { LADDER_ERROR, "page_not_opened" },
    [PAGE_UP] = { LADDER_PAGE_UP, NULL },
    [PAGE_LEFT] = { LADDER_PAGE_LEFT, "page_navigated" },
    [PAGE_UNREACHABLE] = { LADDER_PAGE_UNREACHABLE, "page_unreachable" },
    [PAGE_CRASHED] = { LADDER_PAGE_CRASHED, "page_crashed" },
    [PAGE_CLOSED] = { LADDER_PAGE_CLOSED, "page_closed" }
};


static const enum browser_call_status  browser_statuses[] = {
    [CDP_OK] = BROWSER_CALL_OK,
    [CDP_ERROR] = BROWSER_CALL_ERROR,
    [CDP_NOT_WRITTEN] = BROWSER_CALL_NOT_WRITTEN,
    [CDP_LOST] = BROWSER_CALL_LOST,
    [CDP_TIMEOUT] = BROWSER_CALL_TIMEOUT
};


static const char *const  browser_state_names[] = {
    [BROWSER_STOPPED] = "stopped",
    [BROWSER_STARTING] = "starting",
    [BROWSER_UP] = "up",
    [BROWSER_RECOVERING] = "recovering",
    [BROWSER_FAILED] = "failed",
    [BROWSER_STOPPING] = "stopping"
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
    b->step = LADDER_STOPPED;
    b->state = BROWSER_STOPPED;

    b->page_config.name = config->name;
    b->page_config.web_url = config->web_url;
    b->page_config.wa_js = config->wa_js;
    b->page_config.wa_js_size = config->wa_js_size;

    b->profile = profile_create(config->profile_dir, config->tmp_dir);
    b->run = event_new(base, -1, 0, browser_run, b);
    b->timer = evtimer_new(base, browser_timer, b);
    b->ping = event_new(base, -1, EV_PERSIST, browser_ping_timer, b);

    if (chrome_marks_create(&b->marks, config->profile_dir, config->tmp_dir)
        != 0
        || b->profile == NULL || b->run == NULL || b->timer == NULL
        || b->ping == NULL)
    {
        browser_destroy(b);
        return NULL;
    }

    return b;
}


/* === what happens, and what follows === */


void
browser_post(struct browser *b, enum ladder_event event, const char *reason,
    uint64_t serial)
{
    struct browser_entry  *last;

    last = (b->queued != 0) ? &b->queue[b->queued - 1] : NULL;

    if (last != NULL && last->event == event && last->serial == serial) {
        return;
    }

    if (b->queued == BROWSER_QUEUE) {

        /* cannot be without a browser that has lost its mind */

        last->event = LADDER_LOST;
        last->reason = "too_many_events";
        last->serial = 0;

        return;
    }

    b->queue[b->queued++] = (struct browser_entry) { event, reason, serial };

    event_active(b->run, EV_TIMEOUT, 0);
}


void
browser_post_step(struct browser *b, enum ladder_event event,
    const char *reason)
{
    browser_post(b, event, reason, b->serial);
}


void
browser_set_timer(struct browser *b, struct event *ev, unsigned ms)
{
    struct timeval  tv;

    tv.tv_sec = ms / 1000;
    tv.tv_usec = (ms % 1000) * 1000;

    if (event_add(ev, &tv) != 0) {
        browser_post(b, LADDER_LOST, "no_memory", 0);
    }
}


static void
browser_report(struct browser *b, bool anyway)
{
    enum browser_state  state;

    state = ladder_state(b->step, b->recovering, b->stopping);

    if (state == b->state && !anyway) {
        return;
    }

    b->state = state;

    log_event(b->log, LOG_INFO, "browser_state",
              log_const("session", b->config.name),
              log_const("state", browser_state_names[state]),
              log_const("reason", b->reason != NULL ? b->reason : "none"));

    b->handlers.state(b->ctx, state, b->reason);
}


/* repairs that follow each other too fast become a restart */

static enum ladder_event
browser_count(struct browser *b, enum ladder_event event)
{
    switch (event) {

    case LADDER_LOST:
        b->stats.crashes += (b->step != LADDER_CLOSING);
        return event;

    case LADDER_PAGE_CRASHED:
        b->stats.crashes += (b->step != LADDER_SHOOTING);
        break;

    case LADDER_PAGE_SILENT:
    case LADDER_PAGE_CLOSED:
    case LADDER_PAGE_BROKEN:
        break;

    default:
        return event;
    }

    if (b->step == LADDER_SHOOTING) {
        return event;
    }

    return ++b->repairs > BROWSER_REPAIRS ? LADDER_WORN : event;
}


/* notes what the owner wants in the end, and returns the event that it makes
   of this one */

static enum ladder_event
browser_wish(struct browser *b, enum ladder_event event)
{
    if (event == LADDER_STOP) {
        b->stopping = true;
        b->again = false;

    } else if (event == LADDER_START && b->stopping) {
        b->again = true;
    }

    /* asked to stop when the last process had gone already */

    if (b->stopping && b->step == LADDER_KILLING
        && (event == LADDER_ERROR || event == LADDER_IMPOSSIBLE))
    {
        return LADDER_DONE;
    }

    return event;
}


static void
browser_transition(struct browser *b, enum ladder_event event,
    const char *reason)
{
    enum ladder_step  next;

    event = browser_wish(b, event);
    next = ladder_next(b->step, event);

    if (next != LADDER_STAY) {
        event = browser_count(b, event);
        next = ladder_next(b->step, event);
    }

    if (next == LADDER_STAY) {
        browser_report(b, false);
        return;
    }

    log_event(b->log, LOG_DEBUG, "browser_step",
              log_const("session", b->config.name),
              log_const("from", ladder_step_name(b->step)),
              log_const("event", ladder_event_name(event)),
              log_const("to", ladder_step_name(next)),
              log_const("reason", reason != NULL ? reason : "none"));

    if (next == LADDER_UP || b->step == LADDER_CLOSING) {

        /* that a browser ends which was asked to is no reason for it */

        reason = NULL;
    }

    if (reason != NULL || next == LADDER_UP || next == LADDER_STOPPED) {
        b->reason = reason;
    }

    evtimer_del(b->timer);
    event_del(b->ping);
    chrome_version_destroy(b->version);
    b->version = NULL;

    b->step = next;
    b->serial++;

    browser_enter(b);
    browser_report(b, next == LADDER_STOPPED);

    if (next == LADDER_UP) {
        page_deliver(b->page);
    }
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

    while (b->queued != 0) {

        entry = b->queue[0];

        b->queued--;
        memmove(&b->queue[0], &b->queue[1],
                b->queued * sizeof(struct browser_entry));

        if (entry.serial != 0 && entry.serial != b->serial) {
            continue;
        }

        browser_transition(b, entry.event, entry.reason);

        if (destroyed) {
            return;
        }
    }

    b->destroyed = NULL;
}


/* === what the page and the connection say === */


static void
browser_page_happened(void *ctx, enum page_event event)
{
    uint64_t         serial;
    struct browser  *b = ctx;

    serial = (event == PAGE_OPEN || event == PAGE_FAILED) ? b->serial : 0;

    browser_post(b, browser_page_events[event].event,
                 browser_page_events[event].reason, serial);
}


static void
browser_page_emitted(void *ctx, const char *name, json_t *data)
{
    struct browser  *b = ctx;

    b->handlers.event(b->ctx, name, data);
}


static void
browser_cdp_event(void *ctx, const char *session, const char *method,
    json_t *params)
{
    struct browser  *b = ctx;

    if (b->page != NULL) {
        page_receive(b->page, session, method, params);
    }
}


static void
browser_cdp_closed(void *ctx)
{
    browser_post(ctx, LADDER_LOST, "browser_exited", 0);
}


static void
browser_ping_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct browser  *b = ctx;

    (void) result;

    b->pinging = false;

    if (status == CDP_TIMEOUT) {
        browser_post(b, LADDER_PAGE_SILENT, "page_hung", 0);

    } else if (status == CDP_ERROR && page_ready(b->page)) {

        /* no navigation was seen, but the handle is void */

        browser_post(b, LADDER_PAGE_BROKEN, "bridge_lost", 0);
    }
}


static void
browser_ping(struct browser *b)
{
    if (b->step != LADDER_UP || b->pinging) {
        return;
    }

    b->pinging = (page_ping(b->page, BROWSER_PING_MS, browser_ping_answer, b)
                  == 0);
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


/* === for the owner === */


void
browser_start(struct browser *b)
{
    browser_post(b, LADDER_START, NULL, 0);
}


void
browser_stop(struct browser *b)
{
    browser_post(b, LADDER_STOP, NULL, 0);
}


void
browser_restart(struct browser *b, const char *reason)
{
    browser_post(b, LADDER_RESTART, reason, 0);
}


void
browser_forgive(struct browser *b)
{
    backoff_reset(&b->deaths);
}


void
browser_reload(struct browser *b, const char *reason)
{
    browser_post(b, LADDER_RELOAD, reason, 0);
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

    status = page_result(status, answer, &result);

    call->cb(call->ctx, browser_statuses[status], result);

    free(call);
}


int
browser_call(struct browser *b, const char *method, json_t *params,
    unsigned timeout_ms, browser_call_pt cb, void *ctx)
{
    return browser_call_file(b, method, params, NULL, timeout_ms, cb, ctx);
}


int
browser_call_file(struct browser *b, const char *method, json_t *params,
    const char *path, unsigned timeout_ms, browser_call_pt cb, void *ctx)
{
    int                   rc;
    struct browser_call  *call;

    call = (b->step == LADDER_UP) ? malloc(sizeof(struct browser_call)) : NULL;

    if (call == NULL) {
        json_decref(params);
        return -1;
    }

    call->browser = b;
    call->cb = cb;
    call->ctx = ctx;

    if (path == NULL) {
        rc = page_call(b->page, method, params, timeout_ms,
                       browser_call_answer, call);

    } else {
        rc = page_call_file(b->page, method, params, path, timeout_ms,
                            browser_call_answer, call);
    }

    if (rc != 0) {
        free(call);
    }

    return rc;
}


pid_t
browser_pid(const struct browser *b)
{
    return b->process != NULL ? process_pid(b->process) : 0;
}


const struct browser_stats *
browser_stats(const struct browser *b)
{
    return &b->stats;
}


const char *
browser_state_name(enum browser_state state)
{
    return browser_state_names[state];
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

    free(b);
}
