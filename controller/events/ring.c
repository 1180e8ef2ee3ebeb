/*
 * An array of events: the one with the number seq stands at seq modulo the
 * array's size.  The numbers begin with 1 and have no holes.
 */

#include <sys/queue.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "events/ring.h"


#define RING_BOOT_SIZE  17    /* hex digits and NUL */


struct ring_reader {
    LIST_ENTRY(ring_reader)   link;
    struct ring              *ring;
    uint64_t                  next;      /* the number of the next event */
    uint64_t                  passed[EVENT_KINDS];   /* events before it */
    uint64_t                  missed;    /* to be told first */
    bool                      foreign;   /* the same; nobody knows how many */
    bool                      waits;
    unsigned                  kinds;
    void                    (*ready)(void *ctx);
    void                     *ctx;
};

LIST_HEAD(ring_readers, ring_reader);


struct ring {
    struct account_event     *events[RING_EVENTS];
    uint64_t                  first;     /* the number of the oldest event */
    uint64_t                  next;      /* of the one to come */
    size_t                    bytes;
    uint64_t                  evicted[EVENT_KINDS];   /* before the oldest */
    struct ring_readers       readers;
    char                      boot[RING_BOOT_SIZE];
};


static void ring_evict(struct ring *ring);
static void ring_reader_seek(struct ring_reader *reader, const char *last);
static void ring_print_id(const struct ring *ring, uint64_t seq, char *id);
static bool ring_read_id(const struct ring *ring, const char *id,
    uint64_t *seq);
static void ring_reader_catch_up(struct ring_reader *reader);
static bool ring_reader_has_gap(struct ring_reader *reader,
    struct ring_item *item);


struct ring *
ring_create(void)
{
    size_t        i;
    uint8_t       boot[RING_BOOT_SIZE / 2];
    struct ring  *ring;

    if (RAND_bytes(boot, sizeof(boot)) != 1) {
        return NULL;
    }

    ring = calloc(1, sizeof(struct ring));

    if (ring == NULL) {
        return NULL;
    }

    ring->first = 1;
    ring->next = 1;
    LIST_INIT(&ring->readers);

    for (i = 0; i < sizeof(boot); i++) {
        (void) snprintf(ring->boot + 2 * i, 3, "%02x", boot[i]);
    }

    return ring;
}


void
ring_destroy(struct ring *ring)
{
    if (ring != NULL) {
        ring_clear(ring);
        free(ring);
    }
}


void
ring_put(struct ring *ring, struct account_event *event)
{
    struct ring_reader  *reader, *next;

    while (ring->next - ring->first == RING_EVENTS
           || (ring->next != ring->first
               && ring->bytes + event->size > RING_BYTES))
    {
        ring_evict(ring);
    }

    event->seq = ring->next++;
    ring->events[event->seq % RING_EVENTS] = event_hold(event);
    ring->bytes += event->size;

    for (reader = LIST_FIRST(&ring->readers); reader != NULL; reader = next) {
        next = LIST_NEXT(reader, link);

        if (reader->waits && (reader->kinds & EVENT_BIT(event->kind)) != 0) {
            reader->waits = false;
            reader->ready(reader->ctx);
        }
    }
}


void
ring_clear(struct ring *ring)
{
    while (ring->first != ring->next) {
        ring_evict(ring);
    }
}


struct ring_stats
ring_stats(const struct ring *ring)
{
    unsigned                   kind;
    struct ring_stats          stats;
    const struct ring_reader  *reader;

    memset(&stats, 0, sizeof(stats));

    stats.events = ring->next - ring->first;
    stats.bytes = ring->bytes;

    for (kind = 0; kind < EVENT_KINDS; kind++) {
        stats.evicted += ring->evicted[kind];
    }

    LIST_FOREACH(reader, &ring->readers, link) {
        stats.readers++;
    }

    return stats;
}


