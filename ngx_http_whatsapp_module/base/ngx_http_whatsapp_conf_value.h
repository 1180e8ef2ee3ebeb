
/*
 * Values of directives: words that are checked against a list, and the places
 * of directives that are judged only when the whole configuration is known.
 * No directive is known here.
 */


#ifndef _NGX_HTTP_WHATSAPP_CONF_VALUE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_CONF_VALUE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* where a directive stands; file is NULL for none */

typedef struct {
    u_char      *file;    /* lives as long as the configuration */
    ngx_uint_t   line;
} ngx_http_whatsapp_conf_place_t;


/* Notes the place of the directive that is being read. */
void ngx_http_whatsapp_conf_place(ngx_conf_t *cf,
    ngx_http_whatsapp_conf_place_t *place);

/* Logs an emerg message that ends in the place, as nginx's own do. */
void ngx_http_whatsapp_conf_error(ngx_conf_t *cf,
    ngx_http_whatsapp_conf_place_t *place, const char *fmt, ...);

/*
 * Set a word or several, as ngx_conf_set_enum_slot() and
 * ngx_conf_set_bitmask_slot() do, with an error that names the words allowed.
 */
char *ngx_http_whatsapp_set_enum_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_whatsapp_set_bitmask_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _NGX_HTTP_WHATSAPP_CONF_VALUE_H_INCLUDED_ */
