/*
 * Without its runtime directory the controller can't be reached, and another
 * one may begin: it is of use to nobody, while whoever supervises it can start
 * it again.  With a full disk it goes on: messages are sent and arrive, but
 * what WhatsApp Web can't store is missing after its next start.
 */

#include <stdlib.h>

#include "base/clock.h"
#include "base/files.h"
#include "calls/idempotency.h"
#include "calls/pair_limit.h"
#include "events/beta.h"
#include "upkeep.h"


#define UPKEEP_MS    2000

/* ms that something may be remembered for longer than its time */

#define UPKEEP_LATE  10000

/* bytes; between the two, what was said last counts */

#define UPKEEP_FULL  (64 * 1024 * 1024)
#define UPKEEP_FREE  (96 * 1024 * 1024)


struct upkeep {
    struct upkeep_parts   parts;
    struct event         *timer;
    uint64_t              expire_at;    /* ms */
    bool                  full;         /* was said */
};


static void upkeep_on_timer(evutil_socket_t fd, short what, void *ctx);
static void upkeep_expire(struct upkeep *upkeep);
static void upkeep_look_at_disk(struct upkeep *upkeep);


struct upkeep *
upkeep_create(const struct upkeep_parts *parts)
{
    struct upkeep   *upkeep;
    struct timeval   tv;

    upkeep = calloc(1, sizeof(struct upkeep));

    if (upkeep == NULL) {
        return NULL;
    }

    upkeep->parts = *parts;
    upkeep->timer = event_new(parts->services->base, -1, EV_PERSIST,
                              upkeep_on_timer, upkeep);

    tv = clock_timeval(UPKEEP_MS);

    if (upkeep->timer == NULL || event_add(upkeep->timer, &tv) != 0) {
        upkeep_destroy(upkeep);
        return NULL;
    }

    upkeep_look_at_disk(upkeep);

    return upkeep;
}


void
upkeep_destroy(struct upkeep *upkeep)
{
    if (upkeep == NULL) {
        return;
    }

    if (upkeep->timer != NULL) {
        event_free(upkeep->timer);
    }

    free(upkeep);
}


static void
upkeep_on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct upkeep        *upkeep = ctx;
    struct upkeep_parts  *parts = &upkeep->parts;

    (void) fd;
    (void) what;

    upkeep_expire(upkeep);
    upkeep_look_at_disk(upkeep);

    if (!shutdown_begun(parts->shutdown) && !setup_intact(parts->setup)) {
        log_event(parts->log, LOG_ERROR, "runtime_directory_lost");
        shutdown_fail(parts->shutdown);
    }
}


static void
upkeep_expire(struct upkeep *upkeep)
{
    uint64_t                now;
    const struct services  *services = upkeep->parts.services;

    now = clock_ms();

    if (now < upkeep->expire_at) {
        return;
    }

    upkeep->expire_at = now + UPKEEP_LATE;

    idempotency_expire(services->idempotency, now);
    pair_limit_expire(services->pair_limit, now);
    beta_expire(services->beta, now);
}


static void
upkeep_look_at_disk(struct upkeep *upkeep)
{
    uint64_t              room;
    struct upkeep_parts  *parts = &upkeep->parts;

    room = files_room(parts->state_dir);

    if (room < UPKEEP_FULL && !upkeep->full) {
        upkeep->full = true;

        log_event(parts->log, LOG_ERROR, "state_disk_full",
                  log_int("free", (int64_t) room));

    } else if (room >= UPKEEP_FREE && upkeep->full) {
        upkeep->full = false;

        log_event(parts->log, LOG_NOTICE, "state_disk_free",
                  log_int("free", (int64_t) room));
    }
}
