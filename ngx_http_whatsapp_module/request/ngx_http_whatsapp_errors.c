
/*
 * Graph error objects: what a request is refused for, as the client is told.
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
    const char                 *code;
    ngx_http_whatsapp_error_e   reason;
} ngx_http_whatsapp_code_t;


static void ngx_http_whatsapp_error_strike(ngx_http_request_t *r,
    ngx_http_whatsapp_error_e reason);
static void ngx_http_whatsapp_error_outcome(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static u_char *ngx_http_whatsapp_error_print(u_char *p,
    ngx_http_whatsapp_error_t *e, ngx_str_t *trace);


/* in the order of ngx_http_whatsapp_error_e */

static const ngx_http_whatsapp_error_def_t  ngx_http_whatsapp_errors[] = {

    { 400, 100, 0, ngx_string("Invalid parameter") },
    { 409, 100, 0, ngx_string("Invalid parameter") },
    { 406, 100, 0, ngx_string("Invalid parameter") },
    { 408, 100, 0, ngx_string("Invalid parameter") },
    { 411, 100, 0, ngx_string("Invalid parameter") },
    { 413, 100, 0, ngx_string("Invalid parameter") },
    { 404, 100, 33, ngx_string("Unsupported request: object does not exist") },
    { 405, 100, 0, ngx_string("Unsupported method") },
    { 401, 190, 0, ngx_string("Invalid OAuth access token") },
    { 403, 10, 0, ngx_string("Permission denied") },
    { 403, 368, 0, ngx_string("Temporarily blocked") },
    { 429, 130429, 0, ngx_string("Rate limit hit") },
    { 429, 131056, 0, ngx_string("Pair rate limit hit") },
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
    { "not_acceptable", NGX_HTTP_WHATSAPP_NOT_ACCEPTABLE },
    { "too_large", NGX_HTTP_WHATSAPP_BODY_TOO_LARGE },
    { "queue_full", NGX_HTTP_WHATSAPP_RATE_LIMIT },
    { "pair_limited", NGX_HTTP_WHATSAPP_PAIR_LIMIT },
    { "page_error", NGX_HTTP_WHATSAPP_WENT_WRONG },
    { "session_not_ready", NGX_HTTP_WHATSAPP_UNAVAILABLE },
    { "session_restarting", NGX_HTTP_WHATSAPP_MAINTENANCE },
    { "shutting_down", NGX_HTTP_WHATSAPP_UNAVAILABLE },
    { "idempotency_full", NGX_HTTP_WHATSAPP_UNAVAILABLE },
    { "deadline", NGX_HTTP_WHATSAPP_DEADLINE },
    { "connection_lost", NGX_HTTP_WHATSAPP_WENT_WRONG },
    { NULL, NGX_HTTP_WHATSAPP_WENT_WRONG }
};


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


ngx_uint_t
ngx_http_whatsapp_error_status(ngx_http_whatsapp_error_e reason)
{
    return ngx_http_whatsapp_errors[reason].status;
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
    case NGX_HTTP_WHATSAPP_LENGTH_REQUIRED:
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


ngx_int_t
ngx_http_whatsapp_error_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    u_char                         *p;
    size_t                          len;
    ngx_str_t                       trace;
    ngx_http_variable_value_t      *vv;
    ngx_http_whatsapp_error_t      *e;
    ngx_http_whatsapp_main_conf_t  *wmcf;

    ngx_http_whatsapp_error_outcome(r, ctx);

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
          + 2 * (e->outcome.len + e->message_id.len + e->state.len);

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

    if (e->state.len) {
        p = ngx_sprintf(p, " state=%V\",\"state\":\"%V", &e->state,
                        &e->state);
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
