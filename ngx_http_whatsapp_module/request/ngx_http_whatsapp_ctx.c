
/*
 * The context of a request.  An internal redirect clears the contexts of all
 * modules, so ours is also in the cleanup list of the request's pool, where it
 * is found again.
 */


#include "ngx_http_whatsapp_request.h"


static void ngx_http_whatsapp_ctx_cleanup(void *data);


ngx_http_whatsapp_ctx_t *
ngx_http_whatsapp_find_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    if (ctx || !(r->internal || r->filter_finalize)) {
        return ctx;
    }

    /* subrequests have contexts of their own in the same pool */

    for (cln = r->pool->cleanup; cln; cln = cln->next) {

        if (cln->handler != ngx_http_whatsapp_ctx_cleanup) {
            continue;
        }

        ctx = cln->data;

        if (ctx->request == r) {
            return ctx;
        }
    }

    return NULL;
}


ngx_http_whatsapp_ctx_t *
ngx_http_whatsapp_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_whatsapp_find_ctx(r);

    if (ctx == NULL) {

        cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_whatsapp_ctx_t));
        if (cln == NULL) {
            return NULL;
        }

        cln->handler = ngx_http_whatsapp_ctx_cleanup;

        ctx = cln->data;

        ngx_memzero(ctx, sizeof(ngx_http_whatsapp_ctx_t));

        ctx->request = r;
    }

    ngx_http_set_ctx(r, ctx, ngx_http_whatsapp_module);

    return ctx;
}


static void
ngx_http_whatsapp_ctx_cleanup(void *data)
{
    /* void: its address marks the context, which the pool frees */
}
