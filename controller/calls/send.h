/*
 * message.send: from its Idempotency-Key to WhatsApp's acknowledgement, and
 * never twice.
 */

#ifndef SEND_H
#define SEND_H


#include "calls/call.h"


/*
 * Starts a send for a call, lets the call wait for the send that its key
 * already started, or answers it from what the table knows of that send.
 */
void send_start(struct call *call);

/*
 * The peer of a call that was started here has left; a send that no other call
 * waits for is dropped unless it was dispatched.
 */
void send_forget(struct call *call);


#endif /* SEND_H */
