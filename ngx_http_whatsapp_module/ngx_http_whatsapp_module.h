
/*
 * What the files of ngx_http_whatsapp_module share: configuration, the
 * context of a request, and the functions of each file.  Calls go from the
 * module to upstream, from there to reply, api, messages, body and auth, and
 * from all to errors.
 */


#ifndef _NGX_HTTP_WHATSAPP_MODULE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_whatsapp_json.h"


/* what a request can be refused for; each has a row in the table of errors */

typedef enum {
    NGX_HTTP_WHATSAPP_INVALID_REQUEST = 0,
    NGX_HTTP_WHATSAPP_CONFLICT,
    NGX_HTTP_WHATSAPP_BODY_TIMEOUT,
    NGX_HTTP_WHATSAPP_BODY_TOO_LARGE,
    NGX_HTTP_WHATSAPP_NOT_FOUND,
    NGX_HTTP_WHATSAPP_METHOD_NOT_ALLOWED,
    NGX_HTTP_WHATSAPP_INVALID_TOKEN,
    NGX_HTTP_WHATSAPP_PERMISSION_DENIED,
    NGX_HTTP_WHATSAPP_BLOCKED,
    NGX_HTTP_WHATSAPP_RATE_LIMIT,
    NGX_HTTP_WHATSAPP_PARAMETER_MISSING,
    NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
    NGX_HTTP_WHATSAPP_TYPE_UNSUPPORTED,
    NGX_HTTP_WHATSAPP_OWN_NUMBER,
    NGX_HTTP_WHATSAPP_UNDELIVERABLE,
    NGX_HTTP_WHATSAPP_NOT_REGISTERED,
    NGX_HTTP_WHATSAPP_ACCOUNT_LOCKED,
    NGX_HTTP_WHATSAPP_SPAM_LIMIT,
    NGX_HTTP_WHATSAPP_UNAVAILABLE,
    NGX_HTTP_WHATSAPP_MAINTENANCE,
    NGX_HTTP_WHATSAPP_WENT_WRONG,
    NGX_HTTP_WHATSAPP_DEADLINE
} ngx_http_whatsapp_error_e;


typedef struct {
    ngx_http_whatsapp_error_e        reason;
    ngx_uint_t                       status;        /* as the client sees it */
    time_t                           retry_after;   /* seconds, 0: unknown */
    ngx_str_t                        details;
    ngx_str_t                        outcome;       /* empty: derived */
    ngx_str_t                        message_id;    /* empty: none */
} ngx_http_whatsapp_error_t;


/* a call to the controller */

typedef struct {
    ngx_str_t                        name;
    ngx_uint_t                       send;   /* unsigned  send:1 */
} ngx_http_whatsapp_call_t;


typedef struct ngx_http_whatsapp_route_s  ngx_http_whatsapp_route_t;


typedef struct {
    ngx_int_t                        request_id_index;
    ngx_uint_t                       enabled;   /* unsigned  enabled:1 */
} ngx_http_whatsapp_main_conf_t;


typedef struct {
    ngx_http_upstream_conf_t         upstream;

    ngx_http_complex_value_t        *pass;        /* with variables */
    ngx_str_t                        root;        /* without the last slash */
    ngx_str_t                        head;        /* of all calls */

    ngx_array_t                     *tokens;      /* of digests */
    ngx_flag_t                       auth;
    ngx_str_t                        secret;
    size_t                           json_max_size;

    ngx_array_t                     *error_pages; /* as merged by the core */

    unsigned                         enabled:1;
    unsigned                         pages_dropped:1;
} ngx_http_whatsapp_loc_conf_t;


typedef struct {
    ngx_http_request_t              *request;
    ngx_http_log_handler_pt          log_handler;

    const ngx_http_whatsapp_route_t *route;
    const ngx_http_whatsapp_call_t  *call;

    ngx_str_t                        session;
    ngx_str_t                        allow;
    ngx_str_t                        token;       /* of ?access_token= */

    ngx_buf_t                       *body;        /* of the client */
    ngx_http_client_body_handler_pt  body_handler;

    ngx_str_t                        uri;         /* at the controller */
    ngx_str_t                        call_body;   /* empty: GET */
    ngx_str_t                        key;         /* Idempotency-Key */

    ngx_http_status_t                status;      /* of the controller */
    ngx_str_t                        content_type;
    off_t                            length;

    ngx_http_whatsapp_error_t        error;
    ngx_str_t                        error_body;

    unsigned                         located:1;   /* saw a rewrite phase */
    unsigned                         body_done:1;
    unsigned                         keepalive:1; /* before the error */
    unsigned                         close:1;     /* by the controller */
    unsigned                         sent:1;      /* bytes of the call left */
    unsigned                         failed:1;    /* error is set */
    unsigned                         replaced:1;  /* error_body is the body */
    unsigned                         replaced_sent:1;
} ngx_http_whatsapp_ctx_t;


/*
 * In all functions below r is a request, ctx its context of this module.
 * What they allocate comes from the pool of the request or of the
 * configuration.  A handler's "status" is NGX_OK or an HTTP status to return;
 * NGX_HTTP_INTERNAL_SERVER_ERROR stands for lack of memory.
 */


/* ngx_http_whatsapp_module.c */

/* the context, also after internal redirects; NULL: no memory to create it */
ngx_http_whatsapp_ctx_t *ngx_http_whatsapp_get_ctx(ngx_http_request_t *r);

/* the same, NULL if there is none */
ngx_http_whatsapp_ctx_t *ngx_http_whatsapp_find_ctx(ngx_http_request_t *r);


/* ngx_http_whatsapp_conf.c: what ngx_command_t and ngx_http_module_t want */

