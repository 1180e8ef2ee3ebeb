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
 * page, and a linked file is downloaded (send_dispatch.c).  Until then nothing
 * has left: the send may be refused or dropped, its entry is forgotten, and a
 * repeat starts anew.
 *
 * Just before the message is handed to the browser its id is made and the
 * entry becomes DISPATCHED with it; no path leads from there to a second
 * dispatch.  The entry ends as DONE when WhatsApp's server has acknowledged
 * the message.  It is forgotten again only if the browser did not write a byte
 * of the call, or the page says that nothing was sent.  In every other case (a
 * deadline, a lost browser, an error without an outcome) it becomes UNKNOWN,
 * and a repeat makes the page look for the message of that id (send_check.c)
 * instead of sending it.
 *
 * A peer that leaves (send_wait.c) takes a send with it only if no other call
 * waits for it and nothing has been dispatched.
 */

#include <string.h>

#include "base/clock.h"
#include "calls/send_private.h"


/* ms that WhatsApp may take to look a recipient up */

#define SEND_RESOLVE_MS  10000


static void send_begin(struct call *call, const struct message_params *params,
    struct idempotency_entry *entry);
static void send_run(struct scheduler_job *job);
static void send_resolved(void *ctx, enum browser_call_status status,
    json_t *result);
static void send_refuse(struct scheduler_job *job, const struct error *error);


void
send_start(struct call *call)
{
    struct error               error;
    struct message_ids         ids;
    struct message_params      params;
    struct idempotency_entry  *entry;

    if (call->key == NULL) {
        error = error_say(ERROR_BAD_REQUEST,
                          "A send needs an Idempotency-Key");
        call_fail(call, &error);
        return;
    }

    ids.seal = call->services->seal;
    ids.session = session_id(call->session);

    if (!message_params_read(&params, call->params, &ids, &error)) {
        call_fail(call, &error);
        return;
    }

    if (!idempotency_begin(call->services->idempotency,
                           session_id(call->session), call->key, call->body,
                           call->body_size, call->arrived, &entry, &error))
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
    struct send             *send;
    struct error             error;
    const struct recipient  *known;

    if (!session_check(call->session, &error)) {
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

    idempotency_queue(entry, send);

    memcpy(send->recipient.to, params->to, sizeof(params->to));

    send->job.run = send_run;
    send->job.refuse = send_refuse;
    send->job.item.chat = recipient_hash(params->to);
    send->job.item.deadline = call_start_deadline(call);
    send->capability = message_params_capability(params);
    send->message = message_params_message(params);

    if (send->message == NULL) {
        error = error_memory();
        send_end_not_sent(send, &error);
        return;
    }

    /* a known recipient's limit is checked before the send has to wait */

    known = recipient_cache_find(session_recipients(send->session),
                                 send->recipient.to, call->arrived);

    if ((known != NULL && !send_take_pair_limit(send, known, &error))
        || !send_media_take(&send->media, params, call, &error)
        || !scheduler_submit(session_scheduler(send->session), LANE_SENDS,
                             &send->job, &error))
    {
        send_end_not_sent(send, &error);
    }
}


static void
send_run(struct scheduler_job *job)
{
    json_t                  *params;
    struct send             *send = (struct send *) job;
    const struct recipient  *known;

    known = recipient_cache_find(session_recipients(send->session),
                                 send->recipient.to, clock_ms());

    if (known != NULL) {
        send->recipient = *known;
        send_prepare(send);
        return;
    }

    params = json_pack("{s:s}", "to", send->recipient.to);

    if (params == NULL
        || session_call(send->session, "recipient.resolve", params, NULL,
                        send_time_left(send, SEND_RESOLVE_MS), send_resolved,
                        send)
           != 0)
    {
        send_end_not_written(send);
    }
}


static void
send_resolved(void *ctx, enum browser_call_status status, json_t *result)
{
    struct send   *send = ctx;
    struct error   error;

    switch (status) {

    case BROWSER_CALL_OK:

        if (recipient_read(&send->recipient, result)) {
            recipient_cache_store(session_recipients(send->session),
                                  &send->recipient, clock_ms());
            send_prepare(send);
            return;
        }

        error = error_make(ERROR_PAGE_ERROR);
        break;

    case BROWSER_CALL_ERROR:
        error = error_from_page(result);
        break;

    case BROWSER_CALL_TIMEOUT:
        error = error_say(ERROR_DEADLINE,
                          "WhatsApp took too long to look the recipient up");
        break;

    default: /* BROWSER_CALL_NOT_WRITTEN, BROWSER_CALL_LOST */
        error = error_make(ERROR_SESSION_RESTARTING);
    }

    /* the page was asked who it is, and given no message */

    error.outcome = OUTCOME_NOT_SENT;

    send_end_not_sent(send, &error);
}


static void
send_refuse(struct scheduler_job *job, const struct error *error)
{
    send_end_not_sent((struct send *) job, error);
}
