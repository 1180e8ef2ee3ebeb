/*
 * The Accept header, the same in module and controller: chooses one of the
 * types that an answer can have.
 *
 * Includers: the module (api/ngx_http_whatsapp_policy.c) and the controller
 * (api/api_qr.c).
 */

#ifndef WHATSAPP_ACCEPT_H
#define WHATSAPP_ACCEPT_H


#include <stdbool.h>
#include <string.h>
#include <strings.h>


#define WHATSAPP_ACCEPT_BLANKS  " \t"

/* a quality of 1, in thousandths */

#define WHATSAPP_ACCEPT_QUALITY  1000


/* how exactly a range names a type */

enum whatsapp_accept_match {
    WHATSAPP_ACCEPT_NONE = 0,
    WHATSAPP_ACCEPT_ALL,       /* by an asterisk alone */
    WHATSAPP_ACCEPT_MAIN,      /* its part before the slash */
    WHATSAPP_ACCEPT_EXACT
};


/* one element of the header's list */

struct whatsapp_accept_range {
    const char  *type;       /* without parameters */
    size_t       len;
    int          quality;    /* thousandths */
};


/* returns the first character of stops outside of quotes, or the end */

static inline const char *
whatsapp_accept_end(const char *p, const char *stops)
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

static inline bool
whatsapp_accept_quality(const char *p, const char *end, int *quality)
{
    int  digit, unit;

    while (end > p && strchr(WHATSAPP_ACCEPT_BLANKS, end[-1]) != NULL) {
        end--;
    }

    if (p == end || (*p != '0' && *p != '1')) {
        return false;
    }

    *quality = (*p++ - '0') * WHATSAPP_ACCEPT_QUALITY;
    unit = WHATSAPP_ACCEPT_QUALITY / 10;

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

    return *quality <= WHATSAPP_ACCEPT_QUALITY;
}


/* returns false at the end; a range that is not well-formed gets no type */

static inline bool
whatsapp_accept_next(const char **p, struct whatsapp_accept_range *range)
{
    bool         ok;
    const char  *end, *parameter;

    *p += strspn(*p, WHATSAPP_ACCEPT_BLANKS ",");

    if (**p == '\0') {
        return false;
    }

    range->type = *p;
    range->quality = WHATSAPP_ACCEPT_QUALITY;

    end = whatsapp_accept_end(*p, ";,");
    ok = true;

    *p = end;

    while (end > range->type
           && strchr(WHATSAPP_ACCEPT_BLANKS, end[-1]) != NULL)
    {
        end--;
    }

    range->len = (size_t) (end - range->type);

    while (**p == ';') {
        parameter = *p + 1;
        parameter += strspn(parameter, WHATSAPP_ACCEPT_BLANKS);

        *p = whatsapp_accept_end(parameter, ";,");

        if ((*parameter == 'q' || *parameter == 'Q') && parameter[1] == '=') {
            ok = whatsapp_accept_quality(parameter + 2, *p, &range->quality)
                 && ok;
        }
    }

    if (!ok) {
        range->len = 0;
    }

    return true;
}


static inline enum whatsapp_accept_match
whatsapp_accept_matches(const struct whatsapp_accept_range *range,
    const char *type)
{
    size_t  family;

    if (range->len == strlen(type)
        && strncasecmp(range->type, type, range->len) == 0)
    {
        return WHATSAPP_ACCEPT_EXACT;
    }

    if (range->len == 3 && strncmp(range->type, "*/*", 3) == 0) {
        return WHATSAPP_ACCEPT_ALL;
    }

    family = strcspn(type, "/") + 1;

    if (range->len == family + 1 && range->type[family] == '*'
        && strncasecmp(range->type, type, family) == 0)
    {
        return WHATSAPP_ACCEPT_MAIN;
    }

    return WHATSAPP_ACCEPT_NONE;
}


/*
 * Chooses one of n types ("image/svg+xml") by an Accept header's value.  The
 * type with the highest quality is chosen; among equals the one that is named
 * most exactly, then the first.  NULL and "" choose the first type.  Ranges
 * that are not well-formed, and parameters but q, are ignored (RFC 9110,
 * 12.5.1).  Returns the type's index, or -1 when none is accepted.
 */
static inline int
whatsapp_accept_choose(const char *header, const char *const *types, size_t n)
{
    int                           chosen, quality, best;
    size_t                        i;
    const char                   *p;
    enum whatsapp_accept_match    match, found, best_match;
    struct whatsapp_accept_range  range;

    if (header == NULL
        || header[strspn(header, WHATSAPP_ACCEPT_BLANKS)] == '\0')
    {
        return 0;
    }

    chosen = -1;
    best = 0;
    best_match = WHATSAPP_ACCEPT_NONE;

    for (i = 0; i < n; i++) {
        quality = 0;
        match = WHATSAPP_ACCEPT_NONE;
        p = header;

        /* a type's quality is that of the range that names it most exactly */

        while (whatsapp_accept_next(&p, &range)) {
            found = whatsapp_accept_matches(&range, types[i]);

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


#endif /* WHATSAPP_ACCEPT_H */
