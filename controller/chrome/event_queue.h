/*
 * A queue of what happens to a state machine.  Whatever happens is put in and
 * is taken out at the top of the loop, so that nothing is torn down below its
 * own callback, and events of the same moment are looked at one after the
 * other.
 */

#ifndef EVENT_QUEUE_H
#define EVENT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>


#define EVENT_QUEUE_MAX  64


struct event_entry {
    int          event;
    const char  *reason;    /* static, or NULL */
    uint64_t     serial;    /* of its step; 0: it outlives the step */
};


/* only event_queue.c looks inside */

struct event_queue {
    struct event        *run;      /* activated when n != 0 */
    unsigned             n;
    struct event_entry   entries[EVENT_QUEUE_MAX];
};


/*
 * Prepares a queue of zeros: run is called with ctx when there is something to
 * take.  Returns -1 when memory is short.  event_queue_free() undoes it; a
 * queue of zeros is allowed.
 */
int event_queue_init(struct event_queue *queue, struct event_base *base,
    event_callback_fn run, void *ctx);
void event_queue_free(struct event_queue *queue);

/*
 * Puts an event in, unless the last one is the same.  Returns false when the
 * queue is full: the last event has then become overflow, an event that puts
 * an end to all.
 */
bool event_queue_put(struct event_queue *queue,
    const struct event_entry *entry, const struct event_entry *overflow);

/*
 * Takes the next event whose serial is 0 or the given one; the others before
 * it mean nothing any more.  Returns false when there is none.
 */
bool event_queue_take(struct event_queue *queue, uint64_t serial,
    struct event_entry *entry);


#endif /* EVENT_QUEUE_H */
