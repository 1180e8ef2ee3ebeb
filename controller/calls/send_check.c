/*
 * The repeat of a send whose fate is unknown: the page is asked once whether
 * it has the message, and nothing is sent.
 */

#include "base/clock.h"
#include "calls/send_private.h"


/* ms that the page may take to look for a message */

#define SEND_STATUS_MS  5000


static void send_check_run(struct scheduler_job *job);
static void send_check_refuse(struct scheduler_job *job,
    const struct error *error);
static void send_checked(void *ctx, enum browser_call_status status,
    json_t *result);


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
    char          key[WAMID_KEY_SIZE];
    json_t       *params;
    struct send  *send = (struct send *) job;

    wamid_key(&send->entry->wamid, key);

    params = json_pack("{s:s}", "key", key);

    if (params == NULL
        || session_call(send->session, "message.status", params, NULL,
                        send_time_left(send, SEND_STATUS_MS), send_checked,
                        send)
           != 0)
    {
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
send_checked(void *ctx, enum browser_call_status status, json_t *result)
{
    struct send  *send = ctx;

    if (status == BROWSER_CALL_OK
        && json_is_true(json_object_get(result, "found"))
        && json_integer_value(json_object_get(result, "ack")) >= 1)
    {
        send_end_sent(send);
        return;
    }

    send_end_unknown(send, send->entry->error, NULL);
}
