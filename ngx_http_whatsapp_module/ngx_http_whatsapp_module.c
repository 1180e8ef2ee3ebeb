
/*
 * ngx_http_whatsapp_module: a location with whatsapp_pass is an API in the
 * shape of Meta's Cloud API in front of whatsapp-controller.  This file has
 * what nginx calls when it starts, and the phases that come before the content
 * handler; directives are in ngx_http_whatsapp_conf.c.
 */


#include "ngx_http_whatsapp_module.h"
#include "protocol/version.h"


static ngx_int_t ngx_http_whatsapp_post_read_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_rewrite_handler(ngx_http_request_t *r);
static u_char *ngx_http_whatsapp_log_error(ngx_http_request_t *r,
    ngx_http_request_t *sr, u_char *buf, size_t len);

static ngx_int_t ngx_http_whatsapp_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_whatsapp_init_process(ngx_cycle_t *cycle);
static void ngx_http_whatsapp_exit_process(ngx_cycle_t *cycle);


/* for strings(1): which version a file of the module is */

static const char  ngx_http_whatsapp_version[]
    __attribute__((used)) =
    "ngx_http_whatsapp_module/" WHATSAPP_VERSION;


static ngx_http_module_t  ngx_http_whatsapp_module_ctx = {
    ngx_http_whatsapp_add_variables,       /* preconfiguration */
    ngx_http_whatsapp_init,                /* postconfiguration */

    ngx_http_whatsapp_create_main_conf,    /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_whatsapp_create_loc_conf,     /* create location configuration */
    ngx_http_whatsapp_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_whatsapp_module = {
    NGX_MODULE_V1,
    &ngx_http_whatsapp_module_ctx,         /* module context */
    ngx_http_whatsapp_commands,            /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_whatsapp_init_process,        /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_whatsapp_exit_process,        /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/*
 * Arguments that are masked are copied before nginx has chosen a location, and
 * are masked once it has chosen one of ours.  The log handler masks what
 * nginx logs in between.
 */

static ngx_int_t
ngx_http_whatsapp_post_read_handler(ngx_http_request_t *r)
{
    ngx_http_whatsapp_ctx_t        *ctx;
    ngx_http_whatsapp_main_conf_t  *wmcf;

    wmcf = ngx_http_get_module_main_conf(r, ngx_http_whatsapp_module);

    if (!ngx_http_whatsapp_has_masked_arg(r)) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_whatsapp_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_whatsapp_copy_args(r, ctx, wmcf->beta_api) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->log_handler = r->log_handler;
    r->log_handler = ngx_http_whatsapp_log_error;

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_whatsapp_rewrite_handler(ngx_http_request_t *r)
{
    ngx_http_whatsapp_ctx_t       *ctx;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (!wlcf->enabled) {
        ctx = ngx_http_whatsapp_find_ctx(r);

        if (ctx == NULL || ctx->rewrite_seen) {
            return NGX_DECLINED;
        }

        /* r came to this error page before any rewrite phase of the request */

        if (r->internal && r == r->main
            && ngx_http_whatsapp_mask_args(r) != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ctx->rewrite_seen = 1;

        return NGX_DECLINED;
    }

    ctx = ngx_http_whatsapp_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* a rewrite may have made others of the arguments that were copied */

    if (!ctx->api) {
        ngx_str_null(&ctx->args);
    }

    ctx->api = 1;

    ctx->rewrite_seen = 1;

    /* an error from before the redirect does not belong to this location */

    ctx->failed = 0;

    if (ngx_http_whatsapp_copy_args(r, ctx, wlcf->beta_api) != NGX_OK
        || ngx_http_whatsapp_mask_args(r) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DECLINED;
}


/* it must not allocate: nginx would log a failure, and call it again */

static u_char *
ngx_http_whatsapp_log_error(ngx_http_request_t *r, ngx_http_request_t *sr,
    u_char *buf, size_t len)
{
    ngx_http_whatsapp_ctx_t       *ctx;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (wlcf->enabled) {
        (void) ngx_http_whatsapp_mask_text(&r->request_line);
    }

    ctx = ngx_http_whatsapp_find_ctx(r);

    if (ctx == NULL) {
        return buf;
    }

    return ctx->log_handler(r, sr, buf, len);
}


static ngx_int_t
ngx_http_whatsapp_init(ngx_conf_t *cf)
{
    ngx_str_t                       name;
    ngx_http_handler_pt            *h;
    ngx_http_core_main_conf_t      *cmcf;
    ngx_http_whatsapp_main_conf_t  *wmcf;

    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_whatsapp_module);

    if (!wmcf->enabled) {
        return NGX_OK;
    }

    ngx_str_set(&name, "request_id");

    wmcf->request_id_index = ngx_http_get_variable_index(cf, &name);

    if (wmcf->request_id_index == NGX_ERROR) {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_POST_READ_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_whatsapp_post_read_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_REWRITE_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_whatsapp_rewrite_handler;

    return ngx_http_whatsapp_filter_init(cf);
}


static ngx_int_t
ngx_http_whatsapp_init_process(ngx_cycle_t *cycle)
{
    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    if (ngx_http_whatsapp_auth_init(cycle->log) != NGX_OK
        || ngx_http_whatsapp_key_init(cycle->log) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_whatsapp_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_whatsapp_auth_exit();
}
