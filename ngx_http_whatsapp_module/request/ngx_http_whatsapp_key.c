
/*
 * Idempotency keys of sends: the client's, or a generated one.  That is unique
 * by random bytes of the process and a counter, and costs a tenth of what
 * $request_id does.
 */


#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_text.h"

#include <openssl/rand.h>


#define NGX_HTTP_WHATSAPP_KEY_LEN       255

/* a generated key: random bytes, and characters of the whole in hex */
#define NGX_HTTP_WHATSAPP_RANDOM        10
#define NGX_HTTP_WHATSAPP_OWN_KEY_LEN   32


static ngx_int_t ngx_http_whatsapp_generate_key(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);


static u_char    ngx_http_whatsapp_process_key[2 * NGX_HTTP_WHATSAPP_RANDOM];
static int64_t   ngx_http_whatsapp_sends;


ngx_int_t
ngx_http_whatsapp_key_init(ngx_log_t *log)
{
    u_char  random[NGX_HTTP_WHATSAPP_RANDOM];

    if (RAND_bytes(random, NGX_HTTP_WHATSAPP_RANDOM) != 1) {
        ngx_log_error(NGX_LOG_EMERG, log, 0, "whatsapp: no random bytes");
        return NGX_ERROR;
    }

    (void) ngx_hex_dump(ngx_http_whatsapp_process_key, random,
                        NGX_HTTP_WHATSAPP_RANDOM);

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_idempotency_key(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_str_t                  *value;
    ngx_http_whatsapp_place_t   place;

    ngx_str_null(&ctx->key);
    ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

    for ( ;; ) {

        value = ngx_http_whatsapp_next_header(r, "Idempotency-Key", &place);

        if (value == NULL) {
            break;
        }

        if (ctx->key.data || value->len > NGX_HTTP_WHATSAPP_KEY_LEN
            || !ngx_http_whatsapp_visible(value))
        {
            return ngx_http_whatsapp_error(r,
                                           NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                           "Idempotency-Key must be 1 to %d "
                                           "visible ASCII characters",
                                           NGX_HTTP_WHATSAPP_KEY_LEN);
        }

        ctx->key = *value;
    }

    return ctx->key.data ? NGX_OK : ngx_http_whatsapp_generate_key(r, ctx);
}


static ngx_int_t
ngx_http_whatsapp_generate_key(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ctx->key.data = ngx_pnalloc(r->pool, NGX_HTTP_WHATSAPP_OWN_KEY_LEN);
    if (ctx->key.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->key.len = NGX_HTTP_WHATSAPP_OWN_KEY_LEN;

    ngx_http_whatsapp_sends = (ngx_http_whatsapp_sends + 1) & 0xffffffffffff;

    (void) ngx_sprintf(ctx->key.data, "%*s%012xL",
                       sizeof(ngx_http_whatsapp_process_key),
                       ngx_http_whatsapp_process_key,
                       ngx_http_whatsapp_sends);

    return NGX_OK;
}
