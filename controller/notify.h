/*
 * The protocol of sd_notify(3), by which a supervisor such as systemd is told
 * how the controller is, and keeps its listening socket over a restart.
 */

#ifndef NOTIFY_H
#define NOTIFY_H


#include <sys/socket.h>
#include <sys/un.h>

#include <stdbool.h>


struct notify {
    int                 fd;              /* -1: nobody is told */
    bool                keeps;           /* who is told keeps descriptors */
    struct sockaddr_un  address;
    socklen_t           address_size;
};


/*
 * Finds the supervisor's socket by NOTIFY_SOCKET, and by FDSTORE whether it
 * keeps descriptors; both are taken out of the environment.  notify_close
 * closes what was opened.
 */
void notify_open(struct notify *notify);
void notify_close(struct notify *notify);

/* Tells lines of the protocol, with newlines between them. */
void notify_tell(const struct notify *notify, const char *lines);

/*
 * Has the supervisor keep a copy of the listening socket fd, in the place of
 * one that it has.  It hands the copy to the controller that is started next
 * (listener.h), and closes it when it starts none.  Returns whether it was
 * asked to: not every supervisor keeps descriptors.
 */
bool notify_keep(const struct notify *notify, int fd);

/* Has the supervisor close its copy. */
void notify_drop(const struct notify *notify);


#endif /* NOTIFY_H */
