
/*
 * Messages of the type "template". They are sent as text: the operator's
 * template with the message's parameters in it. Where the header is a file,
 * they are sent as that, with the text as its caption.
 */


#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_template_file.h"
#include "ngx_http_whatsapp_template_buttons.h"


/* a type of parameters, and the member that holds its value */

typedef struct {
    const char  *type;
    const char  *name;
    const char  *inner;                          /* NULL: name is a string */
} ngx_http_whatsapp_template_parameter_t;


/* what a message gives; header is the parameter with the file, NULL: none */

typedef struct {
    ngx_http_whatsapp_json_t  *parameters;       /* of the body */
    ngx_http_whatsapp_json_t  *header;
    const char                *file;             /* kind of file, or NULL */
    ngx_str_t                  values[NGX_HTTP_WHATSAPP_PARAMETERS_MAX];
    ngx_str_t                  buttons[NGX_HTTP_WHATSAPP_BUTTONS_MAX];
} ngx_http_whatsapp_template_given_t;


static ngx_int_t ngx_http_whatsapp_template_find_named(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, ngx_http_whatsapp_template_t **template);
static ngx_int_t ngx_http_whatsapp_template_wrap_language(
    ngx_http_request_t *r, ngx_http_whatsapp_json_t *object);
static ngx_int_t ngx_http_whatsapp_template_take_components(
    ngx_http_request_t *r, ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_json_t *object,
    ngx_http_whatsapp_template_given_t *given);
static ngx_int_t ngx_http_whatsapp_template_take_component(
    ngx_http_request_t *r, ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_json_t *component,
    ngx_http_whatsapp_template_given_t *given);
static ngx_uint_t ngx_http_whatsapp_template_component_is(
    ngx_http_whatsapp_json_t *component, const char *type);
static ngx_int_t ngx_http_whatsapp_template_take_values(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_template_given_t *given);
static ngx_int_t ngx_http_whatsapp_template_parameter_index(
    ngx_http_whatsapp_template_t *template, ngx_uint_t n,
    ngx_http_whatsapp_json_t *parameter);
static ngx_int_t ngx_http_whatsapp_template_parameter_value(
    ngx_http_request_t *r, ngx_http_whatsapp_json_t *parameter,
    ngx_str_t *value);
static ngx_int_t ngx_http_whatsapp_template_fill(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_template_given_t *given, ngx_str_t *text);
static ngx_int_t ngx_http_whatsapp_template_refuse_count(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template);


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_language_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("code", 16),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_template_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("name",
                                      NGX_HTTP_WHATSAPP_TEMPLATE_NAME_LEN),

    { "language", NGX_HTTP_WHATSAPP_OBJECT,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 0,
      NULL, NULL, NULL, ngx_http_whatsapp_language_fields,
      "a string, or an object with code" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_fallback_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("fallback_value",
                                      WHATSAPP_TEXT_MAX),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_parameter_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("type", 32),

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("parameter_name",
                                      NGX_HTTP_WHATSAPP_PARAMETER_NAME_LEN),

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("text", WHATSAPP_TEXT_MAX),

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("currency",
                                      ngx_http_whatsapp_fallback_fields),

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("date_time",
                                      ngx_http_whatsapp_fallback_fields),

      ngx_http_whatsapp_null_field
};


/* one row for all elements of an array, with the array's name */

static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_parameter[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("parameters",
                                      ngx_http_whatsapp_parameter_fields)
};


