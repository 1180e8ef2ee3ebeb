/*
 * Texts of the page's, cut to what a session has room for.
 */

#ifndef SESSION_TEXT_H
#define SESSION_TEXT_H


#include <jansson.h>
#include <stddef.h>


/*
 * Copies from (nothing, for NULL) to the size bytes of to, as much as fits
 * with its NUL, without bytes that are not in allowed (NULL: all may stay).
 */
void session_text_copy(char *to, size_t size, const char *from,
    const char *allowed);

/* The same for UTF-8, all of which may stay: no character is cut in two. */
void session_text_cut(char *to, size_t size, const char *from);

/*
 * Writes the names in the array "missing" of data to the size bytes of text,
 * those that fit, as "missing: a, b".
 */
void session_text_missing(json_t *data, char *text, size_t size);


#endif /* SESSION_TEXT_H */
