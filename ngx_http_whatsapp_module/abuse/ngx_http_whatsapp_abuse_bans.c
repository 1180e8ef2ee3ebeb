
/*
 * Lookups under way: a tree with one lookup a key, each with the requests that
 * wait for it.
 *
 * An answer and the invalidation of its key come by different connections and
 * may cross. An invalidation therefore takes the lookup of its key out of the
 * tree: the waiting requests get its answer, the cache does not, and later
 * requests ask again. If the answer comes first, the cache stores it and the
 * invalidation drops it.
 *
 * A worker that lost the connection for invalidations, or got FLUSHALL, adds 1
 * to the zone's generation, which makes the cache use the answers of all older
 * lookups only once.
 */


#include "ngx_http_whatsapp_abuse_bans.h"


#define NGX_HTTP_WHATSAPP_ABUSE_NAME_MAX                                      \
    (WHATSAPP_ABUSE_PREFIX_MAX + NGX_HTTP_WHATSAPP_ABUSE_ADDRESS_LEN)


/* most requests that wait for the answer about one key, in a worker */
#define NGX_HTTP_WHATSAPP_ABUSE_WAITERS_MAX  128


typedef struct {
    ngx_str_node_t                   node;       /* its text: key */
    ngx_http_whatsapp_abuse_zone_t  *zone;
    ngx_http_whatsapp_abuse_key_t    key;
    ngx_queue_t                      waiters;
    ngx_uint_t                       nwaiters;   /* so far */
    ngx_uint_t                       generation;
    unsigned                         tracked:1;  /* at its start */
    unsigned                         voided:1;   /* out of the tree */
} ngx_http_whatsapp_abuse_lookup_t;


typedef struct {
    ngx_http_whatsapp_abuse_zone_t  *zone;
    ngx_http_whatsapp_abuse_key_t    key;
} ngx_http_whatsapp_abuse_write_t;


static ngx_http_whatsapp_abuse_lookup_t *ngx_http_whatsapp_abuse_bans_ask(
    ngx_http_whatsapp_abuse_zone_t *zone, ngx_http_whatsapp_abuse_key_t *key);
static void ngx_http_whatsapp_abuse_bans_name(
    ngx_http_whatsapp_abuse_zone_t *zone, ngx_http_whatsapp_abuse_key_t *key,
    u_char *buf, ngx_str_t *name);
static ngx_http_whatsapp_abuse_lookup_t *ngx_http_whatsapp_abuse_bans_find(
    ngx_http_whatsapp_abuse_zone_t *zone, ngx_http_whatsapp_abuse_key_t *key);
static void ngx_http_whatsapp_abuse_bans_answer(void *data, ngx_int_t rc,
    int64_t ttl);
static void ngx_http_whatsapp_abuse_bans_store(
    ngx_http_whatsapp_abuse_lookup_t *lookup, int64_t ttl,
    ngx_http_whatsapp_abuse_verdict_t *verdict);
static void ngx_http_whatsapp_abuse_bans_timeout(ngx_event_t *ev);
static void ngx_http_whatsapp_abuse_bans_written(void *data, ngx_int_t rc,
    int64_t stored);
static void ngx_http_whatsapp_abuse_bans_invalidate(void *data,
    ngx_str_t *name);
static ngx_uint_t ngx_http_whatsapp_abuse_bans_cut(ngx_str_t *text,
    const ngx_str_t *prefix);
static void ngx_http_whatsapp_abuse_bans_state(void *data);


/* what a key begins with whose change means that an address is forgotten */

static const ngx_str_t  ngx_http_whatsapp_abuse_bans_forget =
    ngx_string(WHATSAPP_ABUSE_FORGET);


ngx_int_t
ngx_http_whatsapp_abuse_bans_lookup(ngx_http_whatsapp_abuse_zone_t *zone,
    ngx_http_whatsapp_abuse_key_t *key,
    ngx_http_whatsapp_abuse_waiter_t *waiter, ngx_log_t *log)
{
    ngx_http_whatsapp_abuse_lookup_t  *lookup;

    if (zone->client == NULL) {
        return NGX_DECLINED;
    }

    lookup = ngx_http_whatsapp_abuse_bans_find(zone, key);

    if (lookup && lookup->nwaiters == NGX_HTTP_WHATSAPP_ABUSE_WAITERS_MAX) {
        ngx_http_whatsapp_abuse_cache_count(&zone->cache,
                                 lookups[NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_FULL]);
        return NGX_DECLINED;
    }

    if (lookup) {
        ngx_http_whatsapp_abuse_cache_count(&zone->cache, joined);

    } else {
        lookup = ngx_http_whatsapp_abuse_bans_ask(zone, key);
        if (lookup == NULL) {
            return NGX_DECLINED;
        }
    }

    ngx_queue_insert_tail(&lookup->waiters, &waiter->queue);
    lookup->nwaiters++;

    waiter->zone = zone;
    waiter->waiting = 1;
    waiter->timer.handler = ngx_http_whatsapp_abuse_bans_timeout;
    waiter->timer.data = waiter;
    waiter->timer.log = log;

    ngx_add_timer(&waiter->timer, zone->redis.timeout);

    return NGX_AGAIN;
}


