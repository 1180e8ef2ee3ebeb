
/*
 * Functions on bodies for the types of messages: they get an object, check its
 * fields, and put text in the place of what WhatsApp does not take.
 */


#include "ngx_http_whatsapp_messages.h"


/* room for fallbacks and names that the object's text does not have */
#define NGX_HTTP_WHATSAPP_SPARE_LEN     256


ngx_int_t
ngx_http_whatsapp_refuse(ngx_http_request_t *r,
    ngx_http_whatsapp_refusal_t *refusal)
{
    if (refusal->missing) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                       "%*s is missing",
                                       refusal->len, refusal->path);
    }

    return ngx_http_whatsapp_error(r, refusal->link
                                      ? NGX_HTTP_WHATSAPP_LINK_INVALID
                                      : NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                   "%*s must be %s", refusal->len,
                                   refusal->path, refusal->expected);
}


ngx_int_t
ngx_http_whatsapp_message_unpack(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *value, const char *name)
{
    size_t                     offset;
    ngx_str_t                  text;
    const char                *error;
    ngx_http_whatsapp_json_t  *json;

    if (value->type != NGX_HTTP_WHATSAPP_JSON_STRING) {
        return NGX_OK;
    }

    text = value->string;

    json = ngx_http_whatsapp_json_parse(ngx_http_whatsapp_pool(r), &text,
                                        &error, &offset);

    if (json == NULL && error == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (json == NULL) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                       "%s is a string that is not valid "
                                       "JSON: %s (byte %uz)",
                                       name, error, offset);
    }

    value->type = json->type;
    value->raw = json->raw;
    value->string = json->string;
    value->members = json->members;

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_message_set_text(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, ngx_str_t *text)
{
    u_char                    *p;
    size_t                     len;
    ngx_http_whatsapp_json_t  *node;

    len = sizeof("{\"body\":\"\"}") - 1 + text->len
          + ngx_escape_json(NULL, text->data, text->len);

    p = ngx_pnalloc(ngx_http_whatsapp_pool(r), len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    node = ngx_pcalloc(r->pool, 2 * sizeof(ngx_http_whatsapp_json_t));
    if (node == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&node[0].name, "text");

    node[0].type = NGX_HTTP_WHATSAPP_JSON_OBJECT;
    node[0].raw.data = p;
    node[0].raw.len = len;
    node[0].members = &node[1];

    ngx_str_set(&node[1].name, "body");

    node[1].type = NGX_HTTP_WHATSAPP_JSON_STRING;
    node[1].string = *text;

    p = ngx_cpymem(p, "{\"body\":", sizeof("{\"body\":") - 1);

    node[1].raw.data = p;

    *p++ = '"';
    p = (u_char *) ngx_escape_json(p, text->data, text->len);
    *p++ = '"';

    node[1].raw.len = p - node[1].raw.data;

    *p++ = '}';

    /* the first member of a name is found: not the one of the client */

    node[0].next = body->members;
    body->members = &node[0];

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_message_check_fields(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *fields,
    const char *parent)
{
    u_char                       *p;
    ngx_http_whatsapp_refusal_t   refusal;

    p = ngx_pnalloc(ngx_http_whatsapp_pool(r),
                    object->raw.len + ngx_http_whatsapp_quotes(object)
                    + NGX_HTTP_WHATSAPP_SPARE_LEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_whatsapp_print_fields(p, object, fields, parent, &refusal)
        == NULL)
    {
        return ngx_http_whatsapp_refuse(r, &refusal);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_message_get_object(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, const char *name,
    ngx_http_whatsapp_json_t **object)
{
    *object = ngx_http_whatsapp_json_member(body, name);

    if (*object == NULL) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                       "%s is missing", name);
    }

    if ((*object)->type != NGX_HTTP_WHATSAPP_JSON_OBJECT) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                       "%s must be an object", name);
    }

    return NGX_OK;
}
