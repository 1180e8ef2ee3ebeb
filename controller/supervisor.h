/*
 * What a supervisor such as systemd is told: that the controller is ready,
 * stops or is alive, and a line on its sessions.  Where nobody asks for it
 * (NOTIFY_SOCKET is not set) nothing is told.
 */

#ifndef SUPERVISOR_H
#define SUPERVISOR_H


#include <stdbool.h>

#include <event2/event.h>

#include "notify.h"
#include "session/session_list.h"


struct supervisor;


/*
 * Tells that the controller is ready, and from then on, by a timer, its status
 * and, if WATCHDOG_USEC asks for it, that it is alive; see sd_notify(3).
 * base, notify and sessions must outlive the object.  Returns NULL when memory
 * is short.
 */
struct supervisor *supervisor_create(struct event_base *base,
    const struct notify *notify, const struct session_list *sessions);

/*
 * Tell that the configuration is read again, and that this has ended; that it
 * failed is part of the status until the next one.  NULL is allowed.
 */
void supervisor_reloading(struct supervisor *supervisor);
void supervisor_reloaded(struct supervisor *supervisor, bool ok);

/* Tells that the controller stops; NULL is allowed. */
void supervisor_stopping(struct supervisor *supervisor);

/* Tells nothing any more; NULL is allowed. */
void supervisor_destroy(struct supervisor *supervisor);


#endif /* SUPERVISOR_H */
