/*
 * The value of Content-Disposition for a file.  Pure.
 */

#ifndef DISPOSITION_H
#define DISPOSITION_H


#include <stddef.h>


/* bytes of a value, with NUL: a name's bytes may take three characters each */

#define DISPOSITION_NAME_MAX  240
#define DISPOSITION_SIZE      (DISPOSITION_NAME_MAX * 4 + 64)


/*
 * Writes "attachment" with the file's name, which is UTF-8: as a quoted ASCII
 * filename, in which what clients stumble over is an underscore, and as
 * filename* beside it, only where that is not the same (RFC 6266).  extension
 * is added to a name that has none; it may be "".  A name of more bytes than
 * DISPOSITION_NAME_MAX is cut, but for its extension.
 */
void disposition_write(char value[DISPOSITION_SIZE], const char *name,
    const char *extension);


#endif /* DISPOSITION_H */
