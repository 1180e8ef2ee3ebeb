/*
 * The head of a request: its headers checked, more strictly than the HTTP
 * library does.
 */

#ifndef REQUEST_HEAD_H
#define REQUEST_HEAD_H


#include <stdbool.h>
#include <stdint.h>

#include <microhttpd.h>

#include "base/error.h"


struct request_head {
    const char    *key;            /* Idempotency-Key or NULL; borrowed */
    const char    *scope;          /* Idempotency-Scope, the same */
    uint64_t       deadline_ms;    /* X-Deadline-Ms or its default */
    uint64_t       length;         /* Content-Length, 0 when there is none */
    bool           refused;
    bool           last;           /* refused, and its body is not read */
    struct error   error;          /* when refused */
};


/*
 * Reads the headers of a request.  secret is what X-Whatsapp-Secret must be,
 * or NULL; allowed is whether the peer may use the server at all.  A request
 * with headers that are not valid is refused.
 */
void request_head_read(struct request_head *head,
    struct MHD_Connection *connection, bool allowed, const char *secret);

/*
 * Refuses a request, unless it is refused already; message is a literal, or
 * NULL for the code's own.
 */
void request_head_refuse(struct request_head *head, enum error_code code,
    const char *message);


#endif /* REQUEST_HEAD_H */
