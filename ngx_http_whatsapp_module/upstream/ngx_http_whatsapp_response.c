
/*
 * The controller's response, as callbacks of nginx's upstream.
 *
 * The status line and each header are parsed as their bytes arrive.  Three
 * headers have a meaning, Content-Length, Content-Type and Connection, and for
 * a file Content-Disposition with its name; a
 * Transfer-Encoding is an error, and all others are dropped, so that the
 * controller cannot reach nginx (X-Accel-Redirect) or the client's browser
 * (Set-Cookie) by them.
 *
 * A response needs a Content-Length.  Without it the end of the body would be
 * the end of the connection, and a controller that dies in the middle could
 * not be told from one that is done.  Only the stream of events has none: its
 * reader comes back for the rest in either case.
 *
 * The body of a success is public JSON or a file already, and passes through
 * unbuffered and unchanged.  An error is read whole before the head counts as
 * complete, because the client gets a status and an object made of it; see
 * ngx_http_whatsapp_controller_error.c.
 *
 * The connection is kept only after exactly the announced bytes, and is closed
 * after fewer or more.
 */


#include "ngx_http_whatsapp_upstream.h"
#include "ngx_http_whatsapp_api.h"


/* characters of a Content-Type */
#define NGX_HTTP_WHATSAPP_TYPE_LEN      128

/* what a Content-Disposition begins with, and its characters */
#define NGX_HTTP_WHATSAPP_ATTACHMENT    "attachment"
#define NGX_HTTP_WHATSAPP_NAME_LEN      1024

/* bytes of an error object */
#define NGX_HTTP_WHATSAPP_ERROR_MAX     4096

/* the controller did nothing of what was asked: the body tells why */
#define NGX_HTTP_WHATSAPP_MULTI_STATUS  207


