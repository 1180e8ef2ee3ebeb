/*
 * Reads UTF-8 character by character, for the headers that say how values are
 * written.  Includers: phone.h, emoji.h.
 */

#ifndef WHATSAPP_CHARACTERS_H
#define WHATSAPP_CHARACTERS_H


#include <stddef.h>
#include <stdint.h>


/*
 * Reads the character at text, which has len bytes, at least one.  Returns its
 * bytes, with the code point in code; 0 when it is not UTF-8.
 */
static inline size_t
whatsapp_character(const char *text, size_t len, uint32_t *code)
{
    size_t                i, n;
    const unsigned char  *p = (const unsigned char *) text;

    static const uint32_t  least[] = { 0, 0, 0x80, 0x800, 0x10000 };

    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }

    n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

    if (p[0] < 0xc2 || p[0] > 0xf4 || n > len) {
        return 0;
    }

    *code = p[0] & (0x7f >> n);

    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }

        *code = *code << 6 | (p[i] & 0x3f);
    }

    if (*code < least[n] || *code > 0x10ffff
        || (*code >= 0xd800 && *code <= 0xdfff))
    {
        return 0;
    }

    return n;
}


#endif /* WHATSAPP_CHARACTERS_H */
