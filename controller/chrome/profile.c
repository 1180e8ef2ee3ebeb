/*
 * The directories of one session.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/wipe.h"
#include "chrome/process.h"
#include "chrome/profile.h"


#define PROFILE_LOCK     ".controller.lock"
#define PROFILE_BROWSER  ".browser"    /* a link to the browser's directory */
#define PROFILE_DEFAULT  "Default"

#define PROFILE_MARK     "--user-data-dir="


struct profile {
    const char  *profile_dir;
    const char  *tmp_dir;
    int          dir_fd;       /* the profile while it is locked, or -1 */
    int          lock_fd;
};


/* of a browser whose own directory the profile was: an earlier version's */

static const char *const  profile_links[] = {
    "SingletonLock",
    "SingletonCookie",
    "SingletonSocket"
};


/*
 * Chromium keeps a line about each file that it was made to save, and may move
 * parts of large ones to the disk while they are in a page
 */

static const char *const  profile_traces[] = {
    "Default/History",
    "Default/History-journal"
};

#define PROFILE_BLOBS  "Default/blob_storage"


struct profile *
profile_create(const char *profile_dir, const char *tmp_dir)
{
    struct profile  *p;

    p = malloc(sizeof(struct profile));
    if (p == NULL) {
        return NULL;
    }

    p->profile_dir = profile_dir;
    p->tmp_dir = tmp_dir;
    p->dir_fd = -1;
    p->lock_fd = -1;

    return p;
}


bool
profile_lock(struct profile *p)
{
    int  dir_fd, lock_fd, error;

    if (p->lock_fd >= 0) {
        return true;
    }

    if ((mkdir(p->profile_dir, 0700) != 0 && errno != EEXIST)
        || (mkdir(p->tmp_dir, 0700) != 0 && errno != EEXIST))
    {
        return false;
    }

    dir_fd = open(p->profile_dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    if (dir_fd < 0) {
        return false;
    }

    lock_fd = lock_take(dir_fd, PROFILE_LOCK);

    if (lock_fd >= 0 && mkdirat(dir_fd, PROFILE_DEFAULT, 0700) != 0
        && errno != EEXIST)
    {
        error = errno;
        lock_drop(dir_fd, PROFILE_LOCK, lock_fd);
        errno = error;
        lock_fd = -1;
    }

    if (lock_fd < 0) {
        error = errno;
        close(dir_fd);
        errno = error;
        return false;
    }

    p->dir_fd = dir_fd;
    p->lock_fd = lock_fd;

    return true;
}


bool
profile_open(struct profile *p, const char *data_dir)
{
    (void) unlinkat(p->dir_fd, PROFILE_BROWSER, 0);

    return symlinkat(data_dir, p->dir_fd, PROFILE_BROWSER) == 0;
}


size_t
profile_orphans(struct profile *p, const char *data_dir, int signal)
{
    char         browser[PATH_MAX];
    char         mark[sizeof(PROFILE_MARK) + PATH_MAX];
    char         earlier[sizeof(PROFILE_MARK) + PATH_MAX];
    ssize_t      n;
    const char  *marks[3] = { earlier, NULL, NULL };

    (void) snprintf(earlier, sizeof(earlier), PROFILE_MARK "%s",
                    p->profile_dir);

    n = readlinkat(p->dir_fd, PROFILE_BROWSER, browser, sizeof(browser) - 1);

    if (n > 0) {
        browser[n] = '\0';

        if (strcmp(browser, data_dir) != 0) {
            (void) snprintf(mark, sizeof(mark), PROFILE_MARK "%s", browser);
            marks[1] = mark;
        }
    }

    return process_sweep(marks, signal);
}


void
profile_clean(struct profile *p, bool ended)
{
    char    path[PATH_MAX];
    size_t  i;

    if (p->lock_fd < 0) {
        return;
    }

    for (i = 0; i < sizeof(profile_traces) / sizeof(profile_traces[0]); i++) {
        (void) unlinkat(p->dir_fd, profile_traces[i], 0);
    }

    if (ended
        && snprintf(path, sizeof(path), "%s/" PROFILE_BLOBS, p->profile_dir)
           < PATH_MAX)
    {
        wipe_directory(path);
    }

    for (i = 0; i < sizeof(profile_links) / sizeof(profile_links[0]); i++) {
        (void) unlinkat(p->dir_fd, profile_links[i], 0);
    }

    (void) unlinkat(p->dir_fd, PROFILE_BROWSER, 0);

    wipe_directory(p->tmp_dir);
}


bool
profile_erase(struct profile *p)
{
    wipe_directory(p->profile_dir);
    wipe_directory(p->tmp_dir);

    return rmdir(p->profile_dir) == 0;
}


void
profile_unlock(struct profile *p)
{
    if (p->lock_fd < 0) {
        return;
    }

    (void) rmdir(p->tmp_dir);

    lock_drop(p->dir_fd, PROFILE_LOCK, p->lock_fd);
    close(p->dir_fd);

    p->lock_fd = -1;
    p->dir_fd = -1;
}


void
profile_destroy(struct profile *p)
{
    if (p == NULL) {
        return;
    }

    profile_unlock(p);
    free(p);
}
