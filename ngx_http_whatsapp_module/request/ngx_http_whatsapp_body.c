
/*
 * The JSON body of a request.  It is read as it arrives into one bounded
 * buffer of the request's pool, never into nginx's temporary files, and is
 * parsed when it is complete.
 */


#include "ngx_http_whatsapp_request.h"


/* the first buffer of a body whose length is not known, bytes */
#define NGX_HTTP_WHATSAPP_BODY_SIZE     4096


static ngx_int_t ngx_http_whatsapp_packed_body(ngx_http_request_t *r);
static void ngx_http_whatsapp_body_start(ngx_http_request_t *r);
static void ngx_http_whatsapp_body_event(ngx_http_request_t *r);
static ngx_uint_t ngx_http_whatsapp_body_is_cut(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_body_collect(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static void ngx_http_whatsapp_body_drop(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_body_append(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_buf_t *in);
static void ngx_http_whatsapp_body_timeout(ngx_http_request_t *r);


ngx_int_t
ngx_http_whatsapp_check_coding(ngx_http_request_t *r)
{
    ngx_str_t                  *value;
    ngx_http_whatsapp_place_t   place;

    ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

    for ( ;; ) {

        value = ngx_http_whatsapp_next_header(r, "Content-Encoding", &place);

        if (value == NULL) {
            return NGX_OK;
        }

        if (value->len
            && (value->len != sizeof("identity") - 1
                || ngx_strncasecmp(value->data, (u_char *) "identity",
                                   value->len)
                   != 0))
        {
            return ngx_http_whatsapp_packed_body(r);
        }
    }
}


static ngx_int_t
ngx_http_whatsapp_packed_body(ngx_http_request_t *r)
{
    return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_UNSUPPORTED_CODING,
                                   "the body must not be compressed: it is "
                                   "taken without Content-Encoding only");
}
static void ngx_http_whatsapp_body_text(ngx_http_whatsapp_ctx_t *ctx,
    ngx_str_t *text);
static ngx_int_t ngx_http_whatsapp_parse_object(ngx_http_request_t *r,
    ngx_str_t *text, ngx_http_whatsapp_json_t **object);


ngx_int_t
ngx_http_whatsapp_read_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_client_body_handler_pt handler)
{
    off_t                          size;
    ngx_int_t                      rc;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    size = r->headers_in.content_length_n;

    if (size > (off_t) wlcf->json_max_size) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_BODY_TOO_LARGE,
                                       "the body has more than %uz bytes",
                                       wlcf->json_max_size);
    }

    if (size <= 0) {
        size = ngx_min(NGX_HTTP_WHATSAPP_BODY_SIZE, wlcf->json_max_size);
    }

    ctx->body = ngx_create_temp_buf(ngx_http_whatsapp_pool(r), (size_t) size);
    if (ctx->body == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->body_handler = handler;

    /* what another location has begun to read is read here to its end */

    ctx->body_shared = (r->request_body != NULL && !r->reading_body);

    r->request_body_no_buffering = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_whatsapp_body_start);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        ngx_http_whatsapp_body_drop(r, ctx);
        return rc;
    }

    return NGX_DONE;
}


static void
ngx_http_whatsapp_body_start(ngx_http_request_t *r)
{
    r->read_event_handler = ngx_http_whatsapp_body_event;
    r->write_event_handler = ngx_http_request_empty_handler;

    /* nginx resets it if another location has begun to read */

    r->request_body_no_buffering = 1;

    ngx_http_whatsapp_body_event(r);
}


static void
ngx_http_whatsapp_body_event(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    for ( ;; ) {

        rc = ngx_http_whatsapp_body_collect(r, ctx);

        if (rc != NGX_OK) {
            ngx_http_finalize_request(r, rc);
            return;
        }

        if (!r->reading_body) {
            break;
        }

        rc = ngx_http_read_unbuffered_request_body(r);

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
            ngx_http_whatsapp_body_drop(r, ctx);
        }

        if (rc == NGX_HTTP_REQUEST_TIME_OUT) {
            ngx_http_whatsapp_body_timeout(r);
            return;
        }

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
            ngx_http_finalize_request(r, rc);
            return;
        }

        if (rc == NGX_AGAIN && r->request_body->bufs == NULL) {
            return;
        }
    }

    r->read_event_handler = ngx_http_block_reading;

    ctx->body_done = 1;

    if (ngx_http_whatsapp_body_is_cut(r, ctx)) {
        rc = ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                     "another location has taken a part of "
                                     "the body");
        ngx_http_finalize_request(r, rc);
        return;
    }

    ctx->body_handler(r);
}


/* a body without its beginning may still look like a form */

static ngx_uint_t
ngx_http_whatsapp_body_is_cut(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    off_t  len;

    len = ctx->body->last - ctx->body->pos;

    return len > 0 && r->headers_in.content_length_n > len;
}


