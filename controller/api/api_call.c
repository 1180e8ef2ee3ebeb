/*
 * Calls that requests start.  A request and its call end together: the call's
 * end answers the request, and the end of the request makes the call be
 * forgotten.
 */

#include <stdlib.h>
#include <string.h>

#include "api/api_private.h"
#include "base/clock.h"
#include "base/group_id.h"


/* levels of JSON in a body; Chromium does not answer what is too deep */

#define API_CALL_DEPTH_MAX  32


/* kept with the request; freed when the call or the request is over */

struct api_call {
    struct api_kept         kept;      /* first */
    struct call             call;
    struct server_request  *request;
    json_t                 *root;
    api_answer_pt           answer;
};


static json_t *api_call_read(struct server_request *request,
    const char **method);
static bool api_call_shallow(json_t *value, unsigned depth);
static void api_call_gone(struct api_kept *kept);
static void api_call_done(struct call *call, const struct error *error,
    json_t *result);


void
api_call(struct api *api, struct server_request *request,
    struct session *session)
{
    json_t      *root;
    const char  *method;

    root = api_call_read(request, &method);

    if (root == NULL) {
        return;
    }

    api_call_public(api, request, session, root, method,
                    ERROR_UNKNOWN_SESSION);
}


void
api_call_any(struct api *api, struct server_request *request,
    struct session *session)
{
    json_t      *root, *params;
    const char  *method, *text;

    root = api_call_read(request, &method);

    if (root == NULL) {
        return;
    }

    params = json_object_get(root, "params");

    if (strcmp(method, "phone_number.list") == 0) {
        api_phone_number_list(api, request, params);
        json_decref(root);
        return;
    }

    if (strcmp(method, "session.list") == 0) {
        api_session_list_some(api, request, params);
        json_decref(root);
        return;
    }

    if (api_app(api, request, method, params)) {
        json_decref(root);
        return;
    }

    text = json_string_value(json_object_get(params, "group"));
    session = api_call_group_session(api, request, text);

    api_call_public(api, request, session, root, method,
                    ERROR_GROUP_NOT_FOUND);
}


/* phone_number_id excludes the groups of all other sessions */

struct session *
api_call_group_session(struct api *api, struct server_request *request,
    const char *group)
{
    char         id[GROUP_SESSION_SIZE], wid[WAMID_WID_SIZE];
    const char  *only, *rest;

    only = server_query(request, "phone_number_id");

    if (group == NULL
        || !group_id_open(api->services->seal, group, id, wid)
        || (only != NULL && *only != '\0' && strcmp(only, id) != 0))
    {
        return NULL;
    }

    return api_session_find(api, id, &rest);
}


void
api_call_logout(struct api *api, struct server_request *request,
    struct session *session)
{
    /* there is nothing to be logged out: what waits to be linked is ended */

    if (session_unlinked(session)) {
        session_stop(session);
        api_answer_success(request);
        return;
    }

    api_call_start(api, request, session, NULL, "session.logout",
                   METHOD_PRIVATE, api_answer);
}


void
api_call_start(struct api *api, struct server_request *request,
    struct session *session, json_t *root, const char *method,
    enum method_scope scope, api_answer_pt answer)
{
    struct call      *call;
    struct error      error;
    struct api_call  *started;

    started = calloc(1, sizeof(struct api_call));

    if (started == NULL) {
        json_decref(root);
        error = error_memory();
        server_respond_error(request, &error, NULL);
        return;
    }

    started->kept.gone = api_call_gone;
    started->root = root;
    started->request = request;
    started->answer = answer;

    call = &started->call;
    call->session = session;
    call->services = api->services;
    call->params = json_object_get(root, "params");
    call->key = server_key(request);
    call->scope = server_scope(request);
    call->body = server_body(request, &call->body_size);
    call->arrived = clock_ms();
    call->deadline_ms = server_deadline(request);
    call->done = api_call_done;

    server_keep(request, started);

    method_start(call, method, scope);
}


/* returns NULL after the request was refused */

static json_t *
api_call_read(struct server_request *request, const char **method)
{
    size_t       size;
    json_t      *root;
    const char  *body;

    body = server_body(request, &size);
    root = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
    *method = json_string_value(json_object_get(root, "method"));

    if (root == NULL || *method == NULL
        || !api_call_shallow(root, API_CALL_DEPTH_MAX)
        || !json_is_object(json_object_get(root, "params")))
    {
        json_decref(root);
        api_refuse(request, ERROR_BAD_REQUEST, "The body must be a JSON "
                   "object with \"method\" and \"params\"");
        return NULL;
    }

    return root;
}


void
api_call_public(struct api *api, struct server_request *request,
    struct session *session, json_t *root, const char *method,
    enum error_code missing)
{
    if (session == NULL) {
        json_decref(root);
        api_refuse(request, missing, NULL);
        return;
    }

    /* a send that is known is answered, and a new one refused by itself */

    if (api->draining && strcmp(method, "message.send") != 0) {
        json_decref(root);
        api_refuse(request, ERROR_SHUTTING_DOWN, NULL);
        return;
    }

    api_call_start(api, request, session, root, method, METHOD_PUBLIC,
                   api_answer);
}


/* whether a value is nested no deeper than depth */

static bool
api_call_shallow(json_t *value, unsigned depth)
{
    size_t       i;
    json_t      *item;
    const char  *name;

    if (!json_is_object(value) && !json_is_array(value)) {
        return true;
    }

    if (depth == 0) {
        return false;
    }

    json_array_foreach(value, i, item) {
        if (!api_call_shallow(item, depth - 1)) {
            return false;
        }
    }

    json_object_foreach(value, name, item) {
        if (!api_call_shallow(item, depth - 1)) {
            return false;
        }
    }

    return true;
}


static void
api_call_gone(struct api_kept *kept)
{
    struct api_call  *started = (struct api_call *) kept;

    method_forget(&started->call);

    json_decref(started->root);
    free(started);
}


static void
api_call_done(struct call *call, const struct error *error, json_t *result)
{
    struct api_call        *started;
    api_answer_pt           answer;
    struct server_request  *request;

    started = (struct api_call *) ((char *) call
                                   - offsetof(struct api_call, call));
    request = started->request;
    answer = call->nothing_done ? api_answer_failures : started->answer;

    json_decref(started->root);
    free(started);

    if (error != NULL) {
        server_respond_error(request, error, NULL);

    } else {
        answer(request, result);
    }
}
