
/*
 * The public API: which path and method make which call to the controller.
 */


#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_fields.h"


#define NGX_HTTP_WHATSAPP_SESSION_LEN   15
#define NGX_HTTP_WHATSAPP_FIELDS_LEN    512

/* of a call: fallbacks and the like that the client's body does not have */
#define NGX_HTTP_WHATSAPP_PARAMS_LEN    256

/* flags of a route */
#define NGX_HTTP_WHATSAPP_UNDER_SESSION 0x01   /* under {phone_number_id} */
#define NGX_HTTP_WHATSAPP_OPEN          0x02   /* needs no token */
#define NGX_HTTP_WHATSAPP_JSON          0x04   /* has a JSON body */


typedef ngx_int_t (*ngx_http_whatsapp_build_pt)(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


struct ngx_http_whatsapp_route_s {
    ngx_str_t                         edge;
    ngx_uint_t                        methods;
    ngx_uint_t                        flags;
    const ngx_http_whatsapp_call_t   *call;      /* NULL: the body tells */
    ngx_http_whatsapp_build_pt        build;
};


typedef struct {
    ngx_str_t                         session;
    ngx_str_t                         edge;
} ngx_http_whatsapp_path_t;


static ngx_int_t ngx_http_whatsapp_parse_path(ngx_http_request_t *r,
    ngx_http_whatsapp_path_t *path);
static u_char *ngx_http_whatsapp_segment(u_char *p, u_char *last,
    ngx_str_t *segment);
static ngx_uint_t ngx_http_whatsapp_version(ngx_str_t *s);
static const ngx_http_whatsapp_route_t *ngx_http_whatsapp_find_route(
    ngx_http_whatsapp_path_t *path, ngx_uint_t method, ngx_uint_t *allow);
static ngx_int_t ngx_http_whatsapp_set_allow(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_uint_t methods);

static ngx_int_t ngx_http_whatsapp_build_messages(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_build_phone_number(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_get_fields(ngx_http_request_t *r,
    ngx_str_t *fields);
static ngx_int_t ngx_http_whatsapp_build_session(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_build_health(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_set_uri(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, const char *edge);
static u_char *ngx_http_whatsapp_call_start(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, size_t size);
static void ngx_http_whatsapp_call_end(ngx_http_whatsapp_ctx_t *ctx,
    u_char *p);


static const ngx_http_whatsapp_call_t  ngx_http_whatsapp_phone_number_call = {
    ngx_string("phone_number.get"), 0
};

static const ngx_http_whatsapp_call_t  ngx_http_whatsapp_session_call = {
    ngx_string("session.get"), 0
};

static const ngx_http_whatsapp_call_t  ngx_http_whatsapp_healthz_call = {
    ngx_string("healthz"), 0
};

static const ngx_http_whatsapp_call_t  ngx_http_whatsapp_readyz_call = {
    ngx_string("readyz"), 0
};


static const ngx_http_whatsapp_route_t  ngx_http_whatsapp_routes[] = {

    { ngx_string("messages"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NULL,
      ngx_http_whatsapp_build_messages },

    { ngx_string(""), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      &ngx_http_whatsapp_phone_number_call,
      ngx_http_whatsapp_build_phone_number },

    { ngx_string("session"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      &ngx_http_whatsapp_session_call,
      ngx_http_whatsapp_build_session },

    { ngx_string("healthz"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_OPEN,
      &ngx_http_whatsapp_healthz_call,
      ngx_http_whatsapp_build_health },

    { ngx_string("readyz"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_OPEN,
      &ngx_http_whatsapp_readyz_call,
      ngx_http_whatsapp_build_health },

    { ngx_null_string, 0, 0, NULL, NULL }
};


ngx_int_t
ngx_http_whatsapp_route(ngx_http_request_t *r, ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_uint_t                allow;
    ngx_http_whatsapp_path_t  path;

    ctx->route = NULL;
    ctx->call = NULL;

    ngx_str_null(&ctx->session);
    ngx_str_null(&ctx->call_body);

    if (ngx_http_whatsapp_parse_path(r, &path) != NGX_OK) {
        return NGX_DECLINED;
    }

    ctx->session = path.session;
    ctx->route = ngx_http_whatsapp_find_route(&path, r->method, &allow);

    if (ctx->route) {
        ctx->call = ctx->route->call;
        return NGX_OK;
    }

    if (allow == 0) {
        return NGX_DECLINED;
    }

    return ngx_http_whatsapp_set_allow(r, ctx, allow);
}


ngx_uint_t
ngx_http_whatsapp_route_open(const ngx_http_whatsapp_route_t *route)
{
    return (route->flags & NGX_HTTP_WHATSAPP_OPEN) != 0;
}


ngx_uint_t
ngx_http_whatsapp_route_json(const ngx_http_whatsapp_route_t *route)
{
    return (route->flags & NGX_HTTP_WHATSAPP_JSON) != 0;
}


ngx_int_t
ngx_http_whatsapp_uri_session(ngx_http_request_t *r, ngx_str_t *session)
{
    ngx_http_whatsapp_path_t  path;

    if (ngx_http_whatsapp_parse_path(r, &path) != NGX_OK
        || path.session.len == 0)
    {
        return NGX_DECLINED;
    }

    *session = path.session;

    return NGX_OK;
}


const ngx_str_t *
ngx_http_whatsapp_uri_call(ngx_http_request_t *r)
{
    ngx_uint_t                        allow;
    ngx_http_whatsapp_path_t          path;
    const ngx_http_whatsapp_route_t  *route;

    if (ngx_http_whatsapp_parse_path(r, &path) != NGX_OK) {
        return NULL;
    }

    route = ngx_http_whatsapp_find_route(&path, r->method, &allow);

    if (route == NULL || route->call == NULL) {
        return NULL;
    }

    return &route->call->name;
}


/*
 * {root}[/{version}]/{phone_number_id}[/{edge}] or {root}[/{version}]/{edge},
 * each with or without a slash at its end
 */

static ngx_int_t
ngx_http_whatsapp_parse_path(ngx_http_request_t *r,
    ngx_http_whatsapp_path_t *path)
{
    u_char                        *p, *last;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    /* a rewrite may have led out of the root */

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

    p = ngx_http_whatsapp_segment(p, last, &path->edge);

    if (p && ngx_http_whatsapp_version(&path->edge)) {
        p = ngx_http_whatsapp_segment(p, last, &path->edge);
    }

    ngx_str_null(&path->session);

    if (p && ngx_http_whatsapp_digits(path->edge.data, path->edge.len)) {

        path->session = path->edge;
        ngx_str_null(&path->edge);

        if (p < last) {
            p = ngx_http_whatsapp_segment(p, last, &path->edge);
        }
    }

    if (p != last || path->session.len > NGX_HTTP_WHATSAPP_SESSION_LEN) {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* NULL: there is no further segment, or it is empty */

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
ngx_http_whatsapp_version(ngx_str_t *s)
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


static const ngx_http_whatsapp_route_t *
ngx_http_whatsapp_find_route(ngx_http_whatsapp_path_t *path,
    ngx_uint_t method, ngx_uint_t *allow)
{
    ngx_uint_t                        session;
    const ngx_http_whatsapp_route_t  *route;

    *allow = 0;

    for (route = ngx_http_whatsapp_routes; route->build; route++) {

        session = route->flags & NGX_HTTP_WHATSAPP_UNDER_SESSION;

        if ((session != 0) != (path->session.len != 0)
            || route->edge.len != path->edge.len
            || ngx_strncmp(route->edge.data, path->edge.data,
                           path->edge.len)
               != 0)
        {
            continue;
        }

        if (route->methods & method) {
            return route;
        }

        *allow |= route->methods;
    }

    return NULL;
}


static ngx_int_t
ngx_http_whatsapp_set_allow(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_uint_t methods)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, sizeof("GET, HEAD, POST, ") - 1);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->allow.data = p;

    p = ngx_sprintf(p, "%s%s",
                    (methods & NGX_HTTP_GET) ? "GET, HEAD, " : "",
                    (methods & NGX_HTTP_POST) ? "POST, " : "");

    ctx->allow.len = p - ctx->allow.data - (sizeof(", ") - 1);

    return NGX_HTTP_NOT_ALLOWED;
}


ngx_int_t
ngx_http_whatsapp_create_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_http_whatsapp_json_t  *body;

    body = NULL;

    if (ngx_http_whatsapp_route_json(ctx->route)) {

        rc = ngx_http_whatsapp_parse_body(r, ctx, &body);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ctx->route->build(r, ctx, body);
}


static ngx_int_t
ngx_http_whatsapp_build_messages(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char     *p;
    ngx_int_t   rc;

    ctx->call = ngx_http_whatsapp_message_call(body);

    p = ngx_http_whatsapp_call_start(r, ctx, body->raw.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_whatsapp_print_message(r, &p, body);

    if (rc == NGX_OK) {
        ngx_http_whatsapp_call_end(ctx, p);
    }

    return rc;
}


static ngx_int_t
ngx_http_whatsapp_build_phone_number(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char     *p;
    ngx_int_t   rc;
    ngx_str_t   fields;

    rc = ngx_http_whatsapp_get_fields(r, &fields);

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_http_whatsapp_call_start(r, ctx, fields.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (fields.len) {
        p = ngx_sprintf(p, "\"fields\":\"%V\"", &fields);
    }

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}


/* ?fields=a,b{c}: names, in the Graph API's notation */

static ngx_int_t
ngx_http_whatsapp_get_fields(ngx_http_request_t *r, ngx_str_t *fields)
{
    u_char     *p, *src, *dst;
    ngx_str_t   value;

    ngx_str_null(fields);

    if (ngx_http_arg(r, (u_char *) "fields", sizeof("fields") - 1, &value)
        != NGX_OK)
    {
        return NGX_OK;
    }

    dst = ngx_pnalloc(r->pool, value.len);
    if (dst == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    fields->data = dst;

    src = value.data;
    ngx_unescape_uri(&dst, &src, value.len, 0);

    fields->len = dst - fields->data;

    for (p = fields->data; p < dst; p++) {

        switch (*p) {

        case '_':
        case ',':
        case '.':
        case '{':
        case '}':
        case '(':
        case ')':
            continue;

        default:
            if ((*p >= 'a' && *p <= 'z')
                || (*p >= 'A' && *p <= 'Z')
                || (*p >= '0' && *p <= '9'))
            {
                continue;
            }
        }

        break;
    }

    if (p < dst || fields->len > NGX_HTTP_WHATSAPP_FIELDS_LEN) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "fields must be names separated by "
                                       "commas");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_build_session(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    return ngx_http_whatsapp_set_uri(r, ctx, "");
}


static ngx_int_t
ngx_http_whatsapp_build_health(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, sizeof("/") - 1 + ctx->route->edge.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->uri.data = p;
    ctx->uri.len = ngx_sprintf(p, "/%V", &ctx->route->edge) - p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_set_uri(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, const char *edge)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, sizeof("/v1/sessions/") - 1 + ctx->session.len
                             + ngx_strlen(edge));
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->uri.data = p;
    ctx->uri.len = ngx_sprintf(p, "/v1/sessions/%V%s", &ctx->session, edge)
                   - p;

    return NGX_OK;
}


/* returns where the members of params go, size bytes and a few more */

static u_char *
ngx_http_whatsapp_call_start(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, size_t size)
{
    size_t  len;

    if (ngx_http_whatsapp_set_uri(r, ctx, "/call") != NGX_OK) {
        return NULL;
    }

    len = sizeof("{\"method\":\"\",\"params\":{}}") - 1
          + ctx->call->name.len + size + NGX_HTTP_WHATSAPP_PARAMS_LEN;

    ctx->call_body.data = ngx_pnalloc(r->pool, len);
    if (ctx->call_body.data == NULL) {
        return NULL;
    }

    return ngx_sprintf(ctx->call_body.data,
                       "{\"method\":\"%V\",\"params\":{", &ctx->call->name);
}


static void
ngx_http_whatsapp_call_end(ngx_http_whatsapp_ctx_t *ctx, u_char *p)
{
    *p++ = '}';
    *p++ = '}';

    ctx->call_body.len = p - ctx->call_body.data;
}
