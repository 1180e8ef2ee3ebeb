/*
 * The object of a webhook, for the files that make it up.  webhook.c calls
 * webhook_delivery.c, which calls back by the member ended.
 */

#ifndef WEBHOOK_PRIVATE_H
#define WEBHOOK_PRIVATE_H


#include <sys/queue.h>

#include <time.h>

#include "events/webhook.h"
#include "events/webhook_challenge.h"
#include "events/webhook_queue.h"
#include "session/session.h"


#define WEBHOOK_QUEUE_MAX         1000                  /* events */
#define WEBHOOK_QUEUE_BYTES       (4 * 1024 * 1024)
#define WEBHOOK_WHAT_SIZE    64


struct webhook_delivery;


LIST_HEAD(webhook_deliveries, webhook_delivery);


struct webhook {
    struct webhook_parts       *parts;
    struct inbox               *inbox;
    char                        session[SESSION_ID_LEN + 1];
    struct webhook_settings     settings;
    char                       *override;     /* the client's URL, or NULL */
    struct event               *timer;
    bool                        draining;
    bool                        resting;      /* see webhook_rest */

    struct webhook_queue       *queue;
    struct webhook_deliveries   deliveries;
    bool                        full;         /* the inbox waits for room */
    bool                        previous;     /* the secret to sign with */

    bool                        verified;     /* no challenge is due */
    struct webhook_challenge   *challenge;    /* that runs, or NULL */
    unsigned                    challenges;   /* that failed */
    uint64_t                    challenge_at; /* ms, not before */

    /* a delivery has ended: another one may begin */
    void                      (*ended)(struct webhook *webhook);

    struct webhook_stats        stats;
    time_t                      last_success;    /* 0: none */
    time_t                      last_error;      /* 0: none */
    char                        last_what[WEBHOOK_WHAT_SIZE];
};


/* Returns the URL that events go to; NULL: nowhere. */
const char *webhook_url(const struct webhook *webhook);

/* Whether no delivery is to begin. */
bool webhook_stands(const struct webhook *webhook);

/* Starts the delivery of an item; false when memory is short. */
bool webhook_deliver(struct webhook *webhook, struct webhook_item *item);

/* Ends all deliveries; their items are to be tried again. */
void webhook_cancel_deliveries(struct webhook *webhook);

/* Tells the inbox of room in the queue, if it waits for some. */
void webhook_tell_room(struct webhook *webhook);

/* Notes what went wrong. */
void webhook_note(struct webhook *webhook, const char *what);


#endif /* WEBHOOK_PRIVATE_H */
