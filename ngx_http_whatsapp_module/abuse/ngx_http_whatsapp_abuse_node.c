
/*
 * Each address has one node. A node hangs in one of three queues, by how much
 * it would cost to forget it; a full zone evicts from the cheapest queue
 * first.
 */


#include "ngx_http_whatsapp_abuse_node.h"


static void ngx_http_whatsapp_abuse_node_expire(
    ngx_http_whatsapp_abuse_cache_t *cache);
static ngx_uint_t ngx_http_whatsapp_abuse_node_evict(
    ngx_http_whatsapp_abuse_cache_t *cache);


ngx_uint_t
ngx_http_whatsapp_abuse_node_banned(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node)
{
    return node->fact == NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED
           && node->until > ngx_current_msec
           && node->epoch >= cache->sh->flushed;
}


ngx_uint_t
ngx_http_whatsapp_abuse_node_fresh(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node)
{
    return node->fresh > ngx_current_msec && node->epoch == cache->sh->epoch;
}


ngx_uint_t
ngx_http_whatsapp_abuse_node_strikes(ngx_http_whatsapp_abuse_cache_t *cache,
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


void
ngx_http_whatsapp_abuse_node_insert(ngx_rbtree_node_t *temp,
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


ngx_http_whatsapp_abuse_node_t *
ngx_http_whatsapp_abuse_node_find(ngx_http_whatsapp_abuse_cache_t *cache,
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


ngx_http_whatsapp_abuse_node_t *
ngx_http_whatsapp_abuse_node_add(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key)
{
    size_t                           size;
    ngx_uint_t                       i;
    ngx_rbtree_node_t               *node;
    ngx_http_whatsapp_abuse_node_t  *made;

    made = ngx_http_whatsapp_abuse_node_find(cache, key);

    if (made) {
        return made;
    }

    ngx_http_whatsapp_abuse_node_expire(cache);

    size = offsetof(ngx_rbtree_node_t, color)
           + sizeof(ngx_http_whatsapp_abuse_node_t);

    for ( ;; ) {
        node = ngx_slab_calloc_locked(cache->shpool, size);

        if (node) {
            break;
        }

        if (!ngx_http_whatsapp_abuse_node_evict(cache)) {
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
ngx_http_whatsapp_abuse_node_expire(ngx_http_whatsapp_abuse_cache_t *cache)
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

        if (ngx_http_whatsapp_abuse_node_banned(cache, node)
            || node->level_until > ngx_current_msec
            || ngx_http_whatsapp_abuse_node_strikes(cache, node))
        {
            ngx_http_whatsapp_abuse_node_touch(cache, node);
            continue;
        }

        if (!ngx_http_whatsapp_abuse_node_fresh(cache, node)) {
            ngx_http_whatsapp_abuse_node_delete(cache, node);
        }
    }
}


static ngx_uint_t
ngx_http_whatsapp_abuse_node_evict(ngx_http_whatsapp_abuse_cache_t *cache)
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

        if (ngx_http_whatsapp_abuse_node_banned(cache, node)) {
            ngx_http_whatsapp_abuse_cache_count(cache, evicted_bans);
        }

        ngx_http_whatsapp_abuse_node_delete(cache, node);

        return 1;
    }

    return 0;
}


void
ngx_http_whatsapp_abuse_node_delete(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node)
{
    ngx_rbtree_node_t  *n;

    n = (ngx_rbtree_node_t *)
            ((u_char *) node - offsetof(ngx_rbtree_node_t, color));

    ngx_queue_remove(&node->queue);
    ngx_rbtree_delete(&cache->sh->rbtree, n);

    /* nothing of the address stays in memory that is free */

    ngx_memzero(node, sizeof(ngx_http_whatsapp_abuse_node_t));

    ngx_slab_free_locked(cache->shpool, n);
    cache->sh->nodes--;
}


void
ngx_http_whatsapp_abuse_node_touch(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node)
{
    ngx_uint_t  i;

    if (ngx_http_whatsapp_abuse_node_banned(cache, node)) {
        i = NGX_HTTP_WHATSAPP_ABUSE_QUEUE_BANS;

    } else if (node->level_until > ngx_current_msec
               || ngx_http_whatsapp_abuse_node_strikes(cache, node))
    {
        i = NGX_HTTP_WHATSAPP_ABUSE_QUEUE_STRIKES;

    } else {
        i = NGX_HTTP_WHATSAPP_ABUSE_QUEUE_MISSES;
    }

    ngx_queue_remove(&node->queue);
    ngx_queue_insert_head(&cache->sh->queues[i], &node->queue);
}
