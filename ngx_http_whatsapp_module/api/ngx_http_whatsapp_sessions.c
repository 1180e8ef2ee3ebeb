
/*
 * The list of sessions, which the controller of this location makes.
 */


#include "ngx_http_whatsapp_api.h"


/* characters of all names of scopes with what is between them */
#define NGX_HTTP_WHATSAPP_SCOPES_LEN    32


static ngx_int_t ngx_http_whatsapp_add_scopes(ngx_http_request_t *r,
    ngx_uint_t scopes);


/* all sessions, or those that the token is for */

ngx_int_t
ngx_http_whatsapp_build_sessions(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char  *p, *params;

    if (ngx_http_whatsapp_add_scopes(r, ctx->scopes) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    params = ngx_http_whatsapp_call_start(r, ctx,
                                          ngx_http_whatsapp_sessions_len(ctx));
    if (params == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&ctx->uri, "/v1/call");

    p = ngx_http_whatsapp_print_sessions(params, ctx);

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}


/*
 * A page offers what the token is good for.  The header's name is the one that
 * GitHub's API has for the same.
 */

static ngx_int_t
ngx_http_whatsapp_add_scopes(ngx_http_request_t *r, ngx_uint_t scopes)
{
    u_char                 *p;
    ngx_str_t               value;
    const ngx_conf_enum_t  *scope;

    value.data = ngx_pnalloc(r->pool, NGX_HTTP_WHATSAPP_SCOPES_LEN);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = value.data;

    for (scope = ngx_http_whatsapp_scopes; scope->name.len; scope++) {
        if (scopes & scope->value) {
            p = ngx_sprintf(p, "%s%V", p > value.data ? ", " : "",
                            &scope->name);
        }
    }

    value.len = p - value.data;

    return ngx_http_whatsapp_add_header(r, "X-OAuth-Scopes", &value);
}
