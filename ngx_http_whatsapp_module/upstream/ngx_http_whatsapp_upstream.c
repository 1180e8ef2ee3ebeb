
/*
 * The content handler.  A request that passed nginx's limits is routed and
 * authenticated, its body is read and validated, and only then a call to the
 * controller is made of it, over nginx's upstream.
 */


#include "ngx_http_whatsapp_upstream.h"
#include "ngx_http_whatsapp_api.h"


/* Retry-After while the controller is away, seconds */
#define NGX_HTTP_WHATSAPP_RETRY_AFTER   2

/* the longest X-Deadline-Ms that the controller takes, ms */
#define NGX_HTTP_WHATSAPP_DEADLINE_MAX  600000


static ngx_uint_t ngx_http_whatsapp_second_pass(ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_repeat_error(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_start_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_check_access(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_send_answer(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static void ngx_http_whatsapp_body_ready(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_init_upstream(ngx_http_request_t *r);
static ngx_http_upstream_conf_t *ngx_http_whatsapp_upstream_conf(
    ngx_http_request_t *r, ngx_http_upstream_conf_t *conf);

static ngx_int_t ngx_http_whatsapp_create_request(ngx_http_request_t *r);
static ngx_msec_t ngx_http_whatsapp_deadline(ngx_msec_t timeout);
static u_char *ngx_http_whatsapp_body_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, u_char *p);
static ngx_int_t ngx_http_whatsapp_reinit_request(ngx_http_request_t *r);
static void ngx_http_whatsapp_abort_request(ngx_http_request_t *r);
static void ngx_http_whatsapp_finalize_request(ngx_http_request_t *r,
    ngx_int_t rc);


ngx_int_t
ngx_http_whatsapp_handler(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_whatsapp_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_whatsapp_check_access(r, ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ctx->route->flags & (NGX_HTTP_WHATSAPP_JSON|NGX_HTTP_WHATSAPP_UPLOAD))
    {
        rc = ngx_http_whatsapp_check_coding(r);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    /* another module has read the body into a temporary file */

    if (r->request_body && r->request_body->temp_file) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "whatsapp body was buffered to a temporary file");
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->route->flags & NGX_HTTP_WHATSAPP_JSON) {

        if (ngx_http_whatsapp_second_pass(ctx)) {
            return ngx_http_whatsapp_repeat_error(r, ctx);
        }

        rc = ngx_http_whatsapp_idempotency_key(r, ctx);

        if (rc != NGX_OK) {
            return rc;
        }

        return ngx_http_whatsapp_read_body(r, ctx,
                                           ngx_http_whatsapp_body_ready);
    }

    if (!(ctx->route->flags & NGX_HTTP_WHATSAPP_UPLOAD)) {

        rc = ngx_http_discard_request_body(r);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ngx_http_whatsapp_start_call(r, ctx);
}


/*
 * An error page may lead from one of our locations to another.  A send goes no
 * second way once it was passed on, nor does a call whose body is used up.
 */

static ngx_uint_t
ngx_http_whatsapp_second_pass(ngx_http_whatsapp_ctx_t *ctx)
{
    if (ctx->passed && (ctx->call == NULL || ctx->call->send)) {
        return 1;
    }

    return ctx->body_done && !ctx->body_shared;
}


/* the client is told what it would have been told by the first location */

static ngx_int_t
ngx_http_whatsapp_repeat_error(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    if (ctx->error.details.len) {
        ctx->failed = 1;
        ctx->keepalive = r->keepalive;

        return ctx->error.status;
    }

    return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_WENT_WRONG,
                                   "the request was passed on before");
}


/* for calls without a JSON body: an upload is passed on as it is */

static ngx_int_t
ngx_http_whatsapp_start_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = ngx_http_whatsapp_create_call(r, ctx);

    if (rc == NGX_DECLINED) {
        return ngx_http_whatsapp_send_answer(r, ctx);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_whatsapp_init_upstream(r);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ctx->route->flags & NGX_HTTP_WHATSAPP_UPLOAD) {
        return ngx_http_whatsapp_pass_body(r);
    }

    /* set for a route before a redirect, it would append that one's body */

    r->request_body_no_buffering = 0;

    r->main->count++;

    ngx_http_upstream_init(r);

    return NGX_DONE;
}


static ngx_int_t
ngx_http_whatsapp_check_access(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_int_t   rc, routed;
    ngx_uint_t  session_in_path;

    routed = ngx_http_whatsapp_route(r, ctx);

    /* without a token nobody learns which paths exist */

    if (routed != NGX_OK || !ngx_http_whatsapp_route_no_auth(ctx->route)) {

        session_in_path = routed == NGX_OK
                          && (ctx->route->flags
                              & NGX_HTTP_WHATSAPP_UNDER_SESSION);

        rc = ngx_http_whatsapp_authenticate(r, ctx, session_in_path);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (routed == NGX_DECLINED) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_NOT_FOUND,
                                       "the path is not part of the API");
    }

    if (routed == NGX_HTTP_NOT_ALLOWED) {
        return ngx_http_whatsapp_error(r,
                                       NGX_HTTP_WHATSAPP_METHOD_NOT_ALLOWED,
                                       "the method is not one of %V",
                                       &ctx->allow);
    }

    if (routed != NGX_OK || ngx_http_whatsapp_route_no_auth(ctx->route)) {
        return routed;
    }

    return ngx_http_whatsapp_authorize(r, ctx,
                                       ngx_http_whatsapp_route_scopes(
                                                                 ctx->route));
}


/* calls answered by nginx, without the controller */

static ngx_int_t
ngx_http_whatsapp_send_answer(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_str_t                 type;
    ngx_http_complex_value_t  value;

    ngx_memzero(&value, sizeof(ngx_http_complex_value_t));

    value.value = ctx->answer;

    type = ctx->answer_type;

    if (type.len == 0) {
        ngx_str_set(&type, "application/json; charset=UTF-8");
    }

    return ngx_http_send_response(r, NGX_HTTP_OK, &type, &value);
}


static void
ngx_http_whatsapp_body_ready(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    rc = ngx_http_whatsapp_create_call(r, ctx);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_init_upstream(r);

    } else if (rc == NGX_DECLINED) {
        ngx_http_finalize_request(r, ngx_http_whatsapp_send_answer(r, ctx));
        return;
    }

    if (rc != NGX_OK) {
        ngx_http_finalize_request(r, rc);
        return;
    }

    /* else nginx would append the client's body to the call */

    r->request_body_no_buffering = 0;

    ngx_http_upstream_init(r);
}


