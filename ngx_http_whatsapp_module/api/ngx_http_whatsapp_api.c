
/*
 * The way from a request to a call: its path and method have a route, whose
 * builder makes the call of the body.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_text.h"


static ngx_uint_t ngx_http_whatsapp_optional_routes(
    const ngx_http_whatsapp_loc_conf_t *conf);
static const ngx_http_whatsapp_route_t *ngx_http_whatsapp_uri_route(
    ngx_http_request_t *r);
static const ngx_http_whatsapp_route_t *ngx_http_whatsapp_form_route(
    ngx_http_request_t *r, const ngx_http_whatsapp_route_t *route);
static ngx_int_t ngx_http_whatsapp_parse_path(ngx_http_request_t *r,
    ngx_http_whatsapp_path_t *path);
static u_char *ngx_http_whatsapp_segment(u_char *p, u_char *last,
    ngx_str_t *segment);
static ngx_uint_t ngx_http_whatsapp_is_version(ngx_str_t *s);
static ngx_int_t ngx_http_whatsapp_set_allow(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_uint_t methods);


/* the methods that "Allow" may list, in its order */

static const ngx_conf_bitmask_t  ngx_http_whatsapp_methods[] = {
    { ngx_string("GET"), NGX_HTTP_GET },
    { ngx_string("HEAD"), NGX_HTTP_HEAD },
    { ngx_string("POST"), NGX_HTTP_POST },
    { ngx_string("DELETE"), NGX_HTTP_DELETE },
    { ngx_null_string, 0 }
};


ngx_int_t
ngx_http_whatsapp_route(ngx_http_request_t *r, ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_uint_t                     allow;
    ngx_http_whatsapp_path_t       path;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    ctx->route = NULL;
    ctx->call = NULL;
    ctx->head_sent = 0;
    ctx->policy = 0;

    /* before an internal redirect another route may have set these */

    ngx_str_null(&ctx->session);
    ngx_str_null(&ctx->method);
    ngx_str_null(&ctx->headers);
    ngx_str_null(&ctx->call_body);
    ngx_str_null(&ctx->upload_type);
    ngx_str_null(&ctx->answer_type);

    if (ngx_http_whatsapp_parse_path(r, &path) != NGX_OK) {
        return NGX_DECLINED;
    }

    ctx->route = ngx_http_whatsapp_form_route(r,
                   ngx_http_whatsapp_find_route(
                       &path, r->method,
                       ngx_http_whatsapp_optional_routes(wlcf), &allow));

    ctx->object = path.object;

    /* a number that is too long for a session may be the id of a template */

    if (path.session.len <= NGX_HTTP_WHATSAPP_SESSION_LEN) {
        ctx->session = path.session;

    } else {
        ctx->object = path.session;
    }

    if (ctx->route) {
        ctx->call = ngx_http_whatsapp_method_call(ctx->route->method);
        return NGX_OK;
    }

    if (allow == 0) {
        return NGX_DECLINED;
    }

    return ngx_http_whatsapp_set_allow(r, ctx, allow);
}


static ngx_uint_t
ngx_http_whatsapp_optional_routes(const ngx_http_whatsapp_loc_conf_t *conf)
{
    return (conf->beta_api ? NGX_HTTP_WHATSAPP_BETA : 0)
           | (conf->policy ? NGX_HTTP_WHATSAPP_POLICY : 0);
}


ngx_uint_t
ngx_http_whatsapp_route_no_auth(const ngx_http_whatsapp_route_t *route)
{
    const ngx_http_whatsapp_call_t  *call;

    call = ngx_http_whatsapp_method_call(route->method);

    return call && call->scope == NGX_HTTP_WHATSAPP_SCOPE_OPEN;
}


/*
 * A route whose body tells the method has the scopes of all these methods.  A
 * token needs one of them here, and that of the method once it is known.
 */

ngx_uint_t
ngx_http_whatsapp_route_scopes(const ngx_http_whatsapp_route_t *route)
{
    const ngx_http_whatsapp_call_t  *call;

    call = ngx_http_whatsapp_method_call(route->method);

    return call ? call->scope : (route->flags & NGX_HTTP_WHATSAPP_SCOPES);
}


ngx_int_t
ngx_http_whatsapp_uri_session(ngx_http_request_t *r, ngx_str_t *session)
{
    ngx_http_whatsapp_path_t  path;

    if (ngx_http_whatsapp_parse_path(r, &path) != NGX_OK
        || path.session.len == 0
        || path.session.len > NGX_HTTP_WHATSAPP_SESSION_LEN)
    {
        return NGX_DECLINED;
    }

    *session = path.session;

    return NGX_OK;
}


const ngx_str_t *
ngx_http_whatsapp_call_name(ngx_http_request_t *r)
{
    ngx_http_whatsapp_ctx_t          *ctx;
    const ngx_http_whatsapp_call_t   *call;
    const ngx_http_whatsapp_route_t  *route;

    ctx = ngx_http_whatsapp_find_ctx(r);

    if (ctx && ctx->call) {
        return &ctx->call->name;
    }

    route = ngx_http_whatsapp_uri_route(r);

    if (route == NULL) {
        return NULL;
    }

    call = ngx_http_whatsapp_method_call(route->method);

    return call ? &call->name : NULL;
}


