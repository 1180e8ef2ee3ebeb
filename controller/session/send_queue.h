/*
 * A send queue decides which of the waiting items may run now: in the order of
 * their arrival, at most `window` at once, one at a time for each chat, and no
 * faster than its rate.  It also finds those whose deadline has passed.  The
 * queue reads no clock and owns no item: the caller passes the time, and keeps
 * the items.
 */

#ifndef SEND_QUEUE_H
#define SEND_QUEUE_H


#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bucket.h"


#define SEND_QUEUE_NEVER  UINT64_MAX


enum send_queue_place {
    SEND_QUEUE_OUTSIDE = 0,
    SEND_QUEUE_WAITING,
    SEND_QUEUE_RUNNING
};


enum send_queue_verdict {
    SEND_QUEUE_OK = 0,
    SEND_QUEUE_FULL,       /* as many items wait as may */
    SEND_QUEUE_TOO_LATE    /* its turn would come after its deadline */
};


/*
 * An item of the queue; callers embed it.  Before the push the caller sets
 * deadline (ms: the last moment at which a start is worth it) and chat: items
 * of one chat other than 0 run one after another, in the order of their push.
 */

struct send_queue_item {
    TAILQ_ENTRY(send_queue_item)  link;
    enum send_queue_place         place;
    uint64_t                      deadline;
    uint64_t                      chat;
};


TAILQ_HEAD(send_queue_list, send_queue_item);


struct send_queue_config {
    size_t    max;     /* items that may wait */
    unsigned  window;  /* items that may run at once, at least 1 */
    unsigned  rate;    /* starts per minute; 0: not paced */
    unsigned  burst;   /* starts at once after a pause */
};


struct send_queue {
    struct send_queue_config  config;
    struct bucket             bucket;
    struct send_queue_list    waiting;
    struct send_queue_list    running;
    size_t                    waiting_n;
    size_t                    running_n;
    bool                      held;       /* nothing starts */
};


/* Makes the queue empty; config is copied. */
void send_queue_init(struct send_queue *queue,
    const struct send_queue_config *config, uint64_t now_ms);

/* Gives the queue another configuration; items that wait go on waiting. */
void send_queue_change(struct send_queue *queue,
    const struct send_queue_config *config, uint64_t now_ms);

/* Starts nothing more as long as held is true; items may come and expire. */
void send_queue_hold(struct send_queue *queue, bool held);

/*
 * Lets an item wait.  When the item is refused (not SEND_QUEUE_OK),
 * *retry_after_ms is the time in ms after which to come again.
 */
enum send_queue_verdict send_queue_push(struct send_queue *queue,
    struct send_queue_item *item, uint64_t now_ms, uint64_t *retry_after_ms);

/*
 * Takes out the next waiting item whose deadline has passed; returns NULL when
 * there is none.
 */
struct send_queue_item *send_queue_expired(struct send_queue *queue,
    uint64_t now_ms);

/*
 * Starts the next item that may run now, which counts as running from then on;
 * returns NULL when there is none.
 */
struct send_queue_item *send_queue_pop(struct send_queue *queue,
    uint64_t now_ms);

/* Takes out the first waiting item; returns NULL when none waits. */
struct send_queue_item *send_queue_shift(struct send_queue *queue);

/*
 * Returns the running item after the given one, the first for NULL; returns
 * NULL at the end.
 */
struct send_queue_item *send_queue_running(struct send_queue *queue,
    struct send_queue_item *item);

/* Takes an item out, whether it waits or runs; does nothing if neither. */
void send_queue_remove(struct send_queue *queue, struct send_queue_item *item);

/*
 * Returns the milliseconds until send_queue_expired or send_queue_pop may
 * return an item without another one being removed; SEND_QUEUE_NEVER when
 * none waits for a time.
 */
uint64_t send_queue_next(const struct send_queue *queue, uint64_t now_ms);


#endif /* SEND_QUEUE_H */
