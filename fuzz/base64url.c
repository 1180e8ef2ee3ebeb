/*
 * base64url: one text for one value, in both directions.
 */

#include "base/base64url.h"

#include "fuzz.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long     n;
    char    *text;
    size_t   len;
    uint8_t *bytes;

    /* bytes to text and back */

    text = malloc(BASE64URL_LEN(size) + 1);
    bytes = malloc(size + 1);
    require(text != NULL && bytes != NULL);

    len = base64url_encode(data, size, text);

    require(len == BASE64URL_LEN(size) && strlen(text) == len);
    require(base64url_decode(text, len, bytes, size) == (long) size);
    require(size == 0 || memcmp(bytes, data, size) == 0);
    require(size == 0
            || base64url_decode(text, len, bytes, size - 1) == -1);

    free(text);

    /* text to bytes and back; so many bytes have room */

    n = base64url_decode((const char *) data, size, bytes, size);

    if (n != -1) {
        text = malloc(BASE64URL_LEN((size_t) n) + 1);
        require(text != NULL);

        require(base64url_encode(bytes, (size_t) n, text) == size);
        require(memcmp(text, data, size) == 0);

        free(text);
    }

    free(bytes);

    return 0;
}
