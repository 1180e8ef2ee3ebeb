
/*
 * Directives, variables and phases of whatsapp_abuse.
 *
 * This is a module of its own in the same .so as ngx_http_whatsapp_module, as
 * it stands elsewhere in the order of modules: PREACCESS handlers run in
 * reverse order, and the check must run after realip, which may be configured
 * in the location alone, but before limit_req and limit_conn. The filters of
 * ngx_http_whatsapp_module, on the other hand, have to be the last ones.
 */


#include "ngx_http_whatsapp_abuse.h"


static void *ngx_http_whatsapp_abuse_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_whatsapp_abuse_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_whatsapp_abuse_merge_loc_conf(ngx_conf_t *cf,
    void *parent, void *child);
static char *ngx_http_whatsapp_abuse_use_zone(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_loc_conf_t *conf);
static char *ngx_http_whatsapp_abuse_check_limits(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_strikes_t *strikes);
static char *ngx_http_whatsapp_abuse(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_whatsapp_abuse_status_variable(
    ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_whatsapp_abuse_cache_variable(
    ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data);
static void ngx_http_whatsapp_abuse_set_variable(ngx_http_variable_value_t *v,
    ngx_str_t *names, ngx_uint_t i);
static ngx_int_t ngx_http_whatsapp_abuse_add_variables(ngx_conf_t *cf);
static ngx_int_t ngx_http_whatsapp_abuse_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_whatsapp_abuse_init_process(ngx_cycle_t *cycle);
static void ngx_http_whatsapp_abuse_exit_process(ngx_cycle_t *cycle);


static ngx_conf_enum_t  ngx_http_whatsapp_abuse_fails[] = {
    { ngx_string("open"), NGX_HTTP_WHATSAPP_ABUSE_FAIL_OPEN },
    { ngx_string("closed"), NGX_HTTP_WHATSAPP_ABUSE_FAIL_CLOSED },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_whatsapp_abuse_log_levels[] = {
    { ngx_string("info"), NGX_LOG_INFO },
    { ngx_string("notice"), NGX_LOG_NOTICE },
    { ngx_string("warn"), NGX_LOG_WARN },
    { ngx_string("error"), NGX_LOG_ERR },
    { ngx_null_string, 0 }
};


static ngx_conf_num_bounds_t  ngx_http_whatsapp_abuse_status_bounds = {
    ngx_conf_check_num_bounds, 400, 599
};


static ngx_command_t  ngx_http_whatsapp_abuse_commands[] = {

    { ngx_string("whatsapp_abuse_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_whatsapp_abuse_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_abuse"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_abuse,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_abuse_strikes"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_whatsapp_abuse_strikes,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_abuse_fail"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_abuse_loc_conf_t, fail),
      &ngx_http_whatsapp_abuse_fails },

    { ngx_string("whatsapp_abuse_status"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_abuse_loc_conf_t, status),
      &ngx_http_whatsapp_abuse_status_bounds },

    { ngx_string("whatsapp_abuse_dry_run"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_abuse_loc_conf_t, dry_run),
      NULL },

    { ngx_string("whatsapp_abuse_bypass"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_set_predicate_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_abuse_loc_conf_t, bypass),
      NULL },

    { ngx_string("whatsapp_abuse_log_level"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_abuse_loc_conf_t, log_level),
      &ngx_http_whatsapp_abuse_log_levels },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_whatsapp_abuse_module_ctx = {
    ngx_http_whatsapp_abuse_add_variables,    /* preconfiguration */
    ngx_http_whatsapp_abuse_init,             /* postconfiguration */

    ngx_http_whatsapp_abuse_create_main_conf, /* create main configuration */
    ngx_http_whatsapp_abuse_check_names,      /* init main configuration */

    NULL,                                     /* create server configuration */
    NULL,                                     /* merge server configuration */

    ngx_http_whatsapp_abuse_create_loc_conf,  /* create location
                                                 configuration */
    ngx_http_whatsapp_abuse_merge_loc_conf    /* merge location
                                                 configuration */
};


ngx_module_t  ngx_http_whatsapp_abuse_module = {
    NGX_MODULE_V1,
    &ngx_http_whatsapp_abuse_module_ctx,      /* module context */
    ngx_http_whatsapp_abuse_commands,         /* module directives */
    NGX_HTTP_MODULE,                          /* module type */
    NULL,                                     /* init master */
    NULL,                                     /* init module */
    ngx_http_whatsapp_abuse_init_process,     /* init process */
    NULL,                                     /* init thread */
    NULL,                                     /* exit thread */
    ngx_http_whatsapp_abuse_exit_process,     /* exit process */
    NULL,                                     /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_variable_t  ngx_http_whatsapp_abuse_vars[] = {

    { ngx_string("whatsapp_abuse_status"), NULL,
      ngx_http_whatsapp_abuse_status_variable, 0, NGX_HTTP_VAR_NOCACHEABLE,
      0 },

    { ngx_string("whatsapp_abuse_cache"), NULL,
      ngx_http_whatsapp_abuse_cache_variable, 0, NGX_HTTP_VAR_NOCACHEABLE,
      0 },

      ngx_http_null_variable
};


static ngx_str_t  ngx_http_whatsapp_abuse_statuses[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_NONE] = ngx_null_string,
    [NGX_HTTP_WHATSAPP_ABUSE_PASSED] = ngx_string("PASSED"),
    [NGX_HTTP_WHATSAPP_ABUSE_BLOCKED] = ngx_string("BLOCKED"),
    [NGX_HTTP_WHATSAPP_ABUSE_BYPASSED] = ngx_string("BYPASSED"),
    [NGX_HTTP_WHATSAPP_ABUSE_ERROR] = ngx_string("ERROR"),
    [NGX_HTTP_WHATSAPP_ABUSE_DRY_RUN] = ngx_string("DRY_RUN")
};

_Static_assert(sizeof(ngx_http_whatsapp_abuse_statuses) / sizeof(ngx_str_t)
               == NGX_HTTP_WHATSAPP_ABUSE_STATUSES, "a name for each verdict");


static ngx_str_t  ngx_http_whatsapp_abuse_caches[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_CACHE_NONE] = ngx_null_string,
    [NGX_HTTP_WHATSAPP_ABUSE_CACHE_HIT] = ngx_string("HIT"),
    [NGX_HTTP_WHATSAPP_ABUSE_CACHE_MISS] = ngx_string("MISS"),
    [NGX_HTTP_WHATSAPP_ABUSE_CACHE_STALE] = ngx_string("STALE")
};

_Static_assert(sizeof(ngx_http_whatsapp_abuse_caches) / sizeof(ngx_str_t)
               == NGX_HTTP_WHATSAPP_ABUSE_CACHES, "a name for each status");


static ngx_int_t
ngx_http_whatsapp_abuse_status_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_whatsapp_abuse_ctx_t  *ctx;

    ctx = ngx_http_whatsapp_abuse_decision(r);

    ngx_http_whatsapp_abuse_set_variable(v, ngx_http_whatsapp_abuse_statuses,
                                         ctx ? ctx->status
                                             : NGX_HTTP_WHATSAPP_ABUSE_NONE);
    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_abuse_cache_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_whatsapp_abuse_ctx_t  *ctx;

    ctx = ngx_http_whatsapp_abuse_decision(r);

    ngx_http_whatsapp_abuse_set_variable(v, ngx_http_whatsapp_abuse_caches,
                                  ctx ? ctx->cache
                                      : NGX_HTTP_WHATSAPP_ABUSE_CACHE_NONE);
    return NGX_OK;
}


/* sets the i-th name; the first one is that of no value */

static void
ngx_http_whatsapp_abuse_set_variable(ngx_http_variable_value_t *v,
    ngx_str_t *names, ngx_uint_t i)
{
    if (i == 0) {
        v->not_found = 1;
        return;
    }

    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->len = names[i].len;
    v->data = names[i].data;
}


static void *
ngx_http_whatsapp_abuse_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_whatsapp_abuse_main_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_whatsapp_abuse_main_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&conf->zones, cf->pool, 2,
                       sizeof(ngx_http_whatsapp_abuse_zone_t *))
        != NGX_OK
        || ngx_array_init(&conf->named, cf->pool, 4,
                          sizeof(ngx_http_whatsapp_abuse_named_t))
           != NGX_OK)
    {
        return NULL;
    }

    return conf;
}


