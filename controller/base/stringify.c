/*
 * Walks a JSON value; the text grows as it is written.
 */

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stringify.h"


#define STRINGIFY_FIRST   512    /* bytes of the text at first */

/* digits that tell any two numbers apart */

#define STRINGIFY_DIGITS  17

/* from which exponents on JavaScript writes one */

#define STRINGIFY_LARGE   21
#define STRINGIFY_SMALL   (-6)


struct stringify {
    char    *text;
    size_t   used;
    size_t   room;
    bool     ascii;
    bool     failed;
};


static char *stringify_text(const json_t *value, size_t *size, bool ascii);
static void stringify_value(struct stringify *out, const json_t *value);
static void stringify_object(struct stringify *out, const json_t *object);
static void stringify_array(struct stringify *out, const json_t *array);
static void stringify_integer(struct stringify *out, json_int_t number);
static void stringify_real(struct stringify *out, double number);
static void stringify_digits(struct stringify *out, const char *digits,
    int n, int exponent);
static void stringify_zeros(struct stringify *out, int n);
static void stringify_string(struct stringify *out, const char *text,
    size_t size);
static void stringify_escape(struct stringify *out, unsigned unit);
static size_t stringify_character(const unsigned char *text, unsigned *code);
static void stringify_add(struct stringify *out, const char *text,
    size_t size);


char *
stringify(const json_t *value, size_t *size)
{
    return stringify_text(value, size, true);
}


char *
stringify_utf8(const json_t *value, size_t *size)
{
    return stringify_text(value, size, false);
}


static char *
stringify_text(const json_t *value, size_t *size, bool ascii)
{
    struct stringify  out;

    out.ascii = ascii;
    out.used = 0;
    out.room = STRINGIFY_FIRST;
    out.text = malloc(out.room);
    out.failed = out.text == NULL;

    stringify_value(&out, value);
    stringify_add(&out, "", 1);

    if (out.failed) {
        free(out.text);
        return NULL;
    }

    *size = out.used - 1;

    return out.text;
}


static void
stringify_value(struct stringify *out, const json_t *value)
{
    switch (json_typeof(value)) {

    case JSON_OBJECT:
        stringify_object(out, value);
        return;

    case JSON_ARRAY:
        stringify_array(out, value);
        return;

    case JSON_STRING:
        stringify_string(out, json_string_value(value),
                         json_string_length(value));
        return;

    case JSON_INTEGER:
        stringify_integer(out, json_integer_value(value));
        return;

    case JSON_REAL:
        stringify_real(out, json_real_value(value));
        return;

    case JSON_TRUE:
        stringify_add(out, "true", 4);
        return;

    case JSON_FALSE:
        stringify_add(out, "false", 5);
        return;

    case JSON_NULL:
        stringify_add(out, "null", 4);
    }
}


static void
stringify_object(struct stringify *out, const json_t *object)
{
    bool         first;
    json_t      *value;
    const char  *name;

    first = true;
    stringify_add(out, "{", 1);

    json_object_foreach((json_t *) object, name, value) {
        stringify_add(out, ",", first ? 0 : 1);
        stringify_string(out, name, strlen(name));
        stringify_add(out, ":", 1);
        stringify_value(out, value);
        first = false;
    }

    stringify_add(out, "}", 1);
}


static void
stringify_array(struct stringify *out, const json_t *array)
{
    size_t   i;
    json_t  *value;

    stringify_add(out, "[", 1);

    json_array_foreach(array, i, value) {
        stringify_add(out, ",", i == 0 ? 0 : 1);
        stringify_value(out, value);
    }

    stringify_add(out, "]", 1);
}


static void
stringify_integer(struct stringify *out, json_int_t number)
{
    int   n;
    char  text[32];

    n = snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, number);

    stringify_add(out, text, (size_t) n);
}


/* the fewest digits from which the number can be read back */

static void
stringify_real(struct stringify *out, double number)
{
    int    n, precision, exponent;
    char   text[40], digits[STRINGIFY_DIGITS + 1];
    char  *p;

    if (number == 0 || !isfinite(number)) {
        stringify_add(out, number == 0 ? "0" : "null", number == 0 ? 1 : 4);
        return;
    }

    for (precision = 0; precision < STRINGIFY_DIGITS; precision++) {
        (void) snprintf(text, sizeof(text), "%.*e", precision, number);

        if (strtod(text, NULL) == number) {
            break;
        }
    }

    n = 0;

    for (p = text; *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9' && n < STRINGIFY_DIGITS) {
            digits[n++] = *p;
        }
    }

    exponent = (int) strtol(p + 1, NULL, 10);

    if (number < 0) {
        stringify_add(out, "-", 1);
    }

    stringify_digits(out, digits, n, exponent);
}


