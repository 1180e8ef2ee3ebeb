/*
 * The garbage of a page's scripts.  V8 gives memory back when it is busy, and
 * an idle page may keep twice what it needs.  So a page that nobody has used
 * for a while, and whose heap has grown since the last time, is told to
 * collect.  That stops its scripts for a moment: nothing may be under way.
 */

#include "base/clock.h"
#include "chrome/tab_private.h"


#define TAB_HEAP_MS     10000
#define TAB_COLLECT_MS  60000

/* bytes, and the part of what was left the last time, that count as grown */

#define TAB_HEAP_GROWN  (8 * 1024 * 1024)
#define TAB_HEAP_PART   8

/* from a collection to the next look, in times of config.collect_idle_ms */

#define TAB_HEAP_REST   10


static bool tab_heap_idle(const struct tab *t, uint64_t now);
static void tab_heap_found(void *ctx, enum cdp_status status, json_t *result);
static void tab_heap_collected(void *ctx, enum cdp_status status,
    json_t *result);
static void tab_heap_left(void *ctx, enum cdp_status status, json_t *result);


void
tab_heap_begin(struct tab *t)
{
    t->heap_left = 0;
    t->heap_at = 0;
    t->active_at = clock_ms();
}


void
tab_heap_look(struct tab *t)
{
    uint64_t  now;

    now = clock_ms();

    if (t->config.collect_idle_ms == 0 || t->heap_asked || now < t->heap_at
        || !tab_heap_idle(t, now))
    {
        return;
    }

    t->heap_at = now + t->config.collect_idle_ms;
    t->heap_asked = page_ask_heap(t->page, TAB_HEAP_MS, tab_heap_found, t);
}


static bool
tab_heap_idle(const struct tab *t, uint64_t now)
{
    return t->step == TAB_STEP_UP && t->calls == 0
           && TAILQ_EMPTY(&t->saves)
           && now - t->active_at >= t->config.collect_idle_ms;
}


static void
tab_heap_found(void *ctx, enum cdp_status status, json_t *result)
{
    uint64_t     used, grown;
    struct tab  *t = ctx;

    t->heap_asked = false;

    if (status != CDP_OK) {
        return;
    }

    used = page_heap_used(result);
    grown = t->heap_left / TAB_HEAP_PART;

    if (grown < TAB_HEAP_GROWN) {
        grown = TAB_HEAP_GROWN;
    }

    if (used < t->heap_left + grown) {
        return;
    }

    /* somebody came meanwhile: as soon as the page is idle again */

    if (!tab_heap_idle(t, clock_ms())) {
        t->heap_at = 0;
        return;
    }

    t->heap_used = used;
    t->heap_at = clock_ms()
                 + TAB_HEAP_REST * (uint64_t) t->config.collect_idle_ms;
    t->heap_asked = page_collect_garbage(t->page, TAB_COLLECT_MS,
                                         tab_heap_collected, t);
}


static void
tab_heap_collected(void *ctx, enum cdp_status status, json_t *result)
{
    struct tab  *t = ctx;

    (void) result;

    t->heap_asked = false;

    if (status != CDP_OK) {
        return;
    }

    t->stats.collections++;
    t->heap_asked = page_ask_heap(t->page, TAB_HEAP_MS, tab_heap_left, t);
}


static void
tab_heap_left(void *ctx, enum cdp_status status, json_t *result)
{
    struct tab  *t = ctx;

    t->heap_asked = false;

    if (status != CDP_OK) {
        return;
    }

    t->heap_left = page_heap_used(result);

    log_event(t->log, LOG_INFO, "page_garbage_collected",
              log_const("session", t->config.name),
              log_int("before", (int64_t) t->heap_used),
              log_int("after", (int64_t) t->heap_left));
}
