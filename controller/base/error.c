/*
 * The table of errors, and their JSON.
 */

#include <string.h>

#include "base/error.h"


/* what a message from the page may have at most, in bytes */

#define ERROR_MESSAGE_MAX  512


static size_t error_cut(const char *text, size_t max);


static const struct {
    const char    *name;
    unsigned       status;
    enum outcome   outcome;
    unsigned       retry_after_ms;
    const char    *message;
} error_table[ERROR_CODES] = {

    [ERROR_BAD_REQUEST] = { "bad_request", 400, OUTCOME_NOT_SENT, 0,
        "The request is not well-formed" },

    [ERROR_INVALID_PARAMETER] = { "invalid_parameter", 400,
        OUTCOME_NOT_SENT, 0, "A parameter's value is not valid" },

    [ERROR_MISSING_PARAMETER] = { "missing_parameter", 400,
        OUTCOME_NOT_SENT, 0, "A required parameter is missing" },

    [ERROR_UNSUPPORTED_TYPE] = { "unsupported_type", 400,
        OUTCOME_NOT_SENT, 0, "This type of message is not supported" },

    [ERROR_OWN_NUMBER] = { "own_number", 400, OUTCOME_NOT_SENT, 0,
        "The recipient is the session's own number" },

    [ERROR_NOT_ON_WHATSAPP] = { "not_on_whatsapp", 400,
        OUTCOME_NOT_SENT, 0, "The recipient is not on WhatsApp" },

    [ERROR_SEND_REFUSED] = { "send_refused", 400, OUTCOME_NOT_SENT, 0,
        "WhatsApp refused the message" },

    [ERROR_SESSION_NOT_LINKED] = { "session_not_linked", 409,
        OUTCOME_NOT_SENT, 0, "The session is not linked to a phone" },

    [ERROR_ACCOUNT_RESTRICTED] = { "account_restricted", 403,
        OUTCOME_NOT_SENT, 0, "WhatsApp restricts this account" },

    [ERROR_SPAM_LIMITED] = { "spam_limited", 429, OUTCOME_NOT_SENT, 60000,
        "WhatsApp limits this account's messages" },

    [ERROR_UNAUTHORIZED] = { "unauthorized", 401, OUTCOME_NOT_SENT, 0,
        "The shared secret is missing or wrong" },

    [ERROR_FORBIDDEN] = { "forbidden", 403, OUTCOME_NOT_SENT, 0,
        "This user may not use the socket" },

    [ERROR_UNKNOWN_SESSION] = { "unknown_session", 404, OUTCOME_NOT_SENT,
        0, "There is no such session" },

    [ERROR_UNKNOWN_METHOD] = { "unknown_method", 404, OUTCOME_NOT_SENT, 0,
        "There is no such method" },

    [ERROR_NOT_FOUND] = { "not_found", 404, OUTCOME_NOT_SENT, 0,
        "There is no such path" },

    [ERROR_METHOD_NOT_ALLOWED] = { "method_not_allowed", 405,
        OUTCOME_NOT_SENT, 0, "The path does not take this method" },

    [ERROR_KEY_REUSED] = { "key_reused", 409, OUTCOME_NOT_SENT, 0,
        "The Idempotency-Key was used with another body" },

    [ERROR_NOT_IN_QR_STATE] = { "not_in_qr_state", 409, OUTCOME_NOT_SENT,
        0, "The session shows no QR code now" },

    [ERROR_NOT_ACCEPTABLE] = { "not_acceptable", 406, OUTCOME_NOT_SENT, 0,
        "Accept must name application/json, image/svg+xml or text/plain" },

    [ERROR_TOO_LARGE] = { "too_large", 413, OUTCOME_NOT_SENT, 0,
        "The body is too large" },

    [ERROR_QUEUE_FULL] = { "queue_full", 429, OUTCOME_NOT_SENT, 1000,
        "Too many calls are waiting" },

    [ERROR_PAIR_LIMITED] = { "pair_limited", 429, OUTCOME_NOT_SENT, 6000,
        "Too many messages were sent to this recipient" },

    [ERROR_PAGE_ERROR] = { "page_error", 500, OUTCOME_UNKNOWN, 0,
        "WhatsApp Web failed to do it" },

    [ERROR_SESSION_NOT_READY] = { "session_not_ready", 503,
        OUTCOME_NOT_SENT, 5000, "The session is not ready" },

    [ERROR_SESSION_RESTARTING] = { "session_restarting", 503,
        OUTCOME_NOT_SENT, 3000, "The session is being restarted" },

    [ERROR_SHUTTING_DOWN] = { "shutting_down", 503, OUTCOME_NOT_SENT,
        5000, "The controller is shutting down" },

    [ERROR_IDEMPOTENCY_FULL] = { "idempotency_full", 503,
        OUTCOME_NOT_SENT, 1000, "Too many sends are unfinished" },

    [ERROR_DEADLINE] = { "deadline", 504, OUTCOME_NOT_SENT, 0,
        "The call was not finished before its deadline" },

    [ERROR_CONNECTION_LOST] = { "connection_lost", 502, OUTCOME_UNKNOWN,
        0, "WhatsApp Web went away during the call" },

    [ERROR_MEDIA_INVALID] = { "media_invalid", 400, OUTCOME_NOT_SENT, 0,
        "The media file is refused" },

    [ERROR_MEDIA_TOO_LARGE] = { "media_too_large", 413, OUTCOME_NOT_SENT,
        0, "The media file is too large" },

    [ERROR_MEDIA_FULL] = { "media_full", 503, OUTCOME_NOT_SENT, 10000,
        "There is no room for media now" },

    [ERROR_MEDIA_DOWNLOAD] = { "media_download_error", 400,
        OUTCOME_NOT_SENT, 0, "The link could not be downloaded" },

    [ERROR_MEDIA_NOT_FOUND] = { "media_not_found", 404, OUTCOME_NOT_SENT,
        0, "There is no such media, or no longer" },

    [ERROR_GROUP_NOT_FOUND] = { "group_not_found", 404, OUTCOME_NOT_SENT,
        0, "There is no such group" },

    [ERROR_FORBIDDEN_ACTION] = { "forbidden_action", 403,
        OUTCOME_NOT_SENT, 0, "The account may not do this" }
};


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


char *
error_dump(const struct error *error)
{
    int          rc;
    char        *text;
    json_t      *object, *message, *root;
    const char  *said;

    said = error->message;

    if (said == NULL || *said == '\0') {
        said = error_table[error->code].message;
    }

    object = json_object();
    root = json_pack("{s:O?}", "error", object);
    message = json_stringn(said, error_cut(said, ERROR_MESSAGE_MAX));

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


/* the length of text, cut to max bytes at a UTF-8 character's end */

static size_t
error_cut(const char *text, size_t max)
{
    size_t  len;

    len = strnlen(text, max + 1);

    if (len <= max) {
        return len;
    }

    len = max;

    while (len > 0 && ((unsigned char) text[len] & 0xc0) == 0x80) {
        len--;
    }

    return len;
}
