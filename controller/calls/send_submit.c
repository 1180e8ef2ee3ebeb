/*
 * The first half of a send: it waits for its turn, and its recipient is
 * resolved.
 */

#include <string.h>

#include "base/clock.h"
#include "calls/send_private.h"
#include "protocol/idempotency.h"


/* ms that WhatsApp may take to look a recipient up */

#define SEND_RESOLVE_MS  10000


static void send_run(struct scheduler_job *job);
static void send_resolved(void *ctx, enum tab_call_status status,
    json_t *result);
static void send_refuse(struct scheduler_job *job, const struct error *error);


bool
send_read_params(const struct call *call, struct message_params *params,
    struct error *error)
{
    struct message_ids  ids;

    ids.seal = call->services->seal;
    ids.session = session_id(call->session);

    return message_params_read(params, call->params, &ids, error);
}


void
send_submit(struct send *send, struct call *call,
    const struct message_params *params)
{
    struct error             error;
    const struct recipient  *known;

    idempotency_queue(send->entry, send);

    memcpy(send->recipient.to, params->to, sizeof(params->to));

    send->job.run = send_run;
    send->job.refuse = send_refuse;
    send->job.item.chat = recipient_hash(params->to);
    send->job.item.deadline = call_start_deadline(call);
    send->capability = message_params_capability(params);
    send->message = message_params_message(params);

    if (call->scope != NULL
        && strcmp(call->scope, WHATSAPP_SCOPE_REQUEST) == 0)
    {
        send->looked_up = true;
    }

    if (params->callback_data != NULL && send->callback_data == NULL) {
        send->callback_data = strdup(params->callback_data);
    }

    if (send->message == NULL
        || (params->callback_data != NULL && send->callback_data == NULL))
    {
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
        send_proceed(send);
        return;
    }

    params = json_pack("{s:s}", "to", send->recipient.to);

    if (params == NULL
        || !session_call(send->session, "recipient.resolve", params, NULL,
                         send_time_left(send, SEND_RESOLVE_MS), send_resolved,
                         send))
    {
        send_end_not_written(send);
    }
}


static void
send_resolved(void *ctx, enum tab_call_status status, json_t *result)
{
    struct send   *send = ctx;
    struct error   error;

    switch (status) {

    case TAB_CALL_OK:

        if (recipient_read(&send->recipient, result)) {
            recipient_cache_store(session_recipients(send->session),
                                  &send->recipient, clock_ms());
            send_proceed(send);
            return;
        }

        error = error_make(ERROR_PAGE_ERROR);
        break;

    case TAB_CALL_ERROR:
        error = error_from_page(result);
        break;

    case TAB_CALL_TIMEOUT:
        error = error_say(ERROR_DEADLINE,
                          "WhatsApp took too long to look the recipient up");
        break;

    default: /* TAB_CALL_NOT_WRITTEN, TAB_CALL_LOST */
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
