
/*
 * The list of templates, in the form of Meta's API. The JSON of each template
 * is made with the configuration.
 */


#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_text.h"
#include "ngx_http_whatsapp_template_file.h"


/* bytes of one example without the name, twice, and around all examples */

#define NGX_HTTP_WHATSAPP_EXAMPLE_LEN                                         \
    (sizeof("{\"param_name\":\"\",\"example\":\"\"},") - 1)

#define NGX_HTTP_WHATSAPP_EXAMPLES_LEN                                        \
    (sizeof(",\"example\":{\"body_text_named_params\":[]}") - 1)

/* bytes of the component of a header; of a button, and around all buttons */

#define NGX_HTTP_WHATSAPP_HEADER_LEN                                          \
    (sizeof("{\"type\":\"HEADER\",\"format\":\"DOCUMENT\"},") - 1)

#define NGX_HTTP_WHATSAPP_BUTTON_JSON_LEN                                     \
    (sizeof(",{\"type\":\"QUICK_REPLY\",\"text\":\"\","                       \
            "\"url\":\"{{1}}\",\"example\":[\"1\"]}") - 1)

#define NGX_HTTP_WHATSAPP_BUTTONS_JSON_LEN                                    \
    (sizeof(",{\"type\":\"BUTTONS\",\"buttons\":[]}") - 1)

/* bytes of "paging" with its numbers and ids, but for URL, path and name */

#define NGX_HTTP_WHATSAPP_PAGING_LEN                                          \
    (sizeof("\"cursors\":{\"before\":\"\",\"after\":\"\"},\"next\":\"?limit=" \
            "&after=&name=\"") - 1                                            \
     + NGX_INT_T_LEN + 3 * NGX_HTTP_WHATSAPP_TEMPLATE_LEN)

/*
 * Ids begin with the first number and stay below the sum of both: they are
 * longer than a session's id, and exact in programs that keep them as double.
 */

#define NGX_HTTP_WHATSAPP_ID_FIRST      1000000000000000ULL
#define NGX_HTTP_WHATSAPP_ID_COUNT      8000000000000000ULL


static size_t ngx_http_whatsapp_template_examples_len(
    ngx_http_whatsapp_template_t *template);
static u_char *ngx_http_whatsapp_template_print_examples(u_char *p,
    ngx_http_whatsapp_template_t *template);
static size_t ngx_http_whatsapp_template_list_buttons_len(
    ngx_http_whatsapp_template_t *template);
static u_char *ngx_http_whatsapp_template_list_print_buttons(u_char *p,
    ngx_http_whatsapp_template_t *template);
static size_t ngx_http_whatsapp_template_json_len(ngx_str_t *text);
static u_char *ngx_http_whatsapp_template_print_json(u_char *p,
    ngx_str_t *text);
static u_char *ngx_http_whatsapp_template_list_print_header(u_char *p,
    ngx_http_whatsapp_template_t *template);
static u_char *ngx_http_whatsapp_template_list_paging(ngx_http_request_t *r,
    u_char *p, ngx_http_whatsapp_list_args_t *args,
    ngx_http_whatsapp_template_t *first, ngx_http_whatsapp_template_t *last,
    ngx_uint_t more);
