
/*
 * The directive whatsapp_abuse_strikes: which refusals count, how many of them
 * begin a ban, and how long it lasts.
 */


#include "ngx_http_whatsapp_abuse.h"


#define NGX_HTTP_WHATSAPP_ABUSE_TIME_MIN    1000     /* ms */
#define NGX_HTTP_WHATSAPP_ABUSE_WINDOW_MAX  (24 * 60 * 60 * 1000)
#define NGX_HTTP_WHATSAPP_ABUSE_BAN_MAX     (365 * 24 * 60 * 60 * 1000LL)


/* the causes have the bits below these, one of which each number has */

#define NGX_HTTP_WHATSAPP_ABUSE_COUNT                                         \
    (1 << NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES)
#define NGX_HTTP_WHATSAPP_ABUSE_WINDOW                                        \
    (2 << NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES)
#define NGX_HTTP_WHATSAPP_ABUSE_BAN                                           \
    (4 << NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES)
#define NGX_HTTP_WHATSAPP_ABUSE_MAX_BAN                                       \
    (8 << NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES)


/* a parameter that is a number; the last row is for all that are none */

typedef struct {
    ngx_str_t    name;
    ngx_uint_t   bit;
    size_t       offset;        /* of a ngx_uint_t or ngx_msec_t */
    ngx_uint_t   time;          /* unsigned  time:1, in ms */
    ngx_int_t    min;
    ngx_int_t    max;
    const char  *allowed;
} ngx_http_whatsapp_abuse_number_t;


static char *ngx_http_whatsapp_abuse_strikes_parameter(ngx_conf_t *cf,
    ngx_str_t *value, ngx_http_whatsapp_abuse_strikes_t *strikes,
    ngx_uint_t *seen);
static char *ngx_http_whatsapp_abuse_strikes_limit(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_strike_e cause, ngx_str_t *zones,
    ngx_http_whatsapp_abuse_strikes_t *strikes);
static char *ngx_http_whatsapp_abuse_strikes_zones(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_strike_e cause, ngx_str_t *zones,
    ngx_array_t *array);
static ngx_uint_t ngx_http_whatsapp_abuse_strikes_number(ngx_conf_t *cf,
    ngx_str_t *value, ngx_http_whatsapp_abuse_strikes_t *strikes);


ngx_str_t  ngx_http_whatsapp_abuse_causes[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_REQ] = ngx_string("limit_req"),
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_CONN] = ngx_string("limit_conn"),
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_AUTH] = ngx_string("auth"),
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_INVALID] = ngx_string("invalid"),
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES] = ngx_null_string
};

_Static_assert(sizeof(ngx_http_whatsapp_abuse_causes) / sizeof(ngx_str_t)
        == NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES + 1, "a name for each cause");


static ngx_http_whatsapp_abuse_number_t  ngx_http_whatsapp_abuse_numbers[] = {

    { ngx_string("count="), NGX_HTTP_WHATSAPP_ABUSE_COUNT,
      offsetof(ngx_http_whatsapp_abuse_strikes_t, count), 0,
      1, NGX_HTTP_WHATSAPP_ABUSE_STRIKES_MAX, "a number from 1 to 65535" },

    { ngx_string("window="), NGX_HTTP_WHATSAPP_ABUSE_WINDOW,
      offsetof(ngx_http_whatsapp_abuse_strikes_t, window), 1,
      NGX_HTTP_WHATSAPP_ABUSE_TIME_MIN, NGX_HTTP_WHATSAPP_ABUSE_WINDOW_MAX,
      "a time from 1s to 1d" },

    { ngx_string("ban="), NGX_HTTP_WHATSAPP_ABUSE_BAN,
      offsetof(ngx_http_whatsapp_abuse_strikes_t, ban), 1,
      NGX_HTTP_WHATSAPP_ABUSE_TIME_MIN, NGX_HTTP_WHATSAPP_ABUSE_BAN_MAX,
      "a time from 1s to 365d" },

    { ngx_string("max_ban="), NGX_HTTP_WHATSAPP_ABUSE_MAX_BAN,
      offsetof(ngx_http_whatsapp_abuse_strikes_t, max_ban), 1,
      NGX_HTTP_WHATSAPP_ABUSE_TIME_MIN, NGX_HTTP_WHATSAPP_ABUSE_BAN_MAX,
      "a time from 1s to 365d" },

    { ngx_null_string, 0, 0, 0, 0, 0,
      "\"limit_req=zone\", \"limit_conn=zone\", \"auth\", \"invalid\", "
      "\"count=number\", \"window=time\", \"ban=time\", \"max_ban=time\", or "
      "\"off\" alone" }
};

_Static_assert(sizeof(ngx_uint_t) == sizeof(ngx_msec_t),
               "numbers and times are set alike");


char *
ngx_http_whatsapp_abuse_strikes(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_whatsapp_abuse_loc_conf_t *alcf = conf;

    char                               *rv;
    ngx_str_t                          *value;
    ngx_uint_t                          i, seen;
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

    ngx_http_whatsapp_conf_place(cf, &strikes->place);

    strikes->count = 100;
    strikes->window = 60 * 1000;
    strikes->ban = 600 * 1000;
    strikes->max_ban = 24 * 60 * 60 * 1000;

    seen = 0;

    for (i = 1; i < cf->args->nelts; i++) {

        rv = ngx_http_whatsapp_abuse_strikes_parameter(cf, &value[i], strikes,
                                                       &seen);
        if (rv == NGX_CONF_OK) {
            continue;
        }

        if (rv != NGX_CONF_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s \"%V\"",
                               rv, &value[i]);
        }

        return NGX_CONF_ERROR;
    }

    if (strikes->causes == 0) {
        return "needs one of \"limit_req=zone\", \"limit_conn=zone\", "
               "\"auth\", \"invalid\"";
    }

    if (strikes->max_ban < strikes->ban) {
        return "has a \"max_ban\" that is shorter than its \"ban\"";
    }

    alcf->strikes = strikes;

    return NGX_CONF_OK;
}


