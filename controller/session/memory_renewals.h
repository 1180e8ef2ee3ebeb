/*
 * Memory renewals keep pages and browsers within their limits: what is above
 * is replaced, when nobody needs it or at once.
 */

#ifndef MEMORY_RENEWALS_H
#define MEMORY_RENEWALS_H


#include <event2/event.h>

#include "base/log.h"
#include "session/memory_bound.h"
#include "session/session_list.h"


struct memory_renewals;


struct memory_config {
    struct memory_limits  page;
    struct memory_limits  browser;        /* of all its processes */
    uint64_t              all;            /* bytes of controller and browsers
                                             above which no further session
                                             starts; 0: no limit */
    unsigned              interval_ms;    /* between two measurements; calls
                                             are made to wait when what is
                                             above its high limit is needed for
                                             so long */
};


/* log and sessions are borrowed */

struct memory_parts {
    struct event_base    *base;
    struct log           *log;
    struct session_list  *sessions;
    size_t                sessions_max;
};


/*
 * Makes renewals without a limit.  NULL when memory is short.
 * memory_renewals_destroy frees it; NULL is allowed.
 */
struct memory_renewals *memory_renewals_create(
    const struct memory_parts *parts);
void memory_renewals_destroy(struct memory_renewals *renewals);

/* Sets the limits, which are copied. */
void memory_renewals_change(struct memory_renewals *renewals,
    const struct memory_config *config);

/* Judges all pages and browsers, which were measured. */
void memory_renewals_judge(struct memory_renewals *renewals);


#endif /* MEMORY_RENEWALS_H */