static ngx_int_t
ngx_http_whatsapp_init_upstream(ngx_http_request_t *r)
{
    ngx_http_upstream_t           *u;
    ngx_http_upstream_conf_t      *conf;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    conf = ngx_http_whatsapp_upstream_conf(r, &wlcf->upstream);

    if (conf == NULL
        || ngx_http_whatsapp_create_upstream(r, conf) != NGX_OK
        || (wlcf->pass && ngx_http_whatsapp_eval_pass(r, wlcf) != NGX_OK))
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    u = r->upstream;

    ngx_http_whatsapp_watch_output(r);

    u->create_request = ngx_http_whatsapp_create_request;
    u->finalize_request = ngx_http_whatsapp_finalize_request;

    u->input_filter_init = ngx_http_whatsapp_input_filter_init;
    u->input_filter = ngx_http_whatsapp_input_filter;

    return NGX_OK;
}


/*
 * nginx passes a request that is no POST to another peer even after its bytes
 * have left.  A send may come by GET, so that one goes to one peer only.
 */

static ngx_http_upstream_conf_t *
ngx_http_whatsapp_upstream_conf(ngx_http_request_t *r,
    ngx_http_upstream_conf_t *conf)
{
    ngx_http_whatsapp_ctx_t   *ctx;
    ngx_http_upstream_conf_t  *single;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    if (r->method != NGX_HTTP_GET || ctx->call == NULL || !ctx->call->send) {
        return conf;
    }

    single = ngx_palloc(r->pool, sizeof(ngx_http_upstream_conf_t));

    if (single) {
        *single = *conf;
        single->next_upstream = NGX_HTTP_UPSTREAM_FT_OFF;
    }

    return single;
}


