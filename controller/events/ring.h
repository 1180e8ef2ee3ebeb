/*
 * The ring holds the last events of a session for those who read its stream.
 * It is in memory only and bounded: the oldest event makes room.  A reader has
 * a place in the ring and nothing else, so that a slow one costs nothing; one
 * that the oldest event has overtaken is told how many it has missed.
 */

#ifndef RING_H
#define RING_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "events/event.h"


#define RING_EVENTS   1000
#define RING_BYTES    (4 * 1024 * 1024)    /* of their bodies */
#define RING_ID_SIZE  40                   /* "<boot>-<seq>", with NUL */


struct ring;
struct ring_reader;


/* the next thing that a reader is told */

struct ring_item {
    struct account_event  *event;     /* NULL: some are missing here */
    uint64_t               missed;    /* how many then; 0: nobody knows */

    /* of the event, or of the last one that is missing, which may be 0 */
    char                   id[RING_ID_SIZE];
};


struct ring_stats {
    uint64_t  events;     /* in the ring */
    uint64_t  bytes;
    uint64_t  evicted;    /* that made room, since the start */
    uint64_t  readers;
};


/* Makes an empty ring; NULL when memory or random is short. */
struct ring *ring_create(void);

/* Frees a ring that has no readers; NULL is allowed. */
void ring_destroy(struct ring *ring);

/*
 * Puts an event, which has no place in a ring yet, behind all others and holds
 * it.  Readers that wait are called.
 */
void ring_put(struct ring *ring, struct account_event *event);

/* Removes all events; nobody is told. */
void ring_clear(struct ring *ring);

/* What is in the ring, and what was. */
struct ring_stats ring_stats(const struct ring *ring);

/*
 * Makes a reader of the kinds in a set, see EVENT_BIT.  It begins behind the
 * event with the id last, or, if that is NULL, with the next event to come.
 * With an id of another run of the controller it begins with a gap of a number
 * that nobody knows, and then the oldest event.
 *
 * ready is called when there is something to read after ring_next has found
 * nothing, once, and never from inside ring_subscribe or ring_next.  It may
 * read, and end its own reader.  Returns NULL when memory is short.
 */
struct ring_reader *ring_subscribe(struct ring *ring, const char *last,
    unsigned kinds, void (*ready)(void *ctx), void *ctx);

/*
 * Fills item with the reader's next one, borrowed until the ring is put or
 * read again, and moves the reader behind it.  False: it has read all.
 */
bool ring_next(struct ring_reader *reader, struct ring_item *item);

/* Ends a reader; NULL is allowed. */
void ring_unsubscribe(struct ring_reader *reader);


#endif /* RING_H */
