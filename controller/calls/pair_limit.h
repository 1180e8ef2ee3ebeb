/*
 * How often one session writes to one recipient: a token bucket for each pair
 * of them.  In memory only, all of it taken at the start; a pair is held as a
 * keyed hash, no number is kept.
 */

#ifndef PAIR_H
#define PAIR_H


#include <stdbool.h>
#include <stdint.h>

#include "base/keyed_hash.h"


struct pair_config {
    uint32_t  max;      /* pairs that are held at once */
    unsigned  rate;     /* messages per minute; 0: there is no limit */
    unsigned  burst;    /* messages at once after a pause */
};


/* one message's share; zeroed: there is none */

struct pair_ticket {
    bool     taken;
    uint8_t  key[KEYED_HASH_SIZE];
};


enum pair_verdict {
    PAIR_OK = 0,
    PAIR_LIMITED,
    PAIR_BROKEN         /* libcrypto failed */
};


struct pairs;


/* Makes a table without pairs; NULL when memory or random is short. */
struct pairs *pairs_create(const struct pair_config *config);

/* Wipes and frees the table; NULL is allowed. */
void pairs_destroy(struct pairs *pairs);

/*
 * Takes a share for a message of a session to a recipient, both strings,
 * unless the ticket holds one already.  PAIR_LIMITED: *wait_ms says when to
 * come again.  A full table forgets the pair that has been quiet longest.
 */
enum pair_verdict pairs_take(struct pairs *pairs, const char *session,
    const char *to, uint64_t now_ms, struct pair_ticket *ticket,
    uint64_t *wait_ms);

/* The message goes out: its share is used up. */
void pairs_spend(struct pair_ticket *ticket);

/* Puts back the share of a message that did not go out, if there is one. */
void pairs_return(struct pairs *pairs, struct pair_ticket *ticket,
    uint64_t now_ms);

/* The pairs that are held, and how many were forgotten before their time. */
uint32_t pairs_count(const struct pairs *pairs);
uint64_t pairs_evicted(const struct pairs *pairs);


#endif /* PAIR_H */
