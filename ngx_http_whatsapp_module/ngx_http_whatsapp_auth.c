
/*
 * Who may call: the file of token digests, the secret shared with the
 * controller, the check of a request's token, and the masking of tokens in
 * whatever nginx may log of the request line.
 */


#include "ngx_http_whatsapp_module.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>


#define NGX_HTTP_WHATSAPP_DIGEST_LEN    32

#define NGX_HTTP_WHATSAPP_FILE_MAX      (1024 * 1024)
#define NGX_HTTP_WHATSAPP_SECRET_MAX    255


typedef struct {
    u_char                      digest[NGX_HTTP_WHATSAPP_DIGEST_LEN];
} ngx_http_whatsapp_token_t;


static ngx_int_t ngx_http_whatsapp_bearer(ngx_http_request_t *r,
    ngx_str_t *token);
static ngx_int_t ngx_http_whatsapp_read_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *content);
static ngx_int_t ngx_http_whatsapp_read_fd(ngx_conf_t *cf, ngx_file_t *file,
    ngx_str_t *content);
static char *ngx_http_whatsapp_token_line(ngx_conf_t *cf, ngx_str_t *line,
    ngx_array_t *tokens);
static ngx_int_t ngx_http_whatsapp_hex(u_char *dst, u_char *src, size_t n);


static ngx_str_t  ngx_http_whatsapp_token_arg = ngx_string("access_token");


/* of this process; to look the algorithm up costs more than to run it */

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
    ngx_http_whatsapp_ctx_t *ctx)
{
    u_char                         digest[NGX_HTTP_WHATSAPP_DIGEST_LEN];
    ngx_str_t                      token;
    ngx_uint_t                     i, found;
    ngx_http_whatsapp_token_t     *tokens;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (!wlcf->auth) {
        return NGX_OK;
    }

    if (ngx_http_whatsapp_bearer(r, &token) != NGX_OK) {
        token = ctx->token;
    }

    if (token.len == 0) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_TOKEN,
                                       "an access token is required");
    }

    if (EVP_DigestInit_ex(ngx_http_whatsapp_sha256, NULL, NULL) != 1
        || EVP_DigestUpdate(ngx_http_whatsapp_sha256, token.data, token.len)
           != 1
        || EVP_DigestFinal_ex(ngx_http_whatsapp_sha256, digest, NULL) != 1)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* the time tells neither which entry matched nor how far one did */

    found = 0;
    tokens = wlcf->tokens->elts;

    for (i = 0; i < wlcf->tokens->nelts; i++) {
        found |= (CRYPTO_memcmp(tokens[i].digest, digest,
                                NGX_HTTP_WHATSAPP_DIGEST_LEN)
                  == 0);
    }

    if (!found) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_TOKEN,
                                       "the access token is not valid");
    }

    return NGX_OK;
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


ngx_int_t
ngx_http_whatsapp_take_token(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    u_char     *dst, *src;
    ngx_str_t   value;

    if (ctx->token.data
        || ngx_http_arg(r, ngx_http_whatsapp_token_arg.data,
                        ngx_http_whatsapp_token_arg.len, &value)
           != NGX_OK)
    {
        return NGX_OK;
    }

    dst = ngx_pnalloc(r->pool, value.len + 1);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    ctx->token.data = dst;

    src = value.data;
    ngx_unescape_uri(&dst, &src, value.len, 0);

    ctx->token.len = dst - ctx->token.data;

    return NGX_OK;
}


/*
 * The name is looked for the way ngx_http_arg() does it, case aside, so that
 * no token is taken from where none is masked.
 */

