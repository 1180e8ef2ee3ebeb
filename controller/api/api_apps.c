/*
 * app.list, app.subscribe and app.unsubscribe: where the events of sessions
 * are delivered to.  "account" is the number of the client's path: the id of a
 * session, or any other number, which stands for all sessions that the token
 * may see.
 */

#include <stdlib.h>
#include <string.h>

#include "api/api_private.h"
#include "events/webhook_url.h"
#include "events/webhooks.h"
#include "protocol/limits.h"


/* challenges at once */

#define API_APPS_MAX  16


/* the webhooks that a request is about */

struct api_webhooks {
    struct webhook  **list;
    size_t            n;
};


/* a request that waits for the end of a challenge */

struct api_app {
    struct api_kept            kept;    /* first */
    struct api                *api;
    struct server_request     *request;
    struct webhook_challenge  *challenge;
    struct api_webhooks        webhooks;
    char                      *url;
};


static void api_app_list(struct server_request *request,
    const struct api_webhooks *webhooks);
static void api_app_remove(struct api *api, struct server_request *request,
    const struct api_webhooks *webhooks);
static void api_app_subscribe(struct api *api,
    struct server_request *request, json_t *params,
    struct api_webhooks *webhooks);
static bool api_app_check(struct api *api, json_t *params,
    const struct api_webhooks *webhooks, struct error *error);
static void api_app_on_challenge(void *ctx, const char *wrong);
static void api_app_gone(struct api_kept *kept);
static void api_app_destroy(struct api_app *app);
static bool api_webhooks_choose(struct api *api, json_t *params,
    struct api_webhooks *webhooks, struct error *error);


bool
api_app(struct api *api, struct server_request *request, const char *method,
    json_t *params)
{
    bool                  list, add;
    struct error          error;
    struct api_webhooks   webhooks;

    list = strcmp(method, "app.list") == 0;
    add = strcmp(method, "app.subscribe") == 0;

    if (!list && !add && strcmp(method, "app.unsubscribe") != 0) {
        return false;
    }

    memset(&webhooks, 0, sizeof(webhooks));

    if (!api_webhooks_choose(api, params, &webhooks, &error)) {
        server_respond_error(request, &error, NULL);

    } else if (list) {
        api_app_list(request, &webhooks);

    } else if (add && json_object_get(params, "override_callback_uri") != NULL)
    {
        api_app_subscribe(api, request, params, &webhooks);

    } else if (add && json_object_get(params, "verify_token") != NULL) {
        api_refuse(request, ERROR_MISSING_PARAMETER,
                   "override_callback_uri is missing");

    } else {
        api_app_remove(api, request, &webhooks);
    }

    free(webhooks.list);

    return true;
}


/* one app; its URL is shown if it is the same for all */

static void
api_app_list(struct server_request *request,
    const struct api_webhooks *webhooks)
{
    size_t       i;
    const char  *url, *other;

    url = webhooks->n != 0 ? webhook_override(webhooks->list[0]) : NULL;

    for (i = 1; i < webhooks->n && url != NULL; i++) {
        other = webhook_override(webhooks->list[i]);
        url = other != NULL && strcmp(url, other) == 0 ? url : NULL;
    }

    api_answer(request, json_pack("{s:[{s:{s:s, s:s, s:s}, s:s*}]}", "data",
                                  "whatsapp_business_api_data",
                                  "id", "1",
                                  "name", "whatsapp",
                                  "link", "https://www.whatsapp.com/",
                                  "override_callback_uri", url));
}


static void
api_app_remove(struct api *api, struct server_request *request,
    const struct api_webhooks *webhooks)
{
    size_t  i, set;

    set = 0;

    for (i = 0; i < webhooks->n; i++) {
        set += webhook_override(webhooks->list[i]) != NULL;
    }

    if (set != 0
        && !webhooks_set_override(api->services->webhooks, webhooks->list,
                                  webhooks->n, NULL))
    {
        api_refuse(request, ERROR_NOT_KEPT, NULL);
        return;
    }

    api_answer_success(request);
}


