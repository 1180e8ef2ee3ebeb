/*
 * Descriptors 0 to 2.
 */

#ifndef STDIO_FDS_H
#define STDIO_FDS_H


#include <stdbool.h>


/*
 * Opens /dev/null for those of descriptors 0 to 2 that are closed: otherwise
 * the next file that is opened would get what is written to standard error.
 * Called first of all.  Returns false when /dev/null can't be opened.
 */
bool stdio_fds_fill(void);


#endif /* STDIO_FDS_H */
