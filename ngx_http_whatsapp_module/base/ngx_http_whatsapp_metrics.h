
/*
 * Counters of the API in shared memory. All workers share them, and a reload
 * keeps them. Their labels come from tables: names of calls, results, reasons
 * of errors.
 */


#ifndef _NGX_HTTP_WHATSAPP_METRICS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_METRICS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_HTTP_WHATSAPP_METRICS_CALLS     96
#define NGX_HTTP_WHATSAPP_METRICS_NAME_LEN  47
#define NGX_HTTP_WHATSAPP_METRICS_ERRORS    96
#define NGX_HTTP_WHATSAPP_METRICS_BUCKETS   13   /* the last has no limit */


typedef enum {
    NGX_HTTP_WHATSAPP_RESULT_SUCCESS = 0,
    NGX_HTTP_WHATSAPP_RESULT_REFUSED,
    NGX_HTTP_WHATSAPP_RESULT_LIMITED,
    NGX_HTTP_WHATSAPP_RESULT_BLOCKED,
    NGX_HTTP_WHATSAPP_RESULT_FAILED,
    NGX_HTTP_WHATSAPP_RESULT_ABORTED,
    NGX_HTTP_WHATSAPP_RESULTS
} ngx_http_whatsapp_result_e;


typedef struct {
    u_char                         name[NGX_HTTP_WHATSAPP_METRICS_NAME_LEN];
    u_char                         len;
    ngx_atomic_t                   results[NGX_HTTP_WHATSAPP_RESULTS];
    ngx_atomic_t                   buckets[NGX_HTTP_WHATSAPP_METRICS_BUCKETS];
    ngx_atomic_t                   msec;        /* sum of all requests */
} ngx_http_whatsapp_metrics_call_t;


/* errors is indexed by ngx_http_whatsapp_error_e */

typedef struct {
    ngx_atomic_t                      ncalls;
    ngx_http_whatsapp_metrics_call_t  calls[NGX_HTTP_WHATSAPP_METRICS_CALLS];
    ngx_atomic_t                      errors[NGX_HTTP_WHATSAPP_METRICS_ERRORS];
} ngx_http_whatsapp_metrics_sh_t;


typedef struct {
    ngx_http_whatsapp_metrics_sh_t   *sh;
    ngx_slab_pool_t                  *shpool;
} ngx_http_whatsapp_metrics_t;


/* upper limits of all buckets but the last, ms */
extern const ngx_msec_t  ngx_http_whatsapp_metrics_limits[];


/*
 * Adds the zone to the configuration. Its memory exists when workers start,
 * and is that of the previous configuration, if there was one.
 * @return NULL when memory is short, logged
 */
ngx_http_whatsapp_metrics_t *ngx_http_whatsapp_metrics_add(ngx_conf_t *cf,
    void *tag);

/* Counts a request that took ms; call must come from a fixed set of names. */
void ngx_http_whatsapp_metrics_request(ngx_http_whatsapp_metrics_t *metrics,
    const ngx_str_t *call, ngx_http_whatsapp_result_e result, ngx_msec_t ms);

/* Counts an error of the API, an ngx_http_whatsapp_error_e. */
void ngx_http_whatsapp_metrics_error(ngx_http_whatsapp_metrics_t *metrics,
    ngx_uint_t reason);


#endif /* _NGX_HTTP_WHATSAPP_METRICS_H_INCLUDED_ */
