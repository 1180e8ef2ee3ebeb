/*
 * The repeat of a send whose fate is unknown: the page is asked what became of
 * the message.
 */

#include "calls/send_private.h"


static void send_check_run(struct scheduler_job *job);
static void send_check_refuse(struct scheduler_job *job,
    const struct error *error);
static void send_checked(void *ctx, enum tab_call_status status,
    json_t *result);
static void send_check_refused(struct send *send);
static void send_check_absent(struct send *send);


void
send_check(struct call *call, struct idempotency_entry *entry)
{
    struct send   *send;
    struct error   error;

    if (!session_check(call->session, &error)) {
        send_return_unknown(call, entry);
        return;
    }

    send = send_create(call, entry, LANE_CALLS);

    if (send == NULL) {
        send_return_unknown(call, entry);
        return;
    }

    /* it asks about a send that was counted when it ended */

    send->counted = true;
    send->job.run = send_check_run;
    send->job.refuse = send_check_refuse;
    send->job.item.deadline = call_start_deadline(call);

    idempotency_check(send->services->idempotency, entry, send);

    if (!scheduler_submit(session_scheduler(send->session), LANE_CALLS,
                          &send->job, &error))
    {
        send_end_unknown(send, entry->error, NULL);
    }
}


static void
send_check_run(struct scheduler_job *job)
{
    const char             *deleted;
    struct call            *call;
    struct send            *send = (struct send *) job;
    struct error            error;
    struct message_params   params;

    call = TAILQ_FIRST(&send->calls);

    deleted = call != NULL && send_read_params(call, &params, &error)
              && message_params_capability(&params) == SESSION_REVOKE
              ? params.target : NULL;

    if (!send_ask(send, &send->entry->wamid, deleted, send_checked)) {
        send_end_unknown(send, send->entry->error, NULL);
    }
}


static void
send_check_refuse(struct scheduler_job *job, const struct error *error)
{
    struct send  *send = (struct send *) job;

    (void) error;

    send_end_unknown(send, send->entry->error, NULL);
}


static void
send_checked(void *ctx, enum tab_call_status status, json_t *result)
{
    struct send  *send = ctx;

    if (status != TAB_CALL_OK) {
        send_end_unknown(send, send->entry->error, NULL);
        return;
    }

    switch (send_read_fate(result)) {

    case SEND_ACKNOWLEDGED:
        send_rename(send, result);
        send_end_sent(send);
        return;

    case SEND_REFUSED:
        send_check_refused(send);
        return;

    case SEND_ABSENT:
        send_check_absent(send);
        return;

    case SEND_PENDING:
        send_end_unknown(send, send->entry->error, NULL);
    }
}


static void
send_check_refused(struct send *send)
{
    struct error  error;

    error = error_make(ERROR_SEND_REFUSED);
    send_end_not_sent(send, &error);
}


/*
 * WhatsApp Web neither has the message nor is about to send it: the send
 * starts anew, for the calls that wait, under the id that it had.
 */

static void
send_check_absent(struct send *send)
{
    struct call            *call;
    struct error            error;
    struct message_params   params;

    call = TAILQ_FIRST(&send->calls);

    if (call == NULL || !send_read_params(call, &params, &error)) {
        send_end_unknown(send, send->entry->error, NULL);
        return;
    }

    scheduler_leave(session_scheduler(send->session), LANE_CALLS, &send->job);

    send->lane = LANE_SENDS;
    send->counted = false;
    send->looked_up = true;

    send_submit(send, call, &params);
}
