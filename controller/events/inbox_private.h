/*
 * The object of an inbox, for the files that make it up.  Each calls those
 * that stand below it here, and none above.
 */

#ifndef INBOX_PRIVATE_H
#define INBOX_PRIVATE_H


#include <sys/queue.h>

#include <limits.h>

#include "base/keyed_hash.h"
#include "base/lru_table.h"
#include "events/delivered.h"
#include "events/envelope.h"
#include "events/inbox.h"
#include "events/seen.h"
#include "events/sent.h"


/* ms between two writes of the mark */

#define INBOX_TICK_MS   1000

/*
 * Readings of the page's history in a row that failed, until messages go
 * without those that it lacks
 */

#define INBOX_FAILURES  3


/* a message that waits for the older ones which the page is asked for */

struct inbox_held {
    TAILQ_ENTRY(inbox_held)  link;
    struct account_event    *event;
    unsigned                 document;    /* that has told it */
};

TAILQ_HEAD(inbox_queue, inbox_held);


/* how the page's history is read */

struct inbox_walk {
    bool       due;        /* it is to be read */
    bool       running;    /* the page is being asked */
    bool       first;      /* of this document: the ring lacks it too */
    bool       begun;      /* since and after are set */
    unsigned   failures;   /* in a row */
    uint64_t   since;      /* s */
    json_t    *after;      /* where the next portion begins; NULL: at since */
};


struct inbox {
    struct inbox_parts         parts;
    const char                *session;      /* its id */
    struct inbox_page          page;
    struct inbox_page_state    state;        /* of the page */
    unsigned                   document;     /* that was started, or 0 */
    bool                       started;      /* it has said so */
    bool                       statuses;     /* somebody wants them */

    struct keyed_hash         *hash;         /* of ids and chats */
    struct ring               *ring;
    struct seen               *seen;
    struct delivered          *delivered;
    struct inbox_consumer      consumer;     /* offer is NULL: there is none */

    char                       mark_path[PATH_MAX];
    uint64_t                   mark;         /* s; 0: there is none */
    uint64_t                   written;      /* the mark on the disk */
    uint64_t                   high;         /* s: the latest message's time */
    struct event              *tick;         /* a timer */

    bool                       behind;       /* the consumer has no room */
    uint64_t                   refused;      /* s: the earliest message that it
                                                lacks; UINT64_MAX: none */
    struct inbox_walk          walk;
    struct event              *retry;        /* a timer */
    struct inbox_queue         held;
    size_t                     held_n;
    size_t                     held_bytes;
    struct event              *release;      /* a timer */
    bool                       released;     /* the ring waits no longer */

    uint64_t                   lost;         /* to be told to all */
    uint64_t                   consumer_lost;    /* to the consumer alone */

    struct sent               *sent;
    struct lru_table          *told;         /* statuses; NULL: none so far */
    struct event              *answered;     /* a timer of held statuses */

    struct inbox_stats         stats;
};


/*
 * inbox_history.c: what is behind the mark is asked of the page
 */

/* The page was loaded: what it has is to be read, by the ring too. */
void inbox_history_expect(struct inbox *inbox);

/* Reads on, if there is something to read and the page can be asked. */
void inbox_history_run(struct inbox *inbox);

/* Forgets what was to be read. */
void inbox_history_forget(struct inbox *inbox);


/*
 * inbox_status.c: what becomes of messages that were sent here
 */

/* Takes a status of the bridge. */
void inbox_status_take(struct inbox *inbox, json_t *object);

/* Tells the statuses whose time has come. */
void inbox_status_tell_held(struct inbox *inbox);

/* Forgets all messages. */
void inbox_status_forget(struct inbox *inbox);


/*
 * inbox_deliver.c: into the ring, and to the consumer
 */

/* Takes a message as it arrives; older ones may have to come first. */
void inbox_deliver_live(struct inbox *inbox, struct account_event *event);

/* Takes an event whose turn it is. */
void inbox_deliver(struct inbox *inbox, struct account_event *event);

/*
 * Takes the messages that wait; consumer says whether it is their turn there
 * too, else they are to be read again.
 */
void inbox_deliver_held(struct inbox *inbox, bool consumer);

/* Tells how many events were lost. */
void inbox_deliver_lost(struct inbox *inbox);

/* Forgets the messages that wait. */
void inbox_deliver_forget(struct inbox *inbox);


/*
 * inbox_keep.c: the mark and the digests
 */

/* Reads what an earlier run has kept. */
void inbox_keep_load(struct inbox *inbox);

/* Begins with a mark of now: nothing older is ever told. */
void inbox_keep_begin(struct inbox *inbox);

/* Notes how far a message has come. */
void inbox_keep_note(struct inbox *inbox, const struct account_event *event,
    enum seen_state state);

/* Notes that all that were in this state are delivered, and how many. */
size_t inbox_keep_note_all(struct inbox *inbox, enum seen_state state);

/* Notes a message of the API's own. */
void inbox_keep_note_own(struct inbox *inbox,
    const uint8_t digest[KEYED_HASH_SIZE]);

/* The time (s) from which on the history is to be read. */
uint64_t inbox_keep_since(struct inbox *inbox);

/* Writes the mark soon, or now. */
void inbox_keep_write_soon(struct inbox *inbox);
void inbox_keep_write(struct inbox *inbox);

/* Removes mark and digests. */
void inbox_keep_forget(struct inbox *inbox);


/*
 * inbox_event.c: from what the bridge tells to an event
 */

/*
 * Makes the event of an object of the bridge; opaque is for a status, or NULL.
 * NULL: it is not well-formed, or memory is short.
 */
struct account_event *inbox_event_read(struct inbox *inbox, json_t *object,
    const char *opaque);

/* Makes an event of trouble; NULL when memory is short. */
struct account_event *inbox_event_error(struct inbox *inbox,
    const struct error *error);

/* Makes the digest of a message's id; key is WhatsApp Web's. */
bool inbox_event_digest(struct inbox *inbox, const char *key,
    uint8_t digest[KEYED_HASH_SIZE]);

/* Whether events of a kind are messages, which are known by their ids. */
bool inbox_event_is_message(enum event_kind kind);


#endif /* INBOX_PRIVATE_H */
