/*
 * One Chromium with the pages of its guests, kept alive.
 *
 * What happens to it is an event in a queue.  browser_run() takes the events
 * out at the top of the loop, looks up the step that follows in the table of
 * browser_state.c, and enters it by the function of browser_steps.c.  Each new
 * state is told to all guests before the step does anything, so that they
 * leave their pages and the connection in time.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chrome/browser_private.h"


#define BROWSER_ASK_MS  10000


static void browser_run(evutil_socket_t fd, short what, void *arg);
static void browser_transition(struct browser *b,
    const struct event_entry *entry);
static void browser_count(struct browser *b, enum browser_event event);
static void browser_move(struct browser *b, enum browser_step next,
    const char *reason);
static void browser_tell(struct browser *b);


struct browser *
browser_create(struct event_base *base, struct log *log,
    const struct browser_config *config)
{
    int              n;
    struct browser  *b;

    b = calloc(1, sizeof(struct browser));
    if (b == NULL) {
        return NULL;
    }

    b->base = base;
    b->log = log;
    b->config = *config;
    b->step = BROWSER_STEP_STOPPED;
    b->state = BROWSER_STOPPED;

    TAILQ_INIT(&b->guests);

    b->timer = evtimer_new(base, browser_timer, b);

    n = snprintf(b->data_dir, sizeof(b->data_dir), "%s/profiles",
                 config->tmp_dir);

    if (n < 0 || n >= (int) sizeof(b->data_dir)
        || !chrome_marks_create(&b->marks, b->data_dir, config->tmp_dir)
        || b->timer == NULL
        || event_queue_init(&b->queue, base, browser_run, b) != 0)
    {
        browser_destroy(b);
        return NULL;
    }

    return b;
}


void
browser_destroy(struct browser *b)
{
    if (b == NULL) {
        return;
    }

    browser_targets_lose(b);
    cdp_destroy(b->cdp);
    chrome_version_destroy(b->version);
    process_destroy(b->process);
    chrome_marks_destroy(&b->marks);
    event_queue_free(&b->queue);

    if (b->timer != NULL) {
        event_free(b->timer);
    }

    free(b);
}


void
browser_admit(struct browser *b, struct browser_guest *guest,
    const char *name, const char *directory,
    const struct browser_guest_handlers *handlers, void *ctx)
{
    memset(guest, 0, sizeof(struct browser_guest));

    guest->browser = b;
    guest->name = name;
    guest->directory = directory;
    guest->handlers = handlers;
    guest->ctx = ctx;

    TAILQ_INSERT_TAIL(&b->guests, guest, link);
}


void
browser_part(struct browser_guest *guest)
{
    if (guest->browser != NULL) {
        TAILQ_REMOVE(&guest->browser->guests, guest, link);
        door_destroy(guest->door);
        guest->browser = NULL;
    }
}


void
browser_join(struct browser_guest *guest)
{
    guest->needs = true;

    browser_post(guest->browser, BROWSER_EVENT_START, NULL, 0);
}


bool
browser_leave(struct browser_guest *guest)
{
    struct browser  *b = guest->browser;

    guest->needs = false;

    if (browser_guests(b) == 0) {
        browser_post(b, BROWSER_EVENT_STOP, NULL, 0);
        return false;
    }

    return browser_close(guest);
}


bool
browser_alone(const struct browser_guest *guest)
{
    return browser_guests(guest->browser) == (guest->needs ? 1 : 0);
}


void
browser_launch(struct browser_guest *guest)
{
    struct browser  *b = guest->browser;

    if (b->step == BROWSER_STEP_OFFERED && b->first == NULL) {
        b->first = guest;
        browser_post_step(b, BROWSER_EVENT_LAUNCH, NULL);
    }
}


void
browser_renew(struct browser *b, const char *reason)
{
    browser_post(b, BROWSER_EVENT_RENEW, reason, 0);
}


void
browser_report_silent(struct browser *b, const char *reason)
{
    browser_post(b, BROWSER_EVENT_SILENT, reason, 0);
}


void
browser_report_worn(struct browser *b, const char *reason)
{
    browser_post(b, BROWSER_EVENT_WORN, reason, 0);
}


void
browser_restart(struct browser *b, const char *reason)
{
    browser_post(b, BROWSER_EVENT_RESTART, reason, 0);
}


void
browser_hurry(struct browser *b)
{
    if (b->step == BROWSER_STEP_WAITING || b->step == BROWSER_STEP_FAILED) {
        browser_post_step(b, BROWSER_EVENT_RESTART, NULL);
    }
}


bool
browser_ask(struct browser *b, cdp_answer_pt answer, void *ctx)
{
    b->stats.hangs++;

    return b->cdp != NULL
           && cdp_call(b->cdp, NULL, "Browser.getVersion", NULL,
                       BROWSER_ASK_MS, answer, ctx);
}


bool
browser_fetch(struct browser_guest *guest, cdp_answer_pt answer, void *ctx)
{
    struct browser_guest  *other;

    TAILQ_FOREACH(other, &guest->browser->guests, link) {
        if (other != guest && other->needs
            && other->handlers->fetch(other->ctx, answer, ctx))
        {
            return true;
        }
    }

    return false;
}


struct cdp *
browser_cdp(const struct browser *b)
{
    return b->state == BROWSER_RUNNING ? b->cdp : NULL;
}


const char *
browser_name(const struct browser *b)
{
    return b->config.name;
}


const char *
browser_directory(const struct browser *b)
{
    return b->data_dir;
}


enum browser_state
browser_state(const struct browser *b)
{
    return b->state;
}


const struct browser_stats *
browser_stats(const struct browser *b)
{
    return &b->stats;
}


size_t
browser_processes(const struct browser *b, pid_t *pids, size_t max)
{
    return b->process != NULL ? process_members(b->process, pids, max) : 0;
}


void
browser_set_memory(struct browser *b, uint64_t bytes)
{
    /* it may have ended while it was measured */

    if (b->process != NULL) {
        b->memory = bytes;
    }
}


