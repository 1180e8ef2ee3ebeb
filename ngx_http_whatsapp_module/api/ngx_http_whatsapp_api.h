
/*
 * What the files of the API share: the table of routes, and the builders that
 * make calls of requests.  _api.c finds the route of a request in the table of
 * _routes.c, whose rows name fields of _body_fields.c and a builder of
 * _calls.c, _account.c, _apps.c, _sessions.c, _linking.c, _pages.c, _policy.c,
 * _events.c, _media.c or _beta.c.  All builders use _call.c.
 */


#ifndef _NGX_HTTP_WHATSAPP_API_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_API_H_INCLUDED_


#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_fields.h"


/* bytes of params that are not in the client's body, as fallbacks */
#define NGX_HTTP_WHATSAPP_PARAMS_LEN    256

/* flags of a route; scopes are flags too, if the body tells the method */
#define NGX_HTTP_WHATSAPP_UNDER_SESSION 0x01   /* under {phone_number_id} */
#define NGX_HTTP_WHATSAPP_UNDER_ACCOUNT 0x02   /* under any number */
#define NGX_HTTP_WHATSAPP_STRICT        0x04   /* refuses unknown members */
#define NGX_HTTP_WHATSAPP_JSON          0x08   /* has a JSON body */
#define NGX_HTTP_WHATSAPP_EMPTY         0x10   /* the body may be missing */
#define NGX_HTTP_WHATSAPP_UPLOAD        0x20   /* the body is passed on */
#define NGX_HTTP_WHATSAPP_FILE          0x40   /* the answer is a file */
#define NGX_HTTP_WHATSAPP_STREAM        0x80   /* the answer has no length */
#define NGX_HTTP_WHATSAPP_OR_FORM       0x1000 /* the next row is for forms
                                                  that may have a file */
#define NGX_HTTP_WHATSAPP_BETA          0x2000 /* with whatsapp_beta_api */
#define NGX_HTTP_WHATSAPP_POLICY        0x4000 /* with the privacy policy */
#define NGX_HTTP_WHATSAPP_OPTIONAL      0x6000 /* these two */


/*
 * Validates the request, whose body is NULL if the route has none, and sets
 * the context's uri and call_body, or its answer; returns a status, or
 * NGX_DECLINED with an answer.
 */

typedef ngx_int_t (*ngx_http_whatsapp_build_pt)(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


struct ngx_http_whatsapp_route_s {
    ngx_str_t                         path;      /* after the number */
    ngx_uint_t                        methods;
    ngx_uint_t                        flags;
    ngx_http_whatsapp_method_e        method;
    ngx_http_whatsapp_build_pt        build;
    const ngx_http_whatsapp_field_t  *fields;    /* of the body */
    const char                       *text;      /* members of params, or a
                                                    path */
};


/* the forms of the privacy policy, of which the first is preferred */

enum {
    NGX_HTTP_WHATSAPP_POLICY_HTML = 0,
    NGX_HTTP_WHATSAPP_POLICY_MARKDOWN,

    NGX_HTTP_WHATSAPP_POLICY_FORMS
};


typedef struct {
    ngx_str_t                         text;      /* empty: not served */
    ngx_str_t                         etag;
    ngx_str_t                         csp;       /* empty: none */
    time_t                            modified;
} ngx_http_whatsapp_policy_form_t;


struct ngx_http_whatsapp_policy_s {
    ngx_http_whatsapp_policy_form_t   forms[NGX_HTTP_WHATSAPP_POLICY_FORMS];
    ngx_uint_t                        files;     /* 0: the built-in text */
};


typedef struct {
    ngx_str_t                         session;   /* or another number */
    ngx_str_t                         rest;      /* after the number */
    ngx_str_t                         object;    /* the sealed id in rest */
} ngx_http_whatsapp_path_t;


/* ngx_http_whatsapp_api.c */

/*
 * finds the route of r and sets the context's route, call and session;
 * NGX_DECLINED: no such path; NGX_HTTP_NOT_ALLOWED: "allow" is set
 */
ngx_int_t ngx_http_whatsapp_route(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);

/* 1 if the route needs no token */
ngx_uint_t ngx_http_whatsapp_route_no_auth(
    const ngx_http_whatsapp_route_t *route);

/* the scopes of which a token needs one for the route */
ngx_uint_t ngx_http_whatsapp_route_scopes(
    const ngx_http_whatsapp_route_t *route);

/*
 * parses the body in the context, if the route has one, and calls the route's
 * builder; returns as it does
 */
ngx_int_t ngx_http_whatsapp_create_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);

