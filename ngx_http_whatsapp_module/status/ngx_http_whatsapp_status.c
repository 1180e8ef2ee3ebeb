
/*
 * whatsapp_status: a location that shows the module's counters and, if asked,
 * the controller's.  ngx_http_whatsapp_forget.c has the other directive.  This
 * is a module of its own in the same .so, since it counts and shows what the
 * two others do.
 */


#include "ngx_http_whatsapp_status.h"
#include "ngx_http_whatsapp_upstream.h"
#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_abuse.h"


static ngx_int_t ngx_http_whatsapp_status_handler(ngx_http_request_t *r);
static ngx_uint_t ngx_http_whatsapp_status_json(ngx_http_request_t *r);
static void ngx_http_whatsapp_status_resume(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_status_send(ngx_http_request_t *r,
    ngx_http_whatsapp_page_t *page);
static ngx_int_t ngx_http_whatsapp_status_log(ngx_http_request_t *r);
static ngx_http_whatsapp_result_e ngx_http_whatsapp_status_result(
    ngx_http_request_t *r);

static void *ngx_http_whatsapp_status_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_whatsapp_status_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_whatsapp_status_merge_loc_conf(ngx_conf_t *cf,
    void *parent, void *child);
static char *ngx_http_whatsapp_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_whatsapp_status_init(ngx_conf_t *cf);


static ngx_command_t  ngx_http_whatsapp_status_commands[] = {

    { ngx_string("whatsapp_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_whatsapp_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_abuse_forget"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_forget,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_whatsapp_status_module_ctx = {
    NULL,                                      /* preconfiguration */
    ngx_http_whatsapp_status_init,             /* postconfiguration */

    ngx_http_whatsapp_status_create_main_conf, /* create main configuration */
    NULL,                                      /* init main configuration */

    NULL,                                      /* create server
                                                  configuration */
    NULL,                                      /* merge server configuration */

    ngx_http_whatsapp_status_create_loc_conf,  /* create location
                                                  configuration */
    ngx_http_whatsapp_status_merge_loc_conf    /* merge location
                                                  configuration */
};


ngx_module_t  ngx_http_whatsapp_status_module = {
    NGX_MODULE_V1,
    &ngx_http_whatsapp_status_module_ctx,      /* module context */
    ngx_http_whatsapp_status_commands,         /* module directives */
    NGX_HTTP_MODULE,                           /* module type */
    NULL,                                      /* init master */
    NULL,                                      /* init module */
    NULL,                                      /* init process */
    NULL,                                      /* init thread */
    NULL,                                      /* exit thread */
    NULL,                                      /* exit process */
    NULL,                                      /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_whatsapp_status_handler(ngx_http_request_t *r)
{
    ngx_int_t                             rc;
    ngx_http_whatsapp_page_t             *page;
    ngx_http_whatsapp_status_loc_conf_t  *slcf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    page = ngx_pcalloc(r->pool, sizeof(ngx_http_whatsapp_page_t));
    if (page == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    page->json = ngx_http_whatsapp_status_json(r);

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_status_module);

    if (slcf->upstream.upstream == NULL) {
        return ngx_http_whatsapp_status_send(r, page);
    }

    ngx_http_set_ctx(r, page, ngx_http_whatsapp_status_module);

    if (ngx_http_whatsapp_status_ask(r, page) != NGX_OK) {
        return NGX_ERROR;
    }

    r->main->count++;
    r->write_event_handler = ngx_http_whatsapp_status_resume;

    return NGX_DONE;
}


/* returns 1 if the Accept header names JSON */

static ngx_uint_t
ngx_http_whatsapp_status_json(ngx_http_request_t *r)
{
    ngx_str_t                  *value;
    ngx_http_whatsapp_place_t   place;

    ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

    for ( ;; ) {

        value = ngx_http_whatsapp_next_header(r, "Accept", &place);

        if (value == NULL) {
            return 0;
        }

        if (ngx_strlcasestrn(value->data, value->data + value->len,
                             (u_char *) "application/json",
                             sizeof("application/json") - 2)
            != NULL)
        {
            return 1;
        }
    }
}


static void
ngx_http_whatsapp_status_resume(ngx_http_request_t *r)
{
    ngx_http_whatsapp_page_t  *page;

    page = ngx_http_get_module_ctx(r, ngx_http_whatsapp_status_module);

    if (!page->done) {
        return;
    }

    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_http_finalize_request(r, ngx_http_whatsapp_status_send(r, page));
}


static ngx_int_t
ngx_http_whatsapp_status_send(ngx_http_request_t *r,
    ngx_http_whatsapp_page_t *page)
{
    ngx_int_t                     rc;
    ngx_chain_t                  *chain, *cl;
    ngx_http_whatsapp_samples_t   out;

    ngx_memzero(&out, sizeof(ngx_http_whatsapp_samples_t));

    out.pool = r->pool;
    out.json = page->json;

    ngx_http_whatsapp_sample_open(&out);
    ngx_http_whatsapp_status_metrics_print(r, &out);
    ngx_http_whatsapp_status_controller_print(page, &out);

    chain = ngx_http_whatsapp_sample_close(&out);
    if (chain == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = 0;

    for (cl = chain; cl; cl = cl->next) {
        r->headers_out.content_length_n += ngx_buf_size(cl->buf);

        if (cl->next == NULL) {
            cl->buf->last_buf = (r == r->main) ? 1 : 0;
            cl->buf->last_in_chain = 1;
        }
    }

    if (page->json) {
        ngx_str_set(&r->headers_out.content_type, "application/json");

    } else {
        ngx_str_set(&r->headers_out.content_type,
                    "text/plain; version=0.0.4; charset=utf-8");
    }

    r->headers_out.content_type_len = ngx_strlen(page->json
                                                 ? "application/json"
                                                 : "text/plain");
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, chain);
}


/* counts a request to a location with whatsapp_pass, wherever it ended */

static ngx_int_t
ngx_http_whatsapp_status_log(ngx_http_request_t *r)
{
    ngx_time_t                           *tp;
    ngx_msec_int_t                        ms;
    const ngx_str_t                      *call;
    ngx_http_whatsapp_ctx_t              *ctx;
    ngx_http_whatsapp_loc_conf_t         *wlcf;
    ngx_http_whatsapp_status_main_conf_t *smcf;

    static const ngx_str_t  none = ngx_string("none");

    if (r != r->main) {
        return NGX_OK;
    }

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);
    ctx = ngx_http_whatsapp_find_ctx(r);

    if (!wlcf->enabled && (ctx == NULL || !ctx->api)) {
        return NGX_OK;
    }

    smcf = ngx_http_get_module_main_conf(r, ngx_http_whatsapp_status_module);

    call = ngx_http_whatsapp_call_name(r);

    tp = ngx_timeofday();

    ms = (ngx_msec_int_t) ((tp->sec - r->start_sec) * 1000
                           + (tp->msec - r->start_msec));

    ngx_http_whatsapp_metrics_request(smcf->metrics, call ? call : &none,
                                      ngx_http_whatsapp_status_result(r),
                                      ngx_max(ms, 0));

    if (ctx && ctx->failed) {
        ngx_http_whatsapp_metrics_error(smcf->metrics, ctx->error.reason);
    }

    return NGX_OK;
}


static ngx_http_whatsapp_result_e
ngx_http_whatsapp_status_result(ngx_http_request_t *r)
{
    ngx_uint_t                      status;
    ngx_http_whatsapp_abuse_ctx_t  *abuse;

    status = r->err_status ? r->err_status : r->headers_out.status;

    if (status == 0 || status == NGX_HTTP_CLIENT_CLOSED_REQUEST) {
        return NGX_HTTP_WHATSAPP_RESULT_ABORTED;
    }

    abuse = ngx_http_whatsapp_abuse_decision(r);

    if (abuse && abuse->refused
        && abuse->status == NGX_HTTP_WHATSAPP_ABUSE_BLOCKED)
    {
        return NGX_HTTP_WHATSAPP_RESULT_BLOCKED;
    }

    if (status < NGX_HTTP_BAD_REQUEST) {
        return NGX_HTTP_WHATSAPP_RESULT_SUCCESS;
    }

    if (status == NGX_HTTP_TOO_MANY_REQUESTS) {
        return NGX_HTTP_WHATSAPP_RESULT_LIMITED;
    }

    return status < NGX_HTTP_INTERNAL_SERVER_ERROR
           ? NGX_HTTP_WHATSAPP_RESULT_REFUSED
           : NGX_HTTP_WHATSAPP_RESULT_FAILED;
}


static void *
ngx_http_whatsapp_status_create_main_conf(ngx_conf_t *cf)
{
    /*
     * set by ngx_pcalloc():
     *
     *     conf->metrics = NULL;
     *     conf->used = 0;
     */

    return ngx_pcalloc(cf->pool, sizeof(ngx_http_whatsapp_status_main_conf_t));
}


static void *
ngx_http_whatsapp_status_create_loc_conf(ngx_conf_t *cf)
{
    /*
     * set by ngx_pcalloc():
     *
     *     conf->upstream.upstream = NULL;
     *     conf->upstream.buffering = 0;
     *     conf->upstream.ignore_client_abort = 0;
     *     conf->upstream.intercept_errors = 0;
     *     conf->place = { NULL, 0 };
     *     conf->enabled = 0;
     *     conf->forget = NULL;
     */

    return ngx_pcalloc(cf->pool, sizeof(ngx_http_whatsapp_status_loc_conf_t));
}


/*
 * a location inherits nothing; "if" and "limit_except" inside it do, as they
 * are still the same location
 */

static char *
ngx_http_whatsapp_status_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child)
{
    ngx_http_whatsapp_status_loc_conf_t *prev = parent;
    ngx_http_whatsapp_status_loc_conf_t *conf = child;

    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if ((clcf->noname || clcf->lmt_excpt)
        && prev->enabled && clcf->handler == NULL)
    {
        *conf = *prev;
        clcf->handler = ngx_http_whatsapp_status_handler;
    }

    if (!conf->enabled) {
        return ngx_http_whatsapp_forget_merge(cf, prev, conf);
    }

    wlcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_whatsapp_module);

    if (clcf->handler != ngx_http_whatsapp_status_handler) {
        ngx_http_whatsapp_conf_error(cf, &conf->place,
            "\"whatsapp_status\" in location \"%V\" stands beside another "
            "content handler", &clcf->name);
        return NGX_CONF_ERROR;
    }

    if (conf->upstream.upstream && wlcf->secret.len == 0
        && !ngx_http_whatsapp_upstream_local(conf->upstream.upstream))
    {
        ngx_http_whatsapp_conf_error(cf, &conf->place,
            "\"whatsapp_status\" in location \"%V\" leads to an address that "
            "is not a unix socket and needs \"whatsapp_secret_file\"",
            &clcf->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_whatsapp_status_loc_conf_t *slcf = conf;

    ngx_url_t                              u;
    ngx_str_t                             *value;
    ngx_http_core_loc_conf_t              *clcf;
    ngx_http_whatsapp_status_main_conf_t  *smcf;

    if (slcf->enabled) {
        return "is duplicate";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        return "stands beside another content handler";
    }

    clcf->handler = ngx_http_whatsapp_status_handler;

    slcf->enabled = 1;

    ngx_http_whatsapp_conf_place(cf, &slcf->place);

    smcf = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_whatsapp_status_module);
    smcf->used = 1;

    if (cf->args->nelts == 1) {
        return NGX_CONF_OK;
    }

    value = cf->args->elts;

    if (ngx_strncmp(value[1].data, "controller=", 11) != 0
        || value[1].len == 11)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", it must be "
                           "\"controller=address\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (value[1].data[11] == '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", \"unix:\" is missing "
                           "before the path", &value[1]);
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url.data = value[1].data + 11;
    u.url.len = value[1].len - 11;
    u.no_resolve = 1;

    ngx_http_whatsapp_status_upstream(&slcf->upstream);

    slcf->upstream.upstream = ngx_http_upstream_add(cf, &u, 0);

    return slcf->upstream.upstream ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* counts if any location uses the API, a zone or whatsapp_status */

static ngx_int_t
ngx_http_whatsapp_status_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt                   *h;
    ngx_http_core_main_conf_t             *cmcf;
    ngx_http_whatsapp_main_conf_t         *wmcf;
    ngx_http_whatsapp_abuse_main_conf_t   *amcf;
    ngx_http_whatsapp_status_main_conf_t  *smcf;

    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_whatsapp_module);
    amcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_whatsapp_abuse_module);
    smcf = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_whatsapp_status_module);

    if (!wmcf->enabled && !smcf->used && amcf->zones.nelts == 0) {
        return NGX_OK;
    }

    smcf->metrics = ngx_http_whatsapp_metrics_add(cf,
                                            &ngx_http_whatsapp_status_module);
    if (smcf->metrics == NULL) {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_whatsapp_status_log;

    return NGX_OK;
}
