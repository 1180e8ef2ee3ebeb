/*
 * What a request can fail with: a table for the module and the controller.
 *
 * The includer defines WHATSAPP_REASON, WHATSAPP_ERROR or both before it
 * includes this file, as often as it needs another form of the rows.  The
 * rows are expanded in place, and both macros are undefined at the end.
 *
 * WHATSAPP_REASON(NAME, status, code, subcode, Type, STRIKE, title): how the
 * public API answers.  status is HTTP's, code and subcode (0: none) are the
 * Graph API's, as are the title and the type of the object, TypeException:
 * clients take OAuth for a bad token, so that what is not there, or is there
 * already, is of GraphMethod.  STRIKE says what the answer counts as against
 * the client's address when nginx gives it by itself: INVALID or NONE.
 * Includer: the module (request/).
 *
 * WHATSAPP_ERROR(NAME, status, OUTCOME, retry_after_ms, REASON, name,
 * message): what the controller answers with, and the bridge in the page.
 * OUTCOME is NOT_SENT or UNKNOWN, that of a send that ends so unless the
 * place knows better; retry_after_ms 0 gives no advice; REASON is the NAME of
 * the row above that a client of nginx sees.
 * Includers: the controller (base/error.[ch]), the module (request/).
 *
 * A new error is a row here and one in docs/protocol.md, a new reason one in
 * docs/errors.md and a request of t/error_table.t, which compares them.
 */


#ifndef WHATSAPP_REASON
#define WHATSAPP_REASON(NAME, status, code, subcode, Type, STRIKE, title)
#endif

#ifndef WHATSAPP_ERROR
#define WHATSAPP_ERROR(NAME, status, OUTCOME, retry_after_ms, REASON, name,   \
                       message)
#endif


WHATSAPP_REASON(INVALID_REQUEST,     400, 100,    0,  OAuth,       INVALID,
                "Invalid parameter")
WHATSAPP_REASON(CONFLICT,            409, 100,    0,  GraphMethod, NONE,
                "Invalid parameter")
WHATSAPP_REASON(NOT_ACCEPTABLE,      406, 100,    0,  OAuth,       NONE,
                "Invalid parameter")
WHATSAPP_REASON(BODY_TIMEOUT,        408, 100,    0,  OAuth,       NONE,
                "Invalid parameter")
WHATSAPP_REASON(LENGTH_REQUIRED,     411, 100,    0,  OAuth,       INVALID,
                "Invalid parameter")
WHATSAPP_REASON(UNSUPPORTED_CODING,  415, 100,    0,  OAuth,       INVALID,
                "Invalid parameter")
WHATSAPP_REASON(BODY_TOO_LARGE,      413, 100,    0,  OAuth,       INVALID,
                "Invalid parameter")
WHATSAPP_REASON(NOT_FOUND,           404, 100,    33, GraphMethod, INVALID,
                "Unsupported request: object does not exist")
WHATSAPP_REASON(METHOD_NOT_ALLOWED,  405, 100,    0,  OAuth,       INVALID,
                "Unsupported method")
WHATSAPP_REASON(INVALID_TOKEN,       401, 190,    0,  OAuth,       NONE,
                "Invalid OAuth access token")
WHATSAPP_REASON(PERMISSION_DENIED,   403, 10,     0,  OAuth,       NONE,
                "Permission denied")
WHATSAPP_REASON(BLOCKED,             403, 368,    0,  OAuth,       NONE,
                "Temporarily blocked")
WHATSAPP_REASON(TOO_EARLY,           425, 131016, 0,  OAuth,       NONE,
                "Service unavailable")
WHATSAPP_REASON(RATE_LIMIT,          429, 130429, 0,  OAuth,       NONE,
                "Rate limit hit")
WHATSAPP_REASON(PAIR_LIMIT,          429, 131056, 0,  OAuth,       NONE,
                "Pair rate limit hit")
