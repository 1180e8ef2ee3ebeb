
/*
 * Bans in Redis. Requests that need the same key share one lookup and wait for
 * a limited time; bans that other hosts write or delete reach the cache as
 * invalidations. The file knows Redis and the cache, but no requests.
 */


#ifndef _NGX_HTTP_WHATSAPP_ABUSE_BANS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_ABUSE_BANS_H_INCLUDED_


#include <ngx_event.h>

#include "ngx_http_whatsapp_abuse_address.h"
#include "ngx_http_whatsapp_abuse_cache.h"
#include "ngx_http_whatsapp_redis.h"
#include "protocol/abuse.h"


typedef struct {
    ngx_str_t                          name;
    ngx_http_whatsapp_abuse_cache_t    cache;
    ngx_http_whatsapp_abuse_address_t  address;
    ngx_http_whatsapp_redis_conf_t     redis;       /* naddrs 0: none */
    ngx_uint_t                         used;        /* unsigned used:1 */

    /* the rest belongs to this worker */

    ngx_http_whatsapp_redis_t         *client;
    ngx_rbtree_t                       lookups;
    ngx_rbtree_node_t                  sentinel;
    ngx_uint_t                         generation;  /* see abuse_bans.c */
    ngx_uint_t                         tracking;    /* unsigned tracking:1 */
} ngx_http_whatsapp_abuse_zone_t;


typedef struct ngx_http_whatsapp_abuse_waiter_s
    ngx_http_whatsapp_abuse_waiter_t;


/* takes the verdict; NULL when Redis gave none in time */

typedef void (*ngx_http_whatsapp_abuse_waiter_pt)(
    ngx_http_whatsapp_abuse_waiter_t *waiter,
    ngx_http_whatsapp_abuse_verdict_t *verdict);


struct ngx_http_whatsapp_abuse_waiter_s {
    ngx_queue_t                        queue;
    ngx_event_t                        timer;
    ngx_http_whatsapp_abuse_zone_t    *zone;
    ngx_http_whatsapp_abuse_waiter_pt  handler;
    void                              *data;
    ngx_uint_t                         waiting;  /* unsigned waiting:1 */
};


/*
 * Prepares the zone in a worker and connects to Redis.
 * @return NGX_OK or NGX_ERROR
 */
ngx_int_t ngx_http_whatsapp_abuse_bans_init(
    ngx_http_whatsapp_abuse_zone_t *zone, ngx_cycle_t *cycle);

/* Closes the connections at the worker's exit; no waiter is called. */
void ngx_http_whatsapp_abuse_bans_exit(ngx_http_whatsapp_abuse_zone_t *zone);

/*
 * Starts a lookup of the key, or joins the one under way.
 * @param waiter  zero but for handler and data; the caller's until the handler
 *                was called or ngx_http_whatsapp_abuse_bans_cancel() was
 * @return NGX_AGAIN: the handler will be called once, not from inside;
 *         NGX_DECLINED: Redis cannot be asked now
 */
ngx_int_t ngx_http_whatsapp_abuse_bans_lookup(
    ngx_http_whatsapp_abuse_zone_t *zone, ngx_http_whatsapp_abuse_key_t *key,
    ngx_http_whatsapp_abuse_waiter_t *waiter, ngx_log_t *log);

/* Takes the waiter off its lookup, if it is waiting. */
void ngx_http_whatsapp_abuse_bans_cancel(
    ngx_http_whatsapp_abuse_waiter_t *waiter);

/*
 * Writes a ban to the zone's Redis, if there is one. When that fails, the next
 * lookup of the key writes it again.
 */
void ngx_http_whatsapp_abuse_bans_write(ngx_http_whatsapp_abuse_zone_t *zone,
    ngx_http_whatsapp_abuse_key_t *key,
    ngx_http_whatsapp_abuse_verdict_t *verdict);


#endif /* _NGX_HTTP_WHATSAPP_LOOKUP_H_INCLUDED_ */
