/*
 * A small array: a state machine that works never fills it in one round.
 */

#include <string.h>

#include "chrome/event_queue.h"


int
event_queue_init(struct event_queue *queue, struct event_base *base,
    event_callback_fn run, void *ctx)
{
    queue->run = event_new(base, -1, 0, run, ctx);

    return queue->run != NULL ? 0 : -1;
}


void
event_queue_free(struct event_queue *queue)
{
    if (queue->run != NULL) {
        event_free(queue->run);
        queue->run = NULL;
    }
}


bool
event_queue_put(struct event_queue *queue, const struct event_entry *entry,
    const struct event_entry *overflow)
{
    struct event_entry  *last;

    last = (queue->n != 0) ? &queue->entries[queue->n - 1] : NULL;

    if (last != NULL && last->event == entry->event
        && last->serial == entry->serial)
    {
        return true;
    }

    if (queue->n == EVENT_QUEUE_MAX) {
        *last = *overflow;
        return false;
    }

    queue->entries[queue->n++] = *entry;

    event_active(queue->run, EV_TIMEOUT, 0);

    return true;
}


bool
event_queue_take(struct event_queue *queue, uint64_t serial,
    struct event_entry *entry)
{
    while (queue->n != 0) {

        *entry = queue->entries[0];

        queue->n--;
        memmove(&queue->entries[0], &queue->entries[1],
                queue->n * sizeof(struct event_entry));

        if (entry->serial == 0 || entry->serial == serial) {
            return true;
        }
    }

    return false;
}
