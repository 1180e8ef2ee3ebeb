/*
 * The door of a running Chromium: the socket by which a second start of it
 * hands over its command line.  A page of another profile is opened so, in the
 * same browser, without a process of its own.
 */

#ifndef DOOR_H
#define DOOR_H

#include <stdbool.h>

#include <event2/event.h>


struct door;


/* opened: the browser has taken the order; the page follows */
typedef void (*door_answer_pt)(void *ctx, bool opened);


/*
 * Orders a page.  link names the symbolic link to the socket, as Chromium
 * makes it; arguments is the command line, ended by NULL.  answer is called
 * once, never from inside, within timeout_ms.  Returns NULL when it can't be
 * ordered.  door_destroy() frees it, also before the answer and from it.
 */
struct door *door_open(struct event_base *base, const char *link,
    const char *const *arguments, unsigned timeout_ms, door_answer_pt answer,
    void *ctx);

/* NULL is allowed */
void door_destroy(struct door *door);


#endif /* DOOR_H */
