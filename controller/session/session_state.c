/*
 * The states of a session as tables.  The state follows from two things: what
 * the browser does, and, while it is up, what its page says.
 */

#include <string.h>
#include <time.h>

#include "base/text.h"
#include "session/logouts.h"
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


/*
 * The first row that fits counts; without one the event means nothing.  A page
 * that is replaced by choice, and goes through all that a page goes through
 * until it is ready, is being renewed; any trouble on its way ends that.
 */

static const struct {
    enum session_event  event;
    unsigned            from;
    enum session_state  to;
} session_transitions[] = {

    { SESSION_TAB_RENEWING, BIT(SESSION_READY), SESSION_RENEWING },
    { SESSION_TAB_STARTING, BIT(SESSION_RENEWING), SESSION_RENEWING },
    { SESSION_PAGE_OPENING, BIT(SESSION_RENEWING), SESSION_RENEWING },
    { SESSION_PAGE_SYNCING, BIT(SESSION_RENEWING), SESSION_RENEWING },

    { SESSION_TAB_STARTING, BIT(SESSION_STOPPED) | BIT(SESSION_FAILED),
      SESSION_STARTING },

    { SESSION_TAB_STARTING,
      SESSION_RUNNING & ~SESSION_STICKY & ~BIT(SESSION_STARTING),
      SESSION_RECOVERING },

    { SESSION_TAB_RENEWING, SESSION_RUNNING & ~SESSION_STICKY,
      SESSION_RECOVERING },

    { SESSION_TAB_RECOVERING, SESSION_RUNNING & ~SESSION_STICKY,
      SESSION_RECOVERING },

    { SESSION_TAB_DOUBTED, SESSION_AT_WORK, SESSION_DEGRADED },
    { SESSION_TAB_INCOMPATIBLE, SESSION_RUNNING, SESSION_INCOMPATIBLE },
    { SESSION_TAB_FAILED, SESSION_RUNNING, SESSION_FAILED },
    { SESSION_TAB_STOPPED, SESSION_ANY, SESSION_STOPPED },

    { SESSION_PAGE_OPENING, SESSION_AT_WORK, SESSION_STARTING },
    { SESSION_PAGE_QR, SESSION_RUNNING, SESSION_QR },
    { SESSION_PAGE_PAIRING, SESSION_RUNNING, SESSION_PAIRING },
    { SESSION_PAGE_SYNCING, SESSION_RUNNING, SESSION_SYNCING },
    { SESSION_PAGE_READY, SESSION_RUNNING, SESSION_READY },
    { SESSION_PAGE_DEGRADED, SESSION_RUNNING, SESSION_DEGRADED },
    { SESSION_PAGE_LOGGED_OUT, SESSION_RUNNING, SESSION_LOGGED_OUT },
    { SESSION_PAGE_CONFLICT, SESSION_RUNNING, SESSION_CONFLICT },
    { SESSION_PAGE_PASSKEY, SESSION_RUNNING, SESSION_PASSKEY_REQUIRED },
    { SESSION_PAGE_RESTRICTED, SESSION_RUNNING, SESSION_FAILED }
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
        "The session has no connection to WhatsApp, or its page is late" },

    [SESSION_RENEWING] = { "renewing", ERROR_SESSION_RESTARTING, 3000, NULL },

    [SESSION_RECOVERING] = { "recovering", ERROR_SESSION_RESTARTING, 3000,
        NULL },

    [SESSION_FAILED] = { "failed", ERROR_SESSION_NOT_READY, 60000,
        "The session has failed" },

    [SESSION_LOGGED_OUT] = { "logged_out", ERROR_SESSION_NOT_LINKED, 0,
        "The session was logged out" },

    [SESSION_CONFLICT] = { "conflict", ERROR_SESSION_NOT_READY, 30000,
        "Another WhatsApp Web uses the account" },

    [SESSION_PASSKEY_REQUIRED] = { "passkey_required",
        ERROR_SESSION_NOT_LINKED, 0, "The phone asks for a passkey; link it "
        "with whatsapp-controller --link" },

    [SESSION_INCOMPATIBLE] = { "incompatible", ERROR_SESSION_NOT_READY,
        60000, "This version of WhatsApp Web is not supported; "
        "whatsapp-controller --probe says what is missing" }
};


/* restrictions with which a session works on */

static const struct {
    const char                *member;
    enum session_restriction   restriction;
    const char                *reason;
} session_limits[] = {
    { "timelock", SESSION_TIMELOCKED,
      "WhatsApp lets the account write to nobody new for a while" },
    { "capped", SESSION_CAPPED,
      "the account has written to as many new people as WhatsApp allows" }
};


