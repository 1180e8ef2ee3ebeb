
/*
 * Interactive messages. WhatsApp takes them from registered businesses only;
 * with "whatsapp_interactive text" their buttons, lists and URLs are rendered
 * as numbered lines of a text message, or of a file's caption where the header
 * is a file.
 */


#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_field_checks.h"


/* most bytes around the texts of an option or paragraph: "10. ", a dash */
#define NGX_HTTP_WHATSAPP_FRAME_LEN     16


typedef u_char *(*ngx_http_whatsapp_interactive_pt)(u_char *p,
    ngx_http_whatsapp_json_t *action);


typedef struct {
    const char                       *name;
    const ngx_http_whatsapp_field_t  *fields;
    ngx_http_whatsapp_interactive_pt  render;   /* the action; or NULL */
} ngx_http_whatsapp_interactive_kind_t;


static const ngx_http_whatsapp_interactive_kind_t *
    ngx_http_whatsapp_interactive_check(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *interactive, ngx_int_t *rc);
static const ngx_http_whatsapp_interactive_kind_t *
    ngx_http_whatsapp_interactive_find_kind(
    ngx_http_request_t *r, ngx_http_whatsapp_json_t *interactive,
    ngx_int_t *rc);
static const char *ngx_http_whatsapp_interactive_file(
    ngx_http_whatsapp_json_t *interactive);
static ngx_int_t ngx_http_whatsapp_interactive_render(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *interactive,
    const ngx_http_whatsapp_interactive_kind_t *kind, ngx_str_t *text);
static u_char *ngx_http_whatsapp_interactive_buttons(u_char *p,
    ngx_http_whatsapp_json_t *action);
static u_char *ngx_http_whatsapp_interactive_sections(u_char *p,
    ngx_http_whatsapp_json_t *action);
static u_char *ngx_http_whatsapp_interactive_url(u_char *p,
    ngx_http_whatsapp_json_t *action);
static u_char *ngx_http_whatsapp_interactive_option(u_char *p,
    const char *before, ngx_uint_t n, ngx_http_whatsapp_json_t *option);
static u_char *ngx_http_whatsapp_interactive_string(u_char *p,
    ngx_http_whatsapp_json_t *object, const char *name, const char *before,
    const char *after);


/* clients send headers and footers without text when they have none */

static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_header_fields[] = {

    { "type", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 16,
      "text", NULL, NULL, NULL,
      "\"text\"" },

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("text", 60),

      ngx_http_whatsapp_null_field
};


/* a header that may be a file, which is checked by its own table */

