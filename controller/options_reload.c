/*
 * What of the options a reload takes over.
 */

#include <string.h>

#include "options_private.h"


static bool options_row_live(const struct options_row *row);
static bool options_row_equal(const struct options_row *row,
    const struct options *a, const struct options *b);
static bool options_text_equal(const char *a, const char *b);
static bool options_users_equal(const struct options *a,
    const struct options *b);


/* the others are used at the start only */

static const char *const  options_live[] = {
    "allow-media-net", "allow-webhook-net", "browser-memory-high",
    "browser-memory-max", "calls-max", "code-burst", "code-rate", "log-level",
    "max-memory", "media-file-max", "media-max", "media-ttl",
    "page-memory-high", "page-memory-max", "pair-burst", "pair-rate",
    "queue-max", "reads-max", "send-burst", "send-rate", "send-window",
    "session", "wa-js", "webhook-ca", "webhook-give-up"
};


void
options_take_over(struct options *options, const struct options *next)
{
    size_t                     i;
    const struct options_row  *row;

    for (i = 0; i < options_rows_n; i++) {
        row = &options_rows[i];

        if (row->kind == OPTIONS_NUMBER && options_row_live(row)) {
            *(unsigned *) ((char *) options + row->offset)
                = *(const unsigned *) ((const char *) next + row->offset);
        }
    }

    options->media_nets = next->media_nets;
    options->webhook_nets = next->webhook_nets;
    options->log_level = next->log_level;
}


const char *
options_left_over(const struct options *options, const struct options *next,
    size_t *i)
{
    const struct options_row  *row;

    while (*i < options_rows_n) {
        row = &options_rows[(*i)++];

        if (!options_row_live(row) && !options_row_equal(row, options, next)) {
            return row->name;
        }
    }

    return NULL;
}


static bool
options_row_live(const struct options_row *row)
{
    size_t  i;

    for (i = 0; i < sizeof(options_live) / sizeof(options_live[0]); i++) {
        if (strcmp(options_live[i], row->name) == 0) {
            return true;
        }
    }

    return false;
}


static bool
options_row_equal(const struct options_row *row, const struct options *a,
    const struct options *b)
{
    const char  *one, *other;

    one = (const char *) a + row->offset;
    other = (const char *) b + row->offset;

    switch (row->kind) {

    case OPTIONS_NUMBER:
        return *(const unsigned *) one == *(const unsigned *) other;

    case OPTIONS_TEXT:
        one = *(const char *const *) one;
        other = *(const char *const *) other;

        /* the file's text may change, but not whether there is one */

        if (row->offset == offsetof(struct options, secret_file)) {
            return (one == NULL) == (other == NULL);
        }

        return options_text_equal(one, other);

    case OPTIONS_OTHER:
        break;
    }

    return (row->offset != OPTIONS_ALLOW_USER || options_users_equal(a, b))
           && (row->offset != OPTIONS_SANDBOX
               || a->chromium_sandbox == b->chromium_sandbox);
}


static bool
options_text_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}


static bool
options_users_equal(const struct options *a, const struct options *b)
{
    size_t  i;

    if (a->allow_users_n != b->allow_users_n) {
        return false;
    }

    for (i = 0; i < a->allow_users_n; i++) {
        if (strcmp(a->allow_users[i], b->allow_users[i]) != 0) {
            return false;
        }
    }

    return true;
}
