
/*
 * What the files about a request share, and the folders above them: the
 * configuration of a location, the context of a request, and the functions
 * that read, authenticate and refuse it.
 */


#ifndef _NGX_HTTP_WHATSAPP_REQUEST_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_whatsapp_abuse.h"
#include "ngx_http_whatsapp_conf_value.h"
#include "ngx_http_whatsapp_json.h"

#include "protocol/limits.h"


#define NGX_HTTP_WHATSAPP_DIGEST_LEN        32   /* bytes */
#define NGX_HTTP_WHATSAPP_SESSION_LEN       15   /* most digits of its id */

/* characters of a sealed id, and the prefix of a group's */
#define NGX_HTTP_WHATSAPP_SEALED_MIN        WHATSAPP_SEALED_MIN
#define NGX_HTTP_WHATSAPP_SEALED_MAX        WHATSAPP_SEALED_MAX
#define NGX_HTTP_WHATSAPP_GROUP             "g."

/*
 * Scopes of a token, which are flags of a route too.  A call of SCOPE_VIEW
 * needs one of two scopes.  A call of SCOPE_OPEN needs no token, and no token
 * has that scope.
 */
#define NGX_HTTP_WHATSAPP_SCOPE_SEND        0x0100
#define NGX_HTTP_WHATSAPP_SCOPE_READ        0x0200
#define NGX_HTTP_WHATSAPP_SCOPE_CONTROL     0x0400
#define NGX_HTTP_WHATSAPP_SCOPE_VIEW        0x0600
#define NGX_HTTP_WHATSAPP_SCOPES            0x0700
#define NGX_HTTP_WHATSAPP_SCOPE_OPEN        0x0800


/* reasons to refuse a request, see protocol/errors.h */

typedef enum {

#define WHATSAPP_REASON(NAME, status, code, subcode, Type, STRIKE, title)     \
    NGX_HTTP_WHATSAPP_##NAME,
#include "protocol/errors.h"

    NGX_HTTP_WHATSAPP_ERRORS
} ngx_http_whatsapp_error_e;


typedef struct {
    ngx_http_whatsapp_error_e        reason;
    ngx_uint_t                       status;        /* as the client sees it */
    time_t                           retry_after;   /* seconds, 0: unknown */
    ngx_str_t                        details;
    ngx_str_t                        outcome;       /* empty: derived */
    ngx_str_t                        message_id;    /* empty: none */
    ngx_str_t                        state;         /* empty: not told */
} ngx_http_whatsapp_error_t;


/* a line of the file of tokens */

typedef struct {
    u_char                           digest[NGX_HTTP_WHATSAPP_DIGEST_LEN];
    ngx_uint_t                       scopes;
    ngx_array_t                     *sessions;   /* of ngx_str_t, NULL: all */
    ngx_uint_t                       line;
} ngx_http_whatsapp_token_t;


/* methods, see protocol/methods.h */

typedef enum {
    NGX_HTTP_WHATSAPP_METHOD_ANY = 0,      /* the body tells which */

#define WHATSAPP_METHOD(NAME, KIND, SCOPE, BY, identifier, name)              \
    NGX_HTTP_WHATSAPP_METHOD_##NAME,
#include "protocol/methods.h"

    NGX_HTTP_WHATSAPP_METHODS
} ngx_http_whatsapp_method_e;


typedef struct {
    ngx_str_t                        name;
    ngx_uint_t                       scope;
    ngx_uint_t                       send;   /* unsigned  send:1 */
} ngx_http_whatsapp_call_t;


/* a row of the table of routes, see ngx_http_whatsapp_api.h */

typedef struct ngx_http_whatsapp_route_s  ngx_http_whatsapp_route_t;


/* the texts of whatsapp_privacy_policy, see ngx_http_whatsapp_api.h */

typedef struct ngx_http_whatsapp_policy_s  ngx_http_whatsapp_policy_t;


typedef struct {
    ngx_int_t                        request_id_index;
    ngx_uint_t                       enabled;   /* unsigned  enabled:1 */
    ngx_uint_t                       beta_api;  /* unsigned  beta_api:1 */
} ngx_http_whatsapp_main_conf_t;


