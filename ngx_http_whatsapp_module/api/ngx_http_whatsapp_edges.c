
/*
 * The calls of the small edges: those that a row of the table of routes
 * describes completely.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_text.h"


#define NGX_HTTP_WHATSAPP_FIELDS_LEN    512

/* most elements of a list in one answer */
#define NGX_HTTP_WHATSAPP_PAGE_MAX      1000


/* ?fields=&limit=&after= of a list */

typedef struct {
    ngx_str_t                   fields;     /* empty: those by default */
    ngx_str_t                   after;      /* empty: from the first */
    ngx_uint_t                  limit;
} ngx_http_whatsapp_list_args_t;


static ngx_int_t ngx_http_whatsapp_print_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body, u_char **p);
static ngx_uint_t ngx_http_whatsapp_known_members(
    ngx_http_whatsapp_json_t *body, const ngx_http_whatsapp_field_t *fields);
static ngx_int_t ngx_http_whatsapp_check_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
static u_char *ngx_http_whatsapp_print_group(u_char *p,
    ngx_http_whatsapp_ctx_t *ctx);
static u_char *ngx_http_whatsapp_print_users(u_char *p,
    ngx_http_whatsapp_json_t *users);
static ngx_int_t ngx_http_whatsapp_list_args(ngx_http_request_t *r,
    ngx_http_whatsapp_list_args_t *args);
static u_char *ngx_http_whatsapp_print_sessions(u_char *p,
    ngx_array_t *sessions);


/* params: the group in the path, what the route says, and the body */

ngx_int_t
ngx_http_whatsapp_build_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char     *p, *start;
    size_t      size;
    ngx_int_t   rc;

    size = ctx->object.len
           + (body ? body->raw.len + ngx_http_whatsapp_quotes(body) : 0);

    p = ngx_http_whatsapp_call_start(r, ctx, size);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    start = p;
    p = ngx_http_whatsapp_print_group(p, ctx);

    if (ctx->route->text) {
        p = ngx_sprintf(p, "%s,", ctx->route->text);
    }

    rc = ngx_http_whatsapp_print_body(r, ctx, body, &p);

    if (rc != NGX_OK) {
        return rc;
    }

    if (p > start && p[-1] == ',') {
        p--;
    }

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}


/* with a comma behind it; the context's object is there in paths of groups */

static u_char *
ngx_http_whatsapp_print_group(u_char *p, ngx_http_whatsapp_ctx_t *ctx)
{
    if (ctx->object.len == 0) {
        return p;
    }

    return ngx_sprintf(p, "\"group\":\"" NGX_HTTP_WHATSAPP_GROUP "%V\",",
                       &ctx->object);
}


static ngx_int_t
ngx_http_whatsapp_print_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body, u_char **p)
{
    u_char                       *last;
    ngx_http_whatsapp_refusal_t   refusal;

    if (ctx->route->fields == NULL) {
        return NGX_OK;
    }

    /* the name is the client's: it is not repeated, nor logged */

    if ((ctx->route->flags & NGX_HTTP_WHATSAPP_STRICT)
        && !ngx_http_whatsapp_known_members(body, ctx->route->fields))
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                       "the body has a member that cannot "
                                       "be set");
    }

    last = ngx_http_whatsapp_print_fields(*p, body, ctx->route->fields, NULL,
                                          &refusal);
    if (last == NULL) {
        return ngx_http_whatsapp_refuse(r, &refusal);
    }

    if (last == *p && !(ctx->route->flags & NGX_HTTP_WHATSAPP_EMPTY)) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                       "the body has nothing that can be set");
    }

    *p = last;

    return NGX_OK;
}


static ngx_uint_t
ngx_http_whatsapp_known_members(ngx_http_whatsapp_json_t *body,
    const ngx_http_whatsapp_field_t *fields)
{
    ngx_http_whatsapp_json_t         *member;
    const ngx_http_whatsapp_field_t  *field;

    for (member = body->members; member; member = member->next) {

        for (field = fields; field->name; field++) {
            if (ngx_strlen(field->name) == member->name.len
                && ngx_strncmp(field->name, member->name.data,
                               member->name.len) == 0)
            {
                break;
            }
        }

        if (field->name == NULL) {
            return 0;
        }
    }

    return 1;
}


/* for calls that take nothing of the body */

static ngx_int_t
ngx_http_whatsapp_check_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char  *p;

    if (body == NULL) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, body->raw.len + ngx_http_whatsapp_quotes(body)
                             + NGX_HTTP_WHATSAPP_PARAMS_LEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_whatsapp_print_body(r, ctx, body, &p);
}


/* [{"user": "1"}] is checked, ["1"] is what the controller takes */

