/*
 * The page may return a text of any length with any byte; these functions make
 * it fit a buffer, a log line or an answer.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"


#define TEXT_NAME_SIZE  64    /* bytes of one missing name, with its NUL */


void
text_copy(char *to, size_t size, const char *from, const char *allowed)
{
    size_t  n;

    memset(to, 0, size);

    for (n = 0; from != NULL && *from != '\0' && n + 1 < size; from++) {
        if (allowed == NULL || strchr(allowed, *from) != NULL) {
            to[n++] = *from;
        }
    }
}


void
text_cut(char *to, size_t size, const char *from)
{
    memset(to, 0, size);

    if (from != NULL) {
        memcpy(to, from, text_fit(from, size - 1));
    }
}


size_t
text_fit(const char *text, size_t max)
{
    size_t  len;

    len = strnlen(text, max + 1);

    if (len <= max) {
        return len;
    }

    len = max;

    /* continuation bytes of UTF-8 are 10xxxxxx */

    while (len > 0 && ((unsigned char) text[len] & 0xc0) == 0x80) {
        len--;
    }

    return len;
}


size_t
text_characters(const char *text, size_t size)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < size; i++) {
        n += ((unsigned char) text[i] & 0xc0) != 0x80;
    }

    return n;
}


void
text_missing(json_t *data, char *text, size_t size)
{
    char     name[TEXT_NAME_SIZE];
    size_t   i, used;
    json_t  *item;

    used = (size_t) snprintf(text, size, "missing:");

    json_array_foreach(json_object_get(data, "missing"), i, item) {
        text_copy(name, sizeof(name), json_string_value(item),
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                  "abcdefghijklmnopqrstuvwxyz0123456789._$");

        if (used + strlen(name) + 3 > size) {
            break;
        }

        used += (size_t) snprintf(text + used, size - used, "%s %s",
                                  i != 0 ? "," : "", name);
    }
}


void
text_wipe(char *text)
{
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
}
