/*
 * The configuration file: options by their names, one a line.
 */

#ifndef OPTIONS_FILE_H
#define OPTIONS_FILE_H


#include <stdbool.h>
#include <stdio.h>

#include "options.h"


/*
 * Sets options from a file as if its lines were arguments.  Returns false
 * after the error, with its line, was written to err.
 */
bool options_file_read(struct options *options, const char *path, FILE *err);


#endif /* OPTIONS_FILE_H */
