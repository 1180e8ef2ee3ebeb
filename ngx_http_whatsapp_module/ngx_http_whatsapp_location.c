
/*
 * What nginx -t checks of a location with whatsapp_pass, and the base of its
 * absolute URLs.
 */


#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_upstream.h"
#include "ngx_http_whatsapp_text.h"


static ngx_int_t ngx_http_whatsapp_escape_root(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf);
static ngx_uint_t ngx_http_whatsapp_may_be_url(ngx_http_complex_value_t *url);


char *
ngx_http_whatsapp_set_public_url(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_whatsapp_loc_conf_t *wlcf = conf;

    char  *rv;

    rv = ngx_http_set_complex_value_slot(cf, cmd, conf);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (!ngx_http_whatsapp_may_be_url(wlcf->public_url)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"whatsapp_public_url\" \"%V\" is not a plain "
                           "http or https URL, as in "
                           "\"https://api.example.com/whatsapp\"",
                           &wlcf->public_url->value);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/*
 * The base is whatsapp_public_url, by default "$scheme://$whatsapp_host" and
 * the root.
 */

char *
ngx_http_whatsapp_set_base(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf)
{
    ngx_str_t                          value;
    ngx_http_compile_complex_value_t   ccv;

    if (ngx_http_whatsapp_escape_root(cf, conf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (conf->public_url) {
        conf->base = conf->public_url;
        return NGX_CONF_OK;
    }

    value.len = sizeof("$scheme://$whatsapp_host") - 1 + conf->root_uri.len;
    value.data = ngx_pnalloc(cf->pool, value.len);

    conf->base = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));

    if (value.data == NULL || conf->base == NULL) {
        return NGX_CONF_ERROR;
    }

    (void) ngx_sprintf(value.data, "$scheme://$whatsapp_host%V",
                       &conf->root_uri);

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value;
    ccv.complex_value = conf->base;

    return ngx_http_compile_complex_value(&ccv) == NGX_OK ? NGX_CONF_OK
                                                          : NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_whatsapp_escape_root(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf)
{
    size_t  i;
    u_char  ch, *p;

    p = ngx_pnalloc(cf->pool, 3 * conf->root.len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    conf->root_uri.data = p;

    for (i = 0; i < conf->root.len; i++) {
        ch = conf->root.data[i];

        if (ngx_http_whatsapp_is_url_char(ch) && ch != '%') {
            *p++ = ch;

        } else {
            p = ngx_sprintf(p, "%%%02Xd", ch);
        }
    }

    conf->root_uri.len = p - conf->root_uri.data;

    return NGX_OK;
}


/* what stands before the first variable has to be the beginning of a URL */

static ngx_uint_t
ngx_http_whatsapp_may_be_url(ngx_http_complex_value_t *url)
{
    u_char     *p;
    ngx_str_t   text;

    if (url->lengths == NULL) {
        return ngx_http_whatsapp_is_url(&url->value);
    }

    text.data = url->value.data;

    p = ngx_strlchr(text.data, text.data + url->value.len, '$');

    text.len = p - text.data;

    return text.len == 0
           || ngx_http_whatsapp_is_url(&text)
           || ngx_http_whatsapp_text_is(&text, "http://")
           || ngx_http_whatsapp_text_is(&text, "https://");
}


char *
ngx_http_whatsapp_check_conf(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;
#if (nginx_version >= 1031005)
    ngx_http_core_srv_conf_t  *cscf;
#endif

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler != ngx_http_whatsapp_handler) {
        ngx_http_whatsapp_conf_error(cf, &conf->place,
            "\"whatsapp_pass\" in location \"%V\" stands beside another "
            "content handler", &clcf->name);
        return NGX_CONF_ERROR;
    }

    if (conf->auth && conf->tokens == NULL) {
        ngx_http_whatsapp_conf_error(cf, &conf->place,
            "\"whatsapp_pass\" in location \"%V\" needs \"whatsapp_tokens\" "
            "or \"whatsapp_auth off\"", &clcf->name);
        return NGX_CONF_ERROR;
    }

    if (conf->upstream.upstream && conf->secret.len == 0
        && !ngx_http_whatsapp_upstream_local(conf->upstream.upstream))
    {
        ngx_http_whatsapp_conf_error(cf, &conf->place,
            "\"whatsapp_pass\" in location \"%V\" leads to an address that is "
            "not a unix socket and needs \"whatsapp_secret_file\"",
            &clcf->name);
        return NGX_CONF_ERROR;
    }

    if (clcf->client_body_in_file_only) {
        ngx_http_whatsapp_conf_error(cf, &conf->place,
            "\"client_body_in_file_only\" cannot be used in location \"%V\" "
            "with \"whatsapp_pass\"", &clcf->name);
        return NGX_CONF_ERROR;
    }

#if (nginx_version >= 1031005)

    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);

    if (cscf->client_body_early_read) {
        ngx_http_whatsapp_conf_error(cf, &conf->place,
            "\"client_body_early_read\" cannot be used in a server with "
            "\"whatsapp_pass\" (location \"%V\"): it may write bodies to "
            "temporary files", &clcf->name);
        return NGX_CONF_ERROR;
    }

#endif

    return NGX_CONF_OK;
}


/* the prefix of the location becomes the root of the API, so it needs one */

char *
ngx_http_whatsapp_check_location(ngx_conf_t *cf,
    ngx_http_core_loc_conf_t *clcf)
{
    ngx_uint_t  prefix;

    prefix = !clcf->named && !clcf->exact_match && clcf->name.len;

#if (NGX_PCRE)
    prefix = prefix && clcf->regex == NULL;
#endif

    if (!prefix) {
        return "needs a location given by prefix, not by regular expression, "
               "name or exact match";
    }

    if (clcf->handler) {
        return "stands beside another content handler";
    }

    return NGX_CONF_OK;
}
