
/*
 * Files of the configuration: read whole and at once into its pool, taken
 * apart by lines and words.  Knows no directive.
 */


#ifndef _NGX_HTTP_WHATSAPP_FILE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_FILE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * reads a file of at most 1M; name becomes the full one; NGX_OK or NGX_ERROR,
 * logged
 */
ngx_int_t ngx_http_whatsapp_read_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *content);

/*
 * the same of at most 4096 bytes and without the newlines at its end; warns
 * of a file that everyone can read
 */
ngx_int_t ngx_http_whatsapp_read_secret(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret);

/* the next line of *rest, without LF and CR; 0: there is none */
ngx_uint_t ngx_http_whatsapp_next_line(ngx_str_t *rest, ngx_str_t *line);

/* the next word of *line, between blanks and tabs; 0: there is none */
ngx_uint_t ngx_http_whatsapp_next_word(ngx_str_t *line, ngx_str_t *word);


#endif /* _NGX_HTTP_WHATSAPP_FILE_H_INCLUDED_ */
