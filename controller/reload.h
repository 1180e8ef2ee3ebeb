/*
 * SIGHUP: the configuration file, and the files that it names, are read again.
 * All of it is read and checked before anything changes.
 */

#ifndef RELOAD_H
#define RELOAD_H


#include <event2/event.h>

#include "base/log.h"
#include "calls/services.h"
#include "http/server.h"
#include "options.h"
#include "session/memory_watch.h"
#include "session/session_list.h"
#include "setup.h"
#include "shutdown.h"
#include "supervisor.h"


/* all of it is borrowed; argv is the command line */

struct reload_parts {
    struct event_base      *base;
    struct log             *log;
    int                     argc;
    char                  **argv;
    struct options         *options;           /* as they count now */
    struct setup           *setup;
    struct services        *services;
    struct session_config  *session_config;    /* of every session */
    struct session_list    *sessions;
    struct memory_watch    *memory_watch;
    struct server          *server;
    struct supervisor      *supervisor;
    struct shutdown        *shutdown;
};


struct reload;


/* Waits for SIGHUP; NULL when it can't be watched. */
struct reload *reload_create(const struct reload_parts *parts);

/* Waits no longer; NULL is allowed. */
void reload_destroy(struct reload *reload);


#endif /* RELOAD_H */
