/*
 * The object of an inbox, for the files that make it up.
 */

#ifndef INBOX_PRIVATE_H
#define INBOX_PRIVATE_H


#include <jansson.h>

#include "base/keyed_hash.h"
#include "events/envelope.h"
#include "events/inbox.h"
#include "events/seen.h"


struct inbox {
    struct inbox_parts        parts;
    const char               *session;     /* its id */
    struct inbox_page         page;
    struct keyed_hash        *hash;        /* of ids and chats */
    struct ring              *ring;
    struct seen              *seen;

    struct inbox_consumer     consumer;    /* offer is NULL: there is none */
    bool                      behind;      /* it has refused an event */

    unsigned                  document;    /* that was started, or 0 */
    struct inbox_stats        stats;
};


/*
 * inbox_event.c: from what the bridge tells to an event
 */

/*
 * Makes the event of an object of the bridge; NULL: it is not well-formed or
 * not worth telling, or memory is short.
 */
struct event *inbox_event_read(struct inbox *inbox, json_t *object);

/* Makes an event of trouble; NULL when memory is short. */
struct event *inbox_event_error(struct inbox *inbox,
    const struct error *error);


#endif /* INBOX_PRIVATE_H */
