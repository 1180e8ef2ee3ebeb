/*
 * A least rate: who is slower than so many bytes in each window of time holds
 * what others need.
 */

#ifndef LEAST_RATE_H
#define LEAST_RATE_H


#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>


struct least_rate {
    struct event  *timer;        /* NULL: it does not run */
    uint64_t       window_ms;
    uint64_t       least;        /* bytes in a window */
    uint64_t       bytes;        /* in this window */
    void         (*slow)(void *ctx);
    void          *ctx;
};


/*
 * Starts to watch; slow is called once, at the end of the first window with
 * less than least bytes.  The caller keeps the structure, which was zeroed,
 * and calls least_rate_stop.  Returns false when memory is short.
 */
bool least_rate_start(struct least_rate *rate, struct event_base *base,
    uint64_t window_ms, uint64_t least, void (*slow)(void *ctx), void *ctx);

/* Counts bytes that have passed. */
void least_rate_count(struct least_rate *rate, uint64_t bytes);

/* Ends the watch; may be called when it never started, and from slow. */
void least_rate_stop(struct least_rate *rate);


#endif /* LEAST_RATE_H */
