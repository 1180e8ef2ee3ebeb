/*
 * The body of a request: collected in memory up to a bound, or handed on in
 * pieces to a stream, or read and dropped once the request is refused.
 */

#ifndef REQUEST_BODY_H
#define REQUEST_BODY_H


#include <stdbool.h>
#include <stddef.h>

#include "http/request_head.h"
#include "http/server.h"


/* all zero: nothing was read yet */

struct request_body {
    struct server_stream  stream;
    void                 *stream_ctx;    /* NULL: there is no stream */
    char                 *data;          /* not for a stream */
    size_t                size;          /* bytes read so far */
    size_t                room;          /* bytes allocated at data */
};


/*
 * Refuses a request whose Content-Length is more than the body may have.  When
 * a refused body is also too long to be read and dropped, head->last is set.
 */
void request_body_check(const struct request_body *body,
    struct request_head *head);

/*
 * Takes the next piece; a body that becomes too long refuses the request.
 * Returns false when memory is short or too much was dropped already: the
 * connection is to be closed.
 */
bool request_body_read(struct request_body *body, struct request_head *head,
    const char *data, size_t size);

/* Ends the stream, if there is one. */
void request_body_end_stream(struct request_body *body);

/* Ends the stream and frees the data. */
void request_body_free(struct request_body *body);


#endif /* REQUEST_BODY_H */
