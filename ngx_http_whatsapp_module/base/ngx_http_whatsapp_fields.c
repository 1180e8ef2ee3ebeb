
/*
 * Checks an object by a table of fields and prints the members that the table
 * names, both in one pass: a printer returns the end of its text, or NULL when
 * the value breaks a rule. The refusal then holds the path to that value.
 */


#include "ngx_http_whatsapp_fields.h"
#include "ngx_http_whatsapp_text.h"


static u_char *ngx_http_whatsapp_print_members(u_char *p,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *fields,
    ngx_http_whatsapp_refusal_t *refusal);
static ngx_http_whatsapp_json_t *ngx_http_whatsapp_field_value(
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *field);
static u_char *ngx_http_whatsapp_print_member(u_char *p,
    ngx_http_whatsapp_json_t *value, ngx_http_whatsapp_json_t *object,
    const ngx_http_whatsapp_field_t *field,
    ngx_http_whatsapp_refusal_t *refusal);
static u_char *ngx_http_whatsapp_print_fallback(u_char *p,
    const ngx_http_whatsapp_field_t *field);
static ngx_uint_t ngx_http_whatsapp_alternatives(
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *fields,
    ngx_http_whatsapp_refusal_t *refusal);
static void ngx_http_whatsapp_step(ngx_http_whatsapp_refusal_t *refusal,
    const char *fmt, ...);
static u_char *ngx_http_whatsapp_print_value(u_char *p,
    ngx_http_whatsapp_json_t *value, ngx_http_whatsapp_json_t *object,
    const ngx_http_whatsapp_field_t *field,
    ngx_http_whatsapp_refusal_t *refusal);
static u_char *ngx_http_whatsapp_print_object(u_char *p,
    ngx_http_whatsapp_json_t *value, const ngx_http_whatsapp_field_t *field,
    ngx_http_whatsapp_refusal_t *refusal);
static u_char *ngx_http_whatsapp_print_array(u_char *p,
    ngx_http_whatsapp_json_t *value, const ngx_http_whatsapp_field_t *field,
    ngx_http_whatsapp_refusal_t *refusal);
static u_char *ngx_http_whatsapp_print_string(u_char *p,
    ngx_http_whatsapp_json_t *value, ngx_http_whatsapp_json_t *object,
    const ngx_http_whatsapp_field_t *field);
static u_char *ngx_http_whatsapp_print_number(u_char *p,
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
    refusal->len = 0;
    refusal->link = 0;

    if (parent) {
        ngx_http_whatsapp_step(refusal, "%s", parent);
    }

    return ngx_http_whatsapp_print_members(p, object, fields, refusal);
}


static u_char *
ngx_http_whatsapp_print_members(u_char *p, ngx_http_whatsapp_json_t *object,
    const ngx_http_whatsapp_field_t *fields,
    ngx_http_whatsapp_refusal_t *refusal)
{
    u_char                           *start, *name;
    size_t                            len;
    ngx_http_whatsapp_json_t         *value;
    const ngx_http_whatsapp_field_t  *field;

    start = p;
    len = refusal->len;

    if (!ngx_http_whatsapp_alternatives(object, fields, refusal)) {
        return NULL;
    }

    for (field = fields; field->name; field++) {

        value = ngx_http_whatsapp_field_value(object, field);

        if (value == NULL && field->fallback == NULL
            && !(field->flags & NGX_HTTP_WHATSAPP_FIELD_REQUIRED))
        {
            continue;
        }

        ngx_http_whatsapp_step(refusal, len ? ".%s" : "%s", field->name);

        name = p;

        if (p > start) {
            *p++ = ',';
        }

        p = ngx_sprintf(p, "\"%s\":", field->name);
        p = ngx_http_whatsapp_print_member(p, value, object, field, refusal);

        if (p == NULL) {
            return NULL;
        }

        if (field->flags & NGX_HTTP_WHATSAPP_FIELD_CHECKED) {
            p = name;
        }

        refusal->len = len;
    }

    return p;
}