struct ring_reader *
ring_subscribe(struct ring *ring, const char *last, unsigned kinds,
    void (*ready)(void *ctx), void *ctx)
{
    struct ring_reader  *reader;

    reader = calloc(1, sizeof(struct ring_reader));

    if (reader == NULL) {
        return NULL;
    }

    reader->ring = ring;
    reader->kinds = kinds;
    reader->ready = ready;
    reader->ctx = ctx;

    ring_reader_seek(reader, last);
    LIST_INSERT_HEAD(&ring->readers, reader, link);

    return reader;
}


bool
ring_next(struct ring_reader *reader, struct ring_item *item)
{
    struct ring           *ring = reader->ring;
    struct account_event  *event;

    memset(item, 0, sizeof(struct ring_item));

    if (ring_reader_has_gap(reader, item)) {
        return true;
    }

    while (reader->next != ring->next) {
        event = ring->events[reader->next % RING_EVENTS];

        reader->next++;
        reader->passed[event->kind]++;

        if ((reader->kinds & EVENT_BIT(event->kind)) != 0) {
            item->event = event;
            ring_print_id(ring, event->seq, item->id);
            return true;
        }
    }

    reader->waits = true;

    return false;
}


void
ring_unsubscribe(struct ring_reader *reader)
{
    if (reader != NULL) {
        LIST_REMOVE(reader, link);
        free(reader);
    }
}


static void
ring_evict(struct ring *ring)
{
    struct account_event  *event;

    event = ring->events[ring->first % RING_EVENTS];

    ring->events[ring->first % RING_EVENTS] = NULL;
    ring->first++;
    ring->bytes -= event->size;
    ring->evicted[event->kind]++;

    event_release(event);
}


static void
ring_reader_seek(struct ring_reader *reader, const char *last)
{
    uint64_t      seq, to;
    struct ring  *ring = reader->ring;

    reader->next = ring->first;
    memcpy(reader->passed, ring->evicted, sizeof(ring->evicted));

    if (last == NULL) {
        to = ring->next;

    } else if (!ring_read_id(ring, last, &seq)) {
        reader->foreign = true;
        return;

    } else {
        to = seq + 1;
    }

    if (to < ring->first) {
        reader->missed = ring->first - to;
        return;
    }

    while (reader->next != to) {
        reader->passed[ring->events[reader->next % RING_EVENTS]->kind]++;
        reader->next++;
    }
}


/* id has RING_ID_SIZE bytes */

static void
ring_print_id(const struct ring *ring, uint64_t seq, char *id)
{
    (void) snprintf(id, RING_ID_SIZE, "%s-%" PRIu64, ring->boot, seq);
}


/* false: this ring has never given the id */

static bool
ring_read_id(const struct ring *ring, const char *id, uint64_t *seq)
{
    char    again[RING_ID_SIZE];
    size_t  len;

    len = strlen(ring->boot);

    if (strncmp(id, ring->boot, len) != 0 || id[len] != '-') {
        return false;
    }

    *seq = strtoull(id + len + 1, NULL, 10);

    ring_print_id(ring, *seq, again);

    return strcmp(again, id) == 0 && *seq < ring->next;
}


/* a reader that the oldest event has overtaken goes on with that one */

static void
ring_reader_catch_up(struct ring_reader *reader)
{
    unsigned      kind;
    struct ring  *ring = reader->ring;

    if (reader->next >= ring->first) {
        return;
    }

    for (kind = 0; kind < EVENT_KINDS; kind++) {
        if ((reader->kinds & EVENT_BIT(kind)) != 0) {
            reader->missed += ring->evicted[kind] - reader->passed[kind];
        }
    }

    reader->next = ring->first;
    memcpy(reader->passed, ring->evicted, sizeof(ring->evicted));
}


static bool
ring_reader_has_gap(struct ring_reader *reader, struct ring_item *item)
{
    ring_reader_catch_up(reader);

    if (!reader->foreign && reader->missed == 0) {
        return false;
    }

    /* a reader that comes back with it is not told of the gap again */

    ring_print_id(reader->ring, reader->next - 1, item->id);

    item->missed = reader->foreign ? 0 : reader->missed;
    reader->foreign = false;
    reader->missed = 0;

    return true;
}
