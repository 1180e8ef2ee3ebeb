/*
 * Texts of the page's, cut to what a session has room for.
 */

#ifndef TEXT_H
#define TEXT_H


#include <jansson.h>
#include <stddef.h>


/*
 * Copies from (nothing, for NULL) to the size bytes of to, as much as fits
 * with its NUL, without bytes that are not in allowed (NULL: all may stay).
 */
void text_copy(char *to, size_t size, const char *from, const char *allowed);

/* The same for UTF-8, all of which may stay: no character is cut in two. */
void text_cut(char *to, size_t size, const char *from);

/*
 * Writes the names in the array "missing" of data to the size bytes of text,
 * those that fit, as "missing: a, b".
 */
void text_missing(json_t *data, char *text, size_t size);


#endif /* TEXT_H */
