
/*
 * Answers hold personal data, which no cache on the way may store, whatever
 * "expires" and "add_header" say, which may be inherited from where files are
 * served.
 *
 * This is a module of its own in the same .so, as its filter stands elsewhere
 * in the order of modules: after the one that carries out these directives.
 */


#include "ngx_http_whatsapp_module.h"


static ngx_int_t ngx_http_whatsapp_no_store_filter(ngx_http_request_t *r);
static void ngx_http_whatsapp_drop_header(ngx_http_request_t *r,
    const char *name);
static ngx_int_t ngx_http_whatsapp_set_cache_control(ngx_http_request_t *r,
    ngx_table_elt_t *h);
static ngx_int_t ngx_http_whatsapp_no_store_init(ngx_conf_t *cf);


static ngx_http_module_t  ngx_http_whatsapp_no_store_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_whatsapp_no_store_init,       /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_whatsapp_no_store_module = {
    NGX_MODULE_V1,
    &ngx_http_whatsapp_no_store_module_ctx,  /* module context */
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
ngx_http_whatsapp_no_store_filter(ngx_http_request_t *r)
{
    ngx_table_elt_t               *h;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    static ngx_str_t  value = ngx_string("private, no-store");

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (!wlcf->enabled) {
        return ngx_http_next_header_filter(r);
    }

    ngx_http_whatsapp_drop_header(r, "Cache-Control");
    ngx_http_whatsapp_drop_header(r, "Expires");

    r->headers_out.expires = NULL;

    h = ngx_http_whatsapp_push_header(r, "Cache-Control", &value);

    if (h == NULL || ngx_http_whatsapp_set_cache_control(r, h) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
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
ngx_http_whatsapp_no_store_init(ngx_conf_t *cf)
{
    ngx_http_whatsapp_main_conf_t  *wmcf;

    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_whatsapp_module);

    if (!wmcf->enabled) {
        return NGX_OK;
    }

    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_whatsapp_no_store_filter;

    return NGX_OK;
}
