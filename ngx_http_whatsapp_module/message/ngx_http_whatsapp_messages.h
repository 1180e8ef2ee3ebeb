
/*
 * What the files about messages share: the types and the forms in which those
 * that WhatsApp does not take are sent.
 */


#ifndef _NGX_HTTP_WHATSAPP_MESSAGES_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_MESSAGES_H_INCLUDED_


#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_fields.h"


/* whatsapp_interactive */
#define NGX_HTTP_WHATSAPP_INTERACTIVE_OFF   0
#define NGX_HTTP_WHATSAPP_INTERACTIVE_TEXT  1


/* puts what is sent into the body's tree; a status */

typedef ngx_int_t (*ngx_http_whatsapp_prepare_pt)(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);


typedef struct {
    const char                       *name;
    const char                       *sent_as;
    const ngx_http_whatsapp_field_t  *fields;    /* of sent_as */
    ngx_http_whatsapp_prepare_pt      prepare;   /* NULL: nothing to do */
} ngx_http_whatsapp_message_t;


/* ngx_http_whatsapp_message_types.c */

/* ends with one without name; the first is meant when a body names no type */
extern const ngx_http_whatsapp_message_t  ngx_http_whatsapp_types[];


/* ngx_http_whatsapp_messages.c */

/* the call that a body of /messages makes */
const ngx_http_whatsapp_call_t *ngx_http_whatsapp_message_call(
    ngx_http_whatsapp_json_t *body);

/*
 * puts what is sent in another form into the body, which it changes; *size:
 * the bytes that its message may take, 256 aside; a status
 */
ngx_int_t ngx_http_whatsapp_prepare_message(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, size_t *size);

/*
 * validates the prepared body and prints the members of the call's params at
 * *p, which becomes their end; a status
 */
ngx_int_t ngx_http_whatsapp_print_message(ngx_http_request_t *r, u_char **p,
    ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_message_body.c */

/* fails r for what print_fields() refused; a status */
ngx_int_t ngx_http_whatsapp_refuse(ngx_http_request_t *r,
    ngx_http_whatsapp_refusal_t *refusal);

/*
 * a value may come as JSON encoded in a string: replaces it by what the
 * string holds, anything else is left as it is; a status
 */
ngx_int_t ngx_http_whatsapp_unpack(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *value, const char *name);

/* makes text, UTF-8 in the pool of r, the body's text.body; a status */
ngx_int_t ngx_http_whatsapp_set_text(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, ngx_str_t *text);

/* checks object by fields, parent being its name; a status */
ngx_int_t ngx_http_whatsapp_check_fields(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *object, const ngx_http_whatsapp_field_t *fields,
    const char *parent);

/* the object that the type's message must have, in *object; a status */
ngx_int_t ngx_http_whatsapp_get_object(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body, const char *name,
    ngx_http_whatsapp_json_t **object);


/* ngx_http_whatsapp_interactive.c, ngx_http_whatsapp_template_text.c */

/* renders the object to text.body */
ngx_int_t ngx_http_whatsapp_prepare_interactive(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);
ngx_int_t ngx_http_whatsapp_prepare_template(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_template_file.c */

/* directive */
char *ngx_http_whatsapp_templates(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* ngx_http_whatsapp_template_list.c */

/* makes the list of the location's templates, as JSON; a status */
ngx_int_t ngx_http_whatsapp_list_templates(ngx_http_request_t *r,
    ngx_str_t *list);

/* one of them as it is listed, of the configuration; NGX_OK or NGX_DECLINED */
ngx_int_t ngx_http_whatsapp_get_template(ngx_http_request_t *r,
    ngx_str_t *id, ngx_str_t *json);


#endif /* _NGX_HTTP_WHATSAPP_MESSAGES_H_INCLUDED_ */
