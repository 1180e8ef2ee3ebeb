/*
 * Looks up rows of protocol/errors.h, and prints errors as JSON.
 */

#include <string.h>

#include "base/error.h"
#include "base/text.h"


/* bytes of a message that came from the page */

#define ERROR_MESSAGE_MAX  512

/* where Meta explains the codes */

#define ERROR_HREF                                                            \
    "https://developers.facebook.com/docs/whatsapp/cloud-api/support/"        \
    "error-codes/"


enum error_reason {

#define WHATSAPP_REASON(NAME, status, code, subcode, Type, STRIKE, title)     \
    ERROR_REASON_##NAME,
#include "protocol/errors.h"

    ERROR_REASONS
};


/* what a client of the public API sees */

static const struct {
    int            code;
    const char    *title;
    const char    *message;
} error_reasons[] = {

#define WHATSAPP_REASON(NAME, status, code, subcode, Type, STRIKE, title)     \
    [ERROR_REASON_##NAME] = { code, title, "(#" #code ") " title },
#include "protocol/errors.h"

};

_Static_assert(sizeof(error_reasons) / sizeof(error_reasons[0])
               == ERROR_REASONS, "a row for each reason");


static const struct {
    const char         *name;
    unsigned            status;
    enum outcome        outcome;
    unsigned            retry_after_ms;
    enum error_reason   reason;
    const char         *message;
} error_table[] = {

#define WHATSAPP_ERROR(NAME, status, OUTCOME, retry_after_ms, REASON, name,   \
                       message)                                               \
    [ERROR_##NAME] = { name, status, OUTCOME_##OUTCOME, retry_after_ms,       \
                       ERROR_REASON_##REASON, message },
#include "protocol/errors.h"

};

_Static_assert(sizeof(error_table) / sizeof(error_table[0]) == ERROR_CODES,
               "a row for each code");


static json_t *error_message(const struct error *error);


struct error
error_make(enum error_code code)
{
    struct error  error;

    error.code = code;
    error.outcome = error_table[code].outcome;
    error.message = NULL;
    error.message_id = NULL;
    error.state = NULL;
    error.retry_after_ms = error_table[code].retry_after_ms;

    return error;
}


struct error
error_say(enum error_code code, const char *message)
{
    struct error  error;

    error = error_make(code);
    error.message = message;

    return error;
}


bool
error_set(struct error *error, enum error_code code, const char *message)
{
    *error = error_say(code, message);

    return false;
}


struct error
error_memory(void)
{
    return error_say(ERROR_QUEUE_FULL, "The controller is out of memory");
}


struct error
error_from_page(json_t *object)
{
    const char       *name, *outcome;
    struct error      error;
    enum error_code   code;

    name = json_string_value(json_object_get(object, "code"));
    outcome = json_string_value(json_object_get(object, "outcome"));

    if (name == NULL || !error_find(name, &code)) {
        code = ERROR_PAGE_ERROR;
    }

    error = error_make(code);
    error.message = json_string_value(json_object_get(object, "message"));
    error.outcome = OUTCOME_UNKNOWN;

    if (outcome != NULL && strcmp(outcome, "not_sent") == 0) {
        error.outcome = OUTCOME_NOT_SENT;
    }

    return error;
}


const char *
error_name(enum error_code code)
{
    return error_table[code].name;
}


unsigned
error_status(enum error_code code)
{
    return error_table[code].status;
}


bool
error_find(const char *name, enum error_code *code)
{
    size_t  i;

    for (i = 0; i < ERROR_CODES; i++) {
        if (strcmp(name, error_table[i].name) == 0) {
            *code = (enum error_code) i;
            return true;
        }
    }

    return false;
}


json_t *
error_graph(const struct error *error)
{
    enum error_reason  reason;

    reason = error_table[error->code].reason;

    return json_pack("{s:s, s:i, s:{s:o}}",
                     "message", error_reasons[reason].message,
                     "code", error_reasons[reason].code,
                     "error_data", "details", error_message(error));
}


json_t *
error_event(const struct error *error)
{
    enum error_reason  reason;

    reason = error_table[error->code].reason;

    return json_pack("{s:i, s:s, s:s, s:{s:o}, s:s}",
                     "code", error_reasons[reason].code,
                     "title", error_reasons[reason].title,
                     "message", error_reasons[reason].title,
                     "error_data", "details", error_message(error),
                     "href", ERROR_HREF);
}


/* a new reference to what is said of the error, or NULL */

static json_t *
error_message(const struct error *error)
{
    const char  *said;

    said = error->message;

    if (said == NULL || *said == '\0') {
        said = error_table[error->code].message;
    }

    return json_stringn(said, text_fit(said, ERROR_MESSAGE_MAX));
}


char *
error_dump(const struct error *error)
{
    int      rc;
    char    *text;
    json_t  *object, *message, *root;

    object = json_object();
    root = json_pack("{s:O?}", "error", object);
    message = error_message(error);

    rc = json_object_set_new(object, "code",
                             json_string(error_table[error->code].name));
    rc |= json_object_set_new(object, "message", message);
    rc |= json_object_set_new(object, "outcome",
                              json_string(error->outcome == OUTCOME_UNKNOWN
                                          ? "unknown" : "not_sent"));

    if (error->message_id != NULL) {
        rc |= json_object_set_new(object, "message_id",
                                  json_string(error->message_id));
    }

    if (error->state != NULL) {
        rc |= json_object_set_new(object, "state",
                                  json_string(error->state));
    }

    if (error->retry_after_ms != 0) {
        rc |= json_object_set_new(object, "retry_after_ms",
                         json_integer((json_int_t) error->retry_after_ms));
    }

    text = NULL;

    if (rc == 0 && root != NULL) {
        text = json_dumps(root, JSON_COMPACT);
    }

    json_decref(object);
    json_decref(root);

    return text;
}
