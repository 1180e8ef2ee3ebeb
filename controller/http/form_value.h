/*
 * Values of MIME headers: their parameters, and names of files in them.  Pure.
 */

#ifndef FORM_VALUE_H
#define FORM_VALUE_H


#include <stdbool.h>
#include <stddef.h>


/* Copies value without blanks at its end; false, and "", if it is too long. */
bool form_copy(const char *value, char *out, size_t size);

/*
 * Finds a parameter of a header's value ("form-data; name=x"), unquotes it and
 * copies it to the size bytes of out.  Returns false, and "" in out, when the
 * parameter is absent or too long.
 */
bool form_parameter(const char *value, const char *name, char *out,
    size_t size);

/*
 * Copies the name of a file from `filename*` or `filename` to out: in UTF-8,
 * without a path or control characters, "" when there is none.
 */
void form_filename(const char *value, char *out, size_t size);

/* Makes text the last part of a path, in UTF-8, without control characters. */
void form_clean_filename(char *text);

/*
 * Cuts a clean name of a file to at most max bytes (32 or more) of whole
 * characters, and keeps its extension.
 */
void form_cut_filename(char *text, size_t max);


#endif /* FORM_VALUE_H */
