
/*
 * Headers and buttons in the file of templates.  Each is a line between the
 * lines of the text:
 *
 *     [header: image]
 *     [url: Track it https://example.com/{{1}}]
 *     [reply: Stop]
 *
 * A message gives the file of the header and what stands for {{1}}, see
 * ngx_http_whatsapp_template_buttons.c.
 */


#include "ngx_http_whatsapp_template_file.h"
#include "ngx_http_whatsapp_field_checks.h"


typedef struct {
    const char  *name;
    char      *(*add)(ngx_pool_t *pool,
                      ngx_http_whatsapp_template_t *template, ngx_str_t *text);
} ngx_http_whatsapp_template_part_kind_t;


static const ngx_http_whatsapp_template_part_kind_t *
    ngx_http_whatsapp_template_part_kind(ngx_str_t *line, ngx_str_t *text);
static char *ngx_http_whatsapp_template_add_header(ngx_pool_t *pool,
    ngx_http_whatsapp_template_t *template, ngx_str_t *text);
static char *ngx_http_whatsapp_template_add_url(ngx_pool_t *pool,
    ngx_http_whatsapp_template_t *template, ngx_str_t *text);
static char *ngx_http_whatsapp_template_add_reply(ngx_pool_t *pool,
    ngx_http_whatsapp_template_t *template, ngx_str_t *text);
static char *ngx_http_whatsapp_template_add_button(ngx_pool_t *pool,
    ngx_http_whatsapp_template_t *template, ngx_str_t *text, ngx_str_t *url);
static char *ngx_http_whatsapp_template_set_url(
    ngx_http_whatsapp_template_button_t *button, ngx_str_t *url);


static const ngx_http_whatsapp_template_part_kind_t
    ngx_http_whatsapp_template_part_kinds[] = {

    { "header:", ngx_http_whatsapp_template_add_header },
    { "url:", ngx_http_whatsapp_template_add_url },
    { "reply:", ngx_http_whatsapp_template_add_reply },
    { NULL, NULL }
};


ngx_uint_t
ngx_http_whatsapp_template_is_part(ngx_str_t *line)
{
    ngx_str_t  text;

    return ngx_http_whatsapp_template_part_kind(line, &text) != NULL;
}


char *
ngx_http_whatsapp_template_add_part(ngx_pool_t *pool,
    ngx_http_whatsapp_template_t *template, ngx_str_t *line)
{
    ngx_str_t                                      text;
    const ngx_http_whatsapp_template_part_kind_t  *kind;

    ngx_str_null(&text);

    kind = ngx_http_whatsapp_template_part_kind(line, &text);

    while (text.len && (text.data[text.len - 1] == ' '
                        || text.data[text.len - 1] == '\t'))
    {
        text.len--;
    }

    if (text.len == 0 || text.data[text.len - 1] != ']') {
        return "a header or button of a template ends with \"]\"";
    }

    text.len--;

    while (text.len && text.data[0] == ' ') {
        text.data++;
        text.len--;
    }

    while (text.len && text.data[text.len - 1] == ' ') {
        text.len--;
    }

    return kind->add(pool, template, &text);
}


/* sets text to what stands behind the colon */

static const ngx_http_whatsapp_template_part_kind_t *
ngx_http_whatsapp_template_part_kind(ngx_str_t *line, ngx_str_t *text)
{
    size_t                                         len;
    const ngx_http_whatsapp_template_part_kind_t  *kind;

    for (kind = ngx_http_whatsapp_template_part_kinds; kind->name; kind++) {

        len = ngx_strlen(kind->name);

        if (line->len > len
            && ngx_strncmp(line->data + 1, kind->name, len) == 0)
        {
            text->data = line->data + 1 + len;
            text->len = line->len - 1 - len;
            return kind;
        }
    }

    return NULL;
}


static char *
ngx_http_whatsapp_template_add_header(ngx_pool_t *pool,
    ngx_http_whatsapp_template_t *template, ngx_str_t *text)
{
    const char  *kind;

    kind = ngx_http_whatsapp_header_kind(text);

    if (kind == NULL) {
        return "a header must be \"image\", \"video\" or \"document\"";
    }

    if (template->header) {
        return "the template has two headers";
    }

    template->header = kind;

    return NGX_CONF_OK;
}


/* the last word is the URL */

static char *
ngx_http_whatsapp_template_add_url(ngx_pool_t *pool,
    ngx_http_whatsapp_template_t *template, ngx_str_t *text)
{
    ngx_str_t  name, url;

    name = *text;

    while (name.len && name.data[name.len - 1] != ' ') {
        name.len--;
    }

    url.data = name.data + name.len;
    url.len = text->len - name.len;

    while (name.len && name.data[name.len - 1] == ' ') {
        name.len--;
    }

    if (name.len == 0) {
        return "a button has a text and a URL";
    }

    return ngx_http_whatsapp_template_add_button(pool, template, &name, &url);
}


static char *
ngx_http_whatsapp_template_add_reply(ngx_pool_t *pool,
    ngx_http_whatsapp_template_t *template, ngx_str_t *text)
{
    return ngx_http_whatsapp_template_add_button(pool, template, text, NULL);
}


/* the lines are overwritten by the template's text: the button is copied */

static char *
ngx_http_whatsapp_template_add_button(ngx_pool_t *pool,
    ngx_http_whatsapp_template_t *template, ngx_str_t *text, ngx_str_t *url)
{
    ngx_str_t                             copy;
    ngx_http_whatsapp_template_button_t  *button;

    if (text->len == 0
        || ngx_utf8_length(text->data, text->len)
           > NGX_HTTP_WHATSAPP_BUTTON_LEN)
    {
        return "the text of a button has 1 to "
               ngx_value(NGX_HTTP_WHATSAPP_BUTTON_LEN) " characters";
    }

    if (template->buttons == NGX_HTTP_WHATSAPP_BUTTONS_MAX) {
        return "the template has more than "
               ngx_value(NGX_HTTP_WHATSAPP_BUTTONS_MAX) " buttons";
    }

    button = &template->button[template->buttons++];

    button->text.len = text->len;
    button->text.data = ngx_pstrdup(pool, text);

    if (button->text.data == NULL) {
        return NGX_CONF_ERROR;
    }

    if (url == NULL) {
        return NGX_CONF_OK;
    }

    copy.len = url->len;
    copy.data = ngx_pstrdup(pool, url);

    return copy.data ? ngx_http_whatsapp_template_set_url(button, &copy)
                     : NGX_CONF_ERROR;
}


static char *
ngx_http_whatsapp_template_set_url(ngx_http_whatsapp_template_button_t *button,
    ngx_str_t *url)
{
    u_char  *p;

    static const char  place[] = "{{1}}";

    button->url = *url;

    p = ngx_strnstr(url->data, (char *) place, url->len);

    if (p) {
        button->dynamic = 1;
        button->url.len = p - url->data;
        button->rest.data = p + sizeof(place) - 1;
        button->rest.len = url->data + url->len - button->rest.data;
    }

    if (url->len > WHATSAPP_LINK_MAX
        || !ngx_http_whatsapp_check_url(&button->url, NULL)
        || (button->dynamic
            && ngx_strlchr(button->url.data + sizeof("https://") - 1,
                           button->url.data + button->url.len, '/') == NULL)
        || ngx_strnstr(button->url.data, "{{", button->url.len)
        || ngx_strnstr(button->rest.data, "{{", button->rest.len))
    {
        return "the URL of a button is an http or https URL, in which "
               "\"{{1}}\" may stand once behind the host";
    }

    return NGX_CONF_OK;
}