static void *
ngx_http_whatsapp_abuse_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_whatsapp_abuse_loc_conf_t  *conf;

    conf = ngx_palloc(cf->pool, sizeof(ngx_http_whatsapp_abuse_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->shm_zone = NGX_CONF_UNSET_PTR;
    conf->strikes = NGX_CONF_UNSET_PTR;
    conf->fail = NGX_CONF_UNSET_UINT;
    conf->status = NGX_CONF_UNSET_UINT;
    conf->dry_run = NGX_CONF_UNSET;
    conf->bypass = NGX_CONF_UNSET_PTR;
    conf->log_level = NGX_CONF_UNSET_UINT;

    return conf;
}


static char *
ngx_http_whatsapp_abuse_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child)
{
    ngx_http_whatsapp_abuse_loc_conf_t *prev = parent;
    ngx_http_whatsapp_abuse_loc_conf_t *conf = child;

    ngx_conf_merge_ptr_value(conf->shm_zone, prev->shm_zone, NULL);
    ngx_conf_merge_ptr_value(conf->strikes, prev->strikes, NULL);
    ngx_conf_merge_uint_value(conf->fail, prev->fail,
                              NGX_HTTP_WHATSAPP_ABUSE_FAIL_OPEN);
    ngx_conf_merge_uint_value(conf->status, prev->status,
                              NGX_HTTP_FORBIDDEN);
    ngx_conf_merge_value(conf->dry_run, prev->dry_run, 0);
    ngx_conf_merge_ptr_value(conf->bypass, prev->bypass, NULL);
    ngx_conf_merge_uint_value(conf->log_level, prev->log_level,
                              NGX_LOG_NOTICE);

    if (conf->shm_zone) {
        return ngx_http_whatsapp_abuse_use_zone(cf, conf);
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_abuse_use_zone(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_loc_conf_t *conf)
{
    ngx_http_whatsapp_abuse_zone_t       *zone;
    ngx_http_whatsapp_abuse_main_conf_t  *amcf;

    zone = conf->shm_zone->data;

    amcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_whatsapp_abuse_module);
    amcf->used = 1;
    zone->used = 1;

    if (conf->strikes == NULL) {
        return NGX_CONF_OK;
    }

    /* a zone adds up the strikes of all locations, in one window */

    if (zone->cache.window && zone->cache.window != conf->strikes->window) {
        ngx_http_whatsapp_conf_error(cf, &conf->strikes->place,
            "\"whatsapp_abuse_strikes\" with another \"window\" is used with "
            "whatsapp_abuse_zone \"%V\", which has one for all locations",
            &zone->name);
        return NGX_CONF_ERROR;
    }

    zone->cache.window = conf->strikes->window;

    return ngx_http_whatsapp_abuse_check_limits(cf, conf->strikes);
}


/* nginx does not tell which of a location's zones refused a request */

static char *
ngx_http_whatsapp_abuse_check_limits(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_strikes_t *strikes)
{
    ngx_str_t                            *limit;
    ngx_uint_t                            i;
    ngx_shm_zone_t                       *zone;
    ngx_http_core_loc_conf_t             *clcf;
    ngx_http_whatsapp_limits_loc_conf_t  *llcf;

    llcf = ngx_http_conf_get_module_loc_conf(cf,
                                             ngx_http_whatsapp_limits_module);

    for (i = 0; i < NGX_HTTP_WHATSAPP_ABUSE_LIMITS; i++) {

        if (strikes->zones[i] == NULL || llcf->zones[i] == NULL) {
            continue;
        }

        zone = ngx_http_whatsapp_limits_unnamed(llcf->zones[i],
                                                strikes->zones[i]);
        if (zone == NULL) {
            continue;
        }

        limit = &ngx_http_whatsapp_abuse_causes[i];
        clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

        ngx_http_whatsapp_conf_error(cf, &strikes->place,
            "\"whatsapp_abuse_strikes\" in location \"%V\" counts \"%V\", but "
            "does not name its zone \"%V\"; nginx does not tell which zone "
            "refused, so either all zones here are keyed by the client's "
            "address and named in \"%V=\", or \"%V\" cannot count",
            &clcf->name, limit, &zone->shm.name, limit, limit);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_abuse(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_whatsapp_abuse_loc_conf_t *alcf = conf;

    ngx_str_t  *value;

    if (alcf->shm_zone != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        alcf->shm_zone = NULL;
        return NGX_CONF_OK;
    }

    alcf->shm_zone = ngx_http_whatsapp_abuse_read_zone(cf, &value[1],
                                                       " or \"off\"");

    return alcf->shm_zone ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_shm_zone_t *
ngx_http_whatsapp_abuse_read_zone(ngx_conf_t *cf, ngx_str_t *value,
    const char *others)
{
    ngx_str_t        name;
    ngx_shm_zone_t  *zone;

    if (ngx_strncmp(value->data, "zone=", 5) != 0 || value->len == 5) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", it must be "
                           "\"zone=name\"%s", value, others);
        return NULL;
    }

    name.data = value->data + 5;
    name.len = value->len - 5;

    zone = ngx_shared_memory_add(cf, &name, 0,
                                 &ngx_http_whatsapp_abuse_module);
    if (zone == NULL
        || ngx_http_whatsapp_abuse_name_zone(cf, zone, NULL) != NGX_OK)
    {
        return NULL;
    }

    return zone;
}


static ngx_int_t
ngx_http_whatsapp_abuse_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_whatsapp_abuse_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_abuse_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt                  *h, *first;
    ngx_http_core_main_conf_t            *cmcf;
    ngx_http_whatsapp_abuse_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_whatsapp_abuse_module);

    if (!amcf->used) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_whatsapp_abuse_handler;

    /* handlers of the log phase run in this order, access_log's among them */

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    first = cmcf->phases[NGX_HTTP_LOG_PHASE].handlers.elts;

    ngx_memmove(first + 1, first, (u_char *) h - (u_char *) first);

    *first = ngx_http_whatsapp_abuse_log;

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_abuse_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                            i;
    ngx_http_whatsapp_abuse_zone_t      **zones;
    ngx_http_whatsapp_abuse_main_conf_t  *amcf;

    if (ngx_process != NGX_PROCESS_WORKER
        && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    amcf = ngx_http_cycle_get_module_main_conf(cycle,
                                              ngx_http_whatsapp_abuse_module);
    if (amcf == NULL) {
        return NGX_OK;
    }

    zones = amcf->zones.elts;

    for (i = 0; i < amcf->zones.nelts; i++) {

        if (!zones[i]->used || !zones[i]->cache.redis) {
            continue;
        }

        if (ngx_http_whatsapp_abuse_bans_init(zones[i], cycle) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_whatsapp_abuse_exit_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                            i;
    ngx_http_whatsapp_abuse_zone_t      **zones;
    ngx_http_whatsapp_abuse_main_conf_t  *amcf;

    amcf = ngx_http_cycle_get_module_main_conf(cycle,
                                              ngx_http_whatsapp_abuse_module);
    if (amcf == NULL) {
        return;
    }

    zones = amcf->zones.elts;

    for (i = 0; i < amcf->zones.nelts; i++) {
        ngx_http_whatsapp_abuse_bans_exit(zones[i]);
    }
}
