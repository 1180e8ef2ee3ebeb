
/*
 * Facts about client addresses in shared memory: bans, absences of bans that
 * Redis confirmed lately, strikes, and the levels of repeated offenders. The
 * cache does no I/O; its callers ask Redis.
 */


#ifndef _NGX_HTTP_WHATSAPP_ABUSE_CACHE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_ABUSE_CACHE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_http_whatsapp_conf_value.h"


#define NGX_HTTP_WHATSAPP_ABUSE_KEY_SIZE         18
#define NGX_HTTP_WHATSAPP_ABUSE_SLOTS            8
#define NGX_HTTP_WHATSAPP_ABUSE_STRIKES_MAX      65535
#define NGX_HTTP_WHATSAPP_ABUSE_WORKERS          128

#define NGX_HTTP_WHATSAPP_ABUSE_FOREVER          ((ngx_msec_t) -1)

/* an answer of Redis is used without a new lookup for at most so long, ms */

#define NGX_HTTP_WHATSAPP_ABUSE_FRESH_TRACKED    60000
#define NGX_HTTP_WHATSAPP_ABUSE_FRESH_CLEAR      30000
#define NGX_HTTP_WHATSAPP_ABUSE_FRESH_UNTRACKED  1000


typedef enum {
    NGX_HTTP_WHATSAPP_ABUSE_FACT_NONE = 0,
    NGX_HTTP_WHATSAPP_ABUSE_FACT_CLEAR,
    NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED,
    NGX_HTTP_WHATSAPP_ABUSE_FACT_UNKNOWN     /* Redis could not be asked */
} ngx_http_whatsapp_abuse_fact_e;


typedef enum {
    NGX_HTTP_WHATSAPP_ABUSE_NONE = 0,
    NGX_HTTP_WHATSAPP_ABUSE_PASSED,
    NGX_HTTP_WHATSAPP_ABUSE_BLOCKED,
    NGX_HTTP_WHATSAPP_ABUSE_BYPASSED,
    NGX_HTTP_WHATSAPP_ABUSE_ERROR,
    NGX_HTTP_WHATSAPP_ABUSE_DRY_RUN,
    NGX_HTTP_WHATSAPP_ABUSE_STATUSES
} ngx_http_whatsapp_abuse_status_e;


typedef enum {
    NGX_HTTP_WHATSAPP_ABUSE_CACHE_NONE = 0,
    NGX_HTTP_WHATSAPP_ABUSE_CACHE_HIT,       /* the cache knew */
    NGX_HTTP_WHATSAPP_ABUSE_CACHE_MISS,      /* Redis was asked */
    NGX_HTTP_WHATSAPP_ABUSE_CACHE_STALE,     /* a known ban, Redis is away */
    NGX_HTTP_WHATSAPP_ABUSE_CACHES
} ngx_http_whatsapp_abuse_cache_e;


typedef enum {
    NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_REQ = 0,
    NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_CONN,
    NGX_HTTP_WHATSAPP_ABUSE_STRIKE_AUTH,
    NGX_HTTP_WHATSAPP_ABUSE_STRIKE_INVALID,
    NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES,
    NGX_HTTP_WHATSAPP_ABUSE_STRIKE_NONE          /* no strike */
} ngx_http_whatsapp_abuse_strike_e;


/* the first causes are nginx's own limits */

#define NGX_HTTP_WHATSAPP_ABUSE_LIMITS                                        \
    (NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_CONN + 1)


typedef enum {
    NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_CLEAR = 0,
    NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_BANNED,
    NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_FAILED,   /* refused, or disconnected */
    NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_DOWN,     /* not connected, not tried */
    NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_FULL,     /* too many are under way */
    NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_OUTCOMES
} ngx_http_whatsapp_abuse_lookup_e;


typedef enum {
    NGX_HTTP_WHATSAPP_ABUSE_WRITE_STORED = 0,
    NGX_HTTP_WHATSAPP_ABUSE_WRITE_PRESENT,   /* Redis had a ban already */
    NGX_HTTP_WHATSAPP_ABUSE_WRITE_FAILED,
    NGX_HTTP_WHATSAPP_ABUSE_WRITE_OUTCOMES
} ngx_http_whatsapp_abuse_write_e;


/* an address or its digest, see ngx_http_whatsapp_abuse_address.c */

typedef struct {
    u_char  data[NGX_HTTP_WHATSAPP_ABUSE_KEY_SIZE];
} ngx_http_whatsapp_abuse_key_t;


/* counters for the metrics, since the zone was made */

typedef struct {
    ngx_atomic_t  verdicts[NGX_HTTP_WHATSAPP_ABUSE_STATUSES]
                          [NGX_HTTP_WHATSAPP_ABUSE_CACHES];
    ngx_atomic_t  strikes[NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES];
    ngx_atomic_t  bans;
    ngx_atomic_t  dry_bans;
    ngx_atomic_t  writes[NGX_HTTP_WHATSAPP_ABUSE_WRITE_OUTCOMES];
    ngx_atomic_t  lookups[NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_OUTCOMES];
    ngx_atomic_t  joined;
    ngx_atomic_t  timeouts;
    ngx_atomic_t  evicted;
    ngx_atomic_t  evicted_bans;
} ngx_http_whatsapp_abuse_cache_stat_t;


/*
 * the connections to Redis of one worker; pid tells an old worker that its
 * successor has taken the slot over
 */

typedef struct {
    ngx_atomic_t  pid;
    ngx_atomic_t  lookups;                      /* 1: connected */
    ngx_atomic_t  invalidations;
} ngx_http_whatsapp_abuse_cache_worker_t;


