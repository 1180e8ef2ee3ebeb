/*
 * The commands that link a phone, by a QR code in the terminal or a code for
 * its number.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl/ctl_commands.h"
#include "ctl/ctl_request.h"


#define LINK_POLL_NS     500000000
#define LINK_STATE_SIZE  32
#define LINK_QR_SIZE     1024

#define LINK_CLEAR       "\033[H\033[2J\033[3J"    /* ECMA-48: the screen */

#define LINK_BY_QR       "On the phone: Settings, Linked devices, Link a "    \
                         "device."
#define LINK_BY_NUMBER   "On the phone: Settings, Linked devices, Link a "    \
                         "device, Link with\nphone number instead."


struct link {
    struct ctl  *ctl;
    const char  *session;
    const char  *number;                     /* NULL: by the QR code */
    char         state[LINK_STATE_SIZE];     /* that was told last */
    char         qr[LINK_QR_SIZE];           /* the same, as text */
    bool         asked;                      /* for a code that is valid */
};


/* what a state means to who waits for the phone to be linked */

struct link_state {
    const char  *state;
    const char  *words;    /* NULL: nothing is to be said */
    bool         end;      /* more than waiting is needed: words say what */
};


static enum ctl_exit link_start(struct link *link);
static enum ctl_exit link_wait(struct link *link);
static enum ctl_exit link_step(struct link *link, json_t *session,
    bool *ready);
static enum ctl_exit link_show(struct link *link, const char *state);
static enum ctl_exit link_show_qr(struct link *link);
static enum ctl_exit link_tell(struct link *link, const char *state,
    json_t *session);
static enum ctl_exit link_code(struct ctl *ctl, const char *session,
    const char *number);
static enum ctl_exit link_get(struct ctl *ctl, const char *session,
    const char *action, json_t **result);
static enum ctl_exit link_print_qr(struct ctl *ctl, const char *session,
    bool waits);


static const struct link_state  link_states[] = {
    { "stopped", "the session is stopped; start it by \"whatsapp-ctl "
      "start\"", true },
    { "starting", "WhatsApp Web is being opened.", false },
    { "qr", NULL, false },
    { "pairing", "The phone is being linked.", false },
    { "syncing", "Linked. WhatsApp Web fetches what it needs.", false },
    { "ready", NULL, false },
    { "degraded", "WhatsApp Web has no connection at the moment.", false },
    { "renewing", "WhatsApp Web is being loaded again.", false },
    { "recovering", "WhatsApp Web is being loaded again.", false },
    { "failed", "the session has failed; \"whatsapp-ctl status\" says why",
      true },
    { "logged_out", "The account was logged out.", false },
    { "conflict", "another WhatsApp Web uses the account; \"whatsapp-ctl "
      "restart\" takes it back", true },
    { "passkey_required", "the phone asks for a passkey; stop the session "
      "and link it in a window: whatsapp-controller --link", true },
    { "incompatible", "this version of WhatsApp Web is not supported; "
      "whatsapp-controller --probe says more", true }
};


enum ctl_exit
ctl_qr(struct ctl *ctl)
{
    json_t         *result;
    enum ctl_exit   status;

    if (!ctl->json) {
        return link_print_qr(ctl, ctl->args[0], false);
    }

    status = link_get(ctl, ctl->args[0], "/qr", &result);

    return status == CTL_OK ? ctl_print(ctl, result) : status;
}


enum ctl_exit
ctl_code(struct ctl *ctl)
{
    return link_code(ctl, ctl->args[0], ctl->args[1]);
}


enum ctl_exit
ctl_link(struct ctl *ctl)
{
    struct link     link;
    enum ctl_exit   status;

    memset(&link, 0, sizeof(link));

    link.ctl = ctl;
    link.session = ctl->args[0];
    link.number = ctl->args_n > 1 ? ctl->args[1] : NULL;

    status = link_start(&link);

    return status == CTL_OK ? link_wait(&link) : status;
}


/* a session that runs is left as it is */

static enum ctl_exit
link_start(struct link *link)
{
    json_t              *result;
    enum ctl_exit        status;
    struct ctl_request   request;

    memset(&request, 0, sizeof(request));

    request.method = "POST";
    request.session = link->session;
    request.action = "/start";

    status = ctl_call(link->ctl, &request, &result);

    json_decref(result);

    return status;
}


static enum ctl_exit
link_wait(struct link *link)
{
    bool            ready;
    json_t         *session;
    enum ctl_exit   status;

    static const struct timespec  poll = { 0, LINK_POLL_NS };

    for ( ;; ) {
        status = link_get(link->ctl, link->session, "", &session);

        if (status != CTL_OK) {
            return status;
        }

        ready = false;
        status = link_step(link, session, &ready);

        json_decref(session);

        if (status != CTL_OK || ready) {
            return status;
        }

        (void) nanosleep(&poll, NULL);
    }
}


static enum ctl_exit
link_step(struct link *link, json_t *session, bool *ready)
{
    size_t          i;
    const char     *state;
    enum ctl_exit   status;

    state = json_string_value(json_object_get(session, "state"));

    if (state == NULL) {
        return CTL_OK;
    }

    status = CTL_OK;

    if (strcmp(state, link->state) != 0) {
        status = link_tell(link, state, session);
    }

    for (i = 0; i < sizeof(link_states) / sizeof(link_states[0]); i++) {
        if (link_states[i].end && strcmp(link_states[i].state, state) == 0) {
            return ctl_fail(link->ctl, CTL_REFUSED, state, "%s",
                            link_states[i].words);
        }
    }

    *ready = strcmp(state, "ready") == 0;

    return status == CTL_OK ? link_show(link, state) : status;
}


