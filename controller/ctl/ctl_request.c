/*
 * Requests to the controller's socket, by libcurl.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/files.h"
#include "base/text.h"
#include "ctl/ctl_request.h"
#include "ctl/ctl_text.h"


#define CTL_CONNECT_S   5
#define CTL_TIMEOUT_S   60          /* a logout waits for WhatsApp Web */
#define CTL_ANSWER_MAX  (4 << 20)   /* bytes */
#define CTL_URL_SIZE    300
#define CTL_UNIX        "unix:"


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


static bool ctl_request_prepare(const struct ctl *ctl,
    const struct ctl_request *request, CURL *curl,
    struct curl_slist **headers, struct ctl_answer *answer);
static bool ctl_request_header(struct curl_slist **headers,
    const char *name, const char *value);
static bool ctl_request_secret(const struct ctl *ctl,
    struct curl_slist **headers);
static enum ctl_exit ctl_request_unreachable(const struct ctl *ctl,
    CURL *curl, CURLcode code);
static size_t ctl_request_write(char *data, size_t size, size_t n, void *ctx);


enum ctl_exit
ctl_request(const struct ctl *ctl, const struct ctl_request *request,
    struct ctl_answer *answer)
{
    CURL               *curl;
    char               *body;
    CURLcode            code;
    enum ctl_exit       status;
    struct curl_slist  *headers;

    memset(answer, 0, sizeof(struct ctl_answer));

    if (request->session != NULL && !ctl_text_session(request->session)) {
        return ctl_fail(ctl, CTL_USAGE, "invalid_session", "\"%s\" is no "
                        "session: an id has 1 to 15 digits",
                        request->session);
    }

    body = NULL;
    headers = NULL;
    curl = curl_easy_init();

    if (request->body != NULL) {
        body = json_dumps(request->body, JSON_COMPACT);
    }

    if (curl == NULL || (request->body != NULL && body == NULL)) {
        status = ctl_fail_memory(ctl);
        goto done;
    }

    if (!ctl_request_prepare(ctl, request, curl, &headers, answer)) {
        status = ctl_fail_told(ctl, CTL_REFUSED, "not_readable");
        goto done;
    }

    if (body != NULL) {
        (void) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    }

    code = curl_easy_perform(curl);

    if (code != CURLE_OK) {
        ctl_answer_free(answer);
        status = ctl_request_unreachable(ctl, curl, code);
        goto done;
    }

    (void) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    status = CTL_OK;

done:

    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(body);

    return status;
}


/* false after the error that the secret can't be read was printed */

static bool
ctl_request_prepare(const struct ctl *ctl, const struct ctl_request *request,
    CURL *curl, struct curl_slist **headers, struct ctl_answer *answer)
{
    bool         local;
    char         url[CTL_URL_SIZE];
    const char  *socket = ctl->socket;

    local = strncmp(socket, CTL_UNIX, sizeof(CTL_UNIX) - 1) == 0;

    (void) snprintf(url, sizeof(url), "http://%s/v1/sessions%s%s%s",
                    local ? "controller" : socket,
                    request->session != NULL ? "/" : "",
                    request->session != NULL ? request->session : "",
                    request->action);

    if (local) {
        (void) curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH,
                                socket + sizeof(CTL_UNIX) - 1);
    }

    (void) curl_easy_setopt(curl, CURLOPT_URL, url);
    (void) curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    (void) curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void) curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void) curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
                            (long) CTL_CONNECT_S);
    (void) curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long) CTL_TIMEOUT_S);
    (void) curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ctl_request_write);
    (void) curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);

    if (!ctl_request_header(headers, "Accept",
                            request->accept != NULL ? request->accept
                                                    : "application/json")
        || !ctl_request_header(headers, "Content-Type", "application/json")
        || !ctl_request_secret(ctl, headers))
    {
        return false;
    }

    (void) curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers);

    return true;
}


static bool
ctl_request_header(struct curl_slist **headers, const char *name,
    const char *value)
{
    char               *line;
    struct curl_slist  *longer;

    if (asprintf(&line, "%s: %s", name, value) == -1) {
        return false;
    }

    longer = curl_slist_append(*headers, line);

    text_wipe(line);

    if (longer != NULL) {
        *headers = longer;
    }

    return longer != NULL;
}


static bool
ctl_request_secret(const struct ctl *ctl, struct curl_slist **headers)
{
    bool   ok;
    char  *secret;

    if (ctl->secret_file == NULL) {
        return true;
    }

    secret = files_read_secret(ctl->secret_file);
    ok = secret != NULL
         && ctl_request_header(headers, "X-Whatsapp-Secret", secret);

    text_wipe(secret);

    return ok;
}


static enum ctl_exit
ctl_request_unreachable(const struct ctl *ctl, CURL *curl, CURLcode code)
{
    long         error;
    const char  *fix;

    error = 0;
    (void) curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);

    if (code == CURLE_OPERATION_TIMEDOUT) {
        fix = "look at its log: journalctl -u whatsapp-controller";

    } else if (error == EACCES) {
        fix = "run this as root, or as a user of the socket's group";

    } else {
        fix = "start it by \"systemctl start whatsapp-controller\", or name "
              "its socket by --socket";
    }

    return ctl_fail(ctl, CTL_UNREACHABLE, "unreachable", "the controller at "
                    "%s can't be reached: %s; %s", ctl->socket,
                    code == CURLE_COULDNT_CONNECT && error != 0
                    ? strerror((int) error) : curl_easy_strerror(code), fix);
}


static size_t
ctl_request_write(char *data, size_t size, size_t n, void *ctx)
{
    char               *text;
    struct ctl_answer  *answer = ctx;

    n *= size;

    if (answer->size + n > CTL_ANSWER_MAX) {
        return 0;
    }

    text = realloc(answer->text, answer->size + n + 1);

    if (text == NULL) {
        return 0;
    }

    memcpy(text + answer->size, data, n);
    answer->text = text;
    answer->size += n;
    text[answer->size] = '\0';

    return n;
}


void
ctl_answer_free(struct ctl_answer *answer)
{
    text_wipe(answer->text);
    answer->text = NULL;
    answer->size = 0;
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
