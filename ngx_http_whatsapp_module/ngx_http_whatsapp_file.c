
/*
 * Files of the configuration: read whole and at once, taken apart by lines
 * and words.
 */


#include "ngx_http_whatsapp_module.h"


#define NGX_HTTP_WHATSAPP_FILE_MAX      (1024 * 1024)


static ngx_int_t ngx_http_whatsapp_read_fd(ngx_conf_t *cf, ngx_file_t *file,
    ngx_str_t *content);


ngx_int_t
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
