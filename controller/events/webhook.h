/*
 * The deliveries of one session's events to its receiver.
 *
 * A webhook is the consumer of the session's inbox, while it has a URL.  What
 * the inbox offers goes into the queue; what the receiver has taken is told to
 * the inbox, so that its mark may advance.  When the queue is full, the inbox
 * keeps back what follows, and is told when there is room again.
 */

#ifndef WEBHOOK_H
#define WEBHOOK_H


#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>
#include <jansson.h>

#include "base/log.h"
#include "events/inbox.h"
#include "events/webhook_sections.h"
#include "events/webhook_request.h"


/* what all webhooks share; borrowed */

struct webhook_parts {
    struct event_base      *base;
    struct log             *log;
    struct webhook_client   client;
    uint64_t                give_up_ms;    /* how long an event may be refused
                                              at most; 0: for ever */
};


/*
 * counters; taken are the deliveries that were answered with 2xx, given_up the
 * events that were refused for too long
 */

struct webhook_stats {
    uint64_t  taken;
    uint64_t  failed[WEBHOOK_RESULTS];
    uint64_t  retries;
    uint64_t  given_up;
};


struct webhook;


/*
 * Makes a webhook.  parts and inbox are borrowed, as is what settings points
 * to, until webhook_change; session is copied; override is as in
 * webhook_set_override.  Returns NULL when memory is short.
 */
struct webhook *webhook_create(struct webhook_parts *parts,
    struct inbox *inbox, const char *session,
    const struct webhook_settings *settings, const char *override);

/*
 * Gives a webhook other settings, borrowed, and a client's URL, as in
 * webhook_set_override.  What is queued goes where they say.  Only another URL
 * or verify token begins with a challenge.
 */
void webhook_change(struct webhook *webhook,
    const struct webhook_settings *settings, const char *override);

/*
 * The operator has taken the session away: nothing is delivered, and what is
 * queued waits, until webhook_change gives it a URL.
 */
void webhook_rest(struct webhook *webhook);

/* Ends deliveries and frees the webhook; NULL is allowed. */
void webhook_destroy(struct webhook *webhook);

/*
 * Sets the URL that events go to from now on, which is copied: a client's, or
 * NULL for that of the settings, to which a challenge is sent first if they
 * have a verify token.  Without any, what is queued is dropped.  Returns false
 * when memory is short.
 */
bool webhook_set_override(struct webhook *webhook, const char *url);

/* Forgets the client's URL, and the events that are queued. */
void webhook_forget(struct webhook *webhook);

/* Starts no further deliveries. */
void webhook_drain(struct webhook *webhook);

/* Returns whether deliveries run. */
bool webhook_busy(const struct webhook *webhook);

/* Return the session's id, the settings and the client's URL (or NULL). */
const char *webhook_session(const struct webhook *webhook);
const struct webhook_settings *webhook_settings(
    const struct webhook *webhook);
const char *webhook_override(const struct webhook *webhook);

/* Returns what the session's object shows, a new reference. */
json_t *webhook_json(const struct webhook *webhook);

/* Returns the counters, which live as long as the webhook. */
const struct webhook_stats *webhook_stats(const struct webhook *webhook);

/* Return what is queued, and the age (ms) of the oldest of it. */
size_t webhook_queued(const struct webhook *webhook);
size_t webhook_queued_bytes(const struct webhook *webhook);
uint64_t webhook_oldest_ms(const struct webhook *webhook);


#endif /* WEBHOOK_H */
