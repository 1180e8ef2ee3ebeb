/*
 * Routes and their handlers.
 */

#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "call.h"
#include "clock.h"


#define API_SESSIONS  "/v1/sessions"


struct api {
    struct event_base   *base;
    struct idempotency  *table;
    struct session     **sessions;
    size_t               n;
    bool                 draining;
};


/* a call on behalf of a request; freed when either is over */

struct api_call {
    struct call             call;      /* first */
    struct server_request  *request;
    json_t                 *root;
};


enum api_scope {
    API_GLOBAL = 0,
    API_SESSION,      /* the path begins with a session, which exists */
    API_CALL          /* the same, but the body is judged first: the handler
                         gets NULL for a session that doesn't exist */
};


struct api_route {
    const char     *path;     /* below the session when it has one */
    const char     *method;
    enum api_scope  scope;
    void          (*handler)(struct api *api, struct server_request *request,
                             struct session *session);
};


static void api_request(void *ctx, struct server_request *request);
static void api_dispatch(struct api *api, struct server_request *request,
    const char *path, struct session *session, bool of_session);
static struct session *api_session(struct api *api, const char *path,
    const char **rest);
static void api_call(struct api *api, struct server_request *request,
    struct session *session);
static void api_call_qr(struct api *api, struct server_request *request,
    struct session *session);
static void api_call_logout(struct api *api, struct server_request *request,
    struct session *session);
static void api_start_call(struct api *api, struct server_request *request,
    struct session *session, json_t *root, const char *method,
    enum call_scope scope);
static void api_done(struct call *call, const struct error *error,
    json_t *result);
static void api_gone(void *ctx, void *data);
static void api_list(struct api *api, struct server_request *request,
    struct session *session);
static void api_show(struct api *api, struct server_request *request,
    struct session *session);
static void api_start(struct api *api, struct server_request *request,
    struct session *session);
static void api_stop(struct api *api, struct server_request *request,
    struct session *session);
static void api_restart(struct api *api, struct server_request *request,
    struct session *session);
static void api_health(struct api *api, struct server_request *request,
    struct session *session);
static void api_ready(struct api *api, struct server_request *request,
    struct session *session);
static void api_answer(struct server_request *request, json_t *result);
static void api_refuse(struct server_request *request, enum error_code code,
    const char *message);


const struct server_handlers  api_handlers = { api_request, api_gone };


static const struct api_route  api_routes[] = {
    { "/call", "POST", API_CALL, api_call },
    { "", "GET", API_SESSION, api_show },
    { "/qr", "GET", API_SESSION, api_call_qr },
    { "/start", "POST", API_SESSION, api_start },
    { "/stop", "POST", API_SESSION, api_stop },
    { "/restart", "POST", API_SESSION, api_restart },
    { "/logout", "POST", API_SESSION, api_call_logout },
    { API_SESSIONS, "GET", API_GLOBAL, api_list },
    { "/healthz", "GET", API_GLOBAL, api_health },
    { "/readyz", "GET", API_GLOBAL, api_ready }
};


struct api *
api_create(struct event_base *base, struct idempotency *table,
    struct session **sessions, size_t n)
{
    struct api  *api;

    api = calloc(1, sizeof(struct api));

    if (api == NULL) {
        return NULL;
    }

    api->base = base;
    api->table = table;
    api->sessions = sessions;
    api->n = n;

    return api;
}


void
api_destroy(struct api *api)
{
    free(api);
}


void
api_drain(struct api *api)
{
    api->draining = true;
}


static void
api_request(void *ctx, struct server_request *request)
{
    const char      *path, *rest;
    struct api      *api = ctx;
    struct session  *session;

    path = server_path(request);

    if (strncmp(path, API_SESSIONS "/", sizeof(API_SESSIONS)) != 0) {
        api_dispatch(api, request, path, NULL, false);
        return;
    }

    session = api_session(api, path + sizeof(API_SESSIONS), &rest);

    api_dispatch(api, request, rest, session, true);
}


static void
api_dispatch(struct api *api, struct server_request *request,
    const char *path, struct session *session, bool of_session)
{
    size_t                   i;
    struct error             error;
    const struct api_route  *route;

    for (i = 0; i < sizeof(api_routes) / sizeof(api_routes[0]); i++) {
        route = &api_routes[i];

        if ((route->scope != API_GLOBAL) == of_session
            && strcmp(route->path, path) == 0)
        {
            break;
        }
    }

    if (i == sizeof(api_routes) / sizeof(api_routes[0])) {
        api_refuse(request, ERROR_NOT_FOUND, NULL);
        return;
    }

    if (strcmp(server_method(request), route->method) != 0) {
        error = error_make(ERROR_METHOD_NOT_ALLOWED);
        server_respond_error(request, &error, route->method);
        return;
    }

    if (route->scope == API_SESSION && session == NULL) {
        api_refuse(request, ERROR_UNKNOWN_SESSION, NULL);
        return;
    }

    if (api->draining && route->handler != api_health) {
        api_refuse(request, ERROR_SHUTTING_DOWN, NULL);
        return;
    }

    route->handler(api, request, session);
}