/* returns what is wrong with the value; NGX_CONF_ERROR: that is logged */

static char *
ngx_http_whatsapp_abuse_strikes_parameter(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_whatsapp_abuse_strikes_t *strikes, ngx_uint_t *seen)
{
    ngx_str_t   *cause, zones;
    ngx_uint_t   i, bit;

    cause = ngx_http_whatsapp_abuse_causes;
    ngx_str_null(&zones);

    for (i = 0; cause[i].len; i++) {

        if (ngx_strncmp(value->data, cause[i].data, cause[i].len) == 0
            && (value->len == cause[i].len
                || (i < NGX_HTTP_WHATSAPP_ABUSE_LIMITS
                    && value->data[cause[i].len] == '=')))
        {
            if (value->len > cause[i].len) {
                zones.data = value->data + cause[i].len + 1;
                zones.len = value->len - cause[i].len - 1;
            }

            break;
        }
    }

    bit = cause[i].len ? (ngx_uint_t) 1 << i
                       : ngx_http_whatsapp_abuse_strikes_number(cf, value,
                                                                strikes);

    if (bit == 0) {
        return NGX_CONF_ERROR;
    }

    if (*seen & bit) {
        return "duplicate parameter";
    }

    *seen |= bit;

    if (cause[i].len == 0) {
        return NGX_CONF_OK;
    }

    strikes->causes |= bit;

    if (i < NGX_HTTP_WHATSAPP_ABUSE_LIMITS) {
        return ngx_http_whatsapp_abuse_strikes_limit(cf, i, &zones, strikes);
    }

    return NGX_CONF_OK;
}


/*
 * Takes "limit_req=zone,zone". A limit with another key than the address would
 * let one client use it up and get all others banned that it refuses then, so
 * the operator says of each zone that it has this key.
 */

static char *
ngx_http_whatsapp_abuse_strikes_limit(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_strike_e cause, ngx_str_t *zones,
    ngx_http_whatsapp_abuse_strikes_t *strikes)
{
    ngx_int_t                            *index;
    ngx_http_whatsapp_abuse_main_conf_t  *amcf;

    static ngx_str_t  variables[] = {
        [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_REQ] =
            ngx_string("limit_req_status"),
        [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_CONN] =
            ngx_string("limit_conn_status")
    };

    if (zones->len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" must name the zones that are keyed by the "
                           "client's address, as in \"%V=zone1,zone2\": with "
                           "any other key one client could get others banned",
                           &ngx_http_whatsapp_abuse_causes[cause],
                           &ngx_http_whatsapp_abuse_causes[cause]);
        return NGX_CONF_ERROR;
    }

    strikes->zones[cause] = ngx_array_create(cf->pool, 1,
                                             sizeof(ngx_shm_zone_t *));
    if (strikes->zones[cause] == NULL) {
        return NGX_CONF_ERROR;
    }

    amcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_whatsapp_abuse_module);
    index = &amcf->limit_index[cause];

    *index = ngx_http_get_variable_index(cf, &variables[cause]);

    if (*index == NGX_ERROR) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_whatsapp_abuse_strikes_zones(cf, cause, zones,
                                                 strikes->zones[cause]);
}


static char *
ngx_http_whatsapp_abuse_strikes_zones(ngx_conf_t *cf,
    ngx_http_whatsapp_abuse_strike_e cause, ngx_str_t *zones,
    ngx_array_t *array)
{
    u_char           *p, *last;
    ngx_str_t         name;
    ngx_shm_zone_t  **zone;

    last = zones->data + zones->len;

    for (name.data = zones->data; name.data <= last; name.data = p + 1) {

        p = ngx_strlchr(name.data, last, ',');

        if (p == NULL) {
            p = last;
        }

        name.len = p - name.data;

        if (name.len == 0) {
            return "empty name of a zone in";
        }

        zone = ngx_array_push(array);
        if (zone == NULL) {
            return NGX_CONF_ERROR;
        }

        *zone = ngx_http_whatsapp_limits_zone(cf, cause, &name);
        if (*zone == NULL
            || ngx_http_whatsapp_abuse_name_zone(cf, *zone,
                                      &ngx_http_whatsapp_abuse_causes[cause])
               != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/* returns the bit of the number, or 0 with the reason logged */

static ngx_uint_t
ngx_http_whatsapp_abuse_strikes_number(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_whatsapp_abuse_strikes_t *strikes)
{
    ngx_int_t                          n;
    ngx_str_t                          s;
    ngx_http_whatsapp_abuse_number_t  *number;

    for (number = ngx_http_whatsapp_abuse_numbers; number->bit; number++) {

        if (ngx_strncmp(value->data, number->name.data, number->name.len)
            != 0)
        {
            continue;
        }

        s.data = value->data + number->name.len;
        s.len = value->len - number->name.len;

        n = number->time ? ngx_parse_time(&s, 0) : ngx_atoi(s.data, s.len);

        if (n >= number->min && n <= number->max) {
            *(ngx_uint_t *) ((u_char *) strikes + number->offset) = n;
            return number->bit;
        }

        break;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", it must be %s", value,
                       number->allowed);
    return 0;
}
