/*
 * The commands that start, stop, log out and forget a session.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl_commands.h"
#include "ctl/ctl_request.h"


#define CTL_LINE_SIZE  64


static enum ctl_exit ctl_session_forget(struct ctl *ctl);
static enum ctl_exit ctl_session_confirm(struct ctl *ctl);
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
    return ctl->forget ? ctl_session_forget(ctl)
                       : ctl_session_do(ctl, "/logout", "is logged out");
}


/* the login and all that is kept are gone afterwards: it is asked for twice */

static enum ctl_exit
ctl_session_forget(struct ctl *ctl)
{
    bool                 logged_out;
    json_t              *result;
    enum ctl_exit        status;
    struct ctl_request   request;

    status = ctl_session_confirm(ctl);

    if (status != CTL_OK) {
        return status;
    }

    memset(&request, 0, sizeof(request));

    request.method = "POST";
    request.session = ctl->args[0];
    request.action = "/forget";
    request.body = json_pack("{s:s}", "confirm", ctl->args[0]);

    if (request.body == NULL) {
        return ctl_fail_memory(ctl);
    }

    status = ctl_call(ctl, &request, &result);

    json_decref(request.body);

    if (status != CTL_OK) {
        return status;
    }

    if (ctl->json) {
        return ctl_print(ctl, result);
    }

    logged_out = json_is_true(json_object_get(result, "logged_out"));

    json_decref(result);

    printf("session %s is forgotten%s\n", ctl->args[0],
           logged_out ? ""
           : "; WhatsApp could not be told: remove the device on the phone");

    return CTL_OK;
}


static enum ctl_exit
ctl_session_confirm(struct ctl *ctl)
{
    char  line[CTL_LINE_SIZE];

    if (ctl->yes) {
        return CTL_OK;
    }

    if (ctl->json || !isatty(STDIN_FILENO)) {
        return ctl_fail(ctl, CTL_USAGE, "not_confirmed", "--forget deletes "
                        "the login of session %s and all that is kept of it "
                        "for good; give --yes, too", ctl->args[0]);
    }

    printf("This deletes the login of session %s and all that is kept of it, "
           "for good.\nIts phone has to be linked anew. Type the session's "
           "id to go on: ", ctl->args[0]);
    (void) fflush(stdout);

    if (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';

        if (strcmp(line, ctl->args[0]) == 0) {
            return CTL_OK;
        }
    }

    return ctl_fail(ctl, CTL_REFUSED, "not_confirmed", "nothing was done");
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