/* returns NULL if the member is absent, null, or blank with FIELD_BLANK */

static ngx_http_whatsapp_json_t *
ngx_http_whatsapp_field_value(ngx_http_whatsapp_json_t *object,
    const ngx_http_whatsapp_field_t *field)
{
    ngx_http_whatsapp_json_t  *value;

    value = ngx_http_whatsapp_json_member(object, field->name);

    if (value && (field->flags & NGX_HTTP_WHATSAPP_FIELD_BLANK)
        && value->type == NGX_HTTP_WHATSAPP_JSON_STRING
        && value->string.len == 0)
    {
        return NULL;
    }

    return value;
}


static u_char *
ngx_http_whatsapp_print_member(u_char *p, ngx_http_whatsapp_json_t *value,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *field,
    ngx_http_whatsapp_refusal_t *refusal)
{
    if (value) {
        return ngx_http_whatsapp_print_value(p, value, object, field, refusal);
    }

    if (field->fallback) {
        return ngx_http_whatsapp_print_fallback(p, field);
    }

    refusal->missing = 1;
    refusal->link = 0;

    return NULL;
}


static u_char *
ngx_http_whatsapp_print_fallback(u_char *p,
    const ngx_http_whatsapp_field_t *field)
{
    return ngx_sprintf(p, (field->type == NGX_HTTP_WHATSAPP_NUMBER)
                          ? "%s" : "\"%s\"",
                       field->fallback);
}


/* returns 1 if the object has just one of the fields with FIELD_EITHER */

static ngx_uint_t
ngx_http_whatsapp_alternatives(ngx_http_whatsapp_json_t *object,
    const ngx_http_whatsapp_field_t *fields,
    ngx_http_whatsapp_refusal_t *refusal)
{
    size_t                            len;
    ngx_uint_t                        n, present;
    const ngx_http_whatsapp_field_t  *field;

    n = 0;
    present = 0;
    len = refusal->len;

    for (field = fields; field->name; field++) {

        if (!(field->flags & NGX_HTTP_WHATSAPP_FIELD_EITHER)) {
            continue;
        }

        ngx_http_whatsapp_step(refusal, n ? " or %s" : len ? ".%s" : "%s",
                               field->name);
        n++;

        if (ngx_http_whatsapp_field_value(object, field)) {
            present++;
        }
    }

    if (n && present != 1) {
        refusal->missing = (present == 0);
        refusal->link = 0;
        refusal->expected = "given, not both";
        return 0;
    }

    refusal->len = len;

    return 1;
}


static void
ngx_http_whatsapp_step(ngx_http_whatsapp_refusal_t *refusal,
    const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(refusal->path + refusal->len,
                      refusal->path + NGX_HTTP_WHATSAPP_PATH_LEN, fmt, args);
    va_end(args);

    refusal->len = p - refusal->path;
}


static u_char *
ngx_http_whatsapp_print_value(u_char *p, ngx_http_whatsapp_json_t *value,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *field,
    ngx_http_whatsapp_refusal_t *refusal)
{
    refusal->expected = field->expected;
    refusal->missing = 0;
    refusal->link = field->flags & NGX_HTTP_WHATSAPP_FIELD_LINK;

    switch (field->type) {

    case NGX_HTTP_WHATSAPP_OBJECT:
        return ngx_http_whatsapp_print_object(p, value, field, refusal);

    case NGX_HTTP_WHATSAPP_ARRAY:
        return ngx_http_whatsapp_print_array(p, value, field, refusal);

    case NGX_HTTP_WHATSAPP_NUMBER:
        return ngx_http_whatsapp_print_number(p, value, object, field);

    case NGX_HTTP_WHATSAPP_BOOLEAN:
        return ngx_http_whatsapp_print_boolean(p, value);

    default: /* NGX_HTTP_WHATSAPP_STRING, NGX_HTTP_WHATSAPP_NUMERIC */
        return ngx_http_whatsapp_print_string(p, value, object, field);
    }
}


