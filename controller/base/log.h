/*
 * The logger.  A line has the name of an event and fields, which are numbers
 * or constants, so that nothing personal gets into it.
 */

#ifndef LOG_H
#define LOG_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>


enum log_level {
    LOG_ERROR = 0,
    LOG_WARN,
    LOG_NOTICE,
    LOG_INFO,
    LOG_DEBUG
};


struct log_field {
    const char    *key;
    enum {
        LOG_INT,
        LOG_CONST
    }              type;
    int64_t        number;
    const char    *constant;
};


struct log;


/*
 * The fields of log_event.  log_const takes string literals, names of enums,
 * and names that the operator configured; never data of the page, the peer or
 * WhatsApp.
 */

#define log_int(k, v)                                                         \
    ((struct log_field) { .key = (k), .type = LOG_INT, .number = (v) })

#define log_const(k, v)                                                       \
    ((struct log_field) { .key = (k), .type = LOG_CONST, .constant = (v) })


/* log_event(log, level, "event", log_int("count", 1), ...) */

#define log_event(log, level, event, ...)                                     \
    do {                                                                      \
        if (log_enabled(log, level)) {                                        \
            const struct log_field  log_fields_[] = { __VA_ARGS__ };          \
                                                                              \
            log_write(log, level, event, log_fields_,                         \
                      sizeof(log_fields_) / sizeof(struct log_field));        \
        }                                                                     \
    } while (0)


/*
 * Makes a logger that writes the lines of level and of more severe ones to
 * out, which is borrowed.  Returns NULL when memory is short.
 */
struct log *log_create(FILE *out, enum log_level level);

/* Frees the logger; out stays open. */
void log_destroy(struct log *log);

/* Sets the level. */
void log_set_level(struct log *log, enum log_level level);

/* Whether a line of this level would be written. */
bool log_enabled(const struct log *log, enum log_level level);

/*
 * Writes one logfmt line and flushes it; use log_event instead.  A line longer
 * than 1 KiB is cut at a field's end.
 */
void log_write(struct log *log, enum log_level level, const char *event,
    const struct log_field *fields, size_t n);

/* Finds a level by its name, "error" to "debug"; false for another name. */
bool log_level_find(const char *name, enum log_level *level);


#endif /* LOG_H */
