/*
 * Files and directories that the controller needs at its start.  Errors are
 * written to stderr.
 */

#ifndef FILES_H
#define FILES_H


#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


/*
 * Reads a whole file of 1 to max bytes, and adds a NUL.  The caller frees the
 * text; NULL after an error.
 */
char *files_read(const char *path, size_t max, size_t *size);

/*
 * The same for a file with secrets, which must belong to root or to the user
 * with uid, (uid_t) -1: to anybody.  Others may not read it, and its group may
 * not write it.
 */
char *files_read_private(const char *path, size_t max, uid_t uid,
    size_t *size);

/*
 * Checks that a file is as files_read_private wants it.  Returns false after
 * an error.
 */
bool files_check_private(const char *path, uid_t uid);

/*
 * Reads a secret: the file's text without the newline at its end, 16 to 4096
 * visible ASCII characters.  The caller frees it; NULL after an error.
 */
char *files_read_secret(const char *path);

/*
 * Makes a directory with this mode and owner, and those above it, unless it
 * exists.  An existing one may have no permission that is not in mode.
 * Returns false after an error.
 */
bool files_make_directory(const char *path, mode_t mode, uid_t uid,
    gid_t gid);

/* Checks that a file is a program that can be run; false after an error. */
bool files_check_program(const char *path);

/* Checks that a directory lies on a tmpfs; false after an error. */
bool files_check_tmpfs(const char *path);

/*
 * Returns the bytes that the user may still write on the file system of a
 * directory; UINT64_MAX if it can't be found out.
 */
uint64_t files_room(const char *path);

/* Checks that the user may make files in a directory; false after an error. */
bool files_check_writable(const char *path);


#endif /* FILES_H */
