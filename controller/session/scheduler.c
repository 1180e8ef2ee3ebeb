/*
 * A scheduler holds one send queue for each lane and one timer, which is armed
 * for whatever is due next in any of them: a deadline or a paced start.
 */

#include <stdlib.h>

#include "base/clock.h"
#include "session/scheduler.h"


struct scheduler {
    bool                pumping;
    struct send_queue   queues[LANES];
    struct event       *timer;
};


static struct scheduler_job *scheduler_refusable(struct send_queue *queue);
static void scheduler_due(int fd, short what, void *ctx);
static void scheduler_pump(struct scheduler *scheduler);
static void scheduler_pump_queue(struct send_queue *queue);
static void scheduler_arm(struct scheduler *scheduler);


struct scheduler *
scheduler_create(struct event_base *base,
    const struct send_queue_config config[LANES])
{
    size_t             i;
    struct scheduler  *scheduler;

    scheduler = calloc(1, sizeof(struct scheduler));

    if (scheduler == NULL) {
        return NULL;
    }

    scheduler->timer = evtimer_new(base, scheduler_due, scheduler);

    if (scheduler->timer == NULL) {
        free(scheduler);
        return NULL;
    }

    for (i = 0; i < LANES; i++) {
        send_queue_init(&scheduler->queues[i], &config[i], clock_ms());
    }

    return scheduler;
}


void
scheduler_change(struct scheduler *scheduler,
    const struct send_queue_config config[LANES])
{
    size_t  i;

    for (i = 0; i < LANES; i++) {
        send_queue_change(&scheduler->queues[i], &config[i], clock_ms());
    }

    scheduler_pump(scheduler);
}


void
scheduler_hold(struct scheduler *scheduler, enum lane lane, bool held)
{
    send_queue_hold(&scheduler->queues[lane], held);
    scheduler_pump(scheduler);
}


void
scheduler_destroy(struct scheduler *scheduler)
{
    if (scheduler != NULL) {
        event_free(scheduler->timer);
        free(scheduler);
    }
}


bool
scheduler_submit(struct scheduler *scheduler, enum lane lane,
    struct scheduler_job *job, struct error *error)
{
    uint64_t                 retry_after_ms;
    enum send_queue_verdict  verdict;

    verdict = send_queue_push(&scheduler->queues[lane], &job->item,
                              clock_ms(), &retry_after_ms);

    if (verdict != SEND_QUEUE_OK) {
        *error = error_make(ERROR_QUEUE_FULL);
        error->retry_after_ms = retry_after_ms;

        if (verdict == SEND_QUEUE_TOO_LATE) {
            error->message = "The call's turn would come after its deadline";
        }

        return false;
    }

    scheduler_pump(scheduler);

    return true;
}


void
scheduler_leave(struct scheduler *scheduler, enum lane lane,
    struct scheduler_job *job)
{
    send_queue_remove(&scheduler->queues[lane], &job->item);
    scheduler_pump(scheduler);
}


bool
scheduler_withdraw(struct scheduler *scheduler, enum lane lane,
    struct scheduler_job *job)
{
    if (job->item.place != SEND_QUEUE_WAITING) {
        return false;
    }

    send_queue_remove(&scheduler->queues[lane], &job->item);

    return true;
}


void
scheduler_refuse(struct scheduler *scheduler, enum lane lane,
    const struct error *error)
{
    struct scheduler_job  *job;

    for ( ;; ) {
        job = scheduler_refusable(&scheduler->queues[lane]);

        if (job == NULL) {
            break;
        }

        job->refuse(job, error);
    }
}


/* takes out a job that waits, or that runs off the page */

static struct scheduler_job *
scheduler_refusable(struct send_queue *queue)
{
    struct scheduler_job    *job;
    struct send_queue_item  *item;

    item = send_queue_shift(queue);

    if (item != NULL) {
        return (struct scheduler_job *) item;
    }

    while ((item = send_queue_running(queue, item)) != NULL) {
        job = (struct scheduler_job *) item;

        if (job->off_page) {
            send_queue_remove(queue, item);
            return job;
        }
    }

    return NULL;
}


bool
scheduler_busy(const struct scheduler *scheduler)
{
    size_t  i;

    for (i = 0; i < LANES; i++) {
        if (scheduler->queues[i].running_n != 0) {
            return true;
        }
    }

    return false;
}


size_t
scheduler_waiting(const struct scheduler *scheduler, enum lane lane)
{
    return scheduler->queues[lane].waiting_n;
}


size_t
scheduler_running(const struct scheduler *scheduler, enum lane lane)
{
    return scheduler->queues[lane].running_n;
}


static void
scheduler_due(int fd, short what, void *ctx)
{
    (void) fd;
    (void) what;

    scheduler_pump(ctx);
}


/* a job that ends at once calls this again, and the outer call goes on */

static void
scheduler_pump(struct scheduler *scheduler)
{
    size_t  i;

    if (scheduler->pumping) {
        return;
    }

    scheduler->pumping = true;

    for (i = 0; i < LANES; i++) {
        scheduler_pump_queue(&scheduler->queues[i]);
    }

    scheduler->pumping = false;

    scheduler_arm(scheduler);
}


static void
scheduler_pump_queue(struct send_queue *queue)
{
    struct error           error;
    struct scheduler_job  *job;

    error = error_say(ERROR_DEADLINE,
                      "The deadline passed before the call's turn came");

    for ( ;; ) {
        job = (struct scheduler_job *) send_queue_expired(queue, clock_ms());

        if (job == NULL) {
            break;
        }

        job->refuse(job, &error);
    }

    for ( ;; ) {
        job = (struct scheduler_job *) send_queue_pop(queue, clock_ms());

        if (job == NULL) {
            break;
        }

        job->run(job);
    }
}


static void
scheduler_arm(struct scheduler *scheduler)
{
    size_t          i;
    uint64_t        now, due, next;
    struct timeval  tv;

    now = clock_ms();
    next = SEND_QUEUE_NEVER;

    for (i = 0; i < LANES; i++) {
        due = send_queue_next(&scheduler->queues[i], now);
        next = due < next ? due : next;
    }

    if (next == SEND_QUEUE_NEVER) {
        (void) event_del(scheduler->timer);
        return;
    }

    tv = clock_timeval(next);

    (void) evtimer_add(scheduler->timer, &tv);
}
