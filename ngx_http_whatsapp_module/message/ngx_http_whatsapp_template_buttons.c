
/*
 * The header and the buttons of a message that is a template: the file, and
 * what stands for {{1}} in the URL of a button.  Buttons become lines.
 */


#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_field_checks.h"
#include "ngx_http_whatsapp_template_buttons.h"


/* bytes around a button's texts: a number, ". ", ": " and line ends */
#define NGX_HTTP_WHATSAPP_BUTTON_FRAME_LEN  16


static ngx_int_t ngx_http_whatsapp_template_refuse_buttons(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_template_set_button_value(
    ngx_http_request_t *r, ngx_http_whatsapp_json_t *parameter,
    ngx_str_t *value);


ngx_int_t
ngx_http_whatsapp_template_take_header(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_json_t *parameters,
    const char **file)
{
    ngx_str_t  *type;

    type = &ngx_http_whatsapp_json_member(parameters, "type")->string;

    *file = ngx_http_whatsapp_header_kind(type);

    if (parameters->next || (*file == NULL && template->header == NULL)) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TEMPLATE_COUNT,
                                       "the header of a template takes one "
                                       "image, video or document");
    }

    if (*file == NULL
        || (template->header && ngx_strcmp(*file, template->header) != 0))
    {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TEMPLATE_FORMAT,
                                       "the header of the template takes a "
                                       "parameter of the type %s",
                                       template->header);
    }

    return ngx_http_whatsapp_message_check_file(r, parameters, *file,
                                                "header.parameters[0]");
}


ngx_int_t
ngx_http_whatsapp_template_take_button(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    ngx_http_whatsapp_json_t *component, ngx_str_t *values)
{
    ngx_int_t                             n;
    ngx_str_t                            *kind;
    const char                           *expected;
    ngx_http_whatsapp_json_t             *index, *sub_type, *parameters;
    ngx_http_whatsapp_template_button_t  *button;

    index = ngx_http_whatsapp_json_member(component, "index");
    sub_type = ngx_http_whatsapp_json_member(component, "sub_type");

    if (index == NULL || sub_type == NULL) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                       "%s of a button is missing",
                                       index ? "sub_type" : "index");
    }

    n = (index->type == NGX_HTTP_WHATSAPP_JSON_STRING)
        ? ngx_atoi(index->string.data, index->string.len)
        : ngx_atoi(index->raw.data, index->raw.len);

    if (n == NGX_ERROR || n >= (ngx_int_t) template->buttons) {
        return ngx_http_whatsapp_template_refuse_buttons(r);
    }

    button = &template->button[n];
    kind = &sub_type->string;
    expected = button->url.len ? "url" : "quick_reply";

    if (kind->len != ngx_strlen(expected)
        || ngx_strncasecmp(kind->data, (u_char *) expected, kind->len) != 0)
    {
        return ngx_http_whatsapp_template_refuse_buttons(r);
    }

    parameters = ngx_http_whatsapp_json_member(component, "parameters");
    parameters = parameters ? parameters->members : NULL;

    /* nothing shows the payload of a reply */

    if (button->url.len == 0 || parameters == NULL) {
        return NGX_OK;
    }

    if (!button->dynamic || parameters->next || values[n].len) {
        return ngx_http_whatsapp_template_refuse_buttons(r);
    }

    return ngx_http_whatsapp_template_set_button_value(r, parameters,
                                                       &values[n]);
}


/* a blank would end the URL in the text */

static ngx_int_t
ngx_http_whatsapp_template_set_button_value(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *parameter, ngx_str_t *value)
{
    size_t                     i;
    ngx_http_whatsapp_json_t  *text;

    text = ngx_http_whatsapp_json_member(parameter, "text");

    if (text == NULL || text->string.len == 0) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                       "a parameter of the template lacks "
                                       "text");
    }

    for (i = 0; i < text->string.len; i++) {

        if (text->string.data[i] <= 0x20 || text->string.data[i] == 0x7f
            || text->string.data[i] == '\\')
        {
            return ngx_http_whatsapp_error(r,
                                           NGX_HTTP_WHATSAPP_TEMPLATE_FORMAT,
                                           "the parameter of a URL must not "
                                           "have blanks");
        }
    }

    *value = text->string;

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_template_check_parts(ngx_http_request_t *r,
    ngx_http_whatsapp_template_t *template,
    const char *file, ngx_str_t *values)
{
    ngx_uint_t  i;

    if (template->header && file == NULL) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TEMPLATE_FORMAT,
                                       "the template has a header of the type "
                                       "%s, which the message lacks",
                                       template->header);
    }

    for (i = 0; i < template->buttons; i++) {

        if (template->button[i].dynamic && values[i].len == 0) {
            return ngx_http_whatsapp_template_refuse_buttons(r);
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_template_refuse_buttons(ngx_http_request_t *r)
{
    return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TEMPLATE_COUNT,
                                   "the buttons of the message are not those "
                                   "of the template, with one text for each "
                                   "{{1}} of a URL");
}


size_t
ngx_http_whatsapp_template_buttons_len(ngx_http_whatsapp_template_t *template,
    ngx_str_t *values)
{
    size_t                                len;
    ngx_uint_t                            i;
    ngx_http_whatsapp_template_button_t  *button;

    len = 0;

    for (i = 0; i < template->buttons; i++) {
        button = &template->button[i];

        len += button->text.len + button->url.len + values[i].len
               + button->rest.len + NGX_HTTP_WHATSAPP_BUTTON_FRAME_LEN;
    }

    return len;
}


u_char *
ngx_http_whatsapp_template_print_buttons(u_char *p,
    ngx_http_whatsapp_template_t *template, ngx_str_t *values)
{
    ngx_uint_t                            i, n;
    ngx_http_whatsapp_template_button_t  *button;

    n = 0;

    for (i = 0; i < template->buttons; i++) {
        button = &template->button[i];

        p = ngx_sprintf(p, i ? "\n" : "\n\n");

        if (button->url.len) {
            p = ngx_sprintf(p, "%V: %V%V%V", &button->text, &button->url,
                            &values[i], &button->rest);

        } else {
            p = ngx_sprintf(p, "%ui. %V", ++n, &button->text);
        }
    }

    return p;
}