/* path is "<id>..."; *rest is what follows the id */

static struct session *
api_session(struct api *api, const char *path, const char **rest)
{
    size_t       i, len;
    const char  *id;

    len = strcspn(path, "/");
    *rest = path + len;

    for (i = 0; i < api->n; i++) {
        id = session_id(api->sessions[i]);

        if (strlen(id) == len && memcmp(id, path, len) == 0) {
            return api->sessions[i];
        }
    }

    return NULL;
}


static void
api_call(struct api *api, struct server_request *request,
    struct session *session)
{
    size_t       size;
    json_t      *root;
    const char  *body, *method;

    body = server_body(request, &size);
    root = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
    method = json_string_value(json_object_get(root, "method"));

    if (root == NULL || method == NULL
        || !json_is_object(json_object_get(root, "params")))
    {
        json_decref(root);
        api_refuse(request, ERROR_BAD_REQUEST, "The body must be a JSON "
                   "object with \"method\" and \"params\"");
        return;
    }

    if (session == NULL) {
        json_decref(root);
        api_refuse(request, ERROR_UNKNOWN_SESSION, NULL);
        return;
    }

    api_start_call(api, request, session, root, method, CALL_PUBLIC);
}


static void
api_call_qr(struct api *api, struct server_request *request,
    struct session *session)
{
    api_start_call(api, request, session, NULL, "session.qr", CALL_PRIVATE);
}


static void
api_call_logout(struct api *api, struct server_request *request,
    struct session *session)
{
    api_start_call(api, request, session, NULL, "session.logout",
                   CALL_PRIVATE);
}


/* steals root */

static void
api_start_call(struct api *api, struct server_request *request,
    struct session *session, json_t *root, const char *method,
    enum call_scope scope)
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

    started->root = root;
    started->request = request;

    call = &started->call;
    call->session = session;
    call->table = api->table;
    call->base = api->base;
    call->params = json_object_get(root, "params");
    call->key = server_key(request);
    call->body = server_body(request, &call->body_size);
    call->arrived = clock_ms();
    call->deadline_ms = server_deadline(request);
    call->done = api_done;

    server_keep(request, started);

    call_start(call, method, scope);
}


static void
api_done(struct call *call, const struct error *error, json_t *result)
{
    struct api_call        *started = (struct api_call *) call;
    struct server_request  *request;

    request = started->request;

    json_decref(started->root);
    free(started);

    if (error != NULL) {
        server_respond_error(request, error, NULL);

    } else {
        api_answer(request, result);
    }
}


static void
api_gone(void *ctx, void *data)
{
    struct api_call  *started = data;

    (void) ctx;

    call_forget(&started->call);

    json_decref(started->root);
    free(started);
}


static void
api_list(struct api *api, struct server_request *request,
    struct session *session)
{
    size_t   i;
    json_t  *list;

    (void) session;

    list = json_array();

    for (i = 0; i < api->n; i++) {
        if (json_array_append_new(list, session_json(api->sessions[i]))
            != 0)
        {
            json_decref(list);
            list = NULL;
            break;
        }
    }

    api_answer(request, json_pack("{s:o}", "sessions", list));
}


static void
api_show(struct api *api, struct server_request *request,
    struct session *session)
{
    (void) api;

    api_answer(request, session_json(session));
}


static void
api_start(struct api *api, struct server_request *request,
    struct session *session)
{
    (void) api;

    session_start(session);
    api_answer(request, json_pack("{s:b}", "success", 1));
}


static void
api_stop(struct api *api, struct server_request *request,
    struct session *session)
{
    (void) api;

    session_stop(session);
    api_answer(request, json_pack("{s:b}", "success", 1));
}


static void
api_restart(struct api *api, struct server_request *request,
    struct session *session)
{
    (void) api;

    session_restart(session);
    api_answer(request, json_pack("{s:b}", "success", 1));
}


static void
api_health(struct api *api, struct server_request *request,
    struct session *session)
{
    (void) api;
    (void) session;

    api_answer(request, json_pack("{s:s}", "status", "ok"));
}


static void
api_ready(struct api *api, struct server_request *request,
    struct session *session)
{
    size_t  i;

    (void) session;

    for (i = 0; i < api->n; i++) {
        if (session_state(api->sessions[i]) == SESSION_READY) {
            api_answer(request, json_pack("{s:s}", "status", "ready"));
            return;
        }
    }

    api_refuse(request, ERROR_SESSION_NOT_READY, "No session is ready");
}


/* steals result; NULL stands for no memory */

static void
api_answer(struct server_request *request, json_t *result)
{
    char  *body;

    body = NULL;

    if (result != NULL) {
        body = json_dumps(result, JSON_COMPACT);
        json_decref(result);
    }

    server_respond(request, 200, body, NULL);
}


static void
api_refuse(struct server_request *request, enum error_code code,
    const char *message)
{
    struct error  error;

    error = error_say(code, message);

    server_respond_error(request, &error, NULL);
}
