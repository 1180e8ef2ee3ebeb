
/*
 * Linking an account: the QR code in the form that Accept asks for.
 */


#include "ngx_http_whatsapp_api.h"


/* most characters of all Accept headers together */
#define NGX_HTTP_WHATSAPP_ACCEPT_LEN    1024


static ngx_int_t ngx_http_whatsapp_add_accept(ngx_str_t *accept,
    ngx_str_t *value);


/* the controller chooses the form; Accept was checked and is one line */

ngx_int_t
ngx_http_whatsapp_build_qr(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t  rc;
    ngx_str_t  accept, value;

    ngx_str_set(&value, "Accept");

    if (ngx_http_whatsapp_add_header(r, "Vary", &value) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&value, "nosniff");

    if (ngx_http_whatsapp_add_header(r, "X-Content-Type-Options", &value)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_whatsapp_get_accept(r, &accept);

    if (rc != NGX_OK) {
        return rc;
    }

    if (accept.len) {
        ctx->headers.data = ngx_pnalloc(r->pool,
                                        sizeof("Accept: " CRLF) + accept.len);
        if (ctx->headers.data == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ctx->headers.len = ngx_sprintf(ctx->headers.data, "Accept: %V" CRLF,
                                       &accept)
                           - ctx->headers.data;
    }

    return ngx_http_whatsapp_set_uri(r, ctx, "/qr");
}


ngx_int_t
ngx_http_whatsapp_get_accept(ngx_http_request_t *r, ngx_str_t *accept)
{
    ngx_str_t                  *value;
    ngx_http_whatsapp_place_t   place;

    ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

    accept->len = 0;
    accept->data = ngx_pcalloc(r->pool, NGX_HTTP_WHATSAPP_ACCEPT_LEN + 1);
    if (accept->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    for ( ;; ) {

        value = ngx_http_whatsapp_next_header(r, "Accept", &place);

        if (value == NULL) {
            return NGX_OK;
        }

        if (ngx_http_whatsapp_add_accept(accept, value) != NGX_OK) {
            return ngx_http_whatsapp_error(r,
                                           NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                           "Accept must be at most %d visible "
                                           "ASCII characters",
                                           NGX_HTTP_WHATSAPP_ACCEPT_LEN);
        }
    }
}


static ngx_int_t
ngx_http_whatsapp_add_accept(ngx_str_t *accept, ngx_str_t *value)
{
    size_t   i;
    u_char  *p;

    if (accept->len + value->len + 1 > NGX_HTTP_WHATSAPP_ACCEPT_LEN) {
        return NGX_ERROR;
    }

    for (i = 0; i < value->len; i++) {
        if (value->data[i] != '\t'
            && (value->data[i] < ' ' || value->data[i] > '~'))
        {
            return NGX_ERROR;
        }
    }

    p = accept->data + accept->len;

    if (accept->len) {
        *p++ = ',';
    }

    p = ngx_cpymem(p, value->data, value->len);

    accept->len = p - accept->data;

    return NGX_OK;
}
