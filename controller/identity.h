/*
 * Who the controller runs as, and whom it accepts.
 */

#ifndef IDENTITY_H
#define IDENTITY_H


#include <sys/types.h>

#include <stdbool.h>

#include "http/peer.h"
#include "options.h"


struct identity {
    bool               drop;      /* started as root: uid and gid are to be
                                     taken on */
    const char        *user;      /* the option's; NULL: stays what it is */
    uid_t              uid;
    gid_t              gid;
    gid_t              socket_gid;  /* (gid_t) -1: stays */
    struct peer_rules  peers;
};


/*
 * Looks up the users and groups of the options.  False after saying on stderr
 * what is missing; root must be given another user.
 */
bool identity_resolve(struct identity *identity,
    const struct options *options);

/*
 * Takes on the user for good, if there is one to take on.  False after saying
 * why on stderr.
 */
bool identity_assume(const struct identity *identity);


#endif /* IDENTITY_H */
