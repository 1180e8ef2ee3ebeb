/*
 * Texts that the controller itself sends, for which nobody waits.
 */

#ifndef NOTICE_H
#define NOTICE_H


#include "calls/services.h"
#include "session/session.h"


/*
 * Sends a text to a number, in its turn among the session's other sends.  What
 * can't be sent in a minute is not sent.
 */
void notice_send(const struct services *services, struct session *session,
    const char *number, const char *text);


#endif /* NOTICE_H */
