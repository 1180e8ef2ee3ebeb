/*
 * Calls that link an account, by a QR code or a code for a phone number, and
 * the one that logs it out.
 */

#include <ctype.h>
#include <string.h>

#include "calls/call_handlers.h"
#include "calls/call_params.h"
#include "protocol/limits.h"


#define CALL_CODE_LEN  8     /* of a code that is shown as "ABCD-EFGH" */
#define CALL_CODE_MAX  16


static bool call_qr_check(const struct session *session, struct error *error);
static bool call_code_check(const struct session *session,
    struct error *error);
static bool call_check_state(const struct session *session, bool pairing,
    struct error *error);
static json_t *call_qr_result(struct call *call, json_t *result);
static json_t *call_code_params(struct call *call, struct error *error);
static json_t *call_code_result(struct call *call, json_t *result);
static bool call_logout_check(const struct session *session,
    struct error *error);
static bool call_logout_lost(const struct session *session);
static bool call_linked_check(const struct session *session,
    struct error *error);


const struct call_handler  call_session_qr = {
    .check = call_qr_check,
    .method = "session.qr",
    .params = call_params_empty,
    .result = call_qr_result
};

const struct call_handler  call_session_request_code = {
    .check = call_code_check,
    .method = "session.request_code",
    .params = call_code_params,
    .result = call_code_result
};

const struct call_handler  call_session_logout = {
    .check = call_logout_check,
    .method = "session.logout",
    .params = call_params_empty,
    .result = call_run_success,
    .lost = call_logout_lost
};

const struct call_handler  call_session_linked = {
    .check = call_linked_check,
    .method = NULL,
    .params = call_params_empty,
    .result = call_run_success
};


static bool
call_qr_check(const struct session *session, struct error *error)
{
    return call_check_state(session, false, error);
}


/* PAIRING is allowed too: a second code replaces the first one */

static bool
call_code_check(const struct session *session, struct error *error)
{
    if (call_check_state(session, true, error)) {
        return true;
    }

    if (error->code == ERROR_NOT_IN_QR_STATE) {
        error->message = "The session does not wait to be linked";
    }

    return false;
}


static bool
call_check_state(const struct session *session, bool pairing,
    struct error *error)
{
    enum session_state  state;

    state = session_state(session);

    if (!session_check(session, error)
        && error->code == ERROR_SHUTTING_DOWN)
    {
        return false;
    }

    if (state == SESSION_QR || (pairing && state == SESSION_PAIRING)) {
        return true;
    }

    *error = error_make(ERROR_NOT_IN_QR_STATE);

    return false;
}


static json_t *
call_qr_result(struct call *call, json_t *result)
{
    json_t      *expires_in;
    const char  *qr;

    (void) call;

    qr = json_string_value(json_object_get(result, "qr"));
    expires_in = json_object_get(result, "expires_in");

    if (qr == NULL) {
        return NULL;
    }

    return json_pack("{s:s, s:s, s:I}", "state", "qr", "qr", qr,
                     "expires_in", (json_int_t)
                     json_number_value(expires_in));
}


static json_t *
call_code_params(struct call *call, struct error *error)
{
    char     number[RECIPIENT_TO_SIZE];
    json_t  *value, *params;

    value = json_object_get(call->params, "phone_number");

    if (value == NULL) {
        *error = error_say(ERROR_MISSING_PARAMETER,
                           "\"phone_number\" is missing");
        return NULL;
    }

    if (!json_is_string(value)
        || !recipient_normalise(json_string_value(value), number)
        || strchr(number, '@') != NULL
        || strlen(number) < WHATSAPP_ACCOUNT_DIGITS_MIN)
    {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "\"phone_number\" is not a phone number");
        return NULL;
    }

    /* WhatsApp gives no codes for a while when they are asked for too often */

    if (!session_take_code(call->session, error)) {
        return NULL;
    }

    params = json_pack("{s:s}", "phone", number);

    if (params == NULL) {
        *error = error_memory();
    }

    return params;
}


static json_t *
call_code_result(struct call *call, json_t *result)
{
    char         shown[CALL_CODE_MAX + 2];
    size_t       i, n, len;
    json_t      *expires_in;
    const char  *code;

    (void) call;

    code = json_string_value(json_object_get(result, "code"));
    expires_in = json_object_get(result, "expires_in");
    len = code != NULL ? strlen(code) : 0;

    if (len == 0 || len > CALL_CODE_MAX) {
        return NULL;
    }

    for (i = 0, n = 0; i < len; i++) {

        if (!isalnum((unsigned char) code[i])) {
            return NULL;
        }

        if (len == CALL_CODE_LEN && i == CALL_CODE_LEN / 2) {
            shown[n++] = '-';
        }

        shown[n++] = code[i];
    }

    shown[n] = '\0';

    return json_pack("{s:b, s:s, s:I}", "success", 1, "code", shown,
                     "expires_in", (json_int_t)
                     json_number_value(expires_in));
}


static bool
call_logout_check(const struct session *session, struct error *error)
{
    if (session_check(session, error)) {
        return true;
    }

    return error->code != ERROR_SHUTTING_DOWN
           && (session_state(session) == SESSION_DEGRADED
               || session_state(session) == SESSION_SYNCING);
}


/* WhatsApp Web leaves the page when it has forgotten the account */

static bool
call_logout_lost(const struct session *session)
{
    return session_state(session) == SESSION_LOGGED_OUT
           || session_state(session) == SESSION_QR;
}


/* the session keeps the account's wa_id while its browser restarts */

static bool
call_linked_check(const struct session *session, struct error *error)
{
    if (session_wa_id(session) != NULL) {
        return true;
    }

    *error = error_say(ERROR_SESSION_NOT_LINKED, "The phone is not linked");

    return false;
}
