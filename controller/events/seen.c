/*
 * A hash table with open addressing.  A digest is as good as random, and so
 * are its first bytes.  Nothing is removed but by making the table anew.
 */

#include <stdlib.h>
#include <string.h>

#include "events/seen.h"


#define SEEN_FIRST  64    /* places at first; a power of two */

/* digests that have to be of no more use before the table is made anew */

#define SEEN_WORTH  (SEEN_MAX / 16)


struct seen_entry {
    uint64_t  time;
    uint8_t   digest[KEYED_HASH_SIZE];
    uint8_t   state;      /* enum seen_state; SEEN_NOT: the place is free */
};


struct seen {
    struct seen_entry  *entries;
    size_t              room;     /* places, a power of two; or 0 */
    size_t              count;
    uint64_t            floor;
};


static struct seen_entry *seen_place(const struct seen *seen,
    const uint8_t digest[KEYED_HASH_SIZE]);
static bool seen_make_room(struct seen *seen, enum seen_state state);
static bool seen_resize(struct seen *seen, size_t room, uint64_t floor);
static void seen_forget(struct seen *seen);
static uint64_t seen_oldest_known(const struct seen *seen);
static uint64_t seen_middle(const struct seen *seen);
static int seen_compare(const void *one, const void *two);


struct seen *
seen_create(void)
{
    return calloc(1, sizeof(struct seen));
}


void
seen_destroy(struct seen *seen)
{
    if (seen != NULL) {
        free(seen->entries);
        free(seen);
    }
}


enum seen_state
seen_find(const struct seen *seen, const uint8_t digest[KEYED_HASH_SIZE])
{
    if (seen->room == 0) {
        return SEEN_NOT;
    }

    return (enum seen_state) seen_place(seen, digest)->state;
}


bool
seen_note(struct seen *seen, const uint8_t digest[KEYED_HASH_SIZE],
    uint64_t time, enum seen_state state)
{
    struct seen_entry  *entry;

    if (seen_find(seen, digest) == SEEN_NOT) {
        if (!seen_make_room(seen, state)) {
            return false;
        }

        seen->count++;
    }

    entry = seen_place(seen, digest);

    entry->time = time;
    entry->state = (uint8_t) state;
    memcpy(entry->digest, digest, KEYED_HASH_SIZE);

    return true;
}


size_t
seen_deliver_all(struct seen *seen, enum seen_state state)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < seen->room; i++) {
        if (seen->entries[i].state == state) {
            seen->entries[i].state = SEEN_DELIVERED;
            n++;
        }
    }

    return n;
}


bool
seen_oldest_queued(const struct seen *seen, uint64_t *time)
{
    bool    found;
    size_t  i;

    found = false;

    for (i = 0; i < seen->room; i++) {
        if (seen->entries[i].state == SEEN_QUEUED
            && (!found || seen->entries[i].time < *time))
        {
            *time = seen->entries[i].time;
            found = true;
        }
    }

    return found;
}


uint64_t
seen_floor(const struct seen *seen)
{
    return seen->floor;
}


void
seen_set_floor(struct seen *seen, uint64_t time)
{
    if (time > seen->floor) {
        seen->floor = time;
    }
}


size_t
seen_count(const struct seen *seen)
{
    return seen->count;
}


bool
seen_each_delivered(const struct seen *seen,
    bool (*each)(void *ctx, const uint8_t digest[KEYED_HASH_SIZE],
                 uint64_t time),
    void *ctx)
{
    size_t                    i;
    const struct seen_entry  *entry;

    for (i = 0; i < seen->room; i++) {
        entry = &seen->entries[i];

        if (entry->state == SEEN_DELIVERED
            && !each(ctx, entry->digest, entry->time))
        {
            return false;
        }
    }

    return true;
}


void
seen_clear(struct seen *seen)
{
    free(seen->entries);
    memset(seen, 0, sizeof(struct seen));
}


/* the digest's own place, or the one that it would get */