static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_file_header_fields[] = {

    { "type", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 16,
      "text image video document", NULL, NULL, NULL,
      "\"text\", \"image\", \"video\" or \"document\"" },

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("text", 60),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_body_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("text", 1024),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_list_body_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("text", WHATSAPP_TEXT_MAX),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_footer_fields[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("text", 60),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_reply_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("id", 256),

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("title", 20),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_button_fields[] = {

    { "type", NGX_HTTP_WHATSAPP_STRING, 0, 16,
      "reply", NULL, NULL, NULL,
      "\"reply\"" },

    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("reply", ngx_http_whatsapp_reply_fields),

      ngx_http_whatsapp_null_field
};


/* one row for all elements of an array, with the array's name */

static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_button[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("buttons",
                                      ngx_http_whatsapp_button_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_buttons_fields[] = {

    { "buttons", NGX_HTTP_WHATSAPP_ARRAY,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 3,
      NULL, NULL, ngx_http_whatsapp_check_buttons, ngx_http_whatsapp_button,
      "an array of 1 to 3 buttons, each id and title there once" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_row_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("id", 200),

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("title", 24),

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("description", 72),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_row[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("rows", ngx_http_whatsapp_row_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_section_fields[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("title", 24),

    { "rows", NGX_HTTP_WHATSAPP_ARRAY,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, NGX_HTTP_WHATSAPP_ROWS_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_row,
      "an array of 1 to 10 objects" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_section[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("sections",
                                      ngx_http_whatsapp_section_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_sections_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("button", 20),

    { "sections", NGX_HTTP_WHATSAPP_ARRAY,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, NGX_HTTP_WHATSAPP_ROWS_MAX,
      NULL, NULL, ngx_http_whatsapp_check_sections, ngx_http_whatsapp_section,
      "an array of 1 to 10 sections, with titles if there are several, of "
      "10 rows in all, each id there once" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_button_url[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("display_text", 20),

    { "url", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, WHATSAPP_LINK_MAX,
      NULL, NULL, ngx_http_whatsapp_check_url, NULL,
      "an http or https URL of at most " ngx_value(WHATSAPP_LINK_MAX)
      " characters" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_cta_url_fields[] = {

    { "name", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 16,
      "cta_url", NULL, NULL, NULL,
      "\"cta_url\"" },

    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("parameters",
                                      ngx_http_whatsapp_button_url),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_ask_fields[] = {

    { "name", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 16,
      "send_location", NULL, NULL, NULL,
      "\"send_location\"" },

      ngx_http_whatsapp_null_field
};


/* the kinds differ in header, body and action */

#define NGX_HTTP_WHATSAPP_KIND_FIELDS(header, body, action)                   \
                                                                              \
    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("header", header),                      \
                                                                              \
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("body", body),                          \
                                                                              \
    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("footer",                               \
                                      ngx_http_whatsapp_footer_fields),       \
                                                                              \
    { "action", NGX_HTTP_WHATSAPP_OBJECT,                                     \
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 0,                                    \
      NULL, NULL, NULL, action,                                               \
      "an object, or one as a string" },                                      \
                                                                              \
      ngx_http_whatsapp_null_field


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_button_kind[] = {
    NGX_HTTP_WHATSAPP_KIND_FIELDS(ngx_http_whatsapp_file_header_fields,
                                  ngx_http_whatsapp_body_fields,
                                  ngx_http_whatsapp_buttons_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_list_kind[] = {
    NGX_HTTP_WHATSAPP_KIND_FIELDS(ngx_http_whatsapp_header_fields,
                                  ngx_http_whatsapp_list_body_fields,
                                  ngx_http_whatsapp_sections_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_url_kind[] = {
    NGX_HTTP_WHATSAPP_KIND_FIELDS(ngx_http_whatsapp_file_header_fields,
                                  ngx_http_whatsapp_body_fields,
                                  ngx_http_whatsapp_cta_url_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_location_kind[] = {
    NGX_HTTP_WHATSAPP_KIND_FIELDS(ngx_http_whatsapp_header_fields,
                                  ngx_http_whatsapp_body_fields,
                                  ngx_http_whatsapp_ask_fields)
};


static const ngx_http_whatsapp_interactive_kind_t
    ngx_http_whatsapp_kinds[] = {

    { "button", ngx_http_whatsapp_button_kind,
      ngx_http_whatsapp_interactive_buttons },

    { "list", ngx_http_whatsapp_list_kind,
      ngx_http_whatsapp_interactive_sections },

    { "cta_url", ngx_http_whatsapp_url_kind,
      ngx_http_whatsapp_interactive_url },

    /* the recipient answers by hand what the button would send */
    { "location_request_message", ngx_http_whatsapp_location_kind, NULL },

    { NULL, NULL, NULL }
};


ngx_int_t
ngx_http_whatsapp_prepare_interactive(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body)
{
    ngx_int_t                                    rc;
    ngx_str_t                                    text;
    const char                                  *file;
    ngx_http_whatsapp_json_t                    *interactive, *header;
    ngx_http_whatsapp_loc_conf_t                *wlcf;
    const ngx_http_whatsapp_interactive_kind_t  *kind;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    if (wlcf->interactive == NGX_HTTP_WHATSAPP_INTERACTIVE_OFF) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TYPE_UNSUPPORTED,
                                       "interactive messages cannot be sent");
    }

    rc = ngx_http_whatsapp_message_get_object(r, body, "interactive",
                                              &interactive);

    if (rc != NGX_OK) {
        return rc;
    }

    kind = ngx_http_whatsapp_interactive_check(r, interactive, &rc);

    if (kind == NULL) {
        return rc;
    }

    file = ngx_http_whatsapp_interactive_file(interactive);
    header = ngx_http_whatsapp_json_member(interactive, "header");

    if (file) {
        rc = ngx_http_whatsapp_message_check_file(r, header, file,
                                                  "interactive.header");
    }

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_interactive_render(r, interactive, kind, &text);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return file ? ngx_http_whatsapp_message_set_file(r, body, header, file,
                                                     &text)
                : ngx_http_whatsapp_message_set_text(r, body, &text);
}


/* finds the kind and checks the members by it; as find_kind */

static const ngx_http_whatsapp_interactive_kind_t *
ngx_http_whatsapp_interactive_check(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *interactive, ngx_int_t *rc)
{
    ngx_http_whatsapp_json_t                    *action;
    const ngx_http_whatsapp_interactive_kind_t  *kind;

    kind = ngx_http_whatsapp_interactive_find_kind(r, interactive, rc);

    if (kind == NULL) {
        return NULL;
    }

    *rc = NGX_OK;
    action = ngx_http_whatsapp_json_member(interactive, "action");

    if (action) {
        *rc = ngx_http_whatsapp_message_unpack(r, action,
                                               "interactive.action");
    }

    if (*rc == NGX_OK) {
        *rc = ngx_http_whatsapp_message_check_fields(r, interactive,
                                                     kind->fields,
                                                     "interactive");
    }

    return *rc == NGX_OK ? kind : NULL;
}


/* sets *rc to a status when it returns NULL */

static const ngx_http_whatsapp_interactive_kind_t *
ngx_http_whatsapp_interactive_find_kind(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *interactive, ngx_int_t *rc)
{
    ngx_http_whatsapp_json_t                    *type;
    const ngx_http_whatsapp_interactive_kind_t  *kind;

    type = ngx_http_whatsapp_json_member(interactive, "type");

    if (type == NULL) {
        *rc = ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
                                      "interactive.type is missing");
        return NULL;
    }

    if (type->type != NGX_HTTP_WHATSAPP_JSON_STRING) {
        *rc = ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                      "interactive.type must be a string");
        return NULL;
    }

    for (kind = ngx_http_whatsapp_kinds; kind->name; kind++) {

        if (ngx_http_whatsapp_text_is(&type->string, kind->name)) {
            return kind;
        }
    }

    *rc = ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_TYPE_UNSUPPORTED,
                                  "interactive messages of this type cannot "
                                  "be sent as text");
    return NULL;
}


/* returns the kind of file that the checked header is, NULL if it is none */

static const char *
ngx_http_whatsapp_interactive_file(ngx_http_whatsapp_json_t *interactive)
{
    ngx_http_whatsapp_json_t  *header;

    header = ngx_http_whatsapp_json_member(interactive, "header");

    return header ? ngx_http_whatsapp_header_kind(
                        &ngx_http_whatsapp_json_member(header, "type")->string)
                  : NULL;
}


static ngx_int_t
ngx_http_whatsapp_interactive_render(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *interactive,
    const ngx_http_whatsapp_interactive_kind_t *kind, ngx_str_t *text)
{
    u_char  *p;

    /* all texts that are rendered are part of the object's text */

    p = ngx_pnalloc(ngx_http_whatsapp_pool(r),
                    interactive->raw.len
                    + (2 * NGX_HTTP_WHATSAPP_ROWS_MAX + 4)
                      * NGX_HTTP_WHATSAPP_FRAME_LEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text->data = p;

    if (ngx_http_whatsapp_interactive_file(interactive) == NULL) {
        p = ngx_http_whatsapp_interactive_string(p,
                ngx_http_whatsapp_json_member(interactive, "header"),
                "text", "", "\n\n");
    }

    p = ngx_http_whatsapp_interactive_string(p,
            ngx_http_whatsapp_json_member(interactive, "body"),
            "text", "", kind->render ? "\n\n" : "");

    if (kind->render) {
        p = kind->render(p,
                         ngx_http_whatsapp_json_member(interactive, "action"));
    }

    p = ngx_http_whatsapp_interactive_string(p,
            ngx_http_whatsapp_json_member(interactive, "footer"),
            "text", "\n\n", "");

    text->len = p - text->data;

    if (ngx_utf8_length(text->data, text->len) > WHATSAPP_TEXT_MAX) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                       "interactive must be of at most %d "
                                       "characters as a text",
                                       WHATSAPP_TEXT_MAX);
    }

    return NGX_OK;
}


static u_char *
ngx_http_whatsapp_interactive_buttons(u_char *p,
    ngx_http_whatsapp_json_t *action)
{
    ngx_uint_t                 n;
    ngx_http_whatsapp_json_t  *button;

    n = 0;
    button = ngx_http_whatsapp_json_member(action, "buttons")->members;

    for ( /* void */ ; button; button = button->next) {
        p = ngx_http_whatsapp_interactive_option(p, n ? "\n" : "", n + 1,
                ngx_http_whatsapp_json_member(button, "reply"));
        n++;
    }

    return p;
}


static u_char *
ngx_http_whatsapp_interactive_sections(u_char *p,
    ngx_http_whatsapp_json_t *action)
{
    ngx_uint_t                 n;
    const char                *before;
    ngx_http_whatsapp_json_t  *section, *row;

    n = 0;
    section = ngx_http_whatsapp_json_member(action, "sections")->members;

    for ( /* void */ ; section; section = section->next) {

        p = ngx_http_whatsapp_interactive_string(p, section, "title",
                                                 n ? "\n\n" : "", "\n");

        before = ngx_http_whatsapp_json_member(section, "title") ? ""
                                                                 : "\n";
        row = ngx_http_whatsapp_json_member(section, "rows")->members;

        for ( /* void */ ; row; row = row->next) {
            p = ngx_http_whatsapp_interactive_option(p, n ? before : "", n + 1,
                                                     row);
            before = "\n";
            n++;
        }
    }

    return p;
}


static u_char *
ngx_http_whatsapp_interactive_url(u_char *p, ngx_http_whatsapp_json_t *action)
{
    ngx_http_whatsapp_json_t  *parameters;

    parameters = ngx_http_whatsapp_json_member(action, "parameters");

    p = ngx_http_whatsapp_interactive_string(p, parameters, "display_text", "",
                                             ": ");

    return ngx_http_whatsapp_interactive_string(p, parameters, "url", "", "");
}


/* renders "1. title" or "1. title (dash) description" */

static u_char *
ngx_http_whatsapp_interactive_option(u_char *p, const char *before,
    ngx_uint_t n, ngx_http_whatsapp_json_t *option)
{
    p = ngx_sprintf(p, "%s%ui. ", before, n);

    p = ngx_http_whatsapp_interactive_string(p, option, "title", "", "");

    return ngx_http_whatsapp_interactive_string(p, option, "description",
                                                " \xe2\x80\x94 ", "");
}


/* renders the string between the texts; nothing if it is absent or empty */

static u_char *
ngx_http_whatsapp_interactive_string(u_char *p,
    ngx_http_whatsapp_json_t *object, const char *name, const char *before,
    const char *after)
{
    ngx_http_whatsapp_json_t  *value;

    value = object ? ngx_http_whatsapp_json_member(object, name) : NULL;

    if (value == NULL || value->string.len == 0) {
        return p;
    }

    return ngx_sprintf(p, "%s%V%s", before, &value->string, after);
}
