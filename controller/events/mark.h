/*
 * The mark of a session on the disk: a time (s since 1970) before which all
 * that its history has is delivered.  The file has that number and nothing
 * else.
 */

#ifndef MARK_H
#define MARK_H


#include <stdbool.h>
#include <stdint.h>


/* Reads a mark; false when there is none, or the file has something else. */
bool mark_read(const char *path, uint64_t *time);

/*
 * Writes a mark of mode 0600: whoever reads meanwhile, or after a crash, finds
 * the one before or this one.  False, with errno set, when it can't.
 */
bool mark_write(const char *path, uint64_t time);

/* Removes a mark. */
void mark_remove(const char *path);


#endif /* MARK_H */
