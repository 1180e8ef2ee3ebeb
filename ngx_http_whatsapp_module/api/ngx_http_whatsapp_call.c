
/*
 * What the builders of calls share: the call's URI and body, and the arguments
 * of the client's URI.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_text.h"


/* most characters of ?fields= */
#define NGX_HTTP_WHATSAPP_FIELDS_LEN    512

/* most characters of the URL at which clients find a location */
#define NGX_HTTP_WHATSAPP_URL_MAX       256


static ngx_uint_t ngx_http_whatsapp_trim_fields(ngx_str_t *fields);
static ngx_uint_t ngx_http_whatsapp_is_name_char(u_char ch);


ngx_int_t
ngx_http_whatsapp_set_uri(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, const char *path)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, sizeof("/v1/sessions/") - 1 + ctx->session.len
                             + ngx_strlen(path));
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->uri.data = p;
    ctx->uri.len = ngx_sprintf(p, "/v1/sessions/%V%s", &ctx->session, path)
                   - p;

    return NGX_OK;
}


u_char *
ngx_http_whatsapp_call_start(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, size_t size)
{
    size_t  len;

    if (ngx_http_whatsapp_set_uri(r, ctx, "/call") != NGX_OK) {
        return NULL;
    }

    len = sizeof("{\"method\":\"\",\"params\":{}}") - 1
          + ctx->call->name.len + size + NGX_HTTP_WHATSAPP_PARAMS_LEN;

    ctx->call_body.data = ngx_pnalloc(ngx_http_whatsapp_pool(r), len);
    if (ctx->call_body.data == NULL) {
        return NULL;
    }

    ngx_str_set(&ctx->method, "POST");

    return ngx_sprintf(ctx->call_body.data,
                       "{\"method\":\"%V\",\"params\":{", &ctx->call->name);
}


void
ngx_http_whatsapp_call_end(ngx_http_whatsapp_ctx_t *ctx, u_char *p)
{
    *p++ = '}';
    *p++ = '}';

    ctx->call_body.len = p - ctx->call_body.data;
}


size_t
ngx_http_whatsapp_sessions_len(const ngx_http_whatsapp_ctx_t *ctx)
{
    return ctx->sessions
           ? ctx->sessions->nelts
             * (NGX_HTTP_WHATSAPP_SESSION_LEN + sizeof("\"\",") - 1)
           : 0;
}


u_char *
ngx_http_whatsapp_print_sessions(u_char *p,
    const ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_str_t   *session;
    ngx_uint_t   i;

    if (ctx->sessions == NULL) {
        return p;
    }

    if (p[-1] != '{') {
        *p++ = ',';
    }

    p = ngx_sprintf(p, "\"sessions\":[");

    session = ctx->sessions->elts;

    for (i = 0; i < ctx->sessions->nelts; i++) {
        p = ngx_sprintf(p, "%s\"%V\"", i ? "," : "", &session[i]);
    }

    *p++ = ']';

    return p;
}


ngx_int_t
ngx_http_whatsapp_arg(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    u_char  *src, *dst;

    if (ngx_http_arg(r, (u_char *) name, ngx_strlen(name), value) != NGX_OK) {
        ngx_str_set(value, "");
        return NGX_OK;
    }

    dst = ngx_pnalloc(ngx_http_whatsapp_pool(r), value->len + 1);
    if (dst == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    src = value->data;
    value->data = dst;

    ngx_unescape_uri(&dst, &src, value->len, 0);

    value->len = dst - value->data;

    return NGX_OK;
}


/* names in the Graph API's notation, as a,b{c}, need no escapes in JSON */

ngx_int_t
ngx_http_whatsapp_get_fields(ngx_http_request_t *r, ngx_str_t *fields)
{
    ngx_int_t  rc;
    ngx_str_t  value;

    rc = ngx_http_whatsapp_arg(r, "fields", &value);

    if (rc != NGX_OK) {
        return rc;
    }

    if (value.len > NGX_HTTP_WHATSAPP_FIELDS_LEN
        || !ngx_http_whatsapp_trim_fields(&value))
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "fields must be names separated by "
                                       "commas");
    }

    *fields = value;

    return NGX_OK;
}


/* drops the blanks around names; a plus is what forms make of a blank */

static ngx_uint_t
ngx_http_whatsapp_trim_fields(ngx_str_t *fields)
{
    u_char      *p, *last, *out;
    ngx_uint_t   name, parted;

    static u_char  marks[] = ",.{}()";

    out = fields->data;
    last = fields->data + fields->len;
    parted = 0;

    for (p = fields->data; p < last; p++) {

        if (*p == ' ' || *p == '+' || *p == '\t') {
            parted = 1;
            continue;
        }

        name = ngx_http_whatsapp_is_name_char(*p);

        if ((!name
             && ngx_strlchr(marks, marks + sizeof(marks) - 1, *p) == NULL)
            || (name && parted && out > fields->data
                && ngx_http_whatsapp_is_name_char(out[-1])))
        {
            return 0;
        }

        parted = 0;
        *out++ = *p;
    }

    fields->len = out - fields->data;

    return 1;
}


static ngx_uint_t
ngx_http_whatsapp_is_name_char(u_char ch)
{
    return ch == '_'
           || (ch >= 'a' && ch <= 'z')
           || (ch >= 'A' && ch <= 'Z')
           || (ch >= '0' && ch <= '9');
}


/* a token for some sessions must not reach the files and groups of others */

ngx_int_t
ngx_http_whatsapp_session_arg(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  value;

    rc = ngx_http_whatsapp_arg(r, "phone_number_id", &value);

    if (rc != NGX_OK) {
        return rc;
    }

    if (value.len
        && (value.len > NGX_HTTP_WHATSAPP_SESSION_LEN
            || !ngx_http_whatsapp_digits(value.data, value.len)))
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "phone_number_id must be 1 to %d "
                                       "digits",
                                       NGX_HTTP_WHATSAPP_SESSION_LEN);
    }

    if (value.len == 0 && ctx->sessions && ctx->sessions->nelts == 1) {
        value = *(ngx_str_t *) ctx->sessions->elts;
    }

    if (value.len == 0 && ctx->sessions) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                       "phone_number_id is missing: the "
                                       "access token is for some only");
    }

    return ngx_http_whatsapp_use_session(r, ctx, &value);
}


ngx_int_t
ngx_http_whatsapp_use_session(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_str_t *session)
{
    if (!ngx_http_whatsapp_token_allows_session(ctx, session)) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PERMISSION_DENIED,
                                       "the access token is not for this "
                                       "phone_number_id");
    }

    ctx->session = *session;

    return NGX_OK;
}


/* the URL, by default made of "Host", needs no escapes in headers and JSON */

ngx_int_t
ngx_http_whatsapp_public_url(ngx_http_request_t *r, ngx_str_t *url)
{
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (ngx_http_complex_value(r, wlcf->base, url) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (url->len && url->data[url->len - 1] == '/') {
        url->len--;
    }

    if (url->len > NGX_HTTP_WHATSAPP_URL_MAX
        || !ngx_http_whatsapp_is_url(url))
    {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "whatsapp: no public URL can be made of \"%V\"", url);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


u_char *
ngx_http_whatsapp_print_group(u_char *p, ngx_http_whatsapp_ctx_t *ctx)
{
    if (ctx->object.len == 0) {
        return p;
    }

    return ngx_sprintf(p, "\"group\":\"" NGX_HTTP_WHATSAPP_GROUP "%V\",",
                       &ctx->object);
}