static ngx_int_t
ngx_http_whatsapp_body_collect(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    /* nginx reads no body for a subrequest */

    if (r->request_body == NULL) {
        return NGX_OK;
    }

    rc = NGX_OK;

    for (cl = r->request_body->bufs; cl && rc == NGX_OK; cl = cl->next) {
        rc = ngx_http_whatsapp_body_append(r, ctx, cl->buf);
    }

    ngx_http_whatsapp_body_drop(r, ctx);

    return rc;
}


/*
 * The buffers that were copied are emptied and overwritten, so that
 * $request_body logs nothing of them, unless another module had read the body
 * before.
 */

static void
ngx_http_whatsapp_body_drop(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_chain_t  *cl, *next;

    if (r->request_body == NULL || ctx->body_shared) {
        return;
    }

    for (cl = r->request_body->bufs; cl; cl = next) {
        next = cl->next;

        ngx_explicit_memzero(cl->buf->pos, cl->buf->last - cl->buf->pos);
        cl->buf->pos = cl->buf->last;
        ngx_free_chain(r->pool, cl);
    }

    r->request_body->bufs = NULL;
}


static ngx_int_t
ngx_http_whatsapp_body_append(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_buf_t *in)
{
    size_t                         len, used, size;
    u_char                        *start;
    ngx_buf_t                     *b;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    b = ctx->body;
    len = in->last - in->pos;
    used = b->last - b->pos;

    if (len > wlcf->json_max_size - used) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_BODY_TOO_LARGE,
                                       "the body has more than %uz bytes",
                                       wlcf->json_max_size);
    }

    if (len > (size_t) (b->end - b->last)) {

        size = ngx_max(used + len, 2 * (size_t) (b->end - b->start));
        size = ngx_min(size, wlcf->json_max_size);

        start = ngx_palloc(ngx_http_whatsapp_pool(r), size);
        if (start == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ngx_memcpy(start, b->pos, used);
        ngx_explicit_memzero(b->pos, used);
        (void) ngx_pfree(ngx_http_whatsapp_pool(r), b->start);

        b->start = start;
        b->pos = start;
        b->last = start + used;
        b->end = start + size;
    }

    b->last = ngx_cpymem(b->last, in->pos, len);

    return NGX_OK;
}


/*
 * ngx_http_finalize_request() sends no answer after a timeout.  A client that
 * wrote too slowly still reads, so the answer is sent here.
 */

static void
ngx_http_whatsapp_body_timeout(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    r->connection->timedout = 0;
    r->connection->read->timedout = 0;
    r->keepalive = 0;

    rc = ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_BODY_TIMEOUT,
                                 "the body did not arrive in time");

    ngx_http_finalize_request(r, ngx_http_special_response_handler(r, rc));
}


ngx_int_t
ngx_http_whatsapp_parse_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t **object,
    ngx_uint_t empty, ngx_uint_t strings)
{
    ngx_int_t  rc;
    ngx_str_t  text;

    /* in HTTP/1, a request without a length has no body */

    if (!empty && r->headers_in.content_length_n < 0
        && !r->headers_in.chunked
        && r->http_version < NGX_HTTP_VERSION_20)
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_LENGTH_REQUIRED,
                                       "the body has no length");
    }

    ngx_http_whatsapp_body_text(ctx, &text);

    if (text.len >= 2 && ngx_memcmp(text.data, "\x1f\x8b", 2) == 0) {
        return ngx_http_whatsapp_packed_body(r);
    }

    if (text.len == 0 && empty) {
        ngx_str_set(&text, "{}");
    }

    if (text.len == 0) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "the body is empty");
    }

    rc = ngx_http_whatsapp_form_json(r, &text, strings);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_whatsapp_parse_object(r, &text, object);
}


ngx_int_t
ngx_http_whatsapp_parse_args(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t **object)
{
    ngx_int_t  rc;
    ngx_str_t  text;

    text = ctx->args;

    rc = ngx_http_whatsapp_args_json(r, &text);

    return rc == NGX_OK ? ngx_http_whatsapp_parse_object(r, &text, object)
                        : rc;
}


/* the body without the byte order mark that some libraries put before it */

static void
ngx_http_whatsapp_body_text(ngx_http_whatsapp_ctx_t *ctx, ngx_str_t *text)
{
    text->data = ctx->body->pos;
    text->len = ctx->body->last - ctx->body->pos;

    if (text->len >= 3 && ngx_memcmp(text->data, "\xef\xbb\xbf", 3) == 0) {
        text->data += 3;
        text->len -= 3;
    }
}


static ngx_int_t
ngx_http_whatsapp_parse_object(ngx_http_request_t *r, ngx_str_t *text,
    ngx_http_whatsapp_json_t **object)
{
    size_t       offset;
    const char  *error;

    *object = ngx_http_whatsapp_json_parse(ngx_http_whatsapp_pool(r), text,
                                           &error, &offset);

    if (*object == NULL && error == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (*object == NULL) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "the body is not valid JSON: %s "
                                       "(byte %uz)", error, offset);
    }

    if ((*object)->type != NGX_HTTP_WHATSAPP_JSON_OBJECT) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "the body is not a JSON object");
    }

    return NGX_OK;
}