static ngx_uint_t ngx_http_whatsapp_template_list_is_named(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_template_list_find(ngx_http_request_t *r,
    ngx_array_t *found);
static void ngx_http_whatsapp_template_list_page(
    ngx_http_whatsapp_list_args_t *args, ngx_array_t *found,
    ngx_uint_t *first, ngx_uint_t *last);


ngx_int_t
ngx_http_whatsapp_template_list_entry(ngx_conf_t *cf,
    ngx_http_whatsapp_template_t *template)
{
    u_char    *p;
    size_t     len;
    uint64_t   hash;

    /* all hosts give the same id to the same name and language */

    hash = ngx_crc32_long(template->name.data, template->name.len);
    hash <<= 32;
    hash |= ngx_crc32_long(template->language.data, template->language.len);

    len = sizeof("{\"name\":\"\",\"parameter_format\":\"POSITIONAL\","
                 "\"language\":\"\",\"status\":\"APPROVED\","
                 "\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\","
                 "\"text\":\"\"}],\"id\":\"\"}") - 1
          + template->name.len + template->language.len
          + ngx_http_whatsapp_template_json_len(&template->text)
          + ngx_http_whatsapp_template_examples_len(template)
          + NGX_HTTP_WHATSAPP_HEADER_LEN
          + ngx_http_whatsapp_template_list_buttons_len(template)
          + NGX_INT64_LEN;

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    template->json.data = p;

    p = ngx_sprintf(p, "{\"name\":\"%V\",\"parameter_format\":\"%s\","
                    "\"language\":\"%V\",\"status\":\"APPROVED\","
                    "\"category\":\"UTILITY\",\"components\":[",
                    &template->name,
                    template->named ? "NAMED" : "POSITIONAL",
                    &template->language);

    p = ngx_http_whatsapp_template_list_print_header(p, template);

    p = ngx_sprintf(p, "{\"type\":\"BODY\",\"text\":\"");
    p = ngx_http_whatsapp_template_print_json(p, &template->text);
    *p++ = '"';
    p = ngx_http_whatsapp_template_print_examples(p, template);
    *p++ = '}';
    p = ngx_http_whatsapp_template_list_print_buttons(p, template);
    p = ngx_sprintf(p, "],\"id\":\"");

    template->id.data = p;
    p = ngx_sprintf(p, "%uL", NGX_HTTP_WHATSAPP_ID_FIRST
                              + hash % NGX_HTTP_WHATSAPP_ID_COUNT);

    template->id.len = p - template->id.data;

    *p++ = '"'; *p++ = '}';

    template->json.len = p - template->json.data;

    return NGX_OK;
}


static u_char *
ngx_http_whatsapp_template_list_print_header(u_char *p,
    ngx_http_whatsapp_template_t *template)
{
    const char  *c;

    if (template->header == NULL) {
        return p;
    }

    p = ngx_sprintf(p, "{\"type\":\"HEADER\",\"format\":\"");

    for (c = template->header; *c; c++) {
        *p++ = ngx_toupper(*c);
    }

    return ngx_sprintf(p, "\"},");
}


static size_t
ngx_http_whatsapp_template_examples_len(ngx_http_whatsapp_template_t *template)
{
    size_t       len;
    ngx_str_t   *parameter;
    ngx_uint_t   i;

    len = NGX_HTTP_WHATSAPP_EXAMPLES_LEN;

    parameter = template->parameters.elts;

    for (i = 0; i < template->parameters.nelts; i++) {
        len += NGX_HTTP_WHATSAPP_EXAMPLE_LEN + 2 * parameter[i].len;
    }

    return len;
}


/*
 * Clients count a template's parameters by the examples that Meta demands for
 * them. The example of a parameter is its own name, which needs no escape.
 */

static u_char *
ngx_http_whatsapp_template_print_examples(u_char *p,
    ngx_http_whatsapp_template_t *template)
{
    ngx_str_t   *parameter;
    ngx_uint_t   i;

    if (template->parameters.nelts == 0) {
        return p;
    }

    parameter = template->parameters.elts;

    p = ngx_sprintf(p, ",\"example\":{\"%s\":[",
                    template->named ? "body_text_named_params" : "body_text");

    if (!template->named) {
        *p++ = '[';
    }

    for (i = 0; i < template->parameters.nelts; i++) {

        if (i) {
            *p++ = ',';
        }

        if (template->named) {
            p = ngx_sprintf(p, "{\"param_name\":\"%V\",\"example\":\"%V\"}",
                            &parameter[i], &parameter[i]);

        } else {
            p = ngx_sprintf(p, "\"%V\"", &parameter[i]);
        }
    }

    if (!template->named) {
        *p++ = ']';
    }

    *p++ = ']'; *p++ = '}';

    return p;
}


static size_t
ngx_http_whatsapp_template_list_buttons_len(
    ngx_http_whatsapp_template_t *template)
{
    size_t                                len;
    ngx_uint_t                            i;
    ngx_http_whatsapp_template_button_t  *button;

    len = NGX_HTTP_WHATSAPP_BUTTONS_JSON_LEN;

    for (i = 0; i < template->buttons; i++) {
        button = &template->button[i];

        len += NGX_HTTP_WHATSAPP_BUTTON_JSON_LEN
               + ngx_http_whatsapp_template_json_len(&button->text)
               + ngx_http_whatsapp_template_json_len(&button->url)
               + ngx_http_whatsapp_template_json_len(&button->rest);
    }

    return len;
}


static u_char *
ngx_http_whatsapp_template_list_print_buttons(u_char *p,
    ngx_http_whatsapp_template_t *template)
{
    ngx_uint_t                            i;
    ngx_http_whatsapp_template_button_t  *button;

    if (template->buttons == 0) {
        return p;
    }

    p = ngx_sprintf(p, ",{\"type\":\"BUTTONS\",\"buttons\":[");

    for (i = 0; i < template->buttons; i++) {
        button = &template->button[i];

        p = ngx_sprintf(p, "%s{\"type\":\"%s\",\"text\":\"", i ? "," : "",
                        button->url.len ? "URL" : "QUICK_REPLY");
        p = ngx_http_whatsapp_template_print_json(p, &button->text);

        if (button->url.len) {
            p = ngx_sprintf(p, "\",\"url\":\"");
            p = ngx_http_whatsapp_template_print_json(p, &button->url);
        }

        if (button->dynamic) {
            p = ngx_sprintf(p, "{{1}}");
            p = ngx_http_whatsapp_template_print_json(p, &button->rest);
            p = ngx_sprintf(p, "\",\"example\":[\"1\"]}");

        } else {
            p = ngx_sprintf(p, "\"}");
        }
    }

    return ngx_sprintf(p, "]}");
}


static size_t
ngx_http_whatsapp_template_json_len(ngx_str_t *text)
{
    return text->len + ngx_escape_json(NULL, text->data, text->len);
}


static u_char *
ngx_http_whatsapp_template_print_json(u_char *p, ngx_str_t *text)
{
    return (u_char *) ngx_escape_json(p, text->data, text->len);
}


ngx_int_t
ngx_http_whatsapp_template_list_print(ngx_http_request_t *r,
    ngx_http_whatsapp_list_args_t *args, ngx_str_t *list)
{
    u_char                         *p;
    size_t                          len;
    ngx_uint_t                      i, first, last;
    ngx_array_t                     found;
    ngx_http_whatsapp_template_t  **template;

    if (ngx_http_whatsapp_template_list_find(r, &found) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    template = found.elts;
    ngx_http_whatsapp_template_list_page(args, &found, &first, &last);

    len = sizeof("{\"data\":[],\"paging\":{}}") - 1
          + NGX_HTTP_WHATSAPP_PAGING_LEN + args->url.len + args->path.len;

    for (i = first; i < last; i++) {
        len += template[i]->json.len + 1;
    }

    /* "next" repeats the name, which is that of a template */

    if (last > first) {
        len += template[first]->name.len;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    list->data = p;

    p = ngx_cpymem(p, "{\"data\":[", sizeof("{\"data\":[") - 1);

    for (i = first; i < last; i++) {

        if (i > first) {
            *p++ = ',';
        }

        p = ngx_cpymem(p, template[i]->json.data, template[i]->json.len);
    }

    p = ngx_cpymem(p, "],\"paging\":{", sizeof("],\"paging\":{") - 1);

    if (last > first) {
        p = ngx_http_whatsapp_template_list_paging(r, p, args,
                                                   template[first],
                                                   template[last - 1],
                                                   last < found.nelts);
    }

    *p++ = '}'; *p++ = '}';

    list->len = p - list->data;

    return NGX_OK;
}


/* prints the members of "paging"; more: there is a next page */

static u_char *
ngx_http_whatsapp_template_list_paging(ngx_http_request_t *r, u_char *p,
    ngx_http_whatsapp_list_args_t *args, ngx_http_whatsapp_template_t *first,
    ngx_http_whatsapp_template_t *last, ngx_uint_t more)
{
    p = ngx_sprintf(p, "\"cursors\":{\"before\":\"%V\",\"after\":\"%V\"}",
                    &first->id, &last->id);

    if (!more || args->url.len == 0) {
        return p;
    }

    p = ngx_sprintf(p, ",\"next\":\"%V%V?limit=%ui&after=%V", &args->url,
                    &args->path, args->limit, &last->id);

    if (ngx_http_whatsapp_template_list_is_named(r)) {
        p = ngx_sprintf(p, "&name=%V", &first->name);
    }

    *p++ = '"';

    return p;
}


static ngx_uint_t
ngx_http_whatsapp_template_list_is_named(ngx_http_request_t *r)
{
    ngx_str_t  name;

    return ngx_http_arg(r, (u_char *) "name", sizeof("name") - 1, &name)
           == NGX_OK
           && name.len != 0;
}


/* makes found an array of pointers to the templates that ?name= names */

static ngx_int_t
ngx_http_whatsapp_template_list_find(ngx_http_request_t *r,
    ngx_array_t *found)
{
    ngx_str_t                       name;
    ngx_uint_t                      i, named;
    ngx_http_whatsapp_loc_conf_t   *wlcf;
    ngx_http_whatsapp_template_t   *template, **listed;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (ngx_array_init(found, r->pool,
                       wlcf->templates ? wlcf->templates->nelts : 1,
                       sizeof(ngx_http_whatsapp_template_t *))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (wlcf->templates == NULL) {
        return NGX_OK;
    }

    named = ngx_http_whatsapp_template_list_is_named(r);

    if (named) {
        (void) ngx_http_arg(r, (u_char *) "name", sizeof("name") - 1, &name);
    }

    template = wlcf->templates->elts;

    for (i = 0; i < wlcf->templates->nelts; i++) {

        if (named && !ngx_http_whatsapp_text_equal(&template[i].name, &name))
        {
            continue;
        }

        listed = ngx_array_push(found);
        if (listed == NULL) {
            return NGX_ERROR;
        }

        *listed = &template[i];
    }

    return NGX_OK;
}


/* the page are the elements from first to before last */

static void
ngx_http_whatsapp_template_list_page(ngx_http_whatsapp_list_args_t *args,
    ngx_array_t *found, ngx_uint_t *first, ngx_uint_t *last)
{
    ngx_uint_t                      i;
    ngx_http_whatsapp_template_t  **template;

    template = found->elts;

    *first = args->after.len ? found->nelts : 0;
    *last = args->before.len ? 0 : found->nelts;

    for (i = 0; i < found->nelts; i++) {

        if (ngx_http_whatsapp_text_equal(&template[i]->id, &args->after)) {
            *first = i + 1;
        }

        if (ngx_http_whatsapp_text_equal(&template[i]->id, &args->before)) {
            *last = i;
        }
    }

    *last = ngx_max(*first, *last);

    if (*last - *first <= args->limit) {
        return;
    }

    if (args->before.len && args->after.len == 0) {
        *first = *last - args->limit;

    } else {
        *last = *first + args->limit;
    }
}


ngx_int_t
ngx_http_whatsapp_template_list_get(ngx_http_request_t *r, ngx_str_t *id,
    ngx_str_t *json)
{
    ngx_uint_t                     i;
    ngx_http_whatsapp_loc_conf_t  *wlcf;
    ngx_http_whatsapp_template_t  *template;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (wlcf->templates == NULL) {
        return NGX_DECLINED;
    }

    template = wlcf->templates->elts;

    for (i = 0; i < wlcf->templates->nelts; i++) {

        if (ngx_http_whatsapp_text_equal(&template[i].id, id)) {
            *json = template[i].json;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}
