
/*
 * The calls of the BETA service: "send" and "webhook", by GET with arguments,
 * or by POST with a form or JSON.  Their paths name no phone_number_id: it is
 * the argument's, that of whatsapp_beta_api, or the only one that the token is
 * for.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_messages.h"


static ngx_uint_t ngx_http_whatsapp_is_prefetch(ngx_http_request_t *r);
static u_char *ngx_http_whatsapp_beta_start(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body,
    ngx_int_t *rc);
static ngx_int_t ngx_http_whatsapp_beta_session(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
static u_char *ngx_http_whatsapp_print_string(u_char *p,
    ngx_http_whatsapp_json_t *value);


ngx_int_t
ngx_http_whatsapp_build_beta_send(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char     *p;
    ngx_int_t   rc;

    p = ngx_http_whatsapp_beta_start(r, ctx, body, &rc);

    if (p == NULL) {
        return rc;
    }

    p = ngx_sprintf(p, "\"to\":");
    p = ngx_http_whatsapp_print_string(p,
                               ngx_http_whatsapp_json_member(body, "number"));

    p = ngx_sprintf(p, ",\"recipient_type\":\"individual\","
                    "\"type\":\"text\",\"text\":{\"body\":%V}",
                    &ngx_http_whatsapp_json_member(body, "msg")->raw);

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_build_beta_webhook(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char     *p;
    ngx_int_t   rc;

    p = ngx_http_whatsapp_beta_start(r, ctx, body, &rc);

    if (p == NULL) {
        return rc;
    }

    p = ngx_sprintf(p, "\"number\":");
    p = ngx_http_whatsapp_print_string(p,
                               ngx_http_whatsapp_json_member(body, "number"));

    p = ngx_sprintf(p, ",\"webhook\":%V",
                    &ngx_http_whatsapp_json_member(body, "webhook")->raw);

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}


/*
 * checks the members, finds the session and returns where params begin; NULL:
 * *rc is a status
 */

static u_char *
ngx_http_whatsapp_beta_start(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body,
    ngx_int_t *rc)
{
    u_char                       *scratch;
    size_t                        size;
    ngx_http_whatsapp_refusal_t   refusal;

    if (r->method == NGX_HTTP_GET && ngx_http_whatsapp_is_prefetch(r)) {
        *rc = ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TOO_EARLY,
                                      "nothing is done for a browser that "
                                      "fetches a link ahead of time");
        return NULL;
    }

    size = body->raw.len + ngx_http_whatsapp_quotes(body);

    *rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    /* the members are checked as they are printed, and then printed anew */

    scratch = ngx_pnalloc(ngx_http_whatsapp_pool(r), size);
    if (scratch == NULL) {
        return NULL;
    }

    if (ngx_http_whatsapp_print_fields(scratch, body, ctx->route->fields,
                                       NULL, &refusal)
        == NULL)
    {
        *rc = ngx_http_whatsapp_refuse(r, &refusal);
        return NULL;
    }

    *rc = ngx_http_whatsapp_beta_session(r, ctx, body);

    if (*rc != NGX_OK) {
        return NULL;
    }

    *rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    return ngx_http_whatsapp_call_start(r, ctx, size);
}


/*
 * 1 if a browser fetches a link before somebody follows it: Sec-Purpose says
 * "prefetch" or "prefetch;prerender" today, the others "prefetch" or "preview"
 * in older versions
 */

static ngx_uint_t
ngx_http_whatsapp_is_prefetch(ngx_http_request_t *r)
{
    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_whatsapp_place_t   place;

    static const char  *headers[] = {
        "Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"
    };

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

        value = ngx_http_whatsapp_next_header(r, headers[i], &place);

        if (value && value->len > sizeof("pre") - 1
            && ngx_strncasecmp(value->data, (u_char *) "pre",
                               sizeof("pre") - 1)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_whatsapp_beta_session(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_str_t                      session;
    ngx_http_whatsapp_json_t      *value;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);
    value = ngx_http_whatsapp_json_member(body, "phone_number_id");

    session = wlcf->beta_session;

    if (value) {
        session = (value->type == NGX_HTTP_WHATSAPP_JSON_STRING)
                  ? value->string : value->raw;
    }

    if (session.len == 0 && ctx->sessions && ctx->sessions->nelts == 1) {
        session = *(ngx_str_t *) ctx->sessions->elts;
    }

    if (session.len == 0) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                       "phone_number_id is missing");
    }

    return ngx_http_whatsapp_use_session(r, ctx, &session);
}


static u_char *
ngx_http_whatsapp_print_string(u_char *p, ngx_http_whatsapp_json_t *value)
{
    return ngx_sprintf(p, value->type == NGX_HTTP_WHATSAPP_JSON_STRING
                          ? "%V" : "\"%V\"", &value->raw);
}
