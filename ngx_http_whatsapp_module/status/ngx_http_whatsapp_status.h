
/*
 * What the files of whatsapp_status share.
 */


#ifndef _NGX_HTTP_WHATSAPP_STATUS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_STATUS_H_INCLUDED_


#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_metrics.h"


/* what the controller has said of itself */

typedef enum {
    NGX_HTTP_WHATSAPP_CONTROLLER_NONE = 0,    /* it is not asked */
    NGX_HTTP_WHATSAPP_CONTROLLER_DOWN,
    NGX_HTTP_WHATSAPP_CONTROLLER_UP
} ngx_http_whatsapp_controller_e;


/* a metrics page on its way; of the request that asked for it */

typedef struct {
    ngx_http_whatsapp_controller_e   controller;
    ngx_buf_t                       *text;       /* the controller's part */
    ngx_uint_t                       json;       /* unsigned  json:1 */
    ngx_uint_t                       done;       /* unsigned  done:1 */
} ngx_http_whatsapp_page_t;


typedef struct {
    ngx_http_whatsapp_metrics_t     *metrics;    /* NULL: none is used */
    ngx_uint_t                       used;       /* unsigned  used:1 */
} ngx_http_whatsapp_status_main_conf_t;


typedef struct {
    ngx_http_upstream_conf_t         upstream;   /* .upstream NULL: none */
    ngx_uint_t                       enabled;    /* unsigned  enabled:1 */
} ngx_http_whatsapp_status_loc_conf_t;


/* ngx_http_whatsapp_status_text.c */

/*
 * Writes the page, as text or JSON, into memory of r's pool.
 * @return NULL when memory is short
 */
ngx_buf_t *ngx_http_whatsapp_status_print(ngx_http_request_t *r,
    ngx_http_whatsapp_page_t *page);


/* ngx_http_whatsapp_status_controller.c */

/* Sets what whatsapp_status has of an upstream's configuration. */
void ngx_http_whatsapp_status_upstream(ngx_http_upstream_conf_t *conf);

/*
 * Asks the controller for its metrics in a subrequest; then page is filled,
 * with done set, and r's write event handler is called.
 * @return NGX_OK or NGX_ERROR
 */
ngx_int_t ngx_http_whatsapp_status_ask(ngx_http_request_t *r,
    ngx_http_whatsapp_page_t *page);


extern ngx_module_t  ngx_http_whatsapp_status_module;


#endif /* _NGX_HTTP_WHATSAPP_STATUS_H_INCLUDED_ */