static ngx_http_whatsapp_abuse_lookup_t *
ngx_http_whatsapp_abuse_bans_ask(ngx_http_whatsapp_abuse_zone_t *zone,
    ngx_http_whatsapp_abuse_key_t *key)
{
    u_char                             buf[NGX_HTTP_WHATSAPP_ABUSE_NAME_MAX];
    ngx_int_t                          rc;
    ngx_str_t                          name;
    ngx_http_whatsapp_abuse_lookup_t  *lookup;

    lookup = ngx_calloc(sizeof(ngx_http_whatsapp_abuse_lookup_t),
                        ngx_cycle->log);
    if (lookup == NULL) {
        return NULL;
    }

    ngx_http_whatsapp_abuse_bans_name(zone, key, buf, &name);

    rc = ngx_http_whatsapp_redis_pttl(zone->client, &name,
                                  ngx_http_whatsapp_abuse_bans_answer, lookup);
    if (rc != NGX_OK) {

        if (rc == NGX_BUSY) {
            ngx_http_whatsapp_abuse_cache_count(&zone->cache,
                                 lookups[NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_FULL]);
        } else {
            ngx_http_whatsapp_abuse_cache_count(&zone->cache,
                                 lookups[NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_DOWN]);
        }

        ngx_free(lookup);

        return NULL;
    }

    lookup->zone = zone;
    lookup->key = *key;
    lookup->generation = zone->generation;
    lookup->tracked = ngx_http_whatsapp_redis_tracking(zone->client);

    lookup->node.str.data = lookup->key.data;
    lookup->node.str.len = sizeof(lookup->key.data);
    lookup->node.node.key = ngx_crc32_short(key->data, sizeof(key->data));

    ngx_queue_init(&lookup->waiters);
    ngx_rbtree_insert(&zone->lookups, &lookup->node.node);

    return lookup;
}


static void
ngx_http_whatsapp_abuse_bans_name(ngx_http_whatsapp_abuse_zone_t *zone,
    ngx_http_whatsapp_abuse_key_t *key, u_char *buf, ngx_str_t *name)
{
    u_char  *p;

    p = ngx_cpymem(buf, zone->redis.prefix.data, zone->redis.prefix.len);
    p = ngx_http_whatsapp_abuse_address_text(p, key);

    name->data = buf;
    name->len = p - buf;
}


static ngx_http_whatsapp_abuse_lookup_t *
ngx_http_whatsapp_abuse_bans_find(ngx_http_whatsapp_abuse_zone_t *zone,
    ngx_http_whatsapp_abuse_key_t *key)
{
    uint32_t   hash;
    ngx_str_t  name;

    name.data = key->data;
    name.len = sizeof(key->data);

    hash = ngx_crc32_short(name.data, name.len);

    return (ngx_http_whatsapp_abuse_lookup_t *)
               ngx_str_rbtree_lookup(&zone->lookups, &name, hash);
}


static void
ngx_http_whatsapp_abuse_bans_answer(void *data, ngx_int_t rc, int64_t ttl)
{
    ngx_http_whatsapp_abuse_lookup_t *lookup = data;

    ngx_queue_t                       *q;
    ngx_http_whatsapp_abuse_zone_t    *zone;
    ngx_http_whatsapp_abuse_waiter_t  *waiter;
    ngx_http_whatsapp_abuse_verdict_t  verdict, *result;

    zone = lookup->zone;
    result = NULL;

    if (!lookup->voided) {
        ngx_rbtree_delete(&zone->lookups, &lookup->node.node);
    }

    if (rc == NGX_OK) {
        ngx_http_whatsapp_abuse_bans_store(lookup, ttl, &verdict);
        result = &verdict;

    } else if (rc == NGX_ERROR) {
        ngx_http_whatsapp_abuse_cache_count(&zone->cache,
                               lookups[NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_FAILED]);
    }

    /* the handler may cancel other waiters: only the head is sure to exist */

    while (!ngx_queue_empty(&lookup->waiters)) {
        q = ngx_queue_head(&lookup->waiters);
        waiter = ngx_queue_data(q, ngx_http_whatsapp_abuse_waiter_t, queue);

        ngx_http_whatsapp_abuse_bans_cancel(waiter);

        if (rc != NGX_ABORT) {
            waiter->handler(waiter, result);
        }
    }

    ngx_free(lookup);
}


