/*
 * The turns of a session's calls: a lane for its sends, one for its reads,
 * each a queue that is worked off as time and the window allow.
 */

#ifndef LANES_H
#define LANES_H


#include <stdbool.h>

#include <event2/event.h>

#include "base/error.h"
#include "session/send_queue.h"


enum lane {
    LANE_SENDS = 0,   /* one after another, paced */
    LANE_READS,       /* beside them, bounded */
    LANES_N
};


/*
 * A call that wants its turn; to be embedded.  The caller sets item.deadline,
 * item.chat and the functions.  Exactly one of them is called unless the job
 * is withdrawn before: run when its turn has come (and then lanes_leave ends
 * it), refuse when it will never come; the error is borrowed.  While it runs
 * and has nothing to do with the page yet it says so, and may be refused yet.
 */

struct lane_job {
    struct queue_item  item;           /* first: the queue knows this only */
    bool               beside;         /* the page: it may be refused */
    void             (*run)(struct lane_job *job);
    void             (*refuse)(struct lane_job *job,
                               const struct error *error);
};


struct lanes;


/* Makes empty lanes; NULL when memory is short. */
struct lanes *lanes_create(struct event_base *base,
    const struct queue_config config[LANES_N]);

/* Frees lanes that no job is in; NULL is allowed. */
void lanes_destroy(struct lanes *lanes);

/*
 * Lets a job wait for its turn; it may run, end and be freed before this
 * returns true.  False: error says why not, and the job was not taken.
 */
bool lanes_submit(struct lanes *lanes, enum lane lane, struct lane_job *job,
    struct error *error);

/* A job that ran is over; its turn goes on to the next. */
void lanes_leave(struct lanes *lanes, enum lane lane, struct lane_job *job);

/* Takes back a job; true when it was waiting, false when it runs already. */
bool lanes_withdraw(struct lanes *lanes, enum lane lane,
    struct lane_job *job);

/* Refuses all jobs that wait. */
void lanes_refuse(struct lanes *lanes, const struct error *error);

/* Whether jobs run. */
bool lanes_busy(const struct lanes *lanes);

/* How many jobs of a lane wait, and how many run. */
size_t lanes_waiting(const struct lanes *lanes, enum lane lane);
size_t lanes_running(const struct lanes *lanes, enum lane lane);


#endif /* LANES_H */