typedef struct {
    ngx_rbtree_t                            rbtree;
    ngx_rbtree_node_t                       sentinel;
    ngx_queue_t                             queues[3];
    ngx_uint_t                              nodes;
    uint32_t                                epoch;
    uint32_t                                flushed;
    ngx_http_whatsapp_abuse_cache_stat_t    stat;
    ngx_http_whatsapp_abuse_cache_worker_t  workers[
                                              NGX_HTTP_WHATSAPP_ABUSE_WORKERS];
} ngx_http_whatsapp_abuse_cache_sh_t;


typedef struct {
    ngx_http_whatsapp_abuse_cache_sh_t  *sh;
    ngx_slab_pool_t                     *shpool;
    ngx_msec_t                           window;  /* of strikes; 0: none */
    ngx_uint_t                           redis;   /* unsigned redis:1 */
} ngx_http_whatsapp_abuse_cache_t;


typedef struct {
    ngx_http_whatsapp_abuse_fact_e  fact;
    ngx_msec_t                      remaining;  /* ms of the ban, or FOREVER */
    unsigned                        fresh:1;    /* no need to ask Redis */
    unsigned                        unsaved:1;  /* Redis lacks the ban */
    ngx_uint_t                      level;
} ngx_http_whatsapp_abuse_verdict_t;


typedef struct {
    ngx_uint_t                       causes;    /* bits 1 << strike_e */
    ngx_uint_t                       count;
    ngx_msec_t                       window;
    ngx_msec_t                       ban;
    ngx_msec_t                       max_ban;
    ngx_http_whatsapp_conf_place_t   place;     /* of the directive */

    /* of shm_zone_t *: the zones of a limit that are keyed by the address */
    ngx_array_t                     *zones[NGX_HTTP_WHATSAPP_ABUSE_LIMITS];
} ngx_http_whatsapp_abuse_strikes_t;


/*
 * Sets up the zone's memory, or takes over that of the previous cycle.
 * @param previous  the same zone of the previous cycle, or NULL
 * @return NGX_OK, or NGX_ERROR when the zone is too small
 */
ngx_int_t ngx_http_whatsapp_abuse_cache_init(
    ngx_http_whatsapp_abuse_cache_t *cache, ngx_shm_zone_t *shm_zone,
    ngx_http_whatsapp_abuse_cache_t *previous);

/*
 * Says what is known about the key. A ban that is not fresh still holds
 * unless Redis says otherwise; an absence is only ever returned fresh.
 */
void ngx_http_whatsapp_abuse_cache_get(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key,
    ngx_http_whatsapp_abuse_verdict_t *verdict);

/*
 * Stores an answer of Redis. An absence does not undo a ban that Redis never
 * got; then the verdict returned is that ban, with unsaved set.
 * @param ttl    ms that the ban lasts, -1 for good, -2 no ban
 * @param fresh  ms for which Redis need not be asked again, at most
 */
void ngx_http_whatsapp_abuse_cache_put(ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key, int64_t ttl, ngx_msec_t fresh,
    ngx_http_whatsapp_abuse_verdict_t *verdict);

/*
 * Counts one strike, and starts a ban at the threshold; with dry_run the ban
 * is only reported. The ban of a repeated offender is doubled, up to max_ban.
 * @param verdict  filled when a ban starts
 * @return NGX_OK counted, NGX_DONE a ban starts, NGX_DECLINED banned already
 *         or no memory
 */
ngx_int_t ngx_http_whatsapp_abuse_cache_strike(
    ngx_http_whatsapp_abuse_cache_t *cache, ngx_http_whatsapp_abuse_key_t *key,
    ngx_http_whatsapp_abuse_strikes_t *strikes, ngx_uint_t dry_run,
    ngx_http_whatsapp_abuse_verdict_t *verdict);

/* Notes that Redis holds the ban of this key. */
void ngx_http_whatsapp_abuse_cache_saved(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key);

/*
 * Notes that the key was changed in Redis: the next verdict is looked up.
 * @return 1 if Redis should be asked at once, as a ban that was to last longer
 *         may have been deleted; then the cache forgets the key when it is
 *         given the answer
 */
ngx_uint_t ngx_http_whatsapp_abuse_cache_invalidate(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key);

/*
 * Erases all that is known of the key: ban, strikes, level.
 * @return 1 if there was anything
 */
ngx_uint_t ngx_http_whatsapp_abuse_cache_forget(
    ngx_http_whatsapp_abuse_cache_t *cache,
    ngx_http_whatsapp_abuse_key_t *key);

/* Drops all bans and absences, as all keys were deleted in Redis. */
void ngx_http_whatsapp_abuse_cache_flush(
    ngx_http_whatsapp_abuse_cache_t *cache);

/*
 * Drops absences and has bans looked up again, as invalidations may have been
 * missed.
 */
void ngx_http_whatsapp_abuse_cache_distrust(
    ngx_http_whatsapp_abuse_cache_t *cache);

/* Returns this worker's slot, or NULL if there are too many workers. */
ngx_http_whatsapp_abuse_cache_worker_t *ngx_http_whatsapp_abuse_cache_worker(
    ngx_http_whatsapp_abuse_cache_t *cache);


#define ngx_http_whatsapp_abuse_cache_count(cache, counter)                   \
    (void) ngx_atomic_fetch_add(&(cache)->sh->stat.counter, 1)


#endif /* _NGX_HTTP_WHATSAPP_CACHE_H_INCLUDED_ */
