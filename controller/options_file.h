/*
 * The configuration file: options by their names, one a line.
 */

#ifndef OPTIONS_FILE_H
#define OPTIONS_FILE_H


#include <stdbool.h>
#include <stdio.h>


/*
 * Sets one option; name and value are borrowed.  Returns false after an error
 * that begins with "whatsapp-controller: " was written to err.
 */
typedef bool (*options_set_pt)(void *ctx, const char *name, const char *value,
    FILE *err);


/*
 * Gives the options of a file to set.  Returns false after the error, with its
 * line, was written to err.
 */
bool options_file_read(const char *path, options_set_pt set, void *ctx,
    FILE *err);


#endif /* OPTIONS_FILE_H */
