/*
 * What lies outside of the process and may be lost while it runs is looked at
 * every two seconds: the runtime directory, and the room on the disk of the
 * state directory.  What is remembered for a time is forgotten when that is
 * over, also if nobody calls.
 */

#ifndef UPKEEP_H
#define UPKEEP_H


#include <event2/event.h>

#include "base/log.h"
#include "calls/services.h"
#include "setup.h"
#include "shutdown.h"


/* all of it is borrowed */

struct upkeep_parts {
    struct log             *log;
    const char             *state_dir;
    const struct setup     *setup;
    struct shutdown        *shutdown;
    const struct services  *services;
};


struct upkeep;


/*
 * Begins to look.  A runtime directory that is lost ends the controller in
 * good order, as a failure; a full disk is logged.  NULL when memory is short.
 */
struct upkeep *upkeep_create(const struct upkeep_parts *parts);

/* Looks no longer; NULL is allowed. */
void upkeep_destroy(struct upkeep *upkeep);


#endif /* UPKEEP_H */
