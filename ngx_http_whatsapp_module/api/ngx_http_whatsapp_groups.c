
/*
 * The calls of groups, whose ids tell the controller the session too: Meta's
 * paths begin with the group, ours with the number and "groups".
 */


#include "ngx_http_whatsapp_api.h"


static ngx_int_t ngx_http_whatsapp_group_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body,
    ngx_http_whatsapp_build_pt build);
static void ngx_http_whatsapp_flatten_users(ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_group_uri(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);


ngx_int_t
ngx_http_whatsapp_build_group(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    if (body) {
        ngx_http_whatsapp_flatten_users(body);
    }

    return ngx_http_whatsapp_group_call(r, ctx, body,
                                        ngx_http_whatsapp_build_call);
}


ngx_int_t
ngx_http_whatsapp_build_group_query(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    return ngx_http_whatsapp_group_call(r, ctx, body,
                                        ngx_http_whatsapp_build_query);
}


static ngx_int_t
ngx_http_whatsapp_group_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body,
    ngx_http_whatsapp_build_pt build)
{
    ngx_int_t   rc;
    ngx_uint_t  named;

    named = (ctx->session.len != 0);

    if (!named) {
        rc = ngx_http_whatsapp_session_arg(r, ctx);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    rc = build(r, ctx, body);

    if (rc == NGX_OK && !named) {
        rc = ngx_http_whatsapp_group_uri(r, ctx);
    }

    return rc;
}


/* Meta has [{"user": "1"}] where ["1"] will do as well */

static void
ngx_http_whatsapp_flatten_users(ngx_http_whatsapp_json_t *body)
{
    ngx_http_whatsapp_json_t  *participants, *element, *user;

    participants = ngx_http_whatsapp_json_member(body, "participants");

    if (participants == NULL
        || participants->type != NGX_HTTP_WHATSAPP_JSON_ARRAY)
    {
        return;
    }

    for (element = participants->members; element; element = element->next) {

        if (element->type != NGX_HTTP_WHATSAPP_JSON_OBJECT) {
            continue;
        }

        user = ngx_http_whatsapp_json_member(element, "user");

        if (user) {
            element->type = user->type;
            element->raw = user->raw;
            element->string = user->string;
            element->members = user->members;
        }
    }
}


static ngx_int_t
ngx_http_whatsapp_group_uri(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    u_char  *p;

    if (ctx->session.len == 0) {
        ngx_str_set(&ctx->uri, "/v1/call");
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, sizeof("/v1/call?phone_number_id=") - 1
                             + ctx->session.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->uri.data = p;
    ctx->uri.len = ngx_sprintf(p, "/v1/call?phone_number_id=%V",
                               &ctx->session)
                   - p;

    return NGX_OK;
}