typedef struct {
    ngx_http_upstream_conf_t         upstream;

    ngx_http_complex_value_t        *pass;        /* with variables */
    ngx_http_whatsapp_conf_place_t   place;       /* of whatsapp_pass */
    ngx_str_t                        root;        /* without the last slash */
    ngx_str_t                        head;        /* of all calls */

    ngx_array_t                     *tokens;
    ngx_array_t                     *templates;   /* NULL: none */
    ngx_uint_t                       interactive;
    ngx_flag_t                       auth;
    ngx_flag_t                       beta_api;
    ngx_str_t                        beta_session; /* empty: not given */
    ngx_str_t                        secret;
    size_t                           json_max_size;
    ngx_http_complex_value_t        *public_url;  /* NULL: not configured */
    ngx_http_complex_value_t        *base;        /* the same, or a default */
    ngx_str_t                        root_uri;    /* the root, escaped */
    ngx_http_whatsapp_policy_t      *policy;      /* NULL: none is served */

    ngx_array_t                     *error_pages; /* as merged by the core */

    unsigned                         enabled:1;
    unsigned                         pages_dropped:1;
} ngx_http_whatsapp_loc_conf_t;


/*
 * The context lives as long as the pool of its request, through internal
 * redirects too.  A subrequest has its own.
 */

typedef struct {
    ngx_http_request_t              *request;
    ngx_pool_t                      *pool;        /* of what is personal */
    ngx_http_log_handler_pt          log_handler; /* nginx's own */

    /*
     * Route: filled by ngx_http_whatsapp_route() and authenticate() each time
     * that a content handler runs, anew after an internal redirect.  The
     * two tokens of the arguments, and the arguments of a BETA call, are taken
     * once, before they are masked.
     */

    const ngx_http_whatsapp_route_t *route;       /* NULL: none */
    const ngx_http_whatsapp_call_t  *call;        /* NULL: not known yet */
    ngx_str_t                        session;     /* empty: none */
    ngx_str_t                        object;      /* sealed id in the URI */
    ngx_str_t                        allow;       /* header of a 405 */
    ngx_str_t                        token;       /* ?access_token= */
    ngx_str_t                        input_token; /* ?input_token= */
    ngx_str_t                        args;        /* with beta_api only */
    ngx_uint_t                       scopes;      /* of the client's token */
    ngx_array_t                     *sessions;    /* of it, NULL: all */
    u_char                          *digest;      /* of it, NULL: none */

    /*
     * Call: the body of the client and what becomes of it, in the pool or in
     * constants.  Filled before the upstream starts, then left alone, so that
     * the same call can go to another peer.
     */

    ngx_buf_t                       *body;        /* the client's */
    ngx_http_client_body_handler_pt  body_handler;
    ngx_str_t                        method;      /* empty: GET */
    ngx_str_t                        uri;         /* at the controller */
    ngx_str_t                        headers;     /* beside those of all */
    ngx_str_t                        call_body;   /* JSON, or empty */
    ngx_str_t                        key;         /* Idempotency-Key */
    ngx_str_t                        key_scope;   /* of it, or empty */
    ngx_str_t                        upload_type; /* Content-Type, or empty */
    ngx_chain_t                     *free;        /* buffers of chunks */
    ngx_chain_t                     *busy;
    ngx_uint_t                       attempts;    /* of which nothing came */
    ngx_uint_t                       repeats;     /* of the call */

    /*
     * Response: either nginx's own, or the head of the controller's, which
     * is forgotten when the call goes to another peer.
     */

    ngx_str_t                        answer;      /* nginx's own */
    ngx_str_t                        answer_type; /* of it, empty: JSON */
    ngx_http_status_t                status;      /* the controller's */
    ngx_str_t                        content_type;
    ngx_str_t                        file_name;    /* Content-Disposition */
    off_t                            length;      /* -1: not known yet */

    /*
     * Error: set by ngx_http_whatsapp_error() or by the header filter, valid
     * while "failed" is set, which a redirect to one of our locations and
     * each attempt at a peer clear.
     */

    ngx_http_whatsapp_error_t        error;
    ngx_str_t                        error_body;

    unsigned                         api:1;       /* in our location */
    unsigned                         rewrite_seen:1;
    unsigned                         policy:1;    /* is the answer */

    unsigned                         head_sent:1; /* of a chunked upload */
    unsigned                         body_shared:1; /* read by another too */
    unsigned                         body_done:1; /* read to its end */

    unsigned                         close:1;     /* the controller will */
    unsigned                         repeated:1;  /* the call is about to be */
    unsigned                         sent:1;      /* bytes of the call left */
    unsigned                         passed:1;    /* the same, and it sends */

    unsigned                         keepalive:1; /* r's, before the error */
    unsigned                         failed:1;    /* error is set */
    unsigned                         error_beside:1;  /* in the body */
    unsigned                         replaced:1;  /* error_body is the body */
    unsigned                         replaced_sent:1;
} ngx_http_whatsapp_ctx_t;