static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_component_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("type", 32),

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("sub_type", 32),

    { "index", NGX_HTTP_WHATSAPP_NUMERIC, 0, 2,
      NULL, NULL, NULL, NULL,
      "the number of a button, from 0" },

    { "parameters", NGX_HTTP_WHATSAPP_ARRAY, 0,
      NGX_HTTP_WHATSAPP_PARAMETERS_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_parameter,
      "an array of at most 64 objects" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_component[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("components",
                                      ngx_http_whatsapp_component_fields)
};


static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_components_fields[] = {

    { "components", NGX_HTTP_WHATSAPP_ARRAY, 0,
      NGX_HTTP_WHATSAPP_PARAMETERS_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_component,
      "an array of at most 64 objects" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_template_parameter_t
    ngx_http_whatsapp_parameters[] = {

    { "text", "text", NULL },
    { "currency", "currency", "fallback_value" },
    { "date_time", "date_time", "fallback_value" },
    { NULL, NULL, NULL }
};


ngx_int_t
ngx_http_whatsapp_prepare_template(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body)
{
    ngx_int_t                            rc;
    ngx_str_t                            text;
    ngx_http_whatsapp_json_t            *object;
    ngx_http_whatsapp_template_t        *template;
    ngx_http_whatsapp_template_given_t   given;

    ngx_memzero(&given, sizeof(ngx_http_whatsapp_template_given_t));

    rc = ngx_http_whatsapp_message_get_object(r, body, "template", &object);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_template_find_named(r, object, &template);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_template_take_components(r, template, object,
                                                        &given);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_template_take_values(r, template, &given);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_template_check_parts(r, template, given.file,
                                                    given.buttons);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_template_fill(r, template, &given, &text);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return given.file ? ngx_http_whatsapp_message_set_file(r, body,
                                             given.header, given.file, &text)
                      : ngx_http_whatsapp_message_set_text(r, body, &text);
}


static ngx_int_t
ngx_http_whatsapp_template_find_named(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, ngx_http_whatsapp_template_t **template)
{
    ngx_int_t                      rc;
    ngx_http_whatsapp_json_t      *language;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    rc = ngx_http_whatsapp_template_wrap_language(r, object);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_message_check_fields(r, object,
                                             ngx_http_whatsapp_template_fields,
                                             "template");
    }

    if (rc != NGX_OK) {
        return rc;
    }

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    language = ngx_http_whatsapp_json_member(object, "language");

    *template = ngx_http_whatsapp_template_find(wlcf->templates,
                    &ngx_http_whatsapp_json_member(object, "name")->string,
                    &ngx_http_whatsapp_json_member(language, "code")->string);

    if (*template == NULL) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TEMPLATE_UNKNOWN,
                                       "there is no template of this name in "
                                       "this language");
    }

    return NGX_OK;
}


/* makes {"code":"en_US"} of "en_US" */

