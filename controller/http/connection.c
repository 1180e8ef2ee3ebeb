/*
 * A connection whose request waits for an answer is suspended, and
 * libmicrohttpd does not look at it.  Meanwhile an event of our own on its
 * descriptor reports when the peer closes it; so it does during a feed, which
 * is suspended again and again.
 */

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>

#include "http/connection.h"
#include "http/server_private.h"


static void connection_on_closed(int fd, short what, void *ctx);
static bool connection_pipelined(int fd);


struct connection *
connection_create(struct server *server, struct MHD_Connection *mhd)
{
    struct connection               *connection;
    const union MHD_ConnectionInfo  *info;

    info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    connection = calloc(1, sizeof(struct connection));

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
                                   connection_on_closed, connection);

    if (connection->closed == NULL) {
        free(connection);
        return NULL;
    }

    if (!connection->allowed) {
        log_event(server->log, LOG_WARN, "peer_refused",
                  log_int("uid", peer_uid(connection->fd)));
    }

    LIST_INSERT_HEAD(&server->connections, connection, link);

    return connection;
}


void
connection_destroy(struct connection *connection)
{
    LIST_REMOVE(connection, link);
    event_free(connection->closed);
    free(connection);
}


void
connection_suspend(struct server_request *request)
{
    request->connection->request = request;

    (void) event_add(request->connection->closed, NULL);

    MHD_suspend_connection(request->mhd);
}


void
connection_resume(struct server_request *request)
{
    request->connection->request = NULL;

    (void) event_del(request->connection->closed);

    MHD_resume_connection(request->mhd);

    /* libmicrohttpd does not wake up by itself for a resumed connection */

    event_active(request->server->timer, EV_TIMEOUT, 0);
}


void
connection_watch(struct connection *connection, void (*left)(void *ctx),
    void *ctx)
{
    connection->left = left;
    connection->left_ctx = ctx;

    (void) event_add(connection->closed, NULL);
}


void
connection_unwatch(struct connection *connection)
{
    connection->left = NULL;

    (void) event_del(connection->closed);
}


void
connection_drop(struct connection *connection)
{
    void                   *data;
    struct server          *server;
    struct server_request  *request;

    server = connection->server;
    request = connection->request;
    data = request->data;

    request->data = NULL;

    /* resumed without a response, which makes libmicrohttpd close it */

    connection_resume(request);

    server->handlers.gone(server->ctx, data);
}


/* a peer that has closed one direction only is taken for gone, too */

static void
connection_on_closed(int fd, short what, void *ctx)
{
    struct connection  *connection = ctx;

    if ((what & EV_CLOSED) == 0 && connection_pipelined(fd)) {

        /* the event is edge-triggered: these bytes do not raise it again */

        return;
    }

    if (connection->left != NULL) {
        connection->left(connection->left_ctx);
        return;
    }

    connection_drop(connection);
}


/*
 * Whether the peer has sent a further request, or nothing; an error of the
 * socket is reported as EV_READ alone
 */

static bool
connection_pipelined(int fd)
{
    char     byte;
    ssize_t  n;

    n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR));
}
