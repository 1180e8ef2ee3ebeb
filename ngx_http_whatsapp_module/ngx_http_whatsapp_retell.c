
/*
 * Answers of the controller that are told anew, because the public API knows
 * them in another shape.
 */


#include "ngx_http_whatsapp_api.h"

#include <jansson.h>


static json_t *ngx_http_whatsapp_phone_number(ngx_http_whatsapp_ctx_t *ctx,
    json_t *session);
static json_t *ngx_http_whatsapp_paging(json_t *data);
static ngx_int_t ngx_http_whatsapp_dump(ngx_http_request_t *r, json_t *json,
    ngx_str_t *to);


/* the controller's sessions as a list of phone numbers */

ngx_int_t
ngx_http_whatsapp_retell_phone_numbers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_str_t *text, ngx_str_t *to)
{
    size_t      i;
    json_t     *root, *sessions, *session, *data, *json;
    ngx_int_t   rc;

    root = json_loadb((char *) text->data, text->len, JSON_REJECT_DUPLICATES,
                      NULL);

    sessions = json_object_get(root, "sessions");

    if (!json_is_array(sessions)) {
        json_decref(root);
        return NGX_DECLINED;
    }

    data = json_array();

    json_array_foreach(sessions, i, session) {
        json = ngx_http_whatsapp_phone_number(ctx, session);

        if (json) {
            (void) json_array_append_new(data, json);
        }
    }

    json = json_pack("{s:O*, s:o*}", "data", data,
                     "paging", ngx_http_whatsapp_paging(data));

    rc = ngx_http_whatsapp_dump(r, json, to);

    json_decref(json);
    json_decref(data);
    json_decref(root);

    return rc;
}


/* NULL: not one that the token may see */

static json_t *
ngx_http_whatsapp_phone_number(ngx_http_whatsapp_ctx_t *ctx, json_t *session)
{
    json_t      *wa_id, *name;
    ngx_str_t    id;
    const char  *text;

    text = json_string_value(json_object_get(session, "id"));

    if (text == NULL) {
        return NULL;
    }

    id.data = (u_char *) text;
    id.len = ngx_strlen(text);

    if (!ngx_http_whatsapp_covers(ctx, &id)) {
        return NULL;
    }

    wa_id = json_object_get(session, "wa_id");
    name = json_object_get(session, "name");

    return json_pack("{s:s, s:s+, s:s, s:s}",
                     "id", text,
                     "display_phone_number",
                     json_is_string(wa_id) ? "+" : "",
                     json_is_string(wa_id) ? json_string_value(wa_id) : "",
                     "verified_name",
                     json_is_string(name) ? json_string_value(name) : "",
                     "quality_rating", "GREEN");
}


/* all is on one page, whose ends are its first and last id */

static json_t *
ngx_http_whatsapp_paging(json_t *data)
{
    size_t  n;

    n = json_array_size(data);

    if (n == 0) {
        return json_object();
    }

    return json_pack("{s:{s:O*, s:O*}}", "cursors",
                     "before", json_object_get(json_array_get(data, 0), "id"),
                     "after", json_object_get(json_array_get(data, n - 1),
                                              "id"));
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
