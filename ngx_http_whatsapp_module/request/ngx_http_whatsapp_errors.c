
/*
 * Errors of a request: their table, the context's error, and the Graph error
 * object that the client gets.
 */


#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_text.h"


#define NGX_HTTP_WHATSAPP_DETAILS_LEN   512

/* the object without its strings of variable length, bytes */
#define NGX_HTTP_WHATSAPP_ERROR_LEN     512

#define NGX_HTTP_WHATSAPP_TRACE_LEN     16


typedef struct {
    ngx_uint_t                        status;
    ngx_uint_t                        code;
    ngx_uint_t                        subcode;  /* 0: none */
    ngx_http_whatsapp_abuse_strike_e  strike;
    ngx_str_t                         type;
    ngx_str_t                         title;
} ngx_http_whatsapp_error_def_t;


typedef struct {
    ngx_str_t                   code;
    ngx_http_whatsapp_error_e   reason;
} ngx_http_whatsapp_code_t;


static void ngx_http_whatsapp_error_outcome(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static u_char *ngx_http_whatsapp_error_print(u_char *p,
    ngx_http_whatsapp_error_t *e, ngx_str_t *trace);


static const ngx_http_whatsapp_error_def_t  ngx_http_whatsapp_errors[] = {

#define WHATSAPP_REASON(NAME, status, code, subcode, Type, STRIKE, title)     \
    [NGX_HTTP_WHATSAPP_##NAME] = { status, code, subcode,                     \
                                   NGX_HTTP_WHATSAPP_ABUSE_STRIKE_##STRIKE,   \
                                   ngx_string(#Type "Exception"),             \
                                   ngx_string(title) },
#include "protocol/errors.h"

};

_Static_assert(sizeof(ngx_http_whatsapp_errors)
               / sizeof(ngx_http_whatsapp_errors[0])
               == NGX_HTTP_WHATSAPP_ERRORS, "a row for each reason");


/* the controller's names of errors; any other name is WENT_WRONG */

static const ngx_http_whatsapp_code_t  ngx_http_whatsapp_codes[] = {

#define WHATSAPP_ERROR(NAME, status, OUTCOME, retry_after_ms, REASON, name,   \
                       message)                                               \
    { ngx_string(name), NGX_HTTP_WHATSAPP_##REASON },
#include "protocol/errors.h"

    { ngx_null_string, NGX_HTTP_WHATSAPP_WENT_WRONG }
};


ngx_int_t
ngx_http_whatsapp_error(ngx_http_request_t *r,
    ngx_http_whatsapp_error_e reason, const char *fmt, ...)
{
    u_char                           *p;
    va_list                           args;
    ngx_http_whatsapp_ctx_t          *ctx;
    ngx_http_whatsapp_abuse_strike_e  strike;

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

    /* an error of the controller is no strike against the client */

    strike = ngx_http_whatsapp_errors[reason].strike;

    if (strike != NGX_HTTP_WHATSAPP_ABUSE_STRIKE_NONE
        && (r->upstream == NULL || !r->upstream->request_sent))
    {
        ngx_http_whatsapp_strike(r, strike);
    }

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "whatsapp error (#%ui): %V",
                  ngx_http_whatsapp_errors[reason].code, &ctx->error.details);

    return ctx->error.status;
}


/*
 * A page can make its visitors' browsers send requests to anywhere, preflights
 * among them, but without the operator's consent by CORS none with the header
 * Authorization.
 */

void
ngx_http_whatsapp_strike(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_strike_e cause)
{
    ngx_str_t                 *site;
    ngx_http_whatsapp_place_t  place;

    if (r->method == NGX_HTTP_OPTIONS) {
        return;
    }

    if (r->headers_in.authorization == NULL) {
        ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

        site = ngx_http_whatsapp_next_header(r, "Sec-Fetch-Site", &place);

        if (site && (ngx_http_whatsapp_text_is(site, "cross-site")
                     || ngx_http_whatsapp_text_is(site, "same-site")))
        {
            return;
        }
    }

    ngx_http_whatsapp_abuse_strike(r, cause);
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
ngx_http_whatsapp_error_reason(ngx_str_t *code)
{
    const ngx_http_whatsapp_code_t  *c;

    for (c = ngx_http_whatsapp_codes; c->code.len; c++) {
        if (c->code.len == code->len
            && ngx_memcmp(c->code.data, code->data, code->len) == 0)
        {
            break;
        }
    }

    return c->reason;
}


/*
 * Each error of a send tells the client whether the message may have gone out.
 * A POST whose body was not read yet may be a send.
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
                    "\"type\":\"%V\",\"code\":%ui,",
                    def->code, &def->title, &def->type, def->code);

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
