
/*
 * The check of client addresses, usable in any location. Called by
 * ngx_http_whatsapp_abuse_module.c for each request, and by request/ and
 * status/, which report strikes and read the decision.
 */


#ifndef _NGX_HTTP_WHATSAPP_ABUSE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_ABUSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_whatsapp_abuse_bans.h"
#include "ngx_http_whatsapp_abuse_limits.h"


#define NGX_HTTP_WHATSAPP_ABUSE_FAIL_OPEN    0
#define NGX_HTTP_WHATSAPP_ABUSE_FAIL_CLOSED  1


/* a zone that a directive names before it may be declared */

typedef struct {
    ngx_shm_zone_t                  *zone;
    ngx_str_t                       *limit;   /* NULL: a whatsapp_abuse_zone */
    ngx_http_whatsapp_conf_place_t   place;
} ngx_http_whatsapp_abuse_named_t;


typedef struct {
    ngx_array_t  zones;                       /* pointers to zone_t */
    ngx_array_t  named;                       /* named_t */
    ngx_uint_t   used;                        /* 1: some location has it */
    ngx_int_t    limit_index[NGX_HTTP_WHATSAPP_ABUSE_LIMITS];
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


/* a request's client as one zone knows it; lives as long as the request */

typedef struct {
    ngx_http_whatsapp_abuse_zone_t      *zone;
    ngx_http_whatsapp_abuse_key_t        key;
    ngx_http_whatsapp_abuse_fact_e       fact;
    ngx_msec_t                           until;          /* end of the ban */
    ngx_http_whatsapp_abuse_status_e     status;
    ngx_http_whatsapp_abuse_cache_e      cache;

    /*
     * the zones of the limits that refused, if any did: those of the last
     * location before there was a verdict
     */
    ngx_array_t                         *limits[
                                              NGX_HTTP_WHATSAPP_ABUSE_LIMITS];

    /* counts strikes with this location, even if another one answers */
    ngx_http_whatsapp_abuse_loc_conf_t  *conf;
    ngx_uint_t                           struck;         /* 1 << strike_e */
    ngx_uint_t                           refused;        /* status; 0: not */
    ngx_http_request_t                  *request;        /* the refused one */

    unsigned                             exempt:1;
} ngx_http_whatsapp_abuse_ctx_t;


/* the causes' names in the configuration, by strike_e; the last: empty */
extern ngx_str_t  ngx_http_whatsapp_abuse_causes[];

/*
 * Notes that the directive that is being read names a zone, of a limit or
 * (NULL) of whatsapp_abuse_zone.
 * @return NGX_OK or NGX_ERROR
 */
ngx_int_t ngx_http_whatsapp_abuse_name_zone(ngx_conf_t *cf,
    ngx_shm_zone_t *zone, ngx_str_t *limit);

/*
 * Reads the parameter "zone=name" of a directive; the zone may be declared
 * later.
 * @param others  what else may stand there, for the error
 * @return the zone, or NULL with the reason logged
 */
ngx_shm_zone_t *ngx_http_whatsapp_abuse_read_zone(ngx_conf_t *cf,
    ngx_str_t *value, const char *others);

/*
 * Checks that all named zones are declared; conf is the main configuration.
 * @return NGX_CONF_OK, or NGX_CONF_ERROR with the reason logged
 */
char *ngx_http_whatsapp_abuse_check_names(ngx_conf_t *cf, void *conf);

/* Set the directives of these names; as ngx_command_t wants them. */
char *ngx_http_whatsapp_abuse_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_whatsapp_abuse_strikes(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Checks the client of r: the handler of the PREACCESS phase.
 * @return NGX_DECLINED to go on, NGX_AGAIN when suspended, or a status
 */
ngx_int_t ngx_http_whatsapp_abuse_handler(ngx_http_request_t *r);

/* Counts the verdict and the strikes of r: the handler of the LOG phase. */
ngx_int_t ngx_http_whatsapp_abuse_log(ngx_http_request_t *r);

/*
 * Finds the decision about the request's client: that of the zone that
 * refused it, else that of any zone.
 * @return NULL when r passed no location with whatsapp_abuse
 */
ngx_http_whatsapp_abuse_ctx_t *ngx_http_whatsapp_abuse_decision(
    ngx_http_request_t *r);

/*
 * Notes that the API refused r for this cause. The strike is counted when the
 * request ends, if the location counts the cause.
 */
void ngx_http_whatsapp_abuse_strike(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_strike_e cause);


extern ngx_module_t  ngx_http_whatsapp_abuse_module;


#endif /* _NGX_HTTP_WHATSAPP_ABUSE_H_INCLUDED_ */
