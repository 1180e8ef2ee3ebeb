/*
 * A tab: one page with a profile of its own, kept alive.
 *
 * The functions for the owner post events, or pass a call on to the page while
 * its bridge is held.  A page that does not answer pings, or whose calls time
 * out, is an event, too.
 */

#include <stdio.h>
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
tab_create(struct event_base *base, struct log *log, struct browser *browser,
    const struct tab_config *config, const struct tab_handlers *handlers,
    void *ctx)
{
    int          n;
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

    TAILQ_INIT(&t->saves);

    t->page_config.name = config->name;
    t->page_config.web_url = config->web_url;
    t->page_config.wa_js = config->wa_js;

    n = snprintf(t->directory, sizeof(t->directory), "%s/Default",
                 config->profile_dir);

    t->browser = browser;
    browser_admit(browser, &t->guest, config->name, t->directory,
                  &tab_guest_handlers, t);

    t->profile = profile_create(config->profile_dir, config->tmp_dir);
    t->timer = evtimer_new(base, tab_timer, t);
    t->ping = event_new(base, -1, EV_PERSIST, tab_ping_timer, t);
    t->late = evtimer_new(base, tab_late_timer, t);

    if (n < 0 || n >= (int) sizeof(t->directory)
        || event_queue_init(&t->queue, base, tab_run, t) != 0
        || t->profile == NULL || t->timer == NULL || t->ping == NULL
        || t->late == NULL)
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
tab_refuse(struct tab *t, const char *reason)
{
    if (t->step == TAB_STEP_QUEUED) {
        tab_post_step(t, TAB_EVENT_IMPOSSIBLE, reason);
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


void
tab_renew(struct tab *t, const char *reason)
{
    tab_post(t, TAB_EVENT_RENEW, reason, 0);
}


bool
tab_idle(const struct tab *t)
{
    return t->calls == 0 && TAILQ_EMPTY(&t->saves);
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
    bool              called;
    struct tab_call  *call;

    call = tab_bridged(t) ? malloc(sizeof(struct tab_call)) : NULL;

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
        return false;
    }

    t->calls++;
    t->active_at = clock_ms();

    return true;
}


static void
tab_call_answer(void *ctx, enum cdp_status status, json_t *answer)
{
    json_t           *result;
    struct tab       *t;
    struct tab_call  *call = ctx;

    t = call->tab;

    t->calls--;
    t->active_at = clock_ms();

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


pid_t
tab_process(const struct tab *t)
{
    if (!tab_bridged(t)) {
        return 0;
    }

    page_find_process(t->page);

    return page_process(t->page);
}


void
tab_set_memory(struct tab *t, pid_t process, uint64_t bytes)
{
    t->process = process;
    t->memory = bytes;
}


uint64_t
tab_memory(const struct tab *t)
{
    return t->page != NULL && t->process == page_process(t->page)
           ? t->memory : 0;
}


const struct tab_stats *
tab_stats(const struct tab *t)
{
    return &t->stats;
}


struct browser *
tab_browser(const struct tab *t)
{
    return t->browser;
}


void
tab_destroy(struct tab *t)
{
    if (t == NULL) {
        return;
    }

    tab_saves_lose(t);
    page_destroy(t->page);
    browser_part(&t->guest);
    profile_destroy(t->profile);
    event_queue_free(&t->queue);

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
tab_ping_timer(evutil_socket_t fd, short what, void *arg)
{
    struct tab  *t = arg;

    (void) fd;
    (void) what;

    if (clock_ms() - t->answered_at >= t->config.ping_interval_ms) {
        tab_ping(t);
    }

    tab_heap_look(t);
}


static void
tab_ping(struct tab *t)
{
    if (!tab_bridged(t) || t->pinging) {
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
    (void) event_del(t->late);

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
