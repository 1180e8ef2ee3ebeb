
/*
 * POST /{phone_number_id}/messages: what the body asks for becomes the params
 * of a call, by tables.
 */


#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_field_checks.h"


/* names of members that a check may print besides the object's text */
#define NGX_HTTP_WHATSAPP_SPARE_LEN     256


static ngx_int_t ngx_http_whatsapp_adopt_members(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_adopt(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, const char *alias, const char *name);
static ngx_uint_t ngx_http_whatsapp_scoped(ngx_str_t *s);
static const ngx_http_whatsapp_message_t *ngx_http_whatsapp_find_message(
    ngx_http_request_t *r, ngx_http_whatsapp_json_t *body, ngx_int_t *rc);
static ngx_int_t ngx_http_whatsapp_print_send(ngx_http_request_t *r,
    u_char **p, ngx_http_whatsapp_json_t *body);


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_context_fields[] = {

    NGX_HTTP_WHATSAPP_MESSAGE_ID_FIELD,

      ngx_http_whatsapp_null_field
};


/* common to all that can be sent */

static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_send_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    { "recipient_type", NGX_HTTP_WHATSAPP_STRING, 0, 16,
      "individual group", "individual", NULL, NULL,
      "\"individual\" or \"group\"" },

    { "to", NGX_HTTP_WHATSAPP_NUMERIC,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, NGX_HTTP_WHATSAPP_TO_LEN,
      NULL, NULL, ngx_http_whatsapp_check_to, NULL,
      "a phone number or group id that fits recipient_type" },

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("context",
                                      ngx_http_whatsapp_context_fields),

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("biz_opaque_callback_data", 512),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_typing_fields[] = {

    { "type", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 16,
      "text", NULL, NULL, NULL,
      "\"text\"" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_read_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    { "status", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED|NGX_HTTP_WHATSAPP_FIELD_CHECKED, 16,
      "read", NULL, NULL, NULL,
      "\"read\"" },

    NGX_HTTP_WHATSAPP_MESSAGE_ID_FIELD,

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("typing_indicator",
                                      ngx_http_whatsapp_typing_fields),

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_call_t *
ngx_http_whatsapp_message_call(ngx_http_whatsapp_json_t *body)
{
    return ngx_http_whatsapp_method_call(
                               ngx_http_whatsapp_json_member(body, "status")
                               ? NGX_HTTP_WHATSAPP_METHOD_MESSAGE_READ
                               : NGX_HTTP_WHATSAPP_METHOD_MESSAGE_SEND);
}


ngx_int_t
ngx_http_whatsapp_prepare_message(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, size_t *size)
{
    ngx_int_t                           rc;
    ngx_http_whatsapp_json_t           *object;
    const ngx_http_whatsapp_message_t  *message;

    *size = body->raw.len;

    if (ngx_http_whatsapp_json_member(body, "status")) {
        return NGX_OK;
    }

    rc = ngx_http_whatsapp_adopt_members(r, body);

    if (rc != NGX_OK) {
        return rc;
    }

    message = ngx_http_whatsapp_find_message(r, body, &rc);

    if (message == NULL) {
        return rc;
    }

    if (message->prepare) {
        rc = message->prepare(r, body);

        if (rc != NGX_OK) {
            return rc;
        }

        /* what replaces it is not in the body's text */

        object = ngx_http_whatsapp_json_member(body, message->fields[0].name);

        if (object) {
            *size += object->raw.len;
        }
    }

    *size += ngx_http_whatsapp_quotes(body);

    return NGX_OK;
}


/*
 * Meta lets "recipient" stand for "to", which wins; "inReplyTo" is what the
 * types of @great-detail/whatsapp 8 call the id in a context.
 */

static ngx_int_t
ngx_http_whatsapp_adopt_members(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body)
{
    ngx_int_t                  rc;
    ngx_http_whatsapp_json_t  *recipient, *context;

    recipient = ngx_http_whatsapp_json_member(body, "recipient");

    if (recipient && ngx_http_whatsapp_json_member(body, "to") == NULL
        && recipient->type == NGX_HTTP_WHATSAPP_JSON_STRING
        && ngx_http_whatsapp_scoped(&recipient->string))
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                       "recipient is a business-scoped user "
                                       "id, which only Meta can resolve; to "
                                       "must be a phone number");
    }

    rc = ngx_http_whatsapp_adopt(r, body, "recipient", "to");

    context = ngx_http_whatsapp_json_member(body, "context");

    if (rc == NGX_OK && context
        && context->type == NGX_HTTP_WHATSAPP_JSON_OBJECT)
    {
        rc = ngx_http_whatsapp_adopt(r, context, "inReplyTo", "message_id");
    }

    return rc;
}


/* the member under its other name, where it is not there under its own */

static ngx_int_t
ngx_http_whatsapp_adopt(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, const char *alias, const char *name)
{
    ngx_http_whatsapp_json_t  *value, *node;

    value = ngx_http_whatsapp_json_member(object, alias);

    if (value == NULL || ngx_http_whatsapp_json_member(object, name)) {
        return NGX_OK;
    }

    node = ngx_palloc(r->pool, sizeof(ngx_http_whatsapp_json_t));
    if (node == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    *node = *value;

    node->name.data = (u_char *) name;
    node->name.len = ngx_strlen(name);

    /* it is found before a null of that name */

    node->next = object->members;
    object->members = node;

    return NGX_OK;
}


/* as Meta writes ids of users who hide their number: "US.1349", "US.ENT.11" */

static ngx_uint_t
ngx_http_whatsapp_scoped(ngx_str_t *s)
{
    return s->len > 3
           && s->data[0] >= 'A' && s->data[0] <= 'Z'
           && s->data[1] >= 'A' && s->data[1] <= 'Z'
           && s->data[2] == '.';
}


ngx_int_t
ngx_http_whatsapp_print_message(ngx_http_request_t *r, u_char **p,
    ngx_http_whatsapp_json_t *body)
{
    ngx_http_whatsapp_refusal_t  refusal;

    if (ngx_http_whatsapp_json_member(body, "status") == NULL) {
        return ngx_http_whatsapp_print_send(r, p, body);
    }

    *p = ngx_http_whatsapp_print_fields(*p, body,
                                        ngx_http_whatsapp_read_fields, NULL,
                                        &refusal);

    return *p ? NGX_OK : ngx_http_whatsapp_refuse(r, &refusal);
}


static ngx_int_t
ngx_http_whatsapp_print_send(ngx_http_request_t *r, u_char **p,
    ngx_http_whatsapp_json_t *body)
{
    ngx_int_t                           rc;
    ngx_http_whatsapp_refusal_t         refusal;
    const ngx_http_whatsapp_message_t  *message;

    message = ngx_http_whatsapp_find_message(r, body, &rc);

    if (message == NULL) {
        return rc;
    }

    *p = ngx_http_whatsapp_print_fields(*p, body,
                                        ngx_http_whatsapp_send_fields, NULL,
                                        &refusal);
    if (*p == NULL) {
        return ngx_http_whatsapp_refuse(r, &refusal);
    }

    *p = ngx_sprintf(*p, ",\"type\":\"%s\",", message->sent_as);

    *p = ngx_http_whatsapp_print_fields(*p, body, message->fields, NULL,
                                        &refusal);

    return *p ? NGX_OK : ngx_http_whatsapp_refuse(r, &refusal);
}


/* NULL: *rc is the status */

static const ngx_http_whatsapp_message_t *
ngx_http_whatsapp_find_message(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, ngx_int_t *rc)
{
    ngx_http_whatsapp_json_t           *type;
    const ngx_http_whatsapp_message_t  *message;

    type = ngx_http_whatsapp_json_member(body, "type");

    if (type && type->type != NGX_HTTP_WHATSAPP_JSON_STRING) {
        *rc = ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                      "type must be a string");
        return NULL;
    }

    for (message = ngx_http_whatsapp_types; message->name; message++) {

        if (type == NULL
            || (type->string.len == ngx_strlen(message->name)
                && ngx_strncmp(type->string.data, message->name,
                               type->string.len)
                   == 0))
        {
            return message;
        }
    }

    *rc = ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TYPE_UNSUPPORTED,
                                  "messages of this type cannot be sent");
    return NULL;
}


