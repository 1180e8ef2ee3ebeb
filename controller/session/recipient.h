/*
 * A cache of the recipients that the page has resolved.  Each session has one,
 * in memory only, and clears it when it is logged out.
 */

#ifndef RECIPIENT_H
#define RECIPIENT_H


#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/wamid.h"


#define RECIPIENT_TO_SIZE     WAMID_WID_SIZE
#define RECIPIENT_WA_ID_SIZE  32


struct recipient {
    char  to[RECIPIENT_TO_SIZE];            /* normalised */
    char  chat[WAMID_WID_SIZE];
    char  participant[WAMID_WID_SIZE];      /* "" outside of groups */
    char  wa_id[RECIPIENT_WA_ID_SIZE];
};


struct recipient_cache;


/*
 * Creates an empty cache of at most max recipients, each kept for ttl_ms; a
 * new one replaces the one used longest ago.  Returns NULL when memory or
 * random is short.
 */
struct recipient_cache *recipient_cache_create(uint32_t max,
    uint64_t ttl_ms);

/* Wipes and frees the cache. */
void recipient_cache_destroy(struct recipient_cache *cache);

/* Forgets all recipients. */
void recipient_cache_clear(struct recipient_cache *cache);

/*
 * Returns the recipient of a normalised name, or NULL.  The recipient is valid
 * until the cache is next changed.
 */
const struct recipient *recipient_cache_find(struct recipient_cache *cache,
    const char *to, uint64_t now_ms);

/* Stores a recipient; it replaces an older one of that name. */
void recipient_cache_store(struct recipient_cache *cache,
    const struct recipient *recipient, uint64_t now_ms);

/*
 * Brings `to` into one form: a number's digits alone, as many as limits.h
 * allows, or an id (with @) in lower case.  Returns false for a text that can
 * be neither.
 */
bool recipient_normalise(const char *to, char out[RECIPIENT_TO_SIZE]);

/* Returns whether a normalised name is that of a group. */
bool recipient_is_group(const char *to);

/*
 * Reads the bridge's answer {chat, wa_id, participant?} into all members but
 * `to`; returns false when it isn't well-formed or too long.
 */
bool recipient_read(struct recipient *recipient, json_t *object);

/* Returns a hash of a normalised name, never 0. */
uint64_t recipient_hash(const char *to);


#endif /* RECIPIENT_H */
