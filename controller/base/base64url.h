/*
 * base64url without padding (RFC 4648, section 5), one text for one value.
 */

#ifndef BASE64URL_H
#define BASE64URL_H


#include <stddef.h>


/* characters of the text of size bytes, without NUL */

#define BASE64URL_LEN(size)  (((size) * 4 + 2) / 3)


/*
 * Writes size bytes as text, with a NUL: BASE64URL_LEN(size) + 1 bytes.
 * Returns the text's length.
 */
size_t base64url_encode(const void *data, size_t size, char *text);

/*
 * Reads len characters into data, which has room bytes.  Returns the number of
 * bytes, or -1 when base64url_encode would not write the text, or the data do
 * not fit.
 */
long base64url_decode(const char *text, size_t len, void *data, size_t room);


#endif /* BASE64URL_H */
