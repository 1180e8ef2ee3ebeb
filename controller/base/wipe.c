/*
 * Removes what lies in a directory.
 */

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/wipe.h"


/* directories below directories: deeper ones are left */

#define WIPE_DEPTH  32


static void wipe_fd(int fd, unsigned depth);


void
wipe_directory(const char *path)
{
    int  fd;

    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd != -1) {
        wipe_fd(fd, WIPE_DEPTH);
    }
}


/* closes fd */

static void
wipe_fd(int fd, unsigned depth)
{
    int             child;
    DIR            *dir;
    struct dirent  *entry;

    dir = fdopendir(fd);

    if (dir == NULL) {
        (void) close(fd);
        return;
    }

    while ((entry = readdir(dir)) != NULL) {

        if (strcmp(entry->d_name, ".") == 0
            || strcmp(entry->d_name, "..") == 0
            || unlinkat(dirfd(dir), entry->d_name, 0) == 0)
        {
            continue;
        }

        child = openat(dirfd(dir), entry->d_name,
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (child == -1) {
            continue;
        }

        if (depth > 0) {
            wipe_fd(child, depth - 1);

        } else {
            (void) close(child);
        }

        (void) unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
    }

    (void) closedir(dir);
}
