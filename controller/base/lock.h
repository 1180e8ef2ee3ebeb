/*
 * Lock files: held by one process, and free when it is gone, however it went.
 */

#ifndef LOCK_H
#define LOCK_H


/*
 * Takes the lock of that name in a directory, whose file is made when missing.
 * Returns a descriptor that holds it, to be given to lock_drop(), or -1 with
 * errno set: EWOULDBLOCK when another has it.
 */
int lock_take(int dir_fd, const char *name);

/* removes the file of a lock that is held, and closes fd */
void lock_drop(int dir_fd, const char *name, int fd);


#endif /* LOCK_H */
