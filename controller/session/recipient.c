/*
 * The cache of resolved recipients: chained hash, oldest use goes first.
 */

#include <sys/queue.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "session/recipient.h"


#define RECIPIENT_BUCKETS  256
#define RECIPIENT_DIGITS   20


struct recipient_node {
    TAILQ_ENTRY(recipient_node)  age;
    LIST_ENTRY(recipient_node)   chain;
    uint64_t                     expires;
    struct recipient             recipient;
};


TAILQ_HEAD(recipient_ages, recipient_node);
LIST_HEAD(recipient_chain, recipient_node);


struct recipient_cache {
    uint32_t                max;
    uint64_t                ttl_ms;
    struct recipient_node  *nodes;
    struct recipient_ages   used;        /* the latest use first */
    struct recipient_ages   unused;
    struct recipient_chain  chains[RECIPIENT_BUCKETS];
};


static struct recipient_node *recipient_lookup(struct recipient_cache *cache,
    const char *to);
static struct recipient_chain *recipient_chain(struct recipient_cache *cache,
    const char *to);
static void recipient_forget(struct recipient_cache *cache,
    struct recipient_node *node);


struct recipient_cache *
recipient_cache_create(uint32_t max, uint64_t ttl_ms)
{
    uint32_t                 i;
    struct recipient_cache  *cache;

    cache = calloc(1, sizeof(struct recipient_cache));

    if (cache == NULL) {
        return NULL;
    }

    cache->nodes = calloc(max, sizeof(struct recipient_node));

    if (cache->nodes == NULL) {
        free(cache);
        return NULL;
    }

    cache->max = max;
    cache->ttl_ms = ttl_ms;

    TAILQ_INIT(&cache->used);
    TAILQ_INIT(&cache->unused);

    for (i = 0; i < RECIPIENT_BUCKETS; i++) {
        LIST_INIT(&cache->chains[i]);
    }

    for (i = 0; i < max; i++) {
        TAILQ_INSERT_TAIL(&cache->unused, &cache->nodes[i], age);
    }

    return cache;
}


void
recipient_cache_destroy(struct recipient_cache *cache)
{
    if (cache == NULL) {
        return;
    }

    OPENSSL_cleanse(cache->nodes, cache->max * sizeof(struct recipient_node));

    free(cache->nodes);
    free(cache);
}


void
recipient_cache_clear(struct recipient_cache *cache)
{
    struct recipient_node  *node;

    while ((node = TAILQ_FIRST(&cache->used)) != NULL) {
        recipient_forget(cache, node);
    }
}


const struct recipient *
recipient_cache_find(struct recipient_cache *cache, const char *to,
    uint64_t now_ms)
{
    struct recipient_node  *node;

    node = recipient_lookup(cache, to);

    if (node == NULL) {
        return NULL;
    }

    if (node->expires <= now_ms) {
        recipient_forget(cache, node);
        return NULL;
    }

    TAILQ_REMOVE(&cache->used, node, age);
    TAILQ_INSERT_HEAD(&cache->used, node, age);

    return &node->recipient;
}


void
recipient_cache_store(struct recipient_cache *cache,
    const struct recipient *recipient, uint64_t now_ms)
{
    struct recipient_node  *node;

    node = recipient_lookup(cache, recipient->to);

    if (node == NULL && TAILQ_EMPTY(&cache->unused)) {
        node = TAILQ_LAST(&cache->used, recipient_ages);
    }

    if (node != NULL) {
        recipient_forget(cache, node);
    }

    node = TAILQ_FIRST(&cache->unused);

    TAILQ_REMOVE(&cache->unused, node, age);
    TAILQ_INSERT_HEAD(&cache->used, node, age);
    LIST_INSERT_HEAD(recipient_chain(cache, recipient->to), node, chain);

    node->expires = now_ms + cache->ttl_ms;
    node->recipient = *recipient;
}


bool
recipient_normalise(const char *to, char out[RECIPIENT_TO_SIZE])
{
    size_t       n;
    const char  *p;

    n = 0;

    if (strchr(to, '@') != NULL) {
        if (!wamid_wid_valid(to)) {
            return false;
        }

        for (p = to; *p != '\0'; p++) {
            out[n++] = (char) tolower((unsigned char) *p);
        }

        out[n] = '\0';

        return true;
    }

    for (p = to; *p != '\0'; p++) {
        if (isdigit((unsigned char) *p)) {
            if (n == RECIPIENT_DIGITS) {
                return false;
            }

            out[n++] = *p;

        } else if (strchr("+-(). \t", *p) == NULL
                   || (*p == '+' && n != 0))
        {
            return false;
        }
    }

    out[n] = '\0';

    return n != 0;
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


/* FNV-1a; a wrong guess costs a comparison, or a wait behind another chat */

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


static struct recipient_node *
recipient_lookup(struct recipient_cache *cache, const char *to)
{
    struct recipient_node  *node;

    LIST_FOREACH(node, recipient_chain(cache, to), chain) {
        if (strcmp(node->recipient.to, to) == 0) {
            return node;
        }
    }

    return NULL;
}


static struct recipient_chain *
recipient_chain(struct recipient_cache *cache, const char *to)
{
    return &cache->chains[recipient_hash(to) % RECIPIENT_BUCKETS];
}


static void
recipient_forget(struct recipient_cache *cache, struct recipient_node *node)
{
    LIST_REMOVE(node, chain);
    TAILQ_REMOVE(&cache->used, node, age);
    TAILQ_INSERT_TAIL(&cache->unused, node, age);

    OPENSSL_cleanse(&node->recipient, sizeof(struct recipient));
}
