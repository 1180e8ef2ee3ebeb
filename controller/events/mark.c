/*
 * A mark is written under another name, and then gets its own.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/mark.h"


#define MARK_SIZE  24    /* a number, a newline and NUL */


static bool mark_new_path(const char *path, char new[PATH_MAX]);


bool
mark_read(const char *path, uint64_t *time)
{
    int      fd;
    char     text[MARK_SIZE], again[MARK_SIZE];
    ssize_t  n;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW
                    | O_NONBLOCK);

    if (fd == -1) {
        return false;
    }

    n = read(fd, text, sizeof(text) - 1);
    (void) close(fd);

    if (n <= 0) {
        return false;
    }

    text[n] = '\0';
    *time = strtoull(text, NULL, 10);

    (void) snprintf(again, sizeof(again), "%" PRIu64 "\n", *time);

    return *time != 0 && strcmp(again, text) == 0;
}


bool
mark_write(const char *path, uint64_t time)
{
    int   fd, n, failure;
    bool  ok;
    char  new[PATH_MAX], text[MARK_SIZE];

    if (!mark_new_path(path, new)) {
        errno = ENAMETOOLONG;
        return false;
    }

    fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
              0600);

    if (fd == -1) {
        return false;
    }

    n = snprintf(text, sizeof(text), "%" PRIu64 "\n", time);

    ok = write(fd, text, (size_t) n) == n && fdatasync(fd) == 0
         && rename(new, path) == 0;
    failure = errno;

    (void) close(fd);

    errno = failure;

    return ok;
}


void
mark_remove(const char *path)
{
    char  new[PATH_MAX];

    if (mark_new_path(path, new)) {
        (void) unlink(new);
    }

    (void) unlink(path);
}


static bool
mark_new_path(const char *path, char new[PATH_MAX])
{
    return snprintf(new, PATH_MAX, "%s.new", path) < PATH_MAX;
}
