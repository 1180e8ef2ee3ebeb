
/*
 * A client of Redis 6 or later on nginx's event loop. Each worker has one
 * connection that looks up and writes keys, and one that hears which keys were
 * changed. Nothing here blocks, knows HTTP, or outlives the worker.
 */


#ifndef _NGX_HTTP_WHATSAPP_REDIS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_REDIS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* most commands of a connection that wait for their replies */

#define NGX_HTTP_WHATSAPP_REDIS_PENDING  1024


typedef struct ngx_http_whatsapp_redis_s  ngx_http_whatsapp_redis_t;


typedef struct {
    ngx_str_t    name;                           /* of the server, for logs */
    ngx_addr_t  *addrs;                          /* resolved */
    ngx_uint_t   naddrs;
    ngx_str_t    user;
    ngx_str_t    password;
    ngx_uint_t   db;
    ngx_str_t    prefix;                         /* of all keys */
    ngx_msec_t   timeout;
} ngx_http_whatsapp_redis_conf_t;


/*
 * Takes the answer to a command; called exactly once.
 * @param rc     NGX_OK; NGX_ERROR when Redis refused or the connection was
 *               lost; NGX_ABORT when the worker exits: only free the data
 * @param value  with NGX_OK: of PTTL ms, -1 for good, -2 for no key; of SET 1,
 *               or 0 if the key was there already
 */
typedef void (*ngx_http_whatsapp_redis_pt)(void *data, ngx_int_t rc,
    int64_t value);


typedef struct {
    /* key, with the prefix, was changed; NULL: all keys were deleted */
    void                         (*invalidate)(void *data, ngx_str_t *key);

    /* one of the connections came or went */
    void                         (*state)(void *data);

    void  *data;
} ngx_http_whatsapp_redis_events_t;


/*
 * Creates the client, whose connections come up later and are kept up.
 * @param conf    must live as long as the client
 * @param events  copied
 * @return NULL without memory
 */
ngx_http_whatsapp_redis_t *ngx_http_whatsapp_redis_create(
    ngx_http_whatsapp_redis_conf_t *conf,
    ngx_http_whatsapp_redis_events_t *events, ngx_cycle_t *cycle);

/* Closes the connections at the worker's exit; commands get NGX_ABORT. */
void ngx_http_whatsapp_redis_destroy(ngx_http_whatsapp_redis_t *redis);

/*
 * Asks for the remaining time of a key.
 * @return NGX_OK: handler will be called later, NGX_DECLINED: not connected,
 *         NGX_BUSY: too many commands wait, NGX_ERROR: no memory
 */
ngx_int_t ngx_http_whatsapp_redis_pttl(ngx_http_whatsapp_redis_t *redis,
    ngx_str_t *key, ngx_http_whatsapp_redis_pt handler, void *data);

/*
 * Sets a key that is not there yet, for so many seconds.
 * @return as ngx_http_whatsapp_redis_pttl()
 */
ngx_int_t ngx_http_whatsapp_redis_set(ngx_http_whatsapp_redis_t *redis,
    ngx_str_t *key, ngx_uint_t value, time_t seconds,
    ngx_http_whatsapp_redis_pt handler, void *data);

/* Returns 1 if lookups are possible now. */
ngx_uint_t ngx_http_whatsapp_redis_up(ngx_http_whatsapp_redis_t *redis);

/* Returns 1 if every change of a key is reported now. */
ngx_uint_t ngx_http_whatsapp_redis_tracking(ngx_http_whatsapp_redis_t *redis);


#endif /* _NGX_HTTP_WHATSAPP_REDIS_H_INCLUDED_ */
