/*
 * The end of the controller: from SIGTERM or SIGINT on, calls end, browsers
 * stop and the last answers are written, each within its time.
 */

#ifndef SHUTDOWN_H
#define SHUTDOWN_H


#include <stdbool.h>

#include <event2/event.h>

#include "api/api.h"
#include "base/log.h"
#include "events/webhooks.h"
#include "http/server.h"
#include "session/session_list.h"
#include "setup.h"
#include "supervisor.h"


/* all of it is borrowed */

struct shutdown_parts {
    struct event_base    *base;
    struct log           *log;
    struct setup         *setup;
    struct server        *server;
    struct api           *api;
    struct session_list  *sessions;
    struct supervisor    *supervisor;
    struct webhooks      *webhooks;
};


struct shutdown;


/*
 * Holds SIGTERM and SIGINT back until shutdown_create is done, so that a
 * controller that ends while it starts leaves no file behind.
 */
void shutdown_hold_signals(void);

/*
 * Waits for a signal; at the end of the shutdown the event loop is left.
 * Returns NULL when signals can't be watched.
 */
struct shutdown *shutdown_create(const struct shutdown_parts *parts);

/* Waits no longer; NULL is allowed. */
void shutdown_destroy(struct shutdown *shutdown);

/* Begins at once, since the controller can't go on. */
void shutdown_fail(struct shutdown *shutdown);

/* Whether it has begun. */
bool shutdown_begun(const struct shutdown *shutdown);

/* Whether it was begun by shutdown_fail. */
bool shutdown_failed(const struct shutdown *shutdown);

/*
 * Whether browsers were still there when their time was over: what they use
 * can't be freed.
 */
bool shutdown_late(const struct shutdown *shutdown);


#endif /* SHUTDOWN_H */
