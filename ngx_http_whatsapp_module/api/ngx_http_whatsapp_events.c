
/*
 * The stream of events.  Which types the client wants is checked here, and
 * where it goes on is handed on, as the controller knows what it has told.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_text.h"


/* most characters of the id of an event */
#define NGX_HTTP_WHATSAPP_EVENT_ID_LEN  64

/* what no event has: the client is told that it has missed some */
#define NGX_HTTP_WHATSAPP_EVENT_UNKNOWN  "unknown"


static ngx_int_t ngx_http_whatsapp_get_types(ngx_http_request_t *r,
    ngx_str_t *types);
static ngx_uint_t ngx_http_whatsapp_event_type(u_char *p, size_t len);
static ngx_int_t ngx_http_whatsapp_last_event(ngx_http_request_t *r,
    ngx_str_t *id);
static ngx_int_t ngx_http_whatsapp_events_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);


static const ngx_str_t  ngx_http_whatsapp_event_types[] = {

#define WHATSAPP_EVENT_TYPE(NAME, DEFAULT, name)                              \
    ngx_string(name),
#include "protocol/event_types.h"

};

#define NGX_HTTP_WHATSAPP_EVENT_TYPES                                         \
    (sizeof(ngx_http_whatsapp_event_types) / sizeof(ngx_str_t))


ngx_int_t
ngx_http_whatsapp_build_events(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    u_char     *p;
    ngx_int_t   rc;
    ngx_str_t   types;

    rc = ngx_http_whatsapp_get_types(r, &types);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_events_headers(r, ctx);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_pnalloc(r->pool, sizeof("/v1/sessions//events?types=") - 1
                             + ctx->session.len + types.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->uri.data = p;

    p = ngx_sprintf(p, "/v1/sessions/%V/events", &ctx->session);

    if (types.len) {
        p = ngx_sprintf(p, "?types=%V", &types);
    }

    ctx->uri.len = p - ctx->uri.data;

    return NGX_OK;
}


/* names of types with commas between need no escapes; empty: none is named */

static ngx_int_t
ngx_http_whatsapp_get_types(ngx_http_request_t *r, ngx_str_t *types)
{
    u_char     *p, *last, *comma;
    ngx_int_t   rc;

    rc = ngx_http_whatsapp_arg(r, "types", types);

    if (rc != NGX_OK) {
        return rc;
    }

    if (types->len == 0) {
        return NGX_OK;
    }

    p = types->data;
    last = p + types->len;

    for ( ;; ) {

        comma = ngx_strlchr(p, last, ',');

        if (comma == NULL) {
            comma = last;
        }

        if (!ngx_http_whatsapp_event_type(p, comma - p)) {
            return ngx_http_whatsapp_error(r,
                                           NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                           "types must be of messages, "
                                           "statuses, echoes, calls and "
                                           "errors, with commas between");
        }

        if (comma == last) {
            return NGX_OK;
        }

        p = comma + 1;
    }
}


static ngx_uint_t
ngx_http_whatsapp_event_type(u_char *p, size_t len)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_WHATSAPP_EVENT_TYPES; i++) {

        if (ngx_http_whatsapp_event_types[i].len == len
            && ngx_strncmp(ngx_http_whatsapp_event_types[i].data, p, len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * The last event that the client has got, empty: it has none.  A browser's
 * EventSource gives up for good after an error, so no id is one.
 */

static ngx_int_t
ngx_http_whatsapp_last_event(ngx_http_request_t *r, ngx_str_t *id)
{
    size_t                      i;
    ngx_int_t                   rc;
    ngx_str_t                  *value;
    ngx_http_whatsapp_place_t   place;

    ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

    value = ngx_http_whatsapp_next_header(r, "Last-Event-ID", &place);

    if (value && value->len) {
        *id = *value;

    } else {
        rc = ngx_http_whatsapp_arg(r, "last_event_id", id);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    for (i = 0; i < id->len; i++) {

        if (id->len > NGX_HTTP_WHATSAPP_EVENT_ID_LEN
            || (id->data[i] != '-'
                && !ngx_http_whatsapp_base64url(id->data + i, 1)))
        {
            ngx_str_set(id, NGX_HTTP_WHATSAPP_EVENT_UNKNOWN);
            break;
        }
    }

    return NGX_OK;
}


/* streams are counted by the token's digest, as keys are scoped by it */

static ngx_int_t
ngx_http_whatsapp_events_headers(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx)
{
    u_char     *p;
    ngx_int_t   rc;
    ngx_str_t   id;

    rc = ngx_http_whatsapp_last_event(r, &id);

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_key_scope(r, ctx);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_pnalloc(r->pool, sizeof("Last-Event-ID: " CRLF
                                    "Idempotency-Scope: " CRLF) - 1
                             + id.len + ctx->key_scope.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->headers.data = p;

    if (id.len) {
        p = ngx_sprintf(p, "Last-Event-ID: %V" CRLF, &id);
    }

    if (ctx->key_scope.len) {
        p = ngx_sprintf(p, "Idempotency-Scope: %V" CRLF, &ctx->key_scope);
    }

    ctx->headers.len = p - ctx->headers.data;

    return NGX_OK;
}
