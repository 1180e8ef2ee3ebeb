/*
 * The directories of one browser.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/wipe.h"
#include "chrome/profile.h"


#define PROFILE_LOCK  ".controller.lock"


struct profile {
    const char  *profile_dir;
    const char  *tmp_dir;
    int          dir_fd;       /* the profile while it is locked, or -1 */
    int          lock_fd;
};


/* Chromium refuses a profile whose links name another host or a process */

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


void
profile_clean(struct profile *p)
{
    char    path[PATH_MAX];
    size_t  i;

    if (p->lock_fd < 0) {
        return;
    }

    for (i = 0; i < sizeof(profile_traces) / sizeof(profile_traces[0]); i++) {
        (void) unlinkat(p->dir_fd, profile_traces[i], 0);
    }

    if (snprintf(path, sizeof(path), "%s/" PROFILE_BLOBS, p->profile_dir)
        < PATH_MAX)
    {
        wipe_directory(path);
    }

    for (i = 0; i < sizeof(profile_links) / sizeof(profile_links[0]); i++) {
        (void) unlinkat(p->dir_fd, profile_links[i], 0);
    }

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
