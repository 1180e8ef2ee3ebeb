
/*
 * A strict reader of JSON for small bodies. The nodes lie in a pool and point
 * into the text; only strings with escapes are copied. A value keeps its text,
 * so that it is passed on without being encoded again.
 */


#ifndef _NGX_HTTP_WHATSAPP_JSON_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_JSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_HTTP_WHATSAPP_JSON_DEPTH    16   /* most levels */
#define NGX_HTTP_WHATSAPP_JSON_MEMBERS  64     /* most of an object */
#define NGX_HTTP_WHATSAPP_JSON_ELEMENTS 1024   /* most of an array */


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
    ngx_str_t                         name;      /* decoded; of a member */
    ngx_str_t                         raw;       /* the value's text, of
                                                    any length */
    ngx_str_t                         string;    /* decoded */
    ngx_http_whatsapp_json_t         *members;   /* of an object or array */
    ngx_http_whatsapp_json_t         *next;      /* member of the same */
};


/*
 * Parses the whole of text, which must outlive the nodes, as RFC 8259 in
 * UTF-8. Refuses a member that is there twice, a zero character, a lone
 * surrogate, and what exceeds the bounds above.
 * @param error   set to a constant that says why; NULL: no memory
 * @param offset  set to the byte where the error was found
 * @return the value, or NULL
 */
ngx_http_whatsapp_json_t *ngx_http_whatsapp_json_parse(ngx_pool_t *pool,
    ngx_str_t *text, const char **error, size_t *offset);

/* Returns the member of an object, or NULL if it is absent or null. */
ngx_http_whatsapp_json_t *ngx_http_whatsapp_json_member(
    ngx_http_whatsapp_json_t *object, const char *name);


#endif /* _NGX_HTTP_WHATSAPP_JSON_H_INCLUDED_ */
