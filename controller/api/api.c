/*
 * The table of routes, and how a request finds its handler.  Most handlers are
 * in the files api_*.c; this file calls them, and none of them calls it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api_private.h"
#include "api/metrics.h"


#define API_ALLOW_MAX   64
#define API_READY_SIZE  128


enum api_scope {
    API_GLOBAL = 0,
    API_SESSION,      /* the path names a session, which exists */
    API_CALL          /* the path names a session; the handler gets NULL for
                         one that does not exist, as it reports other errors
                         of the request first */
};


struct api_route {
    const char     *path;     /* behind the session's id, if it has a session;
                                 a path that ends with a / goes on with a
                                 name, which has no / */
    const char     *method;
    enum api_scope  scope;
    void          (*handler)(struct api *api, struct server_request *request,
                             struct session *session);

    /* called before the body is read; NULL: nothing is to be done then */

    void          (*begin)(struct api *api, struct server_request *request,
                           struct session *session);
};


/* the route of a request's path and method */

struct api_target {
    const struct api_route  *route;       /* NULL: error says why */
    struct session          *session;
    struct error             error;
    char                     allow[API_ALLOW_MAX];    /* or "" */
};


static void api_begin(void *ctx, struct server_request *request);
static void api_request(void *ctx, struct server_request *request);
static void api_gone(void *ctx, void *data);
static void api_find_route(struct api *api, struct server_request *request,
    struct api_target *target);
static bool api_route_matches(const struct api_route *route, const char *path,
    bool of_session);
static void api_health(struct api *api, struct server_request *request,
    struct session *session);
static void api_ready(struct api *api, struct server_request *request,
    struct session *session);
static void api_metrics(struct api *api, struct server_request *request,
    struct session *session);


const struct server_handlers  api_handlers = {
    api_begin,
    api_request,
    api_gone
};


static const struct api_route  api_routes[] = {
    { "/call", "POST", API_CALL, api_call, NULL },
    { "/v1/call", "POST", API_GLOBAL, api_call_any, NULL },
    { "/media", "POST", API_SESSION, api_media_upload,
      api_media_begin_upload },
    { API_GROUPS, "POST", API_GLOBAL, api_group_update, api_group_begin },
    { API_MEDIA, "GET", API_GLOBAL, api_media_show, NULL },
    { API_MEDIA, "DELETE", API_GLOBAL, api_media_delete, NULL },
    { API_DOWNLOAD, "GET", API_GLOBAL, api_media_download, NULL },
    { "", "GET", API_SESSION, api_session_show, NULL },
    { "/qr", "GET", API_SESSION, api_qr, NULL },
    { "/events", "GET", API_SESSION, api_events, NULL },
    { "/start", "POST", API_CALL, api_session_start, NULL },
    { "/stop", "POST", API_SESSION, api_session_stop, NULL },
    { "/restart", "POST", API_SESSION, api_session_restart, NULL },
    { "/logout", "POST", API_SESSION, api_call_logout, NULL },
    { "/forget", "POST", API_SESSION, api_session_forget, NULL },
    { API_SESSIONS, "GET", API_GLOBAL, api_session_list, NULL },
    { "/healthz", "GET", API_GLOBAL, api_health, NULL },
    { "/readyz", "GET", API_GLOBAL, api_ready, NULL },
    { "/metrics", "GET", API_GLOBAL, api_metrics, NULL }
};


#define API_ROUTES  (sizeof(api_routes) / sizeof(api_routes[0]))


struct api *
api_create(const struct services *services, struct session_list *sessions,
    const struct api_config *config)
{
    struct api  *api;

    api = calloc(1, sizeof(struct api));

    if (api == NULL) {
        return NULL;
    }

    api->services = services;
    api->sessions = sessions;
    api->streams.max = config->streams_max;
    api->streams.per_token = config->streams_per_token;

    LIST_INIT(&api->streams.list);

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


/* an upload is refused before its body is read, where that is possible */

static void
api_begin(void *ctx, struct server_request *request)
{
    struct api         *api = ctx;
    struct api_target   target;

    api_find_route(api, request, &target);

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

    api_find_route(api, request, &target);

    if (target.route == NULL) {
        server_respond_error(request, &target.error,
                             target.allow[0] != '\0' ? target.allow : NULL);
        return;
    }

    /* calls are let in, as one may be the repeat of a send (api_call.c) */

    if (api->draining && target.route->handler != api_health
        && target.route->handler != api_call)
    {
        api_refuse(request, ERROR_SHUTTING_DOWN, NULL);
        return;
    }

    target.route->handler(api, request, target.session);
}


static void
api_gone(void *ctx, void *data)
{
    struct api_kept  *kept = data;

    (void) ctx;

    kept->gone(kept);
}


static void
api_find_route(struct api *api, struct server_request *request,
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
        target->session = api_session_find(api, path + sizeof(API_SESSIONS),
                                           &path);
    }

    target->error = error_make(ERROR_NOT_FOUND);

    for (i = 0; i < API_ROUTES; i++) {
        route = &api_routes[i];

        if (!api_route_matches(route, path, of_session)) {
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
api_route_matches(const struct api_route *route, const char *path,
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


static void
api_health(struct api *api, struct server_request *request,
    struct session *session)
{
    (void) api;
    (void) session;

    api_answer(request, json_pack("{s:s}", "status", "ok"));
}


/* a host that starts many sessions says how far it is */

static void
api_ready(struct api *api, struct server_request *request,
    struct session *session)
{
    char             text[API_READY_SIZE];
    size_t           i, starting, waiting;
    struct error     error;
    struct session  *one;

    (void) session;

    starting = 0;
    waiting = 0;

    for (i = 0; i < session_list_size(api->sessions); i++) {
        one = session_list_get(api->sessions, i);

        if (session_state(one) == SESSION_READY) {
            api_answer(request, json_pack("{s:s}", "status", "ready"));
            return;
        }

        starting += session_state(one) == SESSION_STARTING;
        waiting += session_place(one) != 0;
    }

    error = error_say(ERROR_SESSION_NOT_READY, "No session is ready");

    if (starting != 0) {
        (void) snprintf(text, sizeof(text), "No session is ready: %zu %s "
                        "starting, %zu wait for their turn", starting,
                        starting == 1 ? "is" : "are", waiting);
        error.message = text;
        error.state = session_state_name(SESSION_STARTING);
    }

    server_respond_error(request, &error, NULL);
}


static void
api_metrics(struct api *api, struct server_request *request,
    struct session *session)
{
    struct metrics_parts      parts;
    struct server_feed_stats  feeds;

    (void) session;

    feeds = server_feeds(request);

    parts.sessions = api->sessions;
    parts.services = api->services;
    parts.waiters = server_waiters(request);
    parts.streams = feeds.open;
    parts.streams_refused = api->streams.refused;
    parts.streams_dropped = feeds.stalled;
    parts.stream_gaps = api->streams.gaps;

    server_respond_text(request, METRICS_TYPE, metrics_print(&parts));
}
