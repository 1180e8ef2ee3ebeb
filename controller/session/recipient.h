/*
 * Recipients that the page has resolved already: a small cache, in memory
 * only, one for each session, emptied when the session is logged out.
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
 * Makes an empty cache of max recipients, each kept for ttl_ms; the one used
 * longest ago makes room.  NULL when memory or random is short.
 */
struct recipient_cache *recipient_cache_create(uint32_t max,
    uint64_t ttl_ms);

/* Wipes and frees the cache. */
void recipient_cache_destroy(struct recipient_cache *cache);

/* Forgets all. */
void recipient_cache_clear(struct recipient_cache *cache);

/*
 * Finds a recipient by its normalised name; NULL when it isn't there.  Valid
 * until the cache is next changed.
 */
const struct recipient *recipient_cache_find(struct recipient_cache *cache,
    const char *to, uint64_t now_ms);

/* Stores a recipient, in place of an older one of that name. */
void recipient_cache_store(struct recipient_cache *cache,
    const struct recipient *recipient, uint64_t now_ms);

/*
 * Brings `to` into one form: a number's digits alone, as many as limits.h
 * allows, or an id (with @) in lower case.  False for what can be neither.
 */
bool recipient_normalise(const char *to, char out[RECIPIENT_TO_SIZE]);

/*
 * Reads the bridge's answer {chat, wa_id, participant?} into all but the name;
 * false when it isn't well-formed or too long.
 */
bool recipient_read(struct recipient *recipient, json_t *object);

/* A number for a normalised name, never 0. */
uint64_t recipient_hash(const char *to);


#endif /* RECIPIENT_H */
