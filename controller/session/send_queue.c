/*
 * A send queue is two lists, of items that wait and of items that run, and a
 * bucket of tokens: each start takes one.
 */

#include "session/send_queue.h"


/* the least advice to a caller whose item was refused, in ms */

#define SEND_QUEUE_RETRY_AFTER  1000


static struct send_queue_item *send_queue_runnable(
    const struct send_queue *queue);
static bool send_queue_chat_busy(const struct send_queue *queue,
    uint64_t chat);


void
send_queue_init(struct send_queue *queue,
    const struct send_queue_config *config, uint64_t now_ms)
{
    queue->config = *config;
    queue->waiting_n = 0;
    queue->running_n = 0;
    queue->held = false;

    if (queue->config.window == 0) {
        queue->config.window = 1;
    }

    bucket_init(&queue->bucket, config->rate, config->burst, now_ms);

    TAILQ_INIT(&queue->waiting);
    TAILQ_INIT(&queue->running);
}


void
send_queue_change(struct send_queue *queue,
    const struct send_queue_config *config, uint64_t now_ms)
{
    queue->config = *config;

    if (queue->config.window == 0) {
        queue->config.window = 1;
    }

    bucket_change(&queue->bucket, config->rate, config->burst, now_ms);
}


void
send_queue_hold(struct send_queue *queue, bool held)
{
    queue->held = held;
}


enum send_queue_verdict
send_queue_push(struct send_queue *queue, struct send_queue_item *item,
    uint64_t now_ms, uint64_t *retry_after_ms)
{
    uint64_t  wait, left;

    if (queue->waiting_n >= queue->config.max) {
        wait = bucket_wait(&queue->bucket, 1, now_ms);
        *retry_after_ms = wait > SEND_QUEUE_RETRY_AFTER
                          ? wait : SEND_QUEUE_RETRY_AFTER;
        return SEND_QUEUE_FULL;
    }

    wait = bucket_wait(&queue->bucket, queue->waiting_n + 1, now_ms);
    left = item->deadline > now_ms ? item->deadline - now_ms : 0;

    /* when the excess has passed, the same item with as much time would fit */

    if (wait > left) {
        *retry_after_ms = wait - left > SEND_QUEUE_RETRY_AFTER
                          ? wait - left : SEND_QUEUE_RETRY_AFTER;
        return SEND_QUEUE_TOO_LATE;
    }

    TAILQ_INSERT_TAIL(&queue->waiting, item, link);
    queue->waiting_n++;
    item->place = SEND_QUEUE_WAITING;

    return SEND_QUEUE_OK;
}


struct send_queue_item *
send_queue_expired(struct send_queue *queue, uint64_t now_ms)
{
    struct send_queue_item  *item;

    TAILQ_FOREACH(item, &queue->waiting, link) {
        if (item->deadline < now_ms) {
            send_queue_remove(queue, item);
            return item;
        }
    }

    return NULL;
}


struct send_queue_item *
send_queue_pop(struct send_queue *queue, uint64_t now_ms)
{
    struct send_queue_item  *item;

    item = send_queue_runnable(queue);

    if (item == NULL || !bucket_take(&queue->bucket, now_ms)) {
        return NULL;
    }

    send_queue_remove(queue, item);

    TAILQ_INSERT_TAIL(&queue->running, item, link);
    queue->running_n++;
    item->place = SEND_QUEUE_RUNNING;

    return item;
}


struct send_queue_item *
send_queue_shift(struct send_queue *queue)
{
    struct send_queue_item  *item;

    item = TAILQ_FIRST(&queue->waiting);

    if (item != NULL) {
        send_queue_remove(queue, item);
    }

    return item;
}


struct send_queue_item *
send_queue_running(struct send_queue *queue, struct send_queue_item *item)
{
    return item != NULL ? TAILQ_NEXT(item, link)
                        : TAILQ_FIRST(&queue->running);
}


void
send_queue_remove(struct send_queue *queue, struct send_queue_item *item)
{
    switch (item->place) {

    case SEND_QUEUE_WAITING:
        TAILQ_REMOVE(&queue->waiting, item, link);
        queue->waiting_n--;
        break;

    case SEND_QUEUE_RUNNING:
        TAILQ_REMOVE(&queue->running, item, link);
        queue->running_n--;
        break;

    case SEND_QUEUE_OUTSIDE:
        break;
    }

    item->place = SEND_QUEUE_OUTSIDE;
}


uint64_t
send_queue_next(const struct send_queue *queue, uint64_t now_ms)
{
    uint64_t                       next, due;
    const struct send_queue_item  *item;

    next = SEND_QUEUE_NEVER;

    TAILQ_FOREACH(item, &queue->waiting, link) {
        due = item->deadline < now_ms ? 0 : item->deadline - now_ms + 1;
        next = due < next ? due : next;
    }

    if (send_queue_runnable(queue) != NULL) {
        due = bucket_wait(&queue->bucket, 1, now_ms);
        next = due < next ? due : next;
    }

    return next;
}


static struct send_queue_item *
send_queue_runnable(const struct send_queue *queue)
{
    struct send_queue_item  *item;

    if (queue->held || queue->running_n >= queue->config.window) {
        return NULL;
    }

    TAILQ_FOREACH(item, &queue->waiting, link) {
        if (item->chat == 0 || !send_queue_chat_busy(queue, item->chat)) {
            return item;
        }
    }

    return NULL;
}


static bool
send_queue_chat_busy(const struct send_queue *queue, uint64_t chat)
{
    const struct send_queue_item  *item;

    TAILQ_FOREACH(item, &queue->running, link) {
        if (item->chat == chat) {
            return true;
        }
    }

    return false;
}
