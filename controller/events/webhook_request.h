/*
 * One HTTP request to a receiver, and how it ended: a delivery, or a
 * challenge.
 */

#ifndef WEBHOOK_REQUEST_H
#define WEBHOOK_REQUEST_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address_guard.h"
#include "events/webhook_sections.h"
#include "net/transfer.h"


/* a request ends within this time (ms) */

#define WEBHOOK_REQUEST_MS   15000

/* bytes of an answer that are kept */

#define WEBHOOK_ANSWER_MAX   4096


enum webhook_result {
    WEBHOOK_ANSWERED = 0,    /* with a status of any kind */
    WEBHOOK_UNREACHABLE,     /* no address, or no connection */
    WEBHOOK_ADDRESS,         /* the guard refuses the address */
    WEBHOOK_TLS,             /* no certificate that is trusted, ... */
    WEBHOOK_TIMEOUT,
    WEBHOOK_BROKEN,          /* the connection ended before the answer */
    WEBHOOK_RESULTS
};


/* how a request ended; text is borrowed */

struct webhook_answer {
    enum webhook_result  result;
    unsigned             status;            /* HTTP's, 0: there was none */
    bool                 connected;         /* false: nothing was sent */
    uint64_t             retry_after_ms;    /* 0: the receiver said nothing */
    const char          *text;              /* the body, as far as it is kept,
                                               with a NUL */
};


/* what all requests share; guard and ca are borrowed */

struct webhook_client {
    struct transfer_loop        *loop;
    const struct address_guard  *guard;
    const char                  *ca;       /* PEM, NULL: the system's */
};


typedef void (*webhook_request_pt)(void *ctx,
    const struct webhook_answer *answer);


struct webhook_request;


/*
 * Starts a POST of size bytes of body, which is borrowed until the end; or a
 * GET if body is NULL.  done is called once, after this
 * function has returned and when the request is freed, unless it is cancelled.
 * Returns NULL when memory is short.
 */
struct webhook_request *webhook_request_start(struct webhook_client *client,
    const struct webhook_settings *settings, const char *url,
    const char *body, size_t size, const char *signature,
    webhook_request_pt done, void *ctx);

/* Ends and frees a request without a call of done. */
void webhook_request_cancel(struct webhook_request *request);

/* Returns the name of a result, as metrics and the session show it. */
const char *webhook_result_name(enum webhook_result result);


#endif /* WEBHOOK_REQUEST_H */
