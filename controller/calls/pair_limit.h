/*
 * The limit of messages from one session to one recipient: a token bucket for
 * each pair of them.  The table is in memory only, all of it allocated at the
 * start; a pair is held under a keyed hash, so that no number is kept.
 */

#ifndef PAIR_LIMIT_H
#define PAIR_LIMIT_H


#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/keyed_hash.h"


struct pair_limit_config {
    uint32_t  max;      /* pairs that are held at once */
    unsigned  rate;     /* messages per minute; 0: there is no limit */
    unsigned  burst;    /* messages at once after a pause */
};


/* the token of one message; zeroed: it has none yet */

struct pair_limit_ticket {
    bool     taken;
    uint8_t  key[KEYED_HASH_SIZE];
};


struct pair_limit;


/*
 * Makes a table without pairs, to be freed by pair_limit_destroy; NULL when
 * memory or random is short.
 */
struct pair_limit *pair_limit_create(const struct pair_limit_config *config);

/*
 * Sets another rate and burst, for the pairs that are held too.  Returns
 * false, and nothing has changed, when memory or random is short.
 */
bool pair_limit_change(struct pair_limit *limit, unsigned rate,
    unsigned burst);

/* Wipes and frees the table; NULL is allowed. */
void pair_limit_destroy(struct pair_limit *limit);

/*
 * Takes a token for a message from a session to a recipient, both strings, of
 * which the first is borrowed for the limit's life, unless the ticket has one
 * already.  A full table forgets the pair that has had no message for the
 * longest time.  False: error is ERROR_PAIR_LIMITED with the time until the
 * next token, or that of a failure of libcrypto.
 */
bool pair_limit_take(struct pair_limit *limit, const char *session,
    const char *to, uint64_t now_ms, struct pair_limit_ticket *ticket,
    struct error *error);

/* The message is dispatched: its token is used up. */
void pair_limit_spend(struct pair_limit_ticket *ticket);

/* Puts back the token of a message that was not dispatched, if it has one. */
void pair_limit_return(struct pair_limit *limit,
    struct pair_limit_ticket *ticket, uint64_t now_ms);

/* Forgets the pairs of a session. */
void pair_limit_forget(struct pair_limit *limit, const char *session);

/* Forgets the pairs whose allowance is full again. */
void pair_limit_expire(struct pair_limit *limit, uint64_t now_ms);

/* The number of pairs that are held. */
uint32_t pair_limit_count(const struct pair_limit *limit);

/* The number of pairs that made room for others in a full table. */
uint64_t pair_limit_evicted(const struct pair_limit *limit);


#endif /* PAIR_LIMIT_H */
