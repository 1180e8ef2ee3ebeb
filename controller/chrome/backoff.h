/*
 * A back-off returns how long to wait after a death: 1, 2, 4 ... seconds,
 * and says when there were so many that it is a failure.  The caller passes
 * the time.
 */

#ifndef BACKOFF_H
#define BACKOFF_H

#include <stdbool.h>
#include <stdint.h>


#define BACKOFF_TRIES      5                  /* deaths that are tolerated in
                                                 BACKOFF_WINDOW_MS */
#define BACKOFF_WINDOW_MS  (10 * 60 * 1000)
#define BACKOFF_MAX_MS     (60 * 1000)        /* the usual longest delay */


struct backoff {
    uint64_t  deaths[BACKOFF_TRIES];   /* ms, the latest ones */
    unsigned  n;                       /* since the last reset */
};


/* forgets all deaths */
void backoff_reset(struct backoff *b);

/*
 * Counts a death at now (ms).  max (ms) is the longest delay, but for the
 * jitter of up to a quarter, for which random is any number.  Returns the
 * delay in ms before the next try.
 */
unsigned backoff_delay(struct backoff *b, unsigned max, uint64_t now,
    uint32_t random);

/* returns whether BACKOFF_TRIES deaths were counted in BACKOFF_WINDOW_MS; to
   be called before backoff_delay() counts the present one */
bool backoff_exceeded(const struct backoff *b, uint64_t now);


#endif /* BACKOFF_H */
