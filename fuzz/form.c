/*
 * The module's forms: the first line of an input is a Content-Type, the rest
 * the body.  What becomes of a form is well-formed JSON, unless a value cannot
 * be in one.
 */

#include "ngx_http_whatsapp_request.h"

#include "../t/unit/nginx.h"
#include "fuzz.h"


ngx_int_t
ngx_http_whatsapp_error(ngx_http_request_t *r,
    ngx_http_whatsapp_error_e reason, const char *fmt, ...)
{
    return NGX_HTTP_BAD_REQUEST;
}


ngx_pool_t *
ngx_http_whatsapp_pool(ngx_http_request_t *r)
{
    return NULL;
}


/* what no JSON can hold, however it is written */

static int
is_value(const char *error)
{
    return strcmp(error, "it is not UTF-8") == 0
           || strcmp(error, "an escape is not valid") == 0
           || strcmp(error, "a member is there twice") == 0
           || strcmp(error, "it is nested too deep") == 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char                *type;
    size_t               offset;
    ngx_int_t            rc;
    ngx_str_t            text;
    const char          *error;
    ngx_table_elt_t      header;
    ngx_http_request_t   r;

    memset(&header, 0, sizeof(header));
    memset(&r, 0, sizeof(r));

    type = fuzz_line(&data, &size);

    header.value.len = strlen(type);
    header.value.data = ngx_pnalloc(NULL, header.value.len);
    memcpy(header.value.data, type, header.value.len);

    free(type);

    r.headers_in.content_type = &header;

    text.data = (u_char *) data;
    text.len = size;
    error = NULL;

    rc = ngx_http_whatsapp_form_json(&r, &text, size % 2);

    if (rc != NGX_OK) {
        require(rc == NGX_HTTP_BAD_REQUEST);

    } else if (text.data != data
               && ngx_http_whatsapp_json_parse(NULL, &text, &error, &offset)
                  == NULL)
    {
        require(is_value(error));
    }

    nginx_release();

    return 0;
}
