/*
 * The delays of a back-off, which are seconds, count as minutes here.
 */

#include "session/memory_bound.h"


#define MEMORY_BOUND_PAUSE_MAX  15000    /* of the back-off, in ms */
#define MEMORY_BOUND_SLOWER     60


enum memory_verdict
memory_bound_judge(struct memory_bound *bound,
    const struct memory_limits *limits, uint64_t bytes, uint64_t now_ms)
{
    enum memory_verdict  verdict;

    if (limits->max != 0 && bytes > limits->max) {
        verdict = MEMORY_MAX;

    } else if (limits->high != 0 && bytes > limits->high) {
        verdict = MEMORY_HIGH;

    } else {
        bound->above = false;
        return MEMORY_FITS;
    }

    if (!bound->above
        && now_ms - bound->renewed_at >= MEMORY_BOUND_SOON_MS)
    {
        backoff_reset(&bound->renewals);
        bound->pause_end = 0;
    }

    bound->above = true;

    return now_ms < bound->pause_end ? MEMORY_PAUSED : verdict;
}


void
memory_bound_renewed(struct memory_bound *bound, uint64_t now_ms,
    uint32_t random)
{
    bound->renewed_at = now_ms;
    bound->above = false;
    bound->pause_end = now_ms
                       + (uint64_t) backoff_delay(&bound->renewals,
                                                  MEMORY_BOUND_PAUSE_MAX,
                                                  now_ms, random)
                         * MEMORY_BOUND_SLOWER;
}
