/*
 * The inbox of a session takes what the page tells of the account: messages,
 * what became of those that were sent, calls.  It makes an event of each, once
 * for each id, puts it into the session's ring, and offers it to the session's
 * consumer, who delivers it for good.
 *
 * What the page keeps is delivered at least once, whoever dies meanwhile: the
 * mark says before which time all is delivered, the digests what is delivered
 * of the rest, and the page is asked for all that is behind the mark after it
 * was loaded, and after the consumer had no room.
 */

#ifndef INBOX_H
#define INBOX_H


#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include <jansson.h>

#include "base/error.h"
#include "base/log.h"
#include "base/seal.h"
#include "chrome/tab.h"
#include "events/event.h"
#include "events/ring.h"


/* what all inboxes share; borrowed */

struct inbox_parts {
    struct event_base  *base;
    struct log         *log;
    const struct seal  *seal;
    const char         *state_dir;
    const char         *runtime_dir;
};


/* the page of a session, from which events come */

struct inbox_page {
    /* returns the account's number, "" while it is not known */
    const char  *(*number)(void *ctx);

    /* as session_call, without a file */
    bool         (*call)(void *ctx, const char *method, json_t *params,
                         uint64_t timeout_ms, tab_call_pt done,
                         void *done_ctx);

    void          *ctx;
};


/* what is known of the page */

struct inbox_page_state {
    unsigned  document;    /* the number of those that came up so far */
    bool      unlinked;    /* no account is linked */
    bool      tells;       /* it can be asked to tell of events */
    bool      ready;       /* it can be asked what it has */
};


/*
 * Somebody who delivers the events of a set of kinds, see EVENT_BIT.  offer
 * takes an event, which it then holds, and later calls inbox_taken; or returns
 * false when there is no room: the inbox calls no more until inbox_room, and
 * then offers again what the page still knows.
 */

struct inbox_consumer {
    unsigned  kinds;
    unsigned  without;    /* bits of words that it does not want */
    bool      (*offer)(void *ctx, struct account_event *event);
    void     *ctx;
};


/* counts since the start */

struct inbox_stats {
    uint64_t  events[EVENT_KINDS];    /* put into the ring */
    uint64_t  repeated;               /* told before, and dropped */
    uint64_t  foreign;                /* statuses of what others have sent */
    uint64_t  malformed;              /* not understood, and dropped */
    uint64_t  lost;                   /* never told to somebody */
    uint64_t  catch_ups;              /* that have read all */
    uint64_t  caught_up;              /* events that these found */
    uint64_t  failures;               /* the page did not give its history */
};


/* what is the case now */

struct inbox_levels {
    bool      behind;      /* the consumer lacks events that it had no room
                              for */
    uint64_t  digests;     /* of messages that are known */
    uint64_t  sent;        /* messages whose statuses are told */
    uint64_t  mark;        /* s since 1970; 0: there is none */
};


struct inbox;


/*
 * Makes the inbox of the session with this id, borrowed; page is copied.  NULL
 * when memory or random is short.  inbox_destroy frees it, when no call of the
 * page is left; NULL is allowed.
 */
struct inbox *inbox_create(const struct inbox_parts *parts,
    const char *session, const struct inbox_page *page);
void inbox_destroy(struct inbox *inbox);

/* Takes the data of the page's event "inbound", borrowed. */
void inbox_take(struct inbox *inbox, json_t *data);

/* Takes the state of the page, which may have changed. */
void inbox_page_changed(struct inbox *inbox,
    const struct inbox_page_state *state);

/*
 * Forgets all that is known of the account, and what is in the ring.  Not to
 * be called from inside a function of the consumer's.
 */
void inbox_forget(struct inbox *inbox);

/* Tells of trouble, as an event. */
void inbox_tell_error(struct inbox *inbox, const struct error *error);

/*
 * Somebody wants statuses, of which the page tells none before; a consumer
 * says so by its kinds.
 */
void inbox_want_statuses(struct inbox *inbox);

/* Returns the session's ring, which lives as long as the inbox. */
struct ring *inbox_ring(struct inbox *inbox);

/* Returns the counts, which live as long as the inbox, and the levels. */
const struct inbox_stats *inbox_stats(const struct inbox *inbox);
struct inbox_levels inbox_levels(const struct inbox *inbox);

/*
 * Sets who delivers, of which a copy is kept, or nobody if consumer is NULL:
 * then what is in the ring counts as delivered, and so does all that the
 * consumer before had.  Not to be called from inside offer.
 */
void inbox_set_consumer(struct inbox *inbox,
    const struct inbox_consumer *consumer);

/*
 * The consumer ends, and the controller with it: what it has not delivered is
 * offered to the consumer of the next run.
 */
void inbox_end_consumer(struct inbox *inbox);

/* The consumer has delivered an event; also from inside offer. */
void inbox_taken(struct inbox *inbox, const struct account_event *event);

/* The consumer had to drop n events that the page can't give again. */
void inbox_lost(struct inbox *inbox, uint64_t n);

/* The consumer, who has refused an event, has room again. */
void inbox_room(struct inbox *inbox);


/*
 * A message of this key is about to be sent: its statuses are told after
 * inbox_send_ended, with opaque, copied, or NULL.
 */
void inbox_send_began(struct inbox *inbox, const char *key,
    const char *opaque);

/*
 * The client that sends a message of this key was answered: with its id, or
 * that it was not sent, and then nothing is told of it.
 */
void inbox_send_ended(struct inbox *inbox, const char *key,
    const char *opaque, bool not_sent);


#endif /* INBOX_H */
