/*
 * What a peer is told of a send, made from the send's entry.
 */

#ifndef SEND_ANSWER_H
#define SEND_ANSWER_H


#include "calls/call.h"
#include "calls/idempotency.h"


/* Answers a call with the send's success. */
void send_answer(struct call *call, const struct idempotency_entry *entry);

/* Answers a call with what is recorded of an unknown send. */
void send_answer_unknown(struct call *call,
    const struct idempotency_entry *entry);

/*
 * The error of a dispatched send: the recorded code, outcome unknown, and the
 * message id, which is put into text.
 */
struct error send_unknown_error(const struct idempotency_entry *entry,
    char text[WAMID_TEXT_SIZE]);


#endif /* SEND_ANSWER_H */
