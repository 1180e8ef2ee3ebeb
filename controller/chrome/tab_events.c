/*
 * The events that happen to a tab by its page and its owner: they are put in a
 * queue.
 */

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "chrome/tab_events.h"


static void tab_page_happened(void *ctx, enum page_event event);
static void tab_page_emitted(void *ctx, const char *name, json_t *data);
static void tab_page_downloading(void *ctx);
static void tab_page_console(void *ctx, const char *method,
    json_t *params);
static void tab_verdict(struct tab *t, json_t *data);


const struct page_handlers  tab_page_handlers = {
    tab_page_happened,
    tab_page_emitted,
    tab_page_downloading,
    NULL
};


const struct page_handlers  tab_page_console_handlers = {
    tab_page_happened,
    tab_page_emitted,
    tab_page_downloading,
    tab_page_console
};


/*
 * The bridge of a document says hello before anything else runs in it.  One
 * that is silent so long after its document has come was lost on the way.
 */

#define TAB_HELLO_MS  20000


static const char  tab_missing_reason[] = "bindings_missing";


/* verdicts of the bridge; any other is TAB_EVENT_BOOT_FAILED */

static const struct {
    const char          *verdict;
    enum tab_event   event;
    const char          *reason;
} tab_verdicts[] = {
    { "ok", TAB_EVENT_BOOT_OK, NULL },
    { "stuck", TAB_EVENT_BOOT_STUCK, "page_never_ready" },
    { "absent", TAB_EVENT_BOOT_ABSENT, "page_not_started" }
};


static const struct {
    enum tab_event   event;
    const char          *reason;
} tab_page_events[] = {
    [PAGE_OPEN] = { TAB_EVENT_DONE, NULL },
    [PAGE_FAILED] = { TAB_EVENT_ERROR, "page_not_opened" },
    [PAGE_UP] = { TAB_EVENT_PAGE_UP, NULL },
    [PAGE_LEFT] = { TAB_EVENT_PAGE_LEFT, "page_navigated" },
    [PAGE_UNREACHABLE] = { TAB_EVENT_PAGE_UNREACHABLE,
                           "page_unreachable" },
    [PAGE_CRASHED] = { TAB_EVENT_PAGE_CRASHED, "page_crashed" },
    [PAGE_CLOSED] = { TAB_EVENT_PAGE_CLOSED, "page_closed" }
};


void
tab_post(struct tab *t, enum tab_event event, const char *reason,
    uint64_t serial)
{
    const struct event_entry  entry = { event, reason, serial };

    static const struct event_entry  overflow = {
        TAB_EVENT_WORN, "too_many_events", 0
    };

    (void) event_queue_put(&t->queue, &entry, &overflow);
}


void
tab_post_step(struct tab *t, enum tab_event event, const char *reason)
{
    tab_post(t, event, reason, t->serial);
}


void
tab_set_timer(struct tab *t, struct event *ev, unsigned ms)
{
    struct timeval  tv;

    tv = clock_timeval(ms);

    /* without its timer a step could last for ever */

    if (event_add(ev, &tv) != 0) {
        tab_post(t, TAB_EVENT_WORN, "no_memory", 0);
    }
}


const char *
tab_told_reason(const struct tab *t)
{
    return t->reason == tab_missing_reason ? t->missing : t->reason;
}


static void
tab_page_happened(void *ctx, enum page_event event)
{
    uint64_t     serial;
    struct tab  *t = ctx;

    if (event == PAGE_ARRIVED) {
        if (t->step == TAB_STEP_LOADING) {
            tab_set_timer(t, t->timer, TAB_HELLO_MS);
        }

        return;
    }

    serial = (event == PAGE_OPEN || event == PAGE_FAILED) ? t->serial : 0;

    tab_post(t, tab_page_events[event].event,
             tab_page_events[event].reason, serial);
}


static void
tab_page_emitted(void *ctx, const char *name, json_t *data)
{
    struct tab  *t = ctx;

    t->active_at = clock_ms();

    if (strcmp(name, "boot") == 0) {
        tab_verdict(t, data);
    }

    t->handlers.event(t->ctx, name, data);
}


static void
tab_page_downloading(void *ctx)
{
    struct tab  *t = ctx;

    t->stats.downloads_denied++;
}


static void
tab_page_console(void *ctx, const char *method, json_t *params)
{
    struct tab  *t = ctx;

    t->handlers.console(t->ctx, method, params);
}


static void
tab_verdict(struct tab *t, json_t *data)
{
    size_t       i;
    const char  *verdict;

    verdict = json_string_value(json_object_get(data, "verdict"));

    if (verdict == NULL) {
        verdict = "";
    }

    text_missing(data, t->missing, sizeof(t->missing));
    t->missing_n = json_array_size(json_object_get(data, "missing"));

    /* what was found by names, because wa-js did not get ready, is taken after
       the page was loaded once more, which may make it ready */

    if (strcmp(verdict, "ok") == 0
        && json_is_false(json_object_get(data, "ready"))
        && t->step == TAB_STEP_BOOTING && t->counts.boots == 0)
    {
        verdict = "stuck";
    }

    for (i = 0;
         i < sizeof(tab_verdicts) / sizeof(tab_verdicts[0]);
         i++)
    {
        if (strcmp(verdict, tab_verdicts[i].verdict) == 0) {
            tab_post_step(t, tab_verdicts[i].event,
                          tab_verdicts[i].reason);
            return;
        }
    }

    tab_post_step(t, TAB_EVENT_BOOT_FAILED, tab_missing_reason);
}