static void
ngx_http_whatsapp_abuse_bans_store(ngx_http_whatsapp_abuse_lookup_t *lookup,
    int64_t ttl, ngx_http_whatsapp_abuse_verdict_t *verdict)
{
    ngx_msec_t                       fresh;
    ngx_http_whatsapp_abuse_zone_t  *zone;

    zone = lookup->zone;

    if (lookup->voided || lookup->generation != zone->generation) {
        fresh = 0;

    } else if (lookup->tracked) {
        fresh = NGX_HTTP_WHATSAPP_ABUSE_FRESH_TRACKED;

    } else {
        fresh = NGX_HTTP_WHATSAPP_ABUSE_FRESH_UNTRACKED;
    }

    ngx_http_whatsapp_abuse_cache_put(&zone->cache, &lookup->key, ttl, fresh,
                                      verdict);

    if (ttl == -2) {
        ngx_http_whatsapp_abuse_cache_count(&zone->cache,
                                lookups[NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_CLEAR]);
    } else {
        ngx_http_whatsapp_abuse_cache_count(&zone->cache,
                               lookups[NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_BANNED]);
    }

    if (verdict->unsaved) {
        ngx_http_whatsapp_abuse_bans_write(zone, &lookup->key, verdict);
    }
}


static void
ngx_http_whatsapp_abuse_bans_timeout(ngx_event_t *ev)
{
    ngx_http_whatsapp_abuse_waiter_t *waiter = ev->data;

    ngx_http_whatsapp_abuse_cache_count(&waiter->zone->cache, timeouts);

    /* the lookup goes on, and the cache takes its answer */

    ngx_http_whatsapp_abuse_bans_cancel(waiter);

    waiter->handler(waiter, NULL);
}


void
ngx_http_whatsapp_abuse_bans_cancel(ngx_http_whatsapp_abuse_waiter_t *waiter)
{
    if (!waiter->waiting) {
        return;
    }

    waiter->waiting = 0;

    ngx_queue_remove(&waiter->queue);

    if (waiter->timer.timer_set) {
        ngx_del_timer(&waiter->timer);
    }
}


void
ngx_http_whatsapp_abuse_bans_write(ngx_http_whatsapp_abuse_zone_t *zone,
    ngx_http_whatsapp_abuse_key_t *key,
    ngx_http_whatsapp_abuse_verdict_t *verdict)
{
    time_t                            seconds;
    u_char                            buf[NGX_HTTP_WHATSAPP_ABUSE_NAME_MAX];
    ngx_int_t                         rc;
    ngx_str_t                         name;
    ngx_http_whatsapp_abuse_write_t  *write;

    if (zone->client == NULL) {
        return;
    }

    write = ngx_alloc(sizeof(ngx_http_whatsapp_abuse_write_t), ngx_cycle->log);
    if (write == NULL) {
        return;
    }

    write->zone = zone;
    write->key = *key;

    ngx_http_whatsapp_abuse_bans_name(zone, key, buf, &name);

    seconds = (time_t) ((verdict->remaining + 999) / 1000);

    rc = ngx_http_whatsapp_redis_set(zone->client, &name, verdict->level,
                                  seconds,
                                  ngx_http_whatsapp_abuse_bans_written, write);
    if (rc != NGX_OK) {
        ngx_http_whatsapp_abuse_bans_written(write, NGX_ERROR, 0);
    }
}


static void
ngx_http_whatsapp_abuse_bans_written(void *data, ngx_int_t rc, int64_t stored)
{
    ngx_http_whatsapp_abuse_write_t *write = data;

    ngx_http_whatsapp_abuse_cache_t  *cache;

    cache = &write->zone->cache;

    if (rc == NGX_OK && stored) {
        ngx_http_whatsapp_abuse_cache_saved(cache, &write->key);
        ngx_http_whatsapp_abuse_cache_count(cache,
                                 writes[NGX_HTTP_WHATSAPP_ABUSE_WRITE_STORED]);

    } else if (rc == NGX_OK) {

        /* Redis keeps an older ban, which may be longer: ask it again */

        ngx_http_whatsapp_abuse_cache_saved(cache, &write->key);
        ngx_http_whatsapp_abuse_cache_invalidate(cache, &write->key);
        ngx_http_whatsapp_abuse_cache_count(cache,
                                writes[NGX_HTTP_WHATSAPP_ABUSE_WRITE_PRESENT]);

    } else {
        ngx_http_whatsapp_abuse_cache_count(cache,
                                 writes[NGX_HTTP_WHATSAPP_ABUSE_WRITE_FAILED]);
    }

    ngx_free(write);
}


