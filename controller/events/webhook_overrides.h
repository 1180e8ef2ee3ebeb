/*
 * The URLs that clients have set for sessions, in place of the operator's.
 * They are kept in a file of the state directory, sealed, over a restart.
 */

#ifndef WEBHOOK_OVERRIDES_H
#define WEBHOOK_OVERRIDES_H


#include <stdbool.h>

#include "base/seal.h"


struct webhook_overrides;


/*
 * Reads the file in a directory, which is borrowed as the seal is; one that is
 * absent is empty.  Returns NULL after the reason was written to stderr.
 */
struct webhook_overrides *webhook_overrides_create(const char *state_dir,
    const struct seal *seal);

/* Returns a copy, NULL when memory is short. */
struct webhook_overrides *webhook_overrides_copy(
    const struct webhook_overrides *overrides);

/* Frees it, not the file; NULL is allowed. */
void webhook_overrides_destroy(struct webhook_overrides *overrides);

/* Returns the URL of a session, until it is set again; NULL: there is none. */
const char *webhook_overrides_get(const struct webhook_overrides *overrides,
    const char *session);

/*
 * Sets the URL of a session, NULL removes it.  webhook_overrides_save is to
 * follow.  Returns false when memory is short.
 */
bool webhook_overrides_set(struct webhook_overrides *overrides,
    const char *session, const char *url);

/*
 * Writes the file, so that it is the old or the new one whatever happens.
 * Returns false when that fails; errno says why.
 */
bool webhook_overrides_save(const struct webhook_overrides *overrides);


#endif /* WEBHOOK_OVERRIDES_H */
