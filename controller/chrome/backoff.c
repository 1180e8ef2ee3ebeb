/*
 * A back-off remembers the times of the latest deaths.
 */

#include <string.h>

#include "chrome/backoff.h"


#define BACKOFF_DOUBLINGS  6    /* 64 s is over the maximum already */


void
backoff_reset(struct backoff *b)
{
    memset(b, 0, sizeof(struct backoff));
}


unsigned
backoff_delay(struct backoff *b, unsigned max, uint64_t now, uint32_t random)
{
    unsigned  delay, n;

    n = b->n < BACKOFF_DOUBLINGS ? b->n : BACKOFF_DOUBLINGS;

    delay = 1000u << n;

    if (delay > max) {
        delay = max;
    }

    b->deaths[b->n % BACKOFF_TRIES] = now;
    b->n++;

    return delay + random % (delay / 4);
}


bool
backoff_exceeded(const struct backoff *b, uint64_t now)
{
    /* the death that is overwritten next is the oldest one */

    return b->n >= BACKOFF_TRIES
           && now - b->deaths[b->n % BACKOFF_TRIES] < BACKOFF_WINDOW_MS;
}
