/*
 * An event goes into the ring, once, and then to the consumer.  A consumer
 * that has no room is behind: it gets nothing more until the page was asked
 * for what it lacks, so that the order of each chat holds.
 *
 * While the page is asked, messages that arrive wait for the older ones, at
 * the ring only until the first reading is done or takes too long.  They are
 * in the page's history as well: when too many wait, they are left to that.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "events/inbox_private.h"


#define INBOX_HELD_EVENTS  1000
#define INBOX_HELD_BYTES   (4 * 1024 * 1024)

/* ms that a message waits for those of the history at most, at the ring */

#define INBOX_RELEASE_MS   10000


static bool inbox_ring_waits(const struct inbox *inbox);
static bool inbox_consumer_waits(const struct inbox *inbox);
static bool inbox_hold(struct inbox *inbox, struct account_event *event);
static void inbox_deliver_held_before(struct inbox *inbox,
    const struct account_event *event, bool consumer);
static bool inbox_held_is_before(const struct inbox_held *held,
    const struct inbox_held *other);
static struct inbox_held *inbox_held_find(const struct inbox *inbox,
    const struct account_event *event);
static struct account_event *inbox_held_take(struct inbox *inbox,
    struct inbox_held *held);
static void inbox_deliver_message(struct inbox *inbox,
    struct account_event *event, bool consumer);
static void inbox_deliver_other(struct inbox *inbox,
    struct account_event *event);
static void inbox_put(struct inbox *inbox, struct account_event *event);
static void inbox_offer(struct inbox *inbox, struct account_event *event);
static void inbox_refuse(struct inbox *inbox,
    const struct account_event *event);
static bool inbox_consumes(const struct inbox *inbox,
    const struct account_event *event);
static bool inbox_is_whole(const struct inbox *inbox);


void
inbox_deliver_live(struct inbox *inbox, struct account_event *event)
{
    bool  waits;

    waits = inbox_ring_waits(inbox);

    if (!waits && !inbox_consumer_waits(inbox)) {
        inbox_deliver_message(inbox, event, inbox_is_whole(inbox));
        return;
    }

    if (seen_find(inbox->seen, event->digest) != SEEN_NOT) {
        inbox->stats.repeated++;
        return;
    }

    if (!waits) {
        inbox_put(inbox, event);
        inbox_keep_note(inbox, event, SEEN_KNOWN);
    }

    if (inbox_hold(inbox, event)) {
        return;
    }

    /* too many: the consumer gets them from the history */

    inbox->released = true;
    inbox_deliver_held(inbox, false);
    inbox_deliver_message(inbox, event, false);
}


void
inbox_deliver(struct inbox *inbox, struct account_event *event)
{
    bool  turn;

    /* a later reading has come to all that is older, the first one may not */

    turn = !inbox->walk.first || inbox_is_whole(inbox);

    if (inbox_event_is_message(event->kind)) {
        inbox_deliver_held_before(inbox, event, turn);
        inbox_deliver_message(inbox, event, turn);

    } else {
        inbox_deliver_other(inbox, event);
    }
}


void
inbox_deliver_held(struct inbox *inbox, bool consumer)
{
    struct account_event  *event;
    struct inbox_held     *held;

    while ((held = TAILQ_FIRST(&inbox->held)) != NULL) {
        event = inbox_held_take(inbox, held);

        inbox_deliver_message(inbox, event,
                              consumer && inbox_is_whole(inbox));
        event_release(event);
    }
}


void
inbox_deliver_lost(struct inbox *inbox)
{
    char                   text[64];
    uint64_t               lost;
    struct error           error;
    struct account_event  *event;

    lost = inbox->lost + inbox->consumer_lost;

    if (lost == 0 || (inbox->consumer_lost != 0 && inbox->behind)) {
        return;
    }

    (void) snprintf(text, sizeof(text), "%llu events are lost",
                    (unsigned long long) lost);

    error = error_say(ERROR_PAGE_ERROR, text);
    event = inbox_event_error(inbox, &error);

    if (event == NULL) {
        return;
    }

    if (inbox->lost != 0) {
        inbox_put(inbox, event);
    }

    if (!inbox_consumes(inbox, event)
        || inbox->consumer.offer(inbox->consumer.ctx, event))
    {
        inbox->consumer_lost = 0;

    } else {
        inbox->consumer_lost = lost;
        inbox->behind = true;
    }

    inbox->lost = 0;
    event_release(event);
}


void
inbox_deliver_forget(struct inbox *inbox)
{
    struct inbox_held  *held;

    while ((held = TAILQ_FIRST(&inbox->held)) != NULL) {
        event_release(inbox_held_take(inbox, held));
    }
}


static bool
inbox_ring_waits(const struct inbox *inbox)
{
    return inbox->walk.due && inbox->walk.first && !inbox->released;
}


/* a page that can't give its history keeps nobody waiting */

static bool
inbox_consumer_waits(const struct inbox *inbox)
{
    return inbox->consumer.offer != NULL && inbox->walk.due
           && inbox->walk.failures < INBOX_FAILURES && !inbox->behind
           && (inbox->state.ready || !inbox->released);
}


