
/*
 * What the files share that stand between nginx and the module: directives
 * and configuration, variables, phases and filters.
 */


#ifndef _NGX_HTTP_WHATSAPP_MODULE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_MODULE_H_INCLUDED_


#include "ngx_http_whatsapp_request.h"


/* ngx_http_whatsapp_conf.c */

/* the directives; ends with a null command */
extern ngx_command_t  ngx_http_whatsapp_commands[];

/* what ngx_http_module_t wants */
void *ngx_http_whatsapp_create_main_conf(ngx_conf_t *cf);
void *ngx_http_whatsapp_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_whatsapp_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);


/* ngx_http_whatsapp_variables.c */

/* preconfiguration: NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_whatsapp_add_variables(ngx_conf_t *cf);


/* ngx_http_whatsapp_filter.c */

/* postconfiguration: NGX_OK */
ngx_int_t ngx_http_whatsapp_filter_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_WHATSAPP_MODULE_H_INCLUDED_ */
