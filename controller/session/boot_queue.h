/*
 * The queue of the sessions that start their browser: so many at once, the
 * others wait in the order of their asking.  A start costs seconds of a core,
 * and many at once make each other fail.
 */

#ifndef BOOT_QUEUE_H
#define BOOT_QUEUE_H


#include <stdbool.h>
#include <stddef.h>

#include <event2/event.h>


struct boot_queue;


enum boot_place_state {
    BOOT_PLACE_NONE = 0,
    BOOT_PLACE_WAITING,
    BOOT_PLACE_TAKEN
};


/* one session's place, part of the session; only boot_queue.c looks inside */

struct boot_place {
    struct boot_queue      *queue;
    void                  (*start)(void *ctx);
    void                   *ctx;
    struct event           *timer;
    enum boot_place_state   state;
    struct boot_place      *next;      /* that waits behind */
};


/*
 * Creates a queue with max places, each of which is free again after limit_ms
 * at the latest.  Returns NULL when memory is short.  boot_queue_destroy frees
 * it, after all places; NULL is allowed.
 */
struct boot_queue *boot_queue_create(struct event_base *base, unsigned max,
    unsigned limit_ms);
void boot_queue_destroy(struct boot_queue *queue);

/*
 * Makes place, which must not move, one of queue's: start is called with ctx
 * when it may start.  False when memory is short.  boot_place_free leaves the
 * queue; a place of zeros is allowed.
 */
bool boot_place_init(struct boot_place *place, struct boot_queue *queue,
    void (*start)(void *ctx), void *ctx);
void boot_place_free(struct boot_place *place);

/*
 * Asks to start: start is called now, from inside, or when a place is free.
 * Nothing happens if it waits or has started already.
 */
void boot_place_ask(struct boot_place *place);

/*
 * Tells that the start is over, or not wanted any more; start may be called
 * for others from inside.
 */
void boot_place_leave(struct boot_place *place);

/* Returns the place in the queue, from 1; 0 if it does not wait. */
unsigned boot_place_position(const struct boot_place *place);


#endif /* BOOT_QUEUE_H */
