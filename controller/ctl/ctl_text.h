/*
 * Texts: what a person gives and is shown.
 */

#ifndef CTL_TEXT_H
#define CTL_TEXT_H


#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>


#define CTL_TIME_SIZE     64    /* of a span of time as text */
#define CTL_SESSION_LEN   15    /* digits */
#define CTL_TIME_MAX      (366 * 86400)    /* s */
#define CTL_COLUMNS       10    /* of a table, at most */


/* a table whose columns are as wide as their widest cell */

struct ctl_table {
    char    **cells;      /* row by row */
    size_t    cells_n;
    size_t    columns;
    bool      failed;     /* memory was short */
};


/* Returns whether a text is the id of a session, 1 to 15 digits. */
bool ctl_text_session(const char *text);

/* Reads a number without a sign from min to max; false for another text. */
bool ctl_text_number(const char *text, unsigned min, unsigned max,
    unsigned *number);

/*
 * Reads a time of at least a second, as nginx writes one: "90", "10m", "1h
 * 30m", up to CTL_TIME_MAX; false for another text.
 */
bool ctl_text_time(const char *text, unsigned *seconds);

/* Writes seconds as the two largest units, "3d 4h", and returns text. */
const char *ctl_text_span(time_t seconds, char text[CTL_TIME_SIZE]);

/*
 * Adds a cell, a copy of text; NULL or "" is shown as "-".  Control characters
 * are left out, as a terminal would obey them.
 */
void ctl_table_add(struct ctl_table *table, const char *text);

/* Prints a table and frees it; false when memory was short. */
bool ctl_table_print(struct ctl_table *table, FILE *out);


#endif /* CTL_TEXT_H */
