/*
 * Calls that are no sends: queued, asked of the page step by step, answered.
 */

#include <stdlib.h>

#include "base/clock.h"
#include "calls/call_run.h"


struct call_run {
    struct scheduler_job        job;            /* first */
    struct call                *call;           /* NULL: the peer has left */
    struct session             *session;
    const struct call_handler  *handler;
    json_t                     *params;         /* NULL once it runs */
    json_t                     *results;        /* of several steps */
    struct media               *file;           /* held, or NULL */
    uint64_t                    page_deadline;  /* ms */
};


static void call_run_answer(struct call *call,
    const struct call_handler *handler);
static struct call_run *call_run_create(struct call *call,
    const struct call_handler *handler, json_t *params);
static void call_run_begin(struct scheduler_job *job);
static void call_run_ask(struct call_run *run, json_t *params);
static void call_run_asked(void *ctx, enum tab_call_status status,
    json_t *result);
static void call_run_step(struct call_run *run, json_t *result);
static bool call_run_continues(const struct call_run *run,
    const struct error *error);
static void call_run_return(struct call_run *run, json_t *result);
static void call_run_refuse(struct scheduler_job *job,
    const struct error *error);
static void call_run_fail(struct call_run *run, struct error error);
static void call_run_end(struct call_run *run);
static void call_run_destroy(struct call_run *run);


void
call_run_start(struct call *call, const struct call_handler *handler)
{
    json_t           *params;
    struct error      error;
    struct call_run  *run;

    if (!handler->check(call->session, &error)) {
        call_fail(call, &error);
        return;
    }

    params = handler->params(call, &error);

    if (params == NULL) {
        call_fail(call, &error);
        return;
    }

    if (handler->method == NULL) {
        json_decref(params);
        call_run_answer(call, handler);
        return;
    }

    run = call_run_create(call, handler, params);

    if (run == NULL) {
        json_decref(params);
        error = error_memory();
        call_fail(call, &error);
        return;
    }

    if (!scheduler_submit(session_scheduler(run->session), LANE_CALLS,
                          &run->job, &error))
    {
        call_run_fail(run, error);
    }
}


/* ends a call that needs no page, and so no turn either */

static void
call_run_answer(struct call *call, const struct call_handler *handler)
{
    json_t        *result;
    struct error   error;

    result = handler->result(call, NULL);

    if (result != NULL) {
        call_return(call, result);

    } else {
        error = error_memory();
        call_fail(call, &error);
    }
}


/* steals params, unless it returns NULL */

static struct call_run *
call_run_create(struct call *call, const struct call_handler *handler,
    json_t *params)
{
    struct call_run  *run;

    run = calloc(1, sizeof(struct call_run));

    if (run == NULL) {
        return NULL;
    }

    run->job.run = call_run_begin;
    run->job.refuse = call_run_refuse;
    run->job.item.deadline = call_start_deadline(call);
    run->call = call;
    run->session = call->session;
    run->handler = handler;
    run->params = params;
    run->file = call->file;
    run->page_deadline = call_page_deadline(call);

    call->run = run;
    call->file = NULL;

    return run;
}


void
call_run_forget(struct call *call)
{
    struct call_run  *run;

    run = call->run;

    call->run = NULL;
    run->call = NULL;

    if (scheduler_withdraw(session_scheduler(run->session), LANE_CALLS,
                           &run->job))
    {
        call_run_destroy(run);
    }
}


json_t *
call_run_success(struct call *call, json_t *result)
{
    (void) call;
    (void) result;

    return json_pack("{s:b}", "success", 1);
}


static void
call_run_begin(struct scheduler_job *job)
{
    json_t           *params;
    struct call_run  *run = (struct call_run *) job;

    params = run->params;
    run->params = NULL;

    call_run_ask(run, params);
}


/* steals params */

