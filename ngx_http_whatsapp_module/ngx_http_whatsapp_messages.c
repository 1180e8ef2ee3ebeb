
/*
 * POST /{phone_number_id}/messages: what can be sent or marked, by tables.
 * A new type of message is a table of its members and a row of types.
 */


#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_fields.h"


#define NGX_HTTP_WHATSAPP_WAMID_LEN     512

/* digits of a phone number or of its hidden id, as loose as it can be */
#define NGX_HTTP_WHATSAPP_NUMBER_MIN    5
#define NGX_HTTP_WHATSAPP_NUMBER_MAX    20

#define NGX_HTTP_WHATSAPP_GROUP_MAX     32
#define NGX_HTTP_WHATSAPP_TO_MAX        64


typedef struct {
    const char                       *name;
    const ngx_http_whatsapp_field_t  *fields;
} ngx_http_whatsapp_message_t;


static ngx_int_t ngx_http_whatsapp_print_send(ngx_http_request_t *r,
    u_char **p, ngx_http_whatsapp_json_t *body);
static const ngx_http_whatsapp_message_t *ngx_http_whatsapp_find_message(
    ngx_http_whatsapp_json_t *type);
static ngx_int_t ngx_http_whatsapp_refuse(ngx_http_request_t *r,
    ngx_http_whatsapp_refusal_t *refusal);
static ngx_uint_t ngx_http_whatsapp_check_to(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
static ngx_uint_t ngx_http_whatsapp_check_phone(u_char *p, size_t len);
static ngx_uint_t ngx_http_whatsapp_check_group(u_char *p, size_t len);
static ngx_uint_t ngx_http_whatsapp_check_wamid(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);


static const ngx_http_whatsapp_call_t  ngx_http_whatsapp_send_call = {
    ngx_string("message.send"), 1
};

static const ngx_http_whatsapp_call_t  ngx_http_whatsapp_read_call = {
    ngx_string("message.read"), 0
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_context_fields[] = {

    { "message_id", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, NGX_HTTP_WHATSAPP_WAMID_LEN,
      NULL, NULL, ngx_http_whatsapp_check_wamid, NULL,
      "the id of a message" },

    { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL }
};


/* common to all that can be sent */

static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_send_fields[] = {

    { "messaging_product", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, 16,
      "whatsapp", NULL, NULL, NULL,
      "\"whatsapp\"" },

    { "recipient_type", NGX_HTTP_WHATSAPP_STRING, 0, 16,
      "individual group", "individual", NULL, NULL,
      "\"individual\" or \"group\"" },

    { "to", NGX_HTTP_WHATSAPP_NUMERIC,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, NGX_HTTP_WHATSAPP_TO_MAX,
      NULL, NULL, ngx_http_whatsapp_check_to, NULL,
      "a phone number or group id that fits recipient_type" },

    { "context", NGX_HTTP_WHATSAPP_OBJECT, 0, 0,
      NULL, NULL, NULL, ngx_http_whatsapp_context_fields,
      "an object" },

    { "biz_opaque_callback_data", NGX_HTTP_WHATSAPP_STRING, 0, 512,
      NULL, NULL, NULL, NULL,
      "a string of at most 512 characters" },

    { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL }
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_text_fields[] = {

    { "body", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 4096,
      NULL, NULL, NULL, NULL,
      "a string of 1 to 4096 characters" },

    { "preview_url", NGX_HTTP_WHATSAPP_BOOLEAN, 0, 0,
      NULL, NULL, NULL, NULL,
      "true or false" },

    { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL }
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_text_message[] = {

    { "text", NGX_HTTP_WHATSAPP_OBJECT,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 0,
      NULL, NULL, NULL, ngx_http_whatsapp_text_fields,
      "an object" },

    { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL }
};


/* the first is meant when a body names no type */

static const ngx_http_whatsapp_message_t  ngx_http_whatsapp_types[] = {
    { "text", ngx_http_whatsapp_text_message },
    { NULL, NULL }
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_typing_fields[] = {

    { "type", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 16,
      "text", NULL, NULL, NULL,
      "\"text\"" },

    { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL }
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_read_fields[] = {

    { "messaging_product", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, 16,
      "whatsapp", NULL, NULL, NULL,
      "\"whatsapp\"" },

    { "status", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED|NGX_HTTP_WHATSAPP_FIELD_CHECKED, 16,
      "read", NULL, NULL, NULL,
      "\"read\"" },

    { "message_id", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, NGX_HTTP_WHATSAPP_WAMID_LEN,
      NULL, NULL, ngx_http_whatsapp_check_wamid, NULL,
      "the id of a message" },

    { "typing_indicator", NGX_HTTP_WHATSAPP_OBJECT, 0, 0,
      NULL, NULL, NULL, ngx_http_whatsapp_typing_fields,
      "an object" },

    { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL }
};


const ngx_http_whatsapp_call_t *
ngx_http_whatsapp_message_call(ngx_http_whatsapp_json_t *body)
{
    return ngx_http_whatsapp_json_member(body, "status")
           ? &ngx_http_whatsapp_read_call : &ngx_http_whatsapp_send_call;
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
    ngx_http_whatsapp_json_t           *type;
    ngx_http_whatsapp_refusal_t         refusal;
    const ngx_http_whatsapp_message_t  *message;

    type = ngx_http_whatsapp_json_member(body, "type");

    if (type && type->type != NGX_HTTP_WHATSAPP_JSON_STRING) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                       "type must be a string");
    }

    message = ngx_http_whatsapp_find_message(type);

    if (message == NULL) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TYPE_UNSUPPORTED,
                                       "messages of this type cannot be sent");
    }

    *p = ngx_http_whatsapp_print_fields(*p, body,
                                        ngx_http_whatsapp_send_fields, NULL,
                                        &refusal);
    if (*p == NULL) {
        return ngx_http_whatsapp_refuse(r, &refusal);
    }

    *p = ngx_sprintf(*p, ",\"type\":\"%s\",", message->name);

    *p = ngx_http_whatsapp_print_fields(*p, body, message->fields, NULL,
                                        &refusal);

    return *p ? NGX_OK : ngx_http_whatsapp_refuse(r, &refusal);
}


static const ngx_http_whatsapp_message_t *
ngx_http_whatsapp_find_message(ngx_http_whatsapp_json_t *type)
{
    const ngx_http_whatsapp_message_t  *message;

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

    return NULL;
}


static ngx_int_t
ngx_http_whatsapp_refuse(ngx_http_request_t *r,
    ngx_http_whatsapp_refusal_t *refusal)
{
    const char  *parent, *dot;

    parent = refusal->parent ? refusal->parent : "";
    dot = refusal->parent ? "." : "";

    if (refusal->missing) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                       "%s%s%s is missing",
                                       parent, dot, refusal->field->name);
    }

    return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                   "%s%s%s must be %s",
                                   parent, dot, refusal->field->name,
                                   refusal->field->expected);
}


