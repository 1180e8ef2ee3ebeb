/*
 * Parses an Accept header and compares its ranges with types.
 */

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "http/accept.h"


#define ACCEPT_BLANKS   " \t"

/* a quality of 1, in thousandths */

#define ACCEPT_QUALITY  1000


/* how exactly a range names a type */

enum accept_match {
    ACCEPT_NONE = 0,
    ACCEPT_ALL,       /* by an asterisk alone */
    ACCEPT_MAIN,      /* its part before the slash */
    ACCEPT_EXACT
};


/* one element of the header's list */

struct accept_range {
    const char  *type;       /* without parameters */
    size_t       len;
    int          quality;    /* thousandths */
};


static bool accept_next(const char **p, struct accept_range *range);
static const char *accept_end(const char *p, const char *stops);
static bool accept_quality(const char *p, const char *end, int *quality);
static enum accept_match accept_matches(const struct accept_range *range,
    const char *type);


int
accept_choose(const char *header, const char *const *types, size_t n)
{
    int                  chosen, quality, best;
    size_t               i;
    const char          *p;
    enum accept_match    match, found, best_match;
    struct accept_range  range;

    if (header == NULL || header[strspn(header, ACCEPT_BLANKS)] == '\0') {
        return 0;
    }

    chosen = -1;
    best = 0;
    best_match = ACCEPT_NONE;

    for (i = 0; i < n; i++) {
        quality = 0;
        match = ACCEPT_NONE;
        p = header;

        /* a type's quality is that of the range that names it most exactly */

        while (accept_next(&p, &range)) {
            found = accept_matches(&range, types[i]);

            if (found > match) {
                match = found;
                quality = range.quality;
            }
        }

        if (quality > best || (quality == best && quality != 0
                               && match > best_match))
        {
            chosen = (int) i;
            best = quality;
            best_match = match;
        }
    }

    return chosen;
}


/* returns false at the end; a range that is not well-formed gets no type */

static bool
accept_next(const char **p, struct accept_range *range)
{
    bool         ok;
    const char  *end, *parameter;

    *p += strspn(*p, ACCEPT_BLANKS ",");

    if (**p == '\0') {
        return false;
    }

    range->type = *p;
    range->quality = ACCEPT_QUALITY;

    end = accept_end(*p, ";,");
    ok = true;

    *p = end;

    while (end > range->type && strchr(ACCEPT_BLANKS, end[-1]) != NULL) {
        end--;
    }

    range->len = (size_t) (end - range->type);

    while (**p == ';') {
        parameter = *p + 1;
        parameter += strspn(parameter, ACCEPT_BLANKS);

        *p = accept_end(parameter, ";,");

        if ((*parameter == 'q' || *parameter == 'Q') && parameter[1] == '=') {
            ok = accept_quality(parameter + 2, *p, &range->quality) && ok;
        }
    }

    if (!ok) {
        range->len = 0;
    }

    return true;
}


/* returns the first character of stops outside of quotes, or the end */

static const char *
accept_end(const char *p, const char *stops)
{
    bool  quoted;

    quoted = false;

    for ( /* void */ ; *p != '\0'; p++) {

        if (quoted && *p == '\\' && p[1] != '\0') {
            p++;

        } else if (*p == '"') {
            quoted = !quoted;

        } else if (!quoted && strchr(stops, *p) != NULL) {
            break;
        }
    }

    return p;
}


/* reads a quality: 0 to 1 with at most three decimals */

static bool
accept_quality(const char *p, const char *end, int *quality)
{
    int  digit, unit;

    while (end > p && strchr(ACCEPT_BLANKS, end[-1]) != NULL) {
        end--;
    }

    if (p == end || (*p != '0' && *p != '1')) {
        return false;
    }

    *quality = (*p++ - '0') * ACCEPT_QUALITY;
    unit = ACCEPT_QUALITY / 10;

    if (p != end && *p++ != '.') {
        return false;
    }

    for ( /* void */ ; p != end; p++) {
        digit = *p - '0';

        if (digit < 0 || digit > 9 || unit == 0) {
            return false;
        }

        *quality += digit * unit;
        unit /= 10;
    }

    return *quality <= ACCEPT_QUALITY;
}


static enum accept_match
accept_matches(const struct accept_range *range, const char *type)
{
    size_t  main;

    if (range->len == strlen(type)
        && strncasecmp(range->type, type, range->len) == 0)
    {
        return ACCEPT_EXACT;
    }

    if (range->len == 3 && strncmp(range->type, "*/*", 3) == 0) {
        return ACCEPT_ALL;
    }

    main = strcspn(type, "/") + 1;

    if (range->len == main + 1 && range->type[main] == '*'
        && strncasecmp(range->type, type, main) == 0)
    {
        return ACCEPT_MAIN;
    }

    return ACCEPT_NONE;
}
