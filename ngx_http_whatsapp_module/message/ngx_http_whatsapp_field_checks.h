
/*
 * Checks that the tables of fields name, of single values by their form. The
 * controller finds out whether a number is on WhatsApp and an id is known.
 */


#ifndef _NGX_HTTP_WHATSAPP_FIELD_CHECKS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_FIELD_CHECKS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_http_whatsapp_fields.h"
#include "ngx_http_whatsapp_text.h"

#include "protocol/limits.h"


/* most characters */
#define NGX_HTTP_WHATSAPP_TO_LEN        256
#define NGX_HTTP_WHATSAPP_MEDIA_ID_LEN  WHATSAPP_SEALED_MAX
#define NGX_HTTP_WHATSAPP_NUMBER_LEN    40

/* most rows of a list in all its sections */
#define NGX_HTTP_WHATSAPP_ROWS_MAX      10


/* rows that recur */

#define NGX_HTTP_WHATSAPP_MESSAGE_ID_FIELD                                    \
                                                                              \
    { "message_id", NGX_HTTP_WHATSAPP_STRING,                                 \
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, NGX_HTTP_WHATSAPP_WAMID_LEN,          \
      NULL, NULL, ngx_http_whatsapp_check_wamid, NULL,                        \
      "the id of a message" }


/* a file is named by just one of them */

#define NGX_HTTP_WHATSAPP_SOURCE_FIELDS                                       \
                                                                              \
    { "id", NGX_HTTP_WHATSAPP_NUMERIC,                                        \
      NGX_HTTP_WHATSAPP_FIELD_EITHER|NGX_HTTP_WHATSAPP_FIELD_BLANK,           \
      NGX_HTTP_WHATSAPP_MEDIA_ID_LEN,                                         \
      NULL, NULL, ngx_http_whatsapp_check_media_id, NULL,                     \
      "the id of an uploaded file" },                                         \
                                                                              \
    { "link", NGX_HTTP_WHATSAPP_STRING,                                       \
      NGX_HTTP_WHATSAPP_FIELD_EITHER|NGX_HTTP_WHATSAPP_FIELD_BLANK            \
      |NGX_HTTP_WHATSAPP_FIELD_LINK,                                          \
      WHATSAPP_LINK_MAX,                                                      \
      NULL, NULL, ngx_http_whatsapp_check_url, NULL,                          \
      "an http or https URL of at most " ngx_value(WHATSAPP_LINK_MAX)         \
      " characters" }


#define NGX_HTTP_WHATSAPP_FILENAME_FIELD                                      \
                                                                              \
    { "filename", NGX_HTTP_WHATSAPP_STRING,                                   \
      NGX_HTTP_WHATSAPP_FIELD_BLANK, WHATSAPP_FILENAME_MAX,                   \
      NULL, NULL, ngx_http_whatsapp_check_filename, NULL,                     \
      "a name of at most " ngx_value(WHATSAPP_FILENAME_MAX)                   \
      " characters without a path" }


/*
 * Returns "image", "video" or "document" if the type of a header is one of
 * them, in capitals as well; else NULL.
 */
const char *ngx_http_whatsapp_header_kind(ngx_str_t *type);

/* Returns 1 for a group's id that is sealed or names its host. */
ngx_uint_t ngx_http_whatsapp_is_group(ngx_str_t *value);


/* all are of the type ngx_http_whatsapp_check_pt and accept ... */

/* a recipient that fits the object's recipient_type */
ngx_uint_t ngx_http_whatsapp_check_to(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);

/*
 * a phone number, however written; what is no number that may mean another
 * one; a number in digits only
 */
ngx_uint_t ngx_http_whatsapp_check_phone(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
ngx_uint_t ngx_http_whatsapp_check_contact(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
ngx_uint_t ngx_http_whatsapp_check_digits(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);

/* the id of a message; of an uploaded file */
ngx_uint_t ngx_http_whatsapp_check_wamid(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
ngx_uint_t ngx_http_whatsapp_check_media_id(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);

/* http: or https: and a host */
ngx_uint_t ngx_http_whatsapp_check_url(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);

/* a name without path and control characters */
ngx_uint_t ngx_http_whatsapp_check_filename(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);

/* degrees */
ngx_uint_t ngx_http_whatsapp_check_latitude(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
ngx_uint_t ngx_http_whatsapp_check_longitude(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);

/* YYYY-MM-DD */
ngx_uint_t ngx_http_whatsapp_check_date(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);

/* an empty string, or one emoji */
ngx_uint_t ngx_http_whatsapp_check_emoji(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);

/* an array of 2 strings or more, each there once */
ngx_uint_t ngx_http_whatsapp_check_options(ngx_str_t *value,
    ngx_http_whatsapp_json_t *array);

/* an integer that is at most the number of the object's options */
ngx_uint_t ngx_http_whatsapp_check_selectable(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);

/* buttons of which no two have the same id or title */
ngx_uint_t ngx_http_whatsapp_check_buttons(ngx_str_t *value,
    ngx_http_whatsapp_json_t *array);

/* sections of a list: with titles if several, rows with ids of their own */
ngx_uint_t ngx_http_whatsapp_check_sections(ngx_str_t *value,
    ngx_http_whatsapp_json_t *array);


#endif /* _NGX_HTTP_WHATSAPP_CHECKS_H_INCLUDED_ */
