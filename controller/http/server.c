/*
 * libmicrohttpd on our event loop: its epoll descriptor is nested in ours.  A
 * request that waits for the page is suspended; meanwhile our own event on
 * the connection's descriptor tells when the peer leaves.
 */

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/server_private.h"


/* what a connection's headers may take */

#define SERVER_MEMORY  (16 * 1024)

/* seconds; longer than nginx keeps its connections */

#define SERVER_IDLE    120


static struct MHD_Daemon *server_daemon(struct server *server);
static void server_run(int fd, short what, void *ctx);
static void server_on_connection(void *ctx, struct MHD_Connection *mhd,
    void **context, enum MHD_ConnectionNotificationCode code);
static struct server_connection *server_connect(struct server *server,
    struct MHD_Connection *mhd);
static void server_on_closed(int fd, short what, void *ctx);
static bool server_pipelined(int fd);
static void server_suspend(struct server_request *request);
static void server_leave(struct server_connection *connection);
static enum MHD_Result server_on_request(void *ctx,
    struct MHD_Connection *mhd, const char *path, const char *method,
    const char *version, const char *data, size_t *size, void **context);
static void server_on_completed(void *ctx, struct MHD_Connection *mhd,
    void **context, enum MHD_RequestTerminationCode code);
static enum MHD_Result server_begin(struct server *server,
    struct MHD_Connection *mhd, const char *path, const char *method,
    void **context);
static void server_begin_stream(struct server_request *request);
static void server_end_stream(struct server_request *request);
static void server_refuse_size(struct server_request *request);
static uint64_t server_limit(const struct server_request *request);
static bool server_read(struct server_request *request, const char *data,
    size_t size);
static enum MHD_Result server_handle(struct server_request *request);
static enum MHD_Result server_send(struct server_request *request);


struct server *
server_create(struct event_base *base, struct log *log,
    const struct server_config *config,
    const struct server_handlers *handlers, void *ctx)
{
    struct timeval                  now;
    struct server                  *server;
    const union MHD_DaemonInfo     *info;

    server = calloc(1, sizeof(struct server));

    if (server == NULL) {
        return NULL;
    }

    server->base = base;
    server->log = log;
    server->config = *config;
    server->handlers = *handlers;
    server->ctx = ctx;

    LIST_INIT(&server->connections);

    server->timer = evtimer_new(base, server_run, server);
    server->daemon = server_daemon(server);

    if (server->timer == NULL || server->daemon == NULL) {
        server_destroy(server);
        return NULL;
    }

    info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);

    if (info != NULL) {
        server->ready = event_new(base, info->epoll_fd, EV_READ | EV_PERSIST,
                                  server_run, server);
    }

    if (server->ready == NULL || event_add(server->ready, NULL) != 0) {
        server_destroy(server);
        return NULL;
    }

    timerclear(&now);
    (void) evtimer_add(server->timer, &now);

    return server;
}


void
server_quiesce(struct server *server)
{
    int  fd;

    if (server->quiet) {
        return;
    }

    server->quiet = true;

    fd = MHD_quiesce_daemon(server->daemon);

    if (fd != -1) {
        (void) close(fd);
    }
}


bool
server_busy(const struct server *server)
{
    return server->requests != 0;
}


void
server_destroy(struct server *server)
{
    struct server_connection  *connection;

    if (server == NULL) {
        return;
    }

    LIST_FOREACH(connection, &server->connections, link) {
        if (connection->request != NULL) {
            server_leave(connection);
        }
    }

    if (server->daemon != NULL) {
        MHD_stop_daemon(server->daemon);
    }

    if (server->ready != NULL) {
        event_free(server->ready);
    }

    if (server->timer != NULL) {
        event_free(server->timer);
    }

    free(server);
}


static struct MHD_Daemon *
server_daemon(struct server *server)
{
    /* MHD's own log is off: it would quote what peers sent */

    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME
                            | MHD_USE_SUPPRESS_DATE_NO_CLOCK,
                            0, NULL, NULL, server_on_request, server,
                            MHD_OPTION_LISTEN_SOCKET, server->config.fd,
                            MHD_OPTION_NOTIFY_CONNECTION,
                            server_on_connection, server,
                            MHD_OPTION_NOTIFY_COMPLETED,
                            server_on_completed, server,
                            MHD_OPTION_CONNECTION_LIMIT,
                            server->config.connections,
                            MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned) SERVER_IDLE,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t) SERVER_MEMORY,
                            MHD_OPTION_STRICT_FOR_CLIENT, 1,
                            MHD_OPTION_END);
}