ngx_int_t
ngx_http_whatsapp_create_upstream(ngx_http_request_t *r,
    ngx_http_upstream_conf_t *conf)
{
    ngx_http_upstream_t  *u;

    if (ngx_http_upstream_create(r) != NGX_OK) {
        return NGX_ERROR;
    }

    u = r->upstream;

    ngx_str_set(&u->schema, "whatsapp://");
    u->output.tag = (ngx_buf_tag_t) &ngx_http_whatsapp_module;

    u->conf = conf;

    u->reinit_request = ngx_http_whatsapp_reinit_request;
    u->abort_request = ngx_http_whatsapp_abort_request;

    u->input_filter_ctx = r;

    /* an error page may be a call too: the first call's response is dropped */

    return ngx_http_whatsapp_reinit_request(r);
}


/* a call holds constants, numbers and validated strings only */

static ngx_int_t
ngx_http_whatsapp_create_request(ngx_http_request_t *r)
{
    size_t                         len;
    ngx_buf_t                     *b;
    ngx_chain_t                   *body;
    ngx_http_whatsapp_ctx_t       *ctx;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);
    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    body = r->upstream->request_bufs;

    len = sizeof("DELETE  HTTP/1.1" CRLF "Idempotency-Key: " CRLF
                 "Idempotency-Scope: " CRLF
                 "Content-Type: application/json" CRLF
                 "X-Deadline-Ms: " CRLF
                 "Transfer-Encoding: chunked" CRLF CRLF) - 1
          + NGX_INT64_LEN + NGX_OFF_T_LEN
          + ctx->uri.len + wlcf->head.len + ctx->headers.len + ctx->key.len
          + ctx->key_scope.len + ctx->upload_type.len + ctx->call_body.len;

    b = ngx_http_whatsapp_request_buf(r, len);
    if (b == NULL) {
        return NGX_ERROR;
    }

    if (ctx->method.len == 0) {
        ngx_str_set(&ctx->method, "GET");
    }

    b->last = ngx_sprintf(b->last, "%V %V HTTP/1.1" CRLF "%V%V"
                          "X-Deadline-Ms: %M" CRLF,
                          &ctx->method, &ctx->uri, &wlcf->head,
                          &ctx->headers, ngx_http_whatsapp_deadline(
                                             r->upstream->conf->read_timeout));

    if (ctx->call && ctx->call->send) {
        b->last = ngx_sprintf(b->last, "Idempotency-Key: %V" CRLF, &ctx->key);

        if (ctx->key_scope.len) {
            b->last = ngx_sprintf(b->last, "Idempotency-Scope: %V" CRLF,
                                  &ctx->key_scope);
        }
    }

    b->last = ngx_http_whatsapp_body_headers(r, ctx, b->last);

    *b->last++ = CR; *b->last++ = LF;

    b->last = ngx_cpymem(b->last, ctx->call_body.data, ctx->call_body.len);

    /* nginx itself appends a body that still arrives */

    if (ctx->upload_type.len && !r->request_body_no_buffering) {
        return ngx_http_whatsapp_add_body(r, r->upstream->request_bufs, body);
    }

    return NGX_OK;
}


/*
 * The controller's deadline is a tenth before nginx's read timeout, at most a
 * second, so that the controller can still say what became of the call.
 */

static ngx_msec_t
ngx_http_whatsapp_deadline(ngx_msec_t timeout)
{
    return ngx_min(timeout - ngx_min(timeout / 10, 1000),
                   NGX_HTTP_WHATSAPP_DEADLINE_MAX);
}