/* a place among a request's headers; a zeroed one is before the first */

typedef struct {
    ngx_list_part_t                 *part;
    ngx_uint_t                       i;
} ngx_http_whatsapp_place_t;


/*
 * In all functions below r is a request, ctx its context of this module.
 * What they allocate comes from the pool of the request or of the
 * configuration.  A "status" is NGX_OK or an HTTP status for the content
 * handler to return; NGX_HTTP_INTERNAL_SERVER_ERROR stands for lack of memory.
 */


/* ngx_http_whatsapp_ctx.c */

/*
 * the context of r, also after internal redirects; created if there is none;
 * NULL: no memory
 */
ngx_http_whatsapp_ctx_t *ngx_http_whatsapp_get_ctx(ngx_http_request_t *r);

/* the same, NULL if there is none */
ngx_http_whatsapp_ctx_t *ngx_http_whatsapp_find_ctx(ngx_http_request_t *r);

/*
 * the pool for bodies, texts, numbers and tokens of r, which is overwritten
 * when the request is freed; without a context, the request's own
 */
ngx_pool_t *ngx_http_whatsapp_pool(ngx_http_request_t *r);


/* ngx_http_whatsapp_methods.c */

/* the call that a method makes; NULL: METHOD_ANY */
const ngx_http_whatsapp_call_t *ngx_http_whatsapp_method_call(
    ngx_http_whatsapp_method_e method);


/* ngx_http_whatsapp_headers.c */

/*
 * the value of the next header of that name, in any case of letters; place is
 * moved behind it; NULL: there are no more
 */
ngx_str_t *ngx_http_whatsapp_next_header(ngx_http_request_t *r,
    const char *name, ngx_http_whatsapp_place_t *place);

/*
 * add a header to the answer, without a copy: NGX_OK or NGX_ERROR; or the
 * header, NULL without memory, for a pointer to it that nginx has
 */
ngx_int_t ngx_http_whatsapp_add_header(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);
ngx_table_elt_t *ngx_http_whatsapp_push_header(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);


/* ngx_http_whatsapp_errors.c */

/*
 * sets the context's error, with details for the client in ngx_sprintf()'s
 * format, which must hold nothing personal; returns the status, with which the
 * caller ends the request: the header filter makes the error object
 */
ngx_int_t ngx_http_whatsapp_error(ngx_http_request_t *r,
    ngx_http_whatsapp_error_e reason, const char *fmt, ...);

/*
 * counts this cause against the client's address, if whatsapp_abuse_strikes
 * says so, unless a page of another site may be behind the request
 */
void ngx_http_whatsapp_strike(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_strike_e cause);

/* the Graph API's code of an error; its HTTP status */
ngx_uint_t ngx_http_whatsapp_error_code(ngx_http_whatsapp_error_e reason);
ngx_uint_t ngx_http_whatsapp_error_status(ngx_http_whatsapp_error_e reason);

/* what a client is told for an error of the controller, by its name */
ngx_http_whatsapp_error_e ngx_http_whatsapp_error_reason(ngx_str_t *code);

/* prints the context's error to its error_body; NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_whatsapp_error_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);


/* ngx_http_whatsapp_tokens.c */

/* the names of the scopes, ended by an empty one */
extern const ngx_conf_enum_t  ngx_http_whatsapp_scopes[];