ngx_int_t
ngx_http_whatsapp_refuse(ngx_http_request_t *r,
    ngx_http_whatsapp_refusal_t *refusal)
{
    if (refusal->missing) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                       "%*s is missing",
                                       refusal->len, refusal->path);
    }

    return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                   "%*s must be %s", refusal->len,
                                   refusal->path, refusal->expected);
}


ngx_int_t
ngx_http_whatsapp_unpack(ngx_http_request_t *r,
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

    json = ngx_http_whatsapp_json_parse(r->pool, &text, &error, &offset);

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
ngx_http_whatsapp_set_text(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, ngx_str_t *text)
{
    u_char                    *p;
    size_t                     len;
    ngx_http_whatsapp_json_t  *node;

    len = sizeof("{\"body\":\"\"}") - 1 + text->len
          + ngx_escape_json(NULL, text->data, text->len);

    p = ngx_pnalloc(r->pool, len);
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

    /* it is found before one that the client sent */

    node[0].next = body->members;
    body->members = &node[0];

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_check_fields(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *fields,
    const char *parent)
{
    u_char                       *p;
    ngx_http_whatsapp_refusal_t   refusal;

    p = ngx_pnalloc(r->pool, object->raw.len + ngx_http_whatsapp_quotes(object)
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
ngx_http_whatsapp_get_object(ngx_http_request_t *r,
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
