/*
 * What a call can fail with; protocol/errors.h has the table.
 */

#ifndef ERROR_H
#define ERROR_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>


enum error_code {

#define WHATSAPP_ERROR(NAME, status, OUTCOME, retry_after_ms, REASON, name,   \
                       message)                                               \
    ERROR_##NAME,
#include "protocol/errors.h"

    ERROR_CODES
};


/* only what is not_sent may be retried blindly */

enum outcome {
    OUTCOME_NOT_SENT = 0,
    OUTCOME_UNKNOWN
};


/* a failure on its way to the peer; its strings are borrowed */

struct error {
    enum error_code  code;
    enum outcome     outcome;
    const char      *message;         /* NULL: the table's */
    const char      *message_id;      /* NULL: there is none */
    const char      *state;           /* the session's, or NULL */
    uint64_t         retry_after_ms;  /* 0: not known */
};


/* The code with the table's outcome and retry_after_ms, nothing else set. */
struct error error_make(enum error_code code);

/* The same with another message: a literal, or NULL for the table's. */
struct error error_say(enum error_code code, const char *message);

/* Sets *error to error_say(code, message), and returns false. */
bool error_set(struct error *error, enum error_code code,
    const char *message);

/* The error of a call that memory was short for. */
struct error error_memory(void);

/*
 * Reads the bridge's error object {code, message, outcome} into error; its
 * message is borrowed from object.  A code that is not in the table becomes
 * page_error, an outcome that is not exactly "not_sent" becomes unknown.
 */
struct error error_from_page(json_t *object);

/* The code's name, as it stands in answers and logs. */
const char *error_name(enum error_code code);

/* The code's HTTP status. */
unsigned error_status(enum error_code code);

/* Finds a code by its name; false when there is none. */
bool error_find(const char *name, enum error_code *code);

/*
 * What the public API says of an error within a result, {"message", "code",
 * "error_data":{"details"}}; the caller's reference, NULL when memory is
 * short.
 */
json_t *error_graph(const struct error *error);

/*
 * The same as an event has it, {"code", "title", "message",
 * "error_data":{"details"}, "href"}.
 */
json_t *error_event(const struct error *error);

/*
 * The public JSON text of an error, {"error":{...}}, at most 4 KiB.  The
 * caller frees it with free(); NULL when memory is short.
 */
char *error_dump(const struct error *error);


#endif /* ERROR_H */
