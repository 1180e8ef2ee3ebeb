/*
 * Routes and their handlers.
 */

#include <stdlib.h>
#include <string.h>

#include "api/api_private.h"
#include "api/metrics.h"
#include "options.h"


#define API_SESSIONS    "/v1/sessions"
#define API_GROUP_CALL  "/v1/call"
#define API_ALLOW_MAX   64


enum api_scope {
    API_GLOBAL = 0,
    API_SESSION,      /* the path begins with a session, which exists */
    API_CALL          /* the same, but the handler judges the request first:
                         it gets NULL for a session that doesn't exist */
};


struct api_route {
    const char     *path;     /* below the session when it has one; with a /
                                 at its end anything but a / may follow */
    const char     *method;
    enum api_scope  scope;
    void          (*handler)(struct api *api, struct server_request *request,
                             struct session *session);

    /* or NULL; the session is known unless the scope is global */

    void          (*begin)(struct api *api, struct server_request *request,
                           struct session *session);
};


/* what a request's path and method lead to */

struct api_target {
    const struct api_route  *route;       /* NULL: error says why */
    struct session          *session;
    struct error             error;
    char                     allow[API_ALLOW_MAX];    /* or "" */
};


static void api_begin(void *ctx, struct server_request *request);
static void api_request(void *ctx, struct server_request *request);
static void api_find(struct api *api, struct server_request *request,
    struct api_target *target);
static bool api_matches(const struct api_route *route, const char *path,
    bool of_session);
static struct session *api_add_session(struct api *api,
    struct server_request *request, struct error *error);
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
static void api_metrics(struct api *api, struct server_request *request,
    struct session *session);


const struct server_handlers  api_handlers = {
    api_begin,
    api_request,
    api_call_gone
};


static const struct api_route  api_routes[] = {
    { "/call", "POST", API_CALL, api_call, NULL },
    { API_GROUP_CALL, "POST", API_GLOBAL, api_call_group, NULL },
    { "/media", "POST", API_SESSION, api_media_upload,
      api_media_begin_upload },
    { API_MEDIA, "GET", API_GLOBAL, api_media_show, NULL },
    { API_MEDIA, "DELETE", API_GLOBAL, api_media_delete, NULL },
    { API_DOWNLOAD, "GET", API_GLOBAL, api_media_download, NULL },
    { "", "GET", API_SESSION, api_show, NULL },
    { "/qr", "GET", API_SESSION, api_qr, NULL },
    { "/start", "POST", API_CALL, api_start, NULL },
    { "/stop", "POST", API_SESSION, api_stop, NULL },
    { "/restart", "POST", API_SESSION, api_restart, NULL },
    { "/logout", "POST", API_SESSION, api_call_logout, NULL },
    { API_SESSIONS, "GET", API_GLOBAL, api_list, NULL },
    { "/healthz", "GET", API_GLOBAL, api_health, NULL },
    { "/readyz", "GET", API_GLOBAL, api_ready, NULL },
    { "/metrics", "GET", API_GLOBAL, api_metrics, NULL }
};


#define API_ROUTES  (sizeof(api_routes) / sizeof(api_routes[0]))


struct api *
api_create(struct event_base *base, const struct api_parts *parts,
    struct session **sessions, size_t n)
{
    struct api  *api;

    api = calloc(1, sizeof(struct api));

    if (api == NULL) {
        return NULL;
    }

