/*
 * The states of a session as tables.  The state follows from two things: what
 * the browser does, and, while it is up, what its page says.
 */

#include <string.h>

#include "session/session_state.h"


#define BIT(state)         (1u << (state))

#define SESSION_ANY        (BIT(SESSION_STATES) - 1)
#define SESSION_RUNNING    (SESSION_ANY & ~BIT(SESSION_STOPPED))
#define SESSION_AT_WORK    (BIT(SESSION_SYNCING) | BIT(SESSION_READY)         \
                            | BIT(SESSION_DEGRADED))

/*
 * States that outlive the repair of a browser, because the operator has to
 * know about them
 */

#define SESSION_STICKY     (BIT(SESSION_INCOMPATIBLE)                         \
                            | BIT(SESSION_LOGGED_OUT))

/* states that tell whether there is an account */

#define SESSION_UNLINKED   (BIT(SESSION_QR) | BIT(SESSION_PAIRING)            \
                            | BIT(SESSION_LOGGED_OUT)                         \
                            | BIT(SESSION_PASSKEY_REQUIRED))
#define SESSION_LINKED     (SESSION_AT_WORK | BIT(SESSION_CONFLICT))


/* the first row that fits counts; without one the event means nothing */

static const struct {
    enum session_event  event;
    unsigned            from;
    enum session_state  to;
} session_transitions[] = {

    { SESSION_BROWSER_STARTING, BIT(SESSION_STOPPED) | BIT(SESSION_FAILED),
      SESSION_STARTING },

    { SESSION_BROWSER_STARTING,
      SESSION_RUNNING & ~SESSION_STICKY & ~BIT(SESSION_STARTING),
      SESSION_RECOVERING },

    { SESSION_BROWSER_RECOVERING, SESSION_RUNNING & ~SESSION_STICKY,
      SESSION_RECOVERING },

    { SESSION_BROWSER_INCOMPATIBLE, SESSION_RUNNING, SESSION_INCOMPATIBLE },
    { SESSION_BROWSER_FAILED, SESSION_RUNNING, SESSION_FAILED },
    { SESSION_BROWSER_STOPPED, SESSION_ANY, SESSION_STOPPED },

    { SESSION_PAGE_OPENING, SESSION_AT_WORK, SESSION_STARTING },
    { SESSION_PAGE_QR, SESSION_RUNNING, SESSION_QR },
    { SESSION_PAGE_PAIRING, SESSION_RUNNING, SESSION_PAIRING },
    { SESSION_PAGE_SYNCING, SESSION_RUNNING, SESSION_SYNCING },
    { SESSION_PAGE_READY, SESSION_RUNNING, SESSION_READY },
    { SESSION_PAGE_DEGRADED, SESSION_RUNNING, SESSION_DEGRADED },
    { SESSION_PAGE_LOGGED_OUT, SESSION_RUNNING, SESSION_LOGGED_OUT },
    { SESSION_PAGE_CONFLICT, SESSION_RUNNING, SESSION_CONFLICT },
    { SESSION_PAGE_PASSKEY, SESSION_RUNNING, SESSION_PASSKEY_REQUIRED },
    { SESSION_PAGE_RESTRICTED, SESSION_RUNNING, SESSION_FAILED },
    { SESSION_PAGE_BLOCKED, SESSION_RUNNING, SESSION_FAILED },
    { SESSION_PAGE_DEPRECATED, SESSION_RUNNING, SESSION_INCOMPATIBLE }
};


static const struct {
    const char       *name;
    enum error_code   code;
    unsigned          retry_after_ms;
    const char       *message;
} session_states[SESSION_STATES] = {

    [SESSION_STOPPED] = { "stopped", ERROR_SESSION_NOT_READY, 30000,
        "The session is stopped" },

    [SESSION_STARTING] = { "starting", ERROR_SESSION_NOT_READY, 2000,
        "The session is starting" },

    [SESSION_QR] = { "qr", ERROR_SESSION_NOT_LINKED, 0,
        "The session waits for its QR code to be scanned" },

    [SESSION_PAIRING] = { "pairing", ERROR_SESSION_NOT_LINKED, 0,
        "The session is being linked" },

    [SESSION_SYNCING] = { "syncing", ERROR_SESSION_NOT_READY, 2000,
        "The session is being synchronised" },

    [SESSION_READY] = { "ready", ERROR_SESSION_NOT_READY, 1000, NULL },

    [SESSION_DEGRADED] = { "degraded", ERROR_SESSION_NOT_READY, 5000,
        "The session has no connection to WhatsApp" },

    [SESSION_RECOVERING] = { "recovering", ERROR_SESSION_RESTARTING, 3000,
        NULL },

    [SESSION_FAILED] = { "failed", ERROR_SESSION_NOT_READY, 60000,
        "The session has failed" },

    [SESSION_LOGGED_OUT] = { "logged_out", ERROR_SESSION_NOT_LINKED, 0,
        "The session was logged out" },

    [SESSION_CONFLICT] = { "conflict", ERROR_SESSION_NOT_READY, 30000,
        "Another WhatsApp Web uses the account" },

    [SESSION_PASSKEY_REQUIRED] = { "passkey_required",
        ERROR_SESSION_NOT_LINKED, 0, "The phone asks for a passkey" },

    [SESSION_INCOMPATIBLE] = { "incompatible", ERROR_SESSION_NOT_READY,
        60000, "This version of WhatsApp Web is not supported" }
};


