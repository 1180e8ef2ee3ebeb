
/*
 * Types and functions that the files of whatsapp_status share.
 */


#ifndef _NGX_HTTP_WHATSAPP_STATUS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_STATUS_H_INCLUDED_


#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_metrics.h"


/* the controller's answer to the question for its metrics */

typedef enum {
    NGX_HTTP_WHATSAPP_CONTROLLER_NONE = 0,    /* not asked */
    NGX_HTTP_WHATSAPP_CONTROLLER_DOWN,
    NGX_HTTP_WHATSAPP_CONTROLLER_UP
} ngx_http_whatsapp_controller_e;


/* a page of samples, written to a chain of buffers from the pool */

typedef struct {
    ngx_pool_t                      *pool;
    ngx_chain_t                     *chain;
    ngx_chain_t                    **last;       /* place of the next */
    ngx_buf_t                       *buf;        /* the last link's */
    ngx_uint_t                       samples;
    ngx_uint_t                       labels;     /* so far, of one sample */
    unsigned                         json:1;
    unsigned                         failed:1;   /* memory was short */
} ngx_http_whatsapp_samples_t;


/* a request for metrics; the context of it and its subrequest */

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
    ngx_http_whatsapp_conf_place_t   place;      /* of whatsapp_status */
    ngx_uint_t                       enabled;    /* unsigned  enabled:1 */
    ngx_shm_zone_t                  *forget;     /* NULL: not this location */
} ngx_http_whatsapp_status_loc_conf_t;


/* Sets whatsapp_abuse_forget; as ngx_command_t wants it. */
char *ngx_http_whatsapp_forget(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Makes "if" and "limit_except" forget addresses as their location does, and
 * refuses another content handler beside whatsapp_abuse_forget.
 * @return NGX_CONF_OK, or NGX_CONF_ERROR with the reason logged
 */
char *ngx_http_whatsapp_forget_merge(ngx_conf_t *cf,
    ngx_http_whatsapp_status_loc_conf_t *prev,
    ngx_http_whatsapp_status_loc_conf_t *conf);


/*
 * ngx_http_whatsapp_status_sample.c writes samples in Prometheus' text format,
 * version 0.0.4, or as JSON. Names, types and help texts must need no escape;
 * values of labels may be any text.
 */

/* Begins a page. The fields pool and json must be set, all others be zero. */
void ngx_http_whatsapp_sample_open(ngx_http_whatsapp_samples_t *out);

/* Ends the page and returns it; NULL when memory was short. */
ngx_chain_t *ngx_http_whatsapp_sample_close(ngx_http_whatsapp_samples_t *out);

/* Begins a metric, whose samples must follow; writes nothing in JSON. */
void ngx_http_whatsapp_sample_head(ngx_http_whatsapp_samples_t *out,
    const char *name, const char *type, const char *help);

/* Begins a sample; suffix is added to the name, as "_bucket" of histograms. */
void ngx_http_whatsapp_sample_begin(ngx_http_whatsapp_samples_t *out,
    const char *name, const char *suffix);

/* Adds a label to the sample; the second takes a zero-terminated value. */
void ngx_http_whatsapp_sample_label(ngx_http_whatsapp_samples_t *out,
    const char *name, ngx_str_t *value);
void ngx_http_whatsapp_sample_word(ngx_http_whatsapp_samples_t *out,
    const char *name, const char *word);

/* Ends the sample with its value, a decimal number as text or a counter. */
void ngx_http_whatsapp_sample_end(ngx_http_whatsapp_samples_t *out,
    ngx_str_t *value);
void ngx_http_whatsapp_sample_end_number(ngx_http_whatsapp_samples_t *out,
    ngx_atomic_uint_t value);

/* Adds metrics and samples that are in the text format already. */
void ngx_http_whatsapp_sample_copy(ngx_http_whatsapp_samples_t *out,
    ngx_str_t *text);


/* ngx_http_whatsapp_status_metrics.c */

/* Writes the module's own metrics. */
void ngx_http_whatsapp_status_metrics_print(ngx_http_request_t *r,
    ngx_http_whatsapp_samples_t *out);


/* ngx_http_whatsapp_status_controller.c */

/* Sets timeouts and buffers of the upstream configuration. */
void ngx_http_whatsapp_status_upstream(ngx_http_upstream_conf_t *conf);

/*
 * Asks the controller for its metrics in a subrequest. When it ends, page has
 * done set and r's write event handler is called.
 * @return NGX_OK or NGX_ERROR
 */
ngx_int_t ngx_http_whatsapp_status_ask(ngx_http_request_t *r,
    ngx_http_whatsapp_page_t *page);

/*
 * Writes the metrics of the controller, and the one that says whether there
 * are any; writes nothing if it was not asked. Changes page->text.
 */
void ngx_http_whatsapp_status_controller_print(ngx_http_whatsapp_page_t *page,
    ngx_http_whatsapp_samples_t *out);


extern ngx_module_t  ngx_http_whatsapp_status_module;


#endif /* _NGX_HTTP_WHATSAPP_STATUS_H_INCLUDED_ */
