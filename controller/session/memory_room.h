/*
 * Whether there is memory for another session: of all sessions together, and
 * on the host.
 */

#ifndef MEMORY_ROOM_H
#define MEMORY_ROOM_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


/* bytes that a session is reckoned with until one was measured */

#define MEMORY_ROOM_SESSION  (160 * 1024 * 1024)


struct memory_room {
    uint64_t  max;          /* bytes of controller and browsers; 0: no limit */
    uint64_t  used;         /* bytes, as they were measured */
    uint64_t  available;    /* bytes, on the host */
    size_t    measured;     /* sessions whose pages are in used */
    size_t    unmeasured;   /* sessions that start, and are not */
};


/*
 * Returns the bytes that another session is reckoned with: as many as one of
 * those that were measured takes on the average, with its share of a browser,
 * and no less than MEMORY_ROOM_SESSION.
 */
uint64_t memory_room_expected(const struct memory_room *room);

/* Returns whether they fit, beside those of the sessions that start. */
bool memory_room_fits(const struct memory_room *room);


#endif /* MEMORY_ROOM_H */
