/*
 * Functions that copy texts of the page into buffers of a fixed size, and one
 * that leaves nothing of a text.
 */

#ifndef TEXT_H
#define TEXT_H


#include <jansson.h>
#include <stddef.h>


/* a macro's number as a part of a literal */

#define text_of(number)         text_of_literal(number)
#define text_of_literal(number) #number


/*
 * Copies as much of from (NULL: an empty text) as fits into the size bytes of
 * to, with its NUL.  Bytes that are not in allowed are left out; when allowed
 * is NULL, all are copied.
 */
void text_copy(char *to, size_t size, const char *from, const char *allowed);

/* Copies a text in UTF-8 likewise, and cuts no character in two. */
void text_cut(char *to, size_t size, const char *from);

/* The length of UTF-8 text, cut to at most max bytes of whole characters. */
size_t text_fit(const char *text, size_t max);

/* The characters (code points) in size bytes of UTF-8. */
size_t text_characters(const char *text, size_t size);

/* Overwrites and frees a text; NULL is allowed. */
void text_wipe(char *text);

/*
 * Writes the names in the array "missing" of data, as many as fit, to the size
 * bytes of text, as "missing: a, b".
 */
void text_missing(json_t *data, char *text, size_t size);


#endif /* TEXT_H */
