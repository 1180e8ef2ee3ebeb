/*
 * A list of the places that wait, and a count of those that are taken.  A
 * place that is taken has a timer, so that a start that never ends does not
 * keep the others from theirs.
 */

#include <stdlib.h>

#include "base/clock.h"
#include "session/boot_queue.h"


struct boot_queue {
    struct event_base   *base;
    struct boot_place   *first;      /* that waits */
    struct timeval       limit;
    unsigned             taken;
    unsigned             max;
};


static void boot_queue_run(struct boot_queue *queue);
static void boot_place_expired(evutil_socket_t fd, short what, void *arg);


struct boot_queue *
boot_queue_create(struct event_base *base, unsigned max, unsigned limit_ms)
{
    struct boot_queue  *queue;

    queue = calloc(1, sizeof(struct boot_queue));

    if (queue == NULL) {
        return NULL;
    }

    queue->base = base;
    queue->max = max;
    queue->limit = clock_timeval(limit_ms);

    return queue;
}


void
boot_queue_destroy(struct boot_queue *queue)
{
    free(queue);
}


bool
boot_place_init(struct boot_place *place, struct boot_queue *queue,
    void (*start)(void *ctx), void *ctx)
{
    *place = (struct boot_place) {
        .queue = queue,
        .start = start,
        .ctx = ctx,
        .timer = evtimer_new(queue->base, boot_place_expired, place)
    };

    return place->timer != NULL;
}


void
boot_place_free(struct boot_place *place)
{
    if (place->timer == NULL) {
        return;
    }

    boot_place_leave(place);
    event_free(place->timer);
    place->timer = NULL;
}


void
boot_place_ask(struct boot_place *place)
{
    struct boot_place  **last;

    if (place->state != BOOT_PLACE_NONE) {
        return;
    }

    for (last = &place->queue->first; *last != NULL; last = &(*last)->next) {
        /* void */
    }

    *last = place;
    place->next = NULL;
    place->state = BOOT_PLACE_WAITING;

    boot_queue_run(place->queue);
}


void
boot_place_leave(struct boot_place *place)
{
    struct boot_place      **link;
    enum boot_place_state    state;

    state = place->state;
    place->state = BOOT_PLACE_NONE;

    switch (state) {

    case BOOT_PLACE_WAITING:

        for (link = &place->queue->first; *link != place;
             link = &(*link)->next)
        {
            /* void */
        }

        *link = place->next;
        break;

    case BOOT_PLACE_TAKEN:
        (void) evtimer_del(place->timer);
        place->queue->taken--;
        boot_queue_run(place->queue);
        break;

    case BOOT_PLACE_NONE:
        break;
    }
}


unsigned
boot_place_position(const struct boot_place *place)
{
    unsigned                  n;
    const struct boot_place  *other;

    if (place->state != BOOT_PLACE_WAITING) {
        return 0;
    }

    n = 1;

    for (other = place->queue->first; other != place; other = other->next) {
        n++;
    }

    return n;
}


/* a place whose timer can't be set is not counted: it could never be freed */

static void
boot_queue_run(struct boot_queue *queue)
{
    struct boot_place  *place;

    while (queue->first != NULL && queue->taken < queue->max) {

        place = queue->first;
        queue->first = place->next;

        if (evtimer_add(place->timer, &queue->limit) == 0) {
            place->state = BOOT_PLACE_TAKEN;
            queue->taken++;

        } else {
            place->state = BOOT_PLACE_NONE;
        }

        place->start(place->ctx);
    }
}


static void
boot_place_expired(evutil_socket_t fd, short what, void *arg)
{
    (void) fd;
    (void) what;

    boot_place_leave(arg);
}
