/*
 * The monotonic clock: every deadline and timer of the daemon counts in its
 * milliseconds.
 */

#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>


/* returns milliseconds since an arbitrary start; never goes back */
static inline uint64_t
clock_ms(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


#endif /* CLOCK_H */