ngx_uint_t
ngx_http_whatsapp_uri_upload(ngx_http_request_t *r)
{
    const ngx_http_whatsapp_route_t  *route;

    route = ngx_http_whatsapp_uri_route(r);

    return route && (route->flags & NGX_HTTP_WHATSAPP_UPLOAD);
}


/* the route, also of a request that has not come to the content handler */

static const ngx_http_whatsapp_route_t *
ngx_http_whatsapp_uri_route(ngx_http_request_t *r)
{
    ngx_uint_t                     allow;
    ngx_http_whatsapp_path_t       path;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (!wlcf->enabled || ngx_http_whatsapp_parse_path(r, &path) != NGX_OK) {
        return NULL;
    }

    return ngx_http_whatsapp_form_route(r,
                   ngx_http_whatsapp_find_route(
                       &path, r->method,
                       ngx_http_whatsapp_optional_routes(wlcf), &allow));
}


/* the row of the same path for forms, if there is one and the body is one */

static const ngx_http_whatsapp_route_t *
ngx_http_whatsapp_form_route(ngx_http_request_t *r,
    const ngx_http_whatsapp_route_t *route)
{
    if (route && (route->flags & NGX_HTTP_WHATSAPP_OR_FORM)
        && ngx_http_whatsapp_has_form(r))
    {
        return route + 1;
    }

    return route;
}


/*
 * {root}[/{version}]/{number}[/{rest}] or {root}[/{version}]/{rest}, each with
 * or without a slash at its end; the rest may have slashes within
 */

static ngx_int_t
ngx_http_whatsapp_parse_path(ngx_http_request_t *r,
    ngx_http_whatsapp_path_t *path)
{
    u_char                        *p, *last;
    ngx_str_t                      first;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    /* a rewrite may have changed the beginning of the URI */

    if (r->uri.len < wlcf->root.len
        || ngx_memcmp(r->uri.data, wlcf->root.data, wlcf->root.len) != 0)
    {
        return NGX_DECLINED;
    }

    p = r->uri.data + wlcf->root.len;
    last = r->uri.data + r->uri.len;

    if (last - p > 1 && last[-1] == '/') {
        last--;
    }

    p = ngx_http_whatsapp_segment(p, last, &first);

    if (p && ngx_http_whatsapp_is_version(&first)) {
        p = ngx_http_whatsapp_segment(p, last, &first);
    }

    if (p == NULL) {
        return NGX_DECLINED;
    }

    ngx_str_null(&path->session);
    ngx_str_null(&path->object);

    path->rest.data = first.data;

    if (ngx_http_whatsapp_digits(first.data, first.len)) {
        path->session = first;
        path->rest.data = (p < last) ? p + 1 : last;
    }

    path->rest.len = last - path->rest.data;

    return NGX_OK;
}


/* returns the end of the next segment; NULL: there is none, or it is empty */

static u_char *
ngx_http_whatsapp_segment(u_char *p, u_char *last, ngx_str_t *segment)
{
    if (p == last || *p != '/') {
        return NULL;
    }

    segment->data = ++p;

    while (p < last && *p != '/') {
        p++;
    }

    segment->len = p - segment->data;

    return segment->len ? p : NULL;
}


/* ^v\d+\.\d+$ */

static ngx_uint_t
ngx_http_whatsapp_is_version(ngx_str_t *s)
{
    u_char  *dot, *last;

    if (s->data[0] != 'v') {
        return 0;
    }

    last = s->data + s->len;

    dot = ngx_strlchr(s->data, last, '.');

    return dot
           && ngx_http_whatsapp_digits(s->data + 1, dot - s->data - 1)
           && ngx_http_whatsapp_digits(dot + 1, last - dot - 1);
}


static ngx_int_t
ngx_http_whatsapp_set_allow(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_uint_t methods)
{
    u_char                    *p;
    size_t                     len;
    const ngx_conf_bitmask_t  *method;

    len = 0;

    for (method = ngx_http_whatsapp_methods; method->mask; method++) {
        len += method->name.len + sizeof(", ") - 1;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->allow.data = p;

    for (method = ngx_http_whatsapp_methods; method->mask; method++) {
        if (methods & method->mask) {
            p = ngx_sprintf(p, "%V, ", &method->name);
        }
    }

    ctx->allow.len = p - ctx->allow.data - (sizeof(", ") - 1);

    return NGX_HTTP_NOT_ALLOWED;
}


ngx_int_t
ngx_http_whatsapp_create_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_uint_t                 flags;
    ngx_http_whatsapp_json_t  *body;

    body = NULL;
    flags = ctx->route->flags;

    if (flags & NGX_HTTP_WHATSAPP_JSON) {

        if (r->method == NGX_HTTP_GET) {
            rc = ngx_http_whatsapp_parse_args(r, ctx, &body);

        } else {
            rc = ngx_http_whatsapp_parse_body(r, ctx, &body,
                                              flags & NGX_HTTP_WHATSAPP_EMPTY,
                                              flags & NGX_HTTP_WHATSAPP_BETA);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ctx->route->build(r, ctx, body);
}
