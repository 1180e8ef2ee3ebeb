/*
 * Requests to the controller's socket, by libcurl.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/text.h"
#include "ctl/ctl_request.h"
#include "ctl/ctl_text.h"


#define CTL_URL_SIZE  300
#define CTL_UNIX      "unix:"


/* what would mend an error of the controller */

static const struct {
    const char  *code;
    const char  *fix;
} ctl_fixes[] = {
    { "unknown_session", "\"whatsapp-ctl status\" lists the sessions, "
      "\"whatsapp-ctl start\" makes a new one" },
    { "forbidden", "run this as root, or allow your user by allow-user in "
      "/etc/whatsapp-controller.conf" },
    { "unauthorized", "name the controller's secret by --secret-file" },
    { "not_in_qr_state", "only a session in the state qr shows a code, see "
      "\"whatsapp-ctl status\"" },
    { "session_not_linked", "link a phone by \"whatsapp-ctl link\"" },
    { "shutting_down", "the controller stops: try again when it has started" }
};


static struct ctl_http *ctl_request_prepare(const struct ctl *ctl,
    const struct ctl_request *request);
static enum ctl_exit ctl_request_secret(const struct ctl *ctl,
    struct ctl_http *http);
static enum ctl_exit ctl_request_perform(const struct ctl *ctl,
    struct ctl_http *http, struct ctl_answer *answer);


enum ctl_exit
ctl_request(const struct ctl *ctl, const struct ctl_request *request,
    struct ctl_answer *answer)
{
    char             *body;
    enum ctl_exit     status;
    struct ctl_http  *http;

    memset(answer, 0, sizeof(struct ctl_answer));

    if (request->session != NULL && !ctl_text_session(request->session)) {
        return ctl_fail(ctl, CTL_USAGE, "invalid_session", "\"%s\" is no "
                        "session: an id has 1 to 15 digits",
                        request->session);
    }

    if (ctl->socket[0] == '/') {
        return ctl_fail(ctl, CTL_USAGE, "invalid_socket", "\"unix:\" is "
                        "missing before %s", ctl->socket);
    }

    body = NULL;
    http = ctl_request_prepare(ctl, request);

    if (request->body != NULL) {
        body = json_dumps(request->body, JSON_COMPACT);
    }

    if (http == NULL || (request->body != NULL && body == NULL)) {
        status = ctl_fail_memory(ctl);

    } else {
        status = ctl_request_secret(ctl, http);
    }

    if (status == CTL_OK) {
        if (body != NULL) {
            ctl_http_body(http, body);
        }

        status = ctl_request_perform(ctl, http, answer);
    }

    ctl_http_free(http);
    free(body);

    return status;
}


static struct ctl_http *
ctl_request_prepare(const struct ctl *ctl, const struct ctl_request *request)
{
    bool              local;
    char              url[CTL_URL_SIZE];
    const char       *socket = ctl->socket;
    struct ctl_http  *http;

    local = strncmp(socket, CTL_UNIX, sizeof(CTL_UNIX) - 1) == 0;

    (void) snprintf(url, sizeof(url), "http://%s/v1/sessions%s%s%s",
                    local ? "controller" : socket,
                    request->session != NULL ? "/" : "",
                    request->session != NULL ? request->session : "",
                    request->action);

    http = ctl_http_create(request->method, url,
                           local ? socket + sizeof(CTL_UNIX) - 1 : NULL);

    if (http != NULL
        && (!ctl_http_header(http, "Accept",
                             request->accept != NULL ? request->accept
                                                     : "application/json")
            || !ctl_http_header(http, "Content-Type", "application/json")))
    {
        ctl_http_free(http);
        return NULL;
    }

    return http;
}


static enum ctl_exit
ctl_request_secret(const struct ctl *ctl, struct ctl_http *http)
{
    bool   ok;
    char  *secret;

    if (ctl->secret_file == NULL) {
        return CTL_OK;
    }

    secret = files_read_secret(ctl->secret_file);

    if (secret == NULL) {
        return ctl_fail_told(ctl, CTL_REFUSED, "not_readable");
    }

    ok = ctl_http_header(http, "X-Whatsapp-Secret", secret);

    text_wipe(secret);

    return ok ? CTL_OK : ctl_fail_memory(ctl);
}


static enum ctl_exit
ctl_request_perform(const struct ctl *ctl, struct ctl_http *http,
    struct ctl_answer *answer)
{
    int          error;
    const char  *why;

    why = ctl_http_perform(http, answer, &error);

    if (why == NULL) {
        return CTL_OK;
    }

    return ctl_fail(ctl, CTL_UNREACHABLE, "unreachable", "the controller at "
                    "%s can't be reached: %s; %s", ctl->socket, why,
                    error == EACCES
                    ? "run this as root, or as a user of the socket's group"
                    : error != 0
                    ? "start it by \"systemctl start whatsapp-controller\", "
                      "or name its socket by --socket"
                    : "look at its log: journalctl -u whatsapp-controller");
}


json_t *
ctl_answer_json(const struct ctl_answer *answer)
{
    return json_loadb(answer->text != NULL ? answer->text : "", answer->size,
                      0, NULL);
}


enum ctl_exit
ctl_answer_fail(const struct ctl *ctl, const struct ctl_answer *answer)
{
    size_t       i;
    json_t      *object, *error;
    const char  *code, *message, *fix;

    object = ctl_answer_json(answer);
    error = json_object_get(object, "error");
    code = json_string_value(json_object_get(error, "code"));
    message = json_string_value(json_object_get(error, "message"));

    fix = NULL;

    for (i = 0; code != NULL && i < sizeof(ctl_fixes) / sizeof(ctl_fixes[0]);
         i++)
    {
        if (strcmp(ctl_fixes[i].code, code) == 0) {
            fix = ctl_fixes[i].fix;
        }
    }

    if (code == NULL || message == NULL) {
        (void) ctl_fail(ctl, CTL_REFUSED, "no_controller", "%s has answered "
                        "with status %ld, but not as whatsapp-controller "
                        "does; name its socket by --socket", ctl->socket,
                        answer->status);

    } else {
        (void) ctl_fail(ctl, CTL_REFUSED, code, "%s%s%s", message,
                        fix != NULL ? "; " : "", fix != NULL ? fix : "");
    }

    json_decref(object);

    return CTL_REFUSED;
}


enum ctl_exit
ctl_call(const struct ctl *ctl, const struct ctl_request *request,
    json_t **result)
{
    enum ctl_exit      status;
    struct ctl_answer  answer;

    *result = NULL;

    status = ctl_request(ctl, request, &answer);

    if (status != CTL_OK) {
        return status;
    }

    if (answer.status == 200) {
        *result = ctl_answer_json(&answer);
    }

    if (*result == NULL) {
        status = ctl_answer_fail(ctl, &answer);
    }

    ctl_answer_free(&answer);

    return status;
}
