/*
 * When to try again after a death: 1, 2, 4 ... 60 seconds, and when to call it
 * a failure.  Pure: the clock is an argument.
 */

#ifndef BACKOFF_H
#define BACKOFF_H

#include <stdbool.h>
#include <stdint.h>


#define BACKOFF_TRIES      5                  /* deaths in a row of BACKOFF_
                                                 WINDOW that are put up with */
#define BACKOFF_WINDOW_MS  (10 * 60 * 1000)
#define BACKOFF_MAX_MS     (60 * 1000)


struct backoff {
    uint64_t  deaths[BACKOFF_TRIES];   /* ms, the latest ones */
    unsigned  n;                       /* since the last reset */
};


/* forgets everything: after 10 healthy minutes, or when asked to start */
void backoff_reset(struct backoff *b);

/*
 * Counts a death at now (ms).  random is any number, for the jitter of up to
 * a quarter.  Returns the delay in ms before the next try.
 */
unsigned backoff_delay(struct backoff *b, uint64_t now, uint32_t random);

/* whether more than BACKOFF_TRIES deaths were counted in BACKOFF_WINDOW_MS;
   to be asked before backoff_delay() counts the present one */
bool backoff_exceeded(const struct backoff *b, uint64_t now);


#endif /* BACKOFF_H */
