/*
 * What is known of messages that have reached a session: keyed digests of
 * their ids, each with the message's time and how far it has come.  A message
 * that is told twice is recognised by it.  In memory, and bounded: when there
 * are too many, those of the oldest delivered messages go.
 */

#ifndef SEEN_H
#define SEEN_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/keyed_hash.h"


#define SEEN_MAX  16384


enum seen_state {
    SEEN_NOT = 0,
    SEEN_KNOWN,        /* it was in the ring */
    SEEN_QUEUED,       /* a consumer has it, and has not delivered it */
    SEEN_DELIVERED
};


struct seen;


/* Makes an empty set; NULL when memory is short. */
struct seen *seen_create(void);

/* Frees a set; NULL is allowed. */
void seen_destroy(struct seen *seen);

/* Returns what is known of a digest. */
enum seen_state seen_find(const struct seen *seen,
    const uint8_t digest[KEYED_HASH_SIZE]);

/*
 * Notes what has become of a message of this time (s).  False when memory is
 * short, or too many are known that no consumer has, and nothing was noted.
 */
bool seen_note(struct seen *seen, const uint8_t digest[KEYED_HASH_SIZE],
    uint64_t time, enum seen_state state);

/* Makes all that were in this state delivered, and returns how many. */
size_t seen_deliver_all(struct seen *seen, enum seen_state state);

/* Finds the earliest time of a message that is queued; false: none is. */
bool seen_oldest_queued(const struct seen *seen, uint64_t *time);

/*
 * The time (s) from which on all messages are in the set that were ever noted;
 * seen_set_floor raises it.
 */
uint64_t seen_floor(const struct seen *seen);
void seen_set_floor(struct seen *seen, uint64_t time);

/* The number of digests. */
size_t seen_count(const struct seen *seen);

/* Calls each with every digest that is delivered, until it returns false. */
bool seen_each_delivered(const struct seen *seen,
    bool (*each)(void *ctx, const uint8_t digest[KEYED_HASH_SIZE],
                 uint64_t time),
    void *ctx);

/* Forgets all, the floor too. */
void seen_clear(struct seen *seen);


#endif /* SEEN_H */
