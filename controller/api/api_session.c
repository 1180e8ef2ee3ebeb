/*
 * The routes of a session: what it is doing, and its start and stop.
 */

#include <string.h>

#include "api/api_private.h"
#include "events/webhooks.h"


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
    }

    if (session == NULL) {
        server_respond_error(request, &error, NULL);
        return;
    }

    session_start(session);
    api_answer_success(request);
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

    session_restart(session);
    api_answer_success(request);
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

    return session_list_add(api->sessions, id, error);
}
