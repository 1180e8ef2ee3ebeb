
/*
 * POST /{phone_number_id}/messages: the body becomes the params of the call
 * message.send or message.read, by the table of its type. First
 * ngx_http_whatsapp_message_prepare() changes the body to a form that WhatsApp
 * takes, then ngx_http_whatsapp_message_print() checks and prints it.
 */


#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_field_checks.h"


static ngx_int_t ngx_http_whatsapp_message_map_aliases(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_message_set_type(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_message_set_context(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_message_map_alias(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, const char *alias, const char *name);
static void ngx_http_whatsapp_message_prepend(ngx_http_whatsapp_json_t *object,
    ngx_http_whatsapp_json_t *node, const char *name);
static ngx_uint_t ngx_http_whatsapp_message_scoped_id(ngx_str_t *s);
static const ngx_http_whatsapp_message_type_t *
    ngx_http_whatsapp_message_find_type(
    ngx_http_request_t *r, ngx_http_whatsapp_json_t *body, ngx_int_t *rc);
static ngx_int_t ngx_http_whatsapp_message_print_send(ngx_http_request_t *r,
    u_char **p, ngx_http_whatsapp_json_t *body);


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_context_fields[] = {

    NGX_HTTP_WHATSAPP_MESSAGE_ID_FIELD,

      ngx_http_whatsapp_null_field
};


/* members of all types */

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

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("biz_opaque_callback_data",
                                      WHATSAPP_CALLBACK_DATA_MAX),

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
ngx_http_whatsapp_message_prepare(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, size_t *size)
{
    ngx_int_t                                rc;
    ngx_http_whatsapp_json_t                *object;
    const ngx_http_whatsapp_message_type_t  *message;

    *size = body->raw.len;

    if (ngx_http_whatsapp_json_member(body, "status")) {
        return NGX_OK;
    }

    rc = ngx_http_whatsapp_message_map_aliases(r, body);

    if (rc != NGX_OK) {
        return rc;
    }

    message = ngx_http_whatsapp_message_find_type(r, body, &rc);

    if (message == NULL) {
        return rc;
    }

    if (message->prepare) {
        rc = message->prepare(r, body);

        if (rc != NGX_OK) {
            return rc;
        }

        /* a file in the header gives the message its own type */

        message = ngx_http_whatsapp_message_find_type(r, body, &rc);

        if (message == NULL) {
            return rc;
        }

        /* an object that prepare() made is not part of the body's text */

        object = ngx_http_whatsapp_json_member(body, message->fields[0].name);

        if (object) {
            *size += object->raw.len;
        }
    }

    *size += ngx_http_whatsapp_quotes(body);

    return NGX_OK;
}


/*
 * Meta accepts "recipient" for "to", and prefers "to" if both are there. The
 * types of @great-detail/whatsapp 8 have "inReplyTo" for the id in a context.
 */

static ngx_int_t
ngx_http_whatsapp_message_map_aliases(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body)
{
    ngx_int_t                  rc;
    ngx_http_whatsapp_json_t  *recipient;

    recipient = ngx_http_whatsapp_json_member(body, "recipient");

    if (recipient && ngx_http_whatsapp_json_member(body, "to") == NULL
        && recipient->type == NGX_HTTP_WHATSAPP_JSON_STRING
        && ngx_http_whatsapp_message_scoped_id(&recipient->string))
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                       "recipient is a business-scoped user "
                                       "id, which only Meta can resolve; to "
                                       "must be a phone number");
    }

    rc = ngx_http_whatsapp_message_map_alias(r, body, "recipient", "to");

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_message_set_type(r, body);
    }

    return rc == NGX_OK ? ngx_http_whatsapp_message_set_context(r, body) : rc;
}


/* adds the recipient_type that the id of a group has by itself */

