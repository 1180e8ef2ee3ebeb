
/*
 * Answers of the controller that are told anew, because the public API knows
 * them in another shape.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_text.h"

#include <jansson.h>


#define NGX_HTTP_WHATSAPP_PAGE_MAX      1000
#define NGX_HTTP_WHATSAPP_AFTER_LEN     32


/* a part of a list: ?fields=&limit=&after= */

typedef struct {
    ngx_str_t                   fields;     /* empty: those by default */
    ngx_str_t                   after;      /* empty: from the first */
    ngx_uint_t                  limit;
} ngx_http_whatsapp_list_page_t;


typedef struct {
    const char                 *name;
    const char                 *member;     /* of a session, or NULL */
    const char                 *value;      /* before it, or the whole */
    ngx_uint_t                  linked;     /* only then there is one */
    ngx_uint_t                  asked;      /* only if it is asked for */
} ngx_http_whatsapp_number_t;


static ngx_int_t ngx_http_whatsapp_read_page(ngx_http_request_t *r,
    ngx_http_whatsapp_list_page_t *page);
static ngx_uint_t ngx_http_whatsapp_listed_after(json_t *session,
    ngx_str_t *after);
static ngx_uint_t ngx_http_whatsapp_may_see(ngx_http_whatsapp_ctx_t *ctx,
    json_t *session);
static json_t *ngx_http_whatsapp_phone_number(json_t *session,
    ngx_http_whatsapp_list_page_t *page);
static ngx_uint_t ngx_http_whatsapp_wants(ngx_str_t *fields,
    const char *name);
static json_t *ngx_http_whatsapp_paging(ngx_http_request_t *r, json_t *data,
    ngx_http_whatsapp_list_page_t *page, ngx_uint_t more);
static json_t *ngx_http_whatsapp_next(ngx_http_request_t *r,
    ngx_http_whatsapp_list_page_t *page, json_t *last);
static ngx_int_t ngx_http_whatsapp_dump(ngx_http_request_t *r, json_t *json,
    ngx_str_t *to);


/* what is known of a phone number beside its id */

static const ngx_http_whatsapp_number_t  ngx_http_whatsapp_numbers[] = {

    { "display_phone_number", "wa_id", "+", 0, 0 },
    { "verified_name", "name", "", 0, 0 },
    { "quality_rating", NULL, "GREEN", 0, 0 },
    { "code_verification_status", NULL, "VERIFIED", 1, 0 },
    { "platform_type", NULL, "NOT_APPLICABLE", 0, 0 },
    { "account_mode", NULL, "LIVE", 1, 1 },
    { NULL, NULL, NULL, 0, 0 }
};


ngx_int_t
ngx_http_whatsapp_build_phone_numbers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    ngx_int_t                      rc;
    ngx_http_whatsapp_list_page_t  page;

    rc = ngx_http_whatsapp_read_page(r, &page);

    return rc == NGX_OK ? ngx_http_whatsapp_build_path(r, ctx, body) : rc;
}


static ngx_int_t
ngx_http_whatsapp_read_page(ngx_http_request_t *r,
    ngx_http_whatsapp_list_page_t *page)
{
    ngx_int_t  rc, n;
    ngx_str_t  limit;

    page->limit = NGX_HTTP_WHATSAPP_PAGE_MAX;

    rc = ngx_http_whatsapp_get_fields(r, &page->fields);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_arg(r, "after", &page->after);
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

        page->limit = ngx_min(n, NGX_HTTP_WHATSAPP_PAGE_MAX);
    }

    if (page->after.len > NGX_HTTP_WHATSAPP_AFTER_LEN) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "after must be a cursor");
    }

    return NGX_OK;
}


/* the controller's sessions as a list of phone numbers */

ngx_int_t
ngx_http_whatsapp_retell_phone_numbers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_str_t *text, ngx_str_t *to)
{
    size_t                          i;
    json_t                         *root, *sessions, *session, *data, *json;
    ngx_int_t                       rc;
    ngx_uint_t                      begun, more;
    ngx_http_whatsapp_list_page_t   page;

    rc = ngx_http_whatsapp_read_page(r, &page);

    if (rc != NGX_OK) {
        return rc;
    }

    root = json_loadb((char *) text->data, text->len, JSON_REJECT_DUPLICATES,
                      NULL);

    sessions = json_object_get(root, "sessions");

    if (!json_is_array(sessions)) {
        json_decref(root);
        return NGX_DECLINED;
    }

    more = 0;
    begun = (page.after.len == 0);
    data = json_array();

    json_array_foreach(sessions, i, session) {

        if (!ngx_http_whatsapp_may_see(ctx, session)) {
            continue;
        }

        if (!begun) {
            begun = ngx_http_whatsapp_listed_after(session, &page.after);
            continue;
        }

        if (json_array_size(data) == page.limit) {
            more = 1;
            break;
        }

        (void) json_array_append_new(data,
                              ngx_http_whatsapp_phone_number(session, &page));
    }

    json = json_pack("{s:O*, s:o*}", "data", data, "paging",
                     ngx_http_whatsapp_paging(r, data, &page, more));

    rc = ngx_http_whatsapp_dump(r, json, to);

    json_decref(json);
    json_decref(data);
    json_decref(root);

    return rc;
}


static ngx_uint_t
ngx_http_whatsapp_listed_after(json_t *session, ngx_str_t *after)
{
    const char  *id;

    id = json_string_value(json_object_get(session, "id"));

    return ngx_strlen(id) == after->len
           && ngx_strncmp(id, after->data, after->len) == 0;
}


