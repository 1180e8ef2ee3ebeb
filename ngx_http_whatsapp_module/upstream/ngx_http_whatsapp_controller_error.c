
/*
 * The controller's errors: each is read whole, and told in the client's terms.
 */


#include "ngx_http_whatsapp_upstream.h"
#include "ngx_http_whatsapp_text.h"

#include <jansson.h>


#define NGX_HTTP_WHATSAPP_MESSAGE_LEN   400
#define NGX_HTTP_WHATSAPP_WORD_LEN      32

/* a longer advice to wait is no advice, ms */
#define NGX_HTTP_WHATSAPP_RETRY_MAX     86400000


static ngx_int_t ngx_http_whatsapp_controller_failed(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, json_t *error);
static ngx_int_t ngx_http_whatsapp_translate(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, const char *code, json_t *message);
static ngx_uint_t ngx_http_whatsapp_is_word(json_t *value);
static size_t ngx_http_whatsapp_message_len(json_t *message);
static ngx_int_t ngx_http_whatsapp_copy_json(ngx_http_request_t *r,
    json_t *value, ngx_str_t *s);


void
ngx_http_whatsapp_failure_init(void)
{
    json_object_seed(0);
}


ngx_int_t
ngx_http_whatsapp_process_error(ngx_http_request_t *r)
{
    size_t                    size;
    json_t                   *json;
    ngx_int_t                 rc;
    ngx_http_upstream_t      *u;
    ngx_http_whatsapp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    u = r->upstream;

    size = u->buffer.last - u->buffer.pos;

    if ((off_t) size < ctx->length) {
        return NGX_AGAIN;
    }

    json = json_loadb((char *) u->buffer.pos, (size_t) ctx->length,
                      JSON_REJECT_DUPLICATES, NULL);

    rc = ngx_http_whatsapp_controller_failed(r, ctx,
                                             json_object_get(json, "error"));
    json_decref(json);

    if (rc == NGX_HTTP_UPSTREAM_INVALID_HEADER) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "whatsapp controller sent invalid error");
    }

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_http_whatsapp_error_done(r, ctx, size);

    return NGX_OK;
}


void
ngx_http_whatsapp_error_done(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, size_t size)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    u->keepalive = !ctx->close && (off_t) size == ctx->length;

    u->buffer.pos = u->buffer.last;

    u->headers_in.status_n = ctx->error.status;
    u->headers_in.content_length_n = 0;
    ctx->length = 0;
}


static ngx_int_t
ngx_http_whatsapp_controller_failed(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, json_t *error)
{
    json_t     *code, *message, *outcome, *id, *state, *retry;
    ngx_int_t   rc;
    json_int_t  ms;

    code = json_object_get(error, "code");
    message = json_object_get(error, "message");
    outcome = json_object_get(error, "outcome");
    id = json_object_get(error, "message_id");
    state = json_object_get(error, "state");
    retry = json_object_get(error, "retry_after_ms");

    if (!json_is_string(code) || !json_is_string(message)) {
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    rc = ngx_http_whatsapp_translate(r, ctx, json_string_value(code),
                                     message);

    if (!ctx->failed) {
        return rc >= NGX_HTTP_SPECIAL_RESPONSE ? NGX_ERROR : rc;
    }

    if (json_is_string(outcome)
        && ngx_strcmp(json_string_value(outcome), "not_sent") == 0)
    {
        ngx_str_set(&ctx->error.outcome, "not_sent");

    } else {
        ngx_str_set(&ctx->error.outcome, "unknown");
    }

    if (json_is_string(id)
        && ngx_http_whatsapp_wamid((u_char *) json_string_value(id),
                                   json_string_length(id))
        && ngx_http_whatsapp_copy_json(r, id, &ctx->error.message_id)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_whatsapp_is_word(state)
        && ngx_http_whatsapp_copy_json(r, state, &ctx->error.state) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (json_is_integer(retry)) {
        ms = json_integer_value(retry);
        ctx->error.retry_after = (ms > 0 && ms < NGX_HTTP_WHATSAPP_RETRY_MAX)
                                 ? (time_t) ((ms + 999) / 1000) : 0;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_translate(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, const char *code, json_t *message)
{
    return ngx_http_whatsapp_error(r,
                    ngx_http_whatsapp_controller_error((u_char *) code),
                    "%*s", ngx_http_whatsapp_message_len(message),
                    json_string_value(message));
}


/* names of states need no escapes */

static ngx_uint_t
ngx_http_whatsapp_is_word(json_t *value)
{
    const char  *p;

    if (!json_is_string(value)
        || json_string_length(value) > NGX_HTTP_WHATSAPP_WORD_LEN)
    {
        return 0;
    }

    for (p = json_string_value(value); *p; p++) {
        if (*p != '_' && (*p < 'a' || *p > 'z')) {
            return 0;
        }
    }

    return 1;
}


/* what is told of a message: no character is cut in two */

static size_t
ngx_http_whatsapp_message_len(json_t *message)
{
    size_t   len;
    u_char  *text;

    text = (u_char *) json_string_value(message);
    len = ngx_min(json_string_length(message), NGX_HTTP_WHATSAPP_MESSAGE_LEN);

    while (len && (text[len] & 0xc0) == 0x80) {
        len--;
    }

    return len;
}


static ngx_int_t
ngx_http_whatsapp_copy_json(ngx_http_request_t *r, json_t *value,
    ngx_str_t *s)
{
    ngx_str_t  src;

    src.data = (u_char *) json_string_value(value);
    src.len = json_string_length(value);

    s->data = ngx_pstrdup(r->pool, &src);
    if (s->data == NULL) {
        return NGX_ERROR;
    }

    s->len = src.len;

    return NGX_OK;
}
