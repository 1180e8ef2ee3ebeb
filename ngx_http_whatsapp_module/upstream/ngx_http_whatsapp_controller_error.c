
/*
 * Errors of the controller, {"error":{"code":...,"message":...}}: each is read
 * whole, as a part of the head, and becomes the context's error.  The client
 * gets a Graph error object, which the header filter makes of it.
 */


#include "ngx_http_whatsapp_upstream.h"
#include "ngx_http_whatsapp_text.h"


/* bytes of the controller's message that the client is told */
#define NGX_HTTP_WHATSAPP_MESSAGE_LEN   400

/* characters of a session's state */
#define NGX_HTTP_WHATSAPP_STATE_LEN     32

/* Retry-After from one day on is ignored, ms */
#define NGX_HTTP_WHATSAPP_RETRY_MAX     86400000


static ngx_int_t ngx_http_whatsapp_parse_error(ngx_http_request_t *r,
    ngx_str_t *text, ngx_http_whatsapp_json_t **error);
static ngx_uint_t ngx_http_whatsapp_is_stopping(
    ngx_http_whatsapp_json_t *error);
static ngx_int_t ngx_http_whatsapp_set_error(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *error);
static ngx_uint_t ngx_http_whatsapp_error_is(ngx_http_whatsapp_json_t *error,
    const char *name, const char *text);
static ngx_str_t *ngx_http_whatsapp_error_string(
    ngx_http_whatsapp_json_t *error, const char *name);
static ngx_uint_t ngx_http_whatsapp_is_state(ngx_str_t *value);
static void ngx_http_whatsapp_cut_message(ngx_str_t *message);


ngx_int_t
ngx_http_whatsapp_process_error(ngx_http_request_t *r)
{
    size_t                     size;
    ngx_int_t                  rc;
    ngx_str_t                  text;
    ngx_http_upstream_t       *u;
    ngx_http_whatsapp_ctx_t   *ctx;
    ngx_http_whatsapp_json_t  *error;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    u = r->upstream;

    size = u->buffer.last - u->buffer.pos;

    if ((off_t) size < ctx->length) {
        return NGX_AGAIN;
    }

    text.data = u->buffer.pos;
    text.len = (size_t) ctx->length;

    rc = ngx_http_whatsapp_parse_error(r, &text, &error);

    if (rc == NGX_OK && ngx_http_whatsapp_is_stopping(error)) {
        rc = ngx_http_whatsapp_repeat(r, ctx);

        if (rc != NGX_DECLINED) {
            return rc;
        }

        rc = NGX_OK;
    }

    if (rc == NGX_OK) {
        rc = ngx_http_whatsapp_set_error(r, ctx, error);
    }

    if (rc == NGX_HTTP_UPSTREAM_INVALID_HEADER) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "whatsapp controller sent invalid error");
    }

    if (rc != NGX_OK) {
        return rc;
    }

    /* the body ends here: what the client gets is the error's own */

    u->keepalive = !ctx->close && (off_t) size == ctx->length;

    u->buffer.pos = u->buffer.last;

    u->headers_in.status_n = ctx->error.status;
    u->headers_in.content_length_n = 0;
    ctx->length = 0;

    return NGX_OK;
}


/* the nodes point into text, which lies in the buffer of the upstream */

static ngx_int_t
ngx_http_whatsapp_parse_error(ngx_http_request_t *r, ngx_str_t *text,
    ngx_http_whatsapp_json_t **error)
{
    size_t                     offset;
    const char                *reason;
    ngx_http_whatsapp_json_t  *json;

    json = ngx_http_whatsapp_json_parse(ngx_http_whatsapp_pool(r), text,
                                        &reason, &offset);

    if (json == NULL) {
        return reason ? NGX_HTTP_UPSTREAM_INVALID_HEADER : NGX_ERROR;
    }

    *error = NULL;

    if (json->type == NGX_HTTP_WHATSAPP_JSON_OBJECT) {
        *error = ngx_http_whatsapp_json_member(json, "error");
    }

    return (*error && (*error)->type == NGX_HTTP_WHATSAPP_JSON_OBJECT)
           ? NGX_OK : NGX_HTTP_UPSTREAM_INVALID_HEADER;
}


