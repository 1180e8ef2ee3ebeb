
/*
 * The directive whatsapp_abuse_zone. The master reads the files of secrets and
 * resolves the address of Redis.
 */


#include "ngx_http_whatsapp_abuse.h"
#include "ngx_http_whatsapp_file.h"


#define NGX_HTTP_WHATSAPP_ABUSE_PORT         6379
#define NGX_HTTP_WHATSAPP_ABUSE_DB_MAX       65535
#define NGX_HTTP_WHATSAPP_ABUSE_TIMEOUT_MAX  60000


typedef struct {
    ngx_str_t   name;
    ngx_uint_t  redis;        /* unsigned redis:1, of no use without redis= */
    char      *(*set)(ngx_conf_t *cf, ngx_str_t *s,
                      ngx_http_whatsapp_abuse_zone_t *zone);
} ngx_http_whatsapp_abuse_param_t;


static ngx_http_whatsapp_abuse_param_t *ngx_http_whatsapp_abuse_zone_param(
    ngx_conf_t *cf, ngx_str_t *value, ngx_http_whatsapp_abuse_zone_t *zone,
    ngx_uint_t *seen);
static char *ngx_http_whatsapp_abuse_zone_check(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_zone_t *zone, ngx_str_t *needs_redis);
static char *ngx_http_whatsapp_abuse_zone_shm(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone, size_t *size);
static char *ngx_http_whatsapp_abuse_zone_redis(ngx_conf_t *cf,
    ngx_str_t *s, ngx_http_whatsapp_abuse_zone_t *zone);
static char *ngx_http_whatsapp_abuse_zone_user(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone);
static char *ngx_http_whatsapp_abuse_zone_password(ngx_conf_t *cf,
    ngx_str_t *s, ngx_http_whatsapp_abuse_zone_t *zone);
static char *ngx_http_whatsapp_abuse_zone_db(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone);
static char *ngx_http_whatsapp_abuse_zone_prefix(ngx_conf_t *cf,
    ngx_str_t *s, ngx_http_whatsapp_abuse_zone_t *zone);
static char *ngx_http_whatsapp_abuse_zone_timeout(ngx_conf_t *cf,
    ngx_str_t *s, ngx_http_whatsapp_abuse_zone_t *zone);
static char *ngx_http_whatsapp_abuse_zone_ipv6_prefix(ngx_conf_t *cf,
    ngx_str_t *s, ngx_http_whatsapp_abuse_zone_t *zone);
static char *ngx_http_whatsapp_abuse_zone_hash_key(ngx_conf_t *cf,
    ngx_str_t *s, ngx_http_whatsapp_abuse_zone_t *zone);
static char *ngx_http_whatsapp_abuse_zone_add(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_zone_t *zone, size_t size);
static ngx_int_t ngx_http_whatsapp_abuse_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);


static ngx_http_whatsapp_abuse_param_t  ngx_http_whatsapp_abuse_params[] = {

    { ngx_string("redis="), 0, ngx_http_whatsapp_abuse_zone_redis },
    { ngx_string("user="), 1, ngx_http_whatsapp_abuse_zone_user },
    { ngx_string("password_file="), 1, ngx_http_whatsapp_abuse_zone_password },
    { ngx_string("db="), 1, ngx_http_whatsapp_abuse_zone_db },
    { ngx_string("prefix="), 1, ngx_http_whatsapp_abuse_zone_prefix },
    { ngx_string("timeout="), 1, ngx_http_whatsapp_abuse_zone_timeout },
    { ngx_string("ipv6_prefix="), 0,
      ngx_http_whatsapp_abuse_zone_ipv6_prefix },
    { ngx_string("hash_key_file="), 0, ngx_http_whatsapp_abuse_zone_hash_key },

    { ngx_null_string, 0, NULL }
};


