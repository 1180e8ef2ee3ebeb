/*
 * A memory bound decides whether a page, or a browser, that was measured has
 * to be replaced.  One that is above its limit again soon after it was
 * replaced has a limit that is too low: it is left alone for 1, 2, 4 ... 15
 * minutes.  The caller passes the time.
 */

#ifndef MEMORY_BOUND_H
#define MEMORY_BOUND_H


#include <stdbool.h>
#include <stdint.h>

#include "chrome/backoff.h"


/* ms that it must have been below its limit to count as one that grows */

#define MEMORY_BOUND_SOON_MS  (10 * 60 * 1000)


/* bytes; 0: no limit */

struct memory_limits {
    uint64_t  high;    /* above, it is replaced when nobody needs it */
    uint64_t  max;     /* above, at once */
};


enum memory_verdict {
    MEMORY_FITS = 0,
    MEMORY_HIGH,     /* to be replaced when nobody needs it */
    MEMORY_MAX,      /* to be replaced at once */
    MEMORY_PAUSED    /* above its limit, and left alone for a while */
};


struct memory_bound {
    struct backoff  renewals;      /* that followed each other too soon */
    uint64_t        renewed_at;    /* ms; 0: never */
    uint64_t        pause_end;     /* ms */
    bool            above;         /* as last measured */
};


/* Returns what has to become of one that takes so many bytes. */
enum memory_verdict memory_bound_judge(struct memory_bound *bound,
    const struct memory_limits *limits, uint64_t bytes, uint64_t now_ms);

/* Notes that it is being replaced; random is any number. */
void memory_bound_renewed(struct memory_bound *bound, uint64_t now_ms,
    uint32_t random);


#endif /* MEMORY_BOUND_H */