/* setters of whatsapp_tokens and whatsapp_secret_file */
char *ngx_http_whatsapp_tokens(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_whatsapp_secret_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* ngx_http_whatsapp_auth.c */

/* init and exit of a process; NGX_OK or NGX_ERROR, logged */
ngx_int_t ngx_http_whatsapp_auth_init(ngx_log_t *log);
void ngx_http_whatsapp_auth_exit(void);

/*
 * looks up the token of r, and sets the context's scopes and sessions to its;
 * session_in_path: the context's session must be one of them; a status
 */
ngx_int_t ngx_http_whatsapp_authenticate(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_uint_t session_in_path);

/* 1 if the client's token is for the session; call it after authenticate() */
ngx_uint_t ngx_http_whatsapp_token_allows_session(ngx_http_whatsapp_ctx_t *ctx,
    ngx_str_t *session);

/*
 * sets *scopes to those of a token, 0: it is not valid, which is a strike; a
 * status
 */
ngx_int_t ngx_http_whatsapp_token_scopes(ngx_http_request_t *r,
    ngx_str_t *value, ngx_uint_t *scopes);

/* checks that the client's token has one of the scopes; a status */
ngx_int_t ngx_http_whatsapp_authorize(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_uint_t scopes);


/* ngx_http_whatsapp_arguments.c */

/*
 * copies ?access_token= and ?input_token= to the context, and with beta all
 * arguments, unless they were copied before; NGX_OK or NGX_ERROR
 */
ngx_int_t ngx_http_whatsapp_copy_args(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_uint_t beta);

/* 1 if r has an argument that is masked: a token, a number, a text, a URL */
ngx_uint_t ngx_http_whatsapp_has_masked_arg(ngx_http_request_t *r);

/* overwrites the values of all these in s; 1 if s has changed */
ngx_uint_t ngx_http_whatsapp_mask_text(ngx_str_t *s);

/* masks request line, URI and arguments of r; NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_whatsapp_mask_args(ngx_http_request_t *r);


/* ngx_http_whatsapp_key.c */

/* makes the process's part of generated keys; NGX_OK or NGX_ERROR, logged */
ngx_int_t ngx_http_whatsapp_key_init(ngx_log_t *log);

/* sets the context's key: the client's, or a generated one; a status */
ngx_int_t ngx_http_whatsapp_idempotency_key(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);

/* sets the context's key_scope to the digest of the token, if any; a status */
ngx_int_t ngx_http_whatsapp_key_scope(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);


/* ngx_http_whatsapp_body.c */

/* returns NGX_OK for a body that is not compressed, else 415 */
ngx_int_t ngx_http_whatsapp_check_coding(ngx_http_request_t *r);

/*
 * reads the body, at most whatsapp_json_max_size, into the context's buffer
 * and calls handler, which must finalize the request; NGX_DONE or a status
 */
ngx_int_t ngx_http_whatsapp_read_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_client_body_handler_pt handler);

/*
 * parses that buffer to *object; empty: a body without bytes counts as an
 * empty object; strings: each value of a form is a string, also one that looks
 * like JSON; a status
 */
ngx_int_t ngx_http_whatsapp_parse_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t **object,
    ngx_uint_t empty, ngx_uint_t strings);

/* parses the context's arguments to *object, as those of a form; a status */
ngx_int_t ngx_http_whatsapp_parse_args(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t **object);


/* ngx_http_whatsapp_form.c */

/*
 * replaces the text of a form, as Content-Type tells it, by that of a JSON
 * object, whose members are strings if "strings" is set; any other text stays;
 * a status
 */
ngx_int_t ngx_http_whatsapp_form_json(ngx_http_request_t *r, ngx_str_t *text,
    ngx_uint_t strings);

/*
 * replaces the arguments of a URI by the text of a JSON object whose members
 * are strings; a status
 */
ngx_int_t ngx_http_whatsapp_args_json(ngx_http_request_t *r, ngx_str_t *text);


extern ngx_module_t  ngx_http_whatsapp_module;


#endif /* _NGX_HTTP_WHATSAPP_REQUEST_H_INCLUDED_ */
