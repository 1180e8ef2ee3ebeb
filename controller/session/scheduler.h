/*
 * The scheduler of a session decides when each call may use the page.  A
 * session has two lanes: its sends run one after another and are paced, all
 * other calls run beside them and are only bounded in number.
 */

#ifndef SCHEDULER_H
#define SCHEDULER_H


#include <stdbool.h>

#include <event2/event.h>

#include "base/error.h"
#include "session/send_queue.h"


enum lane {
    LANE_SENDS = 0,   /* paced */
    LANE_CALLS,       /* calls that are no sends, not paced */
    LANES
};


/*
 * A job that waits for its turn; callers embed it.  The caller sets
 * item.deadline, item.chat and the two functions.  Exactly one of them is
 * called, unless the job is withdrawn before: run when the turn has come, and
 * then the caller ends it with scheduler_leave; refuse when the turn will
 * never come, with a borrowed error.  A running job that has not used the page
 * yet may set off_page, and clears it before it does.
 */

struct scheduler_job {
    struct send_queue_item   item;        /* first: the queue returns it */
    bool                     off_page;    /* running, not yet in the page: may
                                             still be refused */
    void                   (*run)(struct scheduler_job *job);
    void                   (*refuse)(struct scheduler_job *job,
                                     const struct error *error);
};


struct scheduler;


/*
 * Creates a scheduler with empty lanes, each configured by its row of config.
 * Returns NULL when memory is short; scheduler_destroy frees it.
 */
struct scheduler *scheduler_create(struct event_base *base,
    const struct send_queue_config config[LANES]);

/* Gives the lanes another configuration; jobs that wait go on waiting. */
void scheduler_change(struct scheduler *scheduler,
    const struct send_queue_config config[LANES]);

/* Starts no further job of a lane as long as held is true. */
void scheduler_hold(struct scheduler *scheduler, enum lane lane, bool held);

/* Frees a scheduler that holds no job; NULL is allowed. */
void scheduler_destroy(struct scheduler *scheduler);

/*
 * Lets a job wait for its turn.  The job may run, end and be freed before this
 * returns true.  Returns false and fills error when the job was not taken.
 */
bool scheduler_submit(struct scheduler *scheduler, enum lane lane,
    struct scheduler_job *job, struct error *error);

/* Ends a job that ran, and starts those that it held up. */
void scheduler_leave(struct scheduler *scheduler, enum lane lane,
    struct scheduler_job *job);

/* Takes a waiting job back; returns false when it runs already. */
bool scheduler_withdraw(struct scheduler *scheduler, enum lane lane,
    struct scheduler_job *job);

/* Refuses the jobs of a lane that wait or are off the page. */
void scheduler_refuse(struct scheduler *scheduler, enum lane lane,
    const struct error *error);

/* Returns whether any job runs. */
bool scheduler_busy(const struct scheduler *scheduler);

/* Return how many jobs of a lane wait, and how many run. */
size_t scheduler_waiting(const struct scheduler *scheduler, enum lane lane);
size_t scheduler_running(const struct scheduler *scheduler, enum lane lane);


#endif /* SCHEDULER_H */
