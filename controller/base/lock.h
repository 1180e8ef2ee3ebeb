/*
 * Lock files: one process holds the lock, until it drops it or ends.
 */

#ifndef LOCK_H
#define LOCK_H


#include <stdbool.h>


/*
 * Takes the lock with the file name in a directory; the file is made when it
 * is missing.  Returns a descriptor for lock_drop, or -1 with errno set, to
 * EWOULDBLOCK when another process has the lock.
 */
int lock_take(int dir_fd, const char *name);

/* Whether the file of a lock that is held has still its name. */
bool lock_current(int dir_fd, const char *name, int fd);

/*
 * Removes the file of a lock that is held, unless another one has its name,
 * and closes fd.
 */
void lock_drop(int dir_fd, const char *name, int fd);


#endif /* LOCK_H */