ngx_int_t
ngx_http_whatsapp_build_users(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char     *p, *start;
    ngx_int_t   rc;

    start = ngx_http_whatsapp_call_start(r, ctx,
                           body->raw.len + ngx_http_whatsapp_quotes(body));
    if (start == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = start;

    rc = ngx_http_whatsapp_print_body(r, ctx, body, &p);

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_http_whatsapp_print_users(start,
                          ngx_http_whatsapp_json_member(body, "block_users"));

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}


static u_char *
ngx_http_whatsapp_print_users(u_char *p, ngx_http_whatsapp_json_t *users)
{
    ngx_str_t                 *s;
    ngx_http_whatsapp_json_t  *element, *user;

    p = ngx_cpymem(p, "\"users\":[", sizeof("\"users\":[") - 1);

    for (element = users->members; element; element = element->next) {

        user = ngx_http_whatsapp_json_member(element, "user");

        /* digits and separators, as was checked */

        s = (user->type == NGX_HTTP_WHATSAPP_JSON_STRING) ? &user->string
                                                          : &user->raw;

        p = ngx_sprintf(p, "%s\"%V\"",
                        element == users->members ? "" : ",", s);
    }

    *p++ = ']';

    return p;
}


ngx_int_t
ngx_http_whatsapp_build_query(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char     *p, *start;
    ngx_int_t   rc;
    ngx_str_t   fields;

    rc = ngx_http_whatsapp_get_fields(r, &fields);

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_http_whatsapp_call_start(r, ctx, ctx->object.len + fields.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    start = p;
    p = ngx_http_whatsapp_print_group(p, ctx);

    if (fields.len) {
        p = ngx_sprintf(p, "\"fields\":\"%V\",", &fields);
    }

    if (p > start) {
        p--;
    }

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}


/* ?fields=a,b{c}: names, in the Graph API's notation */

ngx_int_t
ngx_http_whatsapp_get_fields(ngx_http_request_t *r, ngx_str_t *fields)
{
    u_char     *p, *last;
    ngx_int_t   rc;

    rc = ngx_http_whatsapp_arg(r, "fields", fields);

    if (rc != NGX_OK) {
        return rc;
    }

    last = fields->data + fields->len;

    for (p = fields->data; p < last; p++) {

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

    if (p < last || fields->len > NGX_HTTP_WHATSAPP_FIELDS_LEN) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "fields must be names separated by "
                                       "commas");
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_build_session(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t  rc;

    rc = ngx_http_whatsapp_check_body(r, ctx, body);

    return rc == NGX_OK ? ngx_http_whatsapp_set_uri(r, ctx, "") : rc;
}


/* tells a session to do something */

ngx_int_t
ngx_http_whatsapp_build_order(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t  rc;

    rc = ngx_http_whatsapp_check_body(r, ctx, body);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_str_set(&ctx->method, "POST");

    return ngx_http_whatsapp_set_uri(r, ctx, ctx->route->text);
}


ngx_int_t
ngx_http_whatsapp_build_path(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ctx->uri.data = (u_char *) ctx->route->text;
    ctx->uri.len = ngx_strlen(ctx->route->text);

    return NGX_OK;
}


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
    ngx_str_t                       url, path;
    ngx_http_whatsapp_loc_conf_t   *wlcf;
    ngx_http_whatsapp_list_args_t   args;

    rc = ngx_http_whatsapp_list_args(r, &args);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_public_url(r, &url);
    }

    if (rc == NGX_DECLINED) {
        url.len = 0;

    } else if (rc != NGX_OK) {
        return rc;
    }

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    /* the route matched: behind the root there are digits and our words */

    path.data = r->uri.data + wlcf->root.len;
    path.len = r->uri.len - wlcf->root.len;

    size = args.fields.len + args.after.len + url.len + path.len;

    if (ctx->sessions) {
        size += ctx->sessions->nelts
                * (NGX_HTTP_WHATSAPP_SESSION_LEN + sizeof("\"\",") - 1);
    }

    p = ngx_http_whatsapp_call_start(r, ctx, size);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&ctx->uri, "/v1/call");

    p = ngx_sprintf(p, "\"limit\":%ui", args.limit);

    if (args.fields.len) {
        p = ngx_sprintf(p, ",\"fields\":\"%V\"", &args.fields);
    }

    if (args.after.len) {
        p = ngx_sprintf(p, ",\"after\":\"%V\"", &args.after);
    }

    if (url.len) {
        p = ngx_sprintf(p, ",\"url\":\"%V%V\"", &url, &path);
    }

    if (ctx->sessions) {
        p = ngx_http_whatsapp_print_sessions(p, ctx->sessions);
    }

    ngx_http_whatsapp_call_end(ctx, p);

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_list_args(ngx_http_request_t *r,
    ngx_http_whatsapp_list_args_t *args)
{
    ngx_int_t  rc, n;
    ngx_str_t  limit;

    args->limit = NGX_HTTP_WHATSAPP_PAGE_MAX;

    rc = ngx_http_whatsapp_get_fields(r, &args->fields);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_arg(r, "after", &args->after);
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

    /* cursors are ids of sessions */

    if (args->after.len
        && (args->after.len > NGX_HTTP_WHATSAPP_SESSION_LEN
            || !ngx_http_whatsapp_digits(args->after.data, args->after.len)))
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "after must be a cursor");
    }

    return NGX_OK;
}


static u_char *
ngx_http_whatsapp_print_sessions(u_char *p, ngx_array_t *sessions)
{
    ngx_str_t   *session;
    ngx_uint_t   i;

    p = ngx_sprintf(p, ",\"sessions\":[");

    session = sessions->elts;

    for (i = 0; i < sessions->nelts; i++) {
        p = ngx_sprintf(p, "%s\"%V\"", i ? "," : "", &session[i]);
    }

    *p++ = ']';

    return p;
}
