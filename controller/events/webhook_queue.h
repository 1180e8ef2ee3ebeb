/*
 * The events of a session on their way to its receiver, and which of them is
 * to be sent next.
 *
 * Events of one chat are sent one after the other; chats run side by side.
 * When an event fails, its chat waits and the others go on.  When it is the
 * receiver that fails, because no connection can be made, it asks to wait, or
 * events of two chats fail in turn, all wait; then one event at a time is
 * tried, of the chat that was tried longest ago, until one is taken.
 *
 * A chat whose event failed before and after others were taken has something
 * that the receiver can't take.  Its failures are its own from then on, and do
 * not stop others.
 */

#ifndef WEBHOOK_QUEUE_H
#define WEBHOOK_QUEUE_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


#define WEBHOOK_NEVER  UINT64_MAX


struct webhook_queue_config {
    size_t    max;         /* events */
    size_t    max_bytes;
    unsigned  parallel;    /* events that are being sent at once */
};


/* who is to blame when an event was not taken */

enum webhook_blame {
    WEBHOOK_BLAME_EVENT = 0,    /* perhaps the event */
    WEBHOOK_BLAME_RECEIVER
};


struct webhook_queue;
struct webhook_item;


/* Makes an empty queue; NULL when memory is short. */
struct webhook_queue *webhook_queue_create(
    const struct webhook_queue_config *config);

/* Frees a queue; drop is called for each event that is left. */
void webhook_queue_destroy(struct webhook_queue *queue,
    void (*drop)(void *event));

/* Empties a queue, of which nothing runs, likewise, and resets it. */
void webhook_queue_clear(struct webhook_queue *queue,
    void (*drop)(void *event));

/*
 * Adds an event of size bytes behind those of its chat (a hash), at now_ms.
 * Returns false when there is no room.
 */
bool webhook_queue_put(struct webhook_queue *queue,
    uint64_t chat, void *event, size_t size,
    uint64_t now_ms);

/*
 * Returns the next event to be sent, which runs from now on; or NULL, and the
 * time at which there may be one, WEBHOOK_NEVER: not before one that runs has
 * ended or one is added.
 */
struct webhook_item *webhook_queue_next(struct webhook_queue *queue,
    uint64_t now_ms, uint64_t *when_ms);

/* Returns the event of an item. */
void *webhook_item_event(const struct webhook_item *item);

/*
 * Ends the run of an item whose event was taken, and frees the item, not the
 * event.
 */
void webhook_queue_taken(struct webhook_queue *queue,
    struct webhook_item *item);

/*
 * Ends the run of an item whose event was not taken: it will be tried again.
 * Nothing is tried before retry_after_ms have passed, as the receiver asked
 * for, also if it takes an event meanwhile.  random is any number.
 */
void webhook_queue_failed(struct webhook_queue *queue,
    struct webhook_item *item, enum webhook_blame blame,
    uint64_t retry_after_ms, uint64_t now_ms, uint32_t random);

/*
 * Returns for how long (ms) the receiver has refused an item, whose run has
 * just ended with an answer that it was not taken.
 */
uint64_t webhook_queue_refused(struct webhook_item *item, uint64_t now_ms);

/*
 * Frees an item that does not run, and not the event.  The next one of its
 * chat begins without failures.
 */
void webhook_queue_drop(struct webhook_queue *queue,
    struct webhook_item *item);

/* Ends the run of an item that was not tried. */
void webhook_queue_release(struct webhook_queue *queue,
    struct webhook_item *item);

/* Forgets all failures: the receiver is another one. */
void webhook_queue_reset(struct webhook_queue *queue);

/* Return the numbers of events, of their bytes, and of those that run. */
size_t webhook_queue_length(const struct webhook_queue *queue);
size_t webhook_queue_bytes(const struct webhook_queue *queue);
unsigned webhook_queue_running(const struct webhook_queue *queue);

/* Returns when the oldest event was added (ms), now_ms if there is none. */
uint64_t webhook_queue_oldest(const struct webhook_queue *queue,
    uint64_t now_ms);


#endif /* WEBHOOK_QUEUE_H */
