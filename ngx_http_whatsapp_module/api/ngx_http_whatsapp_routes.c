
/*
 * The table of routes: which path makes which call of protocol/methods.h, what
 * the body may hold, and who builds it.  A new path is a row, its fields and a
 * test.  "*" stands for a sealed id, which is a group's behind "g."
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_text.h"


static ngx_uint_t ngx_http_whatsapp_match_path(const ngx_str_t *pattern,
    ngx_http_whatsapp_path_t *path);
static u_char *ngx_http_whatsapp_match_sealed(u_char *p, u_char *last,
    ngx_str_t *object);


static const ngx_http_whatsapp_route_t  ngx_http_whatsapp_routes[] = {

    { ngx_string("messages"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON
      |NGX_HTTP_WHATSAPP_SCOPE_SEND|NGX_HTTP_WHATSAPP_SCOPE_READ,
      NGX_HTTP_WHATSAPP_METHOD_ANY,
      ngx_http_whatsapp_build_messages,
      NULL, NULL },

    { ngx_string(""), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_PHONE_NUMBER_GET,
      ngx_http_whatsapp_build_query,
      NULL, NULL },

    { ngx_string("session"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_SESSION_GET,
      ngx_http_whatsapp_build_session,
      NULL, NULL },

    { ngx_string("session/qr"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_SESSION_QR,
      ngx_http_whatsapp_build_qr,
      NULL, NULL },

    { ngx_string("session/page"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_SESSION_PAGE,
      ngx_http_whatsapp_build_page,
      NULL, NULL },

    { ngx_string("session/stop"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON
      |NGX_HTTP_WHATSAPP_EMPTY,
      NGX_HTTP_WHATSAPP_METHOD_SESSION_STOP,
      ngx_http_whatsapp_build_session_action,
      NULL, "/stop" },

    { ngx_string("session/restart"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON
      |NGX_HTTP_WHATSAPP_EMPTY,
      NGX_HTTP_WHATSAPP_METHOD_SESSION_RESTART,
      ngx_http_whatsapp_build_session_action,
      NULL, "/restart" },

    { ngx_string("events"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_STREAM,
      NGX_HTTP_WHATSAPP_METHOD_EVENT_STREAM,
      ngx_http_whatsapp_build_events,
      NULL, NULL },

    { ngx_string("register"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON
      |NGX_HTTP_WHATSAPP_EMPTY,
      NGX_HTTP_WHATSAPP_METHOD_SESSION_START,
      ngx_http_whatsapp_build_session_action,
      ngx_http_whatsapp_register_fields, "/start" },

    { ngx_string("deregister"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON
      |NGX_HTTP_WHATSAPP_EMPTY,
      NGX_HTTP_WHATSAPP_METHOD_SESSION_LOGOUT,
      ngx_http_whatsapp_build_deregister,
      ngx_http_whatsapp_deregister_fields, "/logout" },

    { ngx_string("request_code"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON
      |NGX_HTTP_WHATSAPP_EMPTY,
      NGX_HTTP_WHATSAPP_METHOD_SESSION_REQUEST_CODE,
      ngx_http_whatsapp_build_call,
      ngx_http_whatsapp_request_code_fields, NULL },

    { ngx_string("verify_code"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON
      |NGX_HTTP_WHATSAPP_EMPTY,
      NGX_HTTP_WHATSAPP_METHOD_SESSION_LINKED,
      ngx_http_whatsapp_build_call,
      ngx_http_whatsapp_verify_code_fields, NULL },

    { ngx_string("media"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_UPLOAD,
      NGX_HTTP_WHATSAPP_METHOD_MEDIA_UPLOAD,
      ngx_http_whatsapp_build_upload,
      NULL, NULL },

    { ngx_string("*"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      0,
      NGX_HTTP_WHATSAPP_METHOD_MEDIA_GET,
      ngx_http_whatsapp_build_media,
      NULL, NULL },

    { ngx_string("*"), NGX_HTTP_DELETE,
      0,
      NGX_HTTP_WHATSAPP_METHOD_MEDIA_DELETE,
      ngx_http_whatsapp_build_media_delete,
      NULL, NULL },

    { ngx_string("media/*"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_FILE,
      NGX_HTTP_WHATSAPP_METHOD_MEDIA_DOWNLOAD,
      ngx_http_whatsapp_build_download,
      NULL, NULL },

    { ngx_string("contacts"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_CONTACTS_CHECK,
      ngx_http_whatsapp_build_call,
      ngx_http_whatsapp_contacts_fields, NULL },

    { ngx_string("whatsapp_business_profile"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_PROFILE_GET,
      ngx_http_whatsapp_build_query,
      NULL, NULL },

    { ngx_string("whatsapp_business_profile"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON
      |NGX_HTTP_WHATSAPP_STRICT,
      NGX_HTTP_WHATSAPP_METHOD_PROFILE_SET,
      ngx_http_whatsapp_build_call,
      ngx_http_whatsapp_profile_fields, NULL },

    { ngx_string("block_users"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_BLOCK_LIST,
      ngx_http_whatsapp_build_list,
      NULL, NULL },

    { ngx_string("block_users"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_BLOCK_ADD,
      ngx_http_whatsapp_build_users,
      ngx_http_whatsapp_block_fields, NULL },

    { ngx_string("block_users"), NGX_HTTP_DELETE,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_BLOCK_REMOVE,
      ngx_http_whatsapp_build_users,
      ngx_http_whatsapp_block_fields, NULL },

    { ngx_string("groups"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_LIST,
      ngx_http_whatsapp_build_list,
      NULL, NULL },

    { ngx_string("groups"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_CREATE,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_group_create_fields, NULL },

    { ngx_string("groups/join"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_JOIN,
      ngx_http_whatsapp_build_call,
      ngx_http_whatsapp_join_fields, NULL },

    { ngx_string("groups/g.*"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_GET,
      ngx_http_whatsapp_build_group_query,
      NULL, NULL },

    { ngx_string("groups/g.*"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON
      |NGX_HTTP_WHATSAPP_OR_FORM,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_UPDATE,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_group_update_fields, NULL },

    { ngx_string("groups/g.*"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_UPLOAD,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_UPDATE,
      ngx_http_whatsapp_build_group_upload,
      NULL, NULL },

    { ngx_string("groups/g.*"), NGX_HTTP_DELETE,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_LEAVE,
      ngx_http_whatsapp_build_group,
      NULL, NULL },

    { ngx_string("groups/g.*/participants"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_PARTICIPANTS,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_participants_fields, "\"action\":\"add\"" },

    { ngx_string("groups/g.*/participants"), NGX_HTTP_DELETE,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_PARTICIPANTS,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_participants_fields, "\"action\":\"remove\"" },

    { ngx_string("groups/g.*/admins"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_PARTICIPANTS,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_participants_fields, "\"action\":\"promote\"" },

    { ngx_string("groups/g.*/admins"), NGX_HTTP_DELETE,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_PARTICIPANTS,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_participants_fields, "\"action\":\"demote\"" },

    { ngx_string("groups/g.*/invite_link"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_INVITE,
      ngx_http_whatsapp_build_group,
      NULL, NULL },

    { ngx_string("groups/g.*/invite_link"), NGX_HTTP_POST|NGX_HTTP_DELETE,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_INVITE_RESET,
      ngx_http_whatsapp_build_group,
      NULL, NULL },

    { ngx_string("groups/g.*/join_requests"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_SESSION,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_REQUESTS,
      ngx_http_whatsapp_build_group_list,
      NULL, NULL },

    { ngx_string("groups/g.*/join_requests"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_ANSWER,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_join_requests_fields, "\"action\":\"approve\"" },

    { ngx_string("groups/g.*/join_requests"), NGX_HTTP_DELETE,
      NGX_HTTP_WHATSAPP_UNDER_SESSION|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_ANSWER,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_join_requests_fields, "\"action\":\"reject\"" },

    { ngx_string("g.*"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      0,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_GET,
      ngx_http_whatsapp_build_group_query,
      NULL, NULL },

    { ngx_string("g.*"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_JSON|NGX_HTTP_WHATSAPP_OR_FORM,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_UPDATE,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_group_update_fields, NULL },

    { ngx_string("g.*"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UPLOAD,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_UPDATE,
      ngx_http_whatsapp_build_group_upload,
      NULL, NULL },

    { ngx_string("g.*"), NGX_HTTP_DELETE,
      0,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_LEAVE,
      ngx_http_whatsapp_build_group,
      NULL, NULL },

    { ngx_string("g.*/participants"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_PARTICIPANTS,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_participants_fields, "\"action\":\"add\"" },

    { ngx_string("g.*/participants"), NGX_HTTP_DELETE,
      NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_PARTICIPANTS,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_participants_fields, "\"action\":\"remove\"" },

    { ngx_string("g.*/invite_link"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      0,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_INVITE,
      ngx_http_whatsapp_build_group,
      NULL, NULL },

    { ngx_string("g.*/invite_link"), NGX_HTTP_POST|NGX_HTTP_DELETE,
      0,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_INVITE_RESET,
      ngx_http_whatsapp_build_group,
      NULL, NULL },

    { ngx_string("g.*/join_requests"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      0,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_REQUESTS,
      ngx_http_whatsapp_build_group_list,
      NULL, NULL },

    { ngx_string("g.*/join_requests"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_ANSWER,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_join_requests_fields, "\"action\":\"approve\"" },

    { ngx_string("g.*/join_requests"), NGX_HTTP_DELETE,
      NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_GROUP_ANSWER,
      ngx_http_whatsapp_build_group,
      ngx_http_whatsapp_join_requests_fields, "\"action\":\"reject\"" },

    { ngx_string("sessions"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      0,
      NGX_HTTP_WHATSAPP_METHOD_SESSION_LIST,
      ngx_http_whatsapp_build_sessions,
      NULL, NULL },

    { ngx_string("sessions/page"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      0,
      NGX_HTTP_WHATSAPP_METHOD_SESSIONS_PAGE,
      ngx_http_whatsapp_build_sessions_page,
      NULL, NULL },

    { ngx_string("phone_numbers"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_ACCOUNT,
      NGX_HTTP_WHATSAPP_METHOD_PHONE_NUMBER_LIST,
      ngx_http_whatsapp_build_phone_numbers,
      NULL, NULL },

    { ngx_string("message_templates"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_ACCOUNT,
      NGX_HTTP_WHATSAPP_METHOD_TEMPLATE_LIST,
      ngx_http_whatsapp_build_templates,
      NULL, NULL },

    { ngx_string(""), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_ACCOUNT,
      NGX_HTTP_WHATSAPP_METHOD_TEMPLATE_GET,
      ngx_http_whatsapp_build_template,
      NULL, NULL },

    { ngx_string("subscribed_apps"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_UNDER_ACCOUNT,
      NGX_HTTP_WHATSAPP_METHOD_APP_LIST,
      ngx_http_whatsapp_build_apps,
      NULL, NULL },

    { ngx_string("subscribed_apps"), NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_UNDER_ACCOUNT|NGX_HTTP_WHATSAPP_JSON
      |NGX_HTTP_WHATSAPP_EMPTY,
      NGX_HTTP_WHATSAPP_METHOD_APP_SUBSCRIBE,
      ngx_http_whatsapp_build_apps,
      ngx_http_whatsapp_subscribe_fields, NULL },

    { ngx_string("subscribed_apps"), NGX_HTTP_DELETE,
      NGX_HTTP_WHATSAPP_UNDER_ACCOUNT,
      NGX_HTTP_WHATSAPP_METHOD_APP_UNSUBSCRIBE,
      ngx_http_whatsapp_build_apps,
      NULL, NULL },

    { ngx_string("debug_token"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      0,
      NGX_HTTP_WHATSAPP_METHOD_TOKEN_GET,
      ngx_http_whatsapp_build_debug_token,
      NULL, NULL },

    { ngx_string("send"), NGX_HTTP_GET|NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_BETA|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_MESSAGE_SEND,
      ngx_http_whatsapp_build_beta_send,
      ngx_http_whatsapp_beta_send_fields, NULL },

    { ngx_string("webhook"), NGX_HTTP_GET|NGX_HTTP_POST,
      NGX_HTTP_WHATSAPP_BETA|NGX_HTTP_WHATSAPP_JSON,
      NGX_HTTP_WHATSAPP_METHOD_BETA_WEBHOOK,
      ngx_http_whatsapp_build_beta_webhook,
      ngx_http_whatsapp_beta_webhook_fields, NULL },

    { ngx_string("privacy"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      NGX_HTTP_WHATSAPP_POLICY,
      NGX_HTTP_WHATSAPP_METHOD_PRIVACY_GET,
      ngx_http_whatsapp_build_policy,
      NULL, NULL },

    { ngx_string("healthz"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      0,
      NGX_HTTP_WHATSAPP_METHOD_HEALTHZ,
      ngx_http_whatsapp_build_path,
      NULL, "/healthz" },

    { ngx_string("readyz"), NGX_HTTP_GET|NGX_HTTP_HEAD,
      0,
      NGX_HTTP_WHATSAPP_METHOD_READYZ,
      ngx_http_whatsapp_build_path,
      NULL, "/readyz" },

    { ngx_null_string, 0, 0, 0, NULL, NULL, NULL }
};


const ngx_http_whatsapp_route_t *
ngx_http_whatsapp_find_route(ngx_http_whatsapp_path_t *path,
    ngx_uint_t method, ngx_uint_t optional, ngx_uint_t *allow)
{
    ngx_uint_t                        under;
    const ngx_http_whatsapp_route_t  *route;

    *allow = 0;

    for (route = ngx_http_whatsapp_routes; route->build; route++) {

        under = route->flags & (NGX_HTTP_WHATSAPP_UNDER_SESSION
                                |NGX_HTTP_WHATSAPP_UNDER_ACCOUNT);

        if (route->flags & NGX_HTTP_WHATSAPP_OPTIONAL & ~optional) {
            continue;
        }

        if ((under != 0) != (path->session.len != 0)
            || (under == NGX_HTTP_WHATSAPP_UNDER_SESSION
                && path->session.len > NGX_HTTP_WHATSAPP_SESSION_LEN)
            || !ngx_http_whatsapp_match_path(&route->path, path))
        {
            continue;
        }

        if (route->methods & method) {
            return route;
        }

        *allow |= route->methods;
    }

    return NULL;
}


static ngx_uint_t
ngx_http_whatsapp_match_path(const ngx_str_t *pattern,
    ngx_http_whatsapp_path_t *path)
{
    u_char  *p, *last, *e, *end;

    p = path->rest.data;
    last = p + path->rest.len;

    e = pattern->data;
    end = e + pattern->len;

    ngx_str_null(&path->object);

    while (e < end) {

        if (*e == '*') {
            p = ngx_http_whatsapp_match_sealed(p, last, &path->object);

            if (p == NULL) {
                return 0;
            }

            e++;
            continue;
        }

        if (p == last || *p++ != *e++) {
            return 0;
        }
    }

    return p == last;
}


static u_char *
ngx_http_whatsapp_match_sealed(u_char *p, u_char *last, ngx_str_t *object)
{
    object->data = p;
    object->len = ngx_http_whatsapp_base64url(p, last - p);

    return (object->len >= NGX_HTTP_WHATSAPP_SEALED_MIN
            && object->len <= NGX_HTTP_WHATSAPP_SEALED_MAX)
           ? p + object->len : NULL;
}