/* the session in the URI of r; NGX_OK or NGX_DECLINED */
ngx_int_t ngx_http_whatsapp_uri_session(ngx_http_request_t *r,
    ngx_str_t *session);

/* 1 if the URI of r is where files are sent to */
ngx_uint_t ngx_http_whatsapp_uri_upload(ngx_http_request_t *r);

/* $whatsapp_call: a constant; NULL: the request has no route */
const ngx_str_t *ngx_http_whatsapp_call_name(ngx_http_request_t *r);


/* ngx_http_whatsapp_routes.c */

/*
 * the route of path, whose object is set; NULL: *allow has its methods;
 * optional: the flags of the optional routes that the location has
 */
const ngx_http_whatsapp_route_t *ngx_http_whatsapp_find_route(
    ngx_http_whatsapp_path_t *path, ngx_uint_t method, ngx_uint_t optional,
    ngx_uint_t *allow);


/* ngx_http_whatsapp_body_fields.c */

extern const ngx_http_whatsapp_field_t  ngx_http_whatsapp_contacts_fields[];
extern const ngx_http_whatsapp_field_t  ngx_http_whatsapp_profile_fields[];
extern const ngx_http_whatsapp_field_t  ngx_http_whatsapp_block_fields[];
extern const ngx_http_whatsapp_field_t  ngx_http_whatsapp_register_fields[];
extern const ngx_http_whatsapp_field_t  ngx_http_whatsapp_deregister_fields[];
extern const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_request_code_fields[];
extern const ngx_http_whatsapp_field_t  ngx_http_whatsapp_verify_code_fields[];
extern const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_group_create_fields[];
extern const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_group_update_fields[];
extern const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_participants_fields[];
extern const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_join_requests_fields[];
extern const ngx_http_whatsapp_field_t  ngx_http_whatsapp_join_fields[];
extern const ngx_http_whatsapp_field_t  ngx_http_whatsapp_subscribe_fields[];
extern const ngx_http_whatsapp_field_t  ngx_http_whatsapp_beta_send_fields[];
extern const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_beta_webhook_fields[];


/*
 * Builders, all of them ngx_http_whatsapp_build_pt.
 */


/* ngx_http_whatsapp_calls.c */

