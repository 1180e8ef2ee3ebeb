/*
 * The handlers' side of a request: its parts, and its answer.
 */

#include <stdlib.h>
#include <string.h>

#include "http/server_private.h"


/* bytes of a file that are read at once */

#define SERVER_BLOCK  (64 * 1024)


/* a file that is an answer; libmicrohttpd may free it after the request */

struct server_reading {
    struct server_request  *request;
    struct server_file      file;
    void                   *ctx;        /* the file's */
};


static void server_respond_body(struct server_request *request,
    unsigned status, const char *type, char *body, const char *allow);
static ssize_t server_file_read(void *ctx, uint64_t offset, char *to,
    size_t max);
static void server_file_end(void *ctx);
static void server_answer(struct server_request *request, unsigned status,
    struct MHD_Response *response);


const char *
server_method(const struct server_request *request)
{
    return request->method;
}


const char *
server_path(const struct server_request *request)
{
    return request->path;
}


const char *
server_body(const struct server_request *request, size_t *size)
{
    *size = request->body.size;

    return request->body.data != NULL ? request->body.data : "";
}


uint64_t
server_length(const struct server_request *request)
{
    return request->head.length;
}


const char *
server_key(const struct server_request *request)
{
    return request->head.key;
}


const char *
server_scope(const struct server_request *request)
{
    return request->head.scope;
}


uint64_t
server_deadline(const struct server_request *request)
{
    return request->head.deadline_ms;
}


const char *
server_header(const struct server_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->mhd, MHD_HEADER_KIND, name);
}


const char *
server_query(const struct server_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->mhd, MHD_GET_ARGUMENT_KIND,
                                       name);
}


void
server_refuse(struct server_request *request, const struct error *error)
{
    request_head_refuse(&request->head, error->code, error->message);
}


void
server_stream(struct server_request *request,
    const struct server_stream *stream, void *ctx)
{
    request->body.stream = *stream;
    request->body.stream_ctx = ctx;
}


void *
server_stream_ctx(const struct server_request *request)
{
    return request->body.stream_ctx;
}


void
server_keep(struct server_request *request, void *data)
{
    request->data = data;
}


size_t
server_waiters(const struct server_request *request)
{
    size_t              n;
    struct connection  *connection;

    n = 0;

    LIST_FOREACH(connection, &request->server->connections, link) {
        n += connection->request != NULL;
    }

    return n;
}


void
server_respond(struct server_request *request, unsigned status, char *body,
    const char *allow)
{
    server_respond_body(request, status, "application/json; charset=UTF-8",
                        body, allow);
}


void
server_respond_text(struct server_request *request, const char *type,
    char *text)
{
    server_respond_body(request, 200, type, text, NULL);
}


static void
server_respond_body(struct server_request *request, unsigned status,
    const char *type, char *body, const char *allow)
{
    struct MHD_Response  *response;

    static char  no_memory[] =
        "{\"error\":{\"code\":\"page_error\",\"message\":\"The controller "
        "is out of memory\",\"outcome\":\"unknown\"}}";

    if (body == NULL) {
        status = 500;
        type = "application/json; charset=UTF-8";
        response = MHD_create_response_from_buffer(sizeof(no_memory) - 1,
                                                   no_memory,
                                                   MHD_RESPMEM_PERSISTENT);

    } else {
        response = MHD_create_response_from_buffer(strlen(body), body,
                                                   MHD_RESPMEM_MUST_FREE);

        if (response == NULL) {
            free(body);
        }
    }

    if (response != NULL) {
        (void) MHD_add_response_header(response, "Content-Type", type);

        if (allow != NULL) {
            (void) MHD_add_response_header(response, "Allow", allow);
        }

        if (request->head.last || request->server->quiet) {
            (void) MHD_add_response_header(response, "Connection", "close");
        }
    }

    server_answer(request, status, response);
}


void
server_respond_file(struct server_request *request,
    const struct server_file *file, void *ctx)
{
    struct error            error;
    struct MHD_Response    *response;
    struct server_reading  *reading;

    response = NULL;
    reading = malloc(sizeof(struct server_reading));

    if (reading != NULL) {
        reading->request = request;
        reading->file = *file;
        reading->ctx = ctx;

        response = MHD_create_response_from_callback(file->size, SERVER_BLOCK,
                                                     server_file_read, reading,
                                                     server_file_end);
    }

    if (response == NULL) {
        free(reading);
        file->end(ctx);
        error = error_memory();
        server_respond_error(request, &error, NULL);
        return;
    }

    /* a browser must not show an uploaded file as a page of this host */

    if (MHD_add_response_header(response, "Content-Type", file->type)
        != MHD_YES
        || MHD_add_response_header(response, "X-Content-Type-Options",
                                   "nosniff")
           != MHD_YES
        || MHD_add_response_header(response, "Content-Disposition",
                                   file->disposition)
           != MHD_YES
        || MHD_add_response_header(response, "Cache-Control",
                                   "private, no-store")
           != MHD_YES
        || !server_watch_answer(request)
        || (request->server->quiet
            && MHD_add_response_header(response, "Connection", "close")
               != MHD_YES))
    {
        MHD_destroy_response(response);
        error = error_memory();
        server_respond_error(request, &error, NULL);
        return;
    }

    server_answer(request, 200, response);
}


static ssize_t
server_file_read(void *ctx, uint64_t offset, char *to, size_t max)
{
    struct server_reading  *reading = ctx;

    least_rate_count(&reading->request->rate, max);

    return reading->file.read(reading->ctx, offset, to, max);
}


static void
server_file_end(void *ctx)
{
    struct server_reading  *reading = ctx;

    reading->file.end(reading->ctx);
    free(reading);
}


void
server_respond_error(struct server_request *request,
    const struct error *error, const char *allow)
{
    server_respond(request, error_status(error->code), error_dump(error),
                   allow);
}


/* without a response (no memory) the connection is closed */

static void
server_answer(struct server_request *request, unsigned status,
    struct MHD_Response *response)
{
    request->response = response;
    request->status = status;
    request->data = NULL;

    if (request->connection->request == request) {
        connection_resume(request);
    }
}
