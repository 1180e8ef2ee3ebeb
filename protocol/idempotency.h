/*
 * What nginx tells the controller about the key of a send, beside the key
 * itself: the header Idempotency-Scope.  A key is one within its scope only.
 *
 * A key that a client gave has the digest of the client's token as its scope,
 * or none where no token is needed.  One that nginx made for a request that
 * came without has that request as its scope, WHATSAPP_SCOPE_REQUEST: nobody
 * can repeat it, so that the controller need not ask the page for a message
 * that an earlier request may have left there.
 *
 * The stream of events has the digest beside it too: the controller counts the
 * streams of a token by it.
 *
 * Includers: the module (request/) and the controller (calls/, http/).
 */

#ifndef WHATSAPP_IDEMPOTENCY_H
#define WHATSAPP_IDEMPOTENCY_H


#define WHATSAPP_KEY_MAX        255    /* visible ASCII characters */
#define WHATSAPP_SCOPE_MAX      64     /* the same: a digest in hex */
#define WHATSAPP_SCOPE_REQUEST  "request"


#endif /* WHATSAPP_IDEMPOTENCY_H */