static void
api_app_subscribe(struct api *api, struct server_request *request,
    json_t *params, struct api_webhooks *webhooks)
{
    const char      *url, *verify_token;
    struct error     error;
    struct api_app  *app;

    if (!api_app_check(api, params, webhooks, &error)) {
        server_respond_error(request, &error, NULL);
        return;
    }

    if (webhooks->n == 0) {
        api_refuse(request, ERROR_UNKNOWN_SESSION, NULL);
        return;
    }

    url = json_string_value(json_object_get(params, "override_callback_uri"));
    verify_token = json_string_value(json_object_get(params, "verify_token"));

    app = calloc(1, sizeof(struct api_app));

    if (app == NULL) {
        error = error_memory();
        server_respond_error(request, &error, NULL);
        return;
    }

    app->kept.gone = api_app_gone;
    app->api = api;
    app->request = request;
    app->url = strdup(url);

    if (app->url != NULL) {
        app->challenge = webhooks_challenge(api->services->webhooks,
                                            webhooks->list[0], url,
                                            verify_token,
                                            api_app_on_challenge, app);
    }

    api->challenges++;

    if (app->challenge == NULL) {
        api_app_destroy(app);
        error = error_memory();
        server_respond_error(request, &error, NULL);
        return;
    }

    app->webhooks = *webhooks;
    webhooks->list = NULL;

    server_keep(request, &app->kept);
}


static bool
api_app_check(struct api *api, json_t *params,
    const struct api_webhooks *webhooks, struct error *error)
{
    size_t       i;
    const char  *url, *verify_token;

    url = json_string_value(json_object_get(params, "override_callback_uri"));
    verify_token = json_string_value(json_object_get(params, "verify_token"));

    if (verify_token == NULL || *verify_token == '\0') {
        return error_set(error, ERROR_MISSING_PARAMETER,
                         "verify_token is missing");
    }

    if (url == NULL || !webhook_url_valid(url) || webhook_url_has_user(url)
        || strlen(verify_token) > WHATSAPP_VERIFY_TOKEN_MAX * 4)
    {
        return error_set(error, ERROR_INVALID_PARAMETER,
                         "override_callback_uri must be an http or https URL "
                         "without a user, a password and a fragment");
    }

    for (i = 0; i < webhooks->n; i++) {
        if (!webhook_settings(webhooks->list[i])->overrides) {
            return error_set(error, ERROR_FORBIDDEN_ACTION,
                             "The operator of this server does not let "
                             "clients set callback URLs");
        }
    }

    if (webhooks->n == 0) {
        return error_set(error, ERROR_UNKNOWN_SESSION, NULL);
    }

    if (api->challenges == API_APPS_MAX) {
        return error_set(error, ERROR_QUEUE_FULL,
                         "Too many callback URLs are being verified");
    }

    return true;
}


static void
api_app_on_challenge(void *ctx, const char *wrong)
{
    struct api_app         *app = ctx;
    struct webhooks        *webhooks = app->api->services->webhooks;
    struct server_request  *request = app->request;

    app->challenge = NULL;

    if (wrong != NULL) {
        api_refuse(request, ERROR_CALLBACK_FAILED, wrong);

    } else if (!webhooks_set_override(webhooks, app->webhooks.list,
                                      app->webhooks.n, app->url))
    {
        api_refuse(request, ERROR_NOT_KEPT, NULL);

    } else {
        api_answer_success(request);
    }

    api_app_destroy(app);
}


static void
api_app_gone(struct api_kept *kept)
{
    api_app_destroy((struct api_app *) kept);
}


static void
api_app_destroy(struct api_app *app)
{
    app->api->challenges--;

    webhook_challenge_cancel(app->challenge);
    free(app->webhooks.list);
    free(app->url);
    free(app);
}


/* the caller frees webhooks->list */

static bool
api_webhooks_choose(struct api *api, json_t *params,
    struct api_webhooks *webhooks, struct error *error)
{
    size_t           i, n;
    json_t          *sessions;
    const char      *account, *name;
    struct webhook  *webhook;

    account = json_string_value(json_object_get(params, "account"));

    if (account == NULL || !api_sessions_read(params, &sessions)) {
        return error_set(error, ERROR_INVALID_PARAMETER,
                         "\"account\" must be a number, and \"sessions\" a "
                         "list of ids");
    }

    n = session_list_size(api->sessions);
    webhooks->list = calloc(n + 1, sizeof(struct webhook *));

    if (webhooks->list == NULL) {
        *error = error_memory();
        return false;
    }

    webhook = webhooks_find(api->services->webhooks, account);

    for (i = 0; webhook == NULL && i < n; i++) {
        name = session_id(session_list_get(api->sessions, i));

        if (api_sessions_have(sessions, name)) {
            webhooks->list[webhooks->n++]
                = webhooks_find(api->services->webhooks, name);
        }
    }

    if (webhook == NULL) {
        return true;
    }

    if (!api_sessions_have(sessions, account)) {
        return error_set(error, ERROR_FORBIDDEN_ACTION,
                         "The access token is not for this phone_number_id");
    }

    webhooks->list[webhooks->n++] = webhook;

    return true;
}
