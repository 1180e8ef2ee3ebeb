/*
 * The users and the group that may use the unix socket.
 */

#ifndef PEER_H
#define PEER_H


#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>


#define PEER_USERS_MAX  20


struct peer_rules {
    uid_t   users[PEER_USERS_MAX];
    size_t  users_n;
    bool    has_group;
    gid_t   group;              /* its members are accepted */
};


/* Whether the process at the other end of a unix socket is accepted. */
bool peer_allowed(const struct peer_rules *rules, int fd);

/* The user of that process; (uid_t) -1 when it can't be told. */
uid_t peer_uid(int fd);


#endif /* PEER_H */
