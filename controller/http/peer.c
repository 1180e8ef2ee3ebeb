/*
 * Asks the kernel for the user and groups of a unix socket's peer.
 */

#include <sys/socket.h>

#include "http/peer.h"


#define PEER_GROUPS_MAX  1024


static bool peer_credentials(int fd, struct ucred *peer);
static bool peer_in_group(int fd, gid_t primary, gid_t group);


bool
peer_allowed(const struct peer_rules *rules, int fd)
{
    size_t        i;
    struct ucred  peer;

    if (!peer_credentials(fd, &peer)) {
        return false;
    }

    for (i = 0; i < rules->users_n; i++) {
        if (peer.uid == rules->users[i]) {
            return true;
        }
    }

    return rules->has_group && peer_in_group(fd, peer.gid, rules->group);
}


uid_t
peer_uid(int fd)
{
    struct ucred  peer;

    return peer_credentials(fd, &peer) ? peer.uid : (uid_t) -1;
}


static bool
peer_credentials(int fd, struct ucred *peer)
{
    socklen_t  len;

    len = sizeof(struct ucred);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &len) == 0;
}


static bool
peer_in_group(int fd, gid_t primary, gid_t group)
{
    size_t     i;
    gid_t      groups[PEER_GROUPS_MAX];
    socklen_t  len;

    if (primary == group) {
        return true;
    }

    len = sizeof(groups);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0) {
        return false;
    }

    for (i = 0; i < len / sizeof(gid_t); i++) {
        if (groups[i] == group) {
            return true;
        }
    }

    return false;
}
