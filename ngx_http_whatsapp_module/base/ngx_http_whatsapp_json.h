
/*
 * A strict reader of JSON for small bodies: nodes in a pool that point into
 * the text, no copies but of strings that hold escapes.  Values are passed on
 * as the text they were read from, so that nothing is written anew.
 */


#ifndef _NGX_HTTP_WHATSAPP_JSON_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_JSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_HTTP_WHATSAPP_JSON_DEPTH    16   /* of objects and arrays */
#define NGX_HTTP_WHATSAPP_JSON_MEMBERS  64   /* of each of them */


typedef enum {
    NGX_HTTP_WHATSAPP_JSON_NULL = 0,
    NGX_HTTP_WHATSAPP_JSON_TRUE,
    NGX_HTTP_WHATSAPP_JSON_FALSE,
    NGX_HTTP_WHATSAPP_JSON_INTEGER,
    NGX_HTTP_WHATSAPP_JSON_REAL,
    NGX_HTTP_WHATSAPP_JSON_STRING,
    NGX_HTTP_WHATSAPP_JSON_ARRAY,
    NGX_HTTP_WHATSAPP_JSON_OBJECT
} ngx_http_whatsapp_json_e;


typedef struct ngx_http_whatsapp_json_s  ngx_http_whatsapp_json_t;

struct ngx_http_whatsapp_json_s {
    ngx_http_whatsapp_json_e          type;
    ngx_str_t                         name;      /* in an object, decoded */
    ngx_str_t                         raw;       /* the value's text; that of
                                                    a number has any length */
    ngx_str_t                         string;    /* decoded */
    ngx_http_whatsapp_json_t         *members;   /* of an object or array */
    ngx_http_whatsapp_json_t         *next;      /* member of the same */
};


/*
 * parses the whole of text, which must outlive the nodes: RFC 8259, UTF-8,
 * no member twice, no zero character, no lone surrogate, within the bounds
 * NULL: *error says why as a constant, *offset where in bytes; *error is NULL
 * if there was no memory
 */
ngx_http_whatsapp_json_t *ngx_http_whatsapp_json_parse(ngx_pool_t *pool,
    ngx_str_t *text, const char **error, size_t *offset);

/* the member of an object, or NULL if it is absent or null */
ngx_http_whatsapp_json_t *ngx_http_whatsapp_json_member(
    ngx_http_whatsapp_json_t *object, const char *name);


#endif /* _NGX_HTTP_WHATSAPP_JSON_H_INCLUDED_ */
