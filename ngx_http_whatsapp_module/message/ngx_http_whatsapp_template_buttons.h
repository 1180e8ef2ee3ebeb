
/*
 * The header and the buttons of a message that is a template.  A "status" is
 * NGX_OK or an HTTP status to return.
 */


#ifndef _NGX_HTTP_WHATSAPP_TEMPLATE_BUTTONS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_TEMPLATE_BUTTONS_H_INCLUDED_


#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_template_file.h"


/*
 * Takes the first parameter of a component "header", which is a file.
 * @param file  set to its kind, see ngx_http_whatsapp_header_kind()
 * @return a status
 */
ngx_int_t ngx_http_whatsapp_template_take_header(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_json_t *parameters,
    const char **file);

/*
 * Takes a component "button".
 * @param values  one for each button, empty at first: the texts for {{1}}
 * @return a status
 */
ngx_int_t ngx_http_whatsapp_template_take_button(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_json_t *component, ngx_str_t *values);

/* Checks that nothing of what the template needs is missing; a status. */
ngx_int_t ngx_http_whatsapp_template_check_parts(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    const char *file, ngx_str_t *values);

/* Returns the most bytes of the buttons' lines. */
size_t ngx_http_whatsapp_template_buttons_len(
    ngx_http_whatsapp_template_t *template, ngx_str_t *values);

/* Prints the lines at p, each after a line end; returns their end. */
u_char *ngx_http_whatsapp_template_print_buttons(u_char *p,
    ngx_http_whatsapp_template_t *template, ngx_str_t *values);


#endif /* _NGX_HTTP_WHATSAPP_TEMPLATE_BUTTONS_H_INCLUDED_ */
