
/*
 * The calls of media: uploads, a file's metadata, its bytes, its deletion.
 */


#include "ngx_http_whatsapp_api.h"


#define NGX_HTTP_WHATSAPP_FORM          "multipart/form-data"
#define NGX_HTTP_WHATSAPP_FORM_LEN      256


static ngx_int_t ngx_http_whatsapp_check_upload(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_set_upload_type(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_media_uri(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, const char *path);
static ngx_int_t ngx_http_whatsapp_set_public_base(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);


ngx_int_t
ngx_http_whatsapp_build_upload(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t  rc;

    rc = ngx_http_whatsapp_check_upload(r, ctx);

    return rc == NGX_OK ? ngx_http_whatsapp_set_uri(r, ctx, "/media") : rc;
}


/* a form that changes a group, perhaps its picture */

ngx_int_t
ngx_http_whatsapp_build_group_upload(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t  rc;

    rc = ngx_http_whatsapp_check_upload(r, ctx);

    if (rc == NGX_OK && ctx->session.len == 0) {
        rc = ngx_http_whatsapp_session_arg(r, ctx);
    }

    return rc == NGX_OK ? ngx_http_whatsapp_media_uri(r, ctx, "groups/"
                                                  NGX_HTTP_WHATSAPP_GROUP)
                        : rc;
}


static ngx_int_t
ngx_http_whatsapp_check_upload(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    if (ngx_http_whatsapp_set_upload_type(r, ctx) != NGX_OK) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_MEDIA_UPLOAD,
                                       "the body must be multipart/form-data "
                                       "with a boundary");
    }

    if (!r->headers_in.chunked && r->headers_in.content_length_n <= 0) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_MEDIA_UPLOAD,
                                       "the body is empty");
    }

    ngx_str_set(&ctx->method, "POST");

    return NGX_OK;
}


ngx_uint_t
ngx_http_whatsapp_has_form(ngx_http_request_t *r)
{
    ngx_str_t  *type;

    if (r->headers_in.content_type == NULL) {
        return 0;
    }

    type = &r->headers_in.content_type->value;

    return type->len >= sizeof(NGX_HTTP_WHATSAPP_FORM) - 1
           && ngx_strncasecmp(type->data, (u_char *) NGX_HTTP_WHATSAPP_FORM,
                              sizeof(NGX_HTTP_WHATSAPP_FORM) - 1)
              == 0;
}


/* Content-Type is passed on, as it holds the boundary */

static ngx_int_t
ngx_http_whatsapp_set_upload_type(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    size_t      i, len;
    ngx_str_t  *type;

    if (r->headers_in.content_type == NULL) {
        return NGX_DECLINED;
    }

    type = &r->headers_in.content_type->value;
    len = sizeof(NGX_HTTP_WHATSAPP_FORM) - 1;

    if (type->len <= len || type->len > NGX_HTTP_WHATSAPP_FORM_LEN
        || ngx_strncasecmp(type->data, (u_char *) NGX_HTTP_WHATSAPP_FORM, len)
           != 0
        || ngx_strlcasestrn(type->data + len, type->data + type->len,
                            (u_char *) "boundary=", sizeof("boundary=") - 2)
           == NULL)
    {
        return NGX_DECLINED;
    }

    for (i = 0; i < type->len; i++) {
        if (type->data[i] < 0x20 || type->data[i] >= 0x7f) {
            return NGX_DECLINED;
        }
    }

    ctx->upload_type = *type;

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_build_media(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t  rc;

    rc = ngx_http_whatsapp_session_arg(r, ctx);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_set_public_base(r, ctx);
    }

    return rc == NGX_OK ? ngx_http_whatsapp_media_uri(r, ctx, "media/") : rc;
}


ngx_int_t
ngx_http_whatsapp_build_media_delete(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t  rc;

    rc = ngx_http_whatsapp_session_arg(r, ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_str_set(&ctx->method, "DELETE");

    return ngx_http_whatsapp_media_uri(r, ctx, "media/");
}


/* no token is needed: the sealed path is the authorization */

ngx_int_t
ngx_http_whatsapp_build_download(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    return ngx_http_whatsapp_media_uri(r, ctx, "download/");
}


static ngx_int_t
ngx_http_whatsapp_media_uri(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, const char *path)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, sizeof("/v1/?phone_number_id=") - 1
                             + ngx_strlen(path) + ctx->object.len
                             + ctx->session.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->uri.data = p;

    p = ngx_sprintf(p, "/v1/%s%V", path, &ctx->object);

    if (ctx->session.len) {
        p = ngx_sprintf(p, "?phone_number_id=%V", &ctx->session);
    }

    ctx->uri.len = p - ctx->uri.data;

    return NGX_OK;
}


/* X-Public-Base, of which the controller makes the file's URL */

static ngx_int_t
ngx_http_whatsapp_set_public_base(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    u_char     *p;
    ngx_int_t   rc;
    ngx_str_t   url;

    rc = ngx_http_whatsapp_public_url(r, &url);

    if (rc == NGX_DECLINED) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "no URL can be made of the Host "
                                       "header");
    }

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_pnalloc(r->pool, sizeof("X-Public-Base: " CRLF) - 1 + url.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->headers.data = p;
    ctx->headers.len = ngx_sprintf(p, "X-Public-Base: %V" CRLF, &url) - p;

    return NGX_OK;
}
