/*
 * A timer tells the watchdog that the event loop runs, and, when it has
 * changed, how many sessions are ready.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "supervisor.h"


/* ms between two looks at the sessions when there is no watchdog */

#define SUPERVISOR_TICK_MS  5000

#define SUPERVISOR_LINE     160


struct supervisor {
    const struct session_list  *sessions;
    const struct notify        *notify;
    struct event               *tick;       /* NULL: nobody is told */
    bool                        watched;
    bool                        stopping;
    bool                        failed;     /* the last reload has */
    char                        status[SUPERVISOR_LINE];    /* as told */
};


static uint64_t supervisor_interval(struct supervisor *supervisor);
static void supervisor_on_tick(evutil_socket_t fd, short what, void *ctx);
static void supervisor_show(struct supervisor *supervisor);


struct supervisor *
supervisor_create(struct event_base *base, const struct notify *notify,
    const struct session_list *sessions)
{
    struct timeval      tv;
    struct supervisor  *supervisor;

    supervisor = calloc(1, sizeof(struct supervisor));

    if (supervisor == NULL) {
        return NULL;
    }

    supervisor->sessions = sessions;
    supervisor->notify = notify;

    if (notify->fd == -1) {
        return supervisor;
    }

    tv = clock_timeval(supervisor_interval(supervisor));

    supervisor->tick = event_new(base, -1, EV_PERSIST, supervisor_on_tick,
                                 supervisor);

    if (supervisor->tick == NULL || event_add(supervisor->tick, &tv) != 0) {
        supervisor_destroy(supervisor);
        return NULL;
    }

    notify_tell(supervisor->notify, "READY=1");
    supervisor_show(supervisor);

    return supervisor;
}


void
supervisor_reloading(struct supervisor *supervisor)
{
    char             line[SUPERVISOR_LINE];
    struct timespec  now;

    if (supervisor == NULL || supervisor->stopping) {
        return;
    }

    /* by the time systemd tells this reload from an earlier one */

    (void) clock_gettime(CLOCK_MONOTONIC, &now);

    (void) snprintf(line, sizeof(line), "RELOADING=1\nMONOTONIC_USEC=%llu",
                    (unsigned long long) now.tv_sec * 1000000
                    + (unsigned long long) now.tv_nsec / 1000);

    notify_tell(supervisor->notify, line);
}


void
supervisor_reloaded(struct supervisor *supervisor, bool ok)
{
    if (supervisor == NULL || supervisor->stopping) {
        return;
    }

    supervisor->failed = !ok;

    notify_tell(supervisor->notify, "READY=1");
    supervisor_show(supervisor);
}


void
supervisor_stopping(struct supervisor *supervisor)
{
    if (supervisor == NULL || supervisor->stopping) {
        return;
    }

    supervisor->stopping = true;
    notify_tell(supervisor->notify, "STOPPING=1");
}


void
supervisor_destroy(struct supervisor *supervisor)
{
    if (supervisor == NULL) {
        return;
    }

    if (supervisor->tick != NULL) {
        event_free(supervisor->tick);
    }

    free(supervisor);
}


/* ms: half of what the watchdog allows, if it watches this process */

static uint64_t
supervisor_interval(struct supervisor *supervisor)
{
    uint64_t     us;
    const char  *pid, *text;

    pid = getenv("WATCHDOG_PID");
    text = getenv("WATCHDOG_USEC");

    us = text != NULL ? strtoull(text, NULL, 10) : 0;

    if (us < 2000
        || (pid != NULL && strtoll(pid, NULL, 10) != (long long) getpid()))
    {
        return SUPERVISOR_TICK_MS;
    }

    supervisor->watched = true;

    return us / 2000 < SUPERVISOR_TICK_MS ? us / 2000 : SUPERVISOR_TICK_MS;
}


static void
supervisor_on_tick(evutil_socket_t fd, short what, void *ctx)
{
    struct supervisor  *supervisor = ctx;

    (void) fd;
    (void) what;

    if (supervisor->watched) {
        notify_tell(supervisor->notify, "WATCHDOG=1");
    }

    supervisor_show(supervisor);
}


static void
supervisor_show(struct supervisor *supervisor)
{
    char    status[SUPERVISOR_LINE];
    size_t  i, n, ready;

    if (supervisor->stopping) {
        return;
    }

    n = session_list_size(supervisor->sessions);
    ready = 0;

    for (i = 0; i < n; i++) {
        ready += session_state(session_list_get(supervisor->sessions, i))
                 == SESSION_READY;
    }

    (void) snprintf(status, sizeof(status), "STATUS=%zu of %zu session%s "
                    "ready%s", ready, n, n == 1 ? "" : "s",
                    supervisor->failed ? "; the last reload failed" : "");

    if (strcmp(status, supervisor->status) != 0) {
        memcpy(supervisor->status, status, sizeof(status));
        notify_tell(supervisor->notify, status);
    }
}
