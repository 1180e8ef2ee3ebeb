/*
 * The file of tokens: a table for the module, which reads it, and for
 * whatsapp-ctl, which changes it.
 *
 * A line is the SHA-256 digest of a token in hexadecimal, the limits, and the
 * token's name as a comment:
 *
 *     DIGEST scope=send,read phone_number_id=1000000001  # shop
 *
 * The includer defines WHATSAPP_SCOPE before it includes this file, as often
 * as it needs another form of the rows.  The rows are expanded in place, and
 * the macro is undefined at the end.  Without it only the names of the limits
 * are defined.
 *
 * WHATSAPP_SCOPE(NAME, name): name is what stands behind scope=.
 *
 * Includers: the module (request/) and the controller (ctl/).  A new scope is
 * a row here, its bit in the module's request/, the methods that need it in
 * protocol/methods.h, docs/directives.md, and a test in t/scopes.t.
 */

#define WHATSAPP_TOKEN_SCOPE    "scope="
#define WHATSAPP_TOKEN_SESSION  "phone_number_id="


#ifdef WHATSAPP_SCOPE

WHATSAPP_SCOPE(SEND,    "send")
WHATSAPP_SCOPE(READ,    "read")
WHATSAPP_SCOPE(CONTROL, "control")

#undef WHATSAPP_SCOPE

#endif