ngx_uint_t
ngx_http_whatsapp_mask(ngx_str_t *s)
{
    u_char      *p, *last;
    size_t       len;
    ngx_uint_t   masked;

    len = ngx_http_whatsapp_token_arg.len;

    masked = 0;
    p = s->data;
    last = s->data + s->len;

    while (p < last
           && (p = ngx_strlcasestrn(p, last, ngx_http_whatsapp_token_arg.data,
                                    len - 1))
              != NULL)
    {
        if ((p > s->data && p[-1] != '&' && p[-1] != '?')
            || last - p <= (ssize_t) len || p[len] != '=')
        {
            p++;
            continue;
        }

        for (p += len + 1;
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
    ngx_str_t  args;

    /* a subrequest shares these with the main request, another location's */

    if (r == r->main) {
        (void) ngx_http_whatsapp_mask(&r->request_line);
        (void) ngx_http_whatsapp_mask(&r->unparsed_uri);

        if (r->headers_in.referer) {
            (void) ngx_http_whatsapp_mask(&r->headers_in.referer->value);
        }
    }

    if (r->args.len <= ngx_http_whatsapp_token_arg.len
        || ngx_strlcasestrn(r->args.data, r->args.data + r->args.len,
                            ngx_http_whatsapp_token_arg.data,
                            ngx_http_whatsapp_token_arg.len - 1)
           == NULL)
    {
        return NGX_OK;
    }

    /* after a redirect the arguments may be a string of the configuration */

    args.len = r->args.len;
    args.data = ngx_pstrdup(r->pool, &r->args);
    if (args.data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_whatsapp_mask(&args)) {
        r->args = args;
    }

    return NGX_OK;
}


char *
ngx_http_whatsapp_tokens(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_whatsapp_loc_conf_t *wlcf = conf;

    u_char     *p, *last;
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

    last = content.data + content.len;
    n = 0;

    for (p = content.data; p < last; p = line.data + line.len + 1) {

        line.data = p;

        p = ngx_strlchr(p, last, LF);
        line.len = (p ? p : last) - line.data;

        n++;

        if (ngx_http_whatsapp_token_line(cf, &line, wlcf->tokens)
            != NGX_CONF_OK)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "line %ui of \"%V\" is not the hexadecimal "
                               "SHA-256 digest of a token", n, &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    if (wlcf->tokens->nelts == 0) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "no token in \"%V\", all will be refused",
                           &value[1]);
    }

    return NGX_CONF_OK;
}


/* a line never goes to a log: it may hold a plain token by mistake */

static char *
ngx_http_whatsapp_token_line(ngx_conf_t *cf, ngx_str_t *line,
    ngx_array_t *tokens)
{
    u_char                     *p, *last;
    ngx_http_whatsapp_token_t  *token;

    p = line->data;
    last = p + line->len;

    while (p < last && (*p == ' ' || *p == '\t' || *p == CR)) {
        p++;
    }

    if (p == last || *p == '#') {
        return NGX_CONF_OK;
    }

    if (last - p < 2 * NGX_HTTP_WHATSAPP_DIGEST_LEN) {
        return NGX_CONF_ERROR;
    }

    token = ngx_array_push(tokens);
    if (token == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_whatsapp_hex(token->digest, p, NGX_HTTP_WHATSAPP_DIGEST_LEN)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    p += 2 * NGX_HTTP_WHATSAPP_DIGEST_LEN;

    if (p < last && *p != ' ' && *p != '\t' && *p != CR) {
        return NGX_CONF_ERROR;
    }

    while (p < last && (*p == ' ' || *p == '\t' || *p == CR)) {
        p++;
    }

    /* a restriction that is not understood must not be passed over */

    if (p < last && *p != '#') {
        return NGX_CONF_ERROR;
    }

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


char *
ngx_http_whatsapp_secret_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_whatsapp_loc_conf_t *wlcf = conf;

    ngx_str_t  *value, secret;

    if (wlcf->secret.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_whatsapp_read_file(cf, &value[1], &secret) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    while (secret.len && (secret.data[secret.len - 1] == LF
                          || secret.data[secret.len - 1] == CR))
    {
        secret.len--;
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


ngx_uint_t
ngx_http_whatsapp_visible(ngx_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (s->data[i] <= 0x20 || s->data[i] >= 0x7f) {
            return 0;
        }
    }

    return s->len > 0;
}


static ngx_int_t
ngx_http_whatsapp_read_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *content)
{
    ngx_int_t   rc;
    ngx_file_t  file;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *name;
    file.log = cf->log;

    file.fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", name);
        return NGX_ERROR;
    }

    rc = ngx_http_whatsapp_read_fd(cf, &file, content);

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", name);
    }

    return rc;
}


static ngx_int_t
ngx_http_whatsapp_read_fd(ngx_conf_t *cf, ngx_file_t *file,
    ngx_str_t *content)
{
    size_t           size;
    ssize_t          n;
    ngx_file_info_t  fi;

    if (ngx_fd_info(file->fd, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", &file->name);
        return NGX_ERROR;
    }

    if (!ngx_is_file(&fi) || ngx_file_size(&fi) > NGX_HTTP_WHATSAPP_FILE_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" must be a file of at most %d bytes",
                           &file->name, NGX_HTTP_WHATSAPP_FILE_MAX);
        return NGX_ERROR;
    }

    size = (size_t) ngx_file_size(&fi);

    content->data = ngx_pnalloc(cf->pool, size + 1);
    if (content->data == NULL) {
        return NGX_ERROR;
    }

    n = ngx_read_file(file, content->data, size, 0);

    if (n == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_read_file_n " \"%V\" failed", &file->name);
        return NGX_ERROR;
    }

    content->len = n;

    return NGX_OK;
}
