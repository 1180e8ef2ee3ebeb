
/*
 * Reads files of the configuration, and splits them into lines and words.
 */


#include "ngx_http_whatsapp_file.h"


#define NGX_HTTP_WHATSAPP_FILE_MAX         (1024 * 1024)
#define NGX_HTTP_WHATSAPP_SECRET_FILE_MAX  4096


static void ngx_http_whatsapp_wipe(void *data);
static ngx_int_t ngx_http_whatsapp_read(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *content, ngx_uint_t secret);
static ngx_int_t ngx_http_whatsapp_read_fd(ngx_conf_t *cf, ngx_file_t *file,
    ngx_str_t *content, off_t max);


ngx_int_t
ngx_http_whatsapp_read_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *content)
{
    return ngx_http_whatsapp_read(cf, name, content, 0);
}


ngx_int_t
ngx_http_whatsapp_read_secret(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret)
{
    if (ngx_http_whatsapp_read(cf, name, secret, 1) != NGX_OK
        || ngx_http_whatsapp_wipe_later(cf->pool, secret) != NGX_OK)
    {
        return NGX_ERROR;
    }

    while (secret->len && (secret->data[secret->len - 1] == LF
                           || secret->data[secret->len - 1] == CR))
    {
        secret->len--;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_wipe_later(ngx_pool_t *pool, ngx_str_t *text)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(pool, sizeof(ngx_str_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_whatsapp_wipe;

    *(ngx_str_t *) cln->data = *text;

    return NGX_OK;
}


static void
ngx_http_whatsapp_wipe(void *data)
{
    ngx_str_t *text = data;

    ngx_explicit_memzero(text->data, text->len);
}


static ngx_int_t
ngx_http_whatsapp_read(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *content,
    ngx_uint_t secret)
{
    ngx_int_t   rc;
    ngx_file_t  file;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *name;
    file.log = cf->log;

    /* to open a fifo without NONBLOCK would wait for its writer */

    file.fd = ngx_open_file(name->data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                            NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", name);
        return NGX_ERROR;
    }

    rc = ngx_http_whatsapp_read_fd(cf, &file, content,
                                   secret ? NGX_HTTP_WHATSAPP_SECRET_FILE_MAX
                                          : NGX_HTTP_WHATSAPP_FILE_MAX);

    if (rc == NGX_OK && secret && (ngx_file_access(&file.info) & S_IROTH)) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "secret file \"%V\" is readable by everyone", name);
    }

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", name);
    }

    return rc;
}


static ngx_int_t
ngx_http_whatsapp_read_fd(ngx_conf_t *cf, ngx_file_t *file,
    ngx_str_t *content, off_t max)
{
    size_t   size;
    ssize_t  n;

    if (ngx_fd_info(file->fd, &file->info) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", &file->name);
        return NGX_ERROR;
    }

    if (!ngx_is_file(&file->info)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is not a regular file", &file->name);
        return NGX_ERROR;
    }

    if (ngx_file_size(&file->info) > max) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is larger than %O bytes", &file->name,
                           max);
        return NGX_ERROR;
    }

    size = (size_t) ngx_file_size(&file->info);

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


ngx_uint_t
ngx_http_whatsapp_next_line(ngx_str_t *rest, ngx_str_t *line)
{
    u_char  *p, *last;

    if (rest->len == 0) {
        return 0;
    }

    last = rest->data + rest->len;

    p = ngx_strlchr(rest->data, last, LF);

    line->data = rest->data;
    line->len = (p ? p : last) - line->data;

    rest->data = p ? p + 1 : last;
    rest->len = last - rest->data;

    if (line->len && line->data[line->len - 1] == CR) {
        line->len--;
    }

    return 1;
}


ngx_uint_t
ngx_http_whatsapp_next_word(ngx_str_t *line, ngx_str_t *word)
{
    u_char  *p, *last;

    p = line->data;
    last = p + line->len;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    word->data = p;

    while (p < last && *p != ' ' && *p != '\t') {
        p++;
    }

    word->len = p - word->data;

    line->data = p;
    line->len = last - p;

    return word->len > 0;
}