static u_char *
ngx_http_whatsapp_print_object(u_char *p, ngx_http_whatsapp_json_t *value,
    const ngx_http_whatsapp_field_t *field,
    ngx_http_whatsapp_refusal_t *refusal)
{
    if (value->type != NGX_HTTP_WHATSAPP_JSON_OBJECT
        || (field->check && !field->check(&value->raw, value)))
    {
        return NULL;
    }

    *p++ = '{';

    p = ngx_http_whatsapp_print_members(p, value, field->fields, refusal);

    if (p) {
        *p++ = '}';
    }

    return p;
}


/* the check of the array runs last, as it relies on checked elements */

static u_char *
ngx_http_whatsapp_print_array(u_char *p, ngx_http_whatsapp_json_t *value,
    const ngx_http_whatsapp_field_t *field,
    ngx_http_whatsapp_refusal_t *refusal)
{
    size_t                     len;
    ngx_uint_t                 n;
    ngx_http_whatsapp_json_t  *element;

    if (value->type != NGX_HTTP_WHATSAPP_JSON_ARRAY) {
        return NULL;
    }

    n = 0;

    for (element = value->members; element; element = element->next) {
        n++;
    }

    if (n > field->max
        || (n == 0 && (field->flags & NGX_HTTP_WHATSAPP_FIELD_REQUIRED)))
    {
        return NULL;
    }

    *p++ = '[';

    n = 0;
    len = refusal->len;

    for (element = value->members; element; element = element->next) {

        ngx_http_whatsapp_step(refusal, "[%ui]", n);

        if (n++) {
            *p++ = ',';
        }

        p = ngx_http_whatsapp_print_value(p, element, value, field->fields,
                                          refusal);
        if (p == NULL) {
            return NULL;
        }

        refusal->len = len;
    }

    *p++ = ']';

    refusal->expected = field->expected;

    return (field->check && !field->check(&value->raw, value)) ? NULL : p;
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

    /* raw keeps the escapes that the client wrote */

    return ngx_cpymem(p, value->raw.data, value->raw.len);
}


static u_char *
ngx_http_whatsapp_print_number(u_char *p, ngx_http_whatsapp_json_t *value,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *field)
{
    ngx_str_t  *s;

    switch (value->type) {

    case NGX_HTTP_WHATSAPP_JSON_INTEGER:
    case NGX_HTTP_WHATSAPP_JSON_REAL:
        s = &value->raw;
        break;

    case NGX_HTTP_WHATSAPP_JSON_STRING:
        s = &value->string;

        if (!ngx_http_whatsapp_decimal(s)) {
            return NULL;
        }

        break;

    default:
        return NULL;
    }

    if (s->len > field->max || (field->check && !field->check(s, object))) {
        return NULL;
    }

    return ngx_cpymem(p, s->data, s->len);
}


static u_char *
ngx_http_whatsapp_print_boolean(u_char *p, ngx_http_whatsapp_json_t *value)
{
    ngx_str_t  *s;

    s = (value->type == NGX_HTTP_WHATSAPP_JSON_STRING) ? &value->string
                                                       : &value->raw;

    if (ngx_http_whatsapp_text_is(s, "true")) {
        return ngx_cpymem(p, "true", 4);
    }

    if (ngx_http_whatsapp_text_is(s, "false")) {
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


size_t
ngx_http_whatsapp_quotes(ngx_http_whatsapp_json_t *json)
{
    size_t                     len;
    ngx_http_whatsapp_json_t  *member;

    len = (json->type == NGX_HTTP_WHATSAPP_JSON_INTEGER) ? 2 : 0;

    for (member = json->members; member; member = member->next) {
        len += ngx_http_whatsapp_quotes(member);
    }

    return len;
}
