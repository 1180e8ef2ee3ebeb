
/*
 * Idempotency keys of sends: the client's, scoped to its token, or a generated
 * one.  That is unique by random bytes of the process and a counter, and costs
 * a tenth of what $request_id does.
 */


#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_text.h"
#include "protocol/idempotency.h"

#include <openssl/rand.h>


/* a generated key: random bytes, and characters of the whole in hex */
#define NGX_HTTP_WHATSAPP_RANDOM        10
#define NGX_HTTP_WHATSAPP_OWN_KEY_LEN   32


static ngx_uint_t ngx_http_whatsapp_is_early(ngx_http_request_t *r);
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

    /* a client's request has one key, wherever it is redirected */

    if (ctx->key.data) {
        return NGX_OK;
    }

    ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

    for ( ;; ) {

        value = ngx_http_whatsapp_next_header(r, "Idempotency-Key", &place);

        if (value == NULL) {
            break;
        }

        if (ctx->key.data || value->len > WHATSAPP_KEY_MAX
            || !ngx_http_whatsapp_visible(value))
        {
            ngx_str_null(&ctx->key);

            return ngx_http_whatsapp_error(r,
                                           NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                           "Idempotency-Key must be 1 to %d "
                                           "visible ASCII characters",
                                           WHATSAPP_KEY_MAX);
        }

        ctx->key = *value;
    }

    if (ctx->key.data) {
        return ngx_http_whatsapp_key_scope(r, ctx);
    }

    /* who replays early data would send a message of another key each time */

    if ((ctx->call == NULL || ctx->call->send)
        && ngx_http_whatsapp_is_early(r))
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TOO_EARLY,
                                       "a send in early data needs an "
                                       "Idempotency-Key");
    }

    return ngx_http_whatsapp_generate_key(r, ctx);
}


/* 1 for TLS early data, which a proxy before nginx tells by a header */

static ngx_uint_t
ngx_http_whatsapp_is_early(ngx_http_request_t *r)
{
    ngx_str_t                  *value;
    ngx_http_variable_value_t  *vv;
    ngx_http_whatsapp_place_t   place;

    static ngx_str_t  name = ngx_string("ssl_early_data");

    ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

    value = ngx_http_whatsapp_next_header(r, "Early-Data", &place);

    if (value && value->len == 1 && value->data[0] == '1') {
        return 1;
    }

    vv = ngx_http_get_variable(r, &name, ngx_hash_key(name.data, name.len));

    return vv && !vv->not_found && vv->len == 1 && vv->data[0] == '1';
}


ngx_int_t
ngx_http_whatsapp_key_scope(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    if (ctx->digest == NULL) {
        return NGX_OK;
    }

    ctx->key_scope.data = ngx_pnalloc(r->pool,
                                      2 * NGX_HTTP_WHATSAPP_DIGEST_LEN);
    if (ctx->key_scope.data == NULL) {
        ngx_str_null(&ctx->key);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->key_scope.len = ngx_hex_dump(ctx->key_scope.data, ctx->digest,
                                      NGX_HTTP_WHATSAPP_DIGEST_LEN)
                         - ctx->key_scope.data;

    return NGX_OK;
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

    ngx_str_set(&ctx->key_scope, WHATSAPP_SCOPE_REQUEST);

    ngx_http_whatsapp_sends = (ngx_http_whatsapp_sends + 1) & 0xffffffffffff;

    (void) ngx_sprintf(ctx->key.data, "%*s%012xL",
                       sizeof(ngx_http_whatsapp_process_key),
                       ngx_http_whatsapp_process_key,
                       ngx_http_whatsapp_sends);

    return NGX_OK;
}
