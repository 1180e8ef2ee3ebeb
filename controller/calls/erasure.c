/*
 * An erasure has three steps: the page logs out, if there is one; the browser
 * is stopped; and what is left is deleted in one go.  A timer looks whether
 * the browser has stopped.
 */

#include <sys/queue.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "calls/erasure.h"
#include "calls/idempotency.h"
#include "calls/message_media.h"
#include "calls/pair_limit.h"
#include "events/beta.h"
#include "events/inbox_list.h"
#include "events/webhook_overrides.h"
#include "events/webhooks.h"
#include "session/session_erasure.h"


#define ERASURE_LOGOUT_MS  15000
#define ERASURE_TICK_MS    20


struct erasure {
    LIST_ENTRY(erasure)     link;
    const struct services  *services;
    struct session         *session;
    struct event           *timer;
    bool                    told;
    erasure_pt              done;     /* NULL: nobody waits */
    void                   *ctx;
};


LIST_HEAD(erasure_list, erasure);


struct erasures {
    const struct services  *services;
    struct erasure_list     list;
};


/* directories of a controller that starts */

struct erasure_places {
    const char         *state_dir;
    const char         *runtime_dir;
    const struct seal  *seal;
};


static bool erasures_check(struct erasures *erasures,
    struct session *session, struct error *error);
static void erasure_log_out(struct erasure *erasure);
static void erasure_logged_out(void *ctx, enum tab_call_status status,
    json_t *result);
static void erasure_stop(struct erasure *erasure);
static void erasure_on_timer(evutil_socket_t fd, short what, void *ctx);
static bool erasure_delete(struct erasure *erasure);
static void erasure_free(struct erasure *erasure);
static bool erasure_delete_rest(void *ctx, const char *id);


struct erasures *
erasures_create(const struct services *services)
{
    struct erasures  *erasures;

    erasures = calloc(1, sizeof(struct erasures));

    if (erasures != NULL) {
        erasures->services = services;
        LIST_INIT(&erasures->list);
    }

    return erasures;
}


void
erasures_destroy(struct erasures *erasures)
{
    struct erasure  *erasure;

    if (erasures == NULL) {
        return;
    }

    while ((erasure = LIST_FIRST(&erasures->list)) != NULL) {
        erasure_free(erasure);
    }

    free(erasures);
}


struct erasure *
erasures_start(struct erasures *erasures, struct session *session,
    erasure_pt done, void *ctx, struct error *error)
{
    struct erasure  *erasure;

    if (!erasures_check(erasures, session, error)) {
        return NULL;
    }

    erasure = calloc(1, sizeof(struct erasure));

    if (erasure == NULL) {
        *error = error_memory();
        return NULL;
    }

    erasure->services = erasures->services;
    erasure->session = session;
    erasure->done = done;
    erasure->ctx = ctx;
    erasure->timer = evtimer_new(erasures->services->base, erasure_on_timer,
                                 erasure);

    LIST_INSERT_HEAD(&erasures->list, erasure, link);

    if (erasure->timer == NULL || !session_erasure_begin(session)) {
        *error = erasure->timer == NULL ? error_memory()
                                        : error_make(ERROR_NOT_KEPT);
        erasure_free(erasure);
        return NULL;
    }

    erasure_log_out(erasure);

    return erasure;
}


void
erasure_leave(struct erasure *erasure)
{
    erasure->done = NULL;
}


bool
erasures_resume(const char *state_dir, const char *runtime_dir,
    const struct seal *seal)
{
    struct erasure_places  places = { state_dir, runtime_dir, seal };

    return session_erasure_resume(state_dir, runtime_dir, erasure_delete_rest,
                                  &places);
}


/* one that failed left the session as it was, and may be begun again */

static bool
erasures_check(struct erasures *erasures, struct session *session,
    struct error *error)
{
    struct erasure  *other;

    LIST_FOREACH(other, &erasures->list, link) {
        if (other->session == session) {
            return error_set(error, ERROR_SESSION_NOT_READY,
                             "The session is being forgotten");
        }
    }

    return true;
}


static void
erasure_log_out(struct erasure *erasure)
{
    json_t  *params;

    if (session_unlinked(erasure->session)) {
        erasure->told = true;
        erasure_stop(erasure);
        return;
    }

    params = json_object();

    if (params == NULL
        || !session_call(erasure->session, "session.logout", params, NULL,
                         ERASURE_LOGOUT_MS, erasure_logged_out, erasure))
    {
        erasure_stop(erasure);
    }
}


/* the page leaves when it has logged out, which may lose its answer */

static void
erasure_logged_out(void *ctx, enum tab_call_status status, json_t *result)
{
    struct erasure  *erasure = ctx;

    (void) result;

    erasure->told = status == TAB_CALL_OK
                    || session_unlinked(erasure->session);

    erasure_stop(erasure);
}


static void
erasure_stop(struct erasure *erasure)
{
    struct timeval  tv;

    session_stop(erasure->session);

    tv = clock_timeval(ERASURE_TICK_MS);
    (void) evtimer_add(erasure->timer, &tv);
}


/* the calls of a browser end before it counts as stopped */

static void
erasure_on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct error     error;
    struct timeval   tv;
    struct erasure  *erasure = ctx;

    (void) fd;
    (void) what;

    if (!session_down(erasure->session) || session_busy(erasure->session)) {
        tv = clock_timeval(ERASURE_TICK_MS);
        (void) evtimer_add(erasure->timer, &tv);
        return;
    }

    error = error_make(ERROR_NOT_KEPT);

    if (erasure_delete(erasure)) {
        if (erasure->done != NULL) {
            erasure->done(erasure->ctx, erasure->told, NULL);
        }

    } else if (erasure->done != NULL) {
        erasure->done(erasure->ctx, erasure->told, &error);
    }

    erasure_free(erasure);
}


static bool
erasure_delete(struct erasure *erasure)
{
    const char             *id;
    struct session         *session = erasure->session;
    const struct services  *services = erasure->services;

    id = session_id(session);

    media_store_forget(services->media, id);
    message_media_forget_all(services->message_media, session);
    idempotency_forget(services->idempotency, id);
    pair_limit_forget(services->pair_limit, id);
    beta_forget(services->beta, session);

    if (!webhooks_forget(services->webhooks, id)) {
        return false;
    }

    inbox_forget(inbox_list_find(services->inboxes, session));

    return session_erasure_end(session);
}


static void
erasure_free(struct erasure *erasure)
{
    LIST_REMOVE(erasure, link);

    if (erasure->timer != NULL) {
        event_free(erasure->timer);
    }

    free(erasure);
}


/* deletes what is kept of a session beside its directory */

static bool
erasure_delete_rest(void *ctx, const char *id)
{
    bool                       gone;
    char                       path[PATH_MAX];
    struct erasure_places     *places = ctx;
    struct webhook_overrides  *overrides;

    overrides = webhook_overrides_create(places->state_dir, places->seal);

    if (overrides == NULL) {
        return false;
    }

    gone = webhook_overrides_get(overrides, id) == NULL
           || (webhook_overrides_set(overrides, id, NULL)
               && webhook_overrides_save(overrides));

    webhook_overrides_destroy(overrides);

    if (snprintf(path, sizeof(path), "%s/delivered/%s", places->runtime_dir,
                 id)
        < (int) sizeof(path))
    {
        gone = (unlink(path) == 0 || errno == ENOENT) && gone;
    }

    return gone;
}