char *
ngx_http_whatsapp_abuse_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                             *rv;
    size_t                            size;
    ngx_str_t                        *value, *needs_redis;
    ngx_uint_t                        i, seen;
    ngx_http_whatsapp_abuse_zone_t   *zone;
    ngx_http_whatsapp_abuse_param_t  *param;

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_whatsapp_abuse_zone_t));
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    zone->address.ipv6_prefix = WHATSAPP_ABUSE_IPV6_PREFIX;
    zone->redis.timeout = 100;
    ngx_str_set(&zone->redis.prefix, WHATSAPP_ABUSE_PREFIX);

    value = cf->args->elts;
    needs_redis = NULL;
    size = 0;
    seen = 0;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "zone=", 5) == 0) {

            if (zone->name.len) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "duplicate parameter \"%V\"", &value[i]);
                return NGX_CONF_ERROR;
            }

            rv = ngx_http_whatsapp_abuse_zone_shm(cf, &value[i], zone, &size);

            if (rv != NGX_CONF_OK) {
                return rv;
            }

            continue;
        }

        param = ngx_http_whatsapp_abuse_zone_param(cf, &value[i], zone, &seen);
        if (param == NULL) {
            return NGX_CONF_ERROR;
        }

        if (param->redis) {
            needs_redis = &value[i];
        }
    }

    rv = ngx_http_whatsapp_abuse_zone_check(cf, zone, needs_redis);

    return rv == NGX_CONF_OK ? ngx_http_whatsapp_abuse_zone_add(cf, zone, size)
                             : rv;
}


/* checks the parameters together; needs_redis: one that does, or NULL */

static char *
ngx_http_whatsapp_abuse_zone_check(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_zone_t *zone, ngx_str_t *needs_redis)
{
    if (zone->name.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"whatsapp_abuse_zone\" must have \"zone\" "
                           "parameter");
        return NGX_CONF_ERROR;
    }

    if (needs_redis && zone->redis.naddrs == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "parameter \"%V\" requires \"redis\" parameter",
                           needs_redis);
        return NGX_CONF_ERROR;
    }

    if (zone->redis.user.len && zone->redis.password.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "parameter \"user\" requires \"password_file\" "
                           "parameter");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* seen has a bit for each row that was given before */

static ngx_http_whatsapp_abuse_param_t *
ngx_http_whatsapp_abuse_zone_param(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_whatsapp_abuse_zone_t *zone, ngx_uint_t *seen)
{
    char                             *rv;
    ngx_str_t                         s;
    ngx_uint_t                        bit;
    ngx_http_whatsapp_abuse_param_t  *param;

    for (param = ngx_http_whatsapp_abuse_params; param->set; param++) {
        if (ngx_strncmp(value->data, param->name.data, param->name.len) == 0) {
            break;
        }
    }

    bit = (ngx_uint_t) 1 << (param - ngx_http_whatsapp_abuse_params);

    if (*seen & bit) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "duplicate parameter \"%V\"",
                           value);
        return NULL;
    }

    *seen |= bit;

    if (param->set == NULL) {
        rv = "it must be one of \"zone=\", \"redis=\", \"user=\", "
             "\"password_file=\", \"db=\", \"prefix=\", \"timeout=\", "
             "\"ipv6_prefix=\" and \"hash_key_file=\"";

    } else if (value->len == param->name.len) {
        rv = "it is empty";

    } else {
        s.data = value->data + param->name.len;
        s.len = value->len - param->name.len;

        rv = param->set(cf, &s, zone);
    }

    if (rv == NGX_CONF_OK) {
        return param;
    }

    if (rv != NGX_CONF_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", %s", value, rv);
    }

    return NULL;
}


