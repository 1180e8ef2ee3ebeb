/*
 * Says in plain words what happens to the session, and ends when it is ready,
 * or when somebody has closed the window.
 */

#include <string.h>

#include "chrome/chrome.h"
#include "command/linking.h"


struct linking {
    struct command      *command;
    FILE                *out;
    enum session_state   said;                         /* of the last line */
    char                 reason[SESSION_REASON_SIZE];  /* the same */
};


static void linking_changed(void *ctx);
static void linking_say(struct linking *linking, enum session_state state,
    const char *reason);
static bool linking_closed(const struct session *session);


static const struct command_handlers  linking_handlers = {
    linking_changed,
    NULL
};


static const struct {
    const char  *words;
    bool         explained;    /* the session's reason is said, too */
} linking_states[SESSION_STATES] = {

    [SESSION_STARTING] = { "WhatsApp Web is being opened in a window.",
        false },

    [SESSION_QR] = { "WhatsApp Web shows a QR code. On the phone: Settings, "
        "Linked devices,\nLink a device. Then point the phone at the window.",
        false },

    [SESSION_PAIRING] = { "The phone is being linked.", false },

    [SESSION_SYNCING] = { "Linked. WhatsApp Web fetches what it needs; leave "
        "the window open.", false },

    [SESSION_READY] = { "The phone is linked. The window is closed, so that "
        "all of it is in the profile.", false },

    [SESSION_DEGRADED] = { "WhatsApp Web has no connection at the moment.",
        false },

    [SESSION_RECOVERING] = { "WhatsApp Web is being loaded again.", true },

    [SESSION_FAILED] = { "The session has failed.", true },

    [SESSION_LOGGED_OUT] = { "The account was logged out.", true },

    [SESSION_CONFLICT] = { "Another WhatsApp Web uses the account.", false },

    [SESSION_PASSKEY_REQUIRED] = { "The phone asks for a passkey. Do what "
        "phone and window say.", false },

    [SESSION_INCOMPATIBLE] = { "This version of WhatsApp Web is not "
        "supported. \"whatsapp-controller --probe\"\nsays more.", true }
};


int
linking_run(const struct command_config *config)
{
    int             status;
    struct linking  linking;

    if (!chrome_display()) {
        fprintf(stderr, "whatsapp-controller: --link opens a window and needs "
                "a display: set DISPLAY or WAYLAND_DISPLAY (ssh -X and VNC do "
                "so)\n");
        return 1;
    }

    memset(&linking, 0, sizeof(struct linking));

    linking.out = config->out;
    linking.command = command_create(config, &linking_handlers, &linking);

    if (linking.command == NULL) {
        return 1;
    }

    command_start(linking.command);

    status = command_run(linking.command);

    fprintf(linking.out, status == 0
            ? "Done. The controller can start the session now.\n"
            : "Ended. The phone was not linked, or not to the end.\n");

    command_destroy(linking.command);

    return status;
}


static void
linking_changed(void *ctx)
{
    const char          *reason;
    struct linking      *linking = ctx;
    struct session      *session;
    enum session_state   state;

    session = command_session(linking->command);
    state = session_state(session);
    reason = session_reason(session);

    if (linking_closed(session)) {
        fprintf(linking->out, "The window was closed.\n");
        command_end(linking->command, 1);
        return;
    }

    linking_say(linking, state, reason);

    if (state == SESSION_READY) {
        command_end(linking->command, 0);
    }
}


/* nothing is said twice in a row */

static void
linking_say(struct linking *linking, enum session_state state,
    const char *reason)
{
    if (!linking_states[state].explained) {
        reason = "";
    }

    if (linking_states[state].words == NULL
        || (state == linking->said && strcmp(reason, linking->reason) == 0))
    {
        return;
    }

    fprintf(linking->out, "%s%s%s%s\n", linking_states[state].words,
            reason[0] != '\0' ? " (" : "", reason,
            reason[0] != '\0' ? ")" : "");
    (void) fflush(linking->out);

    linking->said = state;
    (void) snprintf(linking->reason, sizeof(linking->reason), "%s", reason);
}


/* Chromium ends, or its page does, when its window is closed */

static bool
linking_closed(const struct session *session)
{
    return session_state(session) == SESSION_RECOVERING
           && (strcmp(session_reason(session), "page_closed") == 0
               || strcmp(session_reason(session), "browser_exited") == 0);
}
