
/*
 * Verdicts, strikes and levels by client address, in shared memory.
 *
 * Each address has one node. A node hangs in one of three queues, by how much
 * it would cost to forget it; a full zone evicts from the cheapest queue
 * first.
 *
 * Two numbers say how far an answer of Redis can be believed. A worker adds 1
 * to the epoch whenever its connection for invalidations comes or goes:
 * absences of an older epoch are void, bans of an older epoch hold but are
 * looked up again. FLUSHALL copies the epoch to "flushed", and nodes of an
 * older epoch then hold no ban any more.
 */


#include "ngx_http_whatsapp_abuse_cache.h"


#define NGX_HTTP_WHATSAPP_ABUSE_QUEUE_MISSES   0
#define NGX_HTTP_WHATSAPP_ABUSE_QUEUE_STRIKES  1
#define NGX_HTTP_WHATSAPP_ABUSE_QUEUE_BANS     2
#define NGX_HTTP_WHATSAPP_ABUSE_QUEUES         3


/* overlays ngx_rbtree_node_t from its color on, as in limit_req */

typedef struct {
    u_char                         color;
    u_char                         fact;
    u_char                         saved;
    u_char                         dummy;
    u_short                        level;
    ngx_http_whatsapp_abuse_key_t  key;
    uint32_t                       epoch;
    uint32_t                       slot;       /* newest in strikes */
    ngx_queue_t                    queue;
    ngx_msec_t                     until;      /* end of the ban */
    ngx_msec_t                     fresh;      /* no lookup until then */
    ngx_msec_t                     level_until;
    uint16_t                       strikes[NGX_HTTP_WHATSAPP_ABUSE_SLOTS];
} ngx_http_whatsapp_abuse_node_t;


static void ngx_http_whatsapp_abuse_cache_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
static ngx_http_whatsapp_abuse_node_t *ngx_http_whatsapp_abuse_cache_find(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key);
static ngx_http_whatsapp_abuse_node_t *ngx_http_whatsapp_abuse_cache_add(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key);
static void ngx_http_whatsapp_abuse_cache_expire(
    ngx_http_whatsapp_abuse_cache_t *cache);
static ngx_uint_t ngx_http_whatsapp_abuse_cache_evict(
    ngx_http_whatsapp_abuse_cache_t *cache);
