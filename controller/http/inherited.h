/*
 * Listening sockets that the process was given when it was started, by the
 * protocol of sd_listen_fds(3): by systemd, which keeps the socket of a
 * controller that is restarted, or by any other supervisor.  Connections that
 * come between two controllers wait in it.
 */

#ifndef INHERITED_H
#define INHERITED_H


#include <sys/socket.h>


/*
 * Returns the given socket that is bound to the address, non-blocking, and
 * closes all others; -1: there is none.  To be called once, before the process
 * opens descriptors that it might take for given ones.
 */
int inherited_take(const struct sockaddr *address, socklen_t len);


#endif /* INHERITED_H */
