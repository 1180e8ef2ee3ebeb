/*
 * How people and programs write a phone number, the same in module and
 * controller.  A number that might mean another one is never looked up, and
 * nothing is sent to it: a decimal ("15550000002.0"), a negative number, a
 * zero that is dialled only within a country ("+49 (0)30").
 *
 * Includers: the module (message/ngx_http_whatsapp_field_checks.c) and the
 * controller (session/recipient.c, calls/call_params.c).
 */

#ifndef WHATSAPP_PHONE_H
#define WHATSAPP_PHONE_H


#include <string.h>

#include "protocol/characters.h"
#include "protocol/limits.h"


enum whatsapp_phone {
    WHATSAPP_PHONE_NUMBER = 0,
    WHATSAPP_PHONE_DOUBTFUL,    /* it may mean another number */
    WHATSAPP_PHONE_OTHER        /* letters, too few digits or too many */
};


/* the international prefix that is dialled where "+" is written */

#define WHATSAPP_PHONE_PREFIX   2     /* characters: "00" */

/* most digits before a dot: of a group, and of a country code */

#define WHATSAPP_PHONE_GROUP    4
#define WHATSAPP_PHONE_COUNTRY  3

/* a number's digits with the prefix, and NUL */

#define WHATSAPP_PHONE_SIZE     (WHATSAPP_DIGITS_MAX                          \
                                 + WHATSAPP_PHONE_PREFIX + 1)


/* what has been read of a number */

struct whatsapp_phone_reader {
    char    *digits;      /* WHATSAPP_PHONE_SIZE bytes */
    size_t   n;           /* of the digits */
    size_t   run;         /* digits since the last gap */
    size_t   gaps;        /* between digits, without dots */
    size_t   dots;
    size_t   country;     /* digits before the first dot */
    size_t   opened;      /* digits before the last "(" */
    char     gap;         /* since the last digit: 0, '.', or ' ' */
    char     last;        /* the last mark that is no blank */
    int      plus;
    int      decimal;     /* the last gap had a dot */
    int      doubtful;
};


/*
 * Classes of characters: 0 for a digit, one of + - . ( ) or a blank for a
 * mark, 'i' for one that cannot be seen, 'x' for any other.
 */
static inline char
whatsapp_phone_class(uint32_t code)
{
    if (code >= '0' && code <= '9') {
        return 0;
    }

    if (code < 0x80) {
        return code == '\t' ? ' '
               : code != 0 && strchr("+-.() ", (int) code) != NULL
               ? (char) code : 'x';
    }

    /* hyphens and dashes, the minus, and their wide and small forms */

    if ((code >= 0x2010 && code <= 0x2015) || code == 0x2212
        || code == 0xfe58 || code == 0xfe63 || code == 0xff0d)
    {
        return '-';
    }

    if (code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a)
        || code == 0x202f || code == 0x205f || code == 0x3000)
    {
        return ' ';
    }

    /* soft hyphen, zero width, marks of direction, BOM */

    if (code == 0xad || code == 0x61c || (code >= 0x200b && code <= 0x200f)
        || (code >= 0x202a && code <= 0x202e)
        || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff)
    {
        return 'i';
    }

    return code == 0xff0b ? '+' : 'x';
}


static inline void
whatsapp_phone_digit(struct whatsapp_phone_reader *r, char digit)
{
    if (r->gap != 0 && r->n > 0) {
        r->run = 0;
        r->decimal = r->gap == '.';
        r->gaps += !r->decimal;
    }

    r->digits[r->n++] = digit;
    r->run++;
    r->gap = 0;
    r->last = 0;
}


/* a hyphen or a dot before all digits, or behind them, is no mark between */

static inline void
whatsapp_phone_mark(struct whatsapp_phone_reader *r, char mark)
{
    switch (mark) {

    case '+':
        r->doubtful |= r->plus || r->n > 0;
        r->plus = 1;
        break;

    case '-':
        r->doubtful |= r->n == 0;
        break;

    case '.':
        r->doubtful |= r->n == 0 || r->run > WHATSAPP_PHONE_GROUP
                       || r->gap == '.';
        r->country = r->dots++ == 0 ? r->n : r->country;
        break;

    case '(':
        r->opened = r->n;
        break;

    case ')':
        r->doubtful |= r->opened > 0 && r->n == r->opened + 1
                       && r->digits[r->opened] == '0';
        break;
    }

    r->last = mark == ' ' ? r->last : mark;
    r->gap = mark == '.' || r->gap == '.' ? '.' : ' ';
}


/*
 * One dot alone may be a decimal's, unless it follows a country code with its
 * plus; what follows the last of several dots is a group of digits.
 */
static inline int
whatsapp_phone_is_decimal(const struct whatsapp_phone_reader *r)
{
    if (!r->decimal) {
        return 0;
    }

    if (r->dots > 1) {
        return r->run < 2;
    }

    return r->run < WHATSAPP_PHONE_GROUP
           || (r->gaps == 0
               && !(r->plus && r->country <= WHATSAPP_PHONE_COUNTRY));
}


/* drops the prefix; no country code begins with a zero */

static inline void
whatsapp_phone_drop_prefix(struct whatsapp_phone_reader *r)
{
    int  prefix;

    prefix = !r->plus && r->n >= WHATSAPP_PHONE_PREFIX
             && memcmp(r->digits, "00", WHATSAPP_PHONE_PREFIX) == 0;

    if (prefix) {
        r->n -= WHATSAPP_PHONE_PREFIX;
        memmove(r->digits, r->digits + WHATSAPP_PHONE_PREFIX, r->n + 1);
    }

    r->doubtful |= (prefix || r->plus) && r->digits[0] == '0';
}


/*
 * Reads a text of len bytes as a phone number: digits, with a plus or 00 in
 * front of them or not, and blanks, hyphens, dots and parentheses between
 * them, as Unicode has them.  The digits, without the prefix, are written to
 * digits and end with NUL; they are of use only if it is a number.
 */
static inline enum whatsapp_phone
whatsapp_phone_read(const char *text, size_t len,
    char digits[WHATSAPP_PHONE_SIZE])
{
    char                          mark;
    size_t                        i, n;
    uint32_t                      code;
    struct whatsapp_phone_reader  r;

    memset(&r, 0, sizeof(r));
    r.digits = digits;

    for (i = 0; i < len; i += n) {

        n = whatsapp_character(text + i, len - i, &code);
        mark = n == 0 ? 'x' : whatsapp_phone_class(code);

        if (mark == 'x' || (mark == 0 && r.n == WHATSAPP_PHONE_SIZE - 1)) {
            return WHATSAPP_PHONE_OTHER;
        }

        if (mark == 0) {
            whatsapp_phone_digit(&r, (char) code);

        } else if (mark != 'i') {
            whatsapp_phone_mark(&r, mark);
        }
    }

    digits[r.n] = '\0';

    r.doubtful |= r.last == '-' || r.last == '.'
                  || whatsapp_phone_is_decimal(&r);

    whatsapp_phone_drop_prefix(&r);

    if (r.doubtful) {
        return WHATSAPP_PHONE_DOUBTFUL;
    }

    return r.n >= WHATSAPP_DIGITS_MIN && r.n <= WHATSAPP_DIGITS_MAX
           ? WHATSAPP_PHONE_NUMBER : WHATSAPP_PHONE_OTHER;
}


#endif /* WHATSAPP_PHONE_H */
