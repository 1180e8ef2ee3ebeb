
/*
 * Authentication: the token of a request is looked up by its digest, and its
 * scopes and sessions are checked.
 */


#include "ngx_http_whatsapp_request.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>


static ngx_int_t ngx_http_whatsapp_find_token(ngx_array_t *tokens,
    ngx_str_t *value, ngx_http_whatsapp_token_t **token);
static ngx_http_whatsapp_token_t *ngx_http_whatsapp_match_digest(
    ngx_array_t *array, u_char *digest);
static ngx_int_t ngx_http_whatsapp_bearer(ngx_http_request_t *r,
    ngx_str_t *token);


/* kept by each process, as fetching SHA-256 costs more than running it */

static EVP_MD_CTX  *ngx_http_whatsapp_sha256;


ngx_int_t
ngx_http_whatsapp_auth_init(ngx_log_t *log)
{
    if (ngx_http_whatsapp_sha256) {
        return NGX_OK;
    }

    ngx_http_whatsapp_sha256 = EVP_MD_CTX_new();

    if (ngx_http_whatsapp_sha256 == NULL
        || EVP_DigestInit_ex(ngx_http_whatsapp_sha256, EVP_sha256(), NULL)
           != 1)
    {
        ngx_log_error(NGX_LOG_EMERG, log, 0, "whatsapp: no SHA-256");
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_http_whatsapp_auth_exit(void)
{
    EVP_MD_CTX_free(ngx_http_whatsapp_sha256);
    ngx_http_whatsapp_sha256 = NULL;
}


ngx_int_t
ngx_http_whatsapp_authenticate(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_uint_t session_in_path)
{
    ngx_str_t                      value;
    ngx_http_whatsapp_token_t     *token;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (!wlcf->auth) {
        ctx->scopes = NGX_HTTP_WHATSAPP_SCOPES;
        ctx->sessions = NULL;
        ctx->digest = NULL;
        return NGX_OK;
    }

    if (ngx_http_whatsapp_bearer(r, &value) != NGX_OK) {
        value = ctx->token;
    }

    if (value.len == 0) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_TOKEN,
                                       "an access token is required");
    }

    if (ngx_http_whatsapp_find_token(wlcf->tokens, &value, &token) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (token == NULL) {
        ngx_http_whatsapp_strike(r, NGX_HTTP_WHATSAPP_ABUSE_STRIKE_AUTH);

        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_TOKEN,
                                       "the access token is not valid");
    }

    ctx->scopes = token->scopes;
    ctx->sessions = token->sessions;
    ctx->digest = token->digest;

    if (session_in_path
        && !ngx_http_whatsapp_token_allows_session(ctx, &ctx->session))
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PERMISSION_DENIED,
                                       "the access token is not for this "
                                       "phone_number_id");
    }

    return NGX_OK;
}


/* *token becomes NULL if the file of tokens does not have it */

static ngx_int_t
ngx_http_whatsapp_find_token(ngx_array_t *tokens, ngx_str_t *value,
    ngx_http_whatsapp_token_t **token)
{
    u_char  digest[NGX_HTTP_WHATSAPP_DIGEST_LEN];

    if (EVP_DigestInit_ex(ngx_http_whatsapp_sha256, NULL, NULL) != 1
        || EVP_DigestUpdate(ngx_http_whatsapp_sha256, value->data, value->len)
           != 1
        || EVP_DigestFinal_ex(ngx_http_whatsapp_sha256, digest, NULL) != 1)
    {
        return NGX_ERROR;
    }

    *token = ngx_http_whatsapp_match_digest(tokens, digest);

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_token_scopes(ngx_http_request_t *r, ngx_str_t *value,
    ngx_uint_t *scopes)
{
    ngx_http_whatsapp_token_t     *token;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    *scopes = NGX_HTTP_WHATSAPP_SCOPES;

    if (!wlcf->auth) {
        return NGX_OK;
    }

    if (ngx_http_whatsapp_find_token(wlcf->tokens, value, &token) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    *scopes = 0;

    if (token) {
        *scopes = token->scopes;

    } else {
        ngx_http_whatsapp_strike(r, NGX_HTTP_WHATSAPP_ABUSE_STRIKE_AUTH);
    }

    return NGX_OK;
}


/*
 * All entries are compared to their ends, so that the time it takes tells
 * nothing about them.
 */

static ngx_http_whatsapp_token_t *
ngx_http_whatsapp_match_digest(ngx_array_t *array, u_char *digest)
{
    ngx_uint_t                  i, found;
    ngx_http_whatsapp_token_t  *tokens;

    found = 0;
    tokens = array->elts;

    for (i = 0; i < array->nelts; i++) {
        found |= (i + 1)
                 * (CRYPTO_memcmp(tokens[i].digest, digest,
                                  NGX_HTTP_WHATSAPP_DIGEST_LEN)
                    == 0);
    }

    return found ? &tokens[found - 1] : NULL;
}


ngx_uint_t
ngx_http_whatsapp_token_allows_session(ngx_http_whatsapp_ctx_t *ctx,
    ngx_str_t *session)
{
    ngx_str_t   *sessions;
    ngx_uint_t   i;

    if (ctx->sessions == NULL) {
        return 1;
    }

    sessions = ctx->sessions->elts;

    for (i = 0; i < ctx->sessions->nelts; i++) {

        if (sessions[i].len == session->len
            && ngx_memcmp(sessions[i].data, session->data, session->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_whatsapp_authorize(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_uint_t scopes)
{
    if (ctx->scopes & scopes) {
        return NGX_OK;
    }

    return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PERMISSION_DENIED,
                                   "the access token lacks the scope \"%s\"",
                                   (scopes & NGX_HTTP_WHATSAPP_SCOPE_SEND)
                                   ? "send"
                                   : (scopes & NGX_HTTP_WHATSAPP_SCOPE_READ)
                                   ? "read" : "control");
}


static ngx_int_t
ngx_http_whatsapp_bearer(ngx_http_request_t *r, ngx_str_t *token)
{
    u_char     *p, *last;
    ngx_str_t  *value;

    if (r->headers_in.authorization == NULL) {
        return NGX_DECLINED;
    }

    value = &r->headers_in.authorization->value;

    if (value->len < sizeof("Bearer ") - 1
        || ngx_strncasecmp(value->data, (u_char *) "Bearer ",
                           sizeof("Bearer ") - 1)
           != 0)
    {
        return NGX_DECLINED;
    }

    p = value->data + sizeof("Bearer ") - 1;
    last = value->data + value->len;

    while (p < last && *p == ' ') {
        p++;
    }

    while (last > p && last[-1] == ' ') {
        last--;
    }

    token->data = p;
    token->len = last - p;

    return NGX_OK;
}
