
/*
 * Uploads.  The body goes to the controller as it arrives: it never touches
 * the disk, no more than a buffer of it is in memory, and it is sent in chunks
 * when its length is not known.
 */


#include "ngx_http_whatsapp_upstream.h"


/* bytes of a chunk's head: its size in hexadecimal, and CRLF */
#define NGX_HTTP_WHATSAPP_CHUNK_LEN     (sizeof("0000000000000000" CRLF) - 1)


static ngx_int_t ngx_http_whatsapp_chunk(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_chain_t *in, ngx_chain_t **out);
static ngx_chain_t *ngx_http_whatsapp_copy_link(ngx_http_request_t *r,
    ngx_buf_t *b, ngx_chain_t ***ll);
static ngx_int_t ngx_http_whatsapp_chunk_head(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, off_t size, ngx_chain_t **at);
static ngx_int_t ngx_http_whatsapp_chunk_tail(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, off_t size, ngx_uint_t last,
    ngx_chain_t **at);


ngx_int_t
ngx_http_whatsapp_pass_body(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    r->request_body_no_buffering = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_upstream_init);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


/* the buffers are copied, as they may be sent to a second peer */

ngx_int_t
ngx_http_whatsapp_add_body(ngx_http_request_t *r, ngx_chain_t *cl,
    ngx_chain_t *body)
{
    ngx_buf_t  *b;

    for ( /* void */ ; body; body = body->next) {

        b = ngx_alloc_buf(r->pool);
        if (b == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(b, body->buf, sizeof(ngx_buf_t));

        cl->next = ngx_alloc_chain_link(r->pool);
        if (cl->next == NULL) {
            return NGX_ERROR;
        }

        cl = cl->next;

        cl->buf = b;
        cl->next = NULL;
    }

    return NGX_OK;
}


/*
 * The output filter of the upstream, made like the proxy module's: the first
 * buffer is the head of the call, the following ones are wrapped in chunks.
 */

ngx_int_t
ngx_http_whatsapp_chunk_filter(void *data, ngx_chain_t *in)
{
    ngx_http_request_t *r = data;

    ngx_int_t                 rc;
    ngx_chain_t              *out, **ll;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    out = NULL;
    ll = &out;

    if (in && !ctx->head_sent) {
        ctx->head_sent = 1;

        if (ngx_http_whatsapp_copy_link(r, in->buf, &ll) == NULL) {
            return NGX_ERROR;
        }

        in = in->next;
    }

    if (in && ngx_http_whatsapp_chunk(r, ctx, in, ll) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_chain_writer(&r->upstream->writer, out);

    ngx_chain_update_chains(r->pool, &ctx->free, &ctx->busy, &out,
                            (ngx_buf_tag_t) &ngx_http_whatsapp_chunk_filter);

    return rc;
}


/* all buffers of in become one chunk */

static ngx_int_t
ngx_http_whatsapp_chunk(ngx_http_request_t *r, ngx_http_whatsapp_ctx_t *ctx,
    ngx_chain_t *in, ngx_chain_t **out)
{
    off_t         size;
    ngx_buf_t    *b;
    ngx_uint_t    last;
    ngx_chain_t  *cl, **ll;

    size = 0;
    last = 0;
    ll = out;

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        size += ngx_buf_size(b);

        if ((b->flush || b->sync || ngx_buf_in_memory(b))
            && ngx_http_whatsapp_copy_link(r, b, &ll) == NULL)
        {
            return NGX_ERROR;
        }

        if (b->last_buf) {
            b->last_buf = 0;
            last = 1;
        }
    }

    if (ngx_http_whatsapp_chunk_tail(r, ctx, size, last, ll) != NGX_OK) {
        return NGX_ERROR;
    }

    return size ? ngx_http_whatsapp_chunk_head(r, ctx, size, out) : NGX_OK;
}


static ngx_chain_t *
ngx_http_whatsapp_copy_link(ngx_http_request_t *r, ngx_buf_t *b,
    ngx_chain_t ***ll)
{
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NULL;
    }

    cl->buf = b;
    cl->next = NULL;

    **ll = cl;
    *ll = &cl->next;

    return cl;
}


/* inserts the head of a chunk before *at */

static ngx_int_t
ngx_http_whatsapp_chunk_head(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, off_t size, ngx_chain_t **at)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = ngx_chain_get_free_buf(r->pool, &ctx->free);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    b = cl->buf;

    if (b->start == NULL) {
        b->start = ngx_palloc(r->pool, NGX_HTTP_WHATSAPP_CHUNK_LEN);
        if (b->start == NULL) {
            return NGX_ERROR;
        }

        b->end = b->start + NGX_HTTP_WHATSAPP_CHUNK_LEN;
    }

    b->tag = (ngx_buf_tag_t) &ngx_http_whatsapp_chunk_filter;
    b->memory = 0;
    b->temporary = 1;
    b->pos = b->start;
    b->last = ngx_sprintf(b->start, "%xO" CRLF, size);

    cl->next = *at;
    *at = cl;

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_chunk_tail(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, off_t size, ngx_uint_t last,
    ngx_chain_t **at)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (size == 0 && !last) {
        return NGX_OK;
    }

    cl = ngx_chain_get_free_buf(r->pool, &ctx->free);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    b = cl->buf;

    b->tag = (ngx_buf_tag_t) &ngx_http_whatsapp_chunk_filter;
    b->temporary = 0;
    b->memory = 1;
    b->last_buf = last;
    b->pos = (u_char *) CRLF "0" CRLF CRLF;
    b->last = b->pos + (last ? sizeof(CRLF "0" CRLF CRLF) - 1
                             : sizeof(CRLF) - 1);

    if (size == 0) {
        b->pos += sizeof(CRLF) - 1;
    }

    cl->next = NULL;
    *at = cl;

    return NGX_OK;
}