static char *
ngx_http_whatsapp_abuse_zone_shm(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone, size_t *size)
{
    u_char     *p;
    ssize_t     n;
    ngx_str_t   text;

    zone->name.data = s->data + 5;

    p = (u_char *) ngx_strchr(zone->name.data, ':');

    if (p == NULL || p == zone->name.data) {
        goto invalid;
    }

    zone->name.len = p - zone->name.data;

    text.data = p + 1;
    text.len = s->data + s->len - text.data;

    n = ngx_parse_size(&text);

    if (n == NGX_ERROR) {
        goto invalid;
    }

    if (n < (ssize_t) (8 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" is too small, it must have at least "
                           "%uzk", s, 8 * ngx_pagesize / 1024);
        return NGX_CONF_ERROR;
    }

    *size = n;

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid zone size \"%V\", it "
                       "must be a name and a size, as in \"zone=abuse:2m\"",
                       s);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_whatsapp_abuse_zone_redis(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_url_t  u;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *s;
    u.default_port = NGX_HTTP_WHATSAPP_ABUSE_PORT;

    if (s->data[0] == '/') {
        return "\"unix:\" is missing before the path";
    }

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        return u.err ? u.err : NGX_CONF_ERROR;
    }

    zone->redis.name = *s;
    zone->redis.addrs = u.addrs;
    zone->redis.naddrs = u.naddrs;
    zone->cache.redis = 1;

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_abuse_zone_user(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    zone->redis.user = *s;

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_abuse_zone_password(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    if (ngx_http_whatsapp_read_secret(cf, s, &zone->redis.password)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return zone->redis.password.len ? NGX_CONF_OK : "the file is empty";
}


static char *
ngx_http_whatsapp_abuse_zone_db(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_int_t  n;

    n = ngx_atoi(s->data, s->len);

    if (n == NGX_ERROR || n > NGX_HTTP_WHATSAPP_ABUSE_DB_MAX) {
        return "it must be a number up to 65535";
    }

    zone->redis.db = n;

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_abuse_zone_prefix(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    size_t  i;

    if (s->len > WHATSAPP_ABUSE_PREFIX_MAX) {
        return "it may have 64 characters";
    }

    for (i = 0; i < s->len; i++) {
        if (s->data[i] <= ' ' || s->data[i] >= 0x7f) {
            return "it must be visible ASCII";
        }
    }

    zone->redis.prefix = *s;

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_abuse_zone_timeout(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_int_t  n;

    n = ngx_parse_time(s, 0);

    if (n < 1 || n > NGX_HTTP_WHATSAPP_ABUSE_TIMEOUT_MAX) {
        return "it must be a time from 1ms to 60s";
    }

    zone->redis.timeout = n;

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_abuse_zone_ipv6_prefix(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_int_t  n;

    n = ngx_atoi(s->data, s->len);

    if (n < 1 || n > 128) {
        return "it must be a number from 1 to 128";
    }

    zone->address.ipv6_prefix = n;

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_abuse_zone_hash_key(ngx_conf_t *cf, ngx_str_t *s,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_int_t  rc;
    ngx_str_t  key;

    if (ngx_http_whatsapp_read_secret(cf, s, &key) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (key.len < WHATSAPP_ABUSE_HASH_KEY_MIN) {
        return "the file must hold at least 16 bytes";
    }

    rc = ngx_http_whatsapp_abuse_address_mac(&zone->address, cf->pool, &key);

    ngx_explicit_memzero(key.data, key.len);

    if (rc != NGX_OK) {
        return "the key is not accepted";
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_abuse_zone_add(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_zone_t *zone, size_t size)
{
    ngx_shm_zone_t                       *shm_zone;
    ngx_http_whatsapp_abuse_zone_t      **zones;
    ngx_http_whatsapp_abuse_main_conf_t  *amcf;

    shm_zone = ngx_shared_memory_add(cf, &zone->name, size,
                                     &ngx_http_whatsapp_abuse_module);
    if (shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    if (shm_zone->data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate whatsapp_abuse_zone \"%V\"",
                           &zone->name);
        return NGX_CONF_ERROR;
    }

    shm_zone->init = ngx_http_whatsapp_abuse_zone_init;
    shm_zone->data = zone;

    amcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_whatsapp_abuse_module);

    zones = ngx_array_push(&amcf->zones);
    if (zones == NULL) {
        return NGX_CONF_ERROR;
    }

    *zones = zone;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_whatsapp_abuse_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_whatsapp_abuse_zone_t *previous = data;

    ngx_http_whatsapp_abuse_zone_t  *zone;

    zone = shm_zone->data;

    return ngx_http_whatsapp_abuse_cache_init(&zone->cache, shm_zone,
                                           previous ? &previous->cache : NULL);
}
