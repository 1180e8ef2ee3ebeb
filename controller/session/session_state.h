/*
 * The states of a session, what moves it from one to another, and what a call
 * is told in each of them.  Pure.
 */

#ifndef SESSION_STATE_H
#define SESSION_STATE_H


#include <jansson.h>

#include "base/error.h"


enum session_state {
    SESSION_STOPPED = 0,
    SESSION_STARTING,
    SESSION_QR,
    SESSION_PAIRING,
    SESSION_SYNCING,
    SESSION_READY,
    SESSION_DEGRADED,
    SESSION_RECOVERING,
    SESSION_FAILED,
    SESSION_LOGGED_OUT,
    SESSION_CONFLICT,
    SESSION_PASSKEY_REQUIRED,
    SESSION_INCOMPATIBLE,
    SESSION_STATES
};


enum session_event {

    /* what the browser does */

    SESSION_BROWSER_STARTING = 0,
    SESSION_BROWSER_RECOVERING,
    SESSION_BROWSER_FAILED,
    SESSION_BROWSER_STOPPED,

    /* what the bridge found at boot */

    SESSION_BOOT_RETRY,          /* incompatible, and tried once more */
    SESSION_BOOT_INCOMPATIBLE,

    /* what WhatsApp Web says of itself */

    SESSION_PAGE_OPENING,
    SESSION_PAGE_QR,
    SESSION_PAGE_PAIRING,
    SESSION_PAGE_SYNCING,
    SESSION_PAGE_READY,
    SESSION_PAGE_DEGRADED,
    SESSION_PAGE_LOGGED_OUT,
    SESSION_PAGE_CONFLICT,
    SESSION_PAGE_PASSKEY,
    SESSION_PAGE_RESTRICTED,
    SESSION_PAGE_BLOCKED,
    SESSION_PAGE_DEPRECATED,
    SESSION_EVENTS
};


/* The state's public name. */
const char *session_state_name(enum session_state state);

/* The state that an event leads to; the same one if it has no say. */
enum session_state session_transition(enum session_state state,
    enum session_event event);

/*
 * Which event the bridge's `state` object amounts to.  *reason becomes a
 * static text, or NULL where the event says enough.
 */
enum session_event session_page_event(json_t *data, const char **reason);

/* Whether a session in this state has no account; before: what was known. */
bool session_state_unlinked(enum session_state state, bool before);

/* What a call is told that needs a ready session; not for SESSION_READY. */
struct error session_state_error(enum session_state state);


#endif /* SESSION_STATE_H */
