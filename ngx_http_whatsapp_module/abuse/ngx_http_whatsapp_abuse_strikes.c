
/*
 * The directive whatsapp_abuse_strikes: which refusals count, how many of them
 * begin a ban, and how long it lasts.
 */


#include "ngx_http_whatsapp_abuse.h"


#define NGX_HTTP_WHATSAPP_ABUSE_TIME_MIN    1000     /* ms */
#define NGX_HTTP_WHATSAPP_ABUSE_WINDOW_MAX  (24 * 60 * 60 * 1000)
#define NGX_HTTP_WHATSAPP_ABUSE_BAN_MAX     (365 * 24 * 60 * 60 * 1000LL)


static ngx_int_t ngx_http_whatsapp_abuse_strikes_cause(ngx_conf_t *cf,
    ngx_str_t *value, ngx_http_whatsapp_abuse_strikes_t *strikes);
static ngx_int_t ngx_http_whatsapp_abuse_strikes_number(ngx_str_t *value,
    ngx_http_whatsapp_abuse_strikes_t *strikes);


static ngx_str_t  ngx_http_whatsapp_abuse_causes[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_REQ] = ngx_string("limit_req"),
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_CONN] = ngx_string("limit_conn"),
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_AUTH] = ngx_string("auth"),
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_INVALID] = ngx_string("invalid"),
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES] = ngx_null_string
};

_Static_assert(sizeof(ngx_http_whatsapp_abuse_causes) / sizeof(ngx_str_t)
        == NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES + 1, "a name for each cause");


char *
ngx_http_whatsapp_abuse_strikes(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_whatsapp_abuse_loc_conf_t *alcf = conf;

    ngx_int_t                           rc;
    ngx_str_t                          *value;
    ngx_uint_t                          i;
    ngx_http_whatsapp_abuse_strikes_t  *strikes;

    if (alcf->strikes != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        alcf->strikes = NULL;
        return NGX_CONF_OK;
    }

    strikes = ngx_pcalloc(cf->pool, sizeof(ngx_http_whatsapp_abuse_strikes_t));
    if (strikes == NULL) {
        return NGX_CONF_ERROR;
    }

    strikes->count = 100;
    strikes->window = 60 * 1000;
    strikes->ban = 600 * 1000;
    strikes->max_ban = 24 * 60 * 60 * 1000;

    for (i = 1; i < cf->args->nelts; i++) {

        rc = ngx_http_whatsapp_abuse_strikes_cause(cf, &value[i], strikes);

        if (rc == NGX_DECLINED) {
            rc = ngx_http_whatsapp_abuse_strikes_number(&value[i], strikes);
        }

        if (rc != NGX_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    if (strikes->causes == 0) {
        return "needs one of \"limit_req\", \"limit_conn\", \"auth\", "
               "\"invalid\"";
    }

    if (strikes->max_ban < strikes->ban) {
        return "has a \"max_ban\" that is shorter than its \"ban\"";
    }

    alcf->strikes = strikes;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_whatsapp_abuse_strikes_cause(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_whatsapp_abuse_strikes_t *strikes)
{
    ngx_str_t                             name, *cause;
    ngx_int_t                            *index;
    ngx_uint_t                            i;
    ngx_http_whatsapp_abuse_main_conf_t  *amcf;

    cause = ngx_http_whatsapp_abuse_causes;

    for (i = 0; cause[i].len; i++) {
        if (ngx_strcmp(value->data, cause[i].data) == 0) {
            break;
        }
    }

    if (cause[i].len == 0) {
        return NGX_DECLINED;
    }

    strikes->causes |= 1 << i;

    amcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_whatsapp_abuse_module);

    switch (i) {

    case NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_REQ:
        ngx_str_set(&name, "limit_req_status");
        index = &amcf->limit_req_index;
        break;

    case NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_CONN:
        ngx_str_set(&name, "limit_conn_status");
        index = &amcf->limit_conn_index;
        break;

    default:
        return NGX_OK;
    }

    *index = ngx_http_get_variable_index(cf, &name);

    return (*index == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_abuse_strikes_number(ngx_str_t *value,
    ngx_http_whatsapp_abuse_strikes_t *strikes)
{
    u_char      *p;
    ngx_int_t    n, max;
    ngx_str_t    s;
    ngx_msec_t  *time;

    p = ngx_strlchr(value->data, value->data + value->len, '=');

    if (p == NULL) {
        return NGX_ERROR;
    }

    s.data = p + 1;
    s.len = value->data + value->len - s.data;

    if (ngx_strncmp(value->data, "count=", 6) == 0) {
        n = ngx_atoi(s.data, s.len);

        if (n < 1 || n > NGX_HTTP_WHATSAPP_ABUSE_STRIKES_MAX) {
            return NGX_ERROR;
        }

        strikes->count = n;

        return NGX_OK;
    }

    max = NGX_HTTP_WHATSAPP_ABUSE_BAN_MAX;

    if (ngx_strncmp(value->data, "window=", 7) == 0) {
        time = &strikes->window;
        max = NGX_HTTP_WHATSAPP_ABUSE_WINDOW_MAX;

    } else if (ngx_strncmp(value->data, "ban=", 4) == 0) {
        time = &strikes->ban;

    } else if (ngx_strncmp(value->data, "max_ban=", 8) == 0) {
        time = &strikes->max_ban;

    } else {
        return NGX_ERROR;
    }

    n = ngx_parse_time(&s, 0);

    if (n < NGX_HTTP_WHATSAPP_ABUSE_TIME_MIN || n > max) {
        return NGX_ERROR;
    }

    *time = n;

    return NGX_OK;
}
