/*
 * The routes of a session: what it is doing, its start and stop, and its end
 * for good.
 */

#include <stdlib.h>
#include <string.h>

#include "api/api_private.h"
#include "calls/erasure.h"
#include "events/webhooks.h"
#include "session/session_erasure.h"


/* a request that waits for the end of an erasure */

struct api_erasure {
    struct api_kept         kept;    /* first */
    struct server_request  *request;
    struct erasure         *erasure;
};


static bool api_session_kept(const struct session *session,
    struct server_request *request);
static bool api_session_confirmed(struct server_request *request,
    const struct session *session, struct error *error);
static void api_session_forgotten(void *ctx, bool told,
    const struct error *error);
static void api_session_left(struct api_kept *kept);
static struct session *api_session_add(struct api *api,
    struct server_request *request, struct error *error);


struct session *
api_session_find(struct api *api, const char *path, const char **rest)
{
    size_t  len;

    len = strcspn(path, "/");
    *rest = path + len;

    return session_list_find(api->sessions, path, len);
}


void
api_session_show(struct api *api, struct server_request *request,
    struct session *session)
{
    api_answer(request, api_session_add_webhook(api, session,
                                                session_json(session)));
}


json_t *
api_session_add_webhook(struct api *api, const struct session *session,
    json_t *object)
{
    struct webhook  *webhook;

    webhook = webhooks_find(api->services->webhooks, session_id(session));

    if (object != NULL
        && json_object_set_new(object, "webhook", webhook_json(webhook)) != 0)
    {
        json_decref(object);
        return NULL;
    }

    return object;
}


void
api_session_start(struct api *api, struct server_request *request,
    struct session *session)
{
    struct error  error;

    if (session == NULL) {
        session = api_session_add(api, request, &error);

    } else if (!session_launched(session)
               && !session_list_check_room(api->sessions, session_id(session),
                                           &error))
    {
        session = NULL;
    }

    if (session == NULL) {
        server_respond_error(request, &error, NULL);
        return;
    }

    if (api_session_kept(session, request)) {
        session_start(session);
        api_answer_success(request);
    }
}


void
api_session_stop(struct api *api, struct server_request *request,
    struct session *session)
{
    (void) api;

    session_stop(session);
    api_answer_success(request);
}


void
api_session_restart(struct api *api, struct server_request *request,
    struct session *session)
{
    (void) api;

    if (api_session_kept(session, request)) {
        session_restart(session);
        api_answer_success(request);
    }
}


void
api_session_forget(struct api *api, struct server_request *request,
    struct session *session)
{
    struct error         error;
    struct api_erasure  *waiting;

    if (!api_session_confirmed(request, session, &error)) {
        server_respond_error(request, &error, NULL);
        return;
    }

    waiting = calloc(1, sizeof(struct api_erasure));

    if (waiting == NULL) {
        error = error_memory();
        server_respond_error(request, &error, NULL);
        return;
    }

    waiting->kept.gone = api_session_left;
    waiting->request = request;
    waiting->erasure = erasures_start(api->services->erasures, session,
                                      api_session_forgotten, waiting, &error);

    if (waiting->erasure == NULL) {
        free(waiting);
        server_respond_error(request, &error, NULL);
        return;
    }

    server_keep(request, &waiting->kept);
}


/* false: the request was refused, as the session is being forgotten */

static bool
api_session_kept(const struct session *session,
    struct server_request *request)
{
    struct error  error;

    if (!session_erasure_runs(session)) {
        return true;
    }

    (void) session_check(session, &error);
    server_respond_error(request, &error, NULL);

    return false;
}


static bool
api_session_confirmed(struct server_request *request,
    const struct session *session, struct error *error)
{
    bool         confirmed;
    size_t       size;
    json_t      *root;
    const char  *body, *confirm;

    body = server_body(request, &size);
    root = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
    confirm = json_string_value(json_object_get(root, "confirm"));

    if (confirm == NULL) {
        json_decref(root);
        return error_set(error, ERROR_MISSING_PARAMETER,
                         "\"confirm\" is missing: it must be the session's "
                         "id");
    }

    confirmed = strcmp(confirm, session_id(session)) == 0;

    json_decref(root);

    return confirmed
           || error_set(error, ERROR_INVALID_PARAMETER,
                        "\"confirm\" must be the session's id");
}


static void
api_session_forgotten(void *ctx, bool told, const struct error *error)
{
    struct api_erasure     *waiting = ctx;
    struct server_request  *request = waiting->request;

    free(waiting);

    if (error != NULL) {
        server_respond_error(request, error, NULL);
        return;
    }

    api_answer(request, json_pack("{s:b, s:b}", "success", 1, "logged_out",
                                  told));
}


static void
api_session_left(struct api_kept *kept)
{
    struct api_erasure  *waiting = (struct api_erasure *) kept;

    erasure_leave(waiting->erasure);
    free(waiting);
}


static struct session *
api_session_add(struct api *api, struct server_request *request,
    struct error *error)
{
    char         id[SESSION_ID_LEN + 1];
    size_t       len;
    const char  *path;

    path = server_path(request) + sizeof(API_SESSIONS);
    len = strcspn(path, "/");

    if (len == 0 || len > SESSION_ID_LEN
        || strspn(path, "0123456789") < len)
    {
        *error = error_make(ERROR_UNKNOWN_SESSION);
        return NULL;
    }

    memcpy(id, path, len);
    id[len] = '\0';

    /* an id that nobody has given before stays out of the log */

    return session_list_check_room(api->sessions, "another", error)
           ? session_list_add(api->sessions, id, error) : NULL;
}