static ngx_int_t
ngx_http_whatsapp_template_wrap_language(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object)
{
    ngx_http_whatsapp_json_t  *language, *code;

    language = ngx_http_whatsapp_json_member(object, "language");

    if (language == NULL || language->type != NGX_HTTP_WHATSAPP_JSON_STRING) {
        return NGX_OK;
    }

    code = ngx_palloc(r->pool, sizeof(ngx_http_whatsapp_json_t));
    if (code == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    *code = *language;

    ngx_str_set(&code->name, "code");
    code->next = NULL;

    language->type = NGX_HTTP_WHATSAPP_JSON_OBJECT;
    language->members = code;

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_template_take_components(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template, ngx_http_whatsapp_json_t *object,
    ngx_http_whatsapp_template_given_t *given)
{
    ngx_int_t                  rc;
    ngx_http_whatsapp_json_t  *component;

    rc = ngx_http_whatsapp_message_check_fields(r, object,
                                           ngx_http_whatsapp_components_fields,
                                           "template");
    if (rc != NGX_OK) {
        return rc;
    }

    component = ngx_http_whatsapp_json_member(object, "components");
    component = component ? component->members : NULL;

    for ( /* void */ ; component; component = component->next) {

        rc = ngx_http_whatsapp_template_take_component(r, template, component,
                                                       given);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


/* components without parameters, but for buttons, may be any */

static ngx_int_t
ngx_http_whatsapp_template_take_component(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_json_t *component,
    ngx_http_whatsapp_template_given_t *given)
{
    ngx_http_whatsapp_json_t  *parameters, *cards;

    cards = ngx_http_whatsapp_json_member(component, "cards");
    parameters = ngx_http_whatsapp_json_member(component, "parameters");
    parameters = parameters ? parameters->members : NULL;

    if (parameters == NULL && cards == NULL) {
        return NGX_OK;
    }

    if (cards == NULL
        && ngx_http_whatsapp_template_component_is(component, "button"))
    {
        return ngx_http_whatsapp_template_take_button(r, template, component,
                                                      given->buttons);
    }

    if (cards == NULL && given->header == NULL
        && ngx_http_whatsapp_template_component_is(component, "header"))
    {
        given->header = parameters;

        return ngx_http_whatsapp_template_take_header(r, template, parameters,
                                                      &given->file);
    }

    if (cards == NULL && given->parameters == NULL
        && ngx_http_whatsapp_template_component_is(component, "body"))
    {
        given->parameters = parameters;
        return NGX_OK;
    }

    return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TEMPLATE_COUNT,
                                   "the template has no parameters but in its "
                                   "body, header and buttons, each once");
}


static ngx_uint_t
ngx_http_whatsapp_template_component_is(ngx_http_whatsapp_json_t *component,
    const char *type)
{
    ngx_str_t  *given;

    given = &ngx_http_whatsapp_json_member(component, "type")->string;

    return given->len == ngx_strlen(type)
           && ngx_strncasecmp(given->data, (u_char *) type, given->len) == 0;
}


static ngx_int_t
ngx_http_whatsapp_template_take_values(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_template_given_t *given)
{
    ngx_int_t                  rc, index;
    ngx_str_t                 *values;
    ngx_uint_t                 n;
    ngx_http_whatsapp_json_t  *parameter;

    n = 0;
    values = given->values;
    parameter = given->parameters;

    for ( /* void */ ; parameter; parameter = parameter->next) {

        index = ngx_http_whatsapp_template_parameter_index(template, n,
                                                           parameter);

        if (index == -1 || values[index].len) {
            return ngx_http_whatsapp_template_refuse_count(r, template);
        }

        rc = ngx_http_whatsapp_template_parameter_value(r, parameter,
                                                        &values[index]);

        if (rc != NGX_OK) {
            return rc;
        }

        n++;
    }

    return n == template->parameters.nelts
           ? NGX_OK : ngx_http_whatsapp_template_refuse_count(r, template);
}


/* returns the index of the n-th given parameter, from 0; -1: unknown */

static ngx_int_t
ngx_http_whatsapp_template_parameter_index(
    ngx_http_whatsapp_template_t *template, ngx_uint_t n,
    ngx_http_whatsapp_json_t *parameter)
{
    ngx_http_whatsapp_json_t  *name;

    if (!template->named) {
        return n < template->parameters.nelts ? (ngx_int_t) n : -1;
    }

    name = ngx_http_whatsapp_json_member(parameter, "parameter_name");

    if (name == NULL) {
        return -1;
    }

    return ngx_http_whatsapp_template_find_parameter(template, &name->string);
}


static ngx_int_t
ngx_http_whatsapp_template_parameter_value(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *parameter, ngx_str_t *value)
{
    ngx_str_t                                     *type;
    ngx_http_whatsapp_json_t                      *member;
    const ngx_http_whatsapp_template_parameter_t  *p;

    type = &ngx_http_whatsapp_json_member(parameter, "type")->string;

    /* Meta accepts "TEXT" as well */

    for (p = ngx_http_whatsapp_parameters; p->type; p++) {

        if (type->len == ngx_strlen(p->type)
            && ngx_strncasecmp(type->data, (u_char *) p->type, type->len)
               == 0)
        {
            break;
        }
    }

    if (p->type == NULL) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TEMPLATE_FORMAT,
                                       "a parameter must be of the type text, "
                                       "currency or date_time");
    }

    member = ngx_http_whatsapp_json_member(parameter, p->name);

    if (member && p->inner) {
        member = ngx_http_whatsapp_json_member(member, p->inner);
    }

    if (member == NULL || member->string.len == 0) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                       "a parameter of the template lacks %s",
                                       p->name);
    }

    *value = member->string;

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_template_fill(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_template_given_t *given, ngx_str_t *text)
{
    u_char                             *p;
    size_t                              len;
    ngx_str_t                          *s;
    ngx_uint_t                          i;
    ngx_http_whatsapp_template_part_t  *part;

    len = ngx_http_whatsapp_template_buttons_len(template, given->buttons);

    part = template->parts.elts;

    for (i = 0; i < template->parts.nelts; i++) {
        s = (part[i].parameter == -1) ? &part[i].text
                                      : &given->values[part[i].parameter];
        len += s->len;
    }

    p = ngx_pnalloc(ngx_http_whatsapp_pool(r), len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text->data = p;

    for (i = 0; i < template->parts.nelts; i++) {
        s = (part[i].parameter == -1) ? &part[i].text
                                      : &given->values[part[i].parameter];
        p = ngx_cpymem(p, s->data, s->len);
    }

    p = ngx_http_whatsapp_template_print_buttons(p, template, given->buttons);

    text->len = p - text->data;

    if (ngx_utf8_length(text->data, text->len) > WHATSAPP_TEXT_MAX) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TEMPLATE_TOO_LONG,
                                       "the text has more than %d characters",
                                       WHATSAPP_TEXT_MAX);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_template_refuse_count(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template)
{
    return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TEMPLATE_COUNT,
                                   "the template takes %ui %s parameters, "
                                   "each of them once",
                                   template->parameters.nelts,
                                   template->named ? "named" : "numbered");
}