static void
ngx_http_whatsapp_abuse_bans_invalidate(void *data, ngx_str_t *name)
{
    ngx_http_whatsapp_abuse_zone_t *zone = data;

    ngx_str_t                          text;
    ngx_uint_t                         ask, forget;
    ngx_http_whatsapp_abuse_key_t      key;
    ngx_http_whatsapp_abuse_lookup_t  *lookup;

    if (name == NULL) {
        zone->generation++;
        ngx_http_whatsapp_abuse_cache_flush(&zone->cache);
        return;
    }

    text = *name;

    if (!ngx_http_whatsapp_abuse_bans_cut(&text, &zone->redis.prefix)) {
        return;
    }

    forget = ngx_http_whatsapp_abuse_bans_cut(&text,
                                       &ngx_http_whatsapp_abuse_bans_forget);

    if (ngx_http_whatsapp_abuse_address_parse(&text, &key) != NGX_OK) {
        return;
    }

    if (forget) {
        (void) ngx_http_whatsapp_abuse_cache_forget(&zone->cache, &key);
        ask = 0;

    } else {
        ask = ngx_http_whatsapp_abuse_cache_invalidate(&zone->cache, &key);
    }

    lookup = ngx_http_whatsapp_abuse_bans_find(zone, &key);

    if (lookup) {
        lookup->voided = 1;
        ngx_rbtree_delete(&zone->lookups, &lookup->node.node);
    }

    /* if it can't be asked now, it is when the client comes */

    if (ask) {
        (void) ngx_http_whatsapp_abuse_bans_ask(zone, &key);
    }
}


/* cuts the prefix off; returns 0 if the text does not begin with it */

static ngx_uint_t
ngx_http_whatsapp_abuse_bans_cut(ngx_str_t *text, const ngx_str_t *prefix)
{
    if (text->len < prefix->len
        || ngx_memcmp(text->data, prefix->data, prefix->len) != 0)
    {
        return 0;
    }

    text->data += prefix->len;
    text->len -= prefix->len;

    return 1;
}


static void
ngx_http_whatsapp_abuse_bans_state(void *data)
{
    ngx_http_whatsapp_abuse_zone_t *zone = data;

    ngx_uint_t                               up, tracking;
    ngx_http_whatsapp_abuse_cache_worker_t  *worker;

    up = 0;
    tracking = 0;

    if (zone->client) {
        up = ngx_http_whatsapp_redis_up(zone->client);
        tracking = ngx_http_whatsapp_redis_tracking(zone->client);
    }

    if (tracking != zone->tracking) {
        zone->tracking = tracking;
        zone->generation++;
        ngx_http_whatsapp_abuse_cache_distrust(&zone->cache);
    }

    worker = ngx_http_whatsapp_abuse_cache_worker(&zone->cache);

    if (worker && worker->pid == (ngx_atomic_uint_t) ngx_pid) {
        worker->lookups = up;
        worker->invalidations = tracking;
    }
}


ngx_int_t
ngx_http_whatsapp_abuse_bans_init(ngx_http_whatsapp_abuse_zone_t *zone,
    ngx_cycle_t *cycle)
{
    ngx_http_whatsapp_redis_events_t         events;
    ngx_http_whatsapp_abuse_cache_worker_t  *worker;

    ngx_rbtree_init(&zone->lookups, &zone->sentinel,
                    ngx_str_rbtree_insert_value);

    worker = ngx_http_whatsapp_abuse_cache_worker(&zone->cache);

    if (worker) {
        worker->lookups = 0;
        worker->invalidations = 0;
        worker->pid = (ngx_atomic_uint_t) ngx_pid;
    }

    /* the worker before this one may have missed invalidations */

    ngx_http_whatsapp_abuse_cache_distrust(&zone->cache);

    events.invalidate = ngx_http_whatsapp_abuse_bans_invalidate;
    events.state = ngx_http_whatsapp_abuse_bans_state;
    events.data = zone;

    zone->client = ngx_http_whatsapp_redis_create(&zone->redis, &events,
                                                  cycle);

    return zone->client ? NGX_OK : NGX_ERROR;
}


void
ngx_http_whatsapp_abuse_bans_exit(ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_http_whatsapp_redis_t  *client;

    client = zone->client;

    if (client == NULL) {
        return;
    }

    zone->client = NULL;

    ngx_http_whatsapp_redis_destroy(client);
    ngx_http_whatsapp_abuse_bans_state(zone);
}
