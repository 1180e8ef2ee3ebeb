
/*
 * Headers of interactive messages and templates that are files. Such a message
 * is sent as the file, with the rendered text as its caption.
 */


#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_field_checks.h"


typedef struct {
    const char                       *kind;     /* the type of message, too */
    const ngx_http_whatsapp_field_t  *fields;   /* of what holds the file */
} ngx_http_whatsapp_header_file_t;


static ngx_int_t ngx_http_whatsapp_message_write_file(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *source, ngx_str_t *caption, ngx_str_t *object,
    ngx_str_t *value);


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_file_fields[] = {

    NGX_HTTP_WHATSAPP_SOURCE_FIELDS,

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_named_fields[] = {

    NGX_HTTP_WHATSAPP_SOURCE_FIELDS,

    NGX_HTTP_WHATSAPP_FILENAME_FIELD,

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_image_header[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("image", ngx_http_whatsapp_file_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_video_header[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("video", ngx_http_whatsapp_file_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_document_header[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("document",
                                      ngx_http_whatsapp_named_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_header_file_t
    ngx_http_whatsapp_header_files[] = {

    { "image", ngx_http_whatsapp_image_header },
    { "video", ngx_http_whatsapp_video_header },
    { "document", ngx_http_whatsapp_document_header }
};


ngx_int_t
ngx_http_whatsapp_message_check_file(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, const char *kind, const char *parent)
{
    const ngx_http_whatsapp_header_file_t  *file;

    for (file = ngx_http_whatsapp_header_files;
         ngx_strcmp(file->kind, kind) != 0;
         file++)
    { /* void */ }

    return ngx_http_whatsapp_message_check_fields(r, object, file->fields,
                                                  parent);
}


/*
 * The node of the file has the caption before the members that the client
 * gave, as the first member of a name is found.
 */

ngx_int_t
ngx_http_whatsapp_message_set_file(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, ngx_http_whatsapp_json_t *object,
    const char *kind, ngx_str_t *caption)
{
    ngx_http_whatsapp_json_t  *source, *node, *type, *text;

    source = ngx_http_whatsapp_json_member(object, kind);

    node = ngx_pcalloc(r->pool, 3 * sizeof(ngx_http_whatsapp_json_t));
    if (node == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    type = node + 1;
    text = node + 2;

    if (ngx_http_whatsapp_message_write_file(r, source, caption, &node->raw,
                                             &text->raw)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    node->type = NGX_HTTP_WHATSAPP_JSON_OBJECT;
    node->name.data = (u_char *) kind;
    node->name.len = ngx_strlen(kind);
    node->members = text;

    ngx_str_set(&text->name, "caption");

    text->type = NGX_HTTP_WHATSAPP_JSON_STRING;
    text->string = *caption;
    text->next = source->members;

    ngx_str_set(&type->name, "type");

    type->type = NGX_HTTP_WHATSAPP_JSON_STRING;
    type->string = node->name;
    type->raw = node->name;
    type->next = body->members;

    node->next = type;
    body->members = node;

    return NGX_OK;
}


/* writes the object of a file with a caption, of which value is the text */

static ngx_int_t
ngx_http_whatsapp_message_write_file(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *source, ngx_str_t *caption, ngx_str_t *object,
    ngx_str_t *value)
{
    u_char  *p;

    p = ngx_pnalloc(ngx_http_whatsapp_pool(r),
                    sizeof("{\"caption\":\"\",") - 1 + caption->len
                    + ngx_escape_json(NULL, caption->data, caption->len)
                    + source->raw.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    object->data = p;

    p = ngx_cpymem(p, "{\"caption\":", sizeof("{\"caption\":") - 1);

    value->data = p;

    *p++ = '"';
    p = (u_char *) ngx_escape_json(p, caption->data, caption->len);
    *p++ = '"';

    value->len = p - value->data;

    /* the source names a file, so that it has a member */

    *p++ = ',';
    p = ngx_cpymem(p, source->raw.data + 1, source->raw.len - 1);

    object->len = p - object->data;

    return NGX_OK;
}
