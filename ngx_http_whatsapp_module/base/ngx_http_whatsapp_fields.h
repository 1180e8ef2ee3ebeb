
/*
 * Tables of fields: rules for the members of JSON objects. What the rules name
 * is printed, and nothing else. The file knows no HTTP.
 */


#ifndef _NGX_HTTP_WHATSAPP_FIELDS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_FIELDS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_http_whatsapp_json.h"


/* flags of a field */
#define NGX_HTTP_WHATSAPP_FIELD_REQUIRED  0x01   /* there, not empty */
#define NGX_HTTP_WHATSAPP_FIELD_CHECKED   0x02   /* never printed */
#define NGX_HTTP_WHATSAPP_FIELD_EITHER    0x04   /* just one of these */
#define NGX_HTTP_WHATSAPP_FIELD_BLANK     0x08   /* "" means absent */
#define NGX_HTTP_WHATSAPP_FIELD_LINK      0x10   /* refused as a link */

/* most bytes of the path to a refused member, "text.body" */
#define NGX_HTTP_WHATSAPP_PATH_LEN        128


typedef enum {
    NGX_HTTP_WHATSAPP_STRING = 0,
    NGX_HTTP_WHATSAPP_NUMERIC,                   /* or an integer */
    NGX_HTTP_WHATSAPP_NUMBER,                    /* also as a string */
    NGX_HTTP_WHATSAPP_BOOLEAN,                   /* also as a string */
    NGX_HTTP_WHATSAPP_OBJECT,
    NGX_HTTP_WHATSAPP_ARRAY
} ngx_http_whatsapp_type_e;


typedef struct ngx_http_whatsapp_field_s  ngx_http_whatsapp_field_t;


/*
 * Checks a value that has the field's type and length.
 * @param value   text of the string or number; for an array or object, raw
 * @param object  the object that holds the value; for an array or object, the
 *                value itself
 * @return 1 if the value is accepted
 */

typedef ngx_uint_t (*ngx_http_whatsapp_check_pt)(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);


/* a table of fields ends with a field without name */

struct ngx_http_whatsapp_field_s {
    const char                       *name;
    ngx_http_whatsapp_type_e          type;
    ngx_uint_t                        flags;
    size_t                            max;       /* characters, elements */
    const char                       *values;    /* allowed, blank-separated */
    const char                       *fallback;  /* printed if absent */
    ngx_http_whatsapp_check_pt        check;     /* NULL: none */
    const ngx_http_whatsapp_field_t  *fields;    /* of the object, or one
                                                    for all elements */
    const char                       *expected;  /* "... must be" this */
};


#define ngx_http_whatsapp_null_field                                          \
    { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL }


/* rows that recur; max: digits, or a macro that is defined as digits */

#define NGX_HTTP_WHATSAPP_OPTIONAL_STRING(name, max)                          \
                                                                              \
    { name, NGX_HTTP_WHATSAPP_STRING, 0, max,                                 \
      NULL, NULL, NULL, NULL,                                                 \
      "a string of at most " ngx_value(max) " characters" }


#define NGX_HTTP_WHATSAPP_REQUIRED_STRING(name, max)                          \
                                                                              \
    { name, NGX_HTTP_WHATSAPP_STRING, NGX_HTTP_WHATSAPP_FIELD_REQUIRED, max,  \
      NULL, NULL, NULL, NULL,                                                 \
      "a string of 1 to " ngx_value(max) " characters" }


#define NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT(name, fields)                       \
                                                                              \
    { name, NGX_HTTP_WHATSAPP_OBJECT, 0, 0,                                   \
      NULL, NULL, NULL, fields,                                               \
      "an object" }


#define NGX_HTTP_WHATSAPP_REQUIRED_OBJECT(name, fields)                       \
                                                                              \
    { name, NGX_HTTP_WHATSAPP_OBJECT, NGX_HTTP_WHATSAPP_FIELD_REQUIRED, 0,    \
      NULL, NULL, NULL, fields,                                               \
      "an object" }


#define NGX_HTTP_WHATSAPP_PRODUCT_FIELD                                       \
                                                                              \
    { "messaging_product", NGX_HTTP_WHATSAPP_STRING,                          \
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, 16,                                    \
      "whatsapp", NULL, NULL, NULL,                                           \
      "\"whatsapp\"" }


/* the reason why an object was refused, made of constants of the tables */

typedef struct {
    const char                       *expected;  /* "... must be" this */
    ngx_uint_t                        missing;   /* unsigned  missing:1 */
    ngx_uint_t                        link;      /* unsigned  link:1 */
    size_t                            len;
    u_char                            path[NGX_HTTP_WHATSAPP_PATH_LEN];
} ngx_http_whatsapp_refusal_t;


/*
 * Prints at p the members of object that fields name, in the order of the
 * table, without braces. The text is not longer than that of object, fallbacks
 * and ngx_http_whatsapp_quotes() aside.
 * @param parent  the name of object in its own parent, or NULL
 * @return the end of the text, or NULL with the refusal filled
 */
u_char *ngx_http_whatsapp_print_fields(u_char *p,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *fields,
    const char *parent, ngx_http_whatsapp_refusal_t *refusal);

/* Returns the bytes that all integers in the value need for quotes. */
size_t ngx_http_whatsapp_quotes(ngx_http_whatsapp_json_t *json);


#endif /* _NGX_HTTP_WHATSAPP_FIELDS_H_INCLUDED_ */
