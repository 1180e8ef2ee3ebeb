
/*
 * Linking an account: the QR code in the form that Accept asks for, and the
 * page that shows it.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_page_source.h"

#include <openssl/evp.h>


/* most characters of all Accept headers together */
#define NGX_HTTP_WHATSAPP_ACCEPT_LEN    1024

#define NGX_HTTP_WHATSAPP_POLICY_LEN    512
#define NGX_HTTP_WHATSAPP_HASH_LEN      32
#define NGX_HTTP_WHATSAPP_HASH_TEXT     ngx_base64_encoded_length(32)


static ngx_int_t ngx_http_whatsapp_get_accept(ngx_http_request_t *r,
    ngx_str_t *accept);
static ngx_int_t ngx_http_whatsapp_add_accept(ngx_str_t *accept,
    ngx_str_t *value);
static ngx_int_t ngx_http_whatsapp_page_policy(ngx_str_t *policy);
static ngx_int_t ngx_http_whatsapp_page_hash(const char *from, const char *to,
    ngx_str_t *hash);


/*
 * The browser may do what the page does and nothing more: run its script and
 * style, call this host, and show the picture that it makes of an answer.
 */

static const char  ngx_http_whatsapp_policy[] =
    "default-src 'none'; script-src 'sha256-%V'; style-src 'sha256-%V'; "
    "connect-src 'self'; img-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'";


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


/* joins several Accept headers to one list; empty: there is none */

static ngx_int_t
ngx_http_whatsapp_get_accept(ngx_http_request_t *r, ngx_str_t *accept)
{
    ngx_str_t                  *value;
    ngx_http_whatsapp_place_t   place;

    ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

    accept->len = 0;
    accept->data = ngx_pnalloc(r->pool, NGX_HTTP_WHATSAPP_ACCEPT_LEN);
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


/* every session has the same page, also one that does not exist */

ngx_int_t
ngx_http_whatsapp_build_page(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_str_t    policy;
    ngx_uint_t   i;

    static struct {
        const char  *name;
        ngx_str_t    value;
    } headers[] = {
        { "Referrer-Policy", ngx_string("no-referrer") },
        { "X-Content-Type-Options", ngx_string("nosniff") }
    };

    if (ngx_http_whatsapp_page_policy(&policy) != NGX_OK
        || ngx_http_whatsapp_add_header(r, "Content-Security-Policy", &policy)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (ngx_http_whatsapp_add_header(r, headers[i].name,
                                         &headers[i].value)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    ngx_str_set(&ctx->answer_type, "text/html; charset=UTF-8");

    ctx->answer.data = (u_char *) ngx_http_whatsapp_page_source;
    ctx->answer.len = ngx_http_whatsapp_page_source_size;

    return NGX_DECLINED;
}


/* the page is a constant, so each process makes its digests only once */

static ngx_int_t
ngx_http_whatsapp_page_policy(ngx_str_t *policy)
{
    ngx_str_t  script, style;

    static u_char  text[NGX_HTTP_WHATSAPP_POLICY_LEN];
    static u_char  hashes[2 * NGX_HTTP_WHATSAPP_HASH_TEXT];
    static size_t  len;

    if (len == 0) {
        script.data = hashes;
        style.data = hashes + NGX_HTTP_WHATSAPP_HASH_TEXT;

        if (ngx_http_whatsapp_page_hash("<script>", "</script>", &script)
            != NGX_OK
            || ngx_http_whatsapp_page_hash("<style>", "</style>", &style)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        len = ngx_snprintf(text, sizeof(text), ngx_http_whatsapp_policy,
                           &script, &style)
              - text;
    }

    policy->data = text;
    policy->len = len;

    return NGX_OK;
}


/* the digest of the text between two tags, as a browser makes it */

static ngx_int_t
ngx_http_whatsapp_page_hash(const char *from, const char *to, ngx_str_t *hash)
{
    char       *start, *end;
    u_char      digest[NGX_HTTP_WHATSAPP_HASH_LEN];
    ngx_str_t   src;

    start = ngx_strstr(ngx_http_whatsapp_page_source, from);
    end = ngx_strstr(ngx_http_whatsapp_page_source, to);

    if (start == NULL || end == NULL) {
        return NGX_ERROR;
    }

    start += ngx_strlen(from);

    if (EVP_Digest(start, end - start, digest, NULL, EVP_sha256(), NULL)
        != 1)
    {
        return NGX_ERROR;
    }

    src.data = digest;
    src.len = NGX_HTTP_WHATSAPP_HASH_LEN;

    ngx_encode_base64(hash, &src);

    return NGX_OK;
}