static bool
inbox_hold(struct inbox *inbox, struct account_event *event)
{
    struct timeval      tv;
    struct inbox_held  *held;

    if (inbox->held_n >= INBOX_HELD_EVENTS
        || inbox->held_bytes + event->size > INBOX_HELD_BYTES)
    {
        return false;
    }

    held = malloc(sizeof(struct inbox_held));

    if (held == NULL) {
        return false;
    }

    held->event = event_hold(event);
    held->document = inbox->document;
    TAILQ_INSERT_TAIL(&inbox->held, held, link);
    inbox->held_n++;
    inbox->held_bytes += event->size;

    if (!inbox->released && !evtimer_pending(inbox->release, NULL)) {
        tv = clock_timeval(INBOX_RELEASE_MS);
        (void) evtimer_add(inbox->release, &tv);
    }

    return true;
}


/*
 * The history may not show any more what came before a message that waits: one
 * that was deleted since, or a vote.  It is told in its place, not at the end.
 */

static void
inbox_deliver_held_before(struct inbox *inbox,
    const struct account_event *event, bool consumer)
{
    bool                   last;
    struct inbox_held     *held, *next, *same;
    struct account_event  *older;

    same = inbox_held_find(inbox, event);

    if (same == NULL) {
        return;
    }

    for (held = TAILQ_FIRST(&inbox->held), last = false; !last; held = next) {
        next = TAILQ_NEXT(held, link);
        last = held == same;

        if (!last && !inbox_held_is_before(held, same)) {
            continue;
        }

        older = inbox_held_take(inbox, held);
        inbox_deliver_message(inbox, older, consumer);
        event_release(older);
    }
}


/*
 * Of two that wait, the first one to come may not be the older one if another
 * document has told it.
 */

static bool
inbox_held_is_before(const struct inbox_held *held,
    const struct inbox_held *other)
{
    return held->event->chat == other->event->chat
           && (held->document == other->document
               || held->event->time < other->event->time);
}


static struct inbox_held *
inbox_held_find(const struct inbox *inbox, const struct account_event *event)
{
    struct inbox_held  *held;

    TAILQ_FOREACH(held, &inbox->held, link) {
        if (memcmp(held->event->digest, event->digest, KEYED_HASH_SIZE) == 0) {
            return held;
        }
    }

    return NULL;
}


/* the caller releases the event */

static struct account_event *
inbox_held_take(struct inbox *inbox, struct inbox_held *held)
{
    struct account_event  *event = held->event;

    TAILQ_REMOVE(&inbox->held, held, link);
    inbox->held_n--;
    inbox->held_bytes -= event->size;
    free(held);

    return event;
}


/* consumer is false: it is not the event's turn there */

static void
inbox_deliver_message(struct inbox *inbox, struct account_event *event,
    bool consumer)
{
    enum seen_state  state;

    state = seen_find(inbox->seen, event->digest);

    if (state == SEEN_NOT) {
        inbox_put(inbox, event);
        inbox_keep_note(inbox, event, SEEN_KNOWN);

    } else if (state != SEEN_KNOWN) {
        inbox->stats.repeated++;
        return;
    }

    if (!inbox_consumes(inbox, event)) {
        inbox_keep_note(inbox, event, SEEN_DELIVERED);

    } else if (consumer && !inbox->behind) {
        inbox_offer(inbox, event);

    } else {
        inbox_refuse(inbox, event);
    }
}


static void
inbox_deliver_other(struct inbox *inbox, struct account_event *event)
{
    inbox_put(inbox, event);

    if (!inbox_consumes(inbox, event)) {
        return;
    }

    if (inbox->behind || !inbox->consumer.offer(inbox->consumer.ctx, event)) {
        inbox->behind = true;
        inbox->consumer_lost++;
        inbox->stats.lost++;
        inbox_keep_write_soon(inbox);
    }
}


static void
inbox_put(struct inbox *inbox, struct account_event *event)
{
    inbox->stats.events[event->kind]++;
    ring_put(inbox->ring, event);
}


/* the consumer may deliver it at once: what is noted comes first */

static void
inbox_offer(struct inbox *inbox, struct account_event *event)
{
    inbox_keep_note(inbox, event, SEEN_QUEUED);

    if (inbox->consumer.offer(inbox->consumer.ctx, event)) {
        return;
    }

    inbox->behind = true;
    inbox_keep_note(inbox, event, SEEN_KNOWN);
    inbox_refuse(inbox, event);

    log_event(inbox->parts.log, LOG_INFO, "inbox_behind",
              log_const("session", inbox->session));
}


static void
inbox_refuse(struct inbox *inbox, const struct account_event *event)
{
    if (event->time < inbox->refused) {
        inbox->refused = event->time;
    }
}


static bool
inbox_consumes(const struct inbox *inbox, const struct account_event *event)
{
    return inbox->consumer.offer != NULL
           && (inbox->consumer.kinds & EVENT_BIT(event->kind)) != 0
           && (inbox->consumer.without & event->word) == 0;
}


/*
 * Whether the consumer lacks nothing that is older than what comes now.  If
 * the page goes on failing to give it, the rest does not wait for that.
 */

static bool
inbox_is_whole(const struct inbox *inbox)
{
    return inbox->refused == UINT64_MAX
           || inbox->walk.failures >= INBOX_FAILURES;
}
