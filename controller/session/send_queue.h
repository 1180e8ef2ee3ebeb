/*
 * The order of calls: who waits, who may run now, whose time is over.  One
 * queue for a session's sends (paced), one for its reads.  Pure: the time is
 * the caller's, and so are the items.
 */

#ifndef QUEUE_H
#define QUEUE_H


#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bucket.h"


#define QUEUE_NEVER  UINT64_MAX


enum queue_place {
    QUEUE_OUTSIDE = 0,
    QUEUE_WAITING,
    QUEUE_RUNNING
};


enum queue_verdict {
    QUEUE_OK = 0,
    QUEUE_FULL,       /* as many are waiting as may */
    QUEUE_TOO_LATE    /* its turn would come after its deadline */
};


/*
 * To be embedded.  The caller sets deadline (ms: the last moment at which it
 * is worth starting) and chat before it is pushed; items of one chat other
 * than 0 run one after another, in the order in which they were pushed.
 */

struct queue_item {
    TAILQ_ENTRY(queue_item)  link;
    enum queue_place         place;
    uint64_t                 deadline;
    uint64_t                 chat;
};


TAILQ_HEAD(queue_list, queue_item);


struct queue_config {
    size_t    max;     /* items that may wait */
    unsigned  window;  /* items that may run at once, at least 1 */
    unsigned  rate;    /* starts per minute; 0: not paced */
    unsigned  burst;
};


struct queue {
    struct queue_config  config;
    struct bucket        bucket;
    struct queue_list    waiting;
    struct queue_list    running;
    size_t               waiting_n;
    size_t               running_n;
};


/* Makes an empty queue. */
void queue_init(struct queue *queue, const struct queue_config *config,
    uint64_t now_ms);

/*
 * Lets an item wait.  When it is refused (not QUEUE_OK), *retry_after_ms says
 * when to come again.
 */
enum queue_verdict queue_push(struct queue *queue, struct queue_item *item,
    uint64_t now_ms, uint64_t *retry_after_ms);

/*
 * Takes out the next item whose deadline has passed while it waited; NULL when
 * there is none.
 */
struct queue_item *queue_expired(struct queue *queue, uint64_t now_ms);

/*
 * Starts the next item that may run now: it is running afterwards.  NULL when
 * there is none.
 */
struct queue_item *queue_pop(struct queue *queue, uint64_t now_ms);

/* The first waiting item, taken out; NULL when none waits. */
struct queue_item *queue_shift(struct queue *queue);

/* The running item after this one, the first for NULL; NULL at the end. */
struct queue_item *queue_running(struct queue *queue,
    struct queue_item *item);

/* Takes an item out, whether it waits or runs (then its place is free). */
void queue_remove(struct queue *queue, struct queue_item *item);

/*
 * Milliseconds until queue_expired or queue_pop may give an item without
 * another one being removed; QUEUE_NEVER when no time will.
 */
uint64_t queue_next(const struct queue *queue, uint64_t now_ms);


#endif /* QUEUE_H */
