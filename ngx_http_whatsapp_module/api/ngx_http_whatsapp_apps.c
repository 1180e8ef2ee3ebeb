
/*
 * "subscribed_apps": where events are delivered to.
 */


#include "ngx_http_whatsapp_api.h"


/*
 * The number in the path is a session's, or else stands for all sessions that
 * the token may see: the controller knows which.
 */

ngx_int_t
ngx_http_whatsapp_build_apps(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char     *p;
    size_t      size;
    ngx_int_t   rc;
    ngx_str_t  *account;

    account = ctx->session.len ? &ctx->session : &ctx->object;

    size = account->len
           + (body ? body->raw.len + ngx_http_whatsapp_quotes(body) : 0)
           + ngx_http_whatsapp_sessions_len(ctx);

    p = ngx_http_whatsapp_call_start(r, ctx, size);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&ctx->uri, "/v1/call");

    p = ngx_sprintf(p, "\"account\":\"%V\"", account);

    p = ngx_http_whatsapp_print_sessions(p, ctx);

    *p++ = ',';

    rc = ngx_http_whatsapp_print_body(r, ctx, body, &p);

    if (rc != NGX_OK) {
        return rc;
    }

    if (p[-1] == ',') {
        p--;
    }

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}