ngx_buf_t *
ngx_http_whatsapp_request_buf(ngx_http_request_t *r, size_t len)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = ngx_create_temp_buf(ngx_http_whatsapp_pool(r), len);
    if (b == NULL) {
        return NULL;
    }

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NULL;
    }

    cl->buf = b;
    cl->next = NULL;

    r->upstream->request_bufs = cl;

    return b;
}


u_char *
ngx_http_whatsapp_request_head(u_char *p, ngx_str_t *secret)
{
    p = ngx_sprintf(p, "Host: whatsapp-controller" CRLF);

    if (secret->len) {
        p = ngx_sprintf(p, "X-Whatsapp-Secret: %V" CRLF, secret);
    }

    return p;
}


/* an upload whose length is not known is sent in chunks */

static u_char *
ngx_http_whatsapp_body_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, u_char *p)
{
    if (ctx->call_body.len) {
        return ngx_sprintf(p, "Content-Type: application/json" CRLF
                           "Content-Length: %uz" CRLF, ctx->call_body.len);
    }

    if (ctx->upload_type.len == 0) {
        return (ctx->method.data[0] == 'P')
               ? ngx_sprintf(p, "Content-Length: 0" CRLF) : p;
    }

    p = ngx_sprintf(p, "Content-Type: %V" CRLF, &ctx->upload_type);

    if (r->headers_in.chunked && r->reading_body) {

        r->upstream->output.output_filter = ngx_http_whatsapp_chunk_filter;
        r->upstream->output.filter_ctx = r;

        return ngx_sprintf(p, "Transfer-Encoding: chunked" CRLF);
    }

    return ngx_sprintf(p, "Content-Length: %O" CRLF,
                       r->headers_in.content_length_n);
}


static ngx_int_t
ngx_http_whatsapp_reinit_request(ngx_http_request_t *r)
{
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    ngx_memzero(&ctx->status, sizeof(ngx_http_status_t));
    ngx_str_null(&ctx->content_type);
    ngx_str_null(&ctx->file_name);

    ctx->length = -1;
    ctx->close = 0;
    ctx->failed = 0;
    ctx->repeated = 0;

    r->upstream->process_header = ngx_http_whatsapp_process_status_line;
    r->state = 0;

    return NGX_OK;
}


static void
ngx_http_whatsapp_abort_request(ngx_http_request_t *r)
{
    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "abort http whatsapp request");
}


/*
 * Without a response of the controller the outcome of a call is "not_sent"
 * only if no byte of it left to any peer, but for attempts of which a peer
 * said that it did nothing.
 */

static void
ngx_http_whatsapp_finalize_request(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_uint_t                  i;
    ngx_http_whatsapp_ctx_t    *ctx;
    ngx_http_upstream_state_t  *state;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "finalize http whatsapp request: %i", rc);

    /* a redirect to an error page may have cleared the context in r */

    ctx = ngx_http_whatsapp_find_ctx(r);

    if (ctx->failed || r->upstream->header_sent
        || rc < NGX_HTTP_INTERNAL_SERVER_ERROR)
    {
        return;
    }

    state = r->upstream_states->elts;

    for (i = ctx->attempts; i < r->upstream_states->nelts; i++) {
        if (state[i].bytes_sent > 0) {
            ngx_http_whatsapp_call_left(ctx);
        }
    }

    if (!ctx->sent) {
        (void) ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_UNAVAILABLE,
                                       "the controller cannot be reached");
        ctx->error.retry_after = NGX_HTTP_WHATSAPP_RETRY_AFTER;
        return;
    }

    if (rc == NGX_HTTP_GATEWAY_TIME_OUT) {
        (void) ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_DEADLINE,
                                       "the controller did not answer in "
                                       "time");
        return;
    }

    /* no Retry-After for a send that may have gone out */

    if (ctx->call && ctx->call->send) {
        (void) ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_WENT_WRONG,
                                       "the controller gave no answer");
        return;
    }

    (void) ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_UNAVAILABLE,
                                   "the controller gave no answer");
    ctx->error.retry_after = NGX_HTTP_WHATSAPP_RETRY_AFTER;
}
