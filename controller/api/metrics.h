/*
 * The controller's own numbers, in Prometheus' text format 0.0.4.  Reads the
 * parts and changes nothing.
 */

#ifndef METRICS_H
#define METRICS_H


#include <stddef.h>

#include "calls/services.h"
#include "session/session.h"


#define METRICS_TYPE  "text/plain; version=0.0.4; charset=utf-8"


struct metrics_parts {
    struct session        **sessions;
    size_t                  sessions_n;
    const struct services  *services;
    size_t                  waiters;    /* requests without an answer */
};


/* The page, to be freed by free(); NULL when memory is short. */
char *metrics_print(const struct metrics_parts *parts);


#endif /* METRICS_H */
