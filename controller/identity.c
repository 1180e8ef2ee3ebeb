/*
 * Looks up users and groups, and changes from root to the user.
 */

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "identity.h"


static bool identity_resolve_user(struct identity *identity,
    const struct options *options);
static bool identity_find(const char *name, struct passwd *found);


bool
identity_resolve(struct identity *identity, const struct options *options)
{
    size_t               i;
    struct group        *group;
    struct passwd        found;
    struct peer_rules   *peers;

    memset(identity, 0, sizeof(struct identity));

    identity->socket_gid = (gid_t) -1;

    if (!identity_resolve_user(identity, options)) {
        return false;
    }

    peers = &identity->peers;

    /* refusing root would be in vain */

    peers->users[peers->users_n++] = 0;
    peers->users[peers->users_n++] = identity->uid;

    for (i = 0; i < options->allow_users_n; i++) {
        if (!identity_find(options->allow_users[i], &found)) {
            return false;
        }

        peers->users[peers->users_n++] = found.pw_uid;
    }

    if (options->socket_group != NULL) {
        group = getgrnam(options->socket_group);

        if (group == NULL) {
            fprintf(stderr, "whatsapp-controller: there is no group "
                    "\"%s\": --socket-group must be the group of nginx's "
                    "workers, as www-data\n", options->socket_group);
            return false;
        }

        identity->socket_gid = group->gr_gid;
        peers->has_group = true;
        peers->group = group->gr_gid;
    }

    return true;
}


bool
identity_find_uid(const struct options *options, uid_t *uid)
{
    struct passwd  found;

    *uid = geteuid() != 0 ? geteuid() : (uid_t) -1;

    if (options->user == NULL) {
        return true;
    }

    if (!identity_find(options->user, &found)) {
        return false;
    }

    *uid = found.pw_uid;

    return true;
}


bool
identity_assume(const struct identity *identity)
{
    if (!identity->drop) {
        return true;
    }

    if (initgroups(identity->user, identity->gid) != 0
        || setresgid(identity->gid, identity->gid, identity->gid) != 0
        || setresuid(identity->uid, identity->uid, identity->uid) != 0)
    {
        fprintf(stderr, "whatsapp-controller: can't become user \"%s\": "
                "%s\n", identity->user, strerror(errno));
        return false;
    }

    if (setuid(0) == 0 || setgid(0) == 0) {
        fprintf(stderr, "whatsapp-controller: user \"%s\" can become root "
                "again\n", identity->user);
        return false;
    }

    return true;
}


static bool
identity_resolve_user(struct identity *identity,
    const struct options *options)
{
    struct passwd  found;

    identity->uid = geteuid();
    identity->gid = getegid();

    if (options->user == NULL) {
        if (identity->uid == 0) {
            fprintf(stderr, "whatsapp-controller: started as root, which "
                    "the browser must not be: --user is needed, as in "
                    "\"--user whatsapp\"\n");
            return false;
        }

        return true;
    }

    if (!identity_find(options->user, &found)) {
        return false;
    }

    if (found.pw_uid == 0 || found.pw_gid == 0) {
        fprintf(stderr, "whatsapp-controller: --user \"%s\" must not be "
                "root, or of root's group\n", options->user);
        return false;
    }

    if (identity->uid != 0 && identity->uid != found.pw_uid) {
        fprintf(stderr, "whatsapp-controller: only root can start as "
                "another user: leave --user out, or start as root\n");
        return false;
    }

    identity->drop = identity->uid == 0;
    identity->user = options->user;
    identity->uid = found.pw_uid;
    identity->gid = found.pw_gid;

    return true;
}


static bool
identity_find(const char *name, struct passwd *found)
{
    struct passwd  *entry;

    entry = getpwnam(name);

    if (entry == NULL) {
        fprintf(stderr, "whatsapp-controller: there is no user \"%s\": "
                "create it, as by \"adduser --system --group %s\"\n", name,
                name);
        return false;
    }

    *found = *entry;

    return true;
}
