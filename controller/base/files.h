/*
 * Files and directories that the controller needs before it can start.
 */

#ifndef FILES_H
#define FILES_H


#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>


/*
 * Reads a whole file of at most max bytes, and adds a NUL.  The caller frees
 * it; NULL after saying why on stderr.
 */
char *files_read(const char *path, size_t max, size_t *size);

/*
 * Reads a secret: the file's text without the newline at its end, 16 to 4096
 * visible ASCII characters.  The caller frees it; NULL after saying why.
 */
char *files_read_secret(const char *path);

/*
 * Makes a directory, and those above it, unless it exists; the last one gets
 * mode and owner when it is made.  One that is there may let in nobody whom
 * mode keeps out.  False after saying why on stderr.
 */
bool files_make_directory(const char *path, mode_t mode, uid_t uid,
    gid_t gid);

/* Whether a directory lies in memory; says on stderr when it doesn't. */
bool files_check_tmpfs(const char *path);

/* Whether we may make files in a directory; says on stderr when not. */
bool files_check_writable(const char *path);


#endif /* FILES_H */