static ngx_int_t
ngx_http_whatsapp_message_set_type(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body)
{
    ngx_http_whatsapp_json_t  *to, *type;

    to = ngx_http_whatsapp_json_member(body, "to");

    if (to == NULL || to->type != NGX_HTTP_WHATSAPP_JSON_STRING
        || !ngx_http_whatsapp_is_group(&to->string)
        || ngx_http_whatsapp_json_member(body, "recipient_type"))
    {
        return NGX_OK;
    }

    type = ngx_pcalloc(r->pool, sizeof(ngx_http_whatsapp_json_t));
    if (type == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    type->type = NGX_HTTP_WHATSAPP_JSON_STRING;
    ngx_str_set(&type->raw, "\"group\"");
    ngx_str_set(&type->string, "group");

    ngx_http_whatsapp_message_prepend(body, type, "recipient_type");

    return NGX_OK;
}


/* removes a context that names no message */

static ngx_int_t
ngx_http_whatsapp_message_set_context(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body)
{
    ngx_int_t                  rc;
    ngx_http_whatsapp_json_t  *context;

    context = ngx_http_whatsapp_json_member(body, "context");

    if (context == NULL || context->type != NGX_HTTP_WHATSAPP_JSON_OBJECT) {
        return NGX_OK;
    }

    rc = ngx_http_whatsapp_message_map_alias(r, context, "inReplyTo",
                                             "message_id");

    if (rc == NGX_OK
        && ngx_http_whatsapp_json_member(context, "message_id") == NULL)
    {
        context->type = NGX_HTTP_WHATSAPP_JSON_NULL;
    }

    return rc;
}


/* adds the member alias under name, unless the object has name already */

static ngx_int_t
ngx_http_whatsapp_message_map_alias(ngx_http_request_t *r,
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

    ngx_http_whatsapp_message_prepend(object, node, name);

    return NGX_OK;
}


/* adds a member, or replaces a null of that name */

static void
ngx_http_whatsapp_message_prepend(ngx_http_whatsapp_json_t *object,
    ngx_http_whatsapp_json_t *node, const char *name)
{
    node->name.data = (u_char *) name;
    node->name.len = ngx_strlen(name);

    /* the first member of a name is found: not a null of the client */

    node->next = object->members;
    object->members = node;
}


/* Meta's ids of users who hide their number: "US.1349", "US.ENT.11" */

static ngx_uint_t
ngx_http_whatsapp_message_scoped_id(ngx_str_t *s)
{
    return s->len > 3
           && s->data[0] >= 'A' && s->data[0] <= 'Z'
           && s->data[1] >= 'A' && s->data[1] <= 'Z'
           && s->data[2] == '.';
}


ngx_int_t
ngx_http_whatsapp_message_print(ngx_http_request_t *r, u_char **p,
    ngx_http_whatsapp_json_t *body)
{
    ngx_http_whatsapp_refusal_t  refusal;

    if (ngx_http_whatsapp_json_member(body, "status") == NULL) {
        return ngx_http_whatsapp_message_print_send(r, p, body);
    }

    *p = ngx_http_whatsapp_print_fields(*p, body,
                                        ngx_http_whatsapp_read_fields, NULL,
                                        &refusal);

    return *p ? NGX_OK : ngx_http_whatsapp_refuse(r, &refusal);
}


static ngx_int_t
ngx_http_whatsapp_message_print_send(ngx_http_request_t *r, u_char **p,
    ngx_http_whatsapp_json_t *body)
{
    ngx_int_t                                rc;
    ngx_http_whatsapp_refusal_t              refusal;
    const ngx_http_whatsapp_message_type_t  *message;

    message = ngx_http_whatsapp_message_find_type(r, body, &rc);

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


/* sets *rc to a status when it returns NULL */

static const ngx_http_whatsapp_message_type_t *
ngx_http_whatsapp_message_find_type(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, ngx_int_t *rc)
{
    ngx_http_whatsapp_json_t                *type;
    const ngx_http_whatsapp_message_type_t  *message;

    type = ngx_http_whatsapp_json_member(body, "type");

    if (type && type->type != NGX_HTTP_WHATSAPP_JSON_STRING) {
        *rc = ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                      "type must be a string");
        return NULL;
    }

    for (message = ngx_http_whatsapp_message_types; message->name; message++) {

        if (type == NULL
            || ngx_http_whatsapp_text_is(&type->string, message->name))
        {
            return message;
        }
    }

    *rc = ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TYPE_UNSUPPORTED,
                                  "messages of this type cannot be sent");
    return NULL;
}
