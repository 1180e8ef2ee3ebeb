
/*
 * Zones that directives name.  They may be declared later, and by directives
 * of nginx's own, so that they are checked when all directives are read.
 */


#include "ngx_http_whatsapp_abuse.h"


ngx_int_t
ngx_http_whatsapp_abuse_name_zone(ngx_conf_t *cf, ngx_shm_zone_t *zone,
    ngx_str_t *limit)
{
    ngx_http_whatsapp_abuse_named_t      *named;
    ngx_http_whatsapp_abuse_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_whatsapp_abuse_module);

    named = ngx_array_push(&amcf->named);
    if (named == NULL) {
        return NGX_ERROR;
    }

    named->zone = zone;
    named->limit = limit;

    ngx_http_whatsapp_conf_place(cf, &named->place);

    return NGX_OK;
}


char *
ngx_http_whatsapp_abuse_check_names(ngx_conf_t *cf, void *conf)
{
    ngx_http_whatsapp_abuse_main_conf_t *amcf = conf;

    ngx_str_t                        *name;
    ngx_uint_t                        i;
    ngx_http_whatsapp_abuse_named_t  *named;

    named = amcf->named.elts;

    for (i = 0; i < amcf->named.nelts; i++) {

        if (named[i].zone->shm.size != 0) {
            continue;
        }

        name = &named[i].zone->shm.name;

        if (named[i].limit == NULL) {
            ngx_http_whatsapp_conf_error(cf, &named[i].place,
                "unknown whatsapp_abuse_zone \"%V\" in \"whatsapp_abuse\", "
                "declare it with \"whatsapp_abuse_zone zone=%V:2m\"",
                name, name);

        } else {
            ngx_http_whatsapp_conf_error(cf, &named[i].place,
                "unknown %V zone \"%V\" in \"whatsapp_abuse_strikes\", "
                "declare it with \"%V_zone\"", named[i].limit, name,
                named[i].limit);
        }

        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
