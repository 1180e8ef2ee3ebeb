/*
 * The page tells of a message as it arrives.  The inbox drops what it has
 * heard of before, puts the rest into the ring, where readers find it at once,
 * and offers it to the consumer.  What the consumer took is queued until it
 * says that it has delivered it.
 */

#include <stdlib.h>
#include <string.h>

#include "events/inbox_private.h"


/* ms for the page to emit what it has kept */

#define INBOX_START_MS  30000


static void inbox_take_one(struct inbox *inbox, json_t *object);
static bool inbox_is_repeated(struct inbox *inbox, const struct event *event);
static void inbox_offer(struct inbox *inbox, struct event *event);
static bool inbox_has_id(const struct event *event);
static void inbox_started(void *ctx, enum browser_call_status status,
    json_t *result);


struct inbox *
inbox_create(const struct inbox_parts *parts, const char *session,
    const struct inbox_page *page)
{
    struct inbox  *inbox;

    inbox = calloc(1, sizeof(struct inbox));

    if (inbox == NULL) {
        return NULL;
    }

    inbox->parts = *parts;
    inbox->session = session;
    inbox->page = *page;
    inbox->hash = seal_hash(parts->seal);
    inbox->ring = ring_create();
    inbox->seen = seen_create();

    if (inbox->hash == NULL || inbox->ring == NULL || inbox->seen == NULL) {
        inbox_destroy(inbox);
        return NULL;
    }

    return inbox;
}


void
inbox_destroy(struct inbox *inbox)
{
    if (inbox == NULL) {
        return;
    }

    seen_destroy(inbox->seen);
    ring_destroy(inbox->ring);
    keyed_hash_destroy(inbox->hash);
    free(inbox);
}


void
inbox_take(struct inbox *inbox, json_t *data)
{
    size_t   i;
    json_t  *object;

    json_array_foreach(json_object_get(data, "events"), i, object) {
        inbox_take_one(inbox, object);
    }
}


/* a new document is told that there is somebody to tell */

void
inbox_page_changed(struct inbox *inbox, const struct inbox_page_state *state)
{
    json_t  *params;

    if (inbox->document == state->document || !state->tells) {
        return;
    }

    params = json_object();

    if (params != NULL
        && inbox->page.call(inbox->page.ctx, "inbound.start", params,
                            INBOX_START_MS, inbox_started, inbox)
           == 0)
    {
        inbox->document = state->document;
    }
}


struct ring *
inbox_ring(struct inbox *inbox)
{
    return inbox->ring;
}


const struct inbox_stats *
inbox_stats(const struct inbox *inbox)
{
    return &inbox->stats;
}


void
inbox_set_consumer(struct inbox *inbox, const struct inbox_consumer *consumer)
{
    if (consumer != NULL) {
        inbox->consumer = *consumer;
        return;
    }

    memset(&inbox->consumer, 0, sizeof(struct inbox_consumer));
    inbox->behind = false;
    seen_deliver_all(inbox->seen);
}


void
inbox_taken(struct inbox *inbox, const struct event *event)
{
    if (inbox_has_id(event)) {
        (void) seen_note(inbox->seen, event->digest, event->time,
                         SEEN_DELIVERED);
    }
}


void
inbox_lost(struct inbox *inbox, uint64_t n)
{
    inbox->stats.lost += n;
}


void
inbox_room(struct inbox *inbox)
{
    inbox->behind = false;
}


static void
inbox_take_one(struct inbox *inbox, json_t *object)
{
    struct event  *event;

    event = inbox_event_read(inbox, object);

    if (event == NULL) {
        inbox->stats.malformed++;
        return;
    }

    if (inbox_is_repeated(inbox, event)) {
        inbox->stats.repeated++;

    } else {
        ring_put(inbox->ring, event);
        inbox->stats.events[event->kind]++;
        inbox_offer(inbox, event);
    }

    event_release(event);
}


static bool
inbox_is_repeated(struct inbox *inbox, const struct event *event)
{
    if (!inbox_has_id(event)) {
        return false;
    }

    return seen_find(inbox->seen, event->digest) != SEEN_NOT
           || !seen_note(inbox->seen, event->digest, event->time,
                         SEEN_KNOWN);
}


static void
inbox_offer(struct inbox *inbox, struct event *event)
{
    bool                    known;
    struct inbox_consumer  *consumer = &inbox->consumer;

    known = inbox_has_id(event);

    if (consumer->offer == NULL
        || (consumer->kinds & EVENT_BIT(event->kind)) == 0)
    {
        inbox_taken(inbox, event);
        return;
    }

    /* the consumer may deliver it at once */

    if (known) {
        (void) seen_note(inbox->seen, event->digest, event->time,
                         SEEN_QUEUED);
    }

    if (!inbox->behind && consumer->offer(consumer->ctx, event)) {
        return;
    }

    inbox->behind = true;

    if (known) {
        (void) seen_note(inbox->seen, event->digest, event->time,
                         SEEN_KNOWN);

    } else {
        inbox->stats.lost++;
    }
}


/* messages have an id of their own, by which they are known again */

static bool
inbox_has_id(const struct event *event)
{
    return event->kind == EVENT_MESSAGE || event->kind == EVENT_ECHO;
}


static void
inbox_started(void *ctx, enum browser_call_status status, json_t *result)
{
    json_t        *missed;
    struct inbox  *inbox = ctx;

    if (status != BROWSER_CALL_OK) {
        inbox->document = 0;
        return;
    }

    missed = json_object_get(result, "missed");

    inbox_lost(inbox, (uint64_t) json_integer_value(
                          json_object_get(missed, "others")));
}
