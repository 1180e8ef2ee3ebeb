/*
 * The memory of a session: that of the process which its page is in.
 */

#include "session/session_private.h"


pid_t
session_process(const struct session *session)
{
    return tab_process(session->tab);
}


void
session_set_memory(struct session *session, pid_t process, uint64_t bytes)
{
    tab_set_memory(session->tab, process, bytes);
}


uint64_t
session_memory(const struct session *session)
{
    return tab_memory(session->tab);
}