WHATSAPP_REASON(PARAMETER_MISSING,   400, 131008, 0,  OAuth,       INVALID,
                "Required parameter is missing")
WHATSAPP_REASON(PARAMETER_INVALID,   400, 131009, 0,  OAuth,       INVALID,
                "Parameter value is not valid")
WHATSAPP_REASON(LINK_INVALID,        400, 131009, 0,  OAuth,       INVALID,
                "Param link is not a valid URI.")
WHATSAPP_REASON(MEDIA_UNKNOWN,       400, 100,    0,  OAuth,       NONE,
                "Param id is not a valid whatsapp business account media "
                "attachment ID")
WHATSAPP_REASON(TYPE_UNSUPPORTED,    400, 131051, 0,  OAuth,       INVALID,
                "Unsupported message type")
WHATSAPP_REASON(TEMPLATE_COUNT,      400, 132000, 0,  OAuth,       INVALID,
                "Template parameter count mismatch")
WHATSAPP_REASON(TEMPLATE_UNKNOWN,    404, 132001, 0,  GraphMethod, INVALID,
                "Template does not exist")
WHATSAPP_REASON(TEMPLATE_TOO_LONG,   400, 132005, 0,  OAuth,       NONE,
                "Template hydrated text too long")
WHATSAPP_REASON(TEMPLATE_FORMAT,     400, 132012, 0,  OAuth,       INVALID,
                "Template parameter format mismatch")
WHATSAPP_REASON(MEDIA_DOWNLOAD,      400, 131052, 0,  OAuth,       NONE,
                "Media download error")
WHATSAPP_REASON(MEDIA_UPLOAD,        400, 131053, 0,  OAuth,       INVALID,
                "Media upload error")
WHATSAPP_REASON(MEDIA_TOO_LARGE,     413, 131053, 0,  OAuth,       NONE,
                "Media upload error")
WHATSAPP_REASON(OWN_NUMBER,          400, 131021, 0,  OAuth,       NONE,
                "Recipient cannot be sender")
WHATSAPP_REASON(UNDELIVERABLE,       400, 131026, 0,  OAuth,       NONE,
                "Message undeliverable")
WHATSAPP_REASON(CALLBACK_FAILED,     400, 2200,   0,  OAuth,       NONE,
                "Callback verification failed")
WHATSAPP_REASON(BLOCK_FAILED,        400, 139100, 0,  OAuth,       NONE,
                "Failed to block/unblock users")
WHATSAPP_REASON(NOT_REGISTERED,      400, 133010, 0,  OAuth,       NONE,
                "Phone number not registered")
WHATSAPP_REASON(ACCOUNT_LOCKED,      403, 131031, 0,  OAuth,       NONE,
                "Account has been locked")
WHATSAPP_REASON(SPAM_LIMIT,          400, 131048, 0,  OAuth,       NONE,
                "Spam rate limit hit")
WHATSAPP_REASON(NOT_CHOSEN,          400, 131049, 0,  OAuth,       NONE,
                "Meta chose not to deliver")
WHATSAPP_REASON(UNAVAILABLE,         503, 131016, 0,  OAuth,       NONE,
                "Service unavailable")
WHATSAPP_REASON(MAINTENANCE,         503, 131057, 0,  OAuth,       NONE,
                "Account in maintenance mode")
WHATSAPP_REASON(WENT_WRONG,          500, 131000, 0,  OAuth,       NONE,
                "Something went wrong")
WHATSAPP_REASON(DEADLINE,            504, 131000, 0,  OAuth,       NONE,
                "Something went wrong")


WHATSAPP_ERROR(BAD_REQUEST,        400, NOT_SENT, 0,     INVALID_REQUEST,
               "bad_request", "The request is not well-formed")
WHATSAPP_ERROR(INVALID_PARAMETER,  400, NOT_SENT, 0,     PARAMETER_INVALID,
               "invalid_parameter", "A parameter's value is not valid")
