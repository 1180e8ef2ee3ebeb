/*
 * Lingering closes: a connection that was answered before its request had
 * been read is read on for a while and dropped.  If it were closed at once, a
 * peer that is still writing would get an error in the place of its answer
 * (as lingering_close of nginx explains).
 */

#ifndef LINGER_H
#define LINGER_H


#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>


struct lingering;


/* the closes of one server */
struct lingers {
    LIST_HEAD(lingering_list, lingering)  list;
    size_t                                count;
};


/* Makes an empty list. */
void lingers_init(struct lingers *lingers);

/*
 * Reads on what comes by the socket fd, of which it makes a copy, until the
 * peer closes it, a bound of time or bytes is reached, or lingers_end is
 * called.  fd stays the caller's.  Does nothing when too many linger already,
 * or memory or descriptors are short.
 */
void lingers_add(struct lingers *lingers, struct event_base *base, int fd);

/* Closes all of them. */
void lingers_end(struct lingers *lingers);


#endif /* LINGER_H */
