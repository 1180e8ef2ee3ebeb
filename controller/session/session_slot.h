/*
 * A session slot is the memory of one session: the session, and the name and
 * directories that it borrows for its life.
 */

#ifndef SESSION_SLOT_H
#define SESSION_SLOT_H


#include <limits.h>
#include <stdbool.h>

#include "base/error.h"
#include "session/session.h"


struct session_slot {
    struct session         *session;
    struct session_config   config;
    char                    id[SESSION_ID_LEN + 1];
    char                    profile_dir[PATH_MAX];
    char                    runtime_dir[PATH_MAX];
    char                    tmp_dir[PATH_MAX];
};


/* what all sessions share; borrowed */

struct session_slot_parts {
    struct event_base            *base;
    struct log                   *log;
    const char                   *state_dir;
    const char                   *runtime_dir;

    struct boot_queue            *boots;
    struct browser               *browser;    /* of the next session */

    /* as in struct session_config */
    bool                        (*room)(void *ctx,
                                        const struct session *session);
    void                         *room_ctx;

    /* NULL, or called with each session that was made, before it starts;
       false: it can't be used */
    bool                        (*made)(void *ctx, struct session *session);
    void                         *ctx;

    /* copied; id, boots, browser and the tab's name and directories need not
       be set */
    const struct session_config  *config;
};


/*
 * Creates a stopped session named id and its directories in the slot, which
 * must not move from then on.  Returns false and fills error when it can't;
 * what the operator has to know about a directory was written to stderr.
 */
bool session_slot_open(struct session_slot *slot,
    const struct session_slot_parts *parts, const char *id,
    struct error *error);

/* Frees the session, which must be stopped, and its runtime directories. */
void session_slot_close(struct session_slot *slot);


#endif /* SESSION_SLOT_H */
