/*
 * The socket that the controller listens on.
 */

#ifndef LISTENER_H
#define LISTENER_H


#include <sys/types.h>

#include <stdbool.h>


/*
 * Opens a unix socket of mode 0660 at path, owned by uid and gid ((gid_t) -1:
 * the process's group).  The socket of a dead controller is replaced; one
 * that somebody listens on is not.  A socket at path that the process was
 * given is taken over instead, with the mode that it has, and *inherited is
 * true.  Returns a non-blocking descriptor, or -1 after saying why on stderr.
 */
int listener_open_unix(const char *path, uid_t uid, gid_t gid,
    bool *inherited);

/*
 * Opens a TCP socket; address is IP:PORT or [IPV6]:PORT.  Returns as above.
 */
int listener_open_tcp(const char *address, bool *inherited);


#endif /* LISTENER_H */
