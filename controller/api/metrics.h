/*
 * The controller's metrics, in Prometheus' text format 0.0.4.
 */

#ifndef METRICS_H
#define METRICS_H


#include <stddef.h>

#include "calls/services.h"
#include "session/session_list.h"


#define METRICS_TYPE  "text/plain; version=0.0.4; charset=utf-8"


struct metrics_parts {
    const struct session_list  *sessions;
    const struct services      *services;
    size_t                      waiters;    /* requests without an answer */
};


/*
 * Prints all metrics and changes nothing.  The caller frees the text by
 * free(); NULL when memory is short.
 */
char *metrics_print(const struct metrics_parts *parts);


#endif /* METRICS_H */
