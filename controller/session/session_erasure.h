/*
 * Deleting what a session has on disk: a file beside the profile says that it
 * was begun, until all is gone, so that it is ended whatever happens.
 */

#ifndef SESSION_ERASURE_H
#define SESSION_ERASURE_H


#include <stdbool.h>

#include "session/session.h"


/*
 * Notes that the session is to be forgotten, and refuses its calls from now
 * on.  Returns false, and nothing has changed, when that can't be written.
 */
bool session_erasure_begin(struct session *session);

/*
 * Deletes all files of the session, whose browser must be stopped: its
 * directories are as empty as those of a new one.  The session knows no
 * account any more, and takes calls again.  Returns false when files are left:
 * the session still refuses them.
 */
bool session_erasure_end(struct session *session);

/* Returns whether the session is between the two. */
bool session_erasure_runs(const struct session *session);

/*
 * At the start, before a session exists: ends each erasure that an earlier run
 * has begun, and calls ended with the session's id.  Returns false, after the
 * reason was written to stderr, when files are left.
 */
bool session_erasure_resume(const char *state_dir, const char *runtime_dir,
    bool (*ended)(void *ctx, const char *id), void *ctx);


#endif /* SESSION_ERASURE_H */
