
/*
 * Headers that nginx has no members for: reading those of a request, adding
 * those of an answer.
 */


#include "ngx_http_whatsapp_request.h"


ngx_str_t *
ngx_http_whatsapp_next_header(ngx_http_request_t *r, const char *name,
    ngx_http_whatsapp_place_t *place)
{
    size_t            len;
    ngx_table_elt_t  *h;

    if (place->part == NULL) {
        place->part = &r->headers_in.headers.part;
    }

    len = ngx_strlen(name);

    for ( ;; ) {

        if (place->i == place->part->nelts) {
            if (place->part->next == NULL) {
                return NULL;
            }

            place->part = place->part->next;
            place->i = 0;
            continue;
        }

        h = place->part->elts;
        h += place->i++;

        if (h->key.len == len
            && ngx_strncasecmp(h->key.data, (u_char *) name, len) == 0)
        {
            return &h->value;
        }
    }
}


ngx_int_t
ngx_http_whatsapp_add_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    /* nginx 1.23 added a member to the type */

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    return NGX_OK;
}
