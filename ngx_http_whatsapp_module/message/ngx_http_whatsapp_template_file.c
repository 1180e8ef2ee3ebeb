
/*
 * The file of templates, which is read with the configuration.
 *
 *     # a comment
 *     [order_shipped en_US]
 *     Hello {{1}}, your order {{2}} is on its way.
 *
 * The lines from a head to the next one are a template, without blank lines
 * at both ends. A "\" escapes a "#", "[" or "\" at the beginning of a line.
 * ngx_http_whatsapp_template_parts.c has the lines of headers and buttons.
 */


#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_file.h"
#include "ngx_http_whatsapp_template_file.h"
#include "ngx_http_whatsapp_text.h"


#define NGX_HTTP_WHATSAPP_TEMPLATES_MAX     1000


/* text: of the current template, written over the lines that were read */

typedef struct {
    ngx_conf_t                    *cf;
    ngx_array_t                   *templates;
    ngx_http_whatsapp_template_t  *template;
    ngx_str_t                      text;
    ngx_uint_t                     line;
} ngx_http_whatsapp_template_reader_t;


static char *ngx_http_whatsapp_template_file_line(
    ngx_http_whatsapp_template_reader_t *reader, ngx_str_t *line);
static char *ngx_http_whatsapp_template_file_head(
    ngx_http_whatsapp_template_reader_t *reader, ngx_str_t *line);
static char *ngx_http_whatsapp_template_file_part(
    ngx_http_whatsapp_template_reader_t *reader, ngx_str_t *line);
static char *ngx_http_whatsapp_template_file_start(
    ngx_http_whatsapp_template_reader_t *reader, ngx_str_t *name,
    ngx_str_t *language);
static ngx_uint_t ngx_http_whatsapp_template_valid_name(ngx_str_t *name,
    size_t max);
static ngx_uint_t ngx_http_whatsapp_template_valid_language(
    ngx_str_t *language);
static char *ngx_http_whatsapp_template_file_text(
    ngx_http_whatsapp_template_reader_t *reader, ngx_str_t *line);
static char *ngx_http_whatsapp_template_file_parameter(
    ngx_http_whatsapp_template_t *template, ngx_str_t *name);
static ngx_uint_t ngx_http_whatsapp_template_valid_line(ngx_str_t *line);
static char *ngx_http_whatsapp_template_file_end(
    ngx_http_whatsapp_template_reader_t *reader);
static char *ngx_http_whatsapp_template_split(
    ngx_http_whatsapp_template_t *template);
static char *ngx_http_whatsapp_template_sort(
    ngx_http_whatsapp_template_t *template);


char *
ngx_http_whatsapp_templates(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_whatsapp_loc_conf_t *wlcf = conf;

    char                                *error;
    ngx_str_t                            content, line, *value;
    ngx_http_whatsapp_template_reader_t  reader;

    if (wlcf->templates != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_whatsapp_read_file(cf, &value[1], &content) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    wlcf->templates = ngx_array_create(cf->pool, 8,
                                       sizeof(ngx_http_whatsapp_template_t));
    if (wlcf->templates == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&reader, sizeof(ngx_http_whatsapp_template_reader_t));

    reader.cf = cf;
    reader.templates = wlcf->templates;

    error = NGX_CONF_OK;

    while (error == NGX_CONF_OK
           && ngx_http_whatsapp_next_line(&content, &line))
    {
        reader.line++;
        error = ngx_http_whatsapp_template_file_line(&reader, &line);
    }

    if (error == NGX_CONF_OK) {
        error = ngx_http_whatsapp_template_file_end(&reader);
    }

    if (error != NGX_CONF_OK && error != NGX_CONF_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "line %ui of \"%V\": %s",
                           reader.line, &value[1], error);
        return NGX_CONF_ERROR;
    }

    return error;
}


