
/*
 * Verdicts, strikes and levels by client address, in shared memory.
 *
 * Two numbers say how far an answer of Redis can be believed. A worker adds 1
 * to the epoch whenever its connection for invalidations comes or goes:
 * absences of an older epoch are void, bans of an older epoch hold but are
 * looked up again. FLUSHALL copies the epoch to "flushed", and nodes of an
 * older epoch then hold no ban any more.
 *
 * Redis tells that a key was changed, not how. If a ban was to last longer and
 * its key is gone, somebody has deleted it: then all that is known of the
 * address goes, its strikes and level too. The level of a ban that ended by
 * itself stays.
 */


#include "ngx_http_whatsapp_abuse_node.h"


/* how much earlier than expected a key may expire, in ms */

#define NGX_HTTP_WHATSAPP_ABUSE_EARLY  1000


static void ngx_http_whatsapp_abuse_cache_ban(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node,
    ngx_http_whatsapp_abuse_strikes_t *strikes, ngx_uint_t dry_run,
    ngx_http_whatsapp_abuse_verdict_t *verdict);
static void ngx_http_whatsapp_abuse_cache_verdict(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node,
    ngx_http_whatsapp_abuse_verdict_t *verdict);


void
ngx_http_whatsapp_abuse_cache_get(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key,
    ngx_http_whatsapp_abuse_verdict_t *verdict)
{
    ngx_http_whatsapp_abuse_node_t  *node;

    ngx_memzero(verdict, sizeof(ngx_http_whatsapp_abuse_verdict_t));

    ngx_shmtx_lock(&cache->shpool->mutex);

    node = ngx_http_whatsapp_abuse_node_find(cache, key);

    if (node) {
        ngx_http_whatsapp_abuse_cache_verdict(cache, node, verdict);
        ngx_http_whatsapp_abuse_node_touch(cache, node);
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


void
ngx_http_whatsapp_abuse_cache_put(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key, int64_t ttl, ngx_msec_t fresh,
    ngx_http_whatsapp_abuse_verdict_t *verdict)
{
    ngx_msec_t                       now, until;
    ngx_http_whatsapp_abuse_node_t  *node;

    now = ngx_current_msec;

    ngx_memzero(verdict, sizeof(ngx_http_whatsapp_abuse_verdict_t));

    if (ttl == -2) {
        verdict->fact = NGX_HTTP_WHATSAPP_ABUSE_FACT_CLEAR;
        fresh = ngx_min(fresh, NGX_HTTP_WHATSAPP_ABUSE_FRESH_CLEAR);
        until = 0;

    } else {
        verdict->fact = NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED;
        verdict->remaining = (ttl < 0) ? NGX_HTTP_WHATSAPP_ABUSE_FOREVER
                                       : (ngx_msec_t) ttl;
        until = (ttl < 0) ? NGX_HTTP_WHATSAPP_ABUSE_FOREVER
                          : now + (ngx_msec_t) ttl;
    }

    ngx_shmtx_lock(&cache->shpool->mutex);

    /* an absence that is not to be used again is not kept either */

    node = (ttl == -2 && fresh == 0)
           ? ngx_http_whatsapp_abuse_node_find(cache, key)
           : ngx_http_whatsapp_abuse_node_add(cache, key);

    if (node == NULL) {
        goto done;
    }

    if (ttl == -2 && node->changed) {
        ngx_http_whatsapp_abuse_node_delete(cache, node);
        goto done;
    }

    if (ttl == -2 && !node->saved
        && ngx_http_whatsapp_abuse_node_banned(cache, node))
    {
        node->epoch = cache->sh->epoch;
        node->fresh = now + NGX_HTTP_WHATSAPP_ABUSE_FRESH_UNTRACKED;

        ngx_http_whatsapp_abuse_cache_verdict(cache, node, verdict);

    } else {
        node->fact = (u_char) verdict->fact;
        node->saved = 1;
        node->changed = 0;
        node->epoch = cache->sh->epoch;
        node->until = until;
        node->fresh = now + fresh;
    }

    ngx_http_whatsapp_abuse_node_touch(cache, node);

done:

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


ngx_int_t
ngx_http_whatsapp_abuse_cache_strike(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key,
    ngx_http_whatsapp_abuse_strikes_t *strikes, ngx_uint_t dry_run,
    ngx_http_whatsapp_abuse_verdict_t *verdict)
{
    uint16_t                        *count;
    ngx_int_t                        rc;
    ngx_uint_t                       sum;
    ngx_http_whatsapp_abuse_node_t  *node;

    rc = NGX_DECLINED;

    ngx_shmtx_lock(&cache->shpool->mutex);

    node = ngx_http_whatsapp_abuse_node_add(cache, key);

    if (node == NULL || ngx_http_whatsapp_abuse_node_banned(cache, node)) {
        goto done;
    }

    sum = ngx_http_whatsapp_abuse_node_strikes(cache, node) + 1;

    count = &node->strikes[node->slot % NGX_HTTP_WHATSAPP_ABUSE_SLOTS];

    if (*count < NGX_HTTP_WHATSAPP_ABUSE_STRIKES_MAX) {
        (*count)++;
    }

    rc = NGX_OK;

    if (sum >= strikes->count) {
        ngx_http_whatsapp_abuse_cache_ban(cache, node, strikes, dry_run,
                                          verdict);
        rc = NGX_DONE;
    }

    ngx_http_whatsapp_abuse_node_touch(cache, node);

done:

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return rc;
}


void
ngx_http_whatsapp_abuse_cache_saved(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key)
{
    ngx_http_whatsapp_abuse_node_t  *node;

    ngx_shmtx_lock(&cache->shpool->mutex);

    node = ngx_http_whatsapp_abuse_node_find(cache, key);

    if (node) {
        node->saved = 1;
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


ngx_uint_t
ngx_http_whatsapp_abuse_cache_invalidate(
    ngx_http_whatsapp_abuse_cache_t *cache, ngx_http_whatsapp_abuse_key_t *key)
{
    ngx_uint_t                       ask;
    ngx_http_whatsapp_abuse_node_t  *node;

    ask = 0;

    ngx_shmtx_lock(&cache->shpool->mutex);

    node = ngx_http_whatsapp_abuse_node_find(cache, key);

    if (node) {
        node->fresh = 0;

        if (!node->changed && node->saved
            && ngx_http_whatsapp_abuse_node_banned(cache, node)
            && node->until - ngx_current_msec > NGX_HTTP_WHATSAPP_ABUSE_EARLY)
        {
            node->changed = 1;
            ask = 1;
        }
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return ask;
}


ngx_uint_t
ngx_http_whatsapp_abuse_cache_forget(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key)
{
    ngx_http_whatsapp_abuse_node_t  *node;

    ngx_shmtx_lock(&cache->shpool->mutex);

    node = ngx_http_whatsapp_abuse_node_find(cache, key);

    if (node) {
        ngx_http_whatsapp_abuse_node_delete(cache, node);
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return node != NULL;
}


void
ngx_http_whatsapp_abuse_cache_flush(ngx_http_whatsapp_abuse_cache_t *cache)
{
    ngx_shmtx_lock(&cache->shpool->mutex);

    cache->sh->flushed = ++cache->sh->epoch;

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


void
ngx_http_whatsapp_abuse_cache_distrust(ngx_http_whatsapp_abuse_cache_t *cache)
{
    ngx_shmtx_lock(&cache->shpool->mutex);

    cache->sh->epoch++;

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


ngx_http_whatsapp_abuse_cache_worker_t *
ngx_http_whatsapp_abuse_cache_worker(ngx_http_whatsapp_abuse_cache_t *cache)
{
    if (ngx_worker >= NGX_HTTP_WHATSAPP_ABUSE_WORKERS) {
        return NULL;
    }

    return &cache->sh->workers[ngx_worker];
}


static void
ngx_http_whatsapp_abuse_cache_ban(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node,
    ngx_http_whatsapp_abuse_strikes_t *strikes, ngx_uint_t dry_run,
    ngx_http_whatsapp_abuse_verdict_t *verdict)
{
    ngx_msec_t  now, ban;
    ngx_uint_t  i, level;

    now = ngx_current_msec;

    level = (node->level_until > now) ? node->level : 0;

    ban = strikes->ban;

    for (i = 0; i < level && ban < strikes->max_ban; i++) {
        ban *= 2;
    }

    ban = ngx_min(ban, strikes->max_ban);

    ngx_memzero(node->strikes, sizeof(node->strikes));

    verdict->fact = NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED;
    verdict->remaining = ban;
    verdict->level = ngx_min(level + 1, 1000);
    verdict->fresh = 0;
    verdict->unsaved = 1;

    if (dry_run) {
        return;
    }

    node->fact = NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED;
    node->saved = 0;
    node->changed = 0;
    node->epoch = cache->sh->epoch;
    node->until = now + ban;
    node->fresh = now + NGX_HTTP_WHATSAPP_ABUSE_FRESH_UNTRACKED;
    node->level = (u_short) verdict->level;
    node->level_until = node->until + strikes->max_ban;
}


static void
ngx_http_whatsapp_abuse_cache_verdict(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node,
    ngx_http_whatsapp_abuse_verdict_t *verdict)
{
    ngx_uint_t  fresh;

    fresh = ngx_http_whatsapp_abuse_node_fresh(cache, node);

    if (ngx_http_whatsapp_abuse_node_banned(cache, node)) {
        verdict->fact = NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED;
        verdict->fresh = fresh || !cache->redis;
        verdict->unsaved = !node->saved;
        verdict->level = node->level;
        verdict->remaining = (node->until == NGX_HTTP_WHATSAPP_ABUSE_FOREVER)
                             ? NGX_HTTP_WHATSAPP_ABUSE_FOREVER
                             : node->until - ngx_current_msec;
        return;
    }

    if (node->fact == NGX_HTTP_WHATSAPP_ABUSE_FACT_CLEAR && fresh) {
        verdict->fact = NGX_HTTP_WHATSAPP_ABUSE_FACT_CLEAR;
        verdict->fresh = 1;
    }
}


ngx_int_t
ngx_http_whatsapp_abuse_cache_init(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_shm_zone_t *shm_zone, ngx_http_whatsapp_abuse_cache_t *previous)
{
    size_t      len;
    ngx_uint_t  i;

    if (previous) {
        cache->sh = previous->sh;
        cache->shpool = previous->shpool;
        return NGX_OK;
    }

    cache->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        cache->sh = cache->shpool->data;
        return NGX_OK;
    }

    cache->sh = ngx_slab_calloc(cache->shpool,
                                sizeof(ngx_http_whatsapp_abuse_cache_sh_t));
    if (cache->sh == NULL) {
        return NGX_ERROR;
    }

    cache->shpool->data = cache->sh;

    ngx_rbtree_init(&cache->sh->rbtree, &cache->sh->sentinel,
                    ngx_http_whatsapp_abuse_node_insert);

    for (i = 0; i < NGX_HTTP_WHATSAPP_ABUSE_QUEUES; i++) {
        ngx_queue_init(&cache->sh->queues[i]);
    }

    len = sizeof(" in whatsapp_abuse_zone \"\"") + shm_zone->shm.name.len;

    cache->shpool->log_ctx = ngx_slab_alloc(cache->shpool, len);
    if (cache->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(cache->shpool->log_ctx, " in whatsapp_abuse_zone \"%V\"%Z",
                &shm_zone->shm.name);

    cache->shpool->log_nomem = 0;

    return NGX_OK;
}
