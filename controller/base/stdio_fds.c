/*
 * Descriptors 0 to 2.
 */

#include <fcntl.h>
#include <unistd.h>

#include "base/stdio_fds.h"


bool
stdio_fds_fill(void)
{
    int  fd;

    for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {

        /* the lowest number that is free is the one that was closed */

        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) != fd) {
            return false;
        }
    }

    return true;
}
