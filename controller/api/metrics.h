/*
 * The controller's metrics, in Prometheus' text format 0.0.4.
 */

#ifndef METRICS_H
#define METRICS_H


#include <stddef.h>
#include <stdint.h>

#include "calls/services.h"
#include "session/session_list.h"


#define METRICS_TYPE  "text/plain; version=0.0.4; charset=utf-8"


struct metrics_parts {
    const struct session_list  *sessions;
    const struct services      *services;
    size_t                      waiters;    /* requests without an answer */
    size_t                      streams;    /* event streams that are open */
    uint64_t                    streams_refused;
    uint64_t                    streams_dropped;    /* nothing was read */
    uint64_t                    stream_gaps;    /* that readers were told of */
};


/*
 * Prints all metrics and changes nothing.  The caller frees the text by
 * free(); NULL when memory is short.
 */
char *metrics_print(const struct metrics_parts *parts);


#endif /* METRICS_H */
