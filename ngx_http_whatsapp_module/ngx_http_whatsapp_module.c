
/*
 * Directives, variables and phases of ngx_http_whatsapp_module: a location
 * with whatsapp_pass is an API in the shape of Meta's Cloud API in front of
 * whatsapp-controller.
 */


#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_messages.h"
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


/* there is no "non_idempotent": a send goes to one controller only */

static ngx_conf_bitmask_t  ngx_http_whatsapp_next_upstream_masks[] = {
    { ngx_string("error"), NGX_HTTP_UPSTREAM_FT_ERROR },
    { ngx_string("timeout"), NGX_HTTP_UPSTREAM_FT_TIMEOUT },
    { ngx_string("invalid_header"), NGX_HTTP_UPSTREAM_FT_INVALID_HEADER },
    { ngx_string("http_500"), NGX_HTTP_UPSTREAM_FT_HTTP_500 },
    { ngx_string("http_503"), NGX_HTTP_UPSTREAM_FT_HTTP_503 },
    { ngx_string("http_504"), NGX_HTTP_UPSTREAM_FT_HTTP_504 },
    { ngx_string("http_404"), NGX_HTTP_UPSTREAM_FT_HTTP_404 },
    { ngx_string("http_429"), NGX_HTTP_UPSTREAM_FT_HTTP_429 },
    { ngx_string("off"), NGX_HTTP_UPSTREAM_FT_OFF },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_whatsapp_interactive_modes[] = {
    { ngx_string("off"), NGX_HTTP_WHATSAPP_INTERACTIVE_OFF },
    { ngx_string("text"), NGX_HTTP_WHATSAPP_INTERACTIVE_TEXT },
    { ngx_null_string, 0 }
};


static ngx_conf_post_t  ngx_http_whatsapp_read_timeout_post = {
    ngx_http_whatsapp_read_timeout
};


static ngx_conf_post_t  ngx_http_whatsapp_json_max_size_post = {
    ngx_http_whatsapp_json_max_size
};


static ngx_conf_post_t  ngx_http_whatsapp_buffer_size_post = {
    ngx_http_whatsapp_buffer_size
};


static ngx_command_t  ngx_http_whatsapp_commands[] = {

    { ngx_string("whatsapp_pass"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_pass,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_tokens"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_tokens,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_auth"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, auth),
      NULL },

    { ngx_string("whatsapp_secret_file"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_secret_file,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_interactive"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, interactive),
      &ngx_http_whatsapp_interactive_modes },

    { ngx_string("whatsapp_templates"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_templates,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_public_url"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, public_url),
      NULL },

    { ngx_string("whatsapp_json_max_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, json_max_size),
      &ngx_http_whatsapp_json_max_size_post },

    { ngx_string("whatsapp_connect_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.connect_timeout),
      NULL },

    { ngx_string("whatsapp_send_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.send_timeout),
      NULL },

    { ngx_string("whatsapp_read_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.read_timeout),
      &ngx_http_whatsapp_read_timeout_post },

    { ngx_string("whatsapp_buffer_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.buffer_size),
      &ngx_http_whatsapp_buffer_size_post },

    { ngx_string("whatsapp_socket_keepalive"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.socket_keepalive),
      NULL },

    { ngx_string("whatsapp_next_upstream"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_conf_set_bitmask_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.next_upstream),
      &ngx_http_whatsapp_next_upstream_masks },

    { ngx_string("whatsapp_next_upstream_tries"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.next_upstream_tries),
      NULL },

    { ngx_string("whatsapp_next_upstream_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.next_upstream_timeout),
      NULL },

      ngx_null_command
};


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
 * A token in the arguments is taken before any location is known, and is
 * masked once the location turns out to be ours; what nginx logs in between
 * asks the log handler.
 */

static ngx_int_t
ngx_http_whatsapp_post_read_handler(ngx_http_request_t *r)
{
    ngx_http_whatsapp_ctx_t  *ctx;

    if (!ngx_http_whatsapp_has_token_arg(r)) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_whatsapp_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_whatsapp_copy_tokens(r, ctx) != NGX_OK) {
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

        /* an error page of what was refused before any rewrite phase */

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

    ctx->api = 1;

    ctx->rewrite_seen = 1;

    /* what failed before a redirect to here is another story */

    ctx->failed = 0;

    if (ngx_http_whatsapp_copy_tokens(r, ctx) != NGX_OK
        || ngx_http_whatsapp_mask_args(r) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DECLINED;
}


/* must not allocate: a failure is logged, and would come here again */

static u_char *
ngx_http_whatsapp_log_error(ngx_http_request_t *r, ngx_http_request_t *sr,
    u_char *buf, size_t len)
{
    ngx_http_whatsapp_ctx_t       *ctx;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (wlcf->enabled) {
        (void) ngx_http_whatsapp_mask_tokens(&r->request_line);
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
