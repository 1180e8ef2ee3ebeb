
/*
 * Arguments of a URI that nobody but the module may see.  They are copied once
 * and then masked in all that nginx may log of the request.
 */


#include "ngx_http_whatsapp_request.h"


static ngx_int_t ngx_http_whatsapp_copy_token(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *token);
static ngx_uint_t ngx_http_whatsapp_next_masked(u_char **p, u_char *last);
static ngx_uint_t ngx_http_whatsapp_is_masked(u_char *p, u_char *end);


/* the longest name of those below, with each character escaped */
#define NGX_HTTP_WHATSAPP_MASKED_LEN  (3 * (sizeof("access_token") - 1))


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

        ctx->args.data = ngx_pnalloc(ngx_http_whatsapp_pool(r),
                                     r->args.len + 1);
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

    dst = ngx_pnalloc(ngx_http_whatsapp_pool(r), value.len + 1);
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
    u_char  *p;

    p = r->args.data;

    return ngx_http_whatsapp_next_masked(&p, p + r->args.len);
}


ngx_uint_t
ngx_http_whatsapp_mask_text(ngx_str_t *s)
{
    u_char      *p, *last;
    ngx_uint_t   masked;

    masked = 0;
    p = s->data;
    last = p + s->len;

    while (ngx_http_whatsapp_next_masked(&p, last)) {

        for ( /* void */ ; p < last && *p != '&' && *p != ' '; p++) {
            if (*p != '*') {
                *p = '*';
                masked = 1;
            }
        }
    }

    return masked;
}


/* finds the value of the next masked argument, which begins at *p then */

static ngx_uint_t
ngx_http_whatsapp_next_masked(u_char **p, u_char *last)
{
    u_char  *name, *end;

    name = *p;

    for (end = name; end < last; end++) {

        if (*end == '&' || *end == '?') {
            name = end + 1;

        } else if (*end == '=' && ngx_http_whatsapp_is_masked(name, end)) {
            *p = end + 1;
            return 1;
        }
    }

    return 0;
}


/*
 * Names count in any case of letters, as ngx_http_arg() finds them, and
 * escaped, as the BETA calls read them.
 */

static ngx_uint_t
ngx_http_whatsapp_is_masked(u_char *p, u_char *end)
{
    u_char      *dst, text[NGX_HTTP_WHATSAPP_MASKED_LEN];
    ngx_str_t   *name;

    if (end - p > (ssize_t) sizeof(text)) {
        return 0;
    }

    dst = text;
    ngx_unescape_uri(&dst, &p, end - p, 0);

    for (name = ngx_http_whatsapp_masked_args; name->len; name++) {
        if (name->len == (size_t) (dst - text)
            && ngx_strncasecmp(name->data, text, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
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
