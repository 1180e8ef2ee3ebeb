/*
 * JSON text as JavaScript's JSON.stringify writes it, in ASCII: receivers sign
 * and compare bytes, and some write the text again before they do.
 */

#ifndef STRINGIFY_H
#define STRINGIFY_H


#include <stddef.h>

#include <jansson.h>


/*
 * Returns the text of a value, members in their order, without blanks, and its
 * length in *size.  Characters from DEL on are \u escapes of lower-case hex
 * digits, those above U+FFFF two of them.  The caller frees the text; NULL
 * when memory is short.
 */
char *stringify(const json_t *value, size_t *size);


#endif /* STRINGIFY_H */
