/*
 * The table of pairs: chained hash over one array, in the order of last use.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <openssl/crypto.h>

#include "base/bucket.h"
#include "calls/pair_limit.h"


LIST_HEAD(pair_chain, pair);
TAILQ_HEAD(pair_list, pair);


struct pair {
    LIST_ENTRY(pair)   chain;
    TAILQ_ENTRY(pair)  age;
    struct bucket      bucket;
    uint8_t            key[KEYED_HASH_SIZE];
};


struct pairs {
    struct pair_config   config;
    struct keyed_hash   *hash;
    struct pair         *all;
    struct pair_chain   *chains;
    uint32_t             mask;
    struct pair_list     used;      /* the one used last is the last */
    struct pair_list     unused;
    uint32_t             count;
    uint64_t             evicted;
};


static struct pair_chain *pairs_chain(const struct pairs *pairs,
    const uint8_t key[KEYED_HASH_SIZE]);
static struct pair *pairs_find(const struct pairs *pairs,
    const uint8_t key[KEYED_HASH_SIZE]);
static struct pair *pairs_insert(struct pairs *pairs,
    const uint8_t key[KEYED_HASH_SIZE], uint64_t now_ms);
static void pairs_forget(struct pairs *pairs, struct pair *pair);
static void pairs_expire(struct pairs *pairs, uint64_t now_ms);


struct pairs *
pairs_create(const struct pair_config *config)
{
    uint32_t       i, size;
    struct pairs  *pairs;

    pairs = calloc(1, sizeof(struct pairs));

    if (pairs == NULL) {
        return NULL;
    }

    pairs->config = *config;

    TAILQ_INIT(&pairs->used);
    TAILQ_INIT(&pairs->unused);

    if (config->rate == 0) {
        return pairs;
    }

    for (size = 1; size < config->max; size *= 2) { /* void */ }

    pairs->mask = size - 1;
    pairs->all = calloc(config->max, sizeof(struct pair));
    pairs->chains = calloc(size, sizeof(struct pair_chain));
    pairs->hash = keyed_hash_create();

    if (pairs->all == NULL || pairs->chains == NULL || pairs->hash == NULL) {
        pairs_destroy(pairs);
        return NULL;
    }

    for (i = 0; i < config->max; i++) {
        TAILQ_INSERT_TAIL(&pairs->unused, &pairs->all[i], age);
    }

    return pairs;
}


void
pairs_destroy(struct pairs *pairs)
{
    if (pairs == NULL) {
        return;
    }

    if (pairs->all != NULL) {
        OPENSSL_cleanse(pairs->all,
                        pairs->config.max * sizeof(struct pair));
    }

    keyed_hash_destroy(pairs->hash);
    free(pairs->chains);
    free(pairs->all);
    free(pairs);
}


enum pair_verdict
pairs_take(struct pairs *pairs, const char *session, const char *to,
    uint64_t now_ms, struct pair_ticket *ticket, uint64_t *wait_ms)
{
    struct pair  *pair;

    if (pairs->config.rate == 0 || ticket->taken) {
        return PAIR_OK;
    }

    /* the NUL of session goes in too: no two pairs make the same bytes */

    if (!keyed_hash_make(pairs->hash, session, strlen(session) + 1, to,
                         strlen(to), ticket->key))
    {
        return PAIR_BROKEN;
    }

    pairs_expire(pairs, now_ms);

    pair = pairs_find(pairs, ticket->key);

    if (pair == NULL) {
        pair = pairs_insert(pairs, ticket->key, now_ms);
    }

    if (!bucket_take(&pair->bucket, now_ms)) {
        *wait_ms = bucket_wait(&pair->bucket, 1, now_ms);
        return PAIR_LIMITED;
    }

    TAILQ_REMOVE(&pairs->used, pair, age);
    TAILQ_INSERT_TAIL(&pairs->used, pair, age);

    ticket->taken = true;

    return PAIR_OK;
}


void
pairs_spend(struct pair_ticket *ticket)
{
    ticket->taken = false;
}


void
pairs_return(struct pairs *pairs, struct pair_ticket *ticket,
    uint64_t now_ms)
{
    struct pair  *pair;

    if (!ticket->taken) {
        return;
    }

    ticket->taken = false;

    pair = pairs_find(pairs, ticket->key);

    if (pair != NULL) {
        bucket_return(&pair->bucket, now_ms);
    }
}


uint32_t
pairs_count(const struct pairs *pairs)
{
    return pairs->count;
}


uint64_t
pairs_evicted(const struct pairs *pairs)
{
    return pairs->evicted;
}


static struct pair_chain *
pairs_chain(const struct pairs *pairs, const uint8_t key[KEYED_HASH_SIZE])
{
    uint32_t  hash;

    memcpy(&hash, key, sizeof(hash));

    return &pairs->chains[hash & pairs->mask];
}


static struct pair *
pairs_find(const struct pairs *pairs, const uint8_t key[KEYED_HASH_SIZE])
{
    struct pair  *pair;

    LIST_FOREACH(pair, pairs_chain(pairs, key), chain) {
        if (memcmp(pair->key, key, KEYED_HASH_SIZE) == 0) {
            return pair;
        }
    }

    return NULL;
}


static struct pair *
pairs_insert(struct pairs *pairs, const uint8_t key[KEYED_HASH_SIZE],
    uint64_t now_ms)
{
    struct pair  *pair;

    if (TAILQ_EMPTY(&pairs->unused)) {
        pairs->evicted++;
        pairs_forget(pairs, TAILQ_FIRST(&pairs->used));
    }

    pair = TAILQ_FIRST(&pairs->unused);

    TAILQ_REMOVE(&pairs->unused, pair, age);
    TAILQ_INSERT_TAIL(&pairs->used, pair, age);
    LIST_INSERT_HEAD(pairs_chain(pairs, key), pair, chain);

    memcpy(pair->key, key, KEYED_HASH_SIZE);
    bucket_init(&pair->bucket, pairs->config.rate, pairs->config.burst,
                now_ms);

    pairs->count++;

    return pair;
}


static void
pairs_forget(struct pairs *pairs, struct pair *pair)
{
    LIST_REMOVE(pair, chain);
    TAILQ_REMOVE(&pairs->used, pair, age);
    TAILQ_INSERT_TAIL(&pairs->unused, pair, age);

    OPENSSL_cleanse(pair->key, KEYED_HASH_SIZE);

    pairs->count--;
}


/*
 * A full bucket says no more than none.  Buckets fill at one rate, but not
 * from one level: a fuller one may wait behind an emptier one that is older.
 */

static void
pairs_expire(struct pairs *pairs, uint64_t now_ms)
{
    struct pair  *pair;

    while ((pair = TAILQ_FIRST(&pairs->used)) != NULL
           && bucket_full(&pair->bucket, now_ms))
    {
        pairs_forget(pairs, pair);
    }
}
