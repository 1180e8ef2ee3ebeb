/*
 * Token bucket: how fast one may go on.  The time is the caller's.
 */

#ifndef BUCKET_H
#define BUCKET_H


#include <stdbool.h>
#include <stdint.h>


struct bucket {
    uint64_t  level;    /* in 1/60000 of a token */
    uint64_t  limit;    /* the same, when full */
    uint64_t  rate;     /* tokens per minute; 0: there is no limit */
    uint64_t  updated;  /* ms */
};


/* Makes a full bucket of burst tokens (at least 1), refilled at rate. */
void bucket_init(struct bucket *bucket, unsigned rate_per_minute,
    unsigned burst, uint64_t now_ms);

/*
 * Gives it another rate and burst.  It keeps the tokens that it has, as far as
 * they fit in; one without a limit before is full.
 */
void bucket_change(struct bucket *bucket, unsigned rate_per_minute,
    unsigned burst, uint64_t now_ms);

/* Milliseconds until n tokens could be taken one by one; 0: at once. */
uint64_t bucket_wait(const struct bucket *bucket, uint64_t n,
    uint64_t now_ms);

/* Takes one token; false when there is none. */
bool bucket_take(struct bucket *bucket, uint64_t now_ms);

/* Puts one back that was taken in vain. */
void bucket_return(struct bucket *bucket, uint64_t now_ms);

/* Milliseconds until it is full, as good as a new one; 0: it is. */
uint64_t bucket_fill_time(const struct bucket *bucket, uint64_t now_ms);


#endif /* BUCKET_H */
