/*
 * message.send: from its Idempotency-Key to WhatsApp's acknowledgement, and
 * never twice.
 */

#ifndef SEND_H
#define SEND_H


#include "calls/call.h"


/* Starts a send, or joins it, or answers from what is known of it. */
void send_start(struct call *call);

/* The peer of a call that was started here has left. */
void send_forget(struct call *call);


#endif /* SEND_H */
