
/*
 * Rules for the members of JSON objects, and the printing of what the rules
 * name and nothing else.  Knows no HTTP.
 */


#ifndef _NGX_HTTP_WHATSAPP_FIELDS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_FIELDS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_http_whatsapp_json.h"


/* flags of a field */
#define NGX_HTTP_WHATSAPP_FIELD_REQUIRED  0x01   /* and not empty */
#define NGX_HTTP_WHATSAPP_FIELD_CHECKED   0x02   /* but not printed */
#define NGX_HTTP_WHATSAPP_FIELD_EITHER    0x04   /* one of all that have it */
#define NGX_HTTP_WHATSAPP_FIELD_BLANK     0x08   /* "" is as good as absent */

/* of the names that lead to a member that was refused */
#define NGX_HTTP_WHATSAPP_PATH_LEN        128


typedef enum {
    NGX_HTTP_WHATSAPP_STRING = 0,
    NGX_HTTP_WHATSAPP_NUMERIC,                   /* also as an integer */
    NGX_HTTP_WHATSAPP_NUMBER,                    /* also as a string */
    NGX_HTTP_WHATSAPP_BOOLEAN,                   /* also as a string */
    NGX_HTTP_WHATSAPP_OBJECT,
    NGX_HTTP_WHATSAPP_ARRAY
} ngx_http_whatsapp_type_e;


typedef struct ngx_http_whatsapp_field_s  ngx_http_whatsapp_field_t;


/*
 * value: a string or number of at most the field's length; object: it stands
 * in; with an object or array: its text and itself; 1: it will do
 */

typedef ngx_uint_t (*ngx_http_whatsapp_check_pt)(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);


/* a table of fields ends with one without name */

struct ngx_http_whatsapp_field_s {
    const char                       *name;
    ngx_http_whatsapp_type_e          type;
    ngx_uint_t                        flags;
    size_t                            max;       /* characters, elements */
    const char                       *values;    /* allowed, blank-separated */
    const char                       *fallback;  /* if absent, NULL: none */
    ngx_http_whatsapp_check_pt        check;     /* NULL: none */
    const ngx_http_whatsapp_field_t  *fields;    /* of an object; the one
                                                    of all elements */
    const char                       *expected;  /* "... must be" this */
};


#define ngx_http_whatsapp_null_field                                          \
    { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL }


/* rows that recur; max: a number, or a macro that is one */

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


/* why an object was refused; the texts are made of the tables' constants */

typedef struct {
    const char                       *expected;  /* "... must be" this */
    ngx_uint_t                        missing;   /* unsigned  missing:1 */
    size_t                            len;
    u_char                            path[NGX_HTTP_WHATSAPP_PATH_LEN];
} ngx_http_whatsapp_refusal_t;


/*
 * prints at p the members of object that fields name, in the order of the
 * table, without braces; parent: the name of object in its own parent, or
 * NULL; what is printed is not longer than the text of object, fallbacks and
 * the quotes of numbers aside
 * returns the end of it, or NULL with the refusal filled
 */
u_char *ngx_http_whatsapp_print_fields(u_char *p,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *fields,
    const char *parent, ngx_http_whatsapp_refusal_t *refusal);

/* the bytes that quotes add to all integers of a value, if they are printed */
size_t ngx_http_whatsapp_quotes(ngx_http_whatsapp_json_t *json);


#endif /* _NGX_HTTP_WHATSAPP_FIELDS_H_INCLUDED_ */