/* message.send or message.read, as the body tells */
ngx_int_t ngx_http_whatsapp_build_messages(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* the route's call, with the group of the path, "text" and the body */
ngx_int_t ngx_http_whatsapp_build_call(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* the route's call, with the group of the path and ?fields= */
ngx_int_t ngx_http_whatsapp_build_query(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* the route's call, with the users of the body */
ngx_int_t ngx_http_whatsapp_build_users(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* the same as build_call, where the path may name no session */
ngx_int_t ngx_http_whatsapp_build_group(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* the same as build_query, where the path may name no session */
ngx_int_t ngx_http_whatsapp_build_group_query(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* the same as build_list, where the path may name no session */
ngx_int_t ngx_http_whatsapp_build_group_list(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/*
 * prints at *p the members of the body that the route has fields for, if it
 * has a body; NGX_OK or a status
 */
ngx_int_t ngx_http_whatsapp_print_body(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body, u_char **p);

/* the session object; the body is only checked */
ngx_int_t ngx_http_whatsapp_build_session(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* POST of the route's "text" below the session */
ngx_int_t ngx_http_whatsapp_build_session_action(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* the same, or POST of "/forget" with what the body has for it */
ngx_int_t ngx_http_whatsapp_build_deregister(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* GET of the route's "text", a path of the controller */
ngx_int_t ngx_http_whatsapp_build_path(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_account.c */

/* the list of phone numbers that the token may see */
ngx_int_t ngx_http_whatsapp_build_phone_numbers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* the route's call, with ?limit=, ?after= and ?before= of a list */
ngx_int_t ngx_http_whatsapp_build_list(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);

/* nginx answers: the templates, one of them, facts about a token */
ngx_int_t ngx_http_whatsapp_build_templates(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
ngx_int_t ngx_http_whatsapp_build_template(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
ngx_int_t ngx_http_whatsapp_build_debug_token(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_apps.c */

/* the route's call, with the number of the path, the token's sessions, body */
ngx_int_t ngx_http_whatsapp_build_apps(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_sessions.c */

/* the list of sessions that the token may see */
ngx_int_t ngx_http_whatsapp_build_sessions(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_linking.c */

/*
 * sets accept to the Accept headers of r, joined and zero-terminated; empty:
 * there are none; a status
 */
ngx_int_t ngx_http_whatsapp_get_accept(ngx_http_request_t *r,
    ngx_str_t *accept);

/* the QR code, in the form that Accept asks for */
ngx_int_t ngx_http_whatsapp_build_qr(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_pages.c */

/*
 * prints the SHA-256 digest, in base64, of the text between two tags of a
 * page, as a browser makes it, to hash->data, which has room; NGX_OK or
 * NGX_ERROR
 */
#define NGX_HTTP_WHATSAPP_PAGE_HASH_LEN  ngx_base64_encoded_length(32)
ngx_int_t ngx_http_whatsapp_page_hash(const char *page, const char *from,
    const char *to, ngx_str_t *hash);

/* nginx answers: the page that shows the QR code, and that of all sessions */
ngx_int_t ngx_http_whatsapp_build_page(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
ngx_int_t ngx_http_whatsapp_build_sessions_page(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_policy_text.c */

/* setter of whatsapp_privacy_policy */
char *ngx_http_whatsapp_privacy_policy(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* ngx_http_whatsapp_policy.c */

/* the value of the header Link that names the location's policy; a status */
ngx_int_t ngx_http_whatsapp_policy_link(ngx_http_request_t *r,
    ngx_str_t *value);

/* the policy in the form that Accept asks for, which is nginx's answer */
ngx_int_t ngx_http_whatsapp_build_policy(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_events.c */

/* the stream of events, with ?types= and Last-Event-ID */
ngx_int_t ngx_http_whatsapp_build_events(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_media.c */

/* 1 if the request says that its body is multipart/form-data */
ngx_uint_t ngx_http_whatsapp_has_form(ngx_http_request_t *r);

/* an upload, a form that changes a group, a file's metadata, its deletion, its
   bytes */
ngx_int_t ngx_http_whatsapp_build_upload(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
ngx_int_t ngx_http_whatsapp_build_group_upload(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
ngx_int_t ngx_http_whatsapp_build_media(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
ngx_int_t ngx_http_whatsapp_build_media_delete(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
ngx_int_t ngx_http_whatsapp_build_download(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_beta.c */

/* message.send of a text, beta.webhook */
ngx_int_t ngx_http_whatsapp_build_beta_send(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);
ngx_int_t ngx_http_whatsapp_build_beta_webhook(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body);


/* ngx_http_whatsapp_call.c */

/* sets uri to /v1/sessions/{session} and path; NGX_OK or a status */
ngx_int_t ngx_http_whatsapp_set_uri(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, const char *path);

/*
 * begins a call of ctx->call; returns where the members of params go, which
 * have room for size bytes and NGX_HTTP_WHATSAPP_PARAMS_LEN; NULL: no memory
 */
u_char *ngx_http_whatsapp_call_start(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, size_t size);

/* prints the group of the path, if it has one, and a comma; returns the end */
u_char *ngx_http_whatsapp_print_group(u_char *p, ngx_http_whatsapp_ctx_t *ctx);

/* ends the call's body, p being behind params */
void ngx_http_whatsapp_call_end(ngx_http_whatsapp_ctx_t *ctx, u_char *p);

/*
 * prints "sessions":[...], those that the token is for, behind a comma unless
 * it is the first member, or nothing if the token is for all; _len: the bytes
 * of it that are not in NGX_HTTP_WHATSAPP_PARAMS_LEN
 */
u_char *ngx_http_whatsapp_print_sessions(u_char *p,
    const ngx_http_whatsapp_ctx_t *ctx);
size_t ngx_http_whatsapp_sessions_len(const ngx_http_whatsapp_ctx_t *ctx);

/* sets value to the unescaped argument, empty if it is absent; a status */
ngx_int_t ngx_http_whatsapp_arg(ngx_http_request_t *r, const char *name,
    ngx_str_t *value);

/* sets fields to ?fields=, empty if it is absent; a status */
ngx_int_t ngx_http_whatsapp_get_fields(ngx_http_request_t *r,
    ngx_str_t *fields);

/*
 * sets the session of a path that names none: ?phone_number_id=, or the only
 * one that the token is for; it stays empty if the token is for all; a status
 */
ngx_int_t ngx_http_whatsapp_session_arg(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);

/* sets the session if the token is for it; a status */
ngx_int_t ngx_http_whatsapp_use_session(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_str_t *session);

/*
 * sets url to the one at which clients find this location, without a slash at
 * its end; a status, or NGX_DECLINED: the Host header gives none
 */
ngx_int_t ngx_http_whatsapp_public_url(ngx_http_request_t *r, ngx_str_t *url);


#endif /* _NGX_HTTP_WHATSAPP_API_H_INCLUDED_ */
