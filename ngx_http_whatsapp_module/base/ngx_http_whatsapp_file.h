
/*
 * Files of the configuration: each is read as a whole into the pool of the
 * configuration, and split into lines and words. No directive is known here.
 */


#ifndef _NGX_HTTP_WHATSAPP_FILE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_FILE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Reads a file of at most 1 MB; name becomes the full name.
 * @return NGX_OK, or NGX_ERROR, logged
 */
ngx_int_t ngx_http_whatsapp_read_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *content);

/*
 * Reads a file of at most 4096 bytes without the newlines at its end; logs a
 * warning if everyone can read the file. The secret is overwritten when the
 * configuration is freed.
 * @return as ngx_http_whatsapp_read_file()
 */
ngx_int_t ngx_http_whatsapp_read_secret(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret);

/*
 * Has a text overwritten when the pool that it lies in is freed.
 * @return NGX_OK or NGX_ERROR
 */
ngx_int_t ngx_http_whatsapp_wipe_later(ngx_pool_t *pool, ngx_str_t *text);

/* Takes the next line off *rest, without LF and CR; returns 0 for none. */
ngx_uint_t ngx_http_whatsapp_next_line(ngx_str_t *rest, ngx_str_t *line);

/* Takes the next word off *line, up to a blank or tab; returns 0 for none. */
ngx_uint_t ngx_http_whatsapp_next_word(ngx_str_t *line, ngx_str_t *word);


#endif /* _NGX_HTTP_WHATSAPP_FILE_H_INCLUDED_ */
