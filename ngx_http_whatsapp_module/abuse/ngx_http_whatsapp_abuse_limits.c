
/*
 * The zones of limit_req and limit_conn in each location.
 *
 * nginx tells that a limit refused a request, but not which one, and the
 * configuration of its modules is private. This module therefore stands before
 * them in the order of modules and has directives of the same names: nginx
 * gives it their lines, it passes each on unchanged, and notes the zone when
 * the line was good. Their own code parses, checks and inherits as without it.
 */


#include "ngx_http_whatsapp_abuse_limits.h"


typedef struct {
    const char     *module_name;
    const char     *prefix;                /* of the argument with the zone */
    ngx_module_t   *module;                /* NULL: nginx lacks it */
    ngx_command_t  *command;
} ngx_http_whatsapp_limit_t;


static ngx_int_t ngx_http_whatsapp_limits_find(ngx_conf_t *cf);
static ngx_command_t *ngx_http_whatsapp_limits_command(ngx_module_t *module,
    ngx_str_t *name);
static char *ngx_http_whatsapp_limits_pass(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_whatsapp_limits_note(ngx_conf_t *cf,
    ngx_http_whatsapp_limits_loc_conf_t *conf,
    ngx_http_whatsapp_abuse_strike_e cause);
static void *ngx_http_whatsapp_limits_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_whatsapp_limits_merge_loc_conf(ngx_conf_t *cf,
    void *parent, void *child);


static ngx_http_whatsapp_limit_t  ngx_http_whatsapp_limits[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_REQ] =
        { "ngx_http_limit_req_module", "zone=", NULL, NULL },
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_CONN] =
        { "ngx_http_limit_conn_module", "", NULL, NULL }
};

_Static_assert(sizeof(ngx_http_whatsapp_limits)
               / sizeof(ngx_http_whatsapp_limit_t)
               == NGX_HTTP_WHATSAPP_ABUSE_LIMITS, "a row for each limit");


/* in the order of the limits; the types become those of nginx's commands */

