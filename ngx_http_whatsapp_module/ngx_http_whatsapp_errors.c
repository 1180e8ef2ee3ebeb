
/*
 * Graph error objects.  Every error status of our locations, whoever raised
 * it, leaves as one: the filters below stand above all of nginx's own and
 * put the object in the place of whatever body was meant.
 */


#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_abuse.h"


#define NGX_HTTP_WHATSAPP_DETAILS_LEN   512

/* the fixed parts, the title and the numbers */
#define NGX_HTTP_WHATSAPP_ERROR_LEN     512

#define NGX_HTTP_WHATSAPP_TRACE_LEN     16


typedef struct {
    ngx_uint_t                  status;
    ngx_uint_t                  code;
    ngx_uint_t                  subcode;
    ngx_str_t                   title;
} ngx_http_whatsapp_error_def_t;


typedef struct {
    ngx_uint_t                  status;
    ngx_http_whatsapp_error_e   reason;
    ngx_str_t                   details;
} ngx_http_whatsapp_status_t;


typedef struct {
    const char                 *code;
    ngx_http_whatsapp_error_e   reason;
} ngx_http_whatsapp_code_t;


static ngx_int_t ngx_http_whatsapp_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static void ngx_http_whatsapp_status_error(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_uint_t ngx_http_whatsapp_limited(ngx_http_request_t *r);
static ngx_http_whatsapp_abuse_ctx_t *ngx_http_whatsapp_turned_away(
    ngx_http_request_t *r);
static void ngx_http_whatsapp_error_strike(ngx_http_request_t *r,
    ngx_http_whatsapp_error_e reason);
static void ngx_http_whatsapp_error_outcome(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_error_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static u_char *ngx_http_whatsapp_error_print(u_char *p,
    ngx_http_whatsapp_error_t *e, ngx_str_t *trace);
static ngx_int_t ngx_http_whatsapp_error_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);


/* in the order of ngx_http_whatsapp_error_e */

static const ngx_http_whatsapp_error_def_t  ngx_http_whatsapp_errors[] = {

    { 400, 100, 0, ngx_string("Invalid parameter") },
    { 409, 100, 0, ngx_string("Invalid parameter") },
    { 408, 100, 0, ngx_string("Invalid parameter") },
    { 413, 100, 0, ngx_string("Invalid parameter") },
    { 404, 100, 33, ngx_string("Unsupported request: object does not exist") },
    { 405, 100, 0, ngx_string("Unsupported method") },
    { 401, 190, 0, ngx_string("Invalid OAuth access token") },
    { 403, 10, 0, ngx_string("Permission denied") },
    { 403, 368, 0, ngx_string("Temporarily blocked") },
    { 429, 130429, 0, ngx_string("Rate limit hit") },
    { 400, 131008, 0, ngx_string("Required parameter is missing") },
    { 400, 131009, 0, ngx_string("Parameter value is not valid") },
    { 400, 131051, 0, ngx_string("Unsupported message type") },
    { 400, 132000, 0, ngx_string("Template parameter count mismatch") },
    { 404, 132001, 0, ngx_string("Template does not exist") },
    { 400, 132005, 0, ngx_string("Template hydrated text too long") },
    { 400, 132012, 0, ngx_string("Template parameter format mismatch") },
    { 400, 131052, 0, ngx_string("Media download error") },
    { 400, 131053, 0, ngx_string("Media upload error") },
    { 413, 131053, 0, ngx_string("Media upload error") },
    { 400, 131021, 0, ngx_string("Recipient cannot be sender") },
    { 400, 131026, 0, ngx_string("Message undeliverable") },
    { 400, 133010, 0, ngx_string("Phone number not registered") },
    { 403, 131031, 0, ngx_string("Account has been locked") },
    { 400, 131048, 0, ngx_string("Spam rate limit hit") },
    { 503, 131016, 0, ngx_string("Service unavailable") },
    { 503, 131057, 0, ngx_string("Account in maintenance mode") },
    { 500, 131000, 0, ngx_string("Something went wrong") },
    { 504, 131000, 0, ngx_string("Something went wrong") }
};


/* nginx's own refusals; the last row of each class stands for the rest */

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


/* what the controller calls its errors */

static const ngx_http_whatsapp_code_t  ngx_http_whatsapp_codes[] = {

    { "bad_request", NGX_HTTP_WHATSAPP_INVALID_REQUEST },
    { "invalid_parameter", NGX_HTTP_WHATSAPP_PARAMETER_INVALID },
    { "missing_parameter", NGX_HTTP_WHATSAPP_PARAMETER_MISSING },
    { "unsupported_type", NGX_HTTP_WHATSAPP_TYPE_UNSUPPORTED },
    { "own_number", NGX_HTTP_WHATSAPP_OWN_NUMBER },
    { "not_on_whatsapp", NGX_HTTP_WHATSAPP_UNDELIVERABLE },
    { "send_refused", NGX_HTTP_WHATSAPP_UNDELIVERABLE },
    { "media_invalid", NGX_HTTP_WHATSAPP_MEDIA_UPLOAD },
    { "media_too_large", NGX_HTTP_WHATSAPP_MEDIA_TOO_LARGE },
    { "media_full", NGX_HTTP_WHATSAPP_UNAVAILABLE },
    { "media_download_error", NGX_HTTP_WHATSAPP_MEDIA_DOWNLOAD },
    { "media_not_found", NGX_HTTP_WHATSAPP_NOT_FOUND },
    { "group_not_found", NGX_HTTP_WHATSAPP_NOT_FOUND },
    { "forbidden_action", NGX_HTTP_WHATSAPP_PERMISSION_DENIED },
    { "session_not_linked", NGX_HTTP_WHATSAPP_NOT_REGISTERED },
    { "account_restricted", NGX_HTTP_WHATSAPP_ACCOUNT_LOCKED },
    { "spam_limited", NGX_HTTP_WHATSAPP_SPAM_LIMIT },
    { "unauthorized", NGX_HTTP_WHATSAPP_UNAVAILABLE },
    { "forbidden", NGX_HTTP_WHATSAPP_UNAVAILABLE },
    { "unknown_session", NGX_HTTP_WHATSAPP_NOT_FOUND },
    { "unknown_method", NGX_HTTP_WHATSAPP_NOT_FOUND },
    { "not_found", NGX_HTTP_WHATSAPP_NOT_FOUND },
    { "method_not_allowed", NGX_HTTP_WHATSAPP_METHOD_NOT_ALLOWED },
    { "key_reused", NGX_HTTP_WHATSAPP_CONFLICT },
    { "not_in_qr_state", NGX_HTTP_WHATSAPP_CONFLICT },
    { "too_large", NGX_HTTP_WHATSAPP_BODY_TOO_LARGE },
    { "queue_full", NGX_HTTP_WHATSAPP_RATE_LIMIT },
    { "page_error", NGX_HTTP_WHATSAPP_WENT_WRONG },
    { "session_not_ready", NGX_HTTP_WHATSAPP_UNAVAILABLE },
    { "session_restarting", NGX_HTTP_WHATSAPP_MAINTENANCE },
    { "shutting_down", NGX_HTTP_WHATSAPP_UNAVAILABLE },
    { "idempotency_full", NGX_HTTP_WHATSAPP_UNAVAILABLE },
    { "deadline", NGX_HTTP_WHATSAPP_DEADLINE },
    { "connection_lost", NGX_HTTP_WHATSAPP_WENT_WRONG },
    { NULL, NGX_HTTP_WHATSAPP_WENT_WRONG }
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


ngx_int_t
ngx_http_whatsapp_error(ngx_http_request_t *r,
    ngx_http_whatsapp_error_e reason, const char *fmt, ...)
{
    u_char                   *p;
    va_list                   args;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_whatsapp_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_pnalloc(r->pool, NGX_HTTP_WHATSAPP_DETAILS_LEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&ctx->error, sizeof(ngx_http_whatsapp_error_t));

    ctx->error.reason = reason;
    ctx->error.status = ngx_http_whatsapp_errors[reason].status;
    ctx->error.details.data = p;

    va_start(args, fmt);
    p = ngx_vslprintf(p, p + NGX_HTTP_WHATSAPP_DETAILS_LEN, fmt, args);
    va_end(args);

    ctx->error.details.len = p - ctx->error.details.data;

    ctx->failed = 1;
    ctx->keepalive = r->keepalive;

    /* the controller's verdicts are no strikes */

    if (r->upstream == NULL || !r->upstream->request_sent) {
        ngx_http_whatsapp_error_strike(r, reason);
    }

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "whatsapp error (#%ui): %V",
                  ngx_http_whatsapp_errors[reason].code, &ctx->error.details);

    return ctx->error.status;
}


ngx_uint_t
ngx_http_whatsapp_error_code(ngx_http_whatsapp_error_e reason)
{
    return ngx_http_whatsapp_errors[reason].code;
}


ngx_http_whatsapp_error_e
ngx_http_whatsapp_controller_error(u_char *code)
{
    const ngx_http_whatsapp_code_t  *c;

    for (c = ngx_http_whatsapp_codes; c->code; c++) {
        if (ngx_strcmp(code, c->code) == 0) {
            break;
        }
    }

    return c->reason;
}


static ngx_int_t
ngx_http_whatsapp_header_filter(ngx_http_request_t *r)
{
    ngx_http_whatsapp_ctx_t       *ctx;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (!wlcf->enabled || r->headers_out.status < NGX_HTTP_BAD_REQUEST) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_whatsapp_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    /* a too large body is refused before any phase handler of a location */

    if (ngx_http_whatsapp_mask_args(r) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!ctx->failed) {
        ngx_http_whatsapp_status_error(r, ctx);
    }

    ngx_http_whatsapp_error_outcome(r, ctx);

    if (ngx_http_whatsapp_error_body(r, ctx) != NGX_OK
        || ngx_http_whatsapp_error_headers(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /*
     * nginx drops the connection after a 400 because the rest of the input
     * is not trusted; here the body was read to its end
     */

    if (ctx->keepalive && ctx->body_done) {
        r->keepalive = 1;
    }

    ctx->replaced = 1;

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


static void
ngx_http_whatsapp_status_error(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_uint_t                         status;
    const ngx_http_whatsapp_status_t  *s;
    ngx_http_whatsapp_abuse_ctx_t     *abuse;

    status = r->headers_out.status;

    if (ngx_http_whatsapp_limited(r)) {
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
                        ? ngx_http_whatsapp_errors[s->reason].status : status;
    ctx->failed = 1;

    abuse = ngx_http_whatsapp_turned_away(r);

    if (abuse && abuse->status == NGX_HTTP_WHATSAPP_ABUSE_BLOCKED) {
        ctx->error.reason = NGX_HTTP_WHATSAPP_BLOCKED;
        ctx->error.status = status;
        ngx_str_set(&ctx->error.details, "the client's address is blocked");
    }
}


/* what was refused before the call left counts against the client */

static void
ngx_http_whatsapp_error_strike(ngx_http_request_t *r,
    ngx_http_whatsapp_error_e reason)
{
    switch (reason) {

    case NGX_HTTP_WHATSAPP_INVALID_TOKEN:
        ngx_http_whatsapp_abuse_strike(r, NGX_HTTP_WHATSAPP_STRIKE_AUTH);
        return;

    case NGX_HTTP_WHATSAPP_INVALID_REQUEST:
    case NGX_HTTP_WHATSAPP_BODY_TOO_LARGE:
    case NGX_HTTP_WHATSAPP_NOT_FOUND:
    case NGX_HTTP_WHATSAPP_METHOD_NOT_ALLOWED:
    case NGX_HTTP_WHATSAPP_PARAMETER_MISSING:
    case NGX_HTTP_WHATSAPP_PARAMETER_INVALID:
    case NGX_HTTP_WHATSAPP_TYPE_UNSUPPORTED:
    case NGX_HTTP_WHATSAPP_MEDIA_UPLOAD:
    case NGX_HTTP_WHATSAPP_TEMPLATE_COUNT:
    case NGX_HTTP_WHATSAPP_TEMPLATE_UNKNOWN:
    case NGX_HTTP_WHATSAPP_TEMPLATE_FORMAT:
        ngx_http_whatsapp_abuse_strike(r, NGX_HTTP_WHATSAPP_STRIKE_INVALID);
        return;

    default:
        return;
    }
}


/* the check of the address refused, and has set Retry-After itself */

static ngx_http_whatsapp_abuse_ctx_t *
ngx_http_whatsapp_turned_away(ngx_http_request_t *r)
{
    ngx_http_whatsapp_abuse_ctx_t  *abuse;

    abuse = ngx_http_whatsapp_abuse_decision(r);

    if (abuse && abuse->refused == r->headers_out.status) {
        return abuse;
    }

    return NULL;
}


/* nginx's limits are known by their public variables only */

static ngx_uint_t
ngx_http_whatsapp_limited(ngx_http_request_t *r)
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


/*
 * Whatever goes wrong with a send, the client is told whether the message may
 * have gone out.  Until its body was read a POST may be one.
 */

static void
ngx_http_whatsapp_error_outcome(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    if (ctx->call ? !ctx->call->send : r->method != NGX_HTTP_POST) {
        ngx_str_null(&ctx->error.outcome);
        ngx_str_null(&ctx->error.message_id);
        return;
    }

    if (ctx->error.outcome.len) {
        return;
    }

    if (ctx->sent) {
        ngx_str_set(&ctx->error.outcome, "unknown");

    } else {
        ngx_str_set(&ctx->error.outcome, "not_sent");
    }
}


static ngx_int_t
ngx_http_whatsapp_error_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    u_char                         *p;
    size_t                          len;
    ngx_str_t                       trace;
    ngx_http_variable_value_t      *vv;
    ngx_http_whatsapp_error_t      *e;
    ngx_http_whatsapp_main_conf_t  *wmcf;

    wmcf = ngx_http_get_module_main_conf(r, ngx_http_whatsapp_module);

    e = &ctx->error;

    vv = ngx_http_get_indexed_variable(r, wmcf->request_id_index);

    if (vv == NULL || vv->not_found) {
        return NGX_ERROR;
    }

    trace.data = vv->data;
    trace.len = ngx_min(vv->len, NGX_HTTP_WHATSAPP_TRACE_LEN);

    len = NGX_HTTP_WHATSAPP_ERROR_LEN + e->details.len
          + ngx_escape_json(NULL, e->details.data, e->details.len)
          + 2 * (e->outcome.len + e->message_id.len);

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->error_body.data = p;
    ctx->error_body.len = ngx_http_whatsapp_error_print(p, e, &trace) - p;

    return NGX_OK;
}


static u_char *
ngx_http_whatsapp_error_print(u_char *p, ngx_http_whatsapp_error_t *e,
    ngx_str_t *trace)
{
    const ngx_http_whatsapp_error_def_t  *def;

    def = &ngx_http_whatsapp_errors[e->reason];

    p = ngx_sprintf(p, "{\"error\":{\"message\":\"(#%ui) %V\","
                    "\"type\":\"OAuthException\",\"code\":%ui,",
                    def->code, &def->title, def->code);

    if (def->subcode) {
        p = ngx_sprintf(p, "\"error_subcode\":%ui,", def->subcode);
    }

    p = ngx_sprintf(p, "\"error_data\":{\"messaging_product\":\"whatsapp\","
                    "\"details\":\"");

    p = (u_char *) ngx_escape_json(p, e->details.data, e->details.len);

    if (e->outcome.len) {
        p = ngx_sprintf(p, " outcome=%V", &e->outcome);
    }

    if (e->message_id.len) {
        p = ngx_sprintf(p, " message_id=%V", &e->message_id);
    }

    *p++ = '"';

    if (e->outcome.len) {
        p = ngx_sprintf(p, ",\"outcome\":\"%V\"", &e->outcome);
    }

    if (e->message_id.len) {
        p = ngx_sprintf(p, ",\"message_id\":\"%V\"", &e->message_id);
    }

    return ngx_sprintf(p, "},\"fbtrace_id\":\"%V\"}}", trace);
}


static ngx_int_t
ngx_http_whatsapp_error_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_str_t                       value;
    ngx_http_whatsapp_error_t      *e;
    ngx_http_whatsapp_abuse_ctx_t  *abuse;

    e = &ctx->error;
    abuse = ngx_http_whatsapp_turned_away(r);

    r->headers_out.status = e->status;
    r->headers_out.status_line.len = 0;

    /* the access log takes this one first */

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
ngx_http_whatsapp_add_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    /* not each member exists in each version of nginx */

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

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
