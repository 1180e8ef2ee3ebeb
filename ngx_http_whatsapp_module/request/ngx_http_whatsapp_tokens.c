
/*
 * The secrets of the configuration: the file of token digests, with the scopes
 * and sessions of each token, and the secret shared with the controller.
 */


#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_file.h"
#include "ngx_http_whatsapp_text.h"
#include "protocol/tokens.h"


#define NGX_HTTP_WHATSAPP_SECRET_MAX    255


typedef char *(*ngx_http_whatsapp_limit_pt)(ngx_conf_t *cf,
    ngx_http_whatsapp_token_t *token, ngx_str_t *value);


typedef struct {
    ngx_str_t                    name;
    ngx_http_whatsapp_limit_pt   set;
} ngx_http_whatsapp_limit_t;


static char *ngx_http_whatsapp_token_line(ngx_conf_t *cf, ngx_str_t *line,
    ngx_uint_t n, ngx_array_t *tokens);
static char *ngx_http_whatsapp_token_limit(ngx_conf_t *cf,
    ngx_http_whatsapp_token_t *token, ngx_str_t *word);
static char *ngx_http_whatsapp_token_scope(ngx_conf_t *cf,
    ngx_http_whatsapp_token_t *token, ngx_str_t *value);
static char *ngx_http_whatsapp_token_session(ngx_conf_t *cf,
    ngx_http_whatsapp_token_t *token, ngx_str_t *value);
static ngx_int_t ngx_http_whatsapp_hex(u_char *dst, u_char *src, size_t n);
static char *ngx_http_whatsapp_find_duplicate(ngx_conf_t *cf,
    ngx_array_t *tokens, ngx_str_t *name);
static int ngx_libc_cdecl ngx_http_whatsapp_cmp_tokens(const void *one,
    const void *two);


/* limits that may follow a digest; "set" gets each item of their lists */

static const ngx_http_whatsapp_limit_t  ngx_http_whatsapp_limits[] = {
    { ngx_string(WHATSAPP_TOKEN_SCOPE), ngx_http_whatsapp_token_scope },
    { ngx_string(WHATSAPP_TOKEN_SESSION), ngx_http_whatsapp_token_session },
    { ngx_null_string, NULL }
};


const ngx_conf_enum_t  ngx_http_whatsapp_scopes[] = {

#define WHATSAPP_SCOPE(NAME, name)                                            \
    { ngx_string(name), NGX_HTTP_WHATSAPP_SCOPE_##NAME },
#include "protocol/tokens.h"

    { ngx_null_string, 0 }
};


char *
ngx_http_whatsapp_tokens(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_whatsapp_loc_conf_t *wlcf = conf;

    char       *error;
    ngx_str_t   content, line, *value;
    ngx_uint_t  n;

    if (wlcf->tokens != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_whatsapp_read_file(cf, &value[1], &content) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    wlcf->tokens = ngx_array_create(cf->pool, 4,
                                    sizeof(ngx_http_whatsapp_token_t));
    if (wlcf->tokens == NULL) {
        return NGX_CONF_ERROR;
    }

    for (n = 1; ngx_http_whatsapp_next_line(&content, &line); n++) {

        error = ngx_http_whatsapp_token_line(cf, &line, n, wlcf->tokens);

        if (error == NGX_CONF_ERROR) {
            return NGX_CONF_ERROR;
        }

        if (error != NGX_CONF_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "line %ui of \"%V\" %s",
                               n, &value[1], error);
            return NGX_CONF_ERROR;
        }
    }

    if (wlcf->tokens->nelts == 0) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "no token in \"%V\", all will be refused",
                           &value[1]);
    }

    return ngx_http_whatsapp_find_duplicate(cf, wlcf->tokens, &value[1]);
}


/* errors do not quote the line, which may hold a plain token by mistake */