static const enum session_event  session_tab_events[TAB_STATES] = {
    [TAB_STOPPED] = SESSION_TAB_STOPPED,
    [TAB_STARTING] = SESSION_TAB_STARTING,
    [TAB_BOOTING] = SESSION_TAB_BOOTING,
    [TAB_DOUBTED] = SESSION_TAB_DOUBTED,
    [TAB_RENEWING] = SESSION_TAB_RENEWING,
    [TAB_RECOVERING] = SESSION_TAB_RECOVERING,
    [TAB_INCOMPATIBLE] = SESSION_TAB_INCOMPATIBLE,
    [TAB_FAILED] = SESSION_TAB_FAILED,
    [TAB_STOPPING] = SESSION_TAB_STOPPED
};


static enum session_event session_page_unlinked(struct session_page *page,
    json_t *data);
static enum session_event session_page_linked(struct session_page *page,
    json_t *data);
static void session_page_banned(struct session_page *page, time_t until);
static void session_page_limits(struct session_page *page, json_t *data);
static bool session_is(json_t *data, const char *member, const char *word);
static bool session_says(json_t *data, const char *member);


const char *
session_state_name(enum session_state state)
{
    return session_states[state].name;
}


enum session_event
session_tab_event(enum tab_state browser, enum session_event page)
{
    return browser == TAB_UP ? page : session_tab_events[browser];
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


void
session_page_read(struct session_page *page, json_t *data)
{
    json_t  *until;

    memset(page, 0, sizeof(struct session_page));

    until = json_object_get(data, "banned_until");

    session_page_limits(page, data);

    if (json_is_integer(until)) {
        session_page_banned(page, (time_t) json_integer_value(until));
        page->event = SESSION_PAGE_RESTRICTED;

    } else if (session_says(data, "registered")) {
        page->event = session_page_linked(page, data);

    } else {
        page->event = session_page_unlinked(page, data);
    }
}


static enum session_event
session_page_unlinked(struct session_page *page, json_t *data)
{
    const char  *code;

    page->reason[0] = '\0';

    if (session_is(data, "linking", "passkey")) {
        text_copy(page->reason, sizeof(page->reason),
                  "the phone asks for a passkey: run whatsapp-controller "
                  "--link", NULL);
        return SESSION_PAGE_PASSKEY;
    }

    if (session_is(data, "linking", "pairing")) {
        return SESSION_PAGE_PAIRING;
    }

    if (!session_is(data, "mode", "QR")
        && !session_is(data, "socket", "UNPAIRED")
        && !session_is(data, "socket", "UNPAIRED_IDLE"))
    {
        return SESSION_PAGE_OPENING;
    }

    code = json_string_value(json_object_get(data, "logout"));

    if (code != NULL) {
        text_copy(page->reason, sizeof(page->reason),
                  logout_text(code), NULL);
    }

    return SESSION_PAGE_QR;
}


/*
 * Socket.state goes through PAIRING whenever a linked page connects, and
 * WhatsApp Web sends nothing before it has fetched what it missed.
 */

static enum session_event
session_page_linked(struct session_page *page, json_t *data)
{
    if (session_says(data, "replaced")) {
        text_copy(page->reason, sizeof(page->reason),
                  "another WhatsApp Web uses the account", NULL);
        return SESSION_PAGE_CONFLICT;
    }

    if (!session_says(data, "authenticated")) {
        return session_says(data, "was_authenticated") ? SESSION_PAGE_DEGRADED
                                                       : SESSION_PAGE_OPENING;
    }

    if (session_is(data, "mode", "SYNCING")
        || session_is(data, "mode", "QR"))
    {
        return SESSION_PAGE_SYNCING;
    }

    if (!session_is(data, "mode", "MAIN")
        || !session_is(data, "socket", "CONNECTED")
        || session_is(data, "stream", "DISCONNECTED"))
    {
        return SESSION_PAGE_DEGRADED;
    }

    return session_says(data, "offline_end") && session_says(data, "usable")
           ? SESSION_PAGE_READY : SESSION_PAGE_SYNCING;
}


static void
session_page_banned(struct session_page *page, time_t until)
{
    struct tm  tm;

    page->restricted[SESSION_BANNED] = true;

    if (gmtime_r(&until, &tm) == NULL
        || strftime(page->reason, sizeof(page->reason),
                    "WhatsApp has banned the account until "
                    "%Y-%m-%dT%H:%M:%SZ", &tm)
           == 0)
    {
        page->reason[0] = '\0';
    }
}


static void
session_page_limits(struct session_page *page, json_t *data)
{
    size_t  i;

    for (i = 0; i < sizeof(session_limits) / sizeof(session_limits[0]); i++) {

        if (!session_says(data, session_limits[i].member)) {
            continue;
        }

        page->restricted[session_limits[i].restriction] = true;

        if (page->reason[0] == '\0') {
            text_copy(page->reason, sizeof(page->reason),
                      session_limits[i].reason, NULL);
        }
    }
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


static bool
session_says(json_t *data, const char *member)
{
    return json_is_true(json_object_get(data, member));
}
