
/*
 * Types and functions of the files about messages. A "status" below is NGX_OK
 * or an HTTP status to return.
 */


#ifndef _NGX_HTTP_WHATSAPP_MESSAGES_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_MESSAGES_H_INCLUDED_


#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_fields.h"


/* whatsapp_interactive */
#define NGX_HTTP_WHATSAPP_INTERACTIVE_OFF   0
#define NGX_HTTP_WHATSAPP_INTERACTIVE_TEXT  1


/* changes the body to the form in which its type is sent; a status */

typedef ngx_int_t (*ngx_http_whatsapp_message_prepare_pt)(
    ngx_http_request_t *r, ngx_http_whatsapp_json_t *body);


typedef struct {
    const char                           *name;
    const char                           *sent_as;
    const ngx_http_whatsapp_field_t      *fields;   /* of sent_as */
    ngx_http_whatsapp_message_prepare_pt  prepare;  /* NULL: nothing to do */
} ngx_http_whatsapp_message_type_t;


/* ngx_http_whatsapp_message_types.c */

/* ends with a row without name; the first row is for bodies without type */
extern const ngx_http_whatsapp_message_type_t
    ngx_http_whatsapp_message_types[];


/* ngx_http_whatsapp_messages.c */

/* Returns the call that a body of /messages makes. */
const ngx_http_whatsapp_call_t *ngx_http_whatsapp_message_call(
    ngx_http_whatsapp_json_t *body);

/*
 * Changes the body to the form in which it is sent.
 * @param size  set to the most bytes of its params, 256 aside
 * @return a status
 */
ngx_int_t ngx_http_whatsapp_message_prepare(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, size_t *size);

/*
 * Checks the prepared body and prints the members of the call's params.
 * @param p  where to print; set to the end of what was printed
 * @return a status
 */
ngx_int_t ngx_http_whatsapp_message_print(ngx_http_request_t *r, u_char **p,
    ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_message_body.c */

/*
 * Fails r with the error for what ngx_http_whatsapp_print_fields() refused.
 * @return a status
 */
ngx_int_t ngx_http_whatsapp_refuse(ngx_http_request_t *r,
    ngx_http_whatsapp_refusal_t *refusal);

/*
 * Replaces a value that is a string by the JSON that the string holds; leaves
 * any other value as it is.
 * @param name  of the value, for errors
 * @return a status
 */
ngx_int_t ngx_http_whatsapp_message_unpack(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *value, const char *name);

/*
 * Adds text.body to the body, where it hides one that the client sent.
 * @param text  UTF-8 that lasts as long as r
 * @return a status
 */
ngx_int_t ngx_http_whatsapp_message_set_text(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, ngx_str_t *text);

/* Checks object, whose name is parent, by its fields; returns a status. */
ngx_int_t ngx_http_whatsapp_message_check_fields(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *fields,
    const char *parent);

/* Sets *object to the body's member, which must be one; returns a status. */
ngx_int_t ngx_http_whatsapp_message_get_object(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, const char *name,
    ngx_http_whatsapp_json_t **object);


/* ngx_http_whatsapp_message_media.c */

/*
 * Checks the member of object, whose name is parent, that holds a file.
 * @param kind  its name, of ngx_http_whatsapp_header_kind()
 * @return a status
 */
ngx_int_t ngx_http_whatsapp_message_check_file(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, const char *kind, const char *parent);

/*
 * Makes the body a message with the checked file of object; what the client
 * sent under the same names is hidden.
 * @param caption  UTF-8 that lasts as long as r
 * @return a status
 */
ngx_int_t ngx_http_whatsapp_message_set_file(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, ngx_http_whatsapp_json_t *object,
    const char *kind, ngx_str_t *caption);


/* ngx_http_whatsapp_interactive.c, ngx_http_whatsapp_template_text.c */

/* Render the object as text.body; they return a status. */
ngx_int_t ngx_http_whatsapp_prepare_interactive(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);
ngx_int_t ngx_http_whatsapp_prepare_template(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_template_file.c */

/* Sets whatsapp_templates; as ngx_command_t wants it. */
char *ngx_http_whatsapp_templates(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* ngx_http_whatsapp_template_list.c */

/* digits of a template's id */
#define NGX_HTTP_WHATSAPP_TEMPLATE_LEN  16


/*
 * The arguments of the URI of a list, and its URL, which is url and path
 * together.
 */

typedef struct {
    ngx_str_t                   fields;     /* empty: those by default */
    ngx_str_t                   after;      /* empty: from the first */
    ngx_str_t                   before;     /* empty: to the last */
    ngx_uint_t                  limit;      /* elements */
    ngx_str_t                   url;        /* of the location; empty: none */
    ngx_str_t                   path;
} ngx_http_whatsapp_list_args_t;


/*
 * Makes a page of the list of the location's templates, as JSON, of those that
 * ?name= names; returns a status.
 */
ngx_int_t ngx_http_whatsapp_template_list_print(ngx_http_request_t *r,
    ngx_http_whatsapp_list_args_t *args, ngx_str_t *list);

/*
 * Finds the JSON of one of these templates, which the configuration owns.
 * @return NGX_OK, or NGX_DECLINED when no template has the id
 */
ngx_int_t ngx_http_whatsapp_template_list_get(ngx_http_request_t *r,
    ngx_str_t *id, ngx_str_t *json);


#endif /* _NGX_HTTP_WHATSAPP_MESSAGES_H_INCLUDED_ */
