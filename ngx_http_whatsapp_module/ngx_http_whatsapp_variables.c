
/*
 * $whatsapp_session, $whatsapp_call and $whatsapp_error_code.  They are set
 * before the content handler runs, so that limits and upstreams can use them
 * as keys, and in the log phase, also after an error page led elsewhere.
 */


#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_api.h"


static ngx_int_t ngx_http_whatsapp_session_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_whatsapp_call_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_whatsapp_error_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void ngx_http_whatsapp_variable_set(ngx_http_variable_value_t *v,
    const ngx_str_t *s);


static ngx_http_variable_t  ngx_http_whatsapp_vars[] = {

    { ngx_string("whatsapp_session"), NULL,
      ngx_http_whatsapp_session_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("whatsapp_call"), NULL,
      ngx_http_whatsapp_call_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("whatsapp_error_code"), NULL,
      ngx_http_whatsapp_error_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


static ngx_int_t
ngx_http_whatsapp_session_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                      session;
    ngx_http_whatsapp_ctx_t       *ctx;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);
    ctx = ngx_http_whatsapp_find_ctx(r);

    v->not_found = 1;

    if (ctx && ctx->session.len) {
        ngx_http_whatsapp_variable_set(v, &ctx->session);

    } else if (wlcf->enabled
               && ngx_http_whatsapp_uri_session(r, &session) == NGX_OK)
    {
        ngx_http_whatsapp_variable_set(v, &session);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_call_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    const ngx_str_t  *name;

    v->not_found = 1;

    name = ngx_http_whatsapp_call_name(r);

    if (name) {
        ngx_http_whatsapp_variable_set(v, name);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_error_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                 s;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_whatsapp_find_ctx(r);

    if (ctx == NULL || !ctx->failed) {
        v->not_found = 1;
        return NGX_OK;
    }

    s.data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (s.data == NULL) {
        return NGX_ERROR;
    }

    s.len = ngx_sprintf(s.data, "%ui",
                        ngx_http_whatsapp_error_code(ctx->error.reason))
            - s.data;

    ngx_http_whatsapp_variable_set(v, &s);

    return NGX_OK;
}


static void
ngx_http_whatsapp_variable_set(ngx_http_variable_value_t *v,
    const ngx_str_t *s)
{
    v->len = s->len;
    v->data = s->data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
}


ngx_int_t
ngx_http_whatsapp_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_whatsapp_vars; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}