static struct seen_entry *
seen_place(const struct seen *seen, const uint8_t digest[KEYED_HASH_SIZE])
{
    size_t              at;
    uint64_t            hash;
    struct seen_entry  *entry;

    memcpy(&hash, digest, sizeof(hash));

    for (at = (size_t) hash & (seen->room - 1); ; /* void */ ) {
        entry = &seen->entries[at];

        if (entry->state == SEEN_NOT
            || memcmp(entry->digest, digest, KEYED_HASH_SIZE) == 0)
        {
            return entry;
        }

        at = (at + 1) & (seen->room - 1);
    }
}


/* room for one more; the table is never more than half full */

static bool
seen_make_room(struct seen *seen, enum seen_state state)
{
    if (seen->room == 0) {
        return seen_resize(seen, SEEN_FIRST, 0);
    }

    if (seen->count >= SEEN_MAX) {
        seen_forget(seen);
    }

    /* a message that is not noted is found in the page's history again */

    if (seen->count >= SEEN_MAX && state == SEEN_KNOWN) {
        return false;
    }

    if ((seen->count + 1) * 2 <= seen->room) {
        return true;
    }

    /* a set of which nothing may be forgotten grows beyond its bound */

    return seen_resize(seen, seen->room * 2, 0);
}


/* what is delivered and older than floor stays behind */

static bool
seen_resize(struct seen *seen, size_t room, uint64_t floor)
{
    size_t              i;
    struct seen         old;
    struct seen_entry  *entry;

    old = *seen;
    seen->entries = calloc(room, sizeof(struct seen_entry));

    if (seen->entries == NULL) {
        seen->entries = old.entries;
        return false;
    }

    seen->room = room;
    seen->count = 0;

    for (i = 0; i < old.room; i++) {
        entry = &old.entries[i];

        if (entry->state == SEEN_NOT
            || (entry->time < floor && entry->state != SEEN_QUEUED))
        {
            continue;
        }

        *seen_place(seen, entry->digest) = *entry;
        seen->count++;
    }

    seen_set_floor(seen, floor);
    free(old.entries);

    return true;
}


/*
 * Forgets what is delivered and the oldest.  Those that are known only are
 * still to be read from the history, which the floor must not cut off.
 */

static void
seen_forget(struct seen *seen)
{
    size_t                    i, useless;
    uint64_t                  oldest, middle;
    const struct seen_entry  *entry;

    useless = 0;
    oldest = seen_oldest_known(seen);

    for (i = 0; i < seen->room; i++) {
        entry = &seen->entries[i];
        useless += entry->state == SEEN_DELIVERED && entry->time < oldest;
    }

    if (useless < SEEN_WORTH) {
        return;
    }

    middle = seen_middle(seen);

    (void) seen_resize(seen, seen->room, middle < oldest ? middle : oldest);
}


/* the earliest time of a message that no consumer has; UINT64_MAX: none */

static uint64_t
seen_oldest_known(const struct seen *seen)
{
    size_t    i;
    uint64_t  oldest;

    oldest = UINT64_MAX;

    for (i = 0; i < seen->room; i++) {
        if (seen->entries[i].state == SEEN_KNOWN
            && seen->entries[i].time < oldest)
        {
            oldest = seen->entries[i].time;
        }
    }

    return oldest;
}


/* the time that the older half lies before, or 0 when memory is short */

static uint64_t
seen_middle(const struct seen *seen)
{
    size_t     i, n;
    uint64_t  *times, middle;

    times = malloc(seen->count * sizeof(uint64_t));

    if (times == NULL) {
        return 0;
    }

    for (i = 0, n = 0; i < seen->room; i++) {
        if (seen->entries[i].state != SEEN_NOT) {
            times[n++] = seen->entries[i].time;
        }
    }

    qsort(times, n, sizeof(uint64_t), seen_compare);

    middle = times[n / 2] + 1;
    free(times);

    return middle;
}


static int
seen_compare(const void *one, const void *two)
{
    const uint64_t  *a = one, *b = two;

    return *a < *b ? -1 : *a > *b;
}
