
/*
 * The operator's own templates of text, as the configuration holds them.
 */


#ifndef _NGX_HTTP_WHATSAPP_TEMPLATES_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_TEMPLATES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "protocol/limits.h"


#define NGX_HTTP_WHATSAPP_TEMPLATE_NAME_LEN     512
#define NGX_HTTP_WHATSAPP_TEMPLATE_LANG_LEN     15
#define NGX_HTTP_WHATSAPP_PARAMETERS_MAX        64
#define NGX_HTTP_WHATSAPP_PARAMETER_NAME_LEN    64


/* a part of a template: text, or the place of a parameter */

typedef struct {
    ngx_str_t                        text;
    ngx_int_t                        parameter;  /* its index, -1: text */
} ngx_http_whatsapp_part_t;


typedef struct {
    ngx_str_t                        name;
    ngx_str_t                        language;
    ngx_str_t                        text;
    ngx_uint_t                       line;       /* of the file */
    ngx_array_t                      parts;      /* ngx_http_whatsapp_part_t */
    ngx_array_t                      parameters; /* ngx_str_t: "1" or a name */
    ngx_uint_t                       named;      /* unsigned  named:1 */
    ngx_str_t                        json;       /* as it is listed */
    ngx_str_t                        id;         /* within json */
} ngx_http_whatsapp_template_t;


/*
 * the next {{...}} of *rest: before is what comes ahead of it, name what is
 * in it; *rest: what follows; 0: there is none, before is all that was left;
 * name.data is NULL if it has no end
 */
ngx_uint_t ngx_http_whatsapp_next_place(ngx_str_t *rest, ngx_str_t *before,
    ngx_str_t *name);

/* the index of a parameter of the template, or -1 */
ngx_int_t ngx_http_whatsapp_find_parameter(
    ngx_http_whatsapp_template_t *template, ngx_str_t *name);

/* the template of an array that may be NULL, or NULL */
ngx_http_whatsapp_template_t *ngx_http_whatsapp_find_template(
    ngx_array_t *templates, ngx_str_t *name, ngx_str_t *language);

/* fills the template's json; NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_whatsapp_template_json(ngx_conf_t *cf,
    ngx_http_whatsapp_template_t *template);


#endif /* _NGX_HTTP_WHATSAPP_TEMPLATES_H_INCLUDED_ */
