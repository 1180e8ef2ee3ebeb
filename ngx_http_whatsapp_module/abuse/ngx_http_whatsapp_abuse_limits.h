
/*
 * Which zones of limit_req and limit_conn apply where. Called by abuse/, which
 * counts a refusal of theirs only if all zones that could have refused are
 * keyed by the client's address.
 */


#ifndef _NGX_HTTP_WHATSAPP_ABUSE_LIMITS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_ABUSE_LIMITS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_whatsapp_abuse_cache.h"


typedef struct {
    ngx_array_t  *zones[NGX_HTTP_WHATSAPP_ABUSE_LIMITS];  /* of shm_zone_t * */
} ngx_http_whatsapp_limits_loc_conf_t;


/*
 * Finds a zone of limit_req or limit_conn, which may be declared later.
 * @param cause  which of the two
 * @return NULL with a message when the name is another module's, or when this
 *         nginx lacks the module
 */
ngx_shm_zone_t *ngx_http_whatsapp_limits_zone(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_strike_e cause, ngx_str_t *name);

/* Returns the first of the zones that is not among the named, or NULL. */
ngx_shm_zone_t *ngx_http_whatsapp_limits_unnamed(ngx_array_t *zones,
    ngx_array_t *named);


extern ngx_module_t  ngx_http_whatsapp_limits_module;


#endif /* _NGX_HTTP_WHATSAPP_ABUSE_LIMITS_H_INCLUDED_ */