static void ngx_http_whatsapp_abuse_cache_delete(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node);
static void ngx_http_whatsapp_abuse_cache_touch(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node);
static ngx_uint_t ngx_http_whatsapp_abuse_cache_banned(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node);
static ngx_uint_t ngx_http_whatsapp_abuse_cache_fresh(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node);
static ngx_uint_t ngx_http_whatsapp_abuse_cache_strikes(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node);
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

    node = ngx_http_whatsapp_abuse_cache_find(cache, key);

    if (node) {
        ngx_http_whatsapp_abuse_cache_verdict(cache, node, verdict);
        ngx_http_whatsapp_abuse_cache_touch(cache, node);
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

    node = ngx_http_whatsapp_abuse_cache_add(cache, key);

    if (node == NULL) {
        goto done;
    }

    if (ttl == -2 && !node->saved
        && ngx_http_whatsapp_abuse_cache_banned(cache, node))
    {
        node->epoch = cache->sh->epoch;
        node->fresh = now + NGX_HTTP_WHATSAPP_ABUSE_FRESH_UNTRACKED;

        ngx_http_whatsapp_abuse_cache_verdict(cache, node, verdict);

    } else {
        node->fact = (u_char) verdict->fact;
        node->saved = 1;
        node->epoch = cache->sh->epoch;
        node->until = until;
        node->fresh = now + fresh;
    }

    ngx_http_whatsapp_abuse_cache_touch(cache, node);

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

    node = ngx_http_whatsapp_abuse_cache_add(cache, key);

    if (node == NULL || ngx_http_whatsapp_abuse_cache_banned(cache, node)) {
        goto done;
    }

    sum = ngx_http_whatsapp_abuse_cache_strikes(cache, node) + 1;

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

    ngx_http_whatsapp_abuse_cache_touch(cache, node);

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

    node = ngx_http_whatsapp_abuse_cache_find(cache, key);

    if (node) {
        node->saved = 1;
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


void
ngx_http_whatsapp_abuse_cache_invalidate(
    ngx_http_whatsapp_abuse_cache_t *cache, ngx_http_whatsapp_abuse_key_t *key)
{
    ngx_http_whatsapp_abuse_node_t  *node;

    ngx_shmtx_lock(&cache->shpool->mutex);

    node = ngx_http_whatsapp_abuse_cache_find(cache, key);

    if (node) {
        node->fresh = 0;
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
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
ngx_http_whatsapp_abuse_cache_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel)
{
    ngx_rbtree_node_t              **p;
    ngx_http_whatsapp_abuse_node_t  *n, *t;

    for ( ;; ) {

        if (node->key != temp->key) {
            p = (node->key < temp->key) ? &temp->left : &temp->right;

        } else {
            n = (ngx_http_whatsapp_abuse_node_t *) &node->color;
            t = (ngx_http_whatsapp_abuse_node_t *) &temp->color;

            p = (ngx_memcmp(&n->key, &t->key, sizeof(n->key)) < 0)
                ? &temp->left : &temp->right;
        }

        if (*p == sentinel) {
            break;
        }

        temp = *p;
    }

    *p = node;
    node->parent = temp;
    node->left = sentinel;
    node->right = sentinel;
    ngx_rbt_red(node);
}


static ngx_http_whatsapp_abuse_node_t *
ngx_http_whatsapp_abuse_cache_find(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key)
{
    uint32_t                         hash;
    ngx_int_t                        rc;
    ngx_rbtree_node_t               *node, *sentinel;
    ngx_http_whatsapp_abuse_node_t  *found;

    hash = ngx_crc32_short(key->data, sizeof(key->data));

    node = cache->sh->rbtree.root;
    sentinel = cache->sh->rbtree.sentinel;

    while (node != sentinel) {

        if (hash != node->key) {
            node = (hash < node->key) ? node->left : node->right;
            continue;
        }

        found = (ngx_http_whatsapp_abuse_node_t *) &node->color;

        rc = ngx_memcmp(key, &found->key,
                        sizeof(ngx_http_whatsapp_abuse_key_t));

        if (rc == 0) {
            return found;
        }

        node = (rc < 0) ? node->left : node->right;
    }

    return NULL;
}


static ngx_http_whatsapp_abuse_node_t *
ngx_http_whatsapp_abuse_cache_add(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key)
{
    size_t                           size;
    ngx_uint_t                       i;
    ngx_rbtree_node_t               *node;
    ngx_http_whatsapp_abuse_node_t  *made;

    made = ngx_http_whatsapp_abuse_cache_find(cache, key);

    if (made) {
        return made;
    }

    ngx_http_whatsapp_abuse_cache_expire(cache);

    size = offsetof(ngx_rbtree_node_t, color)
           + sizeof(ngx_http_whatsapp_abuse_node_t);

    for ( ;; ) {
        node = ngx_slab_calloc_locked(cache->shpool, size);

        if (node) {
            break;
        }

        if (!ngx_http_whatsapp_abuse_cache_evict(cache)) {
            return NULL;
        }
    }

    node->key = ngx_crc32_short(key->data, sizeof(key->data));

    made = (ngx_http_whatsapp_abuse_node_t *) &node->color;
    made->key = *key;
    made->epoch = cache->sh->epoch;

    ngx_rbtree_insert(&cache->sh->rbtree, node);

    i = NGX_HTTP_WHATSAPP_ABUSE_QUEUE_MISSES;

    ngx_queue_insert_head(&cache->sh->queues[i], &made->queue);
    cache->sh->nodes++;

    return made;
}


/*
 * deletes the oldest node of each queue if nothing in it counts any more; one
 * that counts goes to the front, so that it does not hide the node behind it
 */

static void
ngx_http_whatsapp_abuse_cache_expire(ngx_http_whatsapp_abuse_cache_t *cache)
{
    ngx_uint_t                       i;
    ngx_queue_t                     *q;
    ngx_http_whatsapp_abuse_node_t  *node;

    for (i = 0; i < NGX_HTTP_WHATSAPP_ABUSE_QUEUES; i++) {

        if (ngx_queue_empty(&cache->sh->queues[i])) {
            continue;
        }

        q = ngx_queue_last(&cache->sh->queues[i]);
        node = ngx_queue_data(q, ngx_http_whatsapp_abuse_node_t, queue);

        if (ngx_http_whatsapp_abuse_cache_banned(cache, node)
            || node->level_until > ngx_current_msec
            || ngx_http_whatsapp_abuse_cache_strikes(cache, node))
        {
            ngx_http_whatsapp_abuse_cache_touch(cache, node);
            continue;
        }

        if (!ngx_http_whatsapp_abuse_cache_fresh(cache, node)) {
            ngx_http_whatsapp_abuse_cache_delete(cache, node);
        }
    }
}


static ngx_uint_t
ngx_http_whatsapp_abuse_cache_evict(ngx_http_whatsapp_abuse_cache_t *cache)
{
    ngx_uint_t                       i;
    ngx_queue_t                     *q;
    ngx_http_whatsapp_abuse_node_t  *node;

    for (i = 0; i < NGX_HTTP_WHATSAPP_ABUSE_QUEUES; i++) {

        if (ngx_queue_empty(&cache->sh->queues[i])) {
            continue;
        }

        q = ngx_queue_last(&cache->sh->queues[i]);
        node = ngx_queue_data(q, ngx_http_whatsapp_abuse_node_t, queue);

        ngx_http_whatsapp_abuse_cache_count(cache, evicted);

        if (ngx_http_whatsapp_abuse_cache_banned(cache, node)) {
            ngx_http_whatsapp_abuse_cache_count(cache, evicted_bans);
        }

        ngx_http_whatsapp_abuse_cache_delete(cache, node);

        return 1;
    }

    return 0;
}


static void
ngx_http_whatsapp_abuse_cache_delete(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node)
{
    ngx_rbtree_node_t  *n;

    n = (ngx_rbtree_node_t *)
            ((u_char *) node - offsetof(ngx_rbtree_node_t, color));

    ngx_queue_remove(&node->queue);
    ngx_rbtree_delete(&cache->sh->rbtree, n);
    ngx_slab_free_locked(cache->shpool, n);
    cache->sh->nodes--;
}


/* moves the node to the front of the queue that its facts put it in */

static void
ngx_http_whatsapp_abuse_cache_touch(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node)
{
    ngx_uint_t  i;

    if (ngx_http_whatsapp_abuse_cache_banned(cache, node)) {
        i = NGX_HTTP_WHATSAPP_ABUSE_QUEUE_BANS;

    } else if (node->level_until > ngx_current_msec
               || ngx_http_whatsapp_abuse_cache_strikes(cache, node))
    {
        i = NGX_HTTP_WHATSAPP_ABUSE_QUEUE_STRIKES;

    } else {
        i = NGX_HTTP_WHATSAPP_ABUSE_QUEUE_MISSES;
    }

    ngx_queue_remove(&node->queue);
    ngx_queue_insert_head(&cache->sh->queues[i], &node->queue);
}


static ngx_uint_t
ngx_http_whatsapp_abuse_cache_banned(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node)
{
    return node->fact == NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED
           && node->until > ngx_current_msec
           && node->epoch >= cache->sh->flushed;
}


static ngx_uint_t
ngx_http_whatsapp_abuse_cache_fresh(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node)
{
    return node->fresh > ngx_current_msec && node->epoch == cache->sh->epoch;
}


/*
 * adds up the strikes of a sliding window, which are counted in slots of an
 * eighth of it; slots that have left the window are cleared, so strikes that
 * lie further apart than the window are never added up
 */

static ngx_uint_t
ngx_http_whatsapp_abuse_cache_strikes(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node)
{
    int32_t     age;
    uint32_t    slot;
    ngx_uint_t  i, sum;

    if (cache->window == 0) {
        return 0;
    }

    slot = (uint32_t) (ngx_current_msec * NGX_HTTP_WHATSAPP_ABUSE_SLOTS
                       / cache->window);
    age = (int32_t) (slot - node->slot);

    if (age >= NGX_HTTP_WHATSAPP_ABUSE_SLOTS
        || age <= -NGX_HTTP_WHATSAPP_ABUSE_SLOTS)
    {
        ngx_memzero(node->strikes, sizeof(node->strikes));
        node->slot = slot;
        return 0;
    }

    /* age is below 0 when another worker's clock is a moment ahead */

    for ( /* void */ ; age > 0; age--) {
        node->slot++;
        node->strikes[node->slot % NGX_HTTP_WHATSAPP_ABUSE_SLOTS] = 0;
    }

    sum = 0;

    for (i = 0; i < NGX_HTTP_WHATSAPP_ABUSE_SLOTS; i++) {
        sum += node->strikes[i];
    }

    return sum;
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

    fresh = ngx_http_whatsapp_abuse_cache_fresh(cache, node);

    if (ngx_http_whatsapp_abuse_cache_banned(cache, node)) {
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
                    ngx_http_whatsapp_abuse_cache_insert);

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
