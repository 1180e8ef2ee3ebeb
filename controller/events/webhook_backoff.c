/*
 * The first delay is at most one second.
 */

#include "events/webhook_backoff.h"


#define WEBHOOK_BACKOFF_FIRST_MS   1000
#define WEBHOOK_BACKOFF_DOUBLINGS  12    /* more than an hour */


uint64_t
webhook_backoff(unsigned failures, uint64_t max_ms, uint32_t random)
{
    uint64_t  most;
    unsigned  n;

    n = failures - 1 < WEBHOOK_BACKOFF_DOUBLINGS ? failures - 1
                                                 : WEBHOOK_BACKOFF_DOUBLINGS;

    most = (uint64_t) WEBHOOK_BACKOFF_FIRST_MS << n;

    if (most > max_ms) {
        most = max_ms;
    }

    return WEBHOOK_BACKOFF_MIN_MS
           + (random * (most - WEBHOOK_BACKOFF_MIN_MS) >> 32);
}
