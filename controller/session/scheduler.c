/*
 * Works off the queues of a session: one timer for whatever is due next.
 */

#include <stdlib.h>

#include "base/clock.h"
#include "session/scheduler.h"


struct lanes {
    bool           pumping;
    struct queue   queues[LANES_N];
    struct event  *timer;
};


static struct lane_job *lanes_refusable(struct queue *queue);
static void lanes_due(int fd, short what, void *ctx);
static void lanes_pump(struct lanes *lanes);
static void lanes_pump_queue(struct queue *queue);
static void lanes_arm(struct lanes *lanes);


struct lanes *
lanes_create(struct event_base *base,
    const struct queue_config config[LANES_N])
{
    size_t         i;
    struct lanes  *lanes;

    lanes = calloc(1, sizeof(struct lanes));

    if (lanes == NULL) {
        return NULL;
    }

    lanes->timer = evtimer_new(base, lanes_due, lanes);

    if (lanes->timer == NULL) {
        free(lanes);
        return NULL;
    }

    for (i = 0; i < LANES_N; i++) {
        queue_init(&lanes->queues[i], &config[i], clock_ms());
    }

    return lanes;
}


void
lanes_destroy(struct lanes *lanes)
{
    if (lanes != NULL) {
        event_free(lanes->timer);
        free(lanes);
    }
}


bool
lanes_submit(struct lanes *lanes, enum lane lane, struct lane_job *job,
    struct error *error)
{
    uint64_t            retry_after_ms;
    enum queue_verdict  verdict;

    verdict = queue_push(&lanes->queues[lane], &job->item, clock_ms(),
                         &retry_after_ms);

    if (verdict != QUEUE_OK) {
        *error = error_make(ERROR_QUEUE_FULL);
        error->retry_after_ms = retry_after_ms;

        if (verdict == QUEUE_TOO_LATE) {
            error->message = "The call's turn would come after its deadline";
        }

        return false;
    }

    lanes_pump(lanes);

    return true;
}


void
lanes_leave(struct lanes *lanes, enum lane lane, struct lane_job *job)
{
    queue_remove(&lanes->queues[lane], &job->item);
    lanes_pump(lanes);
}


bool
lanes_withdraw(struct lanes *lanes, enum lane lane, struct lane_job *job)
{
    if (job->item.place != QUEUE_WAITING) {
        return false;
    }

    queue_remove(&lanes->queues[lane], &job->item);

    return true;
}


void
lanes_refuse(struct lanes *lanes, const struct error *error)
{
    size_t             i;
    struct lane_job   *job;

    for (i = 0; i < LANES_N; i++) {
        for ( ;; ) {
            job = lanes_refusable(&lanes->queues[i]);

            if (job == NULL) {
                break;
            }

            job->refuse(job, error);
        }
    }
}


/* one that waits, or that runs beside the page; taken out */

static struct lane_job *
lanes_refusable(struct queue *queue)
{
    struct lane_job    *job;
    struct queue_item  *item;

    item = queue_shift(queue);

    if (item != NULL) {
        return (struct lane_job *) item;
    }

    while ((item = queue_running(queue, item)) != NULL) {
        job = (struct lane_job *) item;

        if (job->beside) {
            queue_remove(queue, item);
            return job;
        }
    }

    return NULL;
}


bool
lanes_busy(const struct lanes *lanes)
{
    size_t  i;

    for (i = 0; i < LANES_N; i++) {
        if (lanes->queues[i].running_n != 0) {
            return true;
        }
    }

    return false;
}


size_t
lanes_waiting(const struct lanes *lanes, enum lane lane)
{
    return lanes->queues[lane].waiting_n;
}


size_t
lanes_running(const struct lanes *lanes, enum lane lane)
{
    return lanes->queues[lane].running_n;
}


static void
lanes_due(int fd, short what, void *ctx)
{
    (void) fd;
    (void) what;

    lanes_pump(ctx);
}


/* jobs that end at once come back here: the outer call goes on for them */

static void
lanes_pump(struct lanes *lanes)
{
    size_t  i;

    if (lanes->pumping) {
        return;
    }

    lanes->pumping = true;

    for (i = 0; i < LANES_N; i++) {
        lanes_pump_queue(&lanes->queues[i]);
    }

    lanes->pumping = false;

    lanes_arm(lanes);
}


static void
lanes_pump_queue(struct queue *queue)
{
    struct error      error;
    struct lane_job  *job;

    error = error_say(ERROR_DEADLINE,
                      "The deadline passed before the call's turn came");

    for ( ;; ) {
        job = (struct lane_job *) queue_expired(queue, clock_ms());

        if (job == NULL) {
            break;
        }

        job->refuse(job, &error);
    }

    for ( ;; ) {
        job = (struct lane_job *) queue_pop(queue, clock_ms());

        if (job == NULL) {
            break;
        }

        job->run(job);
    }
}


static void
lanes_arm(struct lanes *lanes)
{
    size_t          i;
    uint64_t        now, due, next;
    struct timeval  tv;

    now = clock_ms();
    next = QUEUE_NEVER;

    for (i = 0; i < LANES_N; i++) {
        due = queue_next(&lanes->queues[i], now);
        next = due < next ? due : next;
    }

    if (next == QUEUE_NEVER) {
        (void) event_del(lanes->timer);
        return;
    }

    tv.tv_sec = (time_t) (next / 1000);
    tv.tv_usec = (suseconds_t) (next % 1000 * 1000);

    (void) evtimer_add(lanes->timer, &tv);
}
