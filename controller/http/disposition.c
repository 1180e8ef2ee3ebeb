/*
 * Content-Disposition: the name that a client gives a downloaded file.
 */

#include <stdio.h>
#include <string.h>

#include "http/disposition.h"


/* characters of a name's extension, with its dot, that are kept */

#define DISPOSITION_EXTENSION_MAX  16


static void disposition_name(char name[DISPOSITION_NAME_MAX + 1],
    const char *from, const char *extension);
static size_t disposition_cut(const char *text, size_t max);
static void disposition_ascii(char *to, const char *from);
static void disposition_encode(char *to, const char *from);


void
disposition_write(char value[DISPOSITION_SIZE], const char *name,
    const char *extension)
{
    char  ascii[DISPOSITION_NAME_MAX + 1], whole[DISPOSITION_NAME_MAX + 1];
    char  encoded[DISPOSITION_NAME_MAX * 3 + 1];

    disposition_name(whole, name, extension);
    disposition_ascii(ascii, whole);

    if (strcmp(ascii, whole) == 0) {
        (void) snprintf(value, DISPOSITION_SIZE,
                        "attachment; filename=\"%s\"", ascii);
        return;
    }

    disposition_encode(encoded, whole);

    (void) snprintf(value, DISPOSITION_SIZE,
                    "attachment; filename=\"%s\"; filename*=UTF-8''%s",
                    ascii, encoded);
}


/* the part of a path behind its last slash, with an extension */

static void
disposition_name(char name[DISPOSITION_NAME_MAX + 1], const char *from,
    const char *extension)
{
    size_t       len, room;
    const char  *dot, *p;

    for (p = from; *p != '\0'; p++) {
        if (*p == '/' || *p == '\\') {
            from = p + 1;
        }
    }

    dot = strrchr(from, '.');

    if (dot != NULL && dot != from && dot[1] != '\0'
        && strlen(dot) <= DISPOSITION_EXTENSION_MAX)
    {
        extension = dot;
        len = (size_t) (dot - from);

    } else {
        len = strlen(from);
    }

    room = DISPOSITION_NAME_MAX - strlen(extension);

    if (len > room) {
        len = disposition_cut(from, room);
    }

    (void) snprintf(name, DISPOSITION_NAME_MAX + 1, "%.*s%s", (int) len, from,
                    extension);

    for ( ; *name != '\0'; name++) {
        if ((unsigned char) *name < ' ' || *name == 0x7f) {
            *name = '_';
        }
    }
}


/* the most bytes, up to max, that do not end within a character */

static size_t
disposition_cut(const char *text, size_t max)
{
    while (max != 0 && (text[max] & 0xc0) == 0x80) {
        max--;
    }

    return max;
}


/* one underscore stands for a character, not for each of its bytes */

static void
disposition_ascii(char *to, const char *from)
{
    for ( ; *from != '\0'; from++) {

        if ((*from & 0xc0) == 0x80) {
            continue;
        }

        *to = *from;

        if ((unsigned char) *from >= 0x7f || strchr("\"\\%", *from) != NULL) {
            *to = '_';
        }

        to++;
    }

    *to = '\0';
}


static void
disposition_encode(char *to, const char *from)
{
    for ( ; *from != '\0'; from++) {

        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                   "0123456789!#$&+-.^_`|~", *from)
            != NULL)
        {
            *to++ = *from;

        } else {
            to += snprintf(to, sizeof("%FF"), "%%%02X",
                           (unsigned) (unsigned char) *from);
        }
    }

    *to = '\0';
}
