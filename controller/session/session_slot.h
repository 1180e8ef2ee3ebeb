/*
 * A place for a session: with it what it borrows for its life, which is its
 * name, its directories and its part of the options.
 */

#ifndef SLOT_H
#define SLOT_H


#include <limits.h>
#include <stdbool.h>

#include "options.h"
#include "session/session.h"


struct slot {
    struct session         *session;
    struct session_config   config;
    char                    id[SESSION_ID_LEN + 1];
    char                    profile_dir[PATH_MAX];
    char                    runtime_dir[PATH_MAX];
    char                    tmp_dir[PATH_MAX];
};


/* what all sessions share; borrowed */

struct slot_parts {
    struct event_base     *base;
    struct log            *log;
    const struct options  *options;
    const char            *wa_js;
    size_t                 wa_js_size;
};


/*
 * Makes a stopped session of that name in the slot, whose address stays as it
 * is from then on, and its directories.  False: it has said why on stderr.
 */
bool slot_open(struct slot *slot, const struct slot_parts *parts,
    const char *id);

/* Frees the session, which is stopped, and removes what isn't to stay. */
void slot_close(struct slot *slot);


#endif /* SLOT_H */
