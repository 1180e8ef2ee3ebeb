/*
 * How often the account of a session was logged out, by reason.
 *
 * A logout is told twice: when the page begins to leave, which says nothing of
 * the reason, and by the address of the next document, which does.  It counts
 * when the reason is there, or the next page that waits for a login.
 */

#ifndef LOGOUTS_H
#define LOGOUTS_H

#include <stdbool.h>
#include <stdint.h>


enum logout_reason {
    LOGOUT_ASKED = 0,    /* through the API */
    LOGOUT_REMOVED,      /* by the phone or by WhatsApp, which gave none */
    LOGOUT_FAILED,       /* WhatsApp Web failed */
    LOGOUT_SYNC,         /* the synchronisation failed */
    LOGOUT_HISTORY,      /* the history took too long */
    LOGOUT_LOCKED,       /* the account is locked */
    LOGOUT_REASONS
};


struct logouts {
    uint64_t  counts[LOGOUT_REASONS];
    uint64_t  asked_at;    /* ms; 0: nobody has asked */
    bool      open;        /* one has begun that was not counted */
};


/* Notes that the API was asked to log out.  now is in ms. */
void logouts_ask(struct logouts *logouts, uint64_t now);

/*
 * Notes that the page tells of a logout.  linked says whether there was an
 * account until now, left whether the page has left: then code, which is
 * WhatsApp Web's digit for the reason, "" or NULL, is all that will be told.
 */
void logouts_told(struct logouts *logouts, bool linked, bool left,
    const char *code, uint64_t now);

/* Counts a logout that has begun, if there is one. */
void logouts_end(struct logouts *logouts, const char *code, uint64_t now);

/*
 * Returns the reason as a text for the session's owner, static; code as above.
 */
const char *logout_text(const char *code);


#endif /* LOGOUTS_H */