WHATSAPP_ERROR(MISSING_PARAMETER,  400, NOT_SENT, 0,     PARAMETER_MISSING,
               "missing_parameter", "A required parameter is missing")
WHATSAPP_ERROR(UNSUPPORTED_TYPE,   400, NOT_SENT, 0,     TYPE_UNSUPPORTED,
               "unsupported_type", "This type of message is not supported")
WHATSAPP_ERROR(OWN_NUMBER,         400, NOT_SENT, 0,     OWN_NUMBER,
               "own_number", "The recipient is the session's own number")
WHATSAPP_ERROR(NOT_ON_WHATSAPP,    400, NOT_SENT, 0,     UNDELIVERABLE,
               "not_on_whatsapp", "The recipient is not on WhatsApp")
WHATSAPP_ERROR(SEND_REFUSED,       400, NOT_SENT, 0,     UNDELIVERABLE,
               "send_refused", "WhatsApp refused the message")
WHATSAPP_ERROR(SESSION_NOT_LINKED, 409, NOT_SENT, 0,     NOT_REGISTERED,
               "session_not_linked", "The session is not linked to a phone")
WHATSAPP_ERROR(ACCOUNT_RESTRICTED, 403, NOT_SENT, 0,     ACCOUNT_LOCKED,
               "account_restricted", "WhatsApp restricts this account")
WHATSAPP_ERROR(SPAM_LIMITED,       429, NOT_SENT, 60000, SPAM_LIMIT,
               "spam_limited", "WhatsApp limits this account's messages")
WHATSAPP_ERROR(TIMELOCKED,         403, NOT_SENT, 0,     NOT_CHOSEN,
               "reachout_timelocked",
               "WhatsApp lets this account write to nobody new for a while")
WHATSAPP_ERROR(NEW_CHATS_CAPPED,   403, NOT_SENT, 0,     SPAM_LIMIT,
               "new_chats_capped",
               "This account has written to as many new people as WhatsApp "
               "allows for now")
WHATSAPP_ERROR(UNAUTHORIZED,       401, NOT_SENT, 0,     UNAVAILABLE,
               "unauthorized", "The shared secret is missing or wrong")
WHATSAPP_ERROR(FORBIDDEN,          403, NOT_SENT, 0,     UNAVAILABLE,
               "forbidden", "This user may not use the socket")
WHATSAPP_ERROR(UNKNOWN_SESSION,    404, NOT_SENT, 0,     NOT_FOUND,
               "unknown_session", "There is no such session")
WHATSAPP_ERROR(UNKNOWN_METHOD,     404, NOT_SENT, 0,     NOT_FOUND,
               "unknown_method", "There is no such method")
WHATSAPP_ERROR(NOT_FOUND,          404, NOT_SENT, 0,     NOT_FOUND,
               "not_found", "There is no such path")
WHATSAPP_ERROR(METHOD_NOT_ALLOWED, 405, NOT_SENT, 0,     METHOD_NOT_ALLOWED,
               "method_not_allowed", "The path does not take this method")
WHATSAPP_ERROR(KEY_REUSED,         409, NOT_SENT, 0,     CONFLICT,
               "key_reused", "The Idempotency-Key was used with another body")
WHATSAPP_ERROR(NOT_IN_QR_STATE,    409, NOT_SENT, 0,     CONFLICT,
               "not_in_qr_state", "The session shows no QR code now")
WHATSAPP_ERROR(NOT_ACCEPTABLE,     406, NOT_SENT, 0,     NOT_ACCEPTABLE,
               "not_acceptable",
               "Accept must name application/json, image/svg+xml or "
               "text/plain")
WHATSAPP_ERROR(TOO_SLOW,           408, NOT_SENT, 0,     BODY_TIMEOUT,
               "too_slow", "The body is slower than 1 KiB a second")
WHATSAPP_ERROR(TOO_LARGE,          413, NOT_SENT, 0,     BODY_TOO_LARGE,
               "too_large", "The body is too large")