static char *
ngx_http_whatsapp_template_file_line(
    ngx_http_whatsapp_template_reader_t *reader, ngx_str_t *line)
{
    char  *error;

    switch (line->len ? line->data[0] : '\0') {

    case '#':
        return NGX_CONF_OK;

    case '[':
        if (ngx_http_whatsapp_template_is_part(line)) {
            return ngx_http_whatsapp_template_file_part(reader, line);
        }

        error = ngx_http_whatsapp_template_file_end(reader);

        return error == NGX_CONF_OK
               ? ngx_http_whatsapp_template_file_head(reader, line) : error;

    case '\\':
        line->data++;
        line->len--;
        break;
    }

    return ngx_http_whatsapp_template_file_text(reader, line);
}


static char *
ngx_http_whatsapp_template_file_head(
    ngx_http_whatsapp_template_reader_t *reader, ngx_str_t *line)
{
    ngx_str_t  rest, name, language, more;

    rest = *line;

    while (rest.len && (rest.data[rest.len - 1] == ' '
                        || rest.data[rest.len - 1] == '\t'))
    {
        rest.len--;
    }

    if (rest.data[rest.len - 1] != ']') {
        return "the head of a template ends with \"]\"";
    }

    rest.data++;
    rest.len -= 2;

    if (!ngx_http_whatsapp_next_word(&rest, &name)
        || !ngx_http_whatsapp_next_word(&rest, &language)
        || ngx_http_whatsapp_next_word(&rest, &more))
    {
        return "the head of a template has a name and a language";
    }

    if (!ngx_http_whatsapp_template_valid_name(&name,
                                          NGX_HTTP_WHATSAPP_TEMPLATE_NAME_LEN))
    {
        return "a name is of lower-case letters, digits and \"_\"";
    }

    if (!ngx_http_whatsapp_template_valid_language(&language)) {
        return "a language is a code such as \"en\" or \"en_US\"";
    }

    if (ngx_http_whatsapp_template_find(reader->templates, &name, &language)) {
        return "this name was there before in this language";
    }

    if (reader->templates->nelts == NGX_HTTP_WHATSAPP_TEMPLATES_MAX) {
        return "there are more than 1000 templates";
    }

    reader->text.data = line->data;
    reader->text.len = 0;

    return ngx_http_whatsapp_template_file_start(reader, &name, &language);
}


static char *
ngx_http_whatsapp_template_file_part(
    ngx_http_whatsapp_template_reader_t *reader, ngx_str_t *line)
{
    if (reader->template == NULL) {
        return "a header or button comes before the first head of a template";
    }

    if (!ngx_http_whatsapp_template_valid_line(line)) {
        return "it is not UTF-8, or has a control character";
    }

    return ngx_http_whatsapp_template_add_part(reader->cf->pool,
                                               reader->template, line);
}


