/*
 * The monotonic clock, in whose milliseconds all deadlines and timers of the
 * controller are.
 */

#ifndef CLOCK_H
#define CLOCK_H

#include <sys/time.h>

#include <stdint.h>
#include <time.h>


/* Milliseconds since an arbitrary start; the clock never goes back. */
static inline uint64_t
clock_ms(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


/* Milliseconds as the timers of libevent take them. */
static inline struct timeval
clock_timeval(uint64_t ms)
{
    struct timeval  tv;

    tv.tv_sec = (time_t) (ms / 1000);
    tv.tv_usec = (suseconds_t) (ms % 1000 * 1000);

    return tv;
}


#endif /* CLOCK_H */
