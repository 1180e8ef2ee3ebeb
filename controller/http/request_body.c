/*
 * Reads bodies of requests.
 */

#include <stdlib.h>
#include <string.h>

#include "http/request_body.h"


/* bytes of a body that is not streamed */

#define REQUEST_BODY_MAX        (128 * 1024)

/*
 * Bytes of a refused body that are read and dropped: a peer that is still
 * writing would lose the answer if the connection were closed at once
 */

#define REQUEST_BODY_DRAIN_MAX  (8 * 1024 * 1024)


static uint64_t request_body_limit(const struct request_body *body);
static void request_body_refuse(const struct request_body *body,
    struct request_head *head);
static bool request_body_append(struct request_body *body,
    const struct request_head *head, const char *data, size_t size);


void
request_body_check(const struct request_body *body, struct request_head *head)
{
    if (head->length > request_body_limit(body)) {
        request_body_refuse(body, head);
    }

    if (head->refused && head->length > REQUEST_BODY_DRAIN_MAX) {
        head->last = true;
    }
}


bool
request_body_read(struct request_body *body, struct request_head *head,
    const char *data, size_t size)
{
    if (body->size + size > request_body_limit(body)) {
        request_body_refuse(body, head);
    }

    if (head->refused) {
        if (body->stream_ctx != NULL) {
            request_body_end_stream(body);
            body->size = 0;
        }

        body->size += size;

        return body->size <= REQUEST_BODY_DRAIN_MAX;
    }

    if (body->stream_ctx == NULL) {
        return request_body_append(body, head, data, size);
    }

    body->stream.data(body->stream_ctx, data, size);
    body->size += size;

    return true;
}


void
request_body_end_stream(struct request_body *body)
{
    void  *ctx;

    ctx = body->stream_ctx;

    if (ctx != NULL) {
        body->stream_ctx = NULL;
        body->stream.end(ctx);
    }
}


void
request_body_free(struct request_body *body)
{
    request_body_end_stream(body);
    free(body->data);
}


static uint64_t
request_body_limit(const struct request_body *body)
{
    return body->stream_ctx != NULL ? body->stream.max : REQUEST_BODY_MAX;
}


static void
request_body_refuse(const struct request_body *body,
    struct request_head *head)
{
    request_head_refuse(head, body->stream_ctx != NULL
                              ? body->stream.too_large : ERROR_TOO_LARGE,
                        NULL);
}


static bool
request_body_append(struct request_body *body,
    const struct request_head *head, const char *data, size_t size)
{
    char    *grown;
    size_t   room;

    if (body->size + size > body->room) {
        room = body->room * 2 + size;
        room = room > head->length ? room : head->length;

        grown = realloc(body->data, room);

        if (grown == NULL) {
            return false;
        }

        body->data = grown;
        body->room = room;
    }

    memcpy(body->data + body->size, data, size);
    body->size += size;

    return true;
}
