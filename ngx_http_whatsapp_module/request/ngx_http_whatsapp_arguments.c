
/*
 * Arguments of a URI that nobody but the module may see.  They are copied once
 * and then masked in all that nginx may log of the request.
 */


#include "ngx_http_whatsapp_request.h"


static ngx_int_t ngx_http_whatsapp_copy_token(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *token);
static ngx_uint_t ngx_http_whatsapp_mask_arg(ngx_str_t *s, ngx_str_t *name);


/*
 * Tokens, the client's and the one that debug_token is about, and what is
 * personal in the BETA calls, also where these are off
 */

static ngx_str_t  ngx_http_whatsapp_masked_args[] = {
    ngx_string("access_token"),
    ngx_string("input_token"),
    ngx_string("number"),
    ngx_string("msg"),
    ngx_string("webhook"),
    ngx_null_string
};


ngx_int_t
ngx_http_whatsapp_copy_args(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_uint_t beta)
{
    if (beta && ctx->args.data == NULL) {

        ctx->args.data = ngx_pnalloc(r->pool, r->args.len + 1);
        if (ctx->args.data == NULL) {
            return NGX_ERROR;
        }

        ctx->args.len = r->args.len;
        ngx_memcpy(ctx->args.data, r->args.data, r->args.len);
    }

    if (ngx_http_whatsapp_copy_token(r, &ngx_http_whatsapp_masked_args[0],
                                     &ctx->token)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_whatsapp_copy_token(r, &ngx_http_whatsapp_masked_args[1],
                                        &ctx->input_token);
}


static ngx_int_t
ngx_http_whatsapp_copy_token(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *token)
{
    u_char     *dst, *src;
    ngx_str_t   value;

    if (token->data
        || ngx_http_arg(r, name->data, name->len, &value) != NGX_OK)
    {
        return NGX_OK;
    }

    dst = ngx_pnalloc(r->pool, value.len + 1);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    token->data = dst;

    src = value.data;
    ngx_unescape_uri(&dst, &src, value.len, 0);

    token->len = dst - token->data;

    return NGX_OK;
}


ngx_uint_t
ngx_http_whatsapp_has_masked_arg(ngx_http_request_t *r)
{
    ngx_str_t   value, *name;

    for (name = ngx_http_whatsapp_masked_args; name->len; name++) {
        if (ngx_http_arg(r, name->data, name->len, &value) == NGX_OK) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_whatsapp_mask_text(ngx_str_t *s)
{
    ngx_str_t   *name;
    ngx_uint_t   masked;

    masked = 0;

    for (name = ngx_http_whatsapp_masked_args; name->len; name++) {
        masked |= ngx_http_whatsapp_mask_arg(s, name);
    }

    return masked;
}


/*
 * The name is looked for as ngx_http_arg() does it, in any case of letters, so
 * that each token that is copied is masked too.
 */

static ngx_uint_t
ngx_http_whatsapp_mask_arg(ngx_str_t *s, ngx_str_t *name)
{
    u_char      *p, *last;
    ngx_uint_t   masked;

    masked = 0;
    p = s->data;
    last = s->data + s->len;

    while (p < last
           && (p = ngx_strlcasestrn(p, last, name->data, name->len - 1))
              != NULL)
    {
        if ((p > s->data && p[-1] != '&' && p[-1] != '?')
            || last - p <= (ssize_t) name->len || p[name->len] != '=')
        {
            p++;
            continue;
        }

        for (p += name->len + 1;
             p < last && *p != '&' && *p != ' ' && *p != '#';
             p++)
        {
            if (*p != '*') {
                *p = '*';
                masked = 1;
            }
        }
    }

    return masked;
}


ngx_int_t
ngx_http_whatsapp_mask_args(ngx_http_request_t *r)
{
    ngx_str_t  args, *referer;

    /* these belong to the main request, which may be in another location */

    if (r == r->main) {
        (void) ngx_http_whatsapp_mask_text(&r->request_line);
        (void) ngx_http_whatsapp_mask_text(&r->unparsed_uri);

        if (r->headers_in.referer) {
            referer = &r->headers_in.referer->value;
            (void) ngx_http_whatsapp_mask_text(referer);
        }
    }

    if (!ngx_http_whatsapp_has_masked_arg(r)) {
        return NGX_OK;
    }

    /* after a redirect r->args may be a string of the configuration */

    args.len = r->args.len;
    args.data = ngx_pstrdup(r->pool, &r->args);
    if (args.data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_whatsapp_mask_text(&args)) {
        r->args = args;
    }

    return NGX_OK;
}