/* shows what the phone needs; another code may be there already (pairing) */

static enum ctl_exit
link_show(struct link *link, const char *state)
{
    if (link->number == NULL) {
        return strcmp(state, "qr") == 0 ? link_show_qr(link) : CTL_OK;
    }

    if (link->asked
        || (strcmp(state, "qr") != 0 && strcmp(state, "pairing") != 0))
    {
        return CTL_OK;
    }

    link->asked = true;

    return link_code(link->ctl, link->session, link->number);
}


/* WhatsApp Web replaces its code every 20 s; each is shown once */

static enum ctl_exit
link_show_qr(struct link *link)
{
    json_t              *object;
    const char          *qr;
    enum ctl_exit        status;
    struct ctl_answer    answer;
    struct ctl_request   request;

    memset(&request, 0, sizeof(request));

    request.method = "GET";
    request.session = link->session;
    request.action = "/qr";

    status = ctl_request(link->ctl, &request, &answer);

    if (status != CTL_OK) {
        return status;
    }

    /* the state may be another one by now: it is looked at again */

    object = answer.status == 200 ? ctl_answer_json(&answer) : NULL;
    qr = json_string_value(json_object_get(object, "qr"));

    ctl_answer_free(&answer);

    if (qr == NULL || strncmp(qr, link->qr, sizeof(link->qr) - 1) == 0) {
        json_decref(object);
        return CTL_OK;
    }

    (void) snprintf(link->qr, sizeof(link->qr), "%s", qr);

    if (link->ctl->json) {
        return ctl_print(link->ctl, object);
    }

    json_decref(object);

    return link_print_qr(link->ctl, link->session, true);
}


static enum ctl_exit
link_tell(struct link *link, const char *state, json_t *session)
{
    size_t       i;
    const char  *number, *reason;

    (void) snprintf(link->state, sizeof(link->state), "%s", state);

    if (strcmp(state, "qr") == 0) {
        link->asked = false;
    }

    number = json_string_value(json_object_get(session, "wa_id"));

    if (link->ctl->json) {
        return ctl_print(link->ctl, json_pack("{s:s, s:O}", "state", state,
                                "reason", json_object_get(session,
                                                          "reason")));
    }

    if (strcmp(state, "ready") == 0) {
        printf("Session %s is ready, as +%s.\n", link->session,
               number != NULL ? number : "");
    }

    for (i = 0; i < sizeof(link_states) / sizeof(link_states[0]); i++) {
        if (strcmp(link_states[i].state, state) == 0
            && link_states[i].words != NULL && !link_states[i].end)
        {
            printf("%s\n", link_states[i].words);
        }
    }

    /* the place in the queue of those that start */

    reason = json_string_value(json_object_get(session, "reason"));

    if (strcmp(state, "starting") == 0 && reason != NULL
        && strncmp(reason, "waits ", sizeof("waits ") - 1) == 0)
    {
        printf("The session %s.\n", reason);
    }

    (void) fflush(stdout);

    return CTL_OK;
}


static enum ctl_exit
link_code(struct ctl *ctl, const char *session, const char *number)
{
    json_t              *result;
    const char          *code;
    enum ctl_exit        status;
    struct ctl_request   request;

    memset(&request, 0, sizeof(request));

    request.method = "POST";
    request.session = session;
    request.action = "/call";
    request.body = json_pack("{s:s, s:{s:s}}", "method",
                             "session.request_code", "params",
                             "phone_number", number);

    if (request.body == NULL) {
        return ctl_fail(ctl, CTL_USAGE, "invalid_parameter",
                        "\"%s\" is not a phone number", number);
    }

    status = ctl_call(ctl, &request, &result);

    json_decref(request.body);

    if (status != CTL_OK) {
        return status;
    }

    if (ctl->json) {
        return ctl_print(ctl, result);
    }

    code = json_string_value(json_object_get(result, "code"));

    printf("%s\n", code != NULL ? code : "");
    (void) fflush(stdout);
    fprintf(stderr, LINK_BY_NUMBER " The code is valid for %lld s.\n",
            (long long) json_integer_value(json_object_get(result,
                                                           "expires_in")));

    json_decref(result);

    return CTL_OK;
}


static enum ctl_exit
link_get(struct ctl *ctl, const char *session, const char *action,
    json_t **result)
{
    struct ctl_request  request;

    memset(&request, 0, sizeof(request));

    request.method = "GET";
    request.session = session;
    request.action = action;

    return ctl_call(ctl, &request, result);
}


/* waits: a code that is gone is no error, as another one follows */

static enum ctl_exit
link_print_qr(struct ctl *ctl, const char *session, bool waits)
{
    enum ctl_exit        status;
    struct ctl_answer    answer;
    struct ctl_request   request;

    memset(&request, 0, sizeof(request));

    request.method = "GET";
    request.session = session;
    request.action = "/qr";
    request.accept = "text/plain";

    status = ctl_request(ctl, &request, &answer);

    if (status != CTL_OK) {
        return status;
    }

    if (answer.status == 200 && answer.text != NULL) {

        /* an old code on the screen would be scanned in vain */

        printf("%s%s" LINK_BY_QR "\n",
               waits && isatty(STDOUT_FILENO) ? LINK_CLEAR : "", answer.text);
        (void) fflush(stdout);

    } else if (!waits) {
        status = ctl_answer_fail(ctl, &answer);
    }

    ctl_answer_free(&answer);

    return status;
}
