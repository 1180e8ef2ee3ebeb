/*
 * The memory watch measures what each browser takes, all its processes, and
 * what the page of each session takes, the one process which that is in.  It
 * has those judged, and replaced if they are above their limits.
 */

#ifndef MEMORY_WATCH_H
#define MEMORY_WATCH_H


#include <event2/event.h>

#include "session/memory_renewals.h"


struct memory_watch;


/*
 * Begins to measure; the results are kept in sessions and browsers.  NULL when
 * memory is short.  memory_watch_destroy frees it; NULL is allowed.
 */
struct memory_watch *memory_watch_create(const struct memory_parts *parts,
    const struct memory_config *config);
void memory_watch_destroy(struct memory_watch *watch);

/* Sets the limits; the interval stays. */
void memory_watch_change(struct memory_watch *watch,
    const struct memory_config *config);


#endif /* MEMORY_WATCH_H */
