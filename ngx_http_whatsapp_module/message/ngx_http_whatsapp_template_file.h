
/*
 * The operator's templates of text, as the configuration holds them.
 */


#ifndef _NGX_HTTP_WHATSAPP_TEMPLATE_FILE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_TEMPLATE_FILE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "protocol/limits.h"


#define NGX_HTTP_WHATSAPP_TEMPLATE_NAME_LEN     512
#define NGX_HTTP_WHATSAPP_TEMPLATE_LANG_LEN     15
#define NGX_HTTP_WHATSAPP_PARAMETERS_MAX        64
#define NGX_HTTP_WHATSAPP_PARAMETER_NAME_LEN    64
#define NGX_HTTP_WHATSAPP_BUTTONS_MAX           10
#define NGX_HTTP_WHATSAPP_BUTTON_LEN            25   /* characters */


/* a part of a template: text, or the place of a parameter */

typedef struct {
    ngx_str_t  text;
    ngx_int_t  parameter;                        /* index; -1: text */
} ngx_http_whatsapp_template_part_t;


/* a button, rendered as a line; url is empty for a quick reply */

typedef struct {
    ngx_str_t    text;
    ngx_str_t    url;                            /* up to {{1}} */
    ngx_str_t    rest;                           /* behind {{1}} */
    ngx_uint_t   dynamic;                        /* unsigned  dynamic:1 */
} ngx_http_whatsapp_template_button_t;


typedef struct {
    ngx_str_t    name;
    ngx_str_t    language;
    ngx_str_t    text;
    ngx_uint_t   line;                           /* of its head */
    ngx_array_t  parts;                          /* part_t each */
    ngx_array_t  parameters;                     /* ngx_str_t: "1" or a name */
    ngx_uint_t   named;                          /* unsigned  named:1 */
    const char  *header;                         /* kind of file, or NULL */
    ngx_uint_t   buttons;                        /* number of button[] */
    ngx_http_whatsapp_template_button_t  button[
                                             NGX_HTTP_WHATSAPP_BUTTONS_MAX];
    ngx_str_t    json;                           /* its entry in the list */
    ngx_str_t    id;                             /* points into json */
} ngx_http_whatsapp_template_t;


/*
 * Takes the text up to the next {{name}} off *rest.
 * @param before  set to the text ahead of it, or to all that was left
 * @param name    set to the name; name->data is NULL if "}}" is missing
 * @return 1, or 0 when no "{{" was left
 */
ngx_uint_t ngx_http_whatsapp_template_next_place(ngx_str_t *rest,
    ngx_str_t *before, ngx_str_t *name);

/* Returns the index of the template's parameter, or -1. */
ngx_int_t ngx_http_whatsapp_template_find_parameter(
    ngx_http_whatsapp_template_t *template, ngx_str_t *name);

/* Returns the template, or NULL; templates may be NULL. */
ngx_http_whatsapp_template_t *ngx_http_whatsapp_template_find(
    ngx_array_t *templates, ngx_str_t *name, ngx_str_t *language);

/*
 * Returns whether a line, which begins with "[", is of a template's header or
 * one of its buttons, and not the head of a template.
 */
ngx_uint_t ngx_http_whatsapp_template_is_part(ngx_str_t *line);

/*
 * Adds the header or button of the line to the template.
 * @return NGX_CONF_OK, a constant that says what is wrong, or NGX_CONF_ERROR
 */
char *ngx_http_whatsapp_template_add_part(ngx_pool_t *pool,
    ngx_http_whatsapp_template_t *template, ngx_str_t *line);

/* Makes the template's json and id; returns NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_whatsapp_template_list_entry(ngx_conf_t *cf,
    ngx_http_whatsapp_template_t *template);


#endif /* _NGX_HTTP_WHATSAPP_TEMPLATES_H_INCLUDED_ */
