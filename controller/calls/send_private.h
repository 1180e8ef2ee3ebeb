/*
 * What send.c and send_check.c share; nobody else includes it.
 */

#ifndef SEND_PRIVATE_H
#define SEND_PRIVATE_H

#include "base/wamid.h"
#include "calls/message_params.h"
#include "calls/send.h"
#include "calls/send_media.h"


TAILQ_HEAD(send_calls, call);


struct send {
    struct lane_job             job;            /* first */
    enum lane                   lane;
    struct session             *session;
    struct idempotency         *table;
    struct pairs               *pairs;
    struct pair_ticket          pair;
    struct idempotency_entry   *entry;
    struct send_calls           calls;
    struct recipient            recipient;
    json_t                     *message;        /* NULL when checking */
    enum session_capability     capability;
    struct send_media           media;
    uint64_t                    page_deadline;  /* ms */
};


/* Makes a send for an entry, with call as the first that waits for it. */
struct send *send_create(struct call *call, struct idempotency_entry *entry,
    enum lane lane);

/* Asks the page what became of a send whose fate is unknown, for a repeat. */
void send_check(struct call *call, struct idempotency_entry *entry);

/* The ends of a send whose message may have left; it is freed. */
void send_done(struct send *send);
void send_unknown(struct send *send, enum error_code code,
    const char *message);

/* The time left for the page, 1 to most ms. */
uint64_t send_left(const struct send *send, uint64_t most);


#endif /* SEND_PRIVATE_H */
