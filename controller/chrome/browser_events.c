/*
 * The events that happen to a browser: those of its connection, and the queue
 * that all of them are put in.
 */

#include <string.h>

#include "chrome/browser_private.h"
#include "chrome/page.h"


static void browser_cdp_event(void *ctx, const char *session,
    const char *method, json_t *params);
static void browser_cdp_closed(void *ctx);


#define BROWSER_TARGET_EVENTS                                                 \
    "Target.targetCreated",                                                   \
    "Target.targetDestroyed",                                                 \
    "Target.targetInfoChanged"


static const char *const  browser_events[] = {
    PAGE_PROTOCOL_EVENTS,
    BROWSER_TARGET_EVENTS,
    NULL
};

static const char *const  browser_console_events[] = {
    PAGE_PROTOCOL_EVENTS,
    PAGE_CONSOLE_EVENTS,
    BROWSER_TARGET_EVENTS,
    NULL
};


const struct cdp_handlers  browser_cdp_handlers = {
    browser_cdp_event,
    browser_cdp_closed,
    browser_events
};

const struct cdp_handlers  browser_cdp_console_handlers = {
    browser_cdp_event,
    browser_cdp_closed,
    browser_console_events
};


void
browser_post(struct browser *b, enum browser_event event, const char *reason,
    uint64_t serial)
{
    const struct event_entry  entry = { event, reason, serial };

    static const struct event_entry  overflow = {
        BROWSER_EVENT_LOST, "too_many_events", 0
    };

    (void) event_queue_put(&b->queue, &entry, &overflow);
}


void
browser_post_step(struct browser *b, enum browser_event event,
    const char *reason)
{
    browser_post(b, event, reason, b->serial);
}


unsigned
browser_guests(const struct browser *b)
{
    unsigned                     n;
    const struct browser_guest  *guest;

    n = 0;

    TAILQ_FOREACH(guest, &b->guests, link) {
        n += guest->needs;
    }

    return n;
}


static void
browser_cdp_event(void *ctx, const char *session, const char *method,
    json_t *params)
{
    struct browser        *b = ctx;
    struct browser_guest  *guest;

    if (session == NULL && strncmp(method, "Target.target", 13) == 0) {
        browser_targets_receive(b, method, params);
        return;
    }

    TAILQ_FOREACH(guest, &b->guests, link) {
        guest->handlers->received(guest->ctx, session, method, params);
    }
}


static void
browser_cdp_closed(void *ctx)
{
    browser_post(ctx, BROWSER_EVENT_LOST, "browser_exited", 0);
}