static ngx_command_t  ngx_http_whatsapp_limits_commands[] = {

    { ngx_string("limit_req"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_whatsapp_limits_pass,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("limit_conn"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_whatsapp_limits_pass,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_whatsapp_limits_module_ctx = {
    ngx_http_whatsapp_limits_find,            /* preconfiguration */
    NULL,                                     /* postconfiguration */

    NULL,                                     /* create main configuration */
    NULL,                                     /* init main configuration */

    NULL,                                     /* create server configuration */
    NULL,                                     /* merge server configuration */

    ngx_http_whatsapp_limits_create_loc_conf, /* create location
                                                 configuration */
    ngx_http_whatsapp_limits_merge_loc_conf   /* merge location
                                                 configuration */
};


ngx_module_t  ngx_http_whatsapp_limits_module = {
    NGX_MODULE_V1,
    &ngx_http_whatsapp_limits_module_ctx,     /* module context */
    ngx_http_whatsapp_limits_commands,        /* module directives */
    NGX_HTTP_MODULE,                          /* module type */
    NULL,                                     /* init master */
    NULL,                                     /* init module */
    NULL,                                     /* init process */
    NULL,                                     /* init thread */
    NULL,                                     /* exit thread */
    NULL,                                     /* exit process */
    NULL,                                     /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_whatsapp_limits_find(ngx_conf_t *cf)
{
    ngx_uint_t                  i, m;
    ngx_command_t              *cmd;
    ngx_module_t              **modules;
    ngx_http_whatsapp_limit_t  *limit;

    modules = cf->cycle->modules;

    for (i = 0; i < NGX_HTTP_WHATSAPP_ABUSE_LIMITS; i++) {
        limit = &ngx_http_whatsapp_limits[i];
        cmd = &ngx_http_whatsapp_limits_commands[i];

        limit->module = NULL;

        for (m = 0; modules[m]; m++) {

            if (ngx_strcmp(modules[m]->name, limit->module_name) != 0) {
                continue;
            }

            limit->command = ngx_http_whatsapp_limits_command(modules[m],
                                                              &cmd->name);
            if (limit->command == NULL) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "%s has no directive \"%V\"",
                                   limit->module_name, &cmd->name);
                return NGX_ERROR;
            }

            limit->module = modules[m];
            cmd->type = limit->command->type;
        }
    }

    return NGX_OK;
}


static ngx_command_t *
ngx_http_whatsapp_limits_command(ngx_module_t *module, ngx_str_t *name)
{
    ngx_command_t  *cmd;

    for (cmd = module->commands; cmd && cmd->name.len; cmd++) {
        if (ngx_strcmp(cmd->name.data, name->data) == 0) {
            return cmd;
        }
    }

    return NULL;
}


static char *
ngx_http_whatsapp_limits_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                              *rv;
    void                             **confs;
    ngx_http_whatsapp_limit_t         *limit;
    ngx_http_whatsapp_abuse_strike_e   cause;

    cause = cmd - ngx_http_whatsapp_limits_commands;
    limit = &ngx_http_whatsapp_limits[cause];

    if (limit->module == NULL) {
        return "is unknown to this nginx";
    }

    /* as ngx_conf_handler() finds the configuration of an HTTP module */

    confs = *(void ***) ((char *) cf->ctx + limit->command->conf);

    rv = limit->command->set(cf, limit->command,
                             confs[limit->module->ctx_index]);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_http_whatsapp_limits_note(cf, conf, cause);
}


static char *
ngx_http_whatsapp_limits_note(ngx_conf_t *cf,
    ngx_http_whatsapp_limits_loc_conf_t *conf,
    ngx_http_whatsapp_abuse_strike_e cause)
{
    size_t            len;
    ngx_str_t        *value, name;
    ngx_uint_t        i;
    const char       *prefix;
    ngx_shm_zone_t  **zone;

    value = cf->args->elts;
    prefix = ngx_http_whatsapp_limits[cause].prefix;
    len = ngx_strlen(prefix);

    for (i = 1; ngx_strncmp(value[i].data, prefix, len) != 0; i++) {
        if (i == cf->args->nelts - 1) {
            return "has no zone";
        }
    }

    name.data = value[i].data + len;
    name.len = value[i].len - len;

    if (conf->zones[cause] == NULL) {
        conf->zones[cause] = ngx_array_create(cf->pool, 2,
                                              sizeof(ngx_shm_zone_t *));
        if (conf->zones[cause] == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    zone = ngx_array_push(conf->zones[cause]);
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    *zone = ngx_http_whatsapp_limits_zone(cf, cause, &name);

    return *zone ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_shm_zone_t *
ngx_http_whatsapp_limits_zone(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_strike_e cause, ngx_str_t *name)
{
    ngx_http_whatsapp_limit_t  *limit;

    limit = &ngx_http_whatsapp_limits[cause];

    if (limit->module == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "this nginx has no %s",
                           limit->module_name);
        return NULL;
    }

    return ngx_shared_memory_add(cf, name, 0, limit->module);
}


ngx_shm_zone_t *
ngx_http_whatsapp_limits_unnamed(ngx_array_t *zones, ngx_array_t *named)
{
    ngx_uint_t        i, j;
    ngx_shm_zone_t  **z, **n;

    z = zones->elts;
    n = named->elts;

    for (i = 0; i < zones->nelts; i++) {

        for (j = 0; j < named->nelts; j++) {
            if (z[i] == n[j]) {
                break;
            }
        }

        if (j == named->nelts) {
            return z[i];
        }
    }

    return NULL;
}


static void *
ngx_http_whatsapp_limits_create_loc_conf(ngx_conf_t *cf)
{
    /*
     * set by ngx_pcalloc():
     *
     *     conf->zones[] = { NULL, NULL };
     */

    return ngx_pcalloc(cf->pool, sizeof(ngx_http_whatsapp_limits_loc_conf_t));
}


/* a level that has limits of its own inherits none, as in nginx's modules */

static char *
ngx_http_whatsapp_limits_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child)
{
    ngx_http_whatsapp_limits_loc_conf_t *prev = parent;
    ngx_http_whatsapp_limits_loc_conf_t *conf = child;

    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_WHATSAPP_ABUSE_LIMITS; i++) {
        if (conf->zones[i] == NULL) {
            conf->zones[i] = prev->zones[i];
        }
    }

    return NGX_CONF_OK;
}
