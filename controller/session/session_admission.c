/*
 * Which calls a session takes, and which of them wait for it.
 */

#include "session/session_private.h"


bool
session_check(const struct session *session, struct error *error)
{
    if (session->draining) {
        *error = error_make(ERROR_SHUTTING_DOWN);
        return false;
    }

    if (session->erased) {
        *error = error_say(ERROR_SESSION_NOT_READY,
                           "The session is being forgotten");
        return false;
    }

    if (session->state == SESSION_READY
        || session->state == SESSION_RENEWING)
    {
        return true;
    }

    *error = session_state_error(session->state);

    /* an account that is not linked does not become so by a reload */

    if (session->unlinked && (session->state == SESSION_STARTING
                              || session->state == SESSION_RECOVERING))
    {
        *error = error_make(ERROR_SESSION_NOT_LINKED);
    }

    if (session->state == SESSION_FAILED
        && session->page.event == SESSION_PAGE_RESTRICTED)
    {
        *error = error_make(ERROR_ACCOUNT_RESTRICTED);
    }

    return false;
}


bool
session_check_page(const struct session *session, struct error *error)
{
    if (!session_check(session, error)) {
        return false;
    }

    if (session->state == SESSION_RENEWING) {
        *error = session_state_error(session->state);
        return false;
    }

    return true;
}


bool
session_check_send(const struct session *session, struct error *error)
{
    if (session_check(session, error)) {
        return true;
    }

    return session->opening && !session->draining && !session->erased
           && !session->unlinked;
}


bool
session_opens(const struct session *session, enum session_state state)
{
    if (state == SESSION_STARTING) {
        return session->opening || session->state == SESSION_STOPPED;
    }

    return session->opening && state == SESSION_SYNCING;
}


void
session_admit(struct session *session)
{
    bool          calls, ready, sends;
    struct error  error;

    ready = session_check_page(session, &error);
    calls = session_check(session, &error);
    sends = session_check_send(session, &error);

    if (!sends) {
        session_refuse(session, &error);
    }

    scheduler_hold(session->scheduler, LANE_SENDS, sends && !ready);
    scheduler_hold(session->scheduler, LANE_CALLS, calls && !ready);
}


void
session_refuse(struct session *session, const struct error *error)
{
    scheduler_refuse(session->scheduler, LANE_SENDS, error);
    scheduler_refuse(session->scheduler, LANE_CALLS, error);
}


void
session_drain(struct session *session)
{
    struct error  error;

    session->draining = true;

    error = error_make(ERROR_SHUTTING_DOWN);
    session_refuse(session, &error);
}


bool
session_busy(const struct session *session)
{
    return scheduler_busy(session->scheduler);
}
