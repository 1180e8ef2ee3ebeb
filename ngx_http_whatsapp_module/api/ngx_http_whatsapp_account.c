
/*
 * What set-up pages of products ask about the account: its phone numbers,
 * which the controller lists, its templates and tokens, which nginx knows.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_text.h"


/* most elements of a list in one answer */
#define NGX_HTTP_WHATSAPP_PAGE_MAX      1000

/* the id of the app that the controller lists too */
#define NGX_HTTP_WHATSAPP_APP           "1"

/* bytes of the answer about a token */
#define NGX_HTTP_WHATSAPP_DEBUG_LEN     512


typedef struct {
    ngx_uint_t                  scopes;
    const char                 *name;
} ngx_http_whatsapp_scope_t;


static ngx_int_t ngx_http_whatsapp_list_args(ngx_http_request_t *r,
    ngx_http_whatsapp_list_args_t *args, size_t digits, size_t sealed);
static ngx_uint_t ngx_http_whatsapp_is_cursor(const ngx_str_t *cursor,
    size_t digits, size_t sealed);
static ngx_int_t ngx_http_whatsapp_list_url(ngx_http_request_t *r,
    ngx_http_whatsapp_list_args_t *args);
static size_t ngx_http_whatsapp_list_args_len(
    const ngx_http_whatsapp_list_args_t *args);
static u_char *ngx_http_whatsapp_print_list_args(u_char *p,
    ngx_http_whatsapp_list_args_t *args);
static u_char *ngx_http_whatsapp_print_scopes(u_char *p, ngx_uint_t scopes);


/* Meta's names of the scopes */

static const ngx_http_whatsapp_scope_t  ngx_http_whatsapp_graph_scopes[] = {

    { NGX_HTTP_WHATSAPP_SCOPE_READ|NGX_HTTP_WHATSAPP_SCOPE_CONTROL,
      "whatsapp_business_management" },

    { NGX_HTTP_WHATSAPP_SCOPE_SEND, "whatsapp_business_messaging" },

    { 0, NULL }
};


/*
 * The controller lists all its sessions, or those that the token is for.  It
 * makes the next page's URL of the list's, if there is one.
 */

ngx_int_t
ngx_http_whatsapp_build_phone_numbers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char                         *p;
    size_t                          size;
    ngx_int_t                       rc;
    ngx_http_whatsapp_list_args_t   args;

    rc = ngx_http_whatsapp_list_args(r, &args, NGX_HTTP_WHATSAPP_SESSION_LEN,
                                     0);

    if (rc != NGX_OK) {
        return rc;
    }

    size = ngx_http_whatsapp_list_args_len(&args)
           + ngx_http_whatsapp_sessions_len(ctx);

    p = ngx_http_whatsapp_call_start(r, ctx, size);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&ctx->uri, "/v1/call");

    p = ngx_http_whatsapp_print_list_args(p, &args);

    p = ngx_http_whatsapp_print_sessions(p, ctx);

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}


/* the route's call, of a list below a session or a group */

ngx_int_t
ngx_http_whatsapp_build_list(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char                         *p;
    ngx_int_t                       rc;
    ngx_http_whatsapp_list_args_t   args;

    rc = ngx_http_whatsapp_list_args(r, &args, 0,
                                     NGX_HTTP_WHATSAPP_SEALED_MAX);

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_http_whatsapp_call_start(r, ctx, ctx->object.len
                                     + ngx_http_whatsapp_list_args_len(&args));
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_http_whatsapp_print_group(p, ctx);
    p = ngx_http_whatsapp_print_list_args(p, &args);

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}


/*
 * Reads the arguments of a list.  Its cursors have so many digits at most, or
 * are sealed in so many characters at most, as an id of a group is; 0: they
 * never are.
 */

static ngx_int_t
ngx_http_whatsapp_list_args(ngx_http_request_t *r,
    ngx_http_whatsapp_list_args_t *args, size_t digits, size_t sealed)
{
    ngx_int_t  rc, n;
    ngx_str_t  limit;

    args->limit = NGX_HTTP_WHATSAPP_PAGE_MAX;

    rc = ngx_http_whatsapp_get_fields(r, &args->fields);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_arg(r, "after", &args->after);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_arg(r, "before", &args->before);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_arg(r, "limit", &limit);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (limit.len) {
        n = ngx_atoi(limit.data, limit.len);

        if (n == NGX_ERROR || n == 0) {
            return ngx_http_whatsapp_error(r,
                                           NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                           "limit must be a number from 1");
        }

        args->limit = ngx_min(n, NGX_HTTP_WHATSAPP_PAGE_MAX);
    }

    if (!ngx_http_whatsapp_is_cursor(&args->after, digits, sealed)
        || !ngx_http_whatsapp_is_cursor(&args->before, digits, sealed))
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "after and before must be cursors");
    }

    return ngx_http_whatsapp_list_url(r, args);
}


