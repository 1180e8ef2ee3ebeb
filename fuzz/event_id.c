/*
 * Ids with which a reader of the event stream comes back: the first byte of an
 * input says how many events there were, the rest is the id, where "*" stands
 * for what all ids of the ring begin with.  A reader gets what it lacks once,
 * in order, or is told that something is missing.
 */

#include <stdbool.h>

#include "events/ring.h"

#include "fuzz.h"


#define EVENTS_EACH  8    /* events for each one that the byte says */


static void
on_ready(void *ctx)
{
    (void) ctx;
}


static void
put(struct ring *ring, enum event_kind kind)
{
    char                  *body;
    struct account_event  *event;

    body = strdup("{}");
    require(body != NULL);

    event = event_create(kind, body, 2);
    require(event != NULL);

    ring_put(ring, event);
    event_release(event);
}


/* the id that the ring gives its first event, without its number */

static char *
begin(struct ring *ring)
{
    size_t               len;
    struct ring_item     item;
    struct ring_reader  *reader;

    reader = ring_subscribe(ring, NULL, EVENT_ALL, on_ready, NULL);
    require(reader != NULL);

    put(ring, EVENT_MESSAGE);
    require(ring_next(reader, &item) && item.event != NULL);

    len = strlen(item.id);
    require(len > 2 && strcmp(item.id + len - 2, "-1") == 0);

    ring_unsubscribe(reader);

    return fuzz_copy(item.id, len - 1);
}


/* what a reader with this id gets; next is its first event, 0: not known */

static void
check(struct ring *ring, const char *id, uint64_t next, uint64_t put_n)
{
    bool                 gap;
    struct ring_item     item;
    struct ring_reader  *reader;

    gap = false;
    reader = ring_subscribe(ring, id, EVENT_ALL, on_ready, NULL);
    require(reader != NULL);

    while (ring_next(reader, &item)) {

        if (item.event == NULL) {
            require(!gap);
            gap = true;
            require(next == 0 || item.missed != 0);
            next += next != 0 ? item.missed : 0;
            continue;
        }

        require(next == 0 || item.event->seq == next);
        next = item.event->seq + 1;
    }

    /* an id that is none is told of, and gets all there is */

    require(gap || next != 0);
    require(next == put_n + 1);

    ring_unsubscribe(reader);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char         *boot, *rest, *id, *end;
    uint64_t      n, seq, i;
    struct ring  *ring;

    if (size < 2) {
        return -1;
    }

    ring = ring_create();
    require(ring != NULL);

    boot = begin(ring);
    n = 1 + (uint64_t) data[0] * EVENTS_EACH;

    for (i = 1; i < n; i++) {
        put(ring, i % 3 == 0 ? EVENT_STATUS : EVENT_MESSAGE);
    }

    rest = fuzz_copy(data + 1, size - 1);
    seq = 0;

    if (rest[0] == '*') {
        require(asprintf(&id, "%s%s", boot, rest + 1) != -1);

        /* a number in its only form, of an event that there was */

        seq = strtoull(rest + 1, &end, 10);

        if (rest[1] < '1' || rest[1] > '9' || *end != '\0' || seq > n) {
            seq = strcmp(rest, "*0") == 0 ? 0 : UINT64_MAX;
        }

        check(ring, id, seq == UINT64_MAX ? 0 : seq + 1, n);
        free(id);

    } else {
        check(ring, rest, 0, n);
    }

    free(rest);
    free(boot);
    ring_destroy(ring);

    return 0;
}
