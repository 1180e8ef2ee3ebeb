/*
 * base64url without padding.
 */

#include <stdint.h>

#include "base/base64url.h"


static int base64url_digit(char c);


static const char  base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


size_t
base64url_encode(const void *data, size_t size, char *text)
{
    char           *out;
    size_t          i, n;
    uint32_t        bits;
    const uint8_t  *in = data;

    out = text;

    for (i = 0; i < size; i += 3) {
        n = size - i < 3 ? size - i : 3;

        bits = (uint32_t) in[i] << 16;
        bits |= n > 1 ? (uint32_t) in[i + 1] << 8 : 0;
        bits |= n > 2 ? in[i + 2] : 0;

        *out++ = base64url_digits[bits >> 18];
        *out++ = base64url_digits[bits >> 12 & 63];

        if (n > 1) {
            *out++ = base64url_digits[bits >> 6 & 63];
        }

        if (n > 2) {
            *out++ = base64url_digits[bits & 63];
        }
    }

    *out = '\0';

    return (size_t) (out - text);
}


long
base64url_decode(const char *text, size_t len, void *data, size_t room)
{
    int       digit;
    size_t    i, used;
    uint8_t  *out = data;
    uint32_t  bits;

    if (len % 4 == 1 || len / 4 * 3 + (len % 4 + 1) / 2 > room) {
        return -1;
    }

    bits = 0;
    used = 0;

    for (i = 0; i < len; i++) {
        digit = base64url_digit(text[i]);

        if (digit < 0) {
            return -1;
        }

        bits = bits << 6 | (uint32_t) digit;

        if (i % 4 != 0) {
            out[used++] = (uint8_t) (bits >> (6 - i % 4 * 2));
        }
    }

    /* the unused bits of the last digit must be 0: one text for one value */

    if ((len % 4 == 2 && (bits & 15) != 0)
        || (len % 4 == 3 && (bits & 3) != 0))
    {
        return -1;
    }

    return (long) used;
}


static int
base64url_digit(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    if (c == '-') {
        return 62;
    }

    return c == '_' ? 63 : -1;
}
