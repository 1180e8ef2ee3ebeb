
/*
 * Every error status of our locations, whoever raised it, becomes a Graph
 * error object.  These filters run before all of nginx's own, and put the
 * object in the place of the body that follows.
 */


#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_abuse.h"


typedef struct {
    ngx_uint_t                  status;
    ngx_http_whatsapp_error_e   reason;
    ngx_str_t                   details;
} ngx_http_whatsapp_status_t;


static ngx_int_t ngx_http_whatsapp_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_whatsapp_insert_error(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_chain_t *in);
static void ngx_http_whatsapp_status_error(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_http_whatsapp_abuse_ctx_t *ngx_http_whatsapp_abuse_refused(
    ngx_http_request_t *r);
static ngx_uint_t ngx_http_whatsapp_limit_rejected(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_error_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);


/* errors that nginx raises; the last row of each class stands for the rest */

static const ngx_http_whatsapp_status_t  ngx_http_whatsapp_statuses[] = {

    { 401, NGX_HTTP_WHATSAPP_INVALID_TOKEN,
      ngx_string("authentication is required") },

    { 403, NGX_HTTP_WHATSAPP_PERMISSION_DENIED,
      ngx_string("access is denied") },

    { 404, NGX_HTTP_WHATSAPP_NOT_FOUND,
      ngx_string("the object does not exist") },

    { 405, NGX_HTTP_WHATSAPP_METHOD_NOT_ALLOWED,
      ngx_string("the method is not allowed") },

    { 408, NGX_HTTP_WHATSAPP_BODY_TIMEOUT,
      ngx_string("the body did not arrive in time") },

    { 413, NGX_HTTP_WHATSAPP_BODY_TOO_LARGE,
      ngx_string("the body is too large") },

    { 429, NGX_HTTP_WHATSAPP_RATE_LIMIT,
      ngx_string("too many requests") },

    { 499, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
      ngx_string("the request is not valid") },

    { 502, NGX_HTTP_WHATSAPP_UNAVAILABLE,
      ngx_string("the controller cannot be reached") },

    { 503, NGX_HTTP_WHATSAPP_UNAVAILABLE,
      ngx_string("the service is not available") },

    { 504, NGX_HTTP_WHATSAPP_DEADLINE,
      ngx_string("the controller did not answer in time") },

    { 599, NGX_HTTP_WHATSAPP_WENT_WRONG,
      ngx_string("the request could not be processed") }
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


static ngx_int_t
ngx_http_whatsapp_header_filter(ngx_http_request_t *r)
{
    ngx_http_whatsapp_ctx_t       *ctx;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    static ngx_str_t  private = ngx_string("private, no-store");

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (!wlcf->enabled) {
        return ngx_http_next_header_filter(r);
    }

    /* answers hold personal data, which no cache on the way may store */

    if (ngx_http_whatsapp_add_header(r, "Cache-Control", &private)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (r->headers_out.status < NGX_HTTP_BAD_REQUEST) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_whatsapp_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    /* nginx refuses a too large body before our rewrite handler runs */

    if (ngx_http_whatsapp_mask_args(r) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!ctx->failed) {
        ngx_http_whatsapp_status_error(r, ctx);
    }

    if (ngx_http_whatsapp_error_body(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->error_beside) {
        r->headers_out.content_length_n += ctx->error_body.len - 1;

    } else if (ngx_http_whatsapp_error_headers(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    /*
     * nginx closes the connection after a 400, as it cannot tell where the
     * next request begins; once the body is read to its end it can
     */

    if (ctx->keepalive && ctx->body_done) {
        r->keepalive = 1;
    }

    ctx->replaced = !ctx->error_beside;

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_whatsapp_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t                *b;
    ngx_chain_t              *cl, out;
    ngx_http_whatsapp_ctx_t  *ctx;

    if (in == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    if (ctx && ctx->error_beside && !ctx->replaced_sent) {
        return ngx_http_whatsapp_insert_error(r, ctx, in);
    }

    if (ctx == NULL || !ctx->replaced) {
        return ngx_http_next_body_filter(r, in);
    }

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }

    if (ctx->replaced_sent) {
        return ngx_http_next_body_filter(r, NULL);
    }

    ctx->replaced_sent = 1;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = ctx->error_body.data;
    b->last = b->pos + ctx->error_body.len;
    b->memory = 1;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_body_filter(r, &out);
}


/*
 * The error object goes before the members of the body, another object: its
 * closing brace and the body's opening one become a comma.
 */

static ngx_int_t
ngx_http_whatsapp_insert_error(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl, out;

    for (cl = in; cl && cl->buf->pos == cl->buf->last; cl = cl->next) {
        /* void */
    }

    if (cl == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    *cl->buf->pos = ',';

    b->pos = ctx->error_body.data;
    b->last = b->pos + ctx->error_body.len - 1;
    b->memory = 1;

    out.buf = b;
    out.next = in;

    ctx->replaced_sent = 1;

    return ngx_http_next_body_filter(r, &out);
}


static void
ngx_http_whatsapp_status_error(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_uint_t                         status;
    const ngx_http_whatsapp_status_t  *s;
    ngx_http_whatsapp_abuse_ctx_t     *abuse;

    status = r->headers_out.status;

    if (ngx_http_whatsapp_limit_rejected(r)) {
        status = NGX_HTTP_TOO_MANY_REQUESTS;
    }

    for (s = ngx_http_whatsapp_statuses; s->status < 599; s++) {

        if (s->status == status
            || (s->status == 499 && status < NGX_HTTP_INTERNAL_SERVER_ERROR))
        {
            break;
        }
    }

    ngx_memzero(&ctx->error, sizeof(ngx_http_whatsapp_error_t));

    ctx->error.reason = s->reason;

    if (status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE
        && ngx_http_whatsapp_uri_upload(r))
    {
        ctx->error.reason = NGX_HTTP_WHATSAPP_MEDIA_TOO_LARGE;
    }

    ctx->error.details = s->details;
    ctx->error.status = (s->status == status)
                        ? ngx_http_whatsapp_error_status(s->reason) : status;
    ctx->failed = 1;

    abuse = ngx_http_whatsapp_abuse_refused(r);

    if (abuse && abuse->status == NGX_HTTP_WHATSAPP_ABUSE_BLOCKED) {
        ctx->error.reason = NGX_HTTP_WHATSAPP_BLOCKED;
        ctx->error.status = status;
        ngx_str_set(&ctx->error.details, "the client's address is blocked");
    }
}


/* NULL: the abuse module did not refuse r; it sets Retry-After itself */

static ngx_http_whatsapp_abuse_ctx_t *
ngx_http_whatsapp_abuse_refused(ngx_http_request_t *r)
{
    ngx_http_whatsapp_abuse_ctx_t  *abuse;

    abuse = ngx_http_whatsapp_abuse_decision(r);

    if (abuse && abuse->refused == r->headers_out.status) {
        return abuse;
    }

    return NULL;
}


/* limit_req and limit_conn tell their verdicts by variables only */

static ngx_uint_t
ngx_http_whatsapp_limit_rejected(ngx_http_request_t *r)
{
    ngx_uint_t                  i, key;
    ngx_http_variable_value_t  *vv;

    static ngx_str_t  names[] = {
        ngx_string("limit_req_status"),
        ngx_string("limit_conn_status")
    };

    for (i = 0; i < 2; i++) {

        key = ngx_hash_key(names[i].data, names[i].len);

        vv = ngx_http_get_variable(r, &names[i], key);

        if (vv && !vv->not_found
            && vv->len == sizeof("REJECTED") - 1
            && ngx_strncmp(vv->data, "REJECTED", vv->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_whatsapp_error_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_str_t                       value;
    ngx_http_whatsapp_error_t      *e;
    ngx_http_whatsapp_abuse_ctx_t  *abuse;

    e = &ctx->error;
    abuse = ngx_http_whatsapp_abuse_refused(r);

    r->headers_out.status = e->status;
    r->headers_out.status_line.len = 0;

    /* the access log prefers err_status */

    if (r->err_status) {
        r->err_status = e->status;
    }

    ngx_str_set(&r->headers_out.content_type, "application/json");
    ngx_str_set(&r->headers_out.charset, "UTF-8");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    r->headers_out.content_length_n = ctx->error_body.len;

    if (abuse == NULL
        && (e->status == NGX_HTTP_TOO_MANY_REQUESTS
            || e->status == NGX_HTTP_SERVICE_UNAVAILABLE))
    {
        value.data = ngx_pnalloc(r->pool, NGX_TIME_T_LEN);
        if (value.data == NULL) {
            return NGX_ERROR;
        }

        value.len = ngx_sprintf(value.data, "%T", ngx_max(e->retry_after, 1))
                    - value.data;

        if (ngx_http_whatsapp_add_header(r, "Retry-After", &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (e->status == NGX_HTTP_NOT_ALLOWED && ctx->allow.len) {
        return ngx_http_whatsapp_add_header(r, "Allow", &ctx->allow);
    }

    if (e->status == NGX_HTTP_UNAUTHORIZED
        && r->headers_out.www_authenticate == NULL)
    {
        ngx_str_set(&value, "Bearer");
        return ngx_http_whatsapp_add_header(r, "WWW-Authenticate", &value);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_whatsapp_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_whatsapp_body_filter;

    return NGX_OK;
}
