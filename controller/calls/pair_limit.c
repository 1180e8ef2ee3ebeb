/*
 * The table of pairs.  A pair expires when its bucket is full again, since a
 * full bucket says no more than a new one.
 */

#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/lru_table.h"
#include "calls/pair_limit.h"


struct pair {
    struct lru_entry  entry;    /* first */
    struct bucket     bucket;
    const char       *session;  /* borrowed */
};


struct pair_limit {
    struct pair_limit_config   config;
    struct keyed_hash         *hash;
    struct lru_table          *pairs;    /* NULL: there was no limit so far */
};


static bool pair_limit_is_of(const struct lru_entry *entry, void *ctx);


struct pair_limit *
pair_limit_create(const struct pair_limit_config *config)
{
    struct pair_limit  *limit;

    limit = calloc(1, sizeof(struct pair_limit));

    if (limit == NULL) {
        return NULL;
    }

    limit->config.max = config->max;

    if (!pair_limit_change(limit, config->rate, config->burst)) {
        pair_limit_destroy(limit);
        return NULL;
    }

    return limit;
}


bool
pair_limit_change(struct pair_limit *limit, unsigned rate, unsigned burst)
{
    if (rate != 0 && limit->hash == NULL) {
        limit->hash = keyed_hash_create();
    }

    if (rate != 0 && limit->pairs == NULL) {
        limit->pairs = lru_table_create(limit->config.max,
                                        sizeof(struct pair));
    }

    if (rate != 0 && (limit->hash == NULL || limit->pairs == NULL)) {
        return false;
    }

    limit->config.rate = rate;
    limit->config.burst = burst;

    return true;
}


void
pair_limit_destroy(struct pair_limit *limit)
{
    if (limit == NULL) {
        return;
    }

    lru_table_destroy(limit->pairs);
    keyed_hash_destroy(limit->hash);
    free(limit);
}


bool
pair_limit_take(struct pair_limit *limit, const char *session,
    const char *to, uint64_t now_ms, struct pair_limit_ticket *ticket,
    struct error *error)
{
    struct pair  *pair;

    if (limit->config.rate == 0 || ticket->taken) {
        return true;
    }

    /* the NUL of session goes in too: no two pairs make the same bytes */

    if (!keyed_hash_make(limit->hash, session, strlen(session) + 1, to,
                         strlen(to), ticket->key))
    {
        *error = error_memory();
        return false;
    }

    pair = (struct pair *) lru_table_find(limit->pairs, ticket->key, now_ms);

    if (pair == NULL) {

        /* never NULL: no pair is pinned for longer than this function */

        pair = (struct pair *) lru_table_insert(limit->pairs, ticket->key);
        pair->session = session;
        bucket_init(&pair->bucket, limit->config.rate, limit->config.burst,
                    now_ms);
    }

    bucket_change(&pair->bucket, limit->config.rate, limit->config.burst,
                  now_ms);

    if (!bucket_take(&pair->bucket, now_ms)) {
        *error = error_make(ERROR_PAIR_LIMITED);
        error->retry_after_ms = bucket_wait(&pair->bucket, 1, now_ms);
        return false;
    }

    lru_table_hold(limit->pairs, &pair->entry, LRU_EVICTABLE,
                   now_ms + bucket_fill_time(&pair->bucket, now_ms));

    ticket->taken = true;

    return true;
}


void
pair_limit_spend(struct pair_limit_ticket *ticket)
{
    ticket->taken = false;
}


void
pair_limit_return(struct pair_limit *limit, struct pair_limit_ticket *ticket,
    uint64_t now_ms)
{
    struct pair  *pair;

    if (!ticket->taken) {
        return;
    }

    ticket->taken = false;

    /* the pair may have made room for another one */

    pair = (struct pair *) lru_table_find(limit->pairs, ticket->key, now_ms);

    if (pair != NULL) {
        bucket_return(&pair->bucket, now_ms);
        pair->entry.expires = now_ms + bucket_fill_time(&pair->bucket,
                                                        now_ms);
    }
}


void
pair_limit_forget(struct pair_limit *limit, const char *session)
{
    if (limit->pairs != NULL) {
        lru_table_remove_matching(limit->pairs, pair_limit_is_of,
                                  (void *) session);
    }
}


static bool
pair_limit_is_of(const struct lru_entry *entry, void *ctx)
{
    return strcmp(((const struct pair *) entry)->session, ctx) == 0;
}


void
pair_limit_expire(struct pair_limit *limit, uint64_t now_ms)
{
    if (limit->pairs != NULL) {
        lru_table_expire(limit->pairs, now_ms);
    }
}


uint32_t
pair_limit_count(const struct pair_limit *limit)
{
    return limit->pairs != NULL ? lru_table_count(limit->pairs) : 0;
}


uint64_t
pair_limit_evicted(const struct pair_limit *limit)
{
    return limit->pairs != NULL ? lru_table_evicted(limit->pairs) : 0;
}