static void
server_run(int fd, short what, void *ctx)
{
    struct timeval       tv;
    struct server       *server = ctx;
    MHD_UNSIGNED_LONG_LONG  ms;

    (void) fd;
    (void) what;

    (void) MHD_run(server->daemon);

    if (MHD_get_timeout(server->daemon, &ms) != MHD_YES) {
        (void) event_del(server->timer);
        return;
    }

    tv.tv_sec = (time_t) (ms / 1000);
    tv.tv_usec = (suseconds_t) (ms % 1000 * 1000);

    (void) evtimer_add(server->timer, &tv);
}


static void
server_on_connection(void *ctx, struct MHD_Connection *mhd, void **context,
    enum MHD_ConnectionNotificationCode code)
{
    struct server_connection  *connection;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = server_connect(ctx, mhd);
        return;
    }

    connection = *context;

    if (connection != NULL) {
        LIST_REMOVE(connection, link);
        event_free(connection->closed);
        free(connection);
        *context = NULL;
    }
}


static struct server_connection *
server_connect(struct server *server, struct MHD_Connection *mhd)
{
    struct server_connection        *connection;
    const union MHD_ConnectionInfo  *info;

    info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    connection = calloc(1, sizeof(struct server_connection));

    if (info == NULL || connection == NULL) {
        free(connection);
        return NULL;
    }

    connection->server = server;
    connection->fd = info->connect_fd;
    connection->allowed = !server->config.local
                          || peer_allowed(&server->config.peers,
                                          connection->fd);
    connection->closed = event_new(server->base, connection->fd,
                                   EV_READ | EV_CLOSED | EV_ET | EV_PERSIST,
                                   server_on_closed,
                                   connection);

    if (connection->closed == NULL) {
        free(connection);
        return NULL;
    }

    if (!connection->allowed) {
        log_event(server->log, LOG_WARN, "peer_refused");
    }

    LIST_INSERT_HEAD(&server->connections, connection, link);

    return connection;
}


/* the peer of a suspended request has closed, or half closed: the same here */

static void
server_on_closed(int fd, short what, void *ctx)
{
    if ((what & EV_CLOSED) == 0 && server_pipelined(fd)) {

        /* it has the time to send more: not watched any longer */

        return;
    }

    server_leave(ctx);
}


/* an error of the socket comes as EV_READ alone */

static bool
server_pipelined(int fd)
{
    char     byte;
    ssize_t  n;

    n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR));
}


static void
server_suspend(struct server_request *request)
{
    request->connection->request = request;

    (void) event_add(request->connection->closed, NULL);

    MHD_suspend_connection(request->mhd);
}


void
server_resume(struct server_request *request)
{
    request->connection->request = NULL;

    (void) event_del(request->connection->closed);

    MHD_resume_connection(request->mhd);

    /* nothing else wakes MHD for it */

    event_active(request->server->timer, EV_TIMEOUT, 0);
}


/* MHD does not look at suspended connections: it drops this one now */

static void
server_leave(struct server_connection *connection)
{
    void                   *data;
    struct server          *server;
    struct server_request  *request;

    server = connection->server;
    request = connection->request;
    data = request->data;

    request->data = NULL;

    server_resume(request);

    server->handlers.gone(server->ctx, data);
}


static enum MHD_Result
server_on_request(void *ctx, struct MHD_Connection *mhd, const char *path,
    const char *method, const char *version, const char *data, size_t *size,
    void **context)
{
    struct server_request  *request;

    (void) version;

    if (*context == NULL) {
        return server_begin(ctx, mhd, path, method, context);
    }

    request = *context;

    if (*size != 0) {
        if (!server_read(request, data, *size)) {
            return MHD_NO;
        }

        *size = 0;
        return MHD_YES;
    }

    return server_handle(request);
}


static void
server_on_completed(void *ctx, struct MHD_Connection *mhd, void **context,
    enum MHD_RequestTerminationCode code)
{
    struct server          *server = ctx;
    struct server_request  *request = *context;

    (void) mhd;
    (void) code;