static char *
ngx_http_whatsapp_token_line(ngx_conf_t *cf, ngx_str_t *line, ngx_uint_t n,
    ngx_array_t *tokens)
{
    char                       *error;
    ngx_str_t                   word;
    ngx_http_whatsapp_token_t  *token;

    if (!ngx_http_whatsapp_next_word(line, &word) || word.data[0] == '#') {
        return NGX_CONF_OK;
    }

    token = ngx_array_push(tokens);
    if (token == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(token, sizeof(ngx_http_whatsapp_token_t));

    token->line = n;

    if (word.len != 2 * NGX_HTTP_WHATSAPP_DIGEST_LEN
        || ngx_http_whatsapp_hex(token->digest, word.data,
                                 NGX_HTTP_WHATSAPP_DIGEST_LEN)
           != NGX_OK)
    {
        return "is not the hexadecimal SHA-256 digest of a token";
    }

    while (ngx_http_whatsapp_next_word(line, &word) && word.data[0] != '#') {

        error = ngx_http_whatsapp_token_limit(cf, token, &word);

        if (error != NGX_CONF_OK) {
            return error;
        }
    }

    if (token->scopes == 0) {
        token->scopes = NGX_HTTP_WHATSAPP_SCOPES;
    }

    return NGX_CONF_OK;
}


/* an unknown limit is an error: ignoring it would give the token more */

static char *
ngx_http_whatsapp_token_limit(ngx_conf_t *cf,
    ngx_http_whatsapp_token_t *token, ngx_str_t *word)
{
    char                             *error;
    u_char                           *p, *last;
    ngx_str_t                         item;
    const ngx_http_whatsapp_limit_t  *limit;

    for (limit = ngx_http_whatsapp_limits; limit->set; limit++) {
        if (word->len >= limit->name.len
            && ngx_strncmp(word->data, limit->name.data, limit->name.len) == 0)
        {
            break;
        }
    }

    if (limit->set == NULL) {
        return "has something other than \"scope=\" and \"phone_number_id=\" "
               "after the digest";
    }

    p = word->data + limit->name.len;
    last = word->data + word->len;

    for ( ;; ) {

        item.data = p;

        p = ngx_strlchr(p, last, ',');
        item.len = (p ? p : last) - item.data;

        error = limit->set(cf, token, &item);

        if (error != NGX_CONF_OK || p == NULL) {
            return error;
        }

        p++;
    }
}


static char *
ngx_http_whatsapp_token_scope(ngx_conf_t *cf,
    ngx_http_whatsapp_token_t *token, ngx_str_t *value)
{
    const ngx_conf_enum_t  *scope;

    for (scope = ngx_http_whatsapp_scopes; scope->name.len; scope++) {

        if (scope->name.len == value->len
            && ngx_strncmp(scope->name.data, value->data, value->len) == 0)
        {
            token->scopes |= scope->value;
            return NGX_CONF_OK;
        }
    }

    return "has a scope other than \"send\", \"read\" and \"control\"";
}


static char *
ngx_http_whatsapp_token_session(ngx_conf_t *cf,
    ngx_http_whatsapp_token_t *token, ngx_str_t *value)
{
    ngx_str_t  *session;

    if (value->len > NGX_HTTP_WHATSAPP_SESSION_LEN
        || !ngx_http_whatsapp_digits(value->data, value->len))
    {
        return "has a phone_number_id that is not 1 to 15 digits";
    }

    if (token->sessions == NULL) {
        token->sessions = ngx_array_create(cf->pool, 1, sizeof(ngx_str_t));
        if (token->sessions == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    session = ngx_array_push(token->sessions);
    if (session == NULL) {
        return NGX_CONF_ERROR;
    }

    *session = *value;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_whatsapp_hex(u_char *dst, u_char *src, size_t n)
{
    ngx_int_t  value;

    while (n--) {
        value = ngx_hextoi(src, 2);
        if (value == NGX_ERROR) {
            return NGX_ERROR;
        }

        *dst++ = (u_char) value;
        src += 2;
    }

    return NGX_OK;
}


/* two lines for one token are an error, as they may contradict each other */

static char *
ngx_http_whatsapp_find_duplicate(ngx_conf_t *cf, ngx_array_t *tokens,
    ngx_str_t *name)
{
    ngx_uint_t                  i;
    ngx_http_whatsapp_token_t  *token;

    token = tokens->elts;

    ngx_qsort(token, tokens->nelts, sizeof(ngx_http_whatsapp_token_t),
              ngx_http_whatsapp_cmp_tokens);

    for (i = 1; i < tokens->nelts; i++) {

        if (ngx_memcmp(token[i - 1].digest, token[i].digest,
                       NGX_HTTP_WHATSAPP_DIGEST_LEN)
            == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "lines %ui and %ui of \"%V\" have the same "
                               "digest",
                               ngx_min(token[i - 1].line, token[i].line),
                               ngx_max(token[i - 1].line, token[i].line),
                               name);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static int ngx_libc_cdecl
ngx_http_whatsapp_cmp_tokens(const void *one, const void *two)
{
    const ngx_http_whatsapp_token_t  *first = one;
    const ngx_http_whatsapp_token_t  *second = two;

    return ngx_memcmp(first->digest, second->digest,
                      NGX_HTTP_WHATSAPP_DIGEST_LEN);
}


char *
ngx_http_whatsapp_secret_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_whatsapp_loc_conf_t *wlcf = conf;

    ngx_str_t  *value, secret;

    if (wlcf->secret.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_whatsapp_read_secret(cf, &value[1], &secret) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (secret.len > NGX_HTTP_WHATSAPP_SECRET_MAX
        || !ngx_http_whatsapp_visible(&secret))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the secret in \"%V\" must be one line of 1 to %d "
                           "visible ASCII characters",
                           &value[1], NGX_HTTP_WHATSAPP_SECRET_MAX);
        return NGX_CONF_ERROR;
    }

    wlcf->secret = secret;

    return NGX_CONF_OK;
}
