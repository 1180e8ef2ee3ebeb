/*
 * The webhooks of the BETA calls.  A client names a number and a URL template;
 * the number's owner switches the webhook on by writing AUTHORIZE to the
 * account, and off by WEBHOOK DELETE.  All of it is in memory only.
 */

#ifndef BETA_H
#define BETA_H


#include <stdbool.h>

#include <event2/event.h>

#include "base/address_guard.h"
#include "events/beta_delivery.h"
#include "events/inbox_list.h"
#include "session/session.h"


#define BETA_MAX       1000                    /* webhooks */
#define BETA_WAIT_MS   (24 * 3600 * 1000ULL)   /* for AUTHORIZE */


struct beta;


/* what a registered webhook is */

enum beta_state {
    BETA_WAITING = 0,    /* for the owner's word */
    BETA_ON,
    BETA_FAILED          /* memory is short */
};


/* Sends a text to a number; what becomes of it is not told. */
typedef void (*beta_say_pt)(void *ctx, struct session *session,
    const char *number, const char *text);


/* all of it is borrowed */

struct beta_parts {
    struct event_base           *base;
    struct inbox_list           *inboxes;
    const struct address_guard  *guard;    /* of the webhooks' hosts */
    beta_say_pt                  say;
    void                        *ctx;      /* of say */
};


/* Makes an empty registry; parts are copied.  NULL when memory is short. */
struct beta *beta_create(const struct beta_parts *parts);

/* Frees it, before the inboxes; NULL is allowed. */
void beta_destroy(struct beta *beta);

/*
 * Registers a URL template, which beta_url_valid has accepted, for what a
 * number (digits) writes to a session.  It replaces an earlier one; one that
 * is the same stays on.
 */
enum beta_state beta_register(struct beta *beta, struct session *session,
    const char *number, const char *url);

/* Forgets the webhooks of a session, and what is on its way to them. */
void beta_forget(struct beta *beta, const struct session *session);

/* Forgets the webhooks whose owners have not said yes in time. */
void beta_expire(struct beta *beta, uint64_t now_ms);

/* The number of webhooks, and the counts of their deliveries. */
size_t beta_webhooks(const struct beta *beta);
struct beta_delivery_stats beta_stats(const struct beta *beta);


#endif /* BETA_H */
