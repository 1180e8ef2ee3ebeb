/*
 * libmicrohttpd on our event loop: its epoll descriptor is nested in ours.
 * This file accepts connections, reads requests and hands them to the
 * handlers.  A request that a handler keeps is suspended (connection.c) until
 * it is answered (server_answer.c, server_feed.c) or its peer leaves.
 */

#include <sys/socket.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/server_private.h"
#include "http/server_refusal.h"


/* bytes of the headers of a connection's request */

#define SERVER_MEMORY  (16 * 1024)

/*
 * Seconds that a connection may be idle: longer than nginx keeps its own, so
 * that no request meets a connection that is just being closed
 */

#define SERVER_IDLE    120

/* steps of libmicrohttpd that are done before others have their turn */

#define SERVER_STEPS   4


static struct MHD_Daemon *server_daemon(struct server *server);
static void server_run(int fd, short what, void *ctx);
static bool server_step(struct server *server, uint64_t *ms);
static void server_on_connection(void *ctx, struct MHD_Connection *mhd,
    void **context, enum MHD_ConnectionNotificationCode code);
static enum MHD_Result server_on_request(void *ctx,
    struct MHD_Connection *mhd, const char *path, const char *method,
    const char *version, const char *data, size_t *size, void **context);
static void server_on_completed(void *ctx, struct MHD_Connection *mhd,
    void **context, enum MHD_RequestTerminationCode code);
static enum MHD_Result server_begin(struct server *server,
    struct MHD_Connection *mhd, const char *path, const char *method,
    void **context);
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
    lingers_init(&server->lingers);

    server->timer = evtimer_new(base, server_run, server);
    server->daemon = server_daemon(server);

    if (server->timer == NULL || server->daemon == NULL
        || !server_feed_init(server))
    {
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
server_set_secret(struct server *server, const char *secret)
{
    server->config.secret = secret;
}


int
server_listener(const struct server *server)
{
    return server->config.fd;
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


/*
 * libmicrohttpd reads what is there, then the end.  A connection that waits
 * for an answer is left alone: its peer would seem to have left.
 */

void
server_finish(struct server *server)
{
    struct connection  *connection;

    server->finished = true;

    LIST_FOREACH(connection, &server->connections, link) {
        if (connection->request == NULL) {
            (void) shutdown(connection->fd, SHUT_RD);
        }
    }
}


bool
server_busy(const struct server *server)
{
    if (server->finished) {
        return !LIST_EMPTY(&server->connections);
    }

    return server->requests != 0 || server->feeds.stats.open != 0;
}


void
server_destroy(struct server *server)
{
    struct connection  *connection;

    if (server == NULL) {
        return;
    }

    LIST_FOREACH(connection, &server->connections, link) {
        if (connection->request != NULL) {
            connection_drop(connection);
        }
    }

    if (server->daemon != NULL) {
        MHD_stop_daemon(server->daemon);
    }

    server_feed_exit(server);
    lingers_end(&server->lingers);

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
    /* libmicrohttpd does not log: it would quote requests */

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


/*
 * An answer, the end of its request and the next request of its connection are
 * a step each, which need no look at all other descriptors in between.
 */

static void
server_run(int fd, short what, void *ctx)
{
    int              i;
    uint64_t         ms;
    struct timeval   tv;
    struct server   *server = ctx;

    (void) fd;
    (void) what;

    for (i = 0; i < SERVER_STEPS; i++) {

        if (!server_step(server, &ms)) {
            (void) event_del(server->timer);
            return;
        }

        if (ms != 0) {
            break;
        }
    }

    /* setting the timer undoes its activation by a connection that goes on */

    tv = clock_timeval(ms);
    (void) evtimer_add(server->timer, &tv);
}


/* *ms is the time until the next step; false: it waits for a descriptor */

static bool
server_step(struct server *server, uint64_t *ms)
{
    MHD_UNSIGNED_LONG_LONG  timeout;

    server->resumed = false;

    (void) MHD_run(server->daemon);

    if (server->resumed) {
        *ms = 0;
        return true;
    }

    if (MHD_get_timeout(server->daemon, &timeout) != MHD_YES) {
        return false;
    }

    *ms = timeout;

    return true;
}


static void
server_on_connection(void *ctx, struct MHD_Connection *mhd, void **context,
    enum MHD_ConnectionNotificationCode code)
{
    struct server      *server = ctx;
    struct connection  *connection = *context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = connection_create(server, mhd);

    } else if (connection != NULL) {

        /* libmicrohttpd closes the socket after this call */

        if (connection->unread) {
            lingers_add(&server->lingers, server->base, connection->fd);
        }

        connection_destroy(connection);
        *context = NULL;
    }
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
        least_rate_count(&request->rate, *size);

        if (!request_body_read(&request->body, &request->head, data, *size))
        {
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

    request->connection->unread |= request->head.last;

    if (request->data != NULL) {
        server->handlers.gone(server->ctx, request->data);
    }

    if (request->response != NULL) {
        MHD_destroy_response(request->response);
    }

    server->requests -= request->handled;

    least_rate_stop(&request->rate);
    request_body_free(&request->body);
    free(request);

    *context = NULL;
}


static enum MHD_Result
server_begin(struct server *server, struct MHD_Connection *mhd,
    const char *path, const char *method, void **context)
{
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

    /* a handler may refuse the request, or take its body as a stream */

    if (!head->refused) {
        server->handlers.begin(server->ctx, request);
    }

    request_body_check(&request->body, head);

    if (!head->last) {
        return server_watch_body(request) ? MHD_YES : MHD_NO;
    }

    /* libmicrohttpd closes the connection after an answer before the body */

    request_body_end_stream(&request->body);

    request->handled = true;
    server->requests++;

    server_respond_error(request, &head->error, NULL);

    return server_send(request);
}


static enum MHD_Result
server_handle(struct server_request *request)
{
    struct server  *server;

    server = request->server;

    if (!request->handled) {
        request->handled = true;
        server->requests++;

        least_rate_stop(&request->rate);

        if (request->head.refused) {
            server_respond_error(request, &request->head.error, NULL);

        } else {
            server->handlers.request(server->ctx, request);
        }

        if (request->data != NULL) {
            connection_suspend(request);
            return MHD_YES;
        }

        if (request->resumed) {
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

    rc = server_refusal_queue_own(request->mhd, request->status,
                                  request->response);

    MHD_destroy_response(request->response);
    request->response = NULL;

    return rc;
}
