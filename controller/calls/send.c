/*
 * message.send.  A send is known by its Idempotency-Key: the first call with a
 * key starts it, every later one joins it while it runs, and gets its recorded
 * end afterwards.  The table of keys (idempotency.c) has an entry for each
 * send.  An unfinished entry names the send as its owner, the send points to
 * its entry and to the calls that wait for it, and a call points to its send;
 * whoever ends a send (send_outcome.c) takes all three apart and frees it.
 *
 * A send waits in the session's lane of sends, which paces them.  When its
 * turn comes the recipient is resolved, from the session's cache or by the
 * page (send_submit.c).  The table may have forgotten, or never known, what
 * the page still knows, since the id of a message follows from its key.  So
 * the page looks for the message before it sends it; before a linked file is
 * downloaded, it is asked by a call of its own (send_lookup.c).  Until the
 * dispatch (send_dispatch.c) nothing has left: the send may be refused or
 * dropped, its entry is forgotten, and a repeat starts anew.
 *
 * Just before the message is handed to the browser the entry becomes
 * DISPATCHED; no path leads from there to a second dispatch.  The entry ends
 * as DONE when WhatsApp's server has acknowledged the message.  It is
 * forgotten again only if the browser did not write a byte of the call, or the
 * page says that nothing was sent.  In every other case (a deadline, a lost
 * browser, an error without an outcome) it becomes UNKNOWN, and a repeat makes
 * the page look for the message (send_check.c) instead of sending it.  If a
 * page that is ready neither has the message nor is about to send it, it never
 * came into WhatsApp Web's hands or was lost there: the send starts anew under
 * the same id, by which whoever got it after all knows it.
 *
 * A peer that leaves (send_wait.c) takes a send with it only if no other call
 * waits for it and nothing has been dispatched.
 */

#include "calls/send_private.h"


static void send_begin(struct call *call, const struct message_params *params,
    struct idempotency_entry *entry);


void
send_start(struct call *call)
{
    struct error               error;
    struct message_params      params;
    struct idempotency_name    name;
    struct idempotency_entry  *entry;

    if (call->key == NULL) {
        error = error_say(ERROR_BAD_REQUEST,
                          "A send needs an Idempotency-Key");
        call_fail(call, &error);
        return;
    }

    if (!send_read_params(call, &params, &error)) {
        call_fail(call, &error);
        return;
    }

    name.session = session_id(call->session);
    name.scope = call->scope != NULL ? call->scope : "";
    name.key = call->key;
    name.body = call->body;
    name.body_size = call->body_size;

    if (!idempotency_begin(call->services->idempotency, &name, call->arrived,
                           &entry, &error))
    {
        call_fail(call, &error);
        return;
    }

    switch (entry->state) {

    case IDEMPOTENCY_NEW:
        send_begin(call, &params, entry);
        return;

    case IDEMPOTENCY_DONE:
        send_return(call, entry);
        return;

    case IDEMPOTENCY_UNKNOWN:
        send_check(call, entry);
        return;

    default: /* IDEMPOTENCY_QUEUED, _DISPATCHED, _CHECKING */
        send_join(call, entry->owner);
    }
}


static void
send_begin(struct call *call, const struct message_params *params,
    struct idempotency_entry *entry)
{
    struct send   *send;
    struct error   error;

    if (!session_check_send(call->session, &error)) {
        idempotency_drop(call->services->idempotency, entry);
        call_fail(call, &error);
        return;
    }

    send = send_create(call, entry, LANE_SENDS);

    if (send == NULL) {
        idempotency_drop(call->services->idempotency, entry);
        error = error_memory();
        call_fail(call, &error);
        return;
    }

    send_submit(send, call, params);
}
