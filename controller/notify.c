/*
 * Datagrams of lines to a unix socket, whose name may be abstract.  A
 * descriptor goes with its datagram, as SCM_RIGHTS.
 */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "notify.h"


/* the name under which the supervisor keeps the socket */

#define NOTIFY_NAME  "FDNAME=controller"


void
notify_open(struct notify *notify)
{
    size_t       len;
    const char  *name, *keeps;

    memset(notify, 0, sizeof(struct notify));

    notify->fd = -1;

    keeps = getenv("FDSTORE");
    notify->keeps = keeps != NULL && strtol(keeps, NULL, 10) > 0;

    name = getenv("NOTIFY_SOCKET");
    len = name != NULL ? strlen(name) : 0;

    if (len < 2 || len >= sizeof(notify->address.sun_path)
        || (name[0] != '/' && name[0] != '@'))
    {
        return;
    }

    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, name, len);

    if (name[0] == '@') {
        notify->address.sun_path[0] = '\0';
    }

    notify->address_size = (socklen_t)
                           (offsetof(struct sockaddr_un, sun_path) + len);

    /* no browser shall take them from the environment */

    (void) unsetenv("NOTIFY_SOCKET");
    (void) unsetenv("FDSTORE");

    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                        0);
}


void
notify_close(struct notify *notify)
{
    if (notify->fd != -1) {
        (void) close(notify->fd);
        notify->fd = -1;
    }
}


void
notify_tell(const struct notify *notify, const char *lines)
{
    if (notify->fd != -1) {
        (void) sendto(notify->fd, lines, strlen(lines), MSG_NOSIGNAL,
                      (const struct sockaddr *) &notify->address,
                      notify->address_size);
    }
}


bool
notify_keep(const struct notify *notify, int fd)
{
    struct iovec     iov;
    struct msghdr    message;
    struct cmsghdr  *header;

    union {
        struct cmsghdr  align;
        char            space[CMSG_SPACE(sizeof(int))];
    } control;

    static char  lines[] = "FDSTORE=1\n" NOTIFY_NAME;

    if (notify->fd == -1 || !notify->keeps) {
        return false;
    }

    notify_drop(notify);

    memset(&message, 0, sizeof(struct msghdr));
    memset(&control, 0, sizeof(control));

    iov.iov_base = lines;
    iov.iov_len = sizeof(lines) - 1;

    message.msg_name = (void *) &notify->address;
    message.msg_namelen = notify->address_size;
    message.msg_iov = &iov;
    message.msg_iovlen = 1;
    message.msg_control = control.space;
    message.msg_controllen = sizeof(control.space);

    header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(int));

    return sendmsg(notify->fd, &message, MSG_NOSIGNAL) != -1;
}


void
notify_drop(const struct notify *notify)
{
    if (notify->keeps) {
        notify_tell(notify, "FDSTOREREMOVE=1\n" NOTIFY_NAME);
    }
}
