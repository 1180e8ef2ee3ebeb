/*
 * Everything but letters, digits and -._~ is escaped, RFC 3986 section 2.3.
 */

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "events/beta_url.h"


#define BETA_ESCAPED  3    /* characters, "%00" */


struct beta_place {
    const char  *name;
    size_t       offset;    /* of the message's member */
};


static const char *beta_url_authority(const char *url);
static const struct beta_place *beta_url_place(const char *at);
static const char *beta_url_part(const struct beta_place *place,
    const struct beta_message *message);
static char *beta_url_escape(char *to, const char *text);


static const struct beta_place  beta_places[] = {
    { "?msg?", offsetof(struct beta_message, text) },
    { "?from?", offsetof(struct beta_message, from) },
    { "?msgid?", offsetof(struct beta_message, id) },
    { "?reaction?", offsetof(struct beta_message, reaction) },
    { "?type?", offsetof(struct beta_message, type) }
};


#define BETA_PLACES  (sizeof(beta_places) / sizeof(beta_places[0]))


bool
beta_url_valid(const char *url)
{
    size_t       len;
    const char  *p, *host;

    len = strlen(url);
    host = beta_url_authority(url);

    if (len > BETA_URL_MAX || host == NULL) {
        return false;
    }

    for (p = url; *p != '\0'; p++) {
        if (!isgraph((unsigned char) *p) || *p == '#') {
            return false;
        }
    }

    /* a place right behind the host would lengthen it */

    len = strcspn(host, "/?");

    return len > 0 && memchr(host, '@', len) == NULL
           && beta_url_place(host + len) == NULL;
}


const char *
beta_url_host(const char *url, int *len)
{
    const char  *host;

    host = beta_url_authority(url);
    *len = (int) strcspn(host, "/?");

    return host;
}


char *
beta_url_expand(const char *url, const struct beta_message *message)
{
    char                     *expanded, *to;
    size_t                    size;
    const char               *p;
    const struct beta_place  *place;

    size = 1;

    for (p = url; *p != '\0'; p += place != NULL ? strlen(place->name) : 1) {
        place = beta_url_place(p);
        size += place != NULL
                ? BETA_ESCAPED * strlen(beta_url_part(place, message)) : 1;
    }

    expanded = malloc(size);

    if (expanded == NULL) {
        return NULL;
    }

    to = expanded;

    for (p = url; *p != '\0'; p += place != NULL ? strlen(place->name) : 1) {
        place = beta_url_place(p);

        if (place != NULL) {
            to = beta_url_escape(to, beta_url_part(place, message));

        } else {
            *to++ = *p;
        }
    }

    *to = '\0';

    return expanded;
}


/* what stands behind the scheme; NULL: it is another one */

static const char *
beta_url_authority(const char *url)
{
    if (strncasecmp(url, "http://", 7) == 0) {
        return url + 7;
    }

    if (strncasecmp(url, "https://", 8) == 0) {
        return url + 8;
    }

    return NULL;
}


static const struct beta_place *
beta_url_place(const char *at)
{
    size_t  i;

    for (i = 0; i < BETA_PLACES; i++) {
        if (strncmp(at, beta_places[i].name, strlen(beta_places[i].name))
            == 0)
        {
            return &beta_places[i];
        }
    }

    return NULL;
}


static const char *
beta_url_part(const struct beta_place *place,
    const struct beta_message *message)
{
    return *(const char *const *) ((const char *) message + place->offset);
}


static char *
beta_url_escape(char *to, const char *text)
{
    unsigned char      c;
    static const char  hex[] = "0123456789ABCDEF";

    for ( /* void */ ; *text != '\0'; text++) {
        c = (unsigned char) *text;

        if (isalnum(c) || strchr("-._~", c) != NULL) {
            *to++ = (char) c;

        } else {
            *to++ = '%';
            *to++ = hex[c >> 4];
            *to++ = hex[c & 0xf];
        }
    }

    return to;
}