/* the number is d.ddd, of n digits, times 10 to the exponent */

static void
stringify_digits(struct stringify *out, const char *digits, int n,
    int exponent)
{
    int   len, whole;
    char  text[16];

    if (exponent >= STRINGIFY_LARGE || exponent < STRINGIFY_SMALL) {
        stringify_add(out, digits, 1);
        stringify_add(out, ".", n > 1 ? 1 : 0);
        stringify_add(out, digits + 1, (size_t) n - 1);

        len = snprintf(text, sizeof(text), "e%+d", exponent);
        stringify_add(out, text, (size_t) len);
        return;
    }

    if (exponent < 0) {
        stringify_add(out, "0.", 2);
        stringify_zeros(out, -exponent - 1);
        stringify_add(out, digits, (size_t) n);
        return;
    }

    whole = n < exponent + 1 ? n : exponent + 1;

    stringify_add(out, digits, (size_t) whole);
    stringify_zeros(out, exponent + 1 - whole);
    stringify_add(out, ".", n > whole ? 1 : 0);
    stringify_add(out, digits + whole, (size_t) (n - whole));
}


static void
stringify_zeros(struct stringify *out, int n)
{
    for ( /* void */ ; n > 0; n--) {
        stringify_add(out, "0", 1);
    }
}


static void
stringify_string(struct stringify *out, const char *text, size_t size)
{
    size_t                i, len, plain;
    unsigned              code;
    const unsigned char  *p;

    p = (const unsigned char *) text;
    stringify_add(out, "\"", 1);

    for (i = 0; i < size; i += len) {

        for (plain = i;
             plain < size && p[plain] >= ' '
             && (p[plain] < 0x7f || !out->ascii)
             && p[plain] != '"' && p[plain] != '\\';
             plain++)
        {
            /* void */
        }

        if (plain > i) {
            len = plain - i;
            stringify_add(out, text + i, len);
            continue;
        }

        len = stringify_character(p + i, &code);

        if (code >= 0x10000) {
            code -= 0x10000;
            stringify_escape(out, 0xd800 + (code >> 10));
            stringify_escape(out, 0xdc00 + (code & 0x3ff));

        } else {
            stringify_escape(out, code);
        }
    }

    stringify_add(out, "\"", 1);
}


static void
stringify_escape(struct stringify *out, unsigned unit)
{
    char         escape[8];
    const char  *short_one;

    static const char  plain[] = "\"\\\b\f\n\r\t";
    static const char  letters[] = "\"\\bfnrt";

    short_one = unit != 0 && unit < 0x7f ? strchr(plain, (int) unit) : NULL;

    if (short_one != NULL) {
        escape[0] = '\\';
        escape[1] = letters[short_one - plain];
        stringify_add(out, escape, 2);
        return;
    }

    (void) snprintf(escape, sizeof(escape), "\\u%04x", unit & 0xffff);
    stringify_add(out, escape, 6);
}


/* jansson holds well-formed UTF-8 only; returns the bytes of a character */

static size_t
stringify_character(const unsigned char *text, unsigned *code)
{
    if (text[0] < 0x80) {
        *code = text[0];
        return 1;
    }

    if (text[0] < 0xe0) {
        *code = (text[0] & 0x1fu) << 6 | (text[1] & 0x3fu);
        return 2;
    }

    if (text[0] < 0xf0) {
        *code = (text[0] & 0x0fu) << 12 | (text[1] & 0x3fu) << 6
                | (text[2] & 0x3fu);
        return 3;
    }

    *code = (text[0] & 0x07u) << 18 | (text[1] & 0x3fu) << 12
            | (text[2] & 0x3fu) << 6 | (text[3] & 0x3fu);
    return 4;
}


static void
stringify_add(struct stringify *out, const char *text, size_t size)
{
    char    *grown;
    size_t   room;

    if (out->failed) {
        return;
    }

    if (size > out->room - out->used) {
        room = out->room;

        while (size > room - out->used) {
            room *= 2;
        }

        grown = realloc(out->text, room);

        if (grown == NULL) {
            out->failed = true;
            return;
        }

        out->text = grown;
        out->room = room;
    }

    memcpy(out->text + out->used, text, size);
    out->used += size;
}
