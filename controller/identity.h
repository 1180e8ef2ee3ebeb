/*
 * The user that the controller runs as, and the peers that it accepts.
 */

#ifndef IDENTITY_H
#define IDENTITY_H


#include <sys/types.h>

#include <stdbool.h>

#include "http/peer.h"
#include "options.h"


struct identity {
    bool               drop;          /* started as root: changes the user */
    const char        *user;          /* of --user; NULL: does not change */
    uid_t              uid;
    gid_t              gid;
    gid_t              socket_gid;    /* (gid_t) -1: does not change */
    struct peer_rules  peers;
};


/*
 * Looks up the users and groups of the options.  Returns false after an error
 * on stderr; root must be given another user.
 */
bool identity_resolve(struct identity *identity,
    const struct options *options);

/*
 * Finds the number of the user that the controller would run as, (uid_t) -1 if
 * root does not say which one.  Returns false after an error on stderr.
 */
bool identity_find_uid(const struct options *options, uid_t *uid);

/*
 * Changes to the user for good, when started as root.  Returns false after an
 * error on stderr.
 */
bool identity_assume(const struct identity *identity);


#endif /* IDENTITY_H */
