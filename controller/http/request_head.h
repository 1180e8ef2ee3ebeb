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


#define REQUEST_HEAD_BODY_MAX   (128 * 1024)

/* what is read of a body that is too large, so that the peer gets to read */

#define REQUEST_HEAD_DRAIN_MAX  (8 * 1024 * 1024)


struct request_head {
    const char       *key;          /* Idempotency-Key or NULL; borrowed */
    uint64_t          deadline_ms;
    uint64_t          length;       /* of the body, 0 when not said */
    bool              refused;
    bool              last;         /* refused, and the body can't be read */
    enum error_code   error;
    const char       *message;      /* or NULL */
};


/*
 * Reads the headers of a request.  secret is what they must carry, or NULL;
 * allowed is whether the peer is accepted at all.
 */
void request_head_read(struct request_head *head,
    struct MHD_Connection *connection, bool allowed, const char *secret);

/* Refuses a request, unless it is refused already. */
void request_head_refuse(struct request_head *head, enum error_code error,
    const char *message);


#endif /* REQUEST_HEAD_H */
