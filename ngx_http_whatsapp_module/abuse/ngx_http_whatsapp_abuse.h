
/*
 * Clients that abuse the service are turned away by address, in any location.
 * Used by ngx_http_whatsapp_abuse_module.c, and by whoever has a verdict of
 * its own to report.
 */


#ifndef _NGX_HTTP_WHATSAPP_ABUSE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_ABUSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_whatsapp_abuse_bans.h"


#define NGX_HTTP_WHATSAPP_ABUSE_FAIL_OPEN    0
#define NGX_HTTP_WHATSAPP_ABUSE_FAIL_CLOSED  1


typedef struct {
    ngx_array_t  zones;                       /* of zone_t * */
    ngx_uint_t   used;                        /* by some location */
    ngx_int_t    limit_req_index;
    ngx_int_t    limit_conn_index;
} ngx_http_whatsapp_abuse_main_conf_t;


typedef struct {
    ngx_shm_zone_t                     *shm_zone;  /* NULL: off */
    ngx_http_whatsapp_abuse_strikes_t  *strikes;   /* NULL: off */
    ngx_uint_t                          fail;
    ngx_uint_t                          status;
    ngx_flag_t                          dry_run;
    ngx_array_t                        *bypass;
    ngx_uint_t                          log_level;
} ngx_http_whatsapp_abuse_loc_conf_t;


/* what was found out about the client of a request, once for each zone */

typedef struct {
    ngx_http_whatsapp_abuse_zone_t      *zone;
    ngx_http_whatsapp_abuse_key_t        key;
    ngx_http_whatsapp_abuse_fact_e       fact;
    ngx_msec_t                           until;          /* of the ban */
    ngx_http_whatsapp_abuse_status_e     status;
    ngx_http_whatsapp_abuse_cache_e      cache;

    /* the location that counts strikes, even if another one answers */
    ngx_http_whatsapp_abuse_loc_conf_t  *conf;
    ngx_uint_t                           struck;         /* bits */
    ngx_uint_t                           refused;        /* with this status */
    ngx_http_request_t                  *request;        /* that was refused */

    unsigned                             exempt:1;
    unsigned                             limited_req:1;  /* before us */
    unsigned                             limited_conn:1;
} ngx_http_whatsapp_abuse_ctx_t;


/* The setter of whatsapp_abuse_zone. */
char *ngx_http_whatsapp_abuse_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* The PREACCESS handler. */
ngx_int_t ngx_http_whatsapp_abuse_handler(ngx_http_request_t *r);

/* The LOG handler: counts the verdict, and strikes. */
ngx_int_t ngx_http_whatsapp_abuse_log(ngx_http_request_t *r);

/*
 * The decision about the request's client that the client got to feel.
 * @return NULL when no location with whatsapp_abuse was passed
 */
ngx_http_whatsapp_abuse_ctx_t *ngx_http_whatsapp_abuse_decision(
    ngx_http_request_t *r);

/*
 * Reports a refusal of the module's own, to be counted when the request ends
 * if the location counts this cause.
 */
void ngx_http_whatsapp_abuse_strike(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_strike_e cause);


extern ngx_module_t  ngx_http_whatsapp_abuse_module;


#endif /* _NGX_HTTP_WHATSAPP_ABUSE_H_INCLUDED_ */