/* values of Socket.state or Stream.mode that matter more than any other */

static const struct {
    const char          *word;
    enum session_event   event;
    const char          *reason;
} session_words[] = {
    { "CONFLICT", SESSION_PAGE_CONFLICT,
      "another WhatsApp Web uses the account" },
    { "TOS_BLOCK", SESSION_PAGE_RESTRICTED, "blocked by terms of service" },
    { "SMB_TOS_BLOCK", SESSION_PAGE_RESTRICTED,
      "blocked by terms of service" },
    { "PROXYBLOCK", SESSION_PAGE_BLOCKED, "blocked by a proxy" },
    { "DEPRECATED_VERSION", SESSION_PAGE_DEPRECATED,
      "WhatsApp no longer serves this version" },
    { "PASSKEY_REQUIRED", SESSION_PAGE_PASSKEY, NULL }
};


static const enum session_event  session_browser_events[BROWSER_STATES] = {
    [BROWSER_STOPPED] = SESSION_BROWSER_STOPPED,
    [BROWSER_STARTING] = SESSION_BROWSER_STARTING,
    [BROWSER_BOOTING] = SESSION_BROWSER_BOOTING,
    [BROWSER_RECOVERING] = SESSION_BROWSER_RECOVERING,
    [BROWSER_INCOMPATIBLE] = SESSION_BROWSER_INCOMPATIBLE,
    [BROWSER_FAILED] = SESSION_BROWSER_FAILED,
    [BROWSER_STOPPING] = SESSION_BROWSER_STOPPED
};


static bool session_is(json_t *data, const char *member, const char *word);


const char *
session_state_name(enum session_state state)
{
    return session_states[state].name;
}


enum session_event
session_browser_event(enum browser_state browser, enum session_event page)
{
    return browser == BROWSER_UP ? page : session_browser_events[browser];
}


bool
session_transition(enum session_state *state, enum session_event event)
{
    size_t  i;

    for (i = 0;
         i < sizeof(session_transitions) / sizeof(session_transitions[0]);
         i++)
    {
        if (session_transitions[i].event == event
            && (session_transitions[i].from & BIT(*state)) != 0)
        {
            *state = session_transitions[i].to;
            return true;
        }
    }

    return false;
}


enum session_event
session_page_event(json_t *data, const char **reason)
{
    size_t  i;

    for (i = 0; i < sizeof(session_words) / sizeof(session_words[0]); i++) {
        if (session_is(data, "socket", session_words[i].word)
            || session_is(data, "mode", session_words[i].word))
        {
            *reason = session_words[i].reason;
            return session_words[i].event;
        }
    }

    *reason = NULL;

    if (session_is(data, "socket", "PAIRING")
        || session_is(data, "info", "PAIRING")
        || json_is_true(json_object_get(data, "pairing")))
    {
        return SESSION_PAGE_PAIRING;
    }

    if (!json_is_true(json_object_get(data, "authenticated"))) {

        if (session_is(data, "mode", "QR")
            || session_is(data, "socket", "UNPAIRED")
            || session_is(data, "socket", "UNPAIRED_IDLE"))
        {
            return SESSION_PAGE_QR;
        }

        return SESSION_PAGE_OPENING;
    }

    if (session_is(data, "mode", "SYNCING")
        || session_is(data, "mode", "QR"))
    {
        return SESSION_PAGE_SYNCING;
    }

    /* conn.main_ready is not asked: it is true on the QR screen too */

    if (session_is(data, "socket", "CONNECTED")
        && session_is(data, "mode", "MAIN")
        && !session_is(data, "stream", "DISCONNECTED"))
    {
        return SESSION_PAGE_READY;
    }

    return SESSION_PAGE_DEGRADED;
}


bool
session_state_unlinked(enum session_state state, bool before)
{
    if (BIT(state) & SESSION_UNLINKED) {
        return true;
    }

    return before && !(BIT(state) & SESSION_LINKED);
}


struct error
session_state_error(enum session_state state)
{
    struct error  error;

    error = error_make(session_states[state].code);
    error.message = session_states[state].message;
    error.retry_after_ms = session_states[state].retry_after_ms;

    return error;
}


static bool
session_is(json_t *data, const char *member, const char *word)
{
    const char  *value;

    value = json_string_value(json_object_get(data, member));

    return value != NULL && strcmp(value, word) == 0;
}
