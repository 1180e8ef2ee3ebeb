
/*
 * The context of a request.  An internal redirect clears the contexts of all
 * modules, so ours is also in the cleanup list of the request's pool, where it
 * is found again.
 *
 * What is personal in a request lies in a pool of its own.  It is overwritten
 * at the end of the request, and so are the request's own buffers of nginx
 * that hold some of it.
 */


#include "ngx_http_whatsapp_request.h"

#include <malloc.h>


/* bytes of a block of that pool */
#define NGX_HTTP_WHATSAPP_POOL_SIZE     4096


static void ngx_http_whatsapp_ctx_cleanup(void *data);
static void ngx_http_whatsapp_wipe_pool(ngx_pool_t *pool);
static void ngx_http_whatsapp_wipe_request(ngx_http_request_t *r);
static void ngx_http_whatsapp_wipe_body(ngx_http_request_t *r);


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
    ngx_pool_t               *pool;
    ngx_pool_cleanup_t       *cln;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_whatsapp_find_ctx(r);

    if (ctx == NULL) {

        pool = ngx_create_pool(NGX_HTTP_WHATSAPP_POOL_SIZE,
                               r->connection->log);
        if (pool == NULL) {
            return NULL;
        }

        cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_whatsapp_ctx_t));
        if (cln == NULL) {
            ngx_destroy_pool(pool);
            return NULL;
        }

        cln->handler = ngx_http_whatsapp_ctx_cleanup;

        ctx = cln->data;

        ngx_memzero(ctx, sizeof(ngx_http_whatsapp_ctx_t));

        ctx->request = r;
        ctx->pool = pool;
    }

    ngx_http_set_ctx(r, ctx, ngx_http_whatsapp_module);

    return ctx;
}


ngx_pool_t *
ngx_http_whatsapp_pool(ngx_http_request_t *r)
{
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_whatsapp_find_ctx(r);

    return ctx ? ctx->pool : r->pool;
}


/* its address also marks the context among the cleanups */

static void
ngx_http_whatsapp_ctx_cleanup(void *data)
{
    ngx_http_whatsapp_ctx_t *ctx = data;

    if (ctx->api) {
        ngx_http_whatsapp_wipe_request(ctx->request);
    }

    ngx_http_whatsapp_wipe_pool(ctx->pool);
    ngx_destroy_pool(ctx->pool);
}


/* the list of large blocks lies in the small ones, which go last */

static void
ngx_http_whatsapp_wipe_pool(ngx_pool_t *pool)
{
    u_char            *begin;
    ngx_pool_t        *p;
    ngx_pool_large_t  *l;

    for (l = pool->large; l; l = l->next) {
        if (l->alloc) {
            ngx_explicit_memzero(l->alloc, malloc_usable_size(l->alloc));
            ngx_free(l->alloc);
        }
    }

    pool->large = NULL;

    begin = (u_char *) pool + sizeof(ngx_pool_t);

    for (p = pool; p; p = p->d.next) {
        ngx_explicit_memzero(begin, p->d.last - begin);

        if (p->d.next) {
            begin = (u_char *) p->d.next + sizeof(ngx_pool_data_t);
        }
    }
}


/* the token of the client, the response, and the body that nginx has read */

static void
ngx_http_whatsapp_wipe_request(ngx_http_request_t *r)
{
    ngx_buf_t  *b;
    ngx_str_t  *value;

    if (r == r->main && r->headers_in.authorization) {
        value = &r->headers_in.authorization->value;
        ngx_explicit_memzero(value->data, value->len);
    }

    if (r->upstream && r->upstream->buffer.start) {
        b = &r->upstream->buffer;
        ngx_explicit_memzero(b->start, b->end - b->start);
    }

    if (r->request_body && r->request_body->buf) {
        ngx_http_whatsapp_wipe_body(r);
    }
}


/*
 * A short body lies in the buffer of the head, and behind it may lie the next
 * request.
 */

static void
ngx_http_whatsapp_wipe_body(ngx_http_request_t *r)
{
    u_char     *last;
    ngx_buf_t  *b, *head;

    b = r->request_body->buf;
    head = r->header_in;
    last = b->end;

    if (head && b->start >= head->start && b->start < head->end) {
        last = ngx_min(head->pos, last);
    }

    if (last > b->start) {
        ngx_explicit_memzero(b->start, last - b->start);
    }
}
