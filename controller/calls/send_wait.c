/*
 * The calls that wait for a send which another call has started: they join it
 * with a deadline of their own, and each may leave.
 */

#include "base/clock.h"
#include "calls/send_private.h"


static void send_join_timeout(int fd, short what, void *ctx);


void
send_join(struct call *call, struct send *send)
{
    struct error    error;
    struct timeval  tv;

    call->timer = evtimer_new(call->services->base, send_join_timeout, call);

    if (call->timer == NULL) {
        error = error_memory();
        error.outcome = OUTCOME_UNKNOWN;
        call_fail(call, &error);
        return;
    }

    tv = clock_timeval(call_page_deadline(call) - call->arrived);

    (void) evtimer_add(call->timer, &tv);

    send_attach(send, call);
}


static void
send_join_timeout(int fd, short what, void *ctx)
{
    char                             text[WAMID_TEXT_SIZE];
    bool                             queued, last;
    struct call                     *call = ctx;
    struct error                     error;
    const struct idempotency_entry  *entry;

    (void) fd;
    (void) what;

    entry = call->send->entry;
    queued = entry->state == IDEMPOTENCY_QUEUED;
    last = TAILQ_FIRST(&call->send->calls) == call
           && TAILQ_NEXT(call, link) == NULL;

    error = error_make(ERROR_DEADLINE);

    if (!queued) {
        error = send_unknown_error(entry, text);
        error.code = ERROR_DEADLINE;

    } else if (!last) {

        /* the message may still leave for the other calls */

        error.outcome = OUTCOME_UNKNOWN;
    }

    send_forget(call);
    call_fail(call, &error);
}


void
send_forget(struct call *call)
{
    struct send   *send;
    struct error   error;

    send = call->send;

    send_detach(call);

    if (!TAILQ_EMPTY(&send->calls)
        || send->entry->state != IDEMPOTENCY_QUEUED)
    {
        return;
    }

    /* otherwise the recipient is being resolved: send_prepare will end it */

    if (scheduler_withdraw(session_scheduler(send->session), send->lane,
                           &send->job)
        || send_media_fetching(&send->media))
    {
        error = error_make(ERROR_DEADLINE);
        send_end_not_sent(send, &error);
    }
}
