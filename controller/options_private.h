/*
 * The table of options, for the files that read, set and compare them.
 */

#ifndef OPTIONS_PRIVATE_H
#define OPTIONS_PRIVATE_H


#include "options.h"


/* rows of the table, and an empty one at its end as getopt_long wants it */

#define OPTIONS_ROWS_MAX  72


enum options_kind {
    OPTIONS_TEXT = 0,
    OPTIONS_NUMBER,
    OPTIONS_OTHER
};


enum options_other {
    OPTIONS_ALLOW_USER = 1,
    OPTIONS_SESSION,
    OPTIONS_SANDBOX,
    OPTIONS_MEDIA_NET,
    OPTIONS_WEBHOOK_NET,
    OPTIONS_LOG_LEVEL,
    OPTIONS_CONFIG,
    OPTIONS_START_PROBE,
    OPTIONS_START_LINK,
    OPTIONS_CHECK,
    OPTIONS_SHOW_HELP,
    OPTIONS_SHOW_VERSION
};


struct options_row {
    const char          *name;
    enum options_kind    kind;
    size_t               offset;      /* of the member, or an options_other */
    unsigned             min;
    unsigned             max;
    const char          *argument;    /* as help shows it */
    const char          *help;        /* NULL: an old name, not shown */
};


extern const struct options_row  options_rows[];
extern const size_t              options_rows_n;


/*
 * options_table.c
 */

/* Sets the defaults; those that depend on other options. */
void options_default(struct options *options);
void options_derive(struct options *options);

/* Prints help or version. */
void options_print(const struct options_row *row, FILE *out);

/* Whether a row is of kind OPTIONS_OTHER and this one of them. */
bool options_is(const struct options_row *row, enum options_other other);


/*
 * options_set.c
 */

/*
 * Sets an option to a value, borrowed; NULL if it has none.  Returns false
 * after an error on err.
 */
bool options_set(struct options *options, const struct options_row *row,
    const char *value, FILE *err);

/* Adds a session, borrowed; false after an error on err. */
bool options_add_session(struct options *options, const char *id, FILE *err);

/* Whether a session is among those of [from, to). */
bool options_has_session(const struct options *options, size_t from,
    size_t to, const char *id);

/* Joins the sessions of the file with those of the command line. */
void options_merge_sessions(struct options *options);


#endif /* OPTIONS_PRIVATE_H */