    if (request == NULL) {
        return;
    }

    if (request->data != NULL) {
        server->handlers.gone(server->ctx, request->data);
    }

    if (request->response != NULL) {
        MHD_destroy_response(request->response);
    }

    server_end_stream(request);

    server->requests -= request->handled;

    free(request->body);
    free(request);

    *context = NULL;
}


static enum MHD_Result
server_begin(struct server *server, struct MHD_Connection *mhd,
    const char *path, const char *method, void **context)
{
    struct error                     error;
    struct request_head             *head;
    struct server_request           *request;
    const union MHD_ConnectionInfo  *info;

    info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    if (info == NULL || info->socket_context == NULL) {
        return MHD_NO;
    }

    request = calloc(1, sizeof(struct server_request));

    if (request == NULL) {
        return MHD_NO;
    }

    request->server = server;
    request->connection = info->socket_context;
    request->mhd = mhd;
    request->path = path;
    request->method = method;

    *context = request;

    head = &request->head;

    request_head_read(head, mhd, request->connection->allowed,
                      server->config.secret);

    server_begin_stream(request);

    if (!head->last) {
        return MHD_YES;
    }

    /* an answer before the body: MHD closes after it */

    error = error_say(head->error, head->message);

    server_end_stream(request);
    request->handled = true;
    server->requests++;

    server_respond_error(request, &error, NULL);

    return server_send(request);
}


/* how long the body may be depends on who takes it */

static void
server_begin_stream(struct server_request *request)
{
    struct server        *server;
    struct request_head  *head;

    head = &request->head;
    server = request->server;

    if (!head->refused) {
        server->handlers.begin(server->ctx, request);
    }

    if (head->length > server_limit(request)) {
        server_refuse_size(request);
    }

    if (head->refused && head->length > REQUEST_HEAD_DRAIN_MAX) {
        head->last = true;
    }
}


static void
server_end_stream(struct server_request *request)
{
    void  *ctx;

    ctx = request->stream_ctx;

    if (ctx != NULL) {
        request->stream_ctx = NULL;
        request->stream.end(ctx);
    }
}


static void
server_refuse_size(struct server_request *request)
{
    request_head_refuse(&request->head, request->stream_ctx != NULL
                        ? request->stream.too_large
                        : ERROR_TOO_LARGE, NULL);
}


static uint64_t
server_limit(const struct server_request *request)
{
    return request->stream_ctx != NULL ? request->stream.max
                                       : REQUEST_HEAD_BODY_MAX;
}


static bool
server_read(struct server_request *request, const char *data, size_t size)
{
    char    *body;
    size_t   room;

    if (request->size + size > server_limit(request)) {
        server_refuse_size(request);
    }

    if (request->head.refused) {

        /* what is read from here on is dropped, up to a point */

        if (request->stream_ctx != NULL) {
            server_end_stream(request);
            request->size = 0;
        }

        request->size += size;
        return request->size <= REQUEST_HEAD_DRAIN_MAX;
    }

    if (request->stream_ctx != NULL) {
        request->stream.data(request->stream_ctx, data, size);
        request->size += size;
        return true;
    }

    if (request->size + size > request->room) {
        room = request->room * 2 + size;
        room = room > request->head.length ? room : request->head.length;

        body = realloc(request->body, room);

        if (body == NULL) {
            return false;
        }

        request->body = body;
        request->room = room;
    }

    memcpy(request->body + request->size, data, size);
    request->size += size;

    return true;
}


static enum MHD_Result
server_handle(struct server_request *request)
{
    struct error    error;
    struct server  *server;

    server = request->server;

    if (!request->handled) {
        request->handled = true;
        server->requests++;

        if (request->head.refused) {
            error = error_say(request->head.error, request->head.message);
            server_respond_error(request, &error, NULL);

        } else {
            server->handlers.request(server->ctx, request);
        }

        if (request->data != NULL) {
            server_suspend(request);
            return MHD_YES;
        }
    }

    return server_send(request);
}


static enum MHD_Result
server_send(struct server_request *request)
{
    enum MHD_Result  rc;

    if (request->response == NULL) {
        return MHD_NO;
    }

    rc = MHD_queue_response(request->mhd, request->status, request->response);

    MHD_destroy_response(request->response);
    request->response = NULL;

    return rc;
}
