/*
 * Logouts by reason.
 */

#include <stddef.h>

#include "session/logouts.h"


/* ms after which a logout is no longer the one that was asked for: the page
   has left by then, or has not done it */
#define LOGOUTS_ASKED_MS  60000


static enum logout_reason logout_reason(const char *code);


/* WhatsApp Web's digits begin with 0 */

static const enum logout_reason  logout_codes[] = {
    LOGOUT_FAILED,
    LOGOUT_SYNC,
    LOGOUT_HISTORY,
    LOGOUT_LOCKED
};


static const char *const  logout_texts[LOGOUT_REASONS] = {
    [LOGOUT_ASKED] = "logged out",
    [LOGOUT_REMOVED] = "logged out",
    [LOGOUT_FAILED] = "logged out: WhatsApp Web failed",
    [LOGOUT_SYNC] = "logged out: the synchronisation failed",
    [LOGOUT_HISTORY] = "logged out: the history took too long",
    [LOGOUT_LOCKED] = "logged out: the account is locked"
};


void
logouts_ask(struct logouts *logouts, uint64_t now)
{
    logouts->asked_at = now;
}


void
logouts_told(struct logouts *logouts, bool linked, bool left,
    const char *code, uint64_t now)
{
    if (linked) {
        logouts->open = true;
    }

    if (left) {
        logouts_end(logouts, code, now);
    }
}


void
logouts_end(struct logouts *logouts, const char *code, uint64_t now)
{
    enum logout_reason  reason;

    if (!logouts->open) {
        return;
    }

    reason = logout_reason(code);

    if (reason == LOGOUT_REMOVED && logouts->asked_at != 0
        && now - logouts->asked_at < LOGOUTS_ASKED_MS)
    {
        reason = LOGOUT_ASKED;
    }

    logouts->counts[reason]++;
    logouts->asked_at = 0;
    logouts->open = false;
}


const char *
logout_text(const char *code)
{
    return logout_texts[logout_reason(code)];
}


static enum logout_reason
logout_reason(const char *code)
{
    size_t  i;

    if (code != NULL && code[0] >= '0' && code[1] == '\0') {
        i = (size_t) (code[0] - '0');

        if (i < sizeof(logout_codes) / sizeof(logout_codes[0])) {
            return logout_codes[i];
        }
    }

    return LOGOUT_REMOVED;
}