uint64_t
browser_memory(const struct browser *b)
{
    return b->memory;
}


static void
browser_run(evutil_socket_t fd, short what, void *arg)
{
    struct browser      *b = arg;
    struct event_entry   entry;

    (void) fd;
    (void) what;

    while (event_queue_take(&b->queue, b->serial, &entry)) {
        browser_transition(b, &entry);
    }
}


static void
browser_transition(struct browser *b, const struct event_entry *entry)
{
    enum browser_step   next;
    enum browser_event  event;

    event = (enum browser_event) entry->event;
    next = browser_step_next(b->step, event);

    if (next == BROWSER_STEP_LATER) {
        b->later = event;
        return;
    }

    if (next == BROWSER_STEP_STAY) {
        return;
    }

    browser_count(b, event);

    log_event(b->log, LOG_DEBUG, "browser_step",
              log_const("browser", b->config.name),
              log_const("from", browser_step_name(b->step)),
              log_const("event", browser_event_name(event)),
              log_const("to", browser_step_name(next)),
              log_const("reason", entry->reason != NULL ? entry->reason
                                                        : "none"));

    browser_move(b, next, entry->reason);
}


static void
browser_count(struct browser *b, enum browser_event event)
{
    switch (event) {

    case BROWSER_EVENT_RESTART:

        /* an owner's restarts are no sign of a browser that keeps dying */

        backoff_reset(&b->deaths);
        break;

    case BROWSER_EVENT_LOST:
    case BROWSER_EVENT_IN_USE:
        b->stats.crashes += !browser_step_closes(b->step);
        break;

    default:
        break;
    }
}


static void
browser_move(struct browser *b, enum browser_step next, const char *reason)
{
    bool  closes;

    evtimer_del(b->timer);
    chrome_version_destroy(b->version);
    b->version = NULL;

    closes = browser_step_closes(b->step);

    b->step = next;
    b->serial++;

    /* the reason of a trouble is kept until it runs or is stopped */

    if (next == BROWSER_STEP_RUNNING || next == BROWSER_STEP_STOPPED) {
        b->reason = NULL;

    } else if (reason != NULL && !closes) {
        b->reason = reason;
    }

    if (browser_step_state(next) != BROWSER_STOPPED) {
        browser_tell(b);
    }

    browser_enter(b);

    /* stopped is said when nothing is left */

    if (browser_step_state(next) == BROWSER_STOPPED) {
        browser_tell(b);
    }

    if (b->later != BROWSER_EVENT_NONE) {
        browser_post(b, b->later, NULL, 0);
        b->later = BROWSER_EVENT_NONE;
    }
}


static void
browser_tell(struct browser *b)
{
    enum browser_state     state;
    struct browser_guest  *guest;

    state = browser_step_state(b->step);

    if (state == b->state && state != BROWSER_STOPPED) {
        return;
    }

    b->state = state;

    log_event(b->log, LOG_INFO, "browser_state",
              log_const("browser", b->config.name),
              log_const("state", browser_state_name(state)),
              log_const("reason", b->reason != NULL ? b->reason : "none"));

    TAILQ_FOREACH(guest, &b->guests, link) {
        guest->handlers->changed(guest->ctx, state, b->reason);
    }
}