void *ngx_http_whatsapp_create_main_conf(ngx_conf_t *cf);
void *ngx_http_whatsapp_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_whatsapp_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
char *ngx_http_whatsapp_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_whatsapp_read_timeout(ngx_conf_t *cf, void *post, void *data);
char *ngx_http_whatsapp_json_max_size(ngx_conf_t *cf, void *post, void *data);
char *ngx_http_whatsapp_buffer_size(ngx_conf_t *cf, void *post, void *data);


/* ngx_http_whatsapp_variables.c */

/* preconfiguration: NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_whatsapp_add_variables(ngx_conf_t *cf);


/* ngx_http_whatsapp_upstream.c */

/* one process's part of the keys of sends; NGX_OK or NGX_ERROR, logged */
ngx_int_t ngx_http_whatsapp_upstream_init(ngx_log_t *log);

/* the content handler of locations with whatsapp_pass */
ngx_int_t ngx_http_whatsapp_handler(ngx_http_request_t *r);

/* 1 if all peers of us are unix sockets */
ngx_uint_t ngx_http_whatsapp_upstream_local(ngx_http_upstream_srv_conf_t *us);


/* ngx_http_whatsapp_reply.c: callbacks of ngx_http_upstream_t, data is r */

/* seeds jansson's hash tables; once, in the master */
void ngx_http_whatsapp_reply_init(void);

ngx_int_t ngx_http_whatsapp_process_status_line(ngx_http_request_t *r);
ngx_int_t ngx_http_whatsapp_input_filter_init(void *data);
ngx_int_t ngx_http_whatsapp_input_filter(void *data, ssize_t bytes);


/* ngx_http_whatsapp_api.c */

/*
 * finds the route of r and fills the context's route, call and session;
 * NGX_DECLINED: no such path; NGX_HTTP_NOT_ALLOWED: allow is filled
 */
ngx_int_t ngx_http_whatsapp_route(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);

/* 1 if the route needs no token; 1 if it has a JSON body */
ngx_uint_t ngx_http_whatsapp_route_open(
    const ngx_http_whatsapp_route_t *route);
ngx_uint_t ngx_http_whatsapp_route_json(
    const ngx_http_whatsapp_route_t *route);

/*
 * validates the request, whose body is in the context, and fills uri,
 * call_body and call; a status
 */
ngx_int_t ngx_http_whatsapp_create_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);

/* what the URI alone tells: NGX_OK or NGX_DECLINED; the name or NULL */
ngx_int_t ngx_http_whatsapp_uri_session(ngx_http_request_t *r,
    ngx_str_t *session);
const ngx_str_t *ngx_http_whatsapp_uri_call(ngx_http_request_t *r);


/* ngx_http_whatsapp_messages.c */

/* the call that a body of /messages makes */
const ngx_http_whatsapp_call_t *ngx_http_whatsapp_message_call(
    ngx_http_whatsapp_json_t *body);

/*
 * validates the body and prints the members of the call's params at *p,
 * which becomes their end; room: the body's length and 256 bytes; a status
 */
ngx_int_t ngx_http_whatsapp_print_message(ngx_http_request_t *r, u_char **p,
    ngx_http_whatsapp_json_t *body);

/* 1 if len bytes at p have the shape of a message id */
ngx_uint_t ngx_http_whatsapp_wamid(u_char *p, size_t len);


/* ngx_http_whatsapp_body.c */

/*
 * reads the body into the context's buffer, at most whatsapp_json_max_size,
 * then calls handler, which must finalize the request; NGX_DONE or a status
 */
ngx_int_t ngx_http_whatsapp_read_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_client_body_handler_pt handler);

/* parses that buffer; with NGX_OK *object is one; else a status */
ngx_int_t ngx_http_whatsapp_parse_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t **object);


/* ngx_http_whatsapp_auth.c */

/* directives */
char *ngx_http_whatsapp_tokens(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_whatsapp_secret_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* one process's digest of tokens; NGX_OK or NGX_ERROR, logged */
ngx_int_t ngx_http_whatsapp_auth_init(ngx_log_t *log);
void ngx_http_whatsapp_auth_exit(void);

/* checks the token of r against the location's; a status */
ngx_int_t ngx_http_whatsapp_authenticate(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);

/* copies ?access_token= to the context, if it was not; NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_whatsapp_take_token(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);

/* 1 if s is not empty and all of it is visible ASCII */
ngx_uint_t ngx_http_whatsapp_visible(ngx_str_t *s);

/* overwrites values of access_token= in s; 1 if there was one to overwrite */
ngx_uint_t ngx_http_whatsapp_mask(ngx_str_t *s);

/* masks request line, URI and arguments of r; NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_whatsapp_mask_args(ngx_http_request_t *r);


/* ngx_http_whatsapp_errors.c */

/*
 * notes why r fails, with details for the client in ngx_sprintf()'s format,
 * which must hold nothing personal; returns the status, which the caller
 * returns or finalizes the request with: the filters do the rest
 */
ngx_int_t ngx_http_whatsapp_error(ngx_http_request_t *r,
    ngx_http_whatsapp_error_e reason, const char *fmt, ...);

/* the Graph API's number */
ngx_uint_t ngx_http_whatsapp_error_code(ngx_http_whatsapp_error_e reason);

/* what an error of the controller is to the client; code: zero-terminated */
ngx_http_whatsapp_error_e ngx_http_whatsapp_controller_error(u_char *code);

/* postconfiguration: NGX_OK */
ngx_int_t ngx_http_whatsapp_filter_init(ngx_conf_t *cf);


extern ngx_module_t  ngx_http_whatsapp_module;


#endif /* _NGX_HTTP_WHATSAPP_MODULE_H_INCLUDED_ */
