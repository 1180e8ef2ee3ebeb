/*
 * Order, pacing, window and deadlines of calls.
 */

#include "session/send_queue.h"


/* what a refused peer is told when no pacing says more, in ms */

#define QUEUE_RETRY_AFTER  1000


static struct queue_item *queue_runnable(const struct queue *queue);
static bool queue_chat_busy(const struct queue *queue, uint64_t chat);


void
queue_init(struct queue *queue, const struct queue_config *config,
    uint64_t now_ms)
{
    queue->config = *config;
    queue->waiting_n = 0;
    queue->running_n = 0;

    if (queue->config.window == 0) {
        queue->config.window = 1;
    }

    bucket_init(&queue->bucket, config->rate, config->burst, now_ms);

    TAILQ_INIT(&queue->waiting);
    TAILQ_INIT(&queue->running);
}


enum queue_verdict
queue_push(struct queue *queue, struct queue_item *item, uint64_t now_ms,
    uint64_t *retry_after_ms)
{
    uint64_t  wait, left;

    if (queue->waiting_n >= queue->config.max) {
        wait = bucket_wait(&queue->bucket, 1, now_ms);
        *retry_after_ms = wait > QUEUE_RETRY_AFTER ? wait : QUEUE_RETRY_AFTER;
        return QUEUE_FULL;
    }

    wait = bucket_wait(&queue->bucket, queue->waiting_n + 1, now_ms);
    left = item->deadline > now_ms ? item->deadline - now_ms : 0;

    /* after the excess, the same call with the same deadline would fit */

    if (wait > left) {
        *retry_after_ms = wait - left > QUEUE_RETRY_AFTER
                          ? wait - left : QUEUE_RETRY_AFTER;
        return QUEUE_TOO_LATE;
    }

    TAILQ_INSERT_TAIL(&queue->waiting, item, link);
    queue->waiting_n++;
    item->place = QUEUE_WAITING;

    return QUEUE_OK;
}


struct queue_item *
queue_expired(struct queue *queue, uint64_t now_ms)
{
    struct queue_item  *item;

    TAILQ_FOREACH(item, &queue->waiting, link) {
        if (item->deadline < now_ms) {
            queue_remove(queue, item);
            return item;
        }
    }

    return NULL;
}


struct queue_item *
queue_pop(struct queue *queue, uint64_t now_ms)
{
    struct queue_item  *item;

    item = queue_runnable(queue);

    if (item == NULL || !bucket_take(&queue->bucket, now_ms)) {
        return NULL;
    }

    queue_remove(queue, item);

    TAILQ_INSERT_TAIL(&queue->running, item, link);
    queue->running_n++;
    item->place = QUEUE_RUNNING;

    return item;
}


struct queue_item *
queue_shift(struct queue *queue)
{
    struct queue_item  *item;

    item = TAILQ_FIRST(&queue->waiting);

    if (item != NULL) {
        queue_remove(queue, item);
    }

    return item;
}


struct queue_item *
queue_running(struct queue *queue, struct queue_item *item)
{
    return item != NULL ? TAILQ_NEXT(item, link)
                        : TAILQ_FIRST(&queue->running);
}


void
queue_remove(struct queue *queue, struct queue_item *item)
{
    switch (item->place) {

    case QUEUE_WAITING:
        TAILQ_REMOVE(&queue->waiting, item, link);
        queue->waiting_n--;
        break;

    case QUEUE_RUNNING:
        TAILQ_REMOVE(&queue->running, item, link);
        queue->running_n--;
        break;

    case QUEUE_OUTSIDE:
        break;
    }

    item->place = QUEUE_OUTSIDE;
}


uint64_t
queue_next(const struct queue *queue, uint64_t now_ms)
{
    uint64_t                  next, due;
    const struct queue_item  *item;

    next = QUEUE_NEVER;

    TAILQ_FOREACH(item, &queue->waiting, link) {
        due = item->deadline < now_ms ? 0 : item->deadline - now_ms + 1;
        next = due < next ? due : next;
    }

    if (queue_runnable(queue) != NULL) {
        due = bucket_wait(&queue->bucket, 1, now_ms);
        next = due < next ? due : next;
    }

    return next;
}


static struct queue_item *
queue_runnable(const struct queue *queue)
{
    struct queue_item  *item;

    if (queue->running_n >= queue->config.window) {
        return NULL;
    }

    TAILQ_FOREACH(item, &queue->waiting, link) {
        if (item->chat == 0 || !queue_chat_busy(queue, item->chat)) {
            return item;
        }
    }

    return NULL;
}


static bool
queue_chat_busy(const struct queue *queue, uint64_t chat)
{
    const struct queue_item  *item;

    TAILQ_FOREACH(item, &queue->running, link) {
        if (item->chat == chat) {
            return true;
        }
    }

    return false;
}