    api->base = base;
    api->parts = *parts;
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


/* what will be refused anyway is refused before its body is read */

static void
api_begin(void *ctx, struct server_request *request)
{
    struct api         *api = ctx;
    struct api_target   target;

    api_find(api, request, &target);

    if (target.route == NULL
        && target.error.code == ERROR_UNKNOWN_SESSION)
    {
        server_refuse(request, &target.error);
        return;
    }

    if (target.route == NULL || target.route->begin == NULL) {
        return;
    }

    if (api->draining) {
        target.error = error_make(ERROR_SHUTTING_DOWN);
        server_refuse(request, &target.error);
        return;
    }

    target.route->begin(api, request, target.session);
}


static void
api_request(void *ctx, struct server_request *request)
{
    struct api         *api = ctx;
    struct api_target   target;

    api_find(api, request, &target);

    if (target.route == NULL) {
        server_respond_error(request, &target.error,
                             target.allow[0] != '\0' ? target.allow : NULL);
        return;
    }

    if (api->draining && target.route->handler != api_health) {
        api_refuse(request, ERROR_SHUTTING_DOWN, NULL);
        return;
    }

    target.route->handler(api, request, target.session);
}


static void
api_find(struct api *api, struct server_request *request,
    struct api_target *target)
{
    bool                     of_session;
    size_t                   i;
    const char              *path;
    const struct api_route  *route;

    memset(target, 0, sizeof(struct api_target));

    path = server_path(request);
    of_session = strncmp(path, API_SESSIONS "/", sizeof(API_SESSIONS)) == 0;

    if (of_session) {
        target->session = api_session(api, path + sizeof(API_SESSIONS),
                                      &path);
    }

    target->error = error_make(ERROR_NOT_FOUND);

    for (i = 0; i < API_ROUTES; i++) {
        route = &api_routes[i];

        if (!api_matches(route, path, of_session)) {
            continue;
        }

        if (strcmp(server_method(request), route->method) != 0) {
            target->error = error_make(ERROR_METHOD_NOT_ALLOWED);

            if (target->allow[0] != '\0') {
                strcat(target->allow, ", ");
            }

            strcat(target->allow, route->method);
            continue;
        }

        target->allow[0] = '\0';

        if (route->scope == API_SESSION && target->session == NULL) {
            target->error = error_make(ERROR_UNKNOWN_SESSION);
            return;
        }

        target->route = route;
        return;
    }
}


static bool
api_matches(const struct api_route *route, const char *path,
    bool of_session)
{
    size_t  len;

    len = strlen(route->path);

    if ((route->scope != API_GLOBAL) != of_session
        || strncmp(path, route->path, len) != 0)
    {
        return false;
    }

    if (len > 1 && route->path[len - 1] == '/') {
        return path[len] != '\0' && strchr(path + len, '/') == NULL;
    }

    return path[len] == '\0';
}


/* path is "<id>..."; *rest is what follows the id */

struct session *
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


/* a session that isn't there yet is made */

static void
api_start(struct api *api, struct server_request *request,
    struct session *session)
{
    struct error  error;

    if (session == NULL) {
        session = api_add_session(api, request, &error);
    }

    if (session == NULL) {
        server_respond_error(request, &error, NULL);
        return;
    }

    session_start(session);
    api_answer(request, json_pack("{s:b}", "success", 1));
}


static struct session *
api_add_session(struct api *api, struct server_request *request,
    struct error *error)
{
    char             id[OPTIONS_ID_LEN + 1];
    size_t           len;
    const char      *path;
    struct session  *session;

    path = server_path(request) + sizeof(API_SESSIONS);
    len = strcspn(path, "/");

    if (len == 0 || len > OPTIONS_ID_LEN
        || strspn(path, "0123456789") < len)
    {
        *error = error_make(ERROR_UNKNOWN_SESSION);
        return NULL;
    }

    memcpy(id, path, len);
    id[len] = '\0';

    session = api->parts.add(api->parts.ctx, id, error);

    if (session != NULL) {
        api->n++;
    }

    return session;
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


static void
api_metrics(struct api *api, struct server_request *request,
    struct session *session)
{
    struct metrics_parts  parts;

    (void) session;

    parts.sessions = api->sessions;
    parts.sessions_n = api->n;
    parts.table = api->parts.table;
    parts.pairs = api->parts.pairs;
    parts.media = api->parts.media;
    parts.waiters = server_waiters(request);

    server_respond_text(request, METRICS_TYPE, metrics_print(&parts));
}


/* steals result; NULL stands for no memory */

void
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


void
api_refuse(struct server_request *request, enum error_code code,
    const char *message)
{
    struct error  error;

    error = error_say(code, message);

    server_respond_error(request, &error, NULL);
}
