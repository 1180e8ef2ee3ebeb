/*
 * A connection whose request waits for an answer is suspended, and
 * libmicrohttpd does not look at it.  Meanwhile an event of our own on its
 * descriptor reports when the peer closes it.
 */

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/connection.h"
#include "http/server_private.h"


static void connection_on_closed(int fd, short what, void *ctx);


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

    request->server->resumed = true;
    event_active(request->server->timer, EV_TIMEOUT, 0);
}


/*
 * libmicrohttpd has the socket in its epoll set, where it would stay as long
 * as there is a copy of the descriptor; suspending removes it.
 */

bool
connection_detach(struct server_request *request)
{
    int                 fd;
    bool                done;
    struct connection  *connection;

    connection = request->connection;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd == -1) {
        return false;
    }

    MHD_suspend_connection(request->mhd);

    done = dup3(fd, connection->fd, O_CLOEXEC) != -1;

    (void) close(fd);

    /*
     * libmicrohttpd calls the server again, which has no response now, unless
     * this has failed, and makes it close the socket
     */

    request->resumed = true;
    connection_resume(request);

    return done;
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


static void
connection_on_closed(int fd, short what, void *ctx)
{
    if (connection_left(fd, what)) {
        connection_drop(ctx);
    }
}


/*
 * The event is edge-triggered: bytes of a further request do not raise it
 * again.  An error of the socket is reported as EV_READ alone.
 */

bool
connection_left(int fd, short what)
{
    char     byte;
    ssize_t  n;

    if ((what & EV_CLOSED) != 0) {
        return true;
    }

    n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR);
}
