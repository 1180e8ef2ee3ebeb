/*
 * The states of a session, the events that lead from one to another, and the
 * error that a call gets in each of them.  The functions keep nothing.
 */

#ifndef SESSION_STATE_H
#define SESSION_STATE_H


#include <jansson.h>

#include "base/error.h"
#include "chrome/tab_state.h"


enum session_state {
    SESSION_STOPPED = 0,
    SESSION_STARTING,
    SESSION_QR,
    SESSION_PAIRING,
    SESSION_SYNCING,
    SESSION_READY,
    SESSION_DEGRADED,
    SESSION_RENEWING,
    SESSION_RECOVERING,
    SESSION_FAILED,
    SESSION_LOGGED_OUT,
    SESSION_CONFLICT,
    SESSION_PASSKEY_REQUIRED,
    SESSION_INCOMPATIBLE,
    SESSION_STATES
};


enum session_event {

    /* what the browser does; while it is up, the page's events count */

    SESSION_TAB_STOPPED = 0,
    SESSION_TAB_STARTING,
    SESSION_TAB_BOOTING,
    SESSION_TAB_DOUBTED,
    SESSION_TAB_RENEWING,
    SESSION_TAB_RECOVERING,
    SESSION_TAB_INCOMPATIBLE,
    SESSION_TAB_FAILED,

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
    SESSION_EVENTS
};


/* how WhatsApp restricts an account */

enum session_restriction {
    SESSION_BANNED = 0,    /* it is let in again later */
    SESSION_TIMELOCKED,    /* it may write to nobody new for a while */
    SESSION_CAPPED,        /* the same, because it wrote to so many */
    SESSION_RESTRICTIONS
};


#define SESSION_REASON_SIZE  256


/* what the page says of itself */

struct session_page {
    enum session_event  event;
    char                reason[SESSION_REASON_SIZE];   /* "": none */
    bool                restricted[SESSION_RESTRICTIONS];
};


/* Returns the state's public name. */
const char *session_state_name(enum session_state state);

/*
 * Returns the event that a browser in this state amounts to; page is the last
 * event of its page.
 */
enum session_event session_tab_event(enum tab_state browser,
    enum session_event page);

/* Reads the bridge's `state` object; what it lacks counts as false. */
void session_page_read(struct session_page *page, json_t *data);

/*
 * Sets *state to the one that an event leads to.  Returns false if the event
 * means nothing in this state, which stays as it is.
 */
bool session_transition(enum session_state *state, enum session_event event);

/*
 * Returns whether a session in this state has no account; before is what was
 * known before it came into this state.
 */
bool session_state_unlinked(enum session_state state, bool before);

/*
 * Returns the error for a call that needs a ready session; not to be asked
 * about SESSION_READY.
 */
struct error session_state_error(enum session_state state);


#endif /* SESSION_STATE_H */
