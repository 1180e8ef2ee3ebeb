/*
 * Texts for people.
 */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/ctl_text.h"


static size_t ctl_table_width(const char *cell);


bool
ctl_text_session(const char *text)
{
    size_t  len;

    len = strlen(text);

    return len >= 1 && len <= CTL_SESSION_LEN
           && strspn(text, "0123456789") == len;
}


bool
ctl_text_number(const char *text, unsigned min, unsigned max,
    unsigned *number)
{
    char           *end;
    unsigned long   n;

    if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 9) {
        return false;
    }

    n = strtoul(text, &end, 10);
    *number = (unsigned) n;

    return end != text && n >= min && n <= max;
}


bool
ctl_text_time(const char *text, unsigned *seconds)
{
    char                *end;
    unsigned long        n, total, before;
    const char          *unit;

    static const char      letters[] = "wdhms";
    static const unsigned  factors[] = { 604800, 86400, 3600, 60, 1 };

    total = 0;
    before = 0;    /* the position of the last unit, from 1 on */

    for ( ;; ) {
        if (*text < '0' || *text > '9') {
            return false;
        }

        n = strtoul(text, &end, 10);
        unit = *end != '\0' ? strchr(letters, *end) : strchr(letters, 's');

        if (unit == NULL || (unsigned long) (unit - letters) + 1 <= before
            || n > CTL_TIME_MAX)
        {
            return false;
        }

        before = (unsigned long) (unit - letters) + 1;
        total += n * factors[unit - letters];

        if (total > CTL_TIME_MAX) {
            return false;
        }

        text = end + (*end != '\0');
        text += strspn(text, " ");

        if (*text == '\0') {
            *seconds = (unsigned) total;
            return total > 0;
        }
    }
}


const char *
ctl_text_span(time_t seconds, char text[CTL_TIME_SIZE])
{
    size_t     i;
    long long  s;

    static const struct {
        long long    seconds;
        const char  *unit;
    } units[] = {
        { 86400, "d" }, { 3600, "h" }, { 60, "m" }, { 1, "s" }
    };

    s = seconds > 0 ? seconds : 0;

    for (i = 0; i < 3 && s < units[i].seconds; i++) { /* void */ }

    if (i == 3) {
        (void) snprintf(text, CTL_TIME_SIZE, "%llds", s);

    } else {
        (void) snprintf(text, CTL_TIME_SIZE, "%lld%s %lld%s",
                        s / units[i].seconds % 100000, units[i].unit,
                        s % units[i].seconds / units[i + 1].seconds,
                        units[i + 1].unit);
    }

    return text;
}


void
ctl_table_add(struct ctl_table *table, const char *text)
{
    char    *copy, **cells;
    size_t   i, n;

    cells = realloc(table->cells, (table->cells_n + 1) * sizeof(char *));

    if (cells != NULL) {
        table->cells = cells;
    }

    copy = strdup(text != NULL && *text != '\0' ? text : "-");

    if (cells == NULL || copy == NULL) {
        table->failed = true;
        free(copy);
        return;
    }

    for (i = 0, n = 0; copy[i] != '\0'; i++) {

        /* U+0080 to U+009F are two bytes in UTF-8 */

        if ((unsigned char) copy[i] == 0xc2
            && (unsigned char) copy[i + 1] >= 0x80
            && (unsigned char) copy[i + 1] < 0xa0)
        {
            i++;

        } else if ((unsigned char) copy[i] >= ' ' && copy[i] != 0x7f) {
            copy[n++] = copy[i];
        }
    }

    copy[n] = '\0';
    cells[table->cells_n++] = copy;
}


static size_t
ctl_table_width(const char *cell)
{
    return text_characters(cell, strlen(cell));
}


bool
ctl_table_print(struct ctl_table *table, FILE *out)
{
    bool    ok;
    size_t  i, column, len, width[CTL_COLUMNS];

    ok = !table->failed;
    memset(width, 0, sizeof(width));

    for (i = 0; i < table->cells_n; i++) {
        column = i % table->columns;

        len = ctl_table_width(table->cells[i]);
        width[column] = len > width[column] ? len : width[column];
    }

    for (i = 0; i < table->cells_n; i++) {
        column = i % table->columns;

        if (ok && column + 1 < table->columns) {
            len = ctl_table_width(table->cells[i]);
            fprintf(out, "%s%*s", table->cells[i],
                    (int) (width[column] - len + 2), "");

        } else if (ok) {
            fprintf(out, "%s\n", table->cells[i]);
        }

        free(table->cells[i]);
    }

    free(table->cells);
    table->cells = NULL;
    table->cells_n = 0;

    return ok;
}
