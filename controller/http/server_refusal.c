/*
 * What libmicrohttpd can't read as HTTP it refuses by itself, in HTML, and it
 * has no option for another form: a request line, header or length that is
 * malformed or too large, a missing Host, bad chunks, a foreign version.
 *
 * It queues these answers with its own public function MHD_queue_response,
 * which the dynamic linker looks up by name.  The program defines that name
 * here: whoever calls it is the library, since our own answers go to the
 * library's function past the name (server_refusal_queue_own).  The refusal is
 * written to the socket in the form of all other errors, and the library is
 * told that nothing could be queued, whereupon it closes the connection.  It
 * must not send the answer itself: it writes the head twice for some of these
 * errors (0.9.75, a bad Content-Length).  A library that was linked so that it
 * keeps to its own function goes on to answer in HTML.
 *
 * A request line without a blank makes some versions close the connection
 * without an answer (0.9.75), which nothing can be done about: the socket is
 * shut down before the program hears of it.
 */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http/server_private.h"
#include "http/server_refusal.h"


/* bytes of the head of a refusal */

#define SERVER_REFUSAL_HEAD  256


typedef enum MHD_Result (*server_queue_pt)(struct MHD_Connection *mhd,
    unsigned status, struct MHD_Response *response);


static void server_refusal_answer(struct connection *connection,
    unsigned status);
static struct error server_refusal_error(const struct connection *connection,
    unsigned *status);
static void server_refusal_write(const struct connection *connection,
    unsigned status, const char *body);


enum MHD_Result
server_refusal_queue_own(struct MHD_Connection *mhd, unsigned status,
    struct MHD_Response *response)
{
    static server_queue_pt  queue;

    if (queue == NULL) {
        queue = (server_queue_pt) dlsym(RTLD_NEXT, "MHD_queue_response");
    }

    return queue != NULL ? queue(mhd, status, response) : MHD_NO;
}


/* called by libmicrohttpd only */

enum MHD_Result
MHD_queue_response(struct MHD_Connection *mhd, unsigned int status,
    struct MHD_Response *response)
{
    const union MHD_ConnectionInfo  *info;

    (void) response;

    info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    if (info != NULL && info->socket_context != NULL) {
        server_refusal_answer(info->socket_context, status);
    }

    return MHD_NO;
}


static void
server_refusal_answer(struct connection *connection, unsigned status)
{
    char          *body;
    struct error   error;

    error = server_refusal_error(connection, &status);
    body = error_dump(&error);

    if (body != NULL) {
        server_refusal_write(connection, status, body);
        free(body);
    }

    connection->unread = true;
}


/* a peer that may not speak to us learns nothing else, whatever it sends */

static struct error
server_refusal_error(const struct connection *connection, unsigned *status)
{
    if (!connection->allowed) {
        *status = error_status(ERROR_FORBIDDEN);
        return error_make(ERROR_FORBIDDEN);
    }

    switch (*status) {

    case MHD_HTTP_CONTENT_TOO_LARGE:
        return error_make(ERROR_TOO_LARGE);

    case MHD_HTTP_URI_TOO_LONG:
    case MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE:
        return error_say(ERROR_TOO_LARGE, "The head of the request is too "
                         "large");

    case MHD_HTTP_HTTP_VERSION_NOT_SUPPORTED:
        return error_say(ERROR_BAD_REQUEST, "The version of HTTP must be 1.0 "
                         "or 1.1");

    default:
        return error_say(ERROR_BAD_REQUEST, "The request is not valid HTTP");
    }
}


/* the answers to earlier requests are written: the socket has room */

static void
server_refusal_write(const struct connection *connection, unsigned status,
    const char *body)
{
    int            len;
    char           head[SERVER_REFUSAL_HEAD];
    struct iovec   parts[2];
    struct msghdr  message;

    len = snprintf(head, sizeof(head), "HTTP/1.1 %u %s\r\n"
                   "Connection: close\r\n"
                   "Content-Type: application/json; charset=UTF-8\r\n"
                   "Content-Length: %zu\r\n\r\n",
                   status, MHD_get_reason_phrase_for(status), strlen(body));

    parts[0].iov_base = head;
    parts[0].iov_len = (size_t) len;
    parts[1].iov_base = (char *) body;
    parts[1].iov_len = strlen(body);

    memset(&message, 0, sizeof(struct msghdr));
    message.msg_iov = parts;
    message.msg_iovlen = 2;

    (void) sendmsg(connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}