static ngx_int_t ngx_http_whatsapp_process_header(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_process_line(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_copy_header(ngx_http_request_t *r,
    ngx_str_t *to, ngx_str_t *value, size_t max);
static ngx_int_t ngx_http_whatsapp_header_done(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_stream(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_success(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_success_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_file_name(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_uint_t ngx_http_whatsapp_shown_inline(ngx_str_t *type);
static ngx_int_t ngx_http_whatsapp_stream_filter(ngx_http_request_t *r,
    ssize_t bytes);
static ngx_int_t ngx_http_whatsapp_pass(ngx_http_request_t *r, ssize_t bytes);


void
ngx_http_whatsapp_call_left(ngx_http_whatsapp_ctx_t *ctx)
{
    ctx->sent = 1;

    if (ctx->call && ctx->call->send) {
        ctx->passed = 1;
    }
}


ngx_int_t
ngx_http_whatsapp_process_status_line(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_upstream_t      *u;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    u = r->upstream;

    /* also where a filter will refuse the response */

    ngx_http_whatsapp_call_left(ctx);

    rc = ngx_http_parse_status_line(r, &u->buffer, &ctx->status);

    if (rc == NGX_AGAIN) {
        return rc;
    }

    if (rc == NGX_ERROR
        || ctx->status.code < NGX_HTTP_OK
        || (ctx->status.code >= NGX_HTTP_SPECIAL_RESPONSE
            && ctx->status.code < NGX_HTTP_BAD_REQUEST)
        || ctx->status.code > 599)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "whatsapp controller sent invalid status line");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    u->headers_in.status_n = ctx->status.code;

    if (u->state && u->state->status == 0) {
        u->state->status = ctx->status.code;
    }

    if (ctx->status.http_version < NGX_HTTP_VERSION_11) {
        ctx->close = 1;
    }

    u->process_header = ngx_http_whatsapp_process_header;

    return ngx_http_whatsapp_process_header(r);
}


static ngx_int_t
ngx_http_whatsapp_process_header(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    for ( ;; ) {

        rc = ngx_http_parse_header_line(r, &r->upstream->buffer, 1);

        if (rc == NGX_OK) {
            rc = ngx_http_whatsapp_process_line(r, ctx);

            if (rc == NGX_OK) {
                continue;
            }

        } else if (rc == NGX_HTTP_PARSE_HEADER_DONE) {
            rc = ngx_http_whatsapp_header_done(r, ctx);
        }

        if (rc == NGX_OK || rc == NGX_AGAIN || rc == NGX_ERROR
            || ctx->repeated)
        {
            return rc;
        }

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "whatsapp controller sent invalid header");

        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }
}


static ngx_int_t
ngx_http_whatsapp_process_line(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_str_t  name, value;

    name.data = r->header_name_start;
    name.len = r->header_name_end - r->header_name_start;

    value.data = r->header_start;
    value.len = r->header_end - r->header_start;

#define ngx_http_whatsapp_is(s)                                               \
    (name.len == sizeof(s) - 1                                                \
     && ngx_strncasecmp(name.data, (u_char *) s, sizeof(s) - 1) == 0)

    if (ngx_http_whatsapp_is("Content-Length")) {

        if (ctx->length != -1) {
            return NGX_HTTP_UPSTREAM_INVALID_HEADER;
        }

        ctx->length = ngx_atoof(value.data, value.len);

        return ctx->length == NGX_ERROR ? NGX_HTTP_UPSTREAM_INVALID_HEADER
                                        : NGX_OK;
    }

    if (ngx_http_whatsapp_is("Content-Type")) {
        return ngx_http_whatsapp_copy_header(r, &ctx->content_type, &value,
                                             NGX_HTTP_WHATSAPP_TYPE_LEN);
    }

    if (ngx_http_whatsapp_is("Content-Disposition")) {
        return ngx_http_whatsapp_copy_header(r, &ctx->file_name, &value,
                                             NGX_HTTP_WHATSAPP_NAME_LEN);
    }

    if (ngx_http_whatsapp_is("Transfer-Encoding")) {
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    if (ngx_http_whatsapp_is("Connection")
        && ngx_strlcasestrn(value.data, value.data + value.len,
                            (u_char *) "close", sizeof("close") - 2)
           != NULL)
    {
        ctx->close = 1;
    }

#undef ngx_http_whatsapp_is

    return NGX_OK;
}


/* a header that may be there once, of at most max visible characters */

static ngx_int_t
ngx_http_whatsapp_copy_header(ngx_http_request_t *r, ngx_str_t *to,
    ngx_str_t *value, size_t max)
{
    size_t  i;

    if (to->data || value->len > max) {
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    for (i = 0; i < value->len; i++) {
        if (value->data[i] < 0x20 || value->data[i] >= 0x7f) {
            return NGX_HTTP_UPSTREAM_INVALID_HEADER;
        }
    }

    to->data = ngx_pstrdup(ngx_http_whatsapp_pool(r), value);
    to->len = value->len;

    return to->data ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_whatsapp_header_done(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (ctx->length == -1) {
        return ngx_http_whatsapp_stream(r, ctx);
    }

    if (u->headers_in.status_n == NGX_HTTP_WHATSAPP_MULTI_STATUS) {

        /* the filter puts the error into the body, which goes out as it is */

        if (ctx->route->method == NGX_HTTP_WHATSAPP_METHOD_GROUP_PARTICIPANTS)
        {
            (void) ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_UNDELIVERABLE,
                                           "none of the participants is on "
                                           "WhatsApp, failed_participants "
                                           "says so of each");

        } else {
            (void) ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_BLOCK_FAILED,
                                           "nobody was blocked or unblocked, "
                                           "failed_users says why");
        }

        if (!ctx->failed) {
            return NGX_ERROR;
        }

        ctx->error_beside = 1;
        u->headers_in.status_n = ctx->error.status;

        return ngx_http_whatsapp_success(r, ctx);
    }

    if (u->headers_in.status_n >= NGX_HTTP_BAD_REQUEST) {

        if (ctx->length > NGX_HTTP_WHATSAPP_ERROR_MAX
            || ctx->length > u->buffer.end - u->buffer.pos)
        {
            return NGX_HTTP_UPSTREAM_INVALID_HEADER;
        }

        u->process_header = ngx_http_whatsapp_process_error;

        return ngx_http_whatsapp_process_error(r);
    }

    return ngx_http_whatsapp_success(r, ctx);
}


/* proxies on the way to the client must not buffer or compress a stream */

static ngx_int_t
ngx_http_whatsapp_stream(ngx_http_request_t *r, ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_str_t  value;

    if (ctx->route == NULL
        || !(ctx->route->flags & NGX_HTTP_WHATSAPP_STREAM)
        || ctx->status.code != NGX_HTTP_OK)
    {
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

#if (NGX_HTTP_GZIP)
    r->gzip_tested = 1;
    r->gzip_ok = 0;
#endif

    ngx_str_set(&value, "no");

    if (ngx_http_whatsapp_add_header(r, "X-Accel-Buffering", &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_whatsapp_success(r, ctx);
}


static ngx_int_t
ngx_http_whatsapp_success(ngx_http_request_t *r, ngx_http_whatsapp_ctx_t *ctx)
{
    u_char               *p;
    size_t                rest;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    u->headers_in.content_length_n = ctx->length;

    r->headers_out.content_type = ctx->content_type;
    r->headers_out.content_type_lowcase = NULL;

    p = ngx_strlchr(ctx->content_type.data,
                    ctx->content_type.data + ctx->content_type.len, ';');

    r->headers_out.content_type_len = p ? (size_t) (p - ctx->content_type.data)
                                        : ctx->content_type.len;

    /* the body filter, which also sets keepalive, does not run for a HEAD */

    rest = u->buffer.last - u->buffer.pos;

    if ((off_t) rest == ctx->length) {
        u->keepalive = !ctx->close;
    }

    return ngx_http_whatsapp_success_headers(r, ctx);
}


/* anyone may have sent the file, so no browser may take it for a page */

static ngx_int_t
ngx_http_whatsapp_success_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_str_t  value;

    if (ctx->route == NULL
        || !(ctx->route->flags & NGX_HTTP_WHATSAPP_FILE))
    {
        return NGX_OK;
    }

    /* nginx's range filter cuts one range out of the file */

    r->allow_ranges = 1;
    r->single_range = 1;

    ngx_str_set(&value, "nosniff");

    if (ngx_http_whatsapp_add_header(r, "X-Content-Type-Options", &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_whatsapp_file_name(r, ctx);
}


/*
 * Content-Disposition: the controller says "attachment" and the file's name;
 * what a browser may show is "inline", or has no such header without a name.
 */

static ngx_int_t
ngx_http_whatsapp_file_name(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    size_t      len;
    u_char     *p;
    ngx_str_t   value, *name;
    ngx_uint_t  shown;

    name = &ctx->file_name;
    len = sizeof(NGX_HTTP_WHATSAPP_ATTACHMENT) - 1;
    shown = ngx_http_whatsapp_shown_inline(&ctx->content_type);

    if (name->len <= len
        || ngx_strncmp(name->data, NGX_HTTP_WHATSAPP_ATTACHMENT ";", len + 1)
           != 0)
    {
        if (shown) {
            return NGX_OK;
        }

        ngx_str_set(&value, NGX_HTTP_WHATSAPP_ATTACHMENT);

        return ngx_http_whatsapp_add_header(r, "Content-Disposition", &value);
    }

    if (!shown) {
        return ngx_http_whatsapp_add_header(r, "Content-Disposition", name);
    }

    p = ngx_pnalloc(ngx_http_whatsapp_pool(r), name->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value.data = p;
    value.len = ngx_sprintf(p, "inline%*s", name->len - len, name->data + len)
                - p;

    return ngx_http_whatsapp_add_header(r, "Content-Disposition", &value);
}


/*
 * Types without scripts, which a browser may show inline (so not SVG).  The
 * sender of a message chooses its file's type: "image/png+xml" is XML.
 */

static ngx_uint_t
ngx_http_whatsapp_shown_inline(ngx_str_t *type)
{
    size_t        len;
    u_char       *end;
    const char  **p;

    static const char  *types[] = {
        "image/jpeg", "image/png", "image/webp", "audio/", "video/", NULL
    };

    end = ngx_strlchr(type->data, type->data + type->len, ';');

    if (end == NULL) {
        end = type->data + type->len;
    }

    if (ngx_strlchr(type->data, end, '+') != NULL) {
        return 0;
    }

    for (p = types; *p; p++) {
        len = ngx_strlen(*p);

        if ((size_t) (end - type->data) >= len
            && ngx_strncasecmp(type->data, (u_char *) *p, len) == 0
            && ((*p)[len - 1] == '/' || type->data + len == end))
        {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_whatsapp_input_filter_init(void *data)
{
    ngx_http_request_t *r = data;

    ngx_http_upstream_t      *u;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    u = r->upstream;

    u->length = ctx->length;

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_input_filter(void *data, ssize_t bytes)
{
    ngx_http_request_t *r = data;

    ngx_http_upstream_t      *u;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    u = r->upstream;

    if (u->length == -1) {
        return ngx_http_whatsapp_stream_filter(r, bytes);
    }

    u->keepalive = (bytes == u->length && !ctx->close);

    if (bytes > u->length) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "whatsapp controller sent more data than specified in "
                      "\"Content-Length\" header");
        bytes = u->length;
    }

    u->length -= bytes;

    return ngx_http_whatsapp_pass(r, bytes);
}


/*
 * A worker that is to exit waits for its requests, and a stream has no end: it
 * ends between two events, or after the next sign of life of the controller.
 */

static ngx_int_t
ngx_http_whatsapp_stream_filter(ngx_http_request_t *r, ssize_t bytes)
{
    ngx_buf_t  *b;

    if (ngx_http_whatsapp_pass(r, bytes) != NGX_OK) {
        return NGX_ERROR;
    }

    b = &r->upstream->buffer;

    if (ngx_exiting && bytes > 1 && b->last[-1] == LF && b->last[-2] == LF) {
        r->upstream->length = 0;
    }

    return NGX_OK;
}


/* appends the bytes that were read to what goes to the client */

static ngx_int_t
ngx_http_whatsapp_pass(ngx_http_request_t *r, ssize_t bytes)
{
    ngx_buf_t            *b;
    ngx_chain_t          *cl, **ll;
    ngx_http_upstream_t  *u;

    if (bytes == 0) {
        return NGX_OK;
    }

    u = r->upstream;
    b = &u->buffer;

    for (cl = u->out_bufs, ll = &u->out_bufs; cl; cl = cl->next) {
        ll = &cl->next;
    }

    cl = ngx_chain_get_free_buf(r->pool, &u->free_bufs);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    *ll = cl;

    cl->buf->flush = 1;
    cl->buf->memory = 1;

    cl->buf->pos = b->last;
    b->last += bytes;
    cl->buf->last = b->last;
    cl->buf->tag = u->output.tag;

    return NGX_OK;
}
