/*
 * Parses values of MIME headers.
 */

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "http/form_value.h"


/* bytes of a file name's extension, with its dot */

#define FORM_EXTENSION_MAX  16


static const char *form_find(const char *value, const char *name);
static const char *form_skip(const char *p);
static bool form_unquote(const char *p, char *out, size_t size);
static bool form_decode(char *text);
static int form_hex(char c);
static size_t form_utf8(const char *text);


bool
form_copy(const char *value, char *out, size_t size)
{
    size_t  len;

    len = strlen(value);

    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t')) {
        len--;
    }

    if (len >= size) {
        out[0] = '\0';
        return false;
    }

    memcpy(out, value, len);
    out[len] = '\0';

    return true;
}


bool
form_parameter(const char *value, const char *name, char *out, size_t size)
{
    const char  *p;

    out[0] = '\0';
    p = form_find(value, name);

    if (p == NULL || !form_unquote(p, out, size)) {
        out[0] = '\0';
        return false;
    }

    return true;
}


void
form_filename(const char *value, char *out, size_t size)
{
    char  *text;

    static const char  utf8[] = "UTF-8'";

    /* the form is UTF-8'language'percent-encoded (RFC 5987) */

    if (form_parameter(value, "filename*", out, size)
        && strncasecmp(out, utf8, sizeof(utf8) - 1) == 0)
    {
        text = strchr(out + sizeof(utf8) - 1, '\'');

        if (text != NULL && form_decode(text + 1)) {
            memmove(out, text + 1, strlen(text + 1) + 1);
            form_clean_filename(out);
            return;
        }
    }

    (void) form_parameter(value, "filename", out, size);

    form_clean_filename(out);
}


void
form_clean_filename(char *text)
{
    char    *begin, *out;
    size_t   n;

    begin = text;

    for (out = text; *text != '\0'; text += n) {
        n = form_utf8(text);

        if (n == 0) {
            *out++ = '_';
            n = 1;

        } else if (*text == '/' || *text == '\\') {

            /* the part before a slash was a directory: it is dropped */

            out = begin;

        } else if ((unsigned char) *text >= ' ' && *text != 0x7f) {
            memmove(out, text, n);
            out += n;
        }
    }

    *out = '\0';

    if (strcmp(begin, ".") == 0 || strcmp(begin, "..") == 0) {
        *begin = '\0';
    }
}


void
form_cut_filename(char *text, size_t max)
{
    char    *extension;
    size_t   n, len, tail;

    len = strlen(text);

    if (len <= max) {
        return;
    }

    extension = strrchr(text, '.');
    tail = extension != NULL ? strlen(extension) : 0;

    if (tail > FORM_EXTENSION_MAX) {
        tail = 0;
    }

    for (n = 0; n + form_utf8(text + n) <= max - tail; /* void */) {
        n += form_utf8(text + n);
    }

    memmove(text + n, text + len - tail, tail + 1);
}


/* returns where the parameter's value begins, or NULL */

static const char *
form_find(const char *value, const char *name)
{
    size_t       len;
    const char  *p;

    len = strlen(name);

    for (p = form_skip(value); *p == ';'; p = form_skip(p)) {
        p++;
        p += strspn(p, " \t");

        if (strncasecmp(p, name, len) == 0) {
            if (p[len] == '=') {
                return p + len + 1;
            }
        }
    }

    return NULL;
}


/* returns the next ; outside of quotes, or the end */

static const char *
form_skip(const char *p)
{
    bool  quoted;

    quoted = false;

    for ( /* void */ ; *p != '\0' && (quoted || *p != ';'); p++) {
        if (*p == '"') {
            quoted = !quoted;

        } else if (quoted && *p == '\\' && p[1] == '"') {
            p++;
        }
    }

    return p;
}


/*
 * Only a quote is escaped by a backslash: old browsers send whole paths of
 * Windows, where it stands for itself
 */

static bool
form_unquote(const char *p, char *out, size_t size)
{
    bool    quoted;
    size_t  n;

    quoted = *p == '"';
    p += quoted;

    for (n = 0; *p != '\0' && *p != (quoted ? '"' : ';'); p++) {

        if (quoted && *p == '\\' && p[1] == '"') {
            p++;

        } else if (!quoted && (*p == ' ' || *p == '\t')) {
            break;
        }

        if (n + 1 == size) {
            return false;
        }

        out[n++] = *p;
    }

    out[n] = '\0';

    return !quoted || *p == '"';
}


static bool
form_decode(char *text)
{
    int    high, low;
    char  *out;

    for (out = text; *text != '\0'; text++) {

        if (*text != '%') {
            *out++ = *text;
            continue;
        }

        high = form_hex(text[1]);
        low = high < 0 ? -1 : form_hex(text[2]);

        if (low < 0 || (high == 0 && low == 0)) {
            return false;
        }

        *out++ = (char) (high << 4 | low);
        text += 2;
    }

    *out = '\0';

    return true;
}


static int
form_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = (char) tolower((unsigned char) c);

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* returns the bytes of the character at text, 0 when it is not UTF-8 */

static size_t
form_utf8(const char *text)
{
    size_t                i, n;
    uint32_t              point;
    const unsigned char  *p = (const unsigned char *) text;

    static const uint32_t  least[] = { 0, 0, 0x80, 0x800, 0x10000 };

    if (p[0] < 0x80) {
        return 1;
    }

    n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

    if (p[0] < 0xc2 || p[0] > 0xf4) {
        return 0;
    }

    point = p[0] & (0x7f >> n);

    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }

        point = point << 6 | (p[i] & 0x3f);
    }

    if (point < least[n] || point > 0x10ffff
        || (point >= 0xd800 && point <= 0xdfff))
    {
        return 0;
    }

    return n;
}
