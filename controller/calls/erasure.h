/*
 * Forgetting a session for good: it is logged out, its browser is stopped, and
 * all that is known of it is deleted, from memory and from the disk.
 */

#ifndef ERASURE_H
#define ERASURE_H


#include <stdbool.h>

#include "base/error.h"
#include "base/seal.h"
#include "calls/services.h"
#include "session/session.h"


struct erasure;
struct erasures;


/*
 * Called at the end.  told: WhatsApp knows that the device is gone, or there
 * was none; error is borrowed, NULL: all is deleted.
 */
typedef void (*erasure_pt)(void *ctx, bool told, const struct error *error);


/* Makes an empty list; services are borrowed.  NULL when memory is short. */
struct erasures *erasures_create(const struct services *services);

/*
 * Frees it, also with erasures that run, which the next start of the
 * controller ends; NULL is allowed.
 */
void erasures_destroy(struct erasures *erasures);

/*
 * Begins to forget a session, whose calls are refused from now on.  done is
 * called exactly once, after this function has returned, unless erasure_leave
 * is called before.  Returns NULL, and error, when nothing was begun.
 */
struct erasure *erasures_start(struct erasures *erasures,
    struct session *session, erasure_pt done, void *ctx,
    struct error *error);

/* The caller does not wait for the end any more, which comes all the same. */
void erasure_leave(struct erasure *erasure);

/*
 * At the start, before a session exists: ends what an earlier run has begun.
 * Returns false after the reason was written to stderr.
 */
bool erasures_resume(const char *state_dir, const char *runtime_dir,
    const struct seal *seal);


#endif /* ERASURE_H */