static char *
ngx_http_whatsapp_template_file_start(
    ngx_http_whatsapp_template_reader_t *reader, ngx_str_t *name,
    ngx_str_t *language)
{
    ngx_http_whatsapp_template_t  *template;

    template = ngx_array_push(reader->templates);
    if (template == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(template, sizeof(ngx_http_whatsapp_template_t));

    template->name.data = ngx_pstrdup(reader->cf->pool, name);
    template->name.len = name->len;
    template->language.data = ngx_pstrdup(reader->cf->pool, language);
    template->language.len = language->len;
    template->line = reader->line;

    if (template->name.data == NULL || template->language.data == NULL
        || ngx_array_init(&template->parts, reader->cf->pool, 4,
                          sizeof(ngx_http_whatsapp_template_part_t))
           != NGX_OK
        || ngx_array_init(&template->parameters, reader->cf->pool, 4,
                          sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    reader->template = template;

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_whatsapp_template_valid_name(ngx_str_t *name, size_t max)
{
    size_t  i;

    for (i = 0; i < name->len; i++) {

        if ((name->data[i] < 'a' || name->data[i] > 'z')
            && (name->data[i] < '0' || name->data[i] > '9')
            && name->data[i] != '_')
        {
            return 0;
        }
    }

    return name->len > 0 && name->len <= max;
}


static ngx_uint_t
ngx_http_whatsapp_template_valid_language(ngx_str_t *language)
{
    u_char  c;
    size_t  i;

    for (i = 0; i < language->len; i++) {

        c = language->data[i] | 0x20;

        if ((c < 'a' || c > 'z') && (i < 2 || language->data[i] != '_')) {
            return 0;
        }
    }

    return language->len >= 2
           && language->len <= NGX_HTTP_WHATSAPP_TEMPLATE_LANG_LEN;
}


static char *
ngx_http_whatsapp_template_file_text(
    ngx_http_whatsapp_template_reader_t *reader, ngx_str_t *line)
{
    char       *error;
    u_char     *p;
    ngx_str_t   rest, before, name;

    if (reader->template == NULL) {
        return line->len ? "text comes before the first head of a template"
                         : NGX_CONF_OK;
    }

    if (!ngx_http_whatsapp_template_valid_line(line)) {
        return "it is not UTF-8, or has a control character";
    }

    rest = *line;

    while (ngx_http_whatsapp_template_next_place(&rest, &before, &name)) {

        error = ngx_http_whatsapp_template_file_parameter(reader->template,
                                                          &name);

        if (error != NGX_CONF_OK) {
            return error;
        }
    }

    /* the text never overtakes the lines: it lacks the head's line */

    p = reader->text.data + reader->text.len;

    ngx_memmove(p, line->data, line->len);
    p[line->len] = LF;

    reader->text.len += line->len + 1;

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_template_file_parameter(
    ngx_http_whatsapp_template_t *template, ngx_str_t *name)
{
    ngx_str_t   *parameter;
    ngx_uint_t   named;

    if (name->data == NULL) {
        return "\"{{\" has no \"}}\"";
    }

    if (!ngx_http_whatsapp_template_valid_name(name,
                                         NGX_HTTP_WHATSAPP_PARAMETER_NAME_LEN))
    {
        return "a parameter is a number, or a name of lower-case letters, "
               "digits and \"_\"";
    }

    named = !ngx_http_whatsapp_digits(name->data, name->len);

    if (template->parameters.nelts && named != template->named) {
        return "the template has numbered and named parameters";
    }

    template->named = named;

    if (ngx_http_whatsapp_template_find_parameter(template, name) != -1) {
        return NGX_CONF_OK;
    }

    if (template->parameters.nelts == NGX_HTTP_WHATSAPP_PARAMETERS_MAX) {
        return "the template has more than 64 parameters";
    }

    parameter = ngx_array_push(&template->parameters);
    if (parameter == NULL) {
        return NGX_CONF_ERROR;
    }

    parameter->len = name->len;
    parameter->data = ngx_pstrdup(template->parameters.pool, name);

    return parameter->data ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static ngx_uint_t
ngx_http_whatsapp_template_valid_line(ngx_str_t *line)
{
    u_char  *p, *last;
    size_t   len;

    last = line->data + line->len;

    for (p = line->data; p < last; p += len) {

        len = ngx_http_whatsapp_utf8(p, last);

        if (len == 0 || (*p < 0x20 && *p != '\t') || *p == 0x7f) {
            return 0;
        }
    }

    return 1;
}


/* an error of a template as a whole is reported for the line of its head */

static char *
ngx_http_whatsapp_template_file_end(
    ngx_http_whatsapp_template_reader_t *reader)
{
    char                          *error;
    u_char                        *p, *last;
    ngx_http_whatsapp_template_t  *template;

    template = reader->template;

    if (template == NULL) {
        return NGX_CONF_OK;
    }

    p = reader->text.data;
    last = p + reader->text.len;

    while (p < last && *p == LF) {
        p++;
    }

    while (last > p && last[-1] == LF) {
        last--;
    }

    template->text.data = p;
    template->text.len = last - p;

    error = NGX_CONF_OK;

    if (p == last) {
        error = "the template has no text";

    } else if (ngx_utf8_length(p, last - p) > WHATSAPP_TEXT_MAX) {
        error = "the template has more than " ngx_value(WHATSAPP_TEXT_MAX)
                " characters";
    }

    if (error == NGX_CONF_OK) {
        error = ngx_http_whatsapp_template_sort(template);
    }

    if (error != NGX_CONF_OK) {
        reader->line = template->line;
        return error;
    }

    reader->template = NULL;

    if (ngx_http_whatsapp_template_split(template) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_whatsapp_template_list_entry(reader->cf, template)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* puts numbered parameters in order; none may be missing */

static char *
ngx_http_whatsapp_template_sort(ngx_http_whatsapp_template_t *template)
{
    ngx_int_t    n;
    ngx_str_t   *parameters, first;
    ngx_uint_t   i;

    if (template->named) {
        return NGX_CONF_OK;
    }

    parameters = template->parameters.elts;

    for (i = 0; i < template->parameters.nelts; /* void */) {

        n = ngx_atoi(parameters[i].data, parameters[i].len);

        if (parameters[i].data[0] == '0' || n < 1
            || n > (ngx_int_t) template->parameters.nelts)
        {
            return "the template's parameters are not numbered from 1 on";
        }

        if (n == (ngx_int_t) i + 1) {
            i++;
            continue;
        }

        first = parameters[n - 1];
        parameters[n - 1] = parameters[i];
        parameters[i] = first;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_template_split(ngx_http_whatsapp_template_t *template)
{
    ngx_str_t                           rest, before, name;
    ngx_uint_t                          found;
    ngx_http_whatsapp_template_part_t  *part;

    rest = template->text;

    do {
        found = ngx_http_whatsapp_template_next_place(&rest, &before, &name);

        part = ngx_array_push_n(&template->parts, found ? 2 : 1);
        if (part == NULL) {
            return NGX_CONF_ERROR;
        }

        part[0].text = before;
        part[0].parameter = -1;

        if (found) {
            part[1].text = name;
            part[1].parameter =
                    ngx_http_whatsapp_template_find_parameter(template, &name);
        }

    } while (found);

    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_whatsapp_template_next_place(ngx_str_t *rest, ngx_str_t *before,
    ngx_str_t *name)
{
    u_char  *p, *end, *last;

    p = rest->data;
    last = p + rest->len;

    before->data = p;
    before->len = rest->len;

    ngx_str_null(name);

    p = ngx_strnstr(p, "{{", rest->len);

    if (p == NULL) {
        rest->data = last;
        rest->len = 0;
        return 0;
    }

    before->len = p - before->data;

    p += 2;

    end = ngx_strnstr(p, "}}", last - p);

    if (end == NULL) {
        return 1;
    }

    name->data = p;
    name->len = end - p;

    rest->data = end + 2;
    rest->len = last - rest->data;

    return 1;
}


ngx_int_t
ngx_http_whatsapp_template_find_parameter(
    ngx_http_whatsapp_template_t *template, ngx_str_t *name)
{
    ngx_str_t   *parameters;
    ngx_uint_t   i;

    parameters = template->parameters.elts;

    for (i = 0; i < template->parameters.nelts; i++) {

        if (ngx_http_whatsapp_text_equal(&parameters[i], name)) {
            return i;
        }
    }

    return -1;
}


ngx_http_whatsapp_template_t *
ngx_http_whatsapp_template_find(ngx_array_t *templates, ngx_str_t *name,
    ngx_str_t *language)
{
    ngx_uint_t                     i;
    ngx_http_whatsapp_template_t  *template;

    if (templates == NULL) {
        return NULL;
    }

    template = templates->elts;

    for (i = 0; i < templates->nelts; i++) {

        if (ngx_http_whatsapp_text_equal(&template[i].name, name)
            && ngx_http_whatsapp_text_equal(&template[i].language, language))
        {
            return &template[i];
        }
    }

    return NULL;
}
