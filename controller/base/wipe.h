/*
 * Removes what lies in a directory.
 */

#ifndef WIPE_H
#define WIPE_H


/*
 * Removes everything in a directory, and in those below it, without following
 * links.  The directory itself stays; one that is absent is empty.
 */
void wipe_directory(const char *path);


#endif /* WIPE_H */
