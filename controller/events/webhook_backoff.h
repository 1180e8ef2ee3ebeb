/*
 * How long to wait before a delivery is tried again: twice as long after each
 * failure, up to an hour, and by chance anything less than that ("full
 * jitter"), so that a receiver that comes back is not met by all at once.
 */

#ifndef WEBHOOK_BACKOFF_H
#define WEBHOOK_BACKOFF_H


#include <stdint.h>


#define WEBHOOK_BACKOFF_MIN_MS  100
#define WEBHOOK_BACKOFF_MAX_MS  (60 * 60 * 1000)


/*
 * Returns the delay in ms after failures, which are 1 or more; random is any
 * number.  max_ms bounds the delay.
 */
uint64_t webhook_backoff(unsigned failures, uint64_t max_ms,
    uint32_t random);


#endif /* WEBHOOK_BACKOFF_H */
