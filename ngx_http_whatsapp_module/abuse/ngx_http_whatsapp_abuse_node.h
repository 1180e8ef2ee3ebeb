
/*
 * The nodes of the cache, one an address, in the zone's shared memory: what
 * they say at the moment, and the tree and queues that they hang in. All of it
 * is called with the zone's mutex locked.
 */


#ifndef _NGX_HTTP_WHATSAPP_ABUSE_NODE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_ABUSE_NODE_H_INCLUDED_


#include "ngx_http_whatsapp_abuse_cache.h"


#define NGX_HTTP_WHATSAPP_ABUSE_QUEUE_MISSES   0
#define NGX_HTTP_WHATSAPP_ABUSE_QUEUE_STRIKES  1
#define NGX_HTTP_WHATSAPP_ABUSE_QUEUE_BANS     2
#define NGX_HTTP_WHATSAPP_ABUSE_QUEUES         3


/*
 * overlays ngx_rbtree_node_t from its color on, as in limit_req; changed:
 * Redis said that the key of a ban was changed long before its end, so that,
 * if there is no key any more, it was deleted and did not expire
 */

typedef struct {
    u_char                         color;
    u_char                         fact;
    u_char                         saved;
    u_char                         changed;
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


/* Returns whether the node holds a ban. */
ngx_uint_t ngx_http_whatsapp_abuse_node_banned(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node);

/* Returns whether Redis need not be asked about the node. */
ngx_uint_t ngx_http_whatsapp_abuse_node_fresh(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node);

/*
 * Adds up the strikes of a sliding window, which are counted in slots of an
 * eighth of it; slots that have left the window are cleared, so strikes that
 * lie further apart than the window are never added up.
 */
ngx_uint_t ngx_http_whatsapp_abuse_node_strikes(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node);

/* Finds the node of a key, or returns NULL. */
ngx_http_whatsapp_abuse_node_t *ngx_http_whatsapp_abuse_node_find(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key);

/*
 * Finds or makes the node of a key, for which others may be evicted.
 * @return NULL when the zone is too small
 */
ngx_http_whatsapp_abuse_node_t *ngx_http_whatsapp_abuse_node_add(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key);

/* Overwrites and frees a node. */
void ngx_http_whatsapp_abuse_node_delete(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node);

/* Moves the node to the front of the queue that its facts put it in. */
void ngx_http_whatsapp_abuse_node_touch(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_node_t *node);

/* Inserts a node into the tree; as ngx_rbtree_init() wants it. */
void ngx_http_whatsapp_abuse_node_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);


#endif /* _NGX_HTTP_WHATSAPP_ABUSE_NODE_H_INCLUDED_ */
