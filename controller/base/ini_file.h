/*
 * Reads files of "NAME = VALUE" and "[SECTION]" lines with libinih.  A value
 * may be 4000 characters long and hold any of them; a comment is a line of its
 * own that begins with # or a semicolon.
 */

#ifndef INI_FILE_H
#define INI_FILE_H


#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>


/* where a value stands, for error messages */

struct ini_place {
    const char  *path;
    unsigned     line;
};


/*
 * Takes a value; the strings are borrowed, section is "" before the first one.
 * At the beginning of each section, name and value are NULL.  Returns false
 * after an error was written by ini_fail or otherwise.
 */
typedef bool (*ini_value_pt)(void *ctx, const struct ini_place *place,
    const char *section, const char *name, const char *value);


/*
 * Gives each value of text, the content of path, which has size bytes and a
 * NUL behind them, to value, until one is refused.  Returns false then, and
 * after an error that was written to err.
 */
bool ini_file_parse(const char *path, const char *text, size_t size,
    ini_value_pt value, void *ctx, FILE *err);

/* Writes an error with its place, "PATH:LINE: ", and returns false. */
bool ini_fail(const struct ini_place *place, FILE *err, const char *format,
    ...) __attribute__((format(printf, 3, 4)));


#endif /* INI_FILE_H */
