
/*
 * What nginx knows by itself: the answers that set-up pages of products want
 * to see, and what a token is good for.
 */


#include "ngx_http_whatsapp_api.h"


/* as in "subscribed_apps" */
#define NGX_HTTP_WHATSAPP_APP           "1"

/* an answer without its scopes */
#define NGX_HTTP_WHATSAPP_DEBUG_LEN     512


static u_char *ngx_http_whatsapp_print_scopes(u_char *p, ngx_uint_t scopes);


typedef struct {
    ngx_uint_t                  scopes;
    const char                 *name;
} ngx_http_whatsapp_scope_t;


/* what Meta calls the scopes */

static const ngx_http_whatsapp_scope_t  ngx_http_whatsapp_graph_scopes[] = {

    { NGX_HTTP_WHATSAPP_SCOPE_READ|NGX_HTTP_WHATSAPP_SCOPE_CONTROL,
      "whatsapp_business_management" },

    { NGX_HTTP_WHATSAPP_SCOPE_SEND, "whatsapp_business_messaging" },

    { 0, NULL }
};


ngx_int_t
ngx_http_whatsapp_build_text(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ctx->answer.data = (u_char *) ctx->route->text;
    ctx->answer.len = ngx_strlen(ctx->route->text);

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_whatsapp_build_debug_token(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char      *p;
    ngx_int_t    rc;
    ngx_uint_t   scopes;

    if (ctx->input_token.len == 0) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "input_token is missing");
    }

    rc = ngx_http_whatsapp_token_scopes(r, &ctx->input_token, &scopes);

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_pnalloc(r->pool, NGX_HTTP_WHATSAPP_DEBUG_LEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->answer.data = p;

    p = ngx_sprintf(p, "{\"data\":{\"app_id\":\"" NGX_HTTP_WHATSAPP_APP "\","
                    "\"type\":\"SYSTEM_USER\",\"application\":\"whatsapp\","
                    "\"data_access_expires_at\":0,\"expires_at\":0,"
                    "\"is_valid\":%s,\"scopes\":[",
                    scopes ? "true" : "false");

    p = ngx_http_whatsapp_print_scopes(p, scopes);

    *p++ = ']';

    if (scopes == 0) {
        p = ngx_sprintf(p, ",\"error\":{\"code\":190,\"message\":"
                        "\"The access token could not be decrypted\"}");
    }

    *p++ = '}'; *p++ = '}';

    ctx->answer.len = p - ctx->answer.data;

    return NGX_DECLINED;
}


static u_char *
ngx_http_whatsapp_print_scopes(u_char *p, ngx_uint_t scopes)
{
    const char                       *comma;
    const ngx_http_whatsapp_scope_t  *scope;

    comma = "";

    for (scope = ngx_http_whatsapp_graph_scopes; scope->name; scope++) {
        if (scopes & scope->scopes) {
            p = ngx_sprintf(p, "%s\"%s\"", comma, scope->name);
            comma = ",";
        }
    }

    return p;
}
