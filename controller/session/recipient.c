/*
 * The cache of resolved recipients, a table that forgets the least recently
 * used one, and the forms of their names.
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/keyed_hash.h"
#include "base/lru_table.h"
#include "protocol/phone.h"
#include "session/recipient.h"


struct recipient_node {
    struct lru_entry  entry;    /* first */
    struct recipient  recipient;
};


struct recipient_cache {
    struct lru_table   *nodes;
    struct keyed_hash  *hash;
    uint64_t            ttl_ms;
};


static bool recipient_key(struct recipient_cache *cache, const char *to,
    uint8_t key[KEYED_HASH_SIZE]);


struct recipient_cache *
recipient_cache_create(uint32_t max, uint64_t ttl_ms)
{
    struct recipient_cache  *cache;

    cache = calloc(1, sizeof(struct recipient_cache));

    if (cache == NULL) {
        return NULL;
    }

    cache->ttl_ms = ttl_ms;
    cache->nodes = lru_table_create(max, sizeof(struct recipient_node));
    cache->hash = keyed_hash_create();

    if (cache->nodes == NULL || cache->hash == NULL) {
        recipient_cache_destroy(cache);
        return NULL;
    }

    return cache;
}


void
recipient_cache_destroy(struct recipient_cache *cache)
{
    if (cache == NULL) {
        return;
    }

    lru_table_destroy(cache->nodes);
    keyed_hash_destroy(cache->hash);
    free(cache);
}


void
recipient_cache_clear(struct recipient_cache *cache)
{
    lru_table_clear(cache->nodes);
}


const struct recipient *
recipient_cache_find(struct recipient_cache *cache, const char *to,
    uint64_t now_ms)
{
    uint8_t                 key[KEYED_HASH_SIZE];
    struct recipient_node  *node;

    if (!recipient_key(cache, to, key)) {
        return NULL;
    }

    node = (struct recipient_node *) lru_table_find(cache->nodes, key,
                                                    now_ms);

    if (node == NULL) {
        return NULL;
    }

    lru_table_hold(cache->nodes, &node->entry, LRU_EVICTABLE,
                   node->entry.expires);

    return &node->recipient;
}


void
recipient_cache_store(struct recipient_cache *cache,
    const struct recipient *recipient, uint64_t now_ms)
{
    uint8_t                 key[KEYED_HASH_SIZE];
    struct recipient_node  *node;

    if (!recipient_key(cache, recipient->to, key)) {
        return;
    }

    node = (struct recipient_node *) lru_table_find(cache->nodes, key,
                                                    now_ms);

    if (node == NULL) {

        /* never NULL: no recipient is pinned for longer than this function */

        node = (struct recipient_node *) lru_table_insert(cache->nodes, key);
    }

    node->recipient = *recipient;

    lru_table_hold(cache->nodes, &node->entry, LRU_EVICTABLE,
                   now_ms + cache->ttl_ms);
}


bool
recipient_normalise(const char *to, char out[RECIPIENT_TO_SIZE])
{
    char         digits[WHATSAPP_PHONE_SIZE];
    size_t       n;
    const char  *p;

    if (strchr(to, '@') != NULL) {
        if (!wamid_wid_valid(to)) {
            return false;
        }

        for (n = 0, p = to; *p != '\0'; p++) {
            out[n++] = (char) tolower((unsigned char) *p);
        }

        out[n] = '\0';

        return true;
    }

    if (whatsapp_phone_read(to, strlen(to), digits) != WHATSAPP_PHONE_NUMBER) {
        return false;
    }

    strcpy(out, digits);

    return true;
}


bool
recipient_is_group(const char *to)
{
    const char  *at;

    at = strchr(to, '@');

    return at != NULL && strcmp(at, "@g.us") == 0;
}


bool
recipient_read(struct recipient *recipient, json_t *object)
{
    const char  *chat, *wa_id, *participant;

    chat = json_string_value(json_object_get(object, "chat"));
    wa_id = json_string_value(json_object_get(object, "wa_id"));
    participant = json_string_value(json_object_get(object, "participant"));

    if (participant == NULL) {
        participant = "";
    }

    if (chat == NULL || !wamid_wid_valid(chat)
        || (*participant != '\0' && !wamid_wid_valid(participant))
        || wa_id == NULL || strlen(wa_id) >= sizeof(recipient->wa_id))
    {
        return false;
    }

    strcpy(recipient->chat, chat);
    strcpy(recipient->participant, participant);
    strcpy(recipient->wa_id, wa_id);

    return true;
}


/* FNV-1a; two names of one hash only wait for each other like one chat */

uint64_t
recipient_hash(const char *to)
{
    uint64_t  hash;

    hash = 0xcbf29ce484222325;

    while (*to != '\0') {
        hash = (hash ^ (uint8_t) *to++) * 0x100000001b3;
    }

    return hash != 0 ? hash : 1;
}


/* returns false when libcrypto fails: then the page is asked again */

static bool
recipient_key(struct recipient_cache *cache, const char *to,
    uint8_t key[KEYED_HASH_SIZE])
{
    return keyed_hash_make(cache->hash, "", 0, to, strlen(to), key);
}
