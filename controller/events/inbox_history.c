/*
 * What the page has stored since the mark is read in portions.  The first
 * reading after a document has come is for the ring and the consumer, and goes
 * on to its end even if the consumer has no room.  A later one is for a
 * consumer that had no room: it stops when there is none again, and goes on
 * with the same portion when there is.
 */

#include "base/clock.h"
#include "events/inbox_private.h"


#define INBOX_PORTION       100      /* events */
#define INBOX_HISTORY_MS    30000    /* for a portion */

/* ms until the page is asked again, doubled with each failure */

#define INBOX_RETRY_MS      2000
#define INBOX_RETRY_MAX_MS  60000


static bool inbox_history_ask(struct inbox *inbox);
static void inbox_history_answer(void *ctx, enum tab_call_status status,
    json_t *result);
static void inbox_history_take(struct inbox *inbox, json_t *result);
static bool inbox_history_pauses(const struct inbox *inbox);
static void inbox_history_end(struct inbox *inbox);
static void inbox_history_again(struct inbox *inbox);
static void inbox_history_failed(struct inbox *inbox);


void
inbox_history_expect(struct inbox *inbox)
{
    struct inbox_walk  *walk = &inbox->walk;

    inbox_history_again(inbox);

    walk->due = true;
    walk->first = true;
    walk->failures = 0;
    inbox->released = false;
}


void
inbox_history_run(struct inbox *inbox)
{
    struct inbox_walk  *walk = &inbox->walk;

    if (!walk->due && inbox->refused != UINT64_MAX) {
        walk->due = true;
    }

    if (!walk->due || walk->running || !inbox->state.ready
        || !inbox->started || inbox_history_pauses(inbox)
        || evtimer_pending(inbox->retry, NULL))
    {
        return;
    }

    if (!walk->begun) {
        walk->begun = true;
        walk->since = inbox_keep_since(inbox);

        /* from now on, what is refused is to be read once more */

        inbox->refused = UINT64_MAX;
    }

    walk->running = inbox_history_ask(inbox);

    if (!walk->running) {
        inbox_history_failed(inbox);
    }
}


void
inbox_history_forget(struct inbox *inbox)
{
    inbox_history_again(inbox);

    inbox->walk.due = false;
    inbox->walk.first = false;
    inbox->refused = UINT64_MAX;
}


static bool
inbox_history_ask(struct inbox *inbox)
{
    json_t  *params;

    params = json_pack("{s:I, s:O*, s:i, s:b}",
                       "since", (json_int_t) inbox->walk.since,
                       "after", inbox->walk.after,
                       "limit", INBOX_PORTION, "own", 1);

    return params != NULL
           && inbox->page.call(inbox->page.ctx, "inbound.history", params,
                               INBOX_HISTORY_MS, inbox_history_answer, inbox);
}


static void
inbox_history_answer(void *ctx, enum tab_call_status status,
    json_t *result)
{
    json_t             *next;
    struct inbox       *inbox = ctx;
    struct inbox_walk  *walk = &inbox->walk;

    walk->running = false;

    /* a page that is gone comes back as another document */

    if (!walk->due || !walk->begun || status == TAB_CALL_LOST) {
        return;
    }

    if (status != TAB_CALL_OK) {
        inbox_history_failed(inbox);
        return;
    }

    walk->failures = 0;
    inbox_history_take(inbox, result);

    /* the consumer has no room: the same portion is asked for later */

    if (inbox_history_pauses(inbox)) {
        return;
    }

    next = json_object_get(result, "next");

    if (next != NULL && !json_is_null(next)) {
        json_decref(walk->after);
        walk->after = json_incref(next);
        inbox_history_run(inbox);

    } else if (json_is_false(json_object_get(result, "complete"))) {
        inbox_history_failed(inbox);

    } else {
        inbox_history_end(inbox);
    }
}


static void
inbox_history_take(struct inbox *inbox, json_t *result)
{
    size_t                 i;
    json_t                *object;
    uint64_t               repeated, refused;
    struct account_event  *event;

    json_array_foreach(json_object_get(result, "events"), i, object) {
        event = inbox_event_read(inbox, object, NULL);

        if (event == NULL || !inbox_event_is_message(event->kind)) {
            inbox->stats.malformed++;
            event_release(event);
            continue;
        }

        repeated = inbox->stats.repeated;
        refused = inbox->refused;
        inbox_deliver(inbox, event);
        event_release(event);

        /* to find what was told is no repetition, but what a reading is for */

        if (inbox->stats.repeated == repeated) {
            inbox->stats.caught_up++;
        }

        inbox->stats.repeated = repeated;

        if (inbox_history_pauses(inbox)) {

            /* this very reading will come to it again */

            inbox->refused = refused;
            return;
        }
    }
}


static bool
inbox_history_pauses(const struct inbox *inbox)
{
    return inbox->behind && !inbox->walk.first;
}


/*
 * All was read.  If something was refused meanwhile, the messages that wait
 * are younger than that, and are read once more with it.
 */

static void
inbox_history_end(struct inbox *inbox)
{
    bool      whole;
    uint64_t  lost;

    whole = inbox->refused == UINT64_MAX && !inbox->behind;

    inbox->walk.due = false;
    inbox->walk.first = false;
    inbox_history_again(inbox);
    inbox->stats.catch_ups++;

    inbox_deliver_held(inbox, whole);

    if (whole && inbox->refused == UINT64_MAX && inbox->consumer.offer != NULL)
    {
        /* what the page does not have any more can't be offered again */

        lost = inbox_keep_note_all(inbox, SEEN_KNOWN);
        inbox->consumer_lost += lost;
        inbox->stats.lost += lost;
    }

    inbox_keep_write_soon(inbox);
    inbox_history_run(inbox);
}


/* the next reading begins anew */

static void
inbox_history_again(struct inbox *inbox)
{
    json_decref(inbox->walk.after);
    inbox->walk.after = NULL;
    inbox->walk.begun = false;
}


static void
inbox_history_failed(struct inbox *inbox)
{
    uint64_t         wait;
    struct timeval   tv;

    inbox->stats.failures++;

    wait = (uint64_t) INBOX_RETRY_MS
           << (inbox->walk.failures < 5 ? inbox->walk.failures : 5);

    if (wait > INBOX_RETRY_MAX_MS) {
        wait = INBOX_RETRY_MAX_MS;
    }

    inbox->walk.failures++;

    log_event(inbox->parts.log, LOG_WARN, "inbox_history_failed",
              log_const("session", inbox->session),
              log_int("failures", inbox->walk.failures));

    inbox_history_again(inbox);

    if (inbox->walk.failures >= INBOX_FAILURES) {
        inbox->released = true;
        inbox_deliver_held(inbox, true);
    }

    tv = clock_timeval(wait);
    (void) evtimer_add(inbox->retry, &tv);
}
