/*
 * Delivers messages to BETA webhooks: one GET each, in order for each webhook,
 * tried three times, and then dropped.
 */

#ifndef BETA_DELIVERY_H
#define BETA_DELIVERY_H


#include <stdint.h>

#include <event2/event.h>

#include "base/address_guard.h"
#include "base/keyed_hash.h"


struct beta_deliveries;


/* counts since the start, but for waiting */

struct beta_delivery_stats {
    uint64_t  delivered;
    uint64_t  failed;      /* after the last try */
    uint64_t  dropped;     /* for want of room or memory */
    uint64_t  waiting;     /* now */
};


/* Makes an empty queue; guard is borrowed.  NULL when memory is short. */
struct beta_deliveries *beta_deliveries_create(struct event_base *base,
    const struct address_guard *guard);

/* Drops what waits, and frees the queue; NULL is allowed. */
void beta_deliveries_destroy(struct beta_deliveries *queue);

/* Adds a URL, which the queue frees, behind all others of that webhook. */
void beta_deliveries_add(struct beta_deliveries *queue,
    const uint8_t webhook[KEYED_HASH_SIZE], char *url);

/* Drops all deliveries of a webhook. */
void beta_deliveries_forget(struct beta_deliveries *queue,
    const uint8_t webhook[KEYED_HASH_SIZE]);

/* Returns the counts. */
struct beta_delivery_stats beta_deliveries_stats(
    const struct beta_deliveries *queue);


#endif /* BETA_DELIVERY_H */
