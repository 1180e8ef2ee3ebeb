/*
 * The commands that start, stop and log out a session.
 */

#include <stdio.h>
#include <string.h>

#include "ctl/ctl_commands.h"
#include "ctl/ctl_request.h"


static enum ctl_exit ctl_session_do(struct ctl *ctl, const char *action,
    const char *done);


enum ctl_exit
ctl_start(struct ctl *ctl)
{
    return ctl_session_do(ctl, "/start", "starts");
}


enum ctl_exit
ctl_stop(struct ctl *ctl)
{
    return ctl_session_do(ctl, "/stop", "stops");
}


enum ctl_exit
ctl_restart(struct ctl *ctl)
{
    return ctl_session_do(ctl, "/restart", "restarts");
}


enum ctl_exit
ctl_logout(struct ctl *ctl)
{
    return ctl_session_do(ctl, "/logout", "is logged out");
}


/* done says what follows, for a person */

static enum ctl_exit
ctl_session_do(struct ctl *ctl, const char *action, const char *done)
{
    json_t              *result;
    enum ctl_exit        status;
    struct ctl_request   request;

    memset(&request, 0, sizeof(request));

    request.method = "POST";
    request.session = ctl->args[0];
    request.action = action;

    status = ctl_call(ctl, &request, &result);

    if (status != CTL_OK) {
        return status;
    }

    if (ctl->json) {
        return ctl_print(ctl, result);
    }

    printf("session %s %s\n", ctl->args[0], done);
    json_decref(result);

    return CTL_OK;
}
