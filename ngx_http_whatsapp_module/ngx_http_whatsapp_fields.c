
/*
 * Rules for the members of JSON objects.
 */


#include "ngx_http_whatsapp_fields.h"


static u_char *ngx_http_whatsapp_print_value(u_char *p,
    ngx_http_whatsapp_json_t *value, ngx_http_whatsapp_json_t *object,
    const ngx_http_whatsapp_field_t *field,
    ngx_http_whatsapp_refusal_t *refusal);
static u_char *ngx_http_whatsapp_print_string(u_char *p,
    ngx_http_whatsapp_json_t *value, ngx_http_whatsapp_json_t *object,
    const ngx_http_whatsapp_field_t *field);
static u_char *ngx_http_whatsapp_print_boolean(u_char *p,
    ngx_http_whatsapp_json_t *value);
static ngx_uint_t ngx_http_whatsapp_listed(ngx_str_t *value,
    const char *list);


u_char *
ngx_http_whatsapp_print_fields(u_char *p, ngx_http_whatsapp_json_t *object,
    const ngx_http_whatsapp_field_t *fields, const char *parent,
    ngx_http_whatsapp_refusal_t *refusal)
{
    u_char                           *start, *name;
    ngx_http_whatsapp_json_t         *value;
    const ngx_http_whatsapp_field_t  *field;

    start = p;

    for (field = fields; field->name; field++) {

        refusal->field = field;
        refusal->parent = parent;
        refusal->missing = 0;

        value = ngx_http_whatsapp_json_member(object, field->name);

        if (value == NULL && (field->flags & NGX_HTTP_WHATSAPP_FIELD_REQUIRED))
        {
            refusal->missing = 1;
            return NULL;
        }

        if (value == NULL && field->fallback == NULL) {
            continue;
        }

        name = p;

        if (p > start) {
            *p++ = ',';
        }

        *p++ = '"';
        p = ngx_cpymem(p, field->name, ngx_strlen(field->name));
        *p++ = '"';
        *p++ = ':';

        if (value == NULL) {
            p = ngx_sprintf(p, "\"%s\"", field->fallback);
            continue;
        }

        p = ngx_http_whatsapp_print_value(p, value, object, field, refusal);

        if (p == NULL) {
            return NULL;
        }

        if (field->flags & NGX_HTTP_WHATSAPP_FIELD_CHECKED) {
            p = name;
        }
    }

    return p;
}


static u_char *
ngx_http_whatsapp_print_value(u_char *p, ngx_http_whatsapp_json_t *value,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *field,
    ngx_http_whatsapp_refusal_t *refusal)
{
    switch (field->type) {

    case NGX_HTTP_WHATSAPP_OBJECT:

        if (value->type != NGX_HTTP_WHATSAPP_JSON_OBJECT) {
            return NULL;
        }

        *p++ = '{';

        p = ngx_http_whatsapp_print_fields(p, value, field->fields,
                                           field->name, refusal);
        if (p) {
            *p++ = '}';
        }

        return p;

    case NGX_HTTP_WHATSAPP_BOOLEAN:
        return ngx_http_whatsapp_print_boolean(p, value);

    default: /* NGX_HTTP_WHATSAPP_STRING, NGX_HTTP_WHATSAPP_NUMERIC */
        return ngx_http_whatsapp_print_string(p, value, object, field);
    }
}


static u_char *
ngx_http_whatsapp_print_string(u_char *p, ngx_http_whatsapp_json_t *value,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *field)
{
    size_t      len;
    ngx_str_t  *s;
    ngx_uint_t  number;

    number = (field->type == NGX_HTTP_WHATSAPP_NUMERIC
              && value->type == NGX_HTTP_WHATSAPP_JSON_INTEGER);

    if (!number && value->type != NGX_HTTP_WHATSAPP_JSON_STRING) {
        return NULL;
    }

    s = number ? &value->raw : &value->string;

    len = ngx_utf8_length(s->data, s->len);

    if (len > field->max
        || (len == 0 && (field->flags & NGX_HTTP_WHATSAPP_FIELD_REQUIRED))
        || (field->values && !ngx_http_whatsapp_listed(s, field->values))
        || (field->check && !field->check(s, object)))
    {
        return NULL;
    }

    if (number) {
        return ngx_sprintf(p, "\"%V\"", s);
    }

    /* escaped as it came */

    return ngx_cpymem(p, value->raw.data, value->raw.len);
}


static u_char *
ngx_http_whatsapp_print_boolean(u_char *p, ngx_http_whatsapp_json_t *value)
{
    ngx_str_t  *s;

    s = (value->type == NGX_HTTP_WHATSAPP_JSON_STRING) ? &value->string
                                                       : &value->raw;

    if (s->len == 4 && ngx_strncmp(s->data, "true", 4) == 0) {
        return ngx_cpymem(p, "true", 4);
    }

    if (s->len == 5 && ngx_strncmp(s->data, "false", 5) == 0) {
        return ngx_cpymem(p, "false", 5);
    }

    return NULL;
}


static ngx_uint_t
ngx_http_whatsapp_listed(ngx_str_t *value, const char *list)
{
    size_t  n;

    for ( ;; ) {

        n = strcspn(list, " ");

        if (n == value->len && ngx_strncmp(list, value->data, n) == 0) {
            return 1;
        }

        if (list[n] == '\0') {
            return 0;
        }

        list += n + 1;
    }
}


ngx_uint_t
ngx_http_whatsapp_digits(u_char *p, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (p[i] < '0' || p[i] > '9') {
            return 0;
        }
    }

    return len > 0;
}
