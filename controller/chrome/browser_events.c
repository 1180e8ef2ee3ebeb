/*
 * The events that happen to a browser.
 *
 * Whatever happens is put in a queue and taken out of it at the top of the
 * loop.  So nothing is ever torn down below its own callback, and events of
 * the same moment are looked at one after the other.
 */

#include <string.h>

#include "base/text.h"
#include "chrome/browser_events.h"


static void browser_page_happened(void *ctx, enum page_event event);
static void browser_page_emitted(void *ctx, const char *name, json_t *data);
static void browser_page_downloading(void *ctx, const char *method,
    json_t *params);
static void browser_page_console(void *ctx, const char *method,
    json_t *params);
static void browser_verdict(struct browser *b, json_t *data);
static void browser_cdp_event(void *ctx, const char *session,
    const char *method, json_t *params);
static void browser_cdp_closed(void *ctx);


const struct page_handlers  browser_page_handlers = {
    browser_page_happened,
    browser_page_emitted,
    browser_page_downloading,
    NULL
};


const struct page_handlers  browser_page_console_handlers = {
    browser_page_happened,
    browser_page_emitted,
    browser_page_downloading,
    browser_page_console
};


const struct cdp_handlers  browser_cdp_handlers = {
    browser_cdp_event,
    browser_cdp_closed,
    page_protocol_events
};


const struct cdp_handlers  browser_cdp_console_handlers = {
    browser_cdp_event,
    browser_cdp_closed,
    page_console_events
};


static const char  browser_missing_reason[] = "bindings_missing";


/* verdicts of the bridge; any other is BROWSER_EVENT_BOOT_FAILED */

static const struct {
    const char          *verdict;
    enum browser_event   event;
    const char          *reason;
} browser_verdicts[] = {
    { "ok", BROWSER_EVENT_BOOT_OK, NULL },
    { "stuck", BROWSER_EVENT_BOOT_STUCK, "page_never_ready" },
    { "absent", BROWSER_EVENT_BOOT_ABSENT, "page_not_started" }
};


static const struct {
    enum browser_event   event;
    const char          *reason;
} browser_page_events[] = {
    [PAGE_OPEN] = { BROWSER_EVENT_DONE, NULL },
    [PAGE_FAILED] = { BROWSER_EVENT_ERROR, "page_not_opened" },
    [PAGE_UP] = { BROWSER_EVENT_PAGE_UP, NULL },
    [PAGE_LEFT] = { BROWSER_EVENT_PAGE_LEFT, "page_navigated" },
    [PAGE_UNREACHABLE] = { BROWSER_EVENT_PAGE_UNREACHABLE,
                           "page_unreachable" },
    [PAGE_CRASHED] = { BROWSER_EVENT_PAGE_CRASHED, "page_crashed" },
    [PAGE_CLOSED] = { BROWSER_EVENT_PAGE_CLOSED, "page_closed" }
};


void
browser_post(struct browser *b, enum browser_event event, const char *reason,
    uint64_t serial)
{
    struct browser_entry  *last;

    last = (b->queued != 0) ? &b->queue[b->queued - 1] : NULL;

    if (last != NULL && last->event == event && last->serial == serial) {
        return;
    }

    if (b->queued == BROWSER_QUEUE) {

        /* a browser that works never fills the queue in one round */

        last->event = BROWSER_EVENT_LOST;
        last->reason = "too_many_events";
        last->serial = 0;

        return;
    }

    b->queue[b->queued++] = (struct browser_entry) { event, reason, serial };

    event_active(b->run, EV_TIMEOUT, 0);
}


void
browser_post_step(struct browser *b, enum browser_event event,
    const char *reason)
{
    browser_post(b, event, reason, b->serial);
}


bool
browser_take(struct browser *b, struct browser_entry *entry)
{
    while (b->queued != 0) {

        *entry = b->queue[0];

        b->queued--;
        memmove(&b->queue[0], &b->queue[1],
                b->queued * sizeof(struct browser_entry));

        if (entry->serial == 0 || entry->serial == b->serial) {
            return true;
        }
    }

    return false;
}


const char *
browser_told_reason(const struct browser *b)
{
    return b->reason == browser_missing_reason ? b->missing : b->reason;
}


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

    if (strcmp(name, "boot") == 0) {
        browser_verdict(b, data);
    }

    b->handlers.event(b->ctx, name, data);
}


static void
browser_page_downloading(void *ctx, const char *method, json_t *params)
{
    browser_saves_receive(ctx, method, params);
}


static void
browser_page_console(void *ctx, const char *method, json_t *params)
{
    struct browser  *b = ctx;

    b->handlers.console(b->ctx, method, params);
}


static void
browser_verdict(struct browser *b, json_t *data)
{
    size_t       i;
    const char  *verdict;

    verdict = json_string_value(json_object_get(data, "verdict"));

    if (verdict == NULL) {
        verdict = "";
    }

    text_missing(data, b->missing, sizeof(b->missing));
    b->missing_n = json_array_size(json_object_get(data, "missing"));

    /* what was found by names, because wa-js did not get ready, is taken after
       the page was loaded once more, which may make it ready */

    if (strcmp(verdict, "ok") == 0
        && json_is_false(json_object_get(data, "ready"))
        && b->step == BROWSER_STEP_BOOTING && b->counts.boots == 0)
    {
        verdict = "stuck";
    }

    for (i = 0;
         i < sizeof(browser_verdicts) / sizeof(browser_verdicts[0]);
         i++)
    {
        if (strcmp(verdict, browser_verdicts[i].verdict) == 0) {
            browser_post_step(b, browser_verdicts[i].event,
                              browser_verdicts[i].reason);
            return;
        }
    }

    browser_post_step(b, BROWSER_EVENT_BOOT_FAILED, browser_missing_reason);
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
    browser_post(ctx, BROWSER_EVENT_LOST, "browser_exited", 0);
}