/* whether it is on WhatsApp is for the controller to find out */

static ngx_uint_t
ngx_http_whatsapp_check_to(ngx_str_t *value, ngx_http_whatsapp_json_t *object)
{
    u_char                    *p, *at;
    size_t                     len, rest;
    ngx_uint_t                 group;
    ngx_http_whatsapp_json_t  *type;

    p = value->data;
    len = value->len;

    /* its own value was checked before */

    type = ngx_http_whatsapp_json_member(object, "recipient_type");

    group = (type && type->string.data[0] == 'g');

    at = ngx_strlchr(p, p + len, '@');

    if (at == NULL) {
        return group ? ngx_http_whatsapp_check_group(p, len)
                     : ngx_http_whatsapp_check_phone(p, len);
    }

    rest = p + len - at;
    len = at - p;

    if (rest == 5 && ngx_strncmp(at, "@g.us", 5) == 0) {
        return ngx_http_whatsapp_check_group(p, len);
    }

    return !group
           && ((rest == 5 && ngx_strncmp(at, "@c.us", 5) == 0)
               || (rest == 4 && ngx_strncmp(at, "@lid", 4) == 0))
           && len >= NGX_HTTP_WHATSAPP_NUMBER_MIN
           && len <= NGX_HTTP_WHATSAPP_NUMBER_MAX
           && ngx_http_whatsapp_digits(p, len);
}


static ngx_uint_t
ngx_http_whatsapp_check_phone(u_char *p, size_t len)
{
    size_t  i, digits;

    digits = 0;

    for (i = 0; i < len; i++) {

        switch (p[i]) {

        case '+':
        case '-':
        case '(':
        case ')':
        case '.':
        case ' ':
            continue;

        default:
            if (p[i] < '0' || p[i] > '9') {
                return 0;
            }

            digits++;
        }
    }

    return digits >= NGX_HTTP_WHATSAPP_NUMBER_MIN
           && digits <= NGX_HTTP_WHATSAPP_NUMBER_MAX;
}


/* digits, or a phone number and a time as older groups have them */

static ngx_uint_t
ngx_http_whatsapp_check_group(u_char *p, size_t len)
{
    u_char  *dash;

    if (len < NGX_HTTP_WHATSAPP_NUMBER_MIN
        || len > NGX_HTTP_WHATSAPP_GROUP_MAX)
    {
        return 0;
    }

    dash = ngx_strlchr(p, p + len, '-');

    if (dash == NULL) {
        return ngx_http_whatsapp_digits(p, len);
    }

    return ngx_http_whatsapp_digits(p, dash - p)
           && ngx_http_whatsapp_digits(dash + 1, p + len - dash - 1);
}


static ngx_uint_t
ngx_http_whatsapp_check_wamid(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    return ngx_http_whatsapp_wamid(value->data, value->len);
}


ngx_uint_t
ngx_http_whatsapp_wamid(u_char *p, size_t len)
{
    size_t  i;

    if (len <= sizeof("wamid.") - 1 || len > NGX_HTTP_WHATSAPP_WAMID_LEN
        || ngx_strncmp(p, "wamid.", sizeof("wamid.") - 1) != 0)
    {
        return 0;
    }

    for (i = sizeof("wamid.") - 1; i < len; i++) {

        if ((p[i] < 'a' || p[i] > 'z')
            && (p[i] < 'A' || p[i] > 'Z')
            && (p[i] < '0' || p[i] > '9')
            && p[i] != '-' && p[i] != '_')
        {
            return 0;
        }
    }

    return 1;
}