/* the controller stops, and has done nothing of the call */

static ngx_uint_t
ngx_http_whatsapp_is_stopping(ngx_http_whatsapp_json_t *error)
{
    return ngx_http_whatsapp_error_is(error, "code", "shutting_down")
           && ngx_http_whatsapp_error_is(error, "outcome", "not_sent");
}


/*
 * The strings stay where they are in the buffer: nothing more is read into it
 * before the header filter prints the error.
 */

static ngx_int_t
ngx_http_whatsapp_set_error(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *error)
{
    ngx_int_t                  ms;
    ngx_str_t                 *code, *message, *value;
    ngx_http_whatsapp_json_t  *retry;

    code = ngx_http_whatsapp_error_string(error, "code");
    message = ngx_http_whatsapp_error_string(error, "message");

    if (code == NULL || message == NULL) {
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    ngx_http_whatsapp_cut_message(message);

    (void) ngx_http_whatsapp_error(r, ngx_http_whatsapp_error_reason(code),
                                   "%V", message);

    if (!ctx->failed) {
        return NGX_ERROR;
    }

    if (ngx_http_whatsapp_error_is(error, "outcome", "not_sent")) {
        ngx_str_set(&ctx->error.outcome, "not_sent");

    } else {
        ngx_str_set(&ctx->error.outcome, "unknown");
    }

    value = ngx_http_whatsapp_error_string(error, "message_id");

    if (value && ngx_http_whatsapp_wamid(value->data, value->len)) {
        ctx->error.message_id = *value;
    }

    value = ngx_http_whatsapp_error_string(error, "state");

    if (value && ngx_http_whatsapp_is_state(value)) {
        ctx->error.state = *value;
    }

    retry = ngx_http_whatsapp_json_member(error, "retry_after_ms");

    if (retry && retry->type == NGX_HTTP_WHATSAPP_JSON_INTEGER) {
        ms = ngx_atoi(retry->raw.data, retry->raw.len);

        if (ms > 0 && ms < NGX_HTTP_WHATSAPP_RETRY_MAX) {
            ctx->error.retry_after = (time_t) ((ms + 999) / 1000);
        }
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_whatsapp_error_is(ngx_http_whatsapp_json_t *error, const char *name,
    const char *text)
{
    ngx_str_t  *value;

    value = ngx_http_whatsapp_error_string(error, name);

    return value && value->len == ngx_strlen(text)
           && ngx_strncmp(value->data, text, value->len) == 0;
}


/* NULL: there is no string of that name */

static ngx_str_t *
ngx_http_whatsapp_error_string(ngx_http_whatsapp_json_t *error,
    const char *name)
{
    ngx_http_whatsapp_json_t  *value;

    value = ngx_http_whatsapp_json_member(error, name);

    return (value && value->type == NGX_HTTP_WHATSAPP_JSON_STRING)
           ? &value->string : NULL;
}


/* names of states need no escapes */

static ngx_uint_t
ngx_http_whatsapp_is_state(ngx_str_t *value)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        if (value->data[i] != '_'
            && (value->data[i] < 'a' || value->data[i] > 'z'))
        {
            return 0;
        }
    }

    return value->len <= NGX_HTTP_WHATSAPP_STATE_LEN;
}


/* a message that is too long ends before a character, not within one */

static void
ngx_http_whatsapp_cut_message(ngx_str_t *message)
{
    if (message->len <= NGX_HTTP_WHATSAPP_MESSAGE_LEN) {
        return;
    }

    message->len = NGX_HTTP_WHATSAPP_MESSAGE_LEN;

    while (message->len && (message->data[message->len] & 0xc0) == 0x80) {
        message->len--;
    }
}
