/*
 * The configuration file: options by their names, one a line, and then the
 * sections of sessions.
 */

#ifndef OPTIONS_FILE_H
#define OPTIONS_FILE_H


#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>


/*
 * Who takes what is in the file; the strings are borrowed.  Each returns false
 * after an error that begins with "whatsapp-controller: " was written to err.
 */

struct options_taker {
    /* sets an option */
    bool  (*set)(void *ctx, const char *name, const char *value, FILE *err);

    /* adds the session of a section */
    bool  (*session)(void *ctx, const char *id, FILE *err);

    void   *ctx;
};


/*
 * Gives the options of a file, and the sessions that have a section, to taker.
 * Returns the file's text, which the caller wipes and frees, as it may hold
 * secrets; NULL after the error, with its line, was written to err.
 */
char *options_file_read(const char *path, size_t *size,
    const struct options_taker *taker, FILE *err);


#endif /* OPTIONS_FILE_H */
