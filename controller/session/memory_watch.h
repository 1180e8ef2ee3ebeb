/*
 * The memory watch measures what each browser takes, all its processes, and
 * what the page of each session takes, the one process which that is in.
 */

#ifndef MEMORY_WATCH_H
#define MEMORY_WATCH_H


#include <event2/event.h>

#include "base/log.h"
#include "session/session_list.h"


struct memory_watch;


/* log and sessions are borrowed */

struct memory_watch_parts {
    struct event_base    *base;
    struct log           *log;
    struct session_list  *sessions;
    unsigned              interval_ms;    /* between two measurements */
};


/*
 * Begins to measure; the results are kept in sessions and browsers.  NULL when
 * memory is short.  memory_watch_destroy frees it; NULL is allowed.
 */
struct memory_watch *memory_watch_create(
    const struct memory_watch_parts *parts);
void memory_watch_destroy(struct memory_watch *watch);


#endif /* MEMORY_WATCH_H */