/* an empty one is allowed; none needs escapes */

static ngx_uint_t
ngx_http_whatsapp_is_cursor(const ngx_str_t *cursor, size_t digits,
    size_t sealed)
{
    u_char  *p;
    size_t   len, prefix;

    p = cursor->data;
    len = cursor->len;

    if (len == 0
        || (len <= digits && ngx_http_whatsapp_digits(p, len)))
    {
        return 1;
    }

    prefix = sizeof(NGX_HTTP_WHATSAPP_GROUP) - 1;

    if (len > prefix && ngx_strncmp(p, NGX_HTTP_WHATSAPP_GROUP, prefix) == 0) {
        p += prefix;
        len -= prefix;
    }

    return len <= sealed && len >= NGX_HTTP_WHATSAPP_SEALED_MIN
           && ngx_http_whatsapp_base64url(p, len) == len;
}


/* sets url and path, which stay empty if the Host header gives no URL */

static ngx_int_t
ngx_http_whatsapp_list_url(ngx_http_request_t *r,
    ngx_http_whatsapp_list_args_t *args)
{
    ngx_int_t                      rc;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    rc = ngx_http_whatsapp_public_url(r, &args->url);

    if (rc == NGX_DECLINED) {
        args->url.len = 0;
        args->path.len = 0;
        return NGX_OK;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    /* as the route matched, the rest of the path needs no escapes */

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    args->path.data = r->uri.data + wlcf->root.len;
    args->path.len = r->uri.len - wlcf->root.len;

    return NGX_OK;
}


/* bytes of the texts of args, without names and quotes */

static size_t
ngx_http_whatsapp_list_args_len(const ngx_http_whatsapp_list_args_t *args)
{
    return args->fields.len + args->after.len + args->before.len
           + args->url.len + args->path.len;
}


static u_char *
ngx_http_whatsapp_print_list_args(u_char *p,
    ngx_http_whatsapp_list_args_t *args)
{
    p = ngx_sprintf(p, "\"limit\":%ui", args->limit);

    if (args->fields.len) {
        p = ngx_sprintf(p, ",\"fields\":\"%V\"", &args->fields);
    }

    if (args->after.len) {
        p = ngx_sprintf(p, ",\"after\":\"%V\"", &args->after);
    }

    if (args->before.len) {
        p = ngx_sprintf(p, ",\"before\":\"%V\"", &args->before);
    }

    if (args->url.len) {
        p = ngx_sprintf(p, ",\"url\":\"%V%V\"", &args->url, &args->path);
    }

    return p;
}


ngx_int_t
ngx_http_whatsapp_build_templates(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t                      rc;
    ngx_http_whatsapp_list_args_t  args;

    rc = ngx_http_whatsapp_list_args(r, &args, NGX_HTTP_WHATSAPP_TEMPLATE_LEN,
                                     0);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_template_list_print(r, &args, &ctx->answer);
    }

    return rc == NGX_OK ? NGX_DECLINED : rc;
}


ngx_int_t
ngx_http_whatsapp_build_template(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    if (ngx_http_whatsapp_template_list_get(r, &ctx->object, &ctx->answer)
        != NGX_OK)
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_NOT_FOUND,
                                       "there is no object of this id");
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_whatsapp_build_debug_token(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char      *p;
    ngx_int_t    rc;
    ngx_uint_t   scopes;

    if (ctx->input_token.len == 0) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "input_token is missing");
    }

    rc = ngx_http_whatsapp_token_scopes(r, &ctx->input_token, &scopes);

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_pnalloc(r->pool, NGX_HTTP_WHATSAPP_DEBUG_LEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->answer.data = p;

    p = ngx_sprintf(p, "{\"data\":{\"app_id\":\"" NGX_HTTP_WHATSAPP_APP "\","
                    "\"type\":\"SYSTEM_USER\",\"application\":\"whatsapp\","
                    "\"data_access_expires_at\":0,\"expires_at\":0,"
                    "\"is_valid\":%s,\"scopes\":[",
                    scopes ? "true" : "false");

    p = ngx_http_whatsapp_print_scopes(p, scopes);

    *p++ = ']';

    if (scopes == 0) {
        p = ngx_sprintf(p, ",\"error\":{\"code\":190,\"message\":"
                        "\"The access token could not be decrypted\"}");
    }

    *p++ = '}'; *p++ = '}';

    ctx->answer.len = p - ctx->answer.data;

    return NGX_DECLINED;
}


static u_char *
ngx_http_whatsapp_print_scopes(u_char *p, ngx_uint_t scopes)
{
    const char                       *comma;
    const ngx_http_whatsapp_scope_t  *scope;

    comma = "";

    for (scope = ngx_http_whatsapp_graph_scopes; scope->name; scope++) {
        if (scopes & scope->scopes) {
            p = ngx_sprintf(p, "%s\"%s\"", comma, scope->name);
            comma = ",";
        }
    }

    return p;
}
