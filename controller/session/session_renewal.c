/*
 * The renewal of a session: its page, or the whole browser, is replaced though
 * it is well.  Calls that come meanwhile wait in the session's lanes and go to
 * the new page; they are refused as soon as that has any trouble.
 */

#include "session/session_private.h"


void
session_hold(struct session *session, bool held)
{
    scheduler_hold(session->scheduler, LANE_SENDS, held);
    scheduler_hold(session->scheduler, LANE_CALLS, held);
}


bool
session_idle(const struct session *session)
{
    return session_unused(session) && session->state != SESSION_PAIRING
           && scheduler_waiting(session->scheduler, LANE_SENDS) == 0
           && scheduler_waiting(session->scheduler, LANE_CALLS) == 0;
}


bool
session_unused(const struct session *session)
{
    return !scheduler_busy(session->scheduler) && tab_idle(session->tab);
}


bool
session_renew(struct session *session, const char *reason)
{
    if (session->tab_state != TAB_UP) {
        return false;
    }

    /* no call begins before the page has gone */

    if (session->state == SESSION_READY) {
        session_hold(session, true);
    }

    tab_renew(session->tab, reason);

    return true;
}
