
/*
 * The headers that every answer of our locations has, errors too.  Answers
 * hold personal data, which no cache on the way may store, whatever "expires"
 * and "add_header" say, which may be inherited from where files are served.
 * Link names the privacy policy, beside other links.
 *
 * This is a module of its own in the same .so, as its filter stands elsewhere
 * in the order of modules: after the one that carries out these directives.
 */


#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_api.h"


static ngx_int_t ngx_http_whatsapp_every_answer_filter(ngx_http_request_t *r);
static void ngx_http_whatsapp_drop_header(ngx_http_request_t *r,
    const char *name);
static ngx_int_t ngx_http_whatsapp_cache_control(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_set_cache_control(ngx_http_request_t *r,
    ngx_table_elt_t *h);
static ngx_int_t ngx_http_whatsapp_link(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_set_link(ngx_http_request_t *r,
    ngx_table_elt_t *h);
static ngx_int_t ngx_http_whatsapp_every_answer_init(ngx_conf_t *cf);


static ngx_http_module_t  ngx_http_whatsapp_every_answer_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_whatsapp_every_answer_init,   /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_whatsapp_every_answer_module = {
    NGX_MODULE_V1,
    &ngx_http_whatsapp_every_answer_module_ctx, /* module context */
    NULL,                                  /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


static ngx_int_t
ngx_http_whatsapp_every_answer_filter(ngx_http_request_t *r)
{
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (!wlcf->enabled) {
        return ngx_http_next_header_filter(r);
    }

    if (ngx_http_whatsapp_cache_control(r) != NGX_OK
        || (wlcf->policy && ngx_http_whatsapp_link(r) != NGX_OK))
    {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


/* the policy holds nothing personal: it may be kept, and asked for again */

static ngx_int_t
ngx_http_whatsapp_cache_control(ngx_http_request_t *r)
{
    ngx_str_t                 value;
    ngx_table_elt_t          *h;
    ngx_http_whatsapp_ctx_t  *ctx;

    ngx_http_whatsapp_drop_header(r, "Cache-Control");
    ngx_http_whatsapp_drop_header(r, "Expires");

    r->headers_out.expires = NULL;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    if (ctx && ctx->policy && !ctx->failed) {
        ngx_str_set(&value, "no-cache");

    } else {
        ngx_str_set(&value, "private, no-store");
    }

    h = ngx_http_whatsapp_push_header(r, "Cache-Control", &value);

    if (h == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_whatsapp_set_cache_control(r, h);
}


static void
ngx_http_whatsapp_drop_header(ngx_http_request_t *r, const char *name)
{
    size_t            len;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    len = ngx_strlen(name);

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == len
                && ngx_strncasecmp(h[i].key.data, (u_char *) name, len) == 0)
            {
                h[i].hash = 0;
            }
        }
    }
}


/* for $sent_http_cache_control; nginx 1.23 made a list of the array */

static ngx_int_t
ngx_http_whatsapp_set_cache_control(ngx_http_request_t *r, ngx_table_elt_t *h)
{
#if (nginx_version < 1023000)

    ngx_array_t       *array;
    ngx_table_elt_t  **p;

    array = &r->headers_out.cache_control;

    if (array->elts == NULL
        && ngx_array_init(array, r->pool, 1, sizeof(ngx_table_elt_t *))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    array->nelts = 0;

    p = ngx_array_push(array);
    if (p == NULL) {
        return NGX_ERROR;
    }

    *p = h;

#else

    r->headers_out.cache_control = h;

#endif

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_link(ngx_http_request_t *r)
{
    ngx_str_t         value;
    ngx_table_elt_t  *h;

    if (ngx_http_whatsapp_policy_link(r, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    h = ngx_http_whatsapp_push_header(r, "Link", &value);

    if (h == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_whatsapp_set_link(r, h);
}


/* for $sent_http_link: the last one, behind those of add_header */

static ngx_int_t
ngx_http_whatsapp_set_link(ngx_http_request_t *r, ngx_table_elt_t *h)
{
#if (nginx_version < 1023000)

    ngx_array_t       *array;
    ngx_table_elt_t  **p;

    array = &r->headers_out.link;

    if (array->elts == NULL
        && ngx_array_init(array, r->pool, 1, sizeof(ngx_table_elt_t *))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    p = ngx_array_push(array);
    if (p == NULL) {
        return NGX_ERROR;
    }

    *p = h;

#else

    ngx_table_elt_t  **p;

    for (p = &r->headers_out.link; *p; p = &(*p)->next) {
        /* void */
    }

    *p = h;

#endif

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_every_answer_init(ngx_conf_t *cf)
{
    ngx_http_whatsapp_main_conf_t  *wmcf;

    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_whatsapp_module);

    if (!wmcf->enabled) {
        return NGX_OK;
    }

    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_whatsapp_every_answer_filter;

    return NGX_OK;
}
