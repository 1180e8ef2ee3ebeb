/*
 * Lock files.
 */

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/lock.h"


int
lock_take(int dir_fd, const char *name)
{
    int  fd, error;

    for ( ;; ) {
        fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_CLOEXEC
                    | O_NOFOLLOW, 0600);

        if (fd == -1) {
            return -1;
        }

        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            error = errno;
            (void) close(fd);
            errno = error;
            return -1;
        }

        if (lock_current(dir_fd, name, fd)) {
            return fd;
        }

        (void) close(fd);
    }
}


void
lock_drop(int dir_fd, const char *name, int fd)
{
    if (lock_current(dir_fd, name, fd)) {
        (void) unlinkat(dir_fd, name, 0);
    }

    (void) close(fd);
}


/*
 * Whether the locked file still has that name: who drops a lock removes its
 * file, and a lock on a removed file would keep nobody out
 */

bool
lock_current(int dir_fd, const char *name, int fd)
{
    struct stat  named, locked;

    return fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0
           && fstat(fd, &locked) == 0
           && named.st_ino == locked.st_ino
           && named.st_dev == locked.st_dev;
}
