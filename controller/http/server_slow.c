/*
 * Peers that are too slow with a body, or with the answer, for which files and
 * room are held.
 */

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/server_private.h"


/* a body has 1 KiB a second at least, on average in each window */

#define SERVER_BODY_WINDOW     30000
#define SERVER_BODY_LEAST      (30 * 1024)

/*
 * An answer is read block by block, and a block's rest may lie in the buffer
 * of the socket: the window is long enough for several blocks at that rate
 */

#define SERVER_ANSWER_WINDOW   120000
#define SERVER_ANSWER_LEAST    1

#define SERVER_SLOW_HEAD       256


static void server_on_slow_body(void *ctx);
static void server_on_slow_answer(void *ctx);


bool
server_watch_body(struct server_request *request)
{
    return least_rate_start(&request->rate, request->server->base,
                            SERVER_BODY_WINDOW, SERVER_BODY_LEAST,
                            server_on_slow_body, request);
}


bool
server_watch_answer(struct server_request *request)
{
    return least_rate_start(&request->rate, request->server->base,
                            SERVER_ANSWER_WINDOW, SERVER_ANSWER_LEAST,
                            server_on_slow_answer, request);
}


/*
 * libmicrohttpd takes no answer before the end of a body, so this one is
 * written past it.  It then finds the connection closed, and ends the request.
 */

static void
server_on_slow_body(void *ctx)
{
    int                     fd, n;
    char                   *body;
    char                    head[SERVER_SLOW_HEAD];
    struct error            error;
    struct server_request  *request = ctx;

    fd = request->connection->fd;
    error = request->head.refused ? request->head.error
                                  : error_make(ERROR_TOO_SLOW);
    body = error_dump(&error);

    if (body != NULL) {
        n = snprintf(head, sizeof(head), "HTTP/1.1 %u Too slow\r\n"
                     "Connection: close\r\n"
                     "Content-Type: application/json; charset=UTF-8\r\n"
                     "Content-Length: %zu\r\n\r\n",
                     error_status(error.code), strlen(body));

        (void) (send(fd, head, (size_t) n, MSG_NOSIGNAL | MSG_DONTWAIT) == n
                && send(fd, body, strlen(body), MSG_NOSIGNAL | MSG_DONTWAIT)
                   > 0);
    }

    free(body);

    (void) shutdown(fd, SHUT_RDWR);
}


static void
server_on_slow_answer(void *ctx)
{
    struct server_request  *request = ctx;

    (void) shutdown(request->connection->fd, SHUT_RDWR);
}
