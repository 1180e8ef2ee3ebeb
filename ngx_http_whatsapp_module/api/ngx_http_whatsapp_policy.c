
/*
 * Serves the privacy policy in the form that Accept asks for, and names it in
 * the answers of its location.
 */


#include "ngx_http_whatsapp_api.h"

#include "protocol/accept.h"


#define NGX_HTTP_WHATSAPP_POLICY_PATH   "/privacy"
#define NGX_HTTP_WHATSAPP_POLICY_REL    ">; rel=\"privacy-policy\""


static ngx_http_whatsapp_policy_form_t *ngx_http_whatsapp_policy_choose(
    ngx_http_whatsapp_policy_t *policy, ngx_str_t *accept);
static ngx_int_t ngx_http_whatsapp_policy_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_policy_form_t *form);


/* of each form: as Accept names it, and as Content-Type does */

static const char  *const ngx_http_whatsapp_policy_names[] = {
    "text/html",
    "text/markdown"
};


static const ngx_str_t  ngx_http_whatsapp_policy_types[] = {
    ngx_string("text/html; charset=UTF-8"),
    ngx_string("text/markdown; charset=UTF-8")
};


ngx_int_t
ngx_http_whatsapp_policy_link(ngx_http_request_t *r, ngx_str_t *value)
{
    ngx_str_t                      url;
    ngx_int_t                      rc;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    /* the default of the base would trust the Host header for nothing */

    url = wlcf->root_uri;

    if (wlcf->public_url) {
        rc = ngx_http_whatsapp_public_url(r, &url);

        if (rc == NGX_DECLINED) {
            url = wlcf->root_uri;

        } else if (rc != NGX_OK) {
            return rc;
        }
    }

    value->data = ngx_pnalloc(r->pool,
                              1 + url.len
                              + sizeof(NGX_HTTP_WHATSAPP_POLICY_PATH
                                       NGX_HTTP_WHATSAPP_POLICY_REL) - 1);
    if (value->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    value->len = ngx_sprintf(value->data,
                             "<%V" NGX_HTTP_WHATSAPP_POLICY_PATH
                             NGX_HTTP_WHATSAPP_POLICY_REL, &url)
                 - value->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_build_policy(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t                         rc;
    ngx_str_t                         accept, vary;
    ngx_http_whatsapp_loc_conf_t     *wlcf;
    ngx_http_whatsapp_policy_form_t  *form;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    ngx_str_set(&vary, "Accept");

    if (ngx_http_whatsapp_add_header(r, "Vary", &vary) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_whatsapp_get_accept(r, &accept);

    if (rc != NGX_OK) {
        return rc;
    }

    form = ngx_http_whatsapp_policy_choose(wlcf->policy, &accept);

    if (form == NULL) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_NOT_ACCEPTABLE,
                                       "Accept names none of the forms of "
                                       "the policy");
    }

    if (ngx_http_whatsapp_policy_headers(r, form) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->answer_type = ngx_http_whatsapp_policy_types[form
                                                      - wlcf->policy->forms];
    ctx->answer = form->text;
    ctx->policy = 1;

    return NGX_DECLINED;
}


/* NULL: none that there is is acceptable */

static ngx_http_whatsapp_policy_form_t *
ngx_http_whatsapp_policy_choose(ngx_http_whatsapp_policy_t *policy,
    ngx_str_t *accept)
{
    int                               i;
    ngx_uint_t                        n, form;
    const char                       *types[NGX_HTTP_WHATSAPP_POLICY_FORMS];
    ngx_http_whatsapp_policy_form_t  *forms[NGX_HTTP_WHATSAPP_POLICY_FORMS];

    n = 0;

    for (form = 0; form < NGX_HTTP_WHATSAPP_POLICY_FORMS; form++) {
        if (policy->forms[form].text.len) {
            forms[n] = &policy->forms[form];
            types[n++] = ngx_http_whatsapp_policy_names[form];
        }
    }

    if (n == 0) {
        return NULL;
    }

    i = whatsapp_accept_choose((char *) accept->data, types, n);

    return i == -1 ? NULL : forms[i];
}


static ngx_int_t
ngx_http_whatsapp_policy_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_policy_form_t *form)
{
    ngx_str_t         nosniff, referrer;
    ngx_table_elt_t  *h;

    ngx_str_set(&nosniff, "nosniff");
    ngx_str_set(&referrer, "no-referrer");

    if (ngx_http_whatsapp_add_header(r, "X-Content-Type-Options", &nosniff)
        != NGX_OK
        || ngx_http_whatsapp_add_header(r, "Referrer-Policy", &referrer)
           != NGX_OK
        || (form->csp.len
            && ngx_http_whatsapp_add_header(r, "Content-Security-Policy",
                                            &form->csp)
               != NGX_OK))
    {
        return NGX_ERROR;
    }

    h = ngx_http_whatsapp_push_header(r, "ETag", &form->etag);

    if (h == NULL) {
        return NGX_ERROR;
    }

    r->headers_out.etag = h;
    r->headers_out.last_modified_time = form->modified;

    return NGX_OK;
}
