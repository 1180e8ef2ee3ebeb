
/*
 * Checks of text by its characters: UTF-8, numbers, ids and URLs.
 */


#ifndef _NGX_HTTP_WHATSAPP_TEXT_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_TEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* most characters of a message id */
#define NGX_HTTP_WHATSAPP_WAMID_LEN     512


/* 1 if both texts are the same; 1 if s is the zero-terminated word */
ngx_uint_t ngx_http_whatsapp_text_equal(ngx_str_t *one, ngx_str_t *two);
ngx_uint_t ngx_http_whatsapp_text_is(ngx_str_t *s, const char *word);

/* 1 if len > 0 and all len bytes at p are decimal digits */
ngx_uint_t ngx_http_whatsapp_digits(u_char *p, size_t len);

/* 1 if s is a number as JSON has them, without an exponent */
ngx_uint_t ngx_http_whatsapp_decimal(ngx_str_t *s);

/* 1 if s is not empty and all of it is visible ASCII */
ngx_uint_t ngx_http_whatsapp_visible(ngx_str_t *s);

/* the bytes of the UTF-8 character at p, which is before last; 0: none */
size_t ngx_http_whatsapp_utf8(u_char *p, u_char *last);

/* how many of len bytes at p are of base64url's alphabet, up to another one */
size_t ngx_http_whatsapp_base64url(u_char *p, size_t len);

/* 1 if len bytes at p have the shape of a message id */
ngx_uint_t ngx_http_whatsapp_wamid(u_char *p, size_t len);

/*
 * 1 if url begins with "http://" or "https://" and a host, and holds nothing
 * that would need to be escaped
 */
ngx_uint_t ngx_http_whatsapp_is_url(ngx_str_t *url);

/* 1 if such a URL may hold ch */
ngx_uint_t ngx_http_whatsapp_is_url_char(u_char ch);


#endif /* _NGX_HTTP_WHATSAPP_TEXT_H_INCLUDED_ */
