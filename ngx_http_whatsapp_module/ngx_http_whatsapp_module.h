
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


/* ngx_http_whatsapp_location.c */

/* sets whatsapp_public_url; as ngx_command_t wants it */
char *ngx_http_whatsapp_set_public_url(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * sets the root of the location as it is in URLs, and the base of its absolute
 * ones; checks the location as a
 * whole; each returns NGX_CONF_OK, or NGX_CONF_ERROR with the reason logged
 */
char *ngx_http_whatsapp_set_base(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf);
char *ngx_http_whatsapp_check_conf(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf);

/* NGX_CONF_OK if whatsapp_pass may stand in the location, else why not */
char *ngx_http_whatsapp_check_location(ngx_conf_t *cf,
    ngx_http_core_loc_conf_t *clcf);


/* ngx_http_whatsapp_variables.c */

/* preconfiguration: NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_whatsapp_add_variables(ngx_conf_t *cf);


/* ngx_http_whatsapp_filter.c */

/* postconfiguration: NGX_OK */
ngx_int_t ngx_http_whatsapp_filter_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_WHATSAPP_MODULE_H_INCLUDED_ */
