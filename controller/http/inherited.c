/*
 * LISTEN_PID names the process that is meant, LISTEN_FDS says how many sockets
 * it has; their descriptors begin with 3.
 */

#include <sys/un.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/inherited.h"


#define INHERITED_FIRST  3
#define INHERITED_MAX    64


static int inherited_count(void);
static bool inherited_fits(int fd, const struct sockaddr *address,
    socklen_t len);


int
inherited_take(const struct sockaddr *address, socklen_t len)
{
    int  i, n, fd, taken;

    n = inherited_count();
    taken = -1;

    for (i = 0; i < n; i++) {
        fd = INHERITED_FIRST + i;

        if (taken == -1 && inherited_fits(fd, address, len)
            && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0
            && fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) == 0)
        {
            taken = fd;

        } else {
            (void) close(fd);
        }
    }

    return taken;
}


/* no browser shall take the sockets for its own */

static int
inherited_count(void)
{
    long         n;
    bool         ours;
    const char  *pid, *text;

    pid = getenv("LISTEN_PID");
    text = getenv("LISTEN_FDS");

    ours = pid != NULL && text != NULL
           && strtol(pid, NULL, 10) == (long) getpid();
    n = ours ? strtol(text, NULL, 10) : 0;

    (void) unsetenv("LISTEN_PID");
    (void) unsetenv("LISTEN_FDS");
    (void) unsetenv("LISTEN_FDNAMES");

    return n > 0 && n <= INHERITED_MAX ? (int) n : 0;
}


static bool
inherited_fits(int fd, const struct sockaddr *address, socklen_t len)
{
    int                        listening;
    socklen_t                  size;
    const struct sockaddr_un  *sun;

    union {
        struct sockaddr          any;
        struct sockaddr_un       sun;
        struct sockaddr_storage  storage;
    } name;

    size = sizeof(listening);

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0
        || !listening)
    {
        return false;
    }

    memset(&name, 0, sizeof(name));
    size = sizeof(name);

    if (getsockname(fd, &name.any, &size) != 0
        || name.any.sa_family != address->sa_family)
    {
        return false;
    }

    if (address->sa_family != AF_UNIX) {
        return size == len && memcmp(&name, address, len) == 0;
    }

    sun = (const struct sockaddr_un *) address;

    return strncmp(name.sun.sun_path, sun->sun_path, sizeof(sun->sun_path))
           == 0;
}
