/*
 * The stages of the shutdown.  A timer looks at their state: the next stage
 * begins when the present one is over or its time has passed.
 *
 * From the first stage on, a call that has not begun is answered with
 * shutting_down, by which nginx makes it once more on a new connection.  That
 * one waits for the next controller, if the listening socket is kept
 * (notify.h), and fails at once otherwise.  Connections are closed in the last
 * stage, so that a request which comes by one of them is either answered so or
 * was not written.
 */

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "shutdown.h"


/*
 * When the stages end at the latest, in ms since the signal: calls may run on
 * for 8 s; browsers get 10 s, and some time to be reaped; the last answers are
 * written within another 500 ms
 */

#define SHUTDOWN_DRAIN_MS  8000
#define SHUTDOWN_STOP_MS   18500
#define SHUTDOWN_END_MS    19000

#define SHUTDOWN_TICK_MS   20


enum shutdown_stage {
    SHUTDOWN_WAITING = 0,    /* for a signal */
    SHUTDOWN_DRAINING,       /* calls that run in a page end */
    SHUTDOWN_STOPPING,       /* browsers stop, deliveries end */
    SHUTDOWN_ENDING          /* the last answers are written, connections
                                closed */
};


struct shutdown {
    struct shutdown_parts   parts;
    enum shutdown_stage     stage;
    uint64_t                started;    /* ms, when the signal came */
    struct event           *sigterm;
    struct event           *sigint;
    struct event           *tick;
    bool                    late;
    bool                    failed;
};


static void shutdown_mask(int how);
static void shutdown_on_signal(int fd, short what, void *ctx);
static void shutdown_begin(struct shutdown *shutdown);
static void shutdown_on_tick(int fd, short what, void *ctx);
static void shutdown_step(struct shutdown *shutdown);


void
shutdown_hold_signals(void)
{
    shutdown_mask(SIG_BLOCK);
}


struct shutdown *
shutdown_create(const struct shutdown_parts *parts)
{
    struct shutdown  *shutdown;

    shutdown = calloc(1, sizeof(struct shutdown));

    if (shutdown == NULL) {
        return NULL;
    }

    shutdown->parts = *parts;
    shutdown->sigterm = evsignal_new(parts->base, SIGTERM,
                                     shutdown_on_signal, shutdown);
    shutdown->sigint = evsignal_new(parts->base, SIGINT, shutdown_on_signal,
                                    shutdown);
    shutdown->tick = event_new(parts->base, -1, EV_PERSIST, shutdown_on_tick,
                               shutdown);

    if (shutdown->sigterm == NULL || shutdown->sigint == NULL
        || shutdown->tick == NULL
        || evsignal_add(shutdown->sigterm, NULL) != 0
        || evsignal_add(shutdown->sigint, NULL) != 0)
    {
        shutdown_destroy(shutdown);
        return NULL;
    }

    shutdown_mask(SIG_UNBLOCK);

    return shutdown;
}


void
shutdown_destroy(struct shutdown *shutdown)
{
    if (shutdown == NULL) {
        return;
    }

    /* a signal that comes twice must not end what is being cleared away */

    shutdown_mask(SIG_BLOCK);

    if (shutdown->tick != NULL) {
        event_free(shutdown->tick);
    }

    if (shutdown->sigint != NULL) {
        event_free(shutdown->sigint);
    }

    if (shutdown->sigterm != NULL) {
        event_free(shutdown->sigterm);
    }

    free(shutdown);
}


void
shutdown_fail(struct shutdown *shutdown)
{
    shutdown->failed = true;
    shutdown_begin(shutdown);
}


bool
shutdown_failed(const struct shutdown *shutdown)
{
    return shutdown->failed;
}


bool
shutdown_begun(const struct shutdown *shutdown)
{
    return shutdown->stage != SHUTDOWN_WAITING;
}


bool
shutdown_late(const struct shutdown *shutdown)
{
    return shutdown->late;
}


static void
shutdown_mask(int how)
{
    sigset_t  set;

    (void) sigemptyset(&set);
    (void) sigaddset(&set, SIGTERM);
    (void) sigaddset(&set, SIGINT);

    (void) sigprocmask(how, &set, NULL);
}


static void
shutdown_on_signal(int fd, short what, void *ctx)
{
    (void) fd;
    (void) what;

    shutdown_begin(ctx);
}


static void
shutdown_begin(struct shutdown *shutdown)
{
    struct timeval          tv;
    struct shutdown_parts  *parts = &shutdown->parts;

    if (shutdown->stage != SHUTDOWN_WAITING) {
        return;
    }

    log_event(parts->log, LOG_NOTICE, "stopping");

    supervisor_stopping(parts->supervisor);

    shutdown->stage = SHUTDOWN_DRAINING;
    shutdown->started = clock_ms();

    setup_unlink(parts->setup);
    server_quiesce(parts->server);
    api_drain(parts->api);
    session_list_drain(parts->sessions);
    webhooks_drain(parts->webhooks);

    tv = clock_timeval(SHUTDOWN_TICK_MS);

    (void) event_add(shutdown->tick, &tv);

    shutdown_step(shutdown);
}


static void
shutdown_on_tick(int fd, short what, void *ctx)
{
    (void) fd;
    (void) what;

    shutdown_step(ctx);
}


static void
shutdown_step(struct shutdown *shutdown)
{
    uint64_t                passed;
    struct shutdown_parts  *parts = &shutdown->parts;

    passed = clock_ms() - shutdown->started;

    if (shutdown->stage == SHUTDOWN_DRAINING
        && (!session_list_busy(parts->sessions)
            || passed >= SHUTDOWN_DRAIN_MS))
    {
        session_list_stop(parts->sessions);
        server_end_feeds(parts->server);
        shutdown->stage = SHUTDOWN_STOPPING;
    }

    if (shutdown->stage == SHUTDOWN_STOPPING
        && ((session_list_down(parts->sessions)
             && !webhooks_busy(parts->webhooks))
            || passed >= SHUTDOWN_STOP_MS))
    {
        shutdown->late = !session_list_down(parts->sessions);
        server_finish(parts->server);
        shutdown->stage = SHUTDOWN_ENDING;
    }

    if (shutdown->stage == SHUTDOWN_ENDING
        && (!server_busy(parts->server) || passed >= SHUTDOWN_END_MS))
    {
        (void) event_base_loopbreak(parts->base);
    }
}
