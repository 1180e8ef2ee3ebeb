
/*
 * Calls by name, {"method":...,"params":...}: those that a row of the table of
 * routes describes completely, those of groups, and messages.
 *
 * The ids of groups tell the controller the session too.  Meta's paths begin
 * with such an id, ours with the number and "groups".
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_text.h"


static ngx_uint_t ngx_http_whatsapp_known_members(
    ngx_http_whatsapp_json_t *body, const ngx_http_whatsapp_field_t *fields);
static ngx_int_t ngx_http_whatsapp_check_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
static ngx_uint_t ngx_http_whatsapp_is_true(ngx_http_whatsapp_json_t *json);
static u_char *ngx_http_whatsapp_print_users(u_char *p,
    ngx_http_whatsapp_json_t *users);
static ngx_int_t ngx_http_whatsapp_group_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body,
    ngx_http_whatsapp_build_pt build);
static void ngx_http_whatsapp_flatten_users(ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_group_uri(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);


ngx_int_t
ngx_http_whatsapp_build_messages(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char     *p;
    size_t      size;
    ngx_int_t   rc;

    ctx->call = ngx_http_whatsapp_message_call(body);

    rc = ngx_http_whatsapp_authorize(r, ctx, ctx->call->scope);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_message_prepare(r, body, &size);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_http_whatsapp_call_start(r, ctx, size);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_whatsapp_message_print(r, &p, body);

    if (rc == NGX_OK) {
        ngx_http_whatsapp_call_end(ctx, p);
    }

    return rc;
}


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


ngx_int_t
ngx_http_whatsapp_print_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body, u_char **p)
{
    u_char                       *last;
    ngx_http_whatsapp_refusal_t   refusal;

    if (body == NULL || ctx->route->fields == NULL) {
        return NGX_OK;
    }

    /* the error does not repeat the name, which may be personal */

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


/* checks a body of which nothing is passed on */

static ngx_int_t
ngx_http_whatsapp_check_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char  *p;

    if (body == NULL) {
        return NGX_OK;
    }

    p = ngx_pnalloc(ngx_http_whatsapp_pool(r),
                    body->raw.len + ngx_http_whatsapp_quotes(body)
                    + NGX_HTTP_WHATSAPP_PARAMS_LEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_whatsapp_print_body(r, ctx, body, &p);
}


/* the client sends [{"user": "1"}], the controller takes ["1"] */

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
    ngx_http_whatsapp_json_t  *element, *user;

    p = ngx_cpymem(p, "\"users\":[", sizeof("\"users\":[") - 1);

    for (element = users->members; element; element = element->next) {

        user = ngx_http_whatsapp_json_member(element, "user");

        if (element != users->members) {
            *p++ = ',';
        }

        /* the text of a string has its quotes and escapes */

        p = ngx_sprintf(p, (user->type == NGX_HTTP_WHATSAPP_JSON_STRING)
                           ? "%V" : "\"%V\"",
                        &user->raw);
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


ngx_int_t
ngx_http_whatsapp_build_session(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t  rc;

    rc = ngx_http_whatsapp_check_body(r, ctx, body);

    return rc == NGX_OK ? ngx_http_whatsapp_set_uri(r, ctx, "") : rc;
}


ngx_int_t
ngx_http_whatsapp_build_session_action(ngx_http_request_t *r,
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
ngx_http_whatsapp_build_deregister(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char                    *p;
    ngx_int_t                  rc;
    ngx_http_whatsapp_json_t  *forget;

    forget = body ? ngx_http_whatsapp_json_member(body, "forget") : NULL;

    if (forget == NULL || !ngx_http_whatsapp_is_true(forget)) {
        return ngx_http_whatsapp_build_session_action(r, ctx, body);
    }

    p = ngx_pnalloc(ngx_http_whatsapp_pool(r),
                    sizeof("{}") + body->raw.len
                    + ngx_http_whatsapp_quotes(body));
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->call_body.data = p;
    *p++ = '{';

    rc = ngx_http_whatsapp_print_body(r, ctx, body, &p);

    if (rc != NGX_OK) {
        return rc;
    }

    *p++ = '}';
    ctx->call_body.len = p - ctx->call_body.data;

    ngx_str_set(&ctx->method, "POST");

    return ngx_http_whatsapp_set_uri(r, ctx, "/forget");
}


/* a boolean may come as a string */

static ngx_uint_t
ngx_http_whatsapp_is_true(ngx_http_whatsapp_json_t *json)
{
    return ngx_http_whatsapp_text_is(json->type
                                     == NGX_HTTP_WHATSAPP_JSON_STRING
                                     ? &json->string : &json->raw, "true");
}


ngx_int_t
ngx_http_whatsapp_build_path(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ctx->uri.data = (u_char *) ctx->route->text;
    ctx->uri.len = ngx_strlen(ctx->route->text);

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_build_group(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    if (body) {
        ngx_http_whatsapp_flatten_users(body);
    }

    return ngx_http_whatsapp_group_call(r, ctx, body,
                                        ngx_http_whatsapp_build_call);
}


ngx_int_t
ngx_http_whatsapp_build_group_query(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    return ngx_http_whatsapp_group_call(r, ctx, body,
                                        ngx_http_whatsapp_build_query);
}


ngx_int_t
ngx_http_whatsapp_build_group_list(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    return ngx_http_whatsapp_group_call(r, ctx, body,
                                        ngx_http_whatsapp_build_list);
}


static ngx_int_t
ngx_http_whatsapp_group_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body,
    ngx_http_whatsapp_build_pt build)
{
    ngx_int_t   rc;
    ngx_uint_t  named;

    named = (ctx->session.len != 0);

    if (!named) {
        rc = ngx_http_whatsapp_session_arg(r, ctx);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    rc = build(r, ctx, body);

    if (rc == NGX_OK && !named) {
        rc = ngx_http_whatsapp_group_uri(r, ctx);
    }

    return rc;
}


/* makes ["1"] of Meta's [{"user": "1"}]; both are accepted */

static void
ngx_http_whatsapp_flatten_users(ngx_http_whatsapp_json_t *body)
{
    ngx_http_whatsapp_json_t  *participants, *element, *user;

    participants = ngx_http_whatsapp_json_member(body, "participants");

    if (participants == NULL
        || participants->type != NGX_HTTP_WHATSAPP_JSON_ARRAY)
    {
        return;
    }

    for (element = participants->members; element; element = element->next) {

        if (element->type != NGX_HTTP_WHATSAPP_JSON_OBJECT) {
            continue;
        }

        user = ngx_http_whatsapp_json_member(element, "user");

        if (user) {
            element->type = user->type;
            element->raw = user->raw;
            element->string = user->string;
            element->members = user->members;
        }
    }
}


static ngx_int_t
ngx_http_whatsapp_group_uri(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    u_char  *p;

    if (ctx->session.len == 0) {
        ngx_str_set(&ctx->uri, "/v1/call");
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, sizeof("/v1/call?phone_number_id=") - 1
                             + ctx->session.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->uri.data = p;
    ctx->uri.len = ngx_sprintf(p, "/v1/call?phone_number_id=%V",
                               &ctx->session)
                   - p;

    return NGX_OK;
}
