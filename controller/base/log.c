/*
 * Logfmt lines on a stream: time, level, event, key=value.
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"


#define LOG_LINE_MAX  1024


struct log {
    FILE           *out;
    enum log_level  level;
};


struct log_line {
    char            text[LOG_LINE_MAX];
    size_t          used;
};


static void log_time(struct log_line *line);
static bool log_append(struct log_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool log_append_value(struct log_line *line, const char *value);


static const char *const  log_level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARN] = "warn",
    [LOG_NOTICE] = "notice",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug"
};


struct log *
log_create(FILE *out, enum log_level level)
{
    struct log  *log;

    log = malloc(sizeof(struct log));

    if (log == NULL) {
        return NULL;
    }

    log->out = out;
    log->level = level;

    return log;
}


void
log_destroy(struct log *log)
{
    free(log);
}


void
log_set_level(struct log *log, enum log_level level)
{
    log->level = level;
}


bool
log_enabled(const struct log *log, enum log_level level)
{
    return level <= log->level;
}


void
log_write(struct log *log, enum log_level level, const char *event,
    const struct log_field *fields, size_t n)
{
    bool             fits;
    size_t           i, kept;
    struct log_line  line;

    line.used = 0;

    log_time(&line);
    (void) log_append(&line, " %s %s", log_level_names[level], event);

    for (i = 0; i < n; i++) {
        kept = line.used;

        fits = log_append(&line, " %s=", fields[i].key);

        if (fits && fields[i].type == LOG_INT) {
            fits = log_append(&line, "%" PRId64, fields[i].number);

        } else if (fits) {
            fits = log_append_value(&line, fields[i].constant);
        }

        if (!fits) {
            line.used = kept;
            break;
        }
    }

    line.text[line.used++] = '\n';

    (void) fwrite(line.text, 1, line.used, log->out);
    (void) fflush(log->out);
}


bool
log_level_find(const char *name, enum log_level *level)
{
    size_t  i;

    for (i = 0; i < sizeof(log_level_names) / sizeof(char *); i++) {
        if (strcmp(name, log_level_names[i]) == 0) {
            *level = (enum log_level) i;
            return true;
        }
    }

    return false;
}


static void
log_time(struct log_line *line)
{
    struct tm        tm;
    struct timespec  now;

    (void) clock_gettime(CLOCK_REALTIME, &now);
    (void) gmtime_r(&now.tv_sec, &tm);

    line->used += strftime(line->text, sizeof(line->text),
                           "%Y-%m-%dT%H:%M:%S", &tm);

    (void) log_append(line, ".%03dZ", (int) (now.tv_nsec / 1000000));
}


/* leaves room for the line's end */

static bool
log_append(struct log_line *line, const char *format, ...)
{
    int      n;
    size_t   room;
    va_list  args;

    room = sizeof(line->text) - line->used - 1;

    va_start(args, format);
    n = vsnprintf(line->text + line->used, room, format, args);
    va_end(args);

    if (n < 0 || (size_t) n >= room) {
        return false;
    }

    line->used += (size_t) n;

    return true;
}


static bool
log_append_value(struct log_line *line, const char *value)
{
    const char  *p;

    if (value == NULL) {
        value = "-";
    }

    if (*value != '\0' && strpbrk(value, " =\"\\\t\r\n") == NULL) {
        return log_append(line, "%s", value);
    }

    if (!log_append(line, "\"")) {
        return false;
    }

    for (p = value; *p != '\0'; p++) {
        if ((unsigned char) *p < ' ') {
            if (!log_append(line, " ")) {
                return false;
            }

            continue;
        }

        if (*p == '"' || *p == '\\') {
            if (!log_append(line, "\\")) {
                return false;
            }
        }

        if (!log_append(line, "%c", *p)) {
            return false;
        }
    }

    return log_append(line, "\"");
}