static void
call_run_ask(struct call_run *run, json_t *params)
{
    uint64_t  now, left;

    now = clock_ms();
    left = run->page_deadline > now ? run->page_deadline - now : 1;

    if (!session_call(run->session, run->handler->method, params,
                      run->file != NULL ? run->file->path : NULL, left,
                      call_run_asked, run))
    {
        call_run_fail(run, error_make(ERROR_SESSION_RESTARTING));
    }
}


static void
call_run_asked(void *ctx, enum tab_call_status status, json_t *result)
{
    struct error      error;
    struct call_run  *run = ctx;

    switch (status) {

    case TAB_CALL_OK:

        if (run->call == NULL) {
            call_run_end(run);

        } else if (run->handler->next != NULL) {
            call_run_step(run, json_incref(result));

        } else {
            call_run_return(run, result);
        }

        return;

    case TAB_CALL_ERROR:
        error = error_from_page(result);

        if (call_run_continues(run, &error)) {
            call_run_step(run, json_pack("{s:o}", "error",
                                         error_graph(&error)));
            return;
        }

        break;

    case TAB_CALL_NOT_WRITTEN:
        error = error_make(ERROR_SESSION_RESTARTING);
        break;

    case TAB_CALL_LOST:

        if (run->call != NULL && run->handler->lost != NULL
            && run->handler->lost(run->session))
        {
            call_run_return(run, NULL);
            return;
        }

        error = error_make(ERROR_CONNECTION_LOST);
        break;

    default: /* TAB_CALL_TIMEOUT */
        error = error_say(ERROR_DEADLINE,
                          "WhatsApp Web did not answer in time");
        error.outcome = OUTCOME_UNKNOWN;
    }

    call_run_fail(run, error);
}


/* steals result */

static void
call_run_step(struct call_run *run, json_t *result)
{
    json_t        *params;
    struct error   error;

    if (run->results == NULL) {
        run->results = json_array();
    }

    if (json_array_append_new(run->results, result) != 0) {
        error = error_memory();
        error.outcome = OUTCOME_UNKNOWN;
        call_run_fail(run, error);
        return;
    }

    params = run->handler->next(run->call, run->results);

    if (params != NULL) {
        call_run_ask(run, params);

    } else {
        call_run_return(run, run->results);
    }
}


/* whether an error concerns one step alone, so that the next one is taken */

static bool
call_run_continues(const struct call_run *run, const struct error *error)
{
    return run->call != NULL && run->handler->next != NULL
           && error->outcome == OUTCOME_NOT_SENT
           && (error->code == ERROR_NOT_ON_WHATSAPP
               || error->code == ERROR_OWN_NUMBER
               || error->code == ERROR_INVALID_PARAMETER);
}


/* borrows the page's result; run->call is there */

static void
call_run_return(struct call_run *run, json_t *result)
{
    json_t       *returned;
    struct call  *call;

    call = run->call;
    returned = run->handler->result(call, result);

    if (returned == NULL) {
        call_run_fail(run, error_make(ERROR_PAGE_ERROR));
        return;
    }

    call->run = NULL;
    call_return(call, returned);

    call_run_end(run);
}


static void
call_run_refuse(struct scheduler_job *job, const struct error *error)
{
    call_run_fail((struct call_run *) job, *error);
}


static void
call_run_fail(struct call_run *run, struct error error)
{
    struct call  *call;

    call = run->call;

    /* a step before the one that failed may have changed something */

    if (run->results != NULL) {
        error.outcome = OUTCOME_UNKNOWN;
    }

    if (call != NULL) {
        call->run = NULL;
        call_fail(call, &error);
    }

    call_run_end(run);
}


/* the peer has been answered before, or has left */

static void
call_run_end(struct call_run *run)
{
    scheduler_leave(session_scheduler(run->session), LANE_CALLS, &run->job);

    call_run_destroy(run);
}


static void
call_run_destroy(struct call_run *run)
{
    if (run->file != NULL) {
        media_release(run->file);
    }

    json_decref(run->params);
    json_decref(run->results);
    free(run);
}