static ngx_uint_t
ngx_http_whatsapp_may_see(ngx_http_whatsapp_ctx_t *ctx, json_t *session)
{
    ngx_str_t    id;
    const char  *text;

    text = json_string_value(json_object_get(session, "id"));

    if (text == NULL) {
        return 0;
    }

    id.data = (u_char *) text;
    id.len = ngx_strlen(text);

    return ngx_http_whatsapp_covers(ctx, &id);
}


static json_t *
ngx_http_whatsapp_phone_number(json_t *session,
    ngx_http_whatsapp_list_page_t *page)
{
    json_t                            *number;
    const char                        *text;
    const ngx_http_whatsapp_number_t  *n;

    number = json_pack("{s:O}", "id", json_object_get(session, "id"));

    for (n = ngx_http_whatsapp_numbers; n->name; n++) {

        if ((n->asked && page->fields.len == 0)
            || !ngx_http_whatsapp_wants(&page->fields, n->name)
            || (n->linked
                && !json_is_string(json_object_get(session, "wa_id"))))
        {
            continue;
        }

        text = json_string_value(json_object_get(session, n->member
                                                          ? n->member : ""));

        (void) json_object_set_new(number, n->name,
                     n->member == NULL ? json_string(n->value)
                     : text ? json_pack("s+", n->value, text)
                     : json_string(""));
    }

    return number;
}


/* what is wanted of a member, as in a{b,c} or a.limit(1), comes with it */

static ngx_uint_t
ngx_http_whatsapp_wants(ngx_str_t *fields, const char *name)
{
    size_t      len;
    u_char     *p, *start, *last;
    ngx_int_t   depth;

    if (fields->len == 0) {
        return 1;
    }

    len = ngx_strlen(name);
    last = fields->data + fields->len;

    for (p = fields->data; p < last; p++) {

        start = p;

        while (p < last && ngx_strchr(",.({", *p) == NULL) {
            p++;
        }

        if ((size_t) (p - start) == len
            && ngx_strncmp(start, name, len) == 0)
        {
            return 1;
        }

        for (depth = 0; p < last && (*p != ',' || depth > 0); p++) {
            depth += (*p == '{' || *p == '(') - (*p == '}' || *p == ')');
        }
    }

    return 0;
}


static json_t *
ngx_http_whatsapp_paging(ngx_http_request_t *r, json_t *data,
    ngx_http_whatsapp_list_page_t *page, ngx_uint_t more)
{
    size_t   n;
    json_t  *first, *last, *next;

    n = json_array_size(data);

    if (n == 0) {
        return json_object();
    }

    first = json_object_get(json_array_get(data, 0), "id");
    last = json_object_get(json_array_get(data, n - 1), "id");
    next = more ? ngx_http_whatsapp_next(r, page, last) : NULL;

    return json_pack("{s:{s:O*, s:O*}, s:o*}", "cursors", "before", first,
                     "after", last, "next", next);
}


/* the URL of what follows; NULL where none can be made of the Host header */

static json_t *
ngx_http_whatsapp_next(ngx_http_request_t *r,
    ngx_http_whatsapp_list_page_t *page, json_t *last)
{
    u_char                        *p;
    ngx_str_t                      base, path, url;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (ngx_http_complex_value(r, wlcf->base, &base) != NGX_OK) {
        return NULL;
    }

    if (base.len && base.data[base.len - 1] == '/') {
        base.len--;
    }

    /* the route matched: behind the root there are digits and our words */

    path.data = r->uri.data + wlcf->root.len;
    path.len = r->uri.len - wlcf->root.len;

    url.data = ngx_pnalloc(r->pool, base.len + path.len + page->fields.len
                                    + NGX_INT_T_LEN
                                    + NGX_HTTP_WHATSAPP_AFTER_LEN
                                    + sizeof("?limit=&after=&fields="));

    if (url.data == NULL || !ngx_http_whatsapp_url(&base)
        || json_string_length(last) > NGX_HTTP_WHATSAPP_AFTER_LEN)
    {
        return NULL;
    }

    p = ngx_sprintf(url.data, "%V%V?limit=%ui&after=%s", &base, &path,
                    page->limit, json_string_value(last));

    if (page->fields.len) {
        p = ngx_sprintf(p, "&fields=%V", &page->fields);
    }

    return json_stringn((char *) url.data, p - url.data);
}


/* whether the phone is linked by now */

ngx_int_t
ngx_http_whatsapp_retell_linked(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_str_t *text, ngx_str_t *to)
{
    json_t      *root, *wa_id;
    ngx_uint_t   linked;

    root = json_loadb((char *) text->data, text->len, JSON_REJECT_DUPLICATES,
                      NULL);

    wa_id = json_object_get(root, "wa_id");

    if (wa_id == NULL) {
        json_decref(root);
        return NGX_DECLINED;
    }

    linked = json_is_string(wa_id);

    json_decref(root);

    if (!linked) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_NOT_REGISTERED,
                                       "the phone is not linked");
    }

    ngx_str_set(to, "{\"success\":true}");

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_dump(ngx_http_request_t *r, json_t *json, ngx_str_t *to)
{
    to->len = json_dumpb(json, NULL, 0, JSON_COMPACT);

    if (to->len == 0) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    to->data = ngx_pnalloc(r->pool, to->len);
    if (to->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    (void) json_dumpb(json, (char *) to->data, to->len, JSON_COMPACT);

    return NGX_OK;
}