WHATSAPP_ERROR(QUEUE_FULL,         429, NOT_SENT, 1000,  RATE_LIMIT,
               "queue_full", "Too many calls are waiting")
WHATSAPP_ERROR(PAIR_LIMITED,       429, NOT_SENT, 6000,  PAIR_LIMIT,
               "pair_limited", "Too many messages were sent to this recipient")
WHATSAPP_ERROR(PAGE_ERROR,         500, UNKNOWN,  0,     WENT_WRONG,
               "page_error", "WhatsApp Web failed to do it")
WHATSAPP_ERROR(SESSION_NOT_READY,  503, NOT_SENT, 5000,  UNAVAILABLE,
               "session_not_ready", "The session is not ready")
WHATSAPP_ERROR(SESSION_RESTARTING, 503, NOT_SENT, 3000,  MAINTENANCE,
               "session_restarting", "The session is being restarted")
WHATSAPP_ERROR(MEMORY_FULL,        503, NOT_SENT, 60000, UNAVAILABLE,
               "memory_full", "There is no memory for another session: raise "
               "--max-memory, or stop a session")
WHATSAPP_ERROR(SHUTTING_DOWN,      503, NOT_SENT, 5000,  UNAVAILABLE,
               "shutting_down", "The controller is shutting down")
WHATSAPP_ERROR(IDEMPOTENCY_FULL,   503, NOT_SENT, 1000,  UNAVAILABLE,
               "idempotency_full", "Too many sends are unfinished")
WHATSAPP_ERROR(DEADLINE,           504, NOT_SENT, 0,     DEADLINE,
               "deadline", "The call was not finished before its deadline")
WHATSAPP_ERROR(CONNECTION_LOST,    502, UNKNOWN,  0,     WENT_WRONG,
               "connection_lost", "WhatsApp Web went away during the call")
WHATSAPP_ERROR(MEDIA_INVALID,      400, NOT_SENT, 0,     MEDIA_UPLOAD,
               "media_invalid", "The media file is refused")
WHATSAPP_ERROR(MEDIA_TOO_LARGE,    413, NOT_SENT, 0,     MEDIA_TOO_LARGE,
               "media_too_large", "The media file is too large")
WHATSAPP_ERROR(MEDIA_FULL,         503, NOT_SENT, 10000, UNAVAILABLE,
               "media_full", "There is no room for media now")
WHATSAPP_ERROR(MEDIA_DOWNLOAD,     400, NOT_SENT, 0,     MEDIA_DOWNLOAD,
               "media_download_error", "The link could not be downloaded")
WHATSAPP_ERROR(MEDIA_EXPIRED,      400, NOT_SENT, 0,     MEDIA_DOWNLOAD,
               "media_expired", "Unable to download the media sent by the "
               "user: WhatsApp does not have it any more")
WHATSAPP_ERROR(MEDIA_NOT_FOUND,    404, NOT_SENT, 0,     NOT_FOUND,
               "media_not_found", "There is no such media, or no longer")
WHATSAPP_ERROR(MEDIA_UNKNOWN,      400, NOT_SENT, 0,     MEDIA_UNKNOWN,
               "media_unknown", "The id is of no uploaded file, or of none "
               "any longer")
WHATSAPP_ERROR(GROUP_NOT_FOUND,    404, NOT_SENT, 0,     NOT_FOUND,
               "group_not_found", "There is no such group")
WHATSAPP_ERROR(FORBIDDEN_ACTION,   403, NOT_SENT, 0,     PERMISSION_DENIED,
               "forbidden_action", "The account may not do this")
WHATSAPP_ERROR(NOT_KEPT,           503, NOT_SENT, 10000, UNAVAILABLE,
               "not_kept", "The controller can't write its state directory")
WHATSAPP_ERROR(CALLBACK_FAILED,    400, NOT_SENT, 0,     CALLBACK_FAILED,
               "callback_failed", "The callback URL did not pass the "
               "challenge")


#undef WHATSAPP_REASON
#undef WHATSAPP_ERROR
