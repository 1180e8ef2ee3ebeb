/*
 * One call to the page in the lane of reads.
 */

#include <stdlib.h>

#include "base/clock.h"
#include "calls/call_run.h"


struct read {
    struct lane_job            job;            /* first */
    struct call               *call;           /* NULL: the peer has left */
    struct session            *session;
    const struct read_method  *method;
    json_t                    *params;
    json_t                    *results;        /* of several steps, or NULL */
    struct media              *file;           /* held, or NULL */
    uint64_t                   page_deadline;  /* ms */
};


static void read_run(struct lane_job *job);
static void read_refuse(struct lane_job *job, const struct error *error);
static void read_done(void *ctx, enum browser_call_status status,
    json_t *result);
static void read_call(struct read *read, json_t *params);
static void read_step(struct read *read, json_t *result);
static bool read_goes_on(const struct read *read, const struct error *error);
static void read_answer(struct read *read, json_t *result);
static void read_end(struct read *read, const struct error *error,
    json_t *result);
static void read_destroy(struct read *read);


void
read_start(struct call *call, const struct read_method *method)
{
    json_t        *params;
    struct read   *read;
    struct error   error;

    if (!method->allowed(call->session, &error)) {
        call_fail(call, &error);
        return;
    }

    params = method->params(call, &error);
    read = NULL;

    if (params != NULL) {
        read = calloc(1, sizeof(struct read));
        error = error_memory();
    }

    if (read == NULL) {
        json_decref(params);

        if (call->file != NULL) {
            media_release(call->file);
            call->file = NULL;
        }

        call_fail(call, &error);
        return;
    }

    read->job.run = read_run;
    read->job.refuse = read_refuse;
    read->job.item.deadline = call_start_deadline(call);
    read->call = call;
    read->session = call->session;
    read->method = method;
    read->params = params;
    read->file = call->file;
    read->page_deadline = call_page_deadline(call);

    call->read = read;
    call->file = NULL;

    if (!lanes_submit(session_lanes(read->session), LANE_READS, &read->job,
                      &error))
    {
        read_end(read, &error, NULL);
    }
}


void
read_forget(struct call *call)
{
    struct read  *read;

    read = call->read;

    call->read = NULL;
    read->call = NULL;

    if (lanes_withdraw(session_lanes(read->session), LANE_READS,
                       &read->job))
    {
        read_destroy(read);
    }
}


static void
read_run(struct lane_job *job)
{
    json_t       *params;
    struct read  *read = (struct read *) job;

    params = read->params;
    read->params = NULL;

    read_call(read, params);
}


/* steals params */

static void
read_call(struct read *read, json_t *params)
{
    uint64_t      now, left;
    struct error  error;

    now = clock_ms();
    left = read->page_deadline > now ? read->page_deadline - now : 1;

    if (session_call(read->session, read->method->method, params,
                     read->file != NULL ? read->file->path : NULL, left,
                     read_done, read)
        != 0)
    {
        error = error_make(ERROR_SESSION_RESTARTING);
        read_end(read, &error, NULL);
    }
}


static void
read_refuse(struct lane_job *job, const struct error *error)
{
    read_end((struct read *) job, error, NULL);
}


static void
read_done(void *ctx, enum browser_call_status status, json_t *result)
{
    struct read   *read = ctx;
    struct error   error;

    switch (status) {

    case BROWSER_CALL_OK:

        if (read->call == NULL) {
            read_end(read, NULL, NULL);

        } else if (read->method->next != NULL) {
            read_step(read, json_incref(result));

        } else {
            read_answer(read, result);
        }

        return;

    case BROWSER_CALL_ERROR:
        error = error_from_page(result);

        if (read_goes_on(read, &error)) {
            read_step(read, json_pack("{s:s}", "error",
                                      error_name(error.code)));
            return;
        }

        break;

    case BROWSER_CALL_NOT_WRITTEN:
        error = error_make(ERROR_SESSION_RESTARTING);
        break;

    case BROWSER_CALL_LOST:
        error = error_make(ERROR_CONNECTION_LOST);
        break;

    default: /* BROWSER_CALL_TIMEOUT */
        error = error_say(ERROR_DEADLINE,
                          "WhatsApp Web did not answer in time");
        error.outcome = OUTCOME_UNKNOWN;
    }

    read_end(read, &error, NULL);
}


/* steals result */

static void
read_step(struct read *read, json_t *result)
{
    json_t        *params;
    struct error   error;

    if (read->results == NULL) {
        read->results = json_array();
    }

    if (json_array_append_new(read->results, result) != 0) {
        error = error_memory();
        error.outcome = OUTCOME_UNKNOWN;
        read_end(read, &error, NULL);
        return;
    }

    params = read->method->next(read->call, read->results);

    if (params != NULL) {
        read_call(read, params);

    } else {
        read_answer(read, read->results);
    }
}


/* whether an error is about this step alone */

static bool
read_goes_on(const struct read *read, const struct error *error)
{
    return read->call != NULL && read->method->next != NULL
           && error->outcome == OUTCOME_NOT_SENT
           && (error->code == ERROR_NOT_ON_WHATSAPP
               || error->code == ERROR_OWN_NUMBER
               || error->code == ERROR_INVALID_PARAMETER);
}


static void
read_answer(struct read *read, json_t *result)
{
    json_t        *answer;
    struct error   error;

    answer = read->method->answer(read->call, result);

    if (answer != NULL) {
        read_end(read, NULL, answer);
        return;
    }

    error = error_make(ERROR_PAGE_ERROR);

    read_end(read, &error, NULL);
}


static void
read_end(struct read *read, const struct error *error, json_t *result)
{
    struct call   *call;
    struct error   told;

    call = read->call;

    if (call != NULL) {
        call->read = NULL;

        if (error != NULL) {
            told = *error;

            /* earlier steps may have been done */

            if (read->results != NULL) {
                told.outcome = OUTCOME_UNKNOWN;
            }

            call_fail(call, &told);

        } else {
            call->done(call, NULL, result);
        }
    }

    lanes_leave(session_lanes(read->session), LANE_READS, &read->job);

    read_destroy(read);
}


static void
read_destroy(struct read *read)
{
    if (read->file != NULL) {
        media_release(read->file);
    }

    json_decref(read->params);
    json_decref(read->results);
    free(read);
}
